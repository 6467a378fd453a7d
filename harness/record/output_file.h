#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hil::harness {

/// A file that grows during a run, written through a buffer of its own. Nothing is allocated after construction as
/// long as one append stays below `largest_append`. A write that fails is remembered, not thrown: the stepping path
/// goes on and the run asks for failure() at its end.
class OutputFile {
 public:
  static constexpr std::size_t flush_at_bytes = std::size_t{64} << 10;

  /// Creates or empties the file. Throws std::runtime_error naming the file and the reason.
  OutputFile(std::filesystem::path path, std::size_t largest_append);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Flushes by itself once flush_at_bytes have gathered.
  void append(std::string_view text);
  void flush() noexcept;
  /// "trace.csv: No space left on device"; empty: none.
  std::string failure() const;
  bool failed() const { return error_ != 0; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::string buffer_;
  int descriptor_ = -1;
  int error_ = 0;  ///< errno of the first write that failed
};

/// `folder`, created if need be; throws std::filesystem::filesystem_error. For initialiser lists.
const std::filesystem::path& made_folder(const std::filesystem::path& folder);

/// All of a file; throws std::runtime_error naming it.
std::string read_whole_file(const std::filesystem::path& path);

/// Writes under a temporary name beside it and renames, so that a reader finds the whole file or none.
/// Throws std::runtime_error naming the file and the reason.
void write_whole_file(const std::filesystem::path& path, std::string_view text);

}  // namespace hil::harness
