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

std::filesystem::path whole(const std::filesystem::path& file) {
  if (file.empty()) return file;  // of what was read from no file; the library knows no absolute path of it
  return std::filesystem::weakly_canonical(std::filesystem::absolute(file));
}

/// Whatever way their paths go.
bool same_file(const std::filesystem::path& one, const std::filesystem::path& other) {
  return one == other || whole(one) == whole(other);
}

/// Whether one of the scenarios that ran shows it, or none could.
bool is_shown(const Deviation& deviation, const Suite& suite) {
  return deviation.files.empty() ||
         std::any_of(deviation.files.begin(), deviation.files.end(), [&suite](const std::filesystem::path& file) {
           return std::any_of(suite.scenarios.begin(), suite.scenarios.end(),
                              [&file](const Scenario* scenario) { return same_file(scenario->file, file); });
         });
}

/// How much of each clause ran.
void count_files(const Suite& suite, std::map<std::string, RequirementVerdict>& by_id) {
  std::set<std::filesystem::path> ran;
  for (const Scenario* scenario : suite.scenarios) ran.insert(whole(scenario->file));
  for (auto& [id, verdict] : by_id) {
    const auto found = suite.files_of_clauses.find(id);
    if (found == suite.files_of_clauses.end()) continue;
    verdict.files = found->second.size();
    for (const std::filesystem::path& file : found->second) {
      if (!ran.contains(file)) continue;
      ++verdict.files_that_ran;
      verdict.cases_left_out |= suite.files_in_part.contains(file);
    }
  }
}

bool passed_in_part(const RequirementVerdict& each) {
  return each.verdict == Verdict::pass && !each.proofs.empty() && each.in_part();
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
  const std::string part = each.part_text();
  return fmt::format("  {}  {:<{}}  {:>11}{}{}\n{}",
                     passed_in_part(each) ? fmt::format("{:<12}", "PART") : verdict_cell(each.verdict, colour), each.id,
                     id_columns, checks, tightest, part.empty() ? "" : "  " + part, reason);
}

}  // namespace

std::string RequirementVerdict::part_text() const {
  if (!in_part()) return "";
  return fmt::format("{} of {} {} ran{}", files_that_ran, files, files == 1 ? "file" : "files",
                     cases_left_out ? ", not with all cases" : "");
}

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
  count_files(suite, by_id);
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
  std::size_t in_part = 0;
  std::size_t id_columns = 0;
  for (const RequirementVerdict& each : verdicts) {
    if (passed_in_part(each)) {
      ++in_part;
    } else if (each.verdict == Verdict::pass) {
      ++(each.deviation.empty() ? passed : deviate);
    }
    id_columns = std::max(id_columns, each.id.size());
  }
  std::string lines =
      fmt::format("{} {}: {} pass", verdicts.size(), verdicts.size() == 1 ? "requirement" : "requirements", passed);
  if (deviate > 0) lines += fmt::format(", {} deviate as expected", deviate);
  if (in_part > 0) lines += fmt::format(", {} pass as far as they ran", in_part);
  const std::size_t others = verdicts.size() - passed - deviate - in_part;
  if (others > 0) lines += fmt::format(", {} do not", others);
  lines += '\n';
  for (const RequirementVerdict& each : verdicts) {
    if (verdicts.size() <= most_listed || each.verdict != Verdict::pass || passed_in_part(each))
      lines += line_of(each, id_columns, colour);
  }
  return lines;
}

}  // namespace hil::harness
