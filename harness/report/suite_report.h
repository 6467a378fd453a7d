#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/record/run.h"
#include "harness/scenario/requirements.h"

namespace hil::harness {

/// Several runs made by one call.
struct Suite {
  std::vector<RunResult> results;
  std::vector<const Scenario*> scenarios;  ///< of each result; must outlive this
  std::string command_line;
  double wall_s = 0.0;                  ///< of the call; the runs may have shared it
  std::vector<Deviation> deviations{};  ///< of the folders that the scenarios are from
  /// Of those folders: the files whose checks name each clause, and those of which not every case ran. Canonical paths.
  std::map<std::string, std::set<std::filesystem::path>> files_of_clauses{};
  std::set<std::filesystem::path> files_in_part{};
};

/// What runs have to compute, whatever machine does it.
struct SuiteWork {
  double virtual_s = 0.0;
  double inverter_steps = 0.0;  ///< steps of the plant times its inverters, a storage converter's strings one each
};
/// Of scenarios that run to their end.
SuiteWork planned_work(const Scenario& scenario);
/// "1.5 h of virtual time, 1.08 million steps of an inverter, in 12.3 s (439 x real time)"; of what was run.
std::string work_text(const Suite& suite);

inline constexpr const char* suite_page = "index.html";

/// The gravest verdict, in the order of exit codes; pass without results.
Verdict verdict_of(const std::vector<RunResult>& results);

/// A margin held against what its check allows: 0.1 is a tenth of the bound left.
struct RankedMargin {
  const RunResult* run = nullptr;
  const CheckResult* check = nullptr;
  double share = 0.0;  ///< of the bound; below 0: broken
};
/// Smallest first; checks without a scale and untested ones are left out.
std::vector<RankedMargin> ranked_margins(const Suite& suite);

/// `folder`/index.html: verdict and counts first, then what did not pass with its plots, all runs with links to their
/// reports, smallest margins, slowest runs, requirements, assumed values and how to run it again. One file that needs
/// no other; only the links lead out of it. Creates the folder. Throws std::runtime_error when it cannot be written.
void write_suite_report(const Suite& suite, const std::filesystem::path& folder);

/// Whether the file is one of those.
bool is_suite_report(const std::filesystem::path& file);

}  // namespace hil::harness
