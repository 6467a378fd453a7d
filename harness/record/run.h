#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/checks/check.h"
#include "harness/record/lateness.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

enum class Verdict : unsigned char { pass, fail, error, inconclusive, untested };

/// "pass", "fail", ...
const char* verdict_name(Verdict verdict);

/// A drawing of a run.
struct PlotFile {
  std::string title;
  std::string file;                  ///< relative to the results folder: "plots/1_power.svg"
  std::vector<std::string> signals;  ///< that it shows
};

/// How often a trigger of the timeline fired.
struct TriggerResult {
  std::string element;      ///< "when"
  std::string description;  ///< "et1.pv_w below 2000 W for 5 s"
  Place place;
  bool optional = false;
  int fired = 0;

  bool untested() const { return fired == 0 && !optional; }
};

/// Everything that a run says about itself; written as run.json, read back by the runner and the reports.
struct RunResult {
  // In one source file: what they are made of is much to compile wherever a RunResult is copied or ends.
  RunResult();
  RunResult(const RunResult& other);
  RunResult(RunResult&& other) noexcept;
  RunResult& operator=(const RunResult& other);
  RunResult& operator=(RunResult&& other) noexcept;
  ~RunResult();

  std::string scenario;
  std::string file;
  std::string purpose;
  Verdict verdict = Verdict::error;
  std::string error;         ///< why, for Verdict::error
  std::string inconclusive;  ///< why, for Verdict::inconclusive
  bool stopped = false;      ///< ended on request before the scenario's end; not in run.json
  bool never_began = false;  ///< given up while it waited: nothing ran, nothing was written
  std::vector<CheckResult> checks;
  std::vector<PlotFile> plots;
  std::vector<TriggerResult> triggers;
  std::string trace_hash;  ///< hex, of trace.csv followed by events.csv
  double virtual_s = 0.0;
  double wall_s = 0.0;  ///< measured outside the kernel; not part of the trace
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  std::string version;
  std::string command_line;
  std::string library;  ///< folder that sites, catalogue parts and register maps came from
  std::filesystem::path folder;
  std::optional<PacedRun> paced;   ///< of a run in paced time
  std::string ems_over;            ///< "rtu" or "tcp", when the run was told so instead of the scenario
  bool stepped = false;            ///< by a controller that was attached and had its time from the bench
  std::vector<std::string> notes;  ///< what whoever reads the verdict should know of the run, a line each
};

/// Who brings a bench through its scenario, other than virtual time and the controller in process.
class Drive {
 public:
  virtual ~Drive() = default;
  virtual Bench::Wiring wiring() const = 0;
  /// Whether somebody has to come before the run begins. Until then what stands in the results folder stays.
  virtual bool waits() const { return false; }
  /// Until somebody has come, with the bench built. False: given up.
  virtual bool wait() { return true; }
  /// From the first instant to the scenario's end or to what ends it before; fills in result.paced. What the kernel
  /// throws may leave it.
  virtual void run(Bench& bench, const Scenario& scenario, RunResult& result) = 0;
};

/// Version of the bench, as `hilbench --version` prints it.
const char* bench_version();

/// Runs one scenario in this process (once per process) and writes its results folder:
/// scenario.xml (as resolved), trace.csv, events.csv, run.json, plots/*.svg, report.html, junit.xml.
/// trace.csv and events.csv are flushed as they grow, so that a kill leaves what was recorded readable; run.json comes
/// last. `command_line` and `library` go into run.json. Throws std::runtime_error only when the folder cannot be used
/// at all. `drive`: null for virtual time. Of a run whose drive gave up waiting nothing is written, see
/// RunResult::never_began.
RunResult run_scenario(const Scenario& scenario, const std::filesystem::path& folder, const std::string& command_line,
                       const std::filesystem::path& library = {}, Drive* drive = nullptr);

/// Plots, reports and run.json of a finished run, from its result and what stands in its folder; fills in result.plots.
void write_reports(const Scenario& scenario, RunResult& result);

}  // namespace hil::harness
