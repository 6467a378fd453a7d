#include "harness/live/symbolic_link.h"

#include <stdexcept>
#include <system_error>
#include <utility>

namespace hil::harness {

namespace fs = std::filesystem;

SymbolicLink::SymbolicLink(fs::path link, const fs::path& target) : link_(std::move(link)), target_(target) {
  std::error_code failure;
  const fs::file_status there = fs::symlink_status(link_, failure);
  if (fs::is_symlink(there) && !fs::exists(link_, failure)) {
    fs::remove(link_, failure);
  } else if (fs::exists(there)) {
    throw std::runtime_error(link_.string() + ": there is something already, must be new or a link that leads nowhere");
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
