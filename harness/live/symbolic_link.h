#pragma once

#include <filesystem>

namespace hil::harness {

/// A symbolic link to a pseudo-terminal for as long as it lives. Takes the place of a link that a run left behind, one
/// that leads nowhere or to a terminal younger than itself; never of a file or of a link that somebody uses.
class SymbolicLink {
 public:
  /// Throws std::runtime_error that names the link.
  SymbolicLink(std::filesystem::path link, const std::filesystem::path& target);
  ~SymbolicLink();
  SymbolicLink(const SymbolicLink&) = delete;
  SymbolicLink& operator=(const SymbolicLink&) = delete;

 private:
  std::filesystem::path link_;
  std::filesystem::path target_;
};

}  // namespace hil::harness
