#include "controller/hosts/linux/state_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path) {
  throw BadInput(fmt::format("--state {}: {}", path.native(), std::strerror(errno)));
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

off_t offset_of(std::size_t slot) {
  return static_cast<off_t>(slot * controller::storage_slot_size);
}

/// Whole or not at all, also when the power fails.
void replace(const fs::path& folder, const fs::path& file, const std::string& text) {
  const fs::path fresh = file.native() + ".new";
  const FileDescriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  const bool written =
      out.is_open() && ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || ::fsync(out.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) refuse(fresh);
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.get()) != 0) refuse(folder);
}

}  // namespace

StateFolder::StateFolder(fs::path folder, const std::string& basis) : folder_(std::move(folder)) {
  std::error_code failure;
  fs::create_directories(folder_, failure);
  const fs::path storage = folder_ / "storage.bin";
  if (text_of(folder_ / "basis") != basis) {
    // In this order: a power failure in between leaves empty slots, never those of other settings.
    fs::remove(storage, failure);
    replace(folder_, folder_ / "basis", basis);
  }
  file_ = FileDescriptor(::open(storage.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file_.is_open()) refuse(storage);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    slots_[slot].resize(controller::storage_slot_size);
    const ssize_t got = ::pread(file_.get(), slots_[slot].data(), slots_[slot].size(), offset_of(slot));
    slots_[slot].resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  }
}

controller::StorageImage StateFolder::image() const {
  return {slots_[0], slots_[1]};
}

bool StateFolder::write(const controller::StorageWrite& order) {
  const auto record = order.pending();
  return ::pwrite(file_.get(), record.data(), record.size(), offset_of(order.slot)) ==
             static_cast<ssize_t>(record.size()) &&
         ::fdatasync(file_.get()) == 0;
}

}  // namespace hil::hosts
