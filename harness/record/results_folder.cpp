#include "harness/record/results_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

constexpr std::array removed{results::scenario_xml, results::trace_csv,   results::events_csv,   results::run_json,
                             results::report_html,  results::junit_xml,   results::lateness_csv, results::trace_vcd,
                             results::comtrade_cfg, results::comtrade_dat};

bool is_ours(const fs::path& folder) {
  const auto known = [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name == results::bench_log || name == results::plots || name == results::captures || name == results::lock ||
           std::find(removed.begin(), removed.end(), name) != removed.end();
  };
  // bench.log stands there already when the inner process comes to prepare the folder.
  for (const char* mark : {results::run_json, results::trace_csv, results::bench_log}) {
    if (fs::exists(folder / mark)) return true;
  }
  return std::all_of(fs::directory_iterator(folder), fs::directory_iterator{}, known);
}

void remove_from(const fs::path& folder, std::initializer_list<std::string_view> extensions) {
  if (!fs::is_directory(folder)) return;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (std::find(extensions.begin(), extensions.end(), extension) != extensions.end()) fs::remove(entry.path());
  }
}

/// Whether the open file is still the one of that name: it may have been taken away before it was locked, and two runs
/// would then lock two files.
bool is_at(int descriptor, const fs::path& file) {
  struct stat open {};
  struct stat named {};
  return ::fstat(descriptor, &open) == 0 && ::stat(file.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

}  // namespace

std::string refusal(const fs::path& folder) {
  std::error_code unreadable;
  if (!fs::exists(folder, unreadable)) return {};
  if (!fs::is_directory(folder)) return folder.string() + ": is not a folder, results need one";
  try {
    if (is_ours(folder)) return {};
  } catch (const fs::filesystem_error& error) {
    return folder.string() + ": " + error.code().message();
  }
  return folder.string() + ": holds neither run.json nor trace.csv, so it is not a results folder and is left alone";
}

void prepare_results_folder(const fs::path& folder) {
  if (const std::string refused = refusal(folder); !refused.empty()) throw std::runtime_error(refused);
  fs::create_directories(folder);
  for (const char* name : removed) fs::remove(folder / name);
  remove_from(folder / results::plots, {".svg"});
  remove_from(folder / results::captures, {".pcapng", ".txt"});
}

// The starting process holds the lock. O_CLOEXEC: what it starts must not keep it, gnuplot least of all.
ResultsLock::ResultsLock(const fs::path& folder) : folder_(folder), made_folder_(fs::create_directories(folder)) {
  const fs::path file = folder / results::lock;
  do {
    if (descriptor_ >= 0) ::close(descriptor_);
    made_file_ = !fs::exists(file);
    // Whoever took it away may have taken the folder, too.
    made_folder_ |= fs::create_directories(folder);
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) throw std::runtime_error(file.string() + ": " + std::generic_category().message(errno));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) continue;
    const int error = errno;
    ::close(descriptor_);
    if (error == EWOULDBLOCK) throw std::runtime_error(folder.string() + " is in use by another run");
    throw std::runtime_error(file.string() + ": " + std::generic_category().message(error));
  } while (!is_at(descriptor_, file));
}

ResultsLock::~ResultsLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

ResultsLock::ResultsLock(ResultsLock&& other) noexcept
    : folder_(std::move(other.folder_)),
      made_folder_(other.made_folder_),
      made_file_(other.made_file_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

void ResultsLock::take_away() noexcept {
  if (descriptor_ < 0 || !made_file_) return;
  std::error_code ignored;
  fs::remove(folder_ / results::lock, ignored);
  if (made_folder_) fs::remove(folder_, ignored);  // one that holds something stays
}

bool in_use(const fs::path& folder) {
  const int file = ::open((folder / results::lock).c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  const bool held = ::flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return held;
}

}  // namespace hil::harness
