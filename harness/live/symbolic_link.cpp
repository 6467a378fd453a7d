#include "harness/live/symbolic_link.h"

#include <system_error>
#include <utility>

namespace hil::harness {

namespace fs = std::filesystem;

SymbolicLink::SymbolicLink(fs::path link, const fs::path& target) : link_(std::move(link)) {
  if (fs::is_symlink(fs::symlink_status(link_))) fs::remove(link_);
  fs::create_symlink(target, link_);
}

SymbolicLink::~SymbolicLink() {
  std::error_code gone;
  fs::remove(link_, gone);
}

}  // namespace hil::harness
