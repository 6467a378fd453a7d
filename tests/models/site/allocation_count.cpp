#include "tests/models/site/allocation_count.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

#if defined(__GLIBC__) && !defined(HILBENCH_SANITIZED)
#define HIL_COUNTS_ALLOCATIONS 1
#else
#define HIL_COUNTS_ALLOCATIONS 0
#endif

namespace {
std::atomic<std::uint64_t> allocations{0};
}

#if HIL_COUNTS_ALLOCATIONS
// Counting operator new alone would miss Eigen, which calls malloc. These stand in for the library's own, which glibc
// also offers under another name.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  *result = __libc_memalign(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}
}
#endif

namespace hil::models {

bool allocations_are_counted() {
  return HIL_COUNTS_ALLOCATIONS == 1;
}
std::uint64_t allocations_so_far() {
  return allocations.load(std::memory_order_relaxed);
}

}  // namespace hil::models
