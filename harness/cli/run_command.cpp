#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <ostream>
#include <set>
#include <stdexcept>
#include <utility>

#include "harness/cli/case_runner.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/record/comtrade_file.h"
#include "harness/record/csv_reader.h"
#include "harness/record/results_folder.h"
#include "harness/record/vcd_file.h"
#include "harness/report/junit.h"
#include "harness/report/requirement_verdicts.h"
#include "harness/report/suite_report.h"
#include "harness/report/summary.h"
#include "harness/scenario/reader.h"
#include "harness/scenario/requirements.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// What can be known beforehand; empty: nothing against it.
std::string junit_fault(const fs::path& file) {
  if (file.empty()) return {};
  std::error_code unreadable;
  if (fs::is_directory(file, unreadable)) return file.string() + ": is a folder, --junit needs a file";
  if (!file.has_parent_path() || fs::is_directory(file.parent_path(), unreadable)) return {};
  return file.string() + ": its folder " + file.parent_path().string() + " does not exist, --junit needs one";
}

/// The same of the folder for the report of all.
std::string report_fault(const fs::path& folder) {
  if (folder.empty()) return {};
  std::error_code unreadable;
  if (fs::exists(folder, unreadable) && !fs::is_directory(folder, unreadable)) {
    return folder.string() + ": is a file, --report needs a folder";
  }
  const fs::path page = folder / suite_page;
  if (!fs::exists(page, unreadable) || is_suite_report(page)) return {};
  return page.string() + ": is no report of hilbench and is left alone";
}

fs::path results_root(const RunOptions& options) {
  if (!options.results.empty()) return options.results;
  return options.report.empty() ? fs::path("results") : options.report;
}

/// Only the scenarios of this share stay.
void keep_shard(Inputs& inputs, const Shard& shard) {
  std::vector<Scenario> kept;
  for (std::size_t i = 0; i < inputs.scenarios.size(); ++i) {
    if (shard.holds(i)) kept.push_back(std::move(inputs.scenarios[i]));
  }
  inputs.scenarios = std::move(kept);
}

/// Whether each scenario that stands in the folder itself is among `files`; all paths are canonical.
bool is_whole(const fs::path& folder, const std::set<fs::path>& files) {
  std::vector<std::string> reported_already;
  const std::vector<fs::path> all = scenario_files({folder}, reported_already);
  return std::all_of(all.begin(), all.end(), [&](const fs::path& file) {
    return file.parent_path() != folder || files.contains(fs::weakly_canonical(file));
  });
}

/// Statements of the documents begin so; what else a check may name is a clause.
bool names_a_clause(const Scenario& scenario) {
  return std::any_of(scenario.checks.begin(), scenario.checks.end(), [](const CheckSpec& check) {
    const std::vector<std::string> ids = requirement_ids(check.requirement);
    return std::any_of(ids.begin(), ids.end(), [](const std::string& id) { return !id.starts_with('S'); });
  });
}

/// Where the scenarios that name clauses are from, canonical: one folder counts once, whatever ways lead to it.
std::set<fs::path> folders_with_clauses(const Inputs& inputs) {
  std::set<fs::path> folders;
  for (const Scenario& scenario : inputs.scenarios) {
    if (names_a_clause(scenario)) folders.insert(fs::weakly_canonical(scenario.file).parent_path());
  }
  return folders;
}

/// Of all folders that the scenarios are from; what is wrong with them is a fault of the inputs. Of a folder that is
/// run in part, a deviation that no scenario shows says nothing.
std::vector<Deviation> deviations_of(Inputs& inputs) {
  std::set<fs::path> files;
  // As whoever runs them has spelled it, for what is said of it.
  std::map<fs::path, fs::path> spelled;
  for (const Scenario& scenario : inputs.scenarios) {
    const fs::path file = fs::weakly_canonical(scenario.file);
    files.insert(file);
    spelled.emplace(file.parent_path(), fs::path(scenario.file).parent_path());
  }
  std::vector<Deviation> deviations;
  for (const auto& [folder, as_spelled] : spelled) {
    try {
      std::vector<Deviation> read = read_deviations(as_spelled);
      if (read.empty()) continue;
      const bool whole = is_whole(folder, files);
      std::erase_if(read, [whole](const Deviation& each) { return each.files.empty() && !whole; });
      std::move(read.begin(), read.end(), std::back_inserter(deviations));
    } catch (const std::runtime_error& error) {
      inputs.faults.emplace_back(error.what());
    }
  }
  return deviations;
}

/// Cases of each file.
std::map<fs::path, std::size_t> cases_by_file(const Inputs& inputs) {
  std::map<fs::path, std::size_t> cases;
  for (const Scenario& scenario : inputs.scenarios) ++cases[fs::weakly_canonical(scenario.file)];
  return cases;
}

/// Files of which only some of their cases, `all` of them by file, are to run.
std::set<fs::path> files_in_part(const Inputs& inputs, const std::map<fs::path, std::size_t>& all, bool one_case) {
  std::set<fs::path> files;
  for (const auto& [file, count] : cases_by_file(inputs)) {
    if (one_case || count < all.at(file)) files.insert(file);
  }
  return files;
}

RunnerSettings runner_settings(const RunOptions& options) {
  RunnerSettings settings;
  settings.jobs = std::max(options.jobs, 1U);
  settings.fail_fast = options.fail_fast;
  settings.timeout =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(options.timeout_s));
  return settings;
}

