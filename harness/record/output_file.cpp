#include "harness/record/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hil::harness {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw std::runtime_error(path.string() + ": " + reason(error));
}

}  // namespace

OutputFile::OutputFile(std::filesystem::path path, std::size_t largest_append) : path_(std::move(path)) {
  buffer_.reserve(flush_at_bytes + largest_append);
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail(path_, errno);
}

OutputFile::~OutputFile() {
  flush();
  ::close(descriptor_);
}

void OutputFile::append(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= flush_at_bytes) flush();
}

void OutputFile::flush() noexcept {
  std::string_view left = buffer_;
  while (!left.empty() && error_ == 0) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written > 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  buffer_.clear();
}

std::string OutputFile::failure() const {
  return error_ == 0 ? std::string{} : path_.string() + ": " + reason(error_);
}

const std::filesystem::path& made_folder(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  return folder;
}

std::string read_whole_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf() || file.peek() == std::ifstream::traits_type::eof())) {
    throw std::runtime_error(path.string() + ": cannot be read");
  }
  return std::move(text).str();
}

void write_whole_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path temporary = path.string() + ".tmp";
  {
    OutputFile file(temporary, text.size());
    file.append(text);
    file.flush();
    if (!file.failure().empty()) throw std::runtime_error(file.failure());
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail(path, errno);
}

}  // namespace hil::harness
