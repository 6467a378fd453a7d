#pragma once

#include <filesystem>

namespace hil::harness {

/// A symbolic link for as long as it lives. Takes the place of a link only, never of a file.
class SymbolicLink {
 public:
  /// Throws std::filesystem::filesystem_error.
  SymbolicLink(std::filesystem::path link, const std::filesystem::path& target);
  ~SymbolicLink();
  SymbolicLink(const SymbolicLink&) = delete;
  SymbolicLink& operator=(const SymbolicLink&) = delete;

 private:
  std::filesystem::path link_;
};

}  // namespace hil::harness