/// Of the whole run, in the report's folder and where --junit wants it.
void write_suite(const Suite& suite, const RunOptions& options) {
  if (!options.report.empty()) {
    write_junit(suite.results, options.report / results::junit_xml);
    write_suite_report(suite, options.report);
  }
  if (!options.junit.empty()) write_junit(suite.results, options.junit);
}

/// The traces in other formats, of all runs that left one.
void write_other_formats(const Suite& suite, const RunOptions& options) {
  if (!options.vcd && !options.comtrade) return;
  for (std::size_t i = 0; i < suite.results.size(); ++i) {
    const fs::path& folder = suite.results[i].folder;
    if (folder.empty() || !fs::exists(folder / results::trace_csv)) continue;
    const Trace trace = read_trace(folder / results::trace_csv);
    if (trace.columns.empty()) continue;  // the run ended before its first row
    if (options.vcd) write_vcd(trace, folder / results::trace_vcd);
    if (!options.comtrade) continue;
    const double frequency_hz = suite.scenarios[i]->site.plant.grid.nominal_hz;
    write_comtrade(comtrade_of(trace, suite.results[i].scenario, frequency_hz), folder, results::comtrade);
  }
}

void print_end(const Suite& suite, const RunOptions& options, const fs::path& root, Console console) {
  if (suite.results.size() == 1) {
    console.out << summary_text(suite.results.front(), console.colour);
  } else {
    console.out << '\n'
                << requirement_lines(suite, console.colour) << total_text(suite.results) << work_text(suite)
                << "\nresults in " << root.string() << '\n';
  }
  if (!options.report.empty()) console.out << "report of all " << (options.report / suite_page).string() << '\n';
}

/// One whose EMSs go different ways is about these.
bool has_one_way(const Scenario& scenario) {
  const auto other = [&](const EmsSpec& ems) { return ems.over != scenario.ems.front().over; };
  return !scenario.ems.empty() && std::none_of(scenario.ems.begin(), scenario.ems.end(), other);
}

/// --ems-over is for those whose EMSs have one way: a fault when none does; the others run as they are, which is told.
void tell_of_those_left_as_they_are(const RunOptions& options, Inputs& inputs, Console console) {
  if (options.ems_over.empty() || inputs.scenarios.empty()) return;
  std::vector<std::string> left;
  for (const Scenario& scenario : inputs.scenarios) {
    if (!has_one_way(scenario)) left.push_back(scenario.name);
  }
  if (left.size() == inputs.scenarios.size()) {
    inputs.faults.push_back(fmt::format("{}: --ems-over {}: needs an <ems>, or several that go one way, which {}",
                                        inputs.scenarios.front().file, options.ems_over,
                                        left.size() == 1 ? "the scenario does not have" : "none of the scenarios has"));
  } else if (!left.empty()) {
    console.out << fmt::format("--ems-over {}: as they are, without an <ems> or with several that go both ways: {}\n",
                               options.ems_over, fmt::join(left, ", "));
  }
}

}  // namespace

int run_command(const RunOptions& options, Console console) {
  const fs::path library = library_folder(options.library);
  const fs::path root = results_root(options);
  Inputs inputs = read_inputs(options.paths, library, options.case_name);
  const std::map<fs::path, std::size_t> all_cases = cases_by_file(inputs);
  tell_of_those_left_as_they_are(options, inputs, console);
  if (inputs.faults.empty()) {
    keep_shard(inputs, options.shard);
    check_benches(inputs, console);
  }
  Suite suite;
  suite.deviations = deviations_of(inputs);
  suite.files_of_clauses = files_of_clauses(folders_with_clauses(inputs));
  suite.files_in_part = files_in_part(inputs, all_cases, !options.case_name.empty());
  std::vector<CaseOrder> orders;
  for (Scenario& scenario : inputs.scenarios) {
    if (options.seed) set_seed(scenario, *options.seed);
    scenario.capture |= options.capture;
    if (const auto over = ems_over_of(options.ems_over); over && has_one_way(scenario)) set_ems_over(scenario, *over);
    orders.push_back({scenario.name, &scenario, root / scenario.name, library, options.command_line});
    const fs::path& folder = orders.back().folder;
    if (const std::string refused = refusal(folder); !refused.empty()) inputs.faults.push_back(refused);
    if (in_use(folder)) inputs.faults.push_back(folder.string() + " is in use by another run");
  }
  for (const std::string& fault : {junit_fault(options.junit), report_fault(options.report)}) {
    if (!fault.empty()) inputs.faults.push_back(fault);
  }
  std::vector<ResultsLock> locks;
  if (inputs.faults.empty()) {
    try {
      fs::create_directories(root);
      if (!options.report.empty()) fs::create_directories(options.report);
      for (const CaseOrder& order : orders) locks.emplace_back(order.folder);
    } catch (const fs::filesystem_error& error) {
      inputs.faults.push_back(error.path1().string() + ": cannot be created: " + error.code().message());
    } catch (const std::runtime_error& error) {
      inputs.faults.emplace_back(error.what());
    }
  }
  inputs.print(console.err);
  if (!inputs.faults.empty()) return exit_bad_input;

  const auto began = std::chrono::steady_clock::now();
  suite.results = CaseRunner(orders, runner_settings(options), console).run();
  suite.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  suite.command_line = options.command_line;
  for (const CaseOrder& order : orders) suite.scenarios.push_back(order.scenario);
  print_end(suite, options, root, console);
  try {
    write_suite(suite, options);
    write_other_formats(suite, options);
  } catch (const std::exception& error) {
    console.err << error.what() << '\n';
    return exit_error;
  }
  return exit_code_of(suite.results);
}

}  // namespace hil::harness
