#pragma once

#include <filesystem>
#include <string>

namespace hil::harness {

/// Names inside the results folder of one scenario.
namespace results {
inline constexpr const char* scenario_xml = "scenario.xml";
inline constexpr const char* trace_csv = "trace.csv";
inline constexpr const char* trace_vcd = "trace.vcd";
inline constexpr const char* comtrade = "comtrade";  ///< stem of .cfg and .dat
inline constexpr const char* comtrade_cfg = "comtrade.cfg";
inline constexpr const char* comtrade_dat = "comtrade.dat";
inline constexpr const char* events_csv = "events.csv";
inline constexpr const char* lateness_csv = "lateness.csv";
inline constexpr const char* run_json = "run.json";
inline constexpr const char* report_html = "report.html";
inline constexpr const char* junit_xml = "junit.xml";
inline constexpr const char* bench_log = "bench.log";
inline constexpr const char* plots = "plots";
inline constexpr const char* captures = "captures";
inline constexpr const char* lock = ".lock";
}  // namespace results

/// Why the folder must not be written to: it is no folder, or holds things and none of them says that a run wrote
/// them. Empty: it may be used. Changes nothing.
std::string refusal(const std::filesystem::path& folder);

/// Creates the folder, or removes from it what a former run wrote; anything else in it and bench.log, which the
/// starting process writes, stay. Throws std::runtime_error with the refusal or the system's reason.
void prepare_results_folder(const std::filesystem::path& folder);

/// Keeps other runs out of a results folder while it lives. The lock file itself stays, unless it is taken away with
/// the folder that it was made for.
class ResultsLock {
 public:
  /// Creates folder and lock file where missing. Throws std::runtime_error "<folder> is in use by another run", or with
  /// the system's reason.
  explicit ResultsLock(const std::filesystem::path& folder);
  ~ResultsLock();
  ResultsLock(ResultsLock&& other) noexcept;
  ResultsLock& operator=(ResultsLock&&) = delete;

  /// Nothing was written after all: removes the lock file, and the folder when nothing else is in it and this object
  /// made it. A folder that was there stays as it was.
  void take_away() noexcept;

 private:
  std::filesystem::path folder_;
  bool made_folder_ = false;
  bool made_file_ = false;
  int descriptor_ = -1;
};

/// Whether another run holds the folder's lock. Changes nothing.
bool in_use(const std::filesystem::path& folder);

}  // namespace hil::harness
