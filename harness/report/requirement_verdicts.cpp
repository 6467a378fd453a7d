#include "harness/report/requirement_verdicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "harness/record/number_text.h"
#include "harness/report/summary.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_listed = 40;

/// The graver of two, in the order of a suite's verdict.
Verdict graver(Verdict left, Verdict right) {
  for (const Verdict verdict : {Verdict::error, Verdict::fail, Verdict::inconclusive, Verdict::untested}) {
    if (left == verdict || right == verdict) return verdict;
  }
  return Verdict::pass;
}

/// A run that failed by another check says nothing against this one.
Verdict verdict_by(const RunResult& run, CheckState state) {
  if (state == CheckState::broken) return Verdict::fail;
  if (run.verdict == Verdict::error || run.verdict == Verdict::inconclusive) return run.verdict;
  return state == CheckState::untested ? Verdict::untested : Verdict::pass;
}

std::string source_of(const std::string& id) {
  return id.substr(0, id.find('-'));
}

/// Whether one of the scenarios that ran shows it, or none could.
bool is_shown(const Deviation& deviation, const Suite& suite) {
  return deviation.files.empty() ||
         std::any_of(deviation.files.begin(), deviation.files.end(), [&suite](const std::filesystem::path& file) {
           return std::any_of(suite.scenarios.begin(), suite.scenarios.end(), [&file](const Scenario* scenario) {
             return std::filesystem::path(scenario->file) == file;
           });
         });
}

std::string line_of(const RequirementVerdict& each, std::size_t id_columns, bool colour) {
  constexpr std::size_t before_reason = 16;
  const std::string reason =
      each.deviation.empty() ? "" : wrapped((each.proofs.empty() ? "" : "in part: ") + each.deviation, before_reason);
  if (each.proofs.empty()) return fmt::format("  {:<12}  {}\n{}", "deviates", each.id, reason);
  const std::string checks = fmt::format("{} {}", each.proofs.size(), each.proofs.size() == 1 ? "check" : "checks");
  std::string tightest;
  if (each.tightest) {
    tightest = fmt::format("  {:6.1f} % left, {} in {}", 100.0 * each.tightest->share,
                           signed_with_unit(each.tightest->check->margin, each.tightest->check->margin_unit),
                           each.tightest->run->scenario);
  }
  return fmt::format("  {}  {:<{}}  {:>11}{}\n{}", verdict_cell(each.verdict, colour), each.id, id_columns, checks,
                     tightest, reason);
}

}  // namespace

std::vector<RequirementVerdict> requirement_verdicts(const Suite& suite) {
  std::map<std::string, RequirementVerdict> by_id;
  for (std::size_t i = 0; i < suite.results.size(); ++i) {
    const RunResult& run = suite.results[i];
    const std::vector<CheckSpec>& checks = suite.scenarios[i]->checks;
    for (std::size_t k = 0; k < checks.size(); ++k) {
      // A run that broke off has told nothing of its checks.
      const CheckState state = k < run.checks.size() ? run.checks[k].state : CheckState::untested;
      for (const std::string& id : requirement_ids(checks[k].requirement)) {
        RequirementVerdict& verdict = by_id[id];
        verdict.id = id;
        verdict.verdict = graver(verdict.verdict, verdict_by(run, state));
        verdict.proofs.push_back({&run, &checks[k], state});
      }
    }
  }
  for (const RankedMargin& margin : ranked_margins(suite)) {
    for (const std::string& id : requirement_ids(margin.check->spec.requirement)) {
      const auto found = by_id.find(id);
      if (found != by_id.end() && !found->second.tightest) found->second.tightest = margin;
    }
  }
  std::set<std::string> sources;
  for (const auto& [id, verdict] : by_id) sources.insert(source_of(id));
  for (const Deviation& deviation : suite.deviations) {
    if (!sources.contains(source_of(deviation.id)) || !is_shown(deviation, suite)) continue;
    RequirementVerdict& verdict = by_id[deviation.id];
    verdict.id = deviation.id;
    verdict.deviation += (verdict.deviation.empty() ? "" : "; ") + deviation.reason;
  }
  std::vector<RequirementVerdict> verdicts;
  verdicts.reserve(by_id.size());
  for (auto& [id, verdict] : by_id) verdicts.push_back(std::move(verdict));
  return verdicts;
}

std::string requirement_lines(const Suite& suite, bool colour) {
  const std::vector<RequirementVerdict> verdicts = requirement_verdicts(suite);
  if (verdicts.empty()) return "";
  std::size_t passed = 0;
  std::size_t deviate = 0;
  std::size_t id_columns = 0;
  for (const RequirementVerdict& each : verdicts) {
    if (each.verdict == Verdict::pass) ++(each.deviation.empty() ? passed : deviate);
    id_columns = std::max(id_columns, each.id.size());
  }
  std::string lines =
      fmt::format("{} {}: {} pass", verdicts.size(), verdicts.size() == 1 ? "requirement" : "requirements", passed);
  if (deviate > 0) lines += fmt::format(", {} deviate as expected", deviate);
  if (passed + deviate < verdicts.size()) lines += fmt::format(", {} do not", verdicts.size() - passed - deviate);
  lines += '\n';
  for (const RequirementVerdict& each : verdicts) {
    if (verdicts.size() <= most_listed || each.verdict != Verdict::pass) lines += line_of(each, id_columns, colour);
  }
  return lines;
}

}  // namespace hil::harness
