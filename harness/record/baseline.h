#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/record/csv_reader.h"
#include "harness/record/run.h"

namespace hil::harness {

/// How far a signal may be from its baseline.
struct Tolerance {
  std::string signals;  ///< name or pattern
  double value = 0.0;   ///< in the signal's unit, >= 0
  double time_s = 0.0;  ///< the value may come this much earlier or later, >= 0
};

/// Names inside the baseline of one scenario.
namespace baseline {
inline constexpr const char* trace_csv = "trace.csv";
inline constexpr const char* tolerances_csv = "tolerances.csv";
inline constexpr const char* origin_json = "baseline.json";
}  // namespace baseline

/// A reviewed recording that runs are held against.
struct Baseline {
  Trace trace;
  std::vector<Tolerance> tolerances;  ///< of several that match a signal the last one counts
};

/// What a baseline is made from.
struct BaselineChoice {
  std::vector<std::string> signals{"*"};  ///< names or patterns
  double every_s = 0.0;                   ///< a row each; 0: each row of the run
  std::string reason;                     ///< why it is the new one; not empty
};

/// Where a run leaves its baseline first.
struct Difference {
  std::string signal;
  double time_s = 0.0;
  double expected = 0.0;  ///< the baseline's value
  double found = 0.0;     ///< the run's value; not a number: it has none there
  double tolerance = 0.0;
};

/// One for each signal that differs, the earliest first. At each instant of the baseline the run must come within
/// `value` of it no more than `time_s` away, and the baseline of the run likewise; between its rows a trace is taken as
/// straight. A signal that the run does not have, or a run that ends earlier, differs. Signals that only the run has do
/// not count.
std::vector<Difference> differences(const Baseline& baseline, const Trace& run);

/// Throws std::runtime_error "file:line: ..." for what cannot be read.
Baseline read_baseline(const std::filesystem::path& folder);

/// Makes the run in `results` the baseline in `folder`: the chosen part of its trace, where it is from and why.
/// Tolerances that are there already stay; new ones are those of the unit. Throws std::runtime_error, also when nothing
/// was chosen.
void accept_baseline(const std::filesystem::path& results, const RunResult& run, const BaselineChoice& choice,
                     const std::filesystem::path& folder);

/// For a signal that nothing else is known of: W, var, VA 1; V 0.1; A 0.02; Hz 0.002; Wh 1; s 0.001; others 0.001.
double usual_tolerance(std::string_view signal);

}  // namespace hil::harness
