#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <stdexcept>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/record/baseline.h"
#include "harness/record/number_text.h"
#include "harness/record/results_folder.h"
#include "harness/record/run_json.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_shown = 5;

/// The results folders among `paths`: themselves, or those right inside them.
std::vector<fs::path> result_folders(const std::vector<fs::path>& paths, std::vector<std::string>& faults) {
  std::vector<fs::path> folders;
  for (const fs::path& path : paths) {
    if (fs::exists(path / results::run_json)) {
      folders.push_back(path);
      continue;
    }
    std::vector<fs::path> inside;
    if (fs::is_directory(path)) {
      for (const auto& entry : fs::directory_iterator(path)) {
        if (fs::exists(entry.path() / results::run_json)) inside.push_back(entry.path());
      }
    }
    if (inside.empty()) {
      faults.push_back(path.string() +
                       ": holds no run.json, must be the results of a run that ended, or a folder of them");
    }
    std::sort(inside.begin(), inside.end());
    folders.insert(folders.end(), inside.begin(), inside.end());
  }
  return folders;
}

std::string found_text(const Difference& difference, std::string_view unit) {
  return std::isnan(difference.found) ? "nothing" : with_unit(difference.found, unit);
}

std::string difference_text(const Difference& difference) {
  const std::string_view unit = sim::unit_of(difference.signal);
  return fmt::format("{} at {} s: baseline {}, run {}, allowed {}", difference.signal, trimmed(difference.time_s),
                     with_unit(difference.expected, unit), found_text(difference, unit),
                     with_unit(difference.tolerance, unit));
}

struct Compared {
  fs::path results;
  fs::path baseline;
  RunResult run;
};

/// True: the same within tolerances.
bool compare(const Compared& compared, Console console) {
  const Baseline baseline = read_baseline(compared.baseline);
  const auto found = differences(baseline, read_trace(compared.results / results::trace_csv));
  const std::size_t signals = baseline.trace.names.size() - 1;
  if (found.empty()) {
    console.out << fmt::format("SAME       {:<32}  {} signals, {} rows\n", compared.run.scenario, signals,
                               baseline.trace.columns.front().size());
    return true;
  }
  console.out << fmt::format("DIFFERENT  {:<32}  {} of {} signals, the first: {}\n", compared.run.scenario,
                             found.size(), signals, difference_text(found.front()));
  for (std::size_t i = 1; i < std::min(found.size(), most_shown); ++i) {
    console.out << fmt::format("{:45}{}\n", "", difference_text(found[i]));
  }
  if (found.size() > most_shown) console.out << fmt::format("{:45}and {} more\n", "", found.size() - most_shown);
  return false;
}

void accept(const Compared& compared, const CompareOptions& options, Console console) {
  BaselineChoice choice;
  if (!options.signals.empty()) choice.signals = options.signals;
  choice.every_s = options.every_s;
  choice.reason = options.reason;
  accept_baseline(compared.results, compared.run, choice, compared.baseline);
  console.out << fmt::format("ACCEPTED   {:<32}  {}\n", compared.run.scenario, compared.baseline.string());
}

}  // namespace

int compare_command(const CompareOptions& options, Console console) {
  std::vector<std::string> faults;
  if (options.accept && options.reason.empty())
    faults.emplace_back("--accept: needs --reason, why this is the new baseline");
  if (!options.accept && (!options.reason.empty() || !options.signals.empty() || options.every_s > 0.0)) {
    faults.emplace_back("--reason, --signal and --every: are of --accept only");
  }
  std::vector<Compared> all;
  for (const fs::path& folder : result_folders(options.results, faults)) {
    try {
      const RunResult run = read_run_json(folder / results::run_json);
      const fs::path baseline = options.baseline / run.scenario;
      if (!options.accept && !fs::exists(baseline / baseline::trace_csv)) {
        faults.push_back(baseline.string() + ": is no baseline; --accept makes one of " + folder.string());
      }
      if (options.accept && run.verdict != Verdict::pass) {
        faults.push_back(folder.string() + ": its verdict is " + verdict_name(run.verdict) +
                         ", a baseline must have passed");
      }
      all.push_back({folder, baseline, run});
    } catch (const std::exception& error) {
      faults.emplace_back(error.what());
    }
  }
  for (const std::string& fault : faults) console.err << fault << '\n';
  if (!faults.empty()) return exit_bad_input;
  bool same = true;
  for (const Compared& each : all) {
    try {
      if (options.accept) {
        accept(each, options, console);
      } else {
        same = compare(each, console) && same;
      }
    } catch (const std::exception& error) {
      console.err << error.what() << '\n';
      return exit_bad_input;
    }
  }
  return same ? exit_pass : exit_fail;
}

}  // namespace hil::harness
