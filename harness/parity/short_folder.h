#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace hil::harness {

/// A folder of its own, gone with this object, whose path is short whatever a scenario is called: the path of a local
/// socket has 107 characters at most (unix(7)).
class ShortFolder {
 public:
  /// Throws std::system_error.
  ShortFolder() {
    std::string name = "/tmp/hilbench.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
    path_ = name;
  }
  ~ShortFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ShortFolder(const ShortFolder&) = delete;
  ShortFolder& operator=(const ShortFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace hil::harness
