// Lets a program's heap begin in large pages. Up to its first step hilbench touches some 8 MB of it, 3 of them by the
// static initialisation of SystemC's library, and 4 KiB at a time that is 2,000 page faults: a quarter of the time.
// Where the machine has no large pages to give (/sys/kernel/mm/transparent_hugepage/enabled: never), or none free, the
// heap is as without this.
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::intptr_t large_page = std::intptr_t{2} << 20;
constexpr std::intptr_t small_page = 4096;
constexpr int at_once = 8 << 20;
// Where glibc's own thresholds come to by themselves in a program that frees large blocks; with M_TOP_PAD set they
// stay.
constexpr int largest_in_heap = 32 << 20;
constexpr int most_kept_free = 64 << 20;

/// Before any static initialisation.
void take_large_pages(int /*argc*/, char** /*argv*/, char** /*environment*/) {
  // The allocator writes its first words at once, into the last small page ahead of the large ones.
  const auto end = reinterpret_cast<std::intptr_t>(::sbrk(0));
  const std::intptr_t begin = (end + small_page + large_page - 1) / large_page * large_page;
  const std::intptr_t gap = begin - small_page - end;
  ::sbrk(gap);
  ::mallopt(M_TOP_PAD, at_once);
  ::mallopt(M_MMAP_THRESHOLD, largest_in_heap);
  ::mallopt(M_TRIM_THRESHOLD, most_kept_free);
  // Only what the allocator has taken can be advised; its first block makes it take all of it.
  auto* const first = static_cast<char*>(std::malloc(1));
  char* const pages = first + (begin - reinterpret_cast<std::intptr_t>(first));
  const std::ptrdiff_t size = static_cast<char*>(::sbrk(0)) - pages;
  if (first != nullptr && size > 0) ::madvise(pages, static_cast<std::size_t>(size), MADV_HUGEPAGE);
  std::free(first);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const before_all)(int, char**, char**) = take_large_pages;

}  // namespace
