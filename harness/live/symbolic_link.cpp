#include "harness/live/symbolic_link.h"

#include <sys/stat.h>

#include <stdexcept>
#include <system_error>
#include <utility>

#include "harness/live/terminal_number.h"

namespace hil::harness {

namespace fs = std::filesystem;

namespace {

/// Whether the link has lost the terminal that it was made for: nothing is there, or one of the same number that was
/// opened after it. The system gives the lowest number again, so this is what a killed run leaves.
bool is_left_behind(const fs::path& link) {
  struct stat own {};
  struct stat target {};
  if (::lstat(link.c_str(), &own) != 0 || !S_ISLNK(own.st_mode)) return false;
  if (::stat(link.c_str(), &target) != 0) return true;
  const auto later = [](const timespec& left, const timespec& right) {
    return left.tv_sec != right.tv_sec ? left.tv_sec > right.tv_sec : left.tv_nsec > right.tv_nsec;
  };
  return S_ISCHR(target.st_mode) && is_pseudo_terminal(target.st_rdev) && later(target.st_ctim, own.st_mtim);
}

}  // namespace

SymbolicLink::SymbolicLink(fs::path link, const fs::path& target) : link_(std::move(link)), target_(target) {
  std::error_code failure;
  if (is_left_behind(link_)) {
    fs::remove(link_, failure);
  } else if (fs::exists(fs::symlink_status(link_, failure))) {
    throw std::runtime_error(link_.string() +
                             ": there is something already, must be new or a link that a run left behind");
  }
  fs::create_symlink(target_, link_, failure);
  if (failure) throw std::runtime_error(link_.string() + ": " + failure.message());
}

SymbolicLink::~SymbolicLink() {
  // Whoever has put another one there meanwhile keeps it.
  std::error_code gone;
  if (fs::read_symlink(link_, gone) == target_) fs::remove(link_, gone);
}

}  // namespace hil::harness
