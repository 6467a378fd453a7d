#include "harness/report/suite_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "harness/record/number_text.h"
#include "harness/record/output_file.h"
#include "harness/record/results_folder.h"
#include "harness/report/assumed_rows.h"
#include "harness/report/check_limits.h"
#include "harness/report/html_parts.h"
#include "harness/report/plotted_signals.h"
#include "harness/report/reproduction.h"
#include "harness/report/requirement_verdicts.h"
#include "harness/report/suite_tables.h"
#include "harness/report/summary.h"
#include "harness/scenario/check_signals.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_margins = 25;
constexpr std::size_t most_slowest = 8;
constexpr std::size_t most_plots_of_a_run = 2;

/// From the page to the report of a run; the name alone without one.
std::string link_to(const RunResult& run, const fs::path& folder) {
  std::string name = html_escaped(run.scenario);
  if (run.folder.empty()) return name;
  const fs::path report = run.folder / results::report_html;
  std::error_code unreadable;
  if (!fs::exists(report, unreadable)) return name;
  const fs::path relative = fs::weakly_canonical(report).lexically_relative(fs::weakly_canonical(folder));
  return fmt::format("<a href=\"{}\">{}</a>", html_escaped(relative.generic_string()), name);
}

std::string speed_of(double virtual_s, double wall_s) {
  return wall_s > 0.0 ? fmt::format("{:.0f} x", virtual_s / wall_s) : "&ndash;";
}

std::string head(const Suite& suite) {
  const Verdict verdict = verdict_of(suite.results);
  std::string text = total_text(suite.results);
  text.pop_back();  // its line break
  std::map<CheckState, std::size_t> states;
  for (const RunResult& run : suite.results) {
    for (const CheckResult& check : run.checks) ++states[check.state];
  }
  return html_head(fmt::format("{}: {}", verdict_name(verdict), text)) +
         fmt::format("<h1>{} {}</h1>\n", html_tag(verdict_name(verdict)), text) + html_counts(states) +
         fmt::format("<p class=\"faint\">{}, hilbench {}</p>\n", work_text(suite), bench_version());
}

/// The drawings of a run that show one of the signals.
void add_plots(const RunResult& run, const std::vector<std::string>& signals, std::set<std::string>& shown,
               std::string& html) {
  for (const PlotFile& plot : run.plots) {
    const bool shows = shows_one_of(plot.signals, signals);
    if (!shows || shown.size() >= most_plots_of_a_run || !shown.insert(plot.file).second) continue;
    html += "<div class=\"box\">" + inline_svg(run.folder / plot.file) + "</div>\n";
  }
}

std::string broken_check(const CheckResult& check) {
  std::string html =
      fmt::format("<p>{} {}, margin {}, worst {}<br><span class=\"faint\">", html_tag("broken"),
                  html_escaped(check.spec.description), html_escaped(signed_with_unit(check.margin, check.margin_unit)),
                  html_escaped(check.worst_text));
  if (!check.spec.requirement.empty()) html += fmt::format("[{}] ", html_escaped(check.spec.requirement));
  return html + fmt::format("{}{}{}:{}</span></p>\n", html_escaped(check.spec.why),
                            check.spec.why.empty() ? "" : " &middot; ", html_escaped(check.spec.place.file),
                            check.spec.place.line);
}

std::string trouble_of(const RunResult& run, const Scenario& scenario, const fs::path& folder) {
  std::string html = fmt::format("<div class=\"trouble\"><h3>{} {}</h3>\n<p>{}</p>\n",
                                 html_tag(verdict_name(run.verdict)), link_to(run, folder), html_escaped(run.purpose));
  if (!run.error.empty()) html += "<pre>" + html_escaped(run.error) + "</pre>\n";
  if (!run.inconclusive.empty()) html += "<p>" + html_escaped(run.inconclusive) + "</p>\n";
  std::set<std::string> shown;
  for (std::size_t i = 0; i < run.checks.size(); ++i) {
    const CheckResult& check = run.checks[i];
    if (check.state == CheckState::broken) html += broken_check(check);
    if (check.state == CheckState::untested && run.verdict == Verdict::untested) {
      html += fmt::format("<p>{} {}</p>\n", html_tag("untested"), html_escaped(check.spec.description));
    }
    // What comes back from a run's own file has no kind; the scenario's check at this place has.
    if (check.state != CheckState::broken || i >= scenario.checks.size()) continue;
    try {
      add_plots(run, signals_of(scenario.checks[i]), shown, html);
    } catch (const std::exception& error) {
      html += "<p class=\"faint\">" + html_escaped(error.what()) + "</p>\n";
    }
  }
  return html + "</div>\n";
}

std::string troubles(const Suite& suite, const fs::path& folder) {
  std::string html;
  for (const Verdict verdict : {Verdict::error, Verdict::fail, Verdict::inconclusive, Verdict::untested}) {
    for (std::size_t i = 0; i < suite.results.size(); ++i) {
      if (suite.results[i].verdict == verdict) html += trouble_of(suite.results[i], *suite.scenarios[i], folder);
    }
  }
  return html.empty() ? "" : "<h2>What did not pass</h2>\n" + html;
}

/// `said`: below its name.
std::string run_row(const RunResult& run, const fs::path& folder, const std::string& said) {
  return fmt::format(
      "<tr><td>{}</td><td>{}<br><span class=\"faint\">{}</span></td><td class=\"number\" data-is=\"checks\">{}</td>"
      "<td class=\"number\" data-is=\"virtual\">{} s</td><td class=\"number\" data-is=\"took\">{:.2f} s</td>"
      "<td class=\"number\" data-is=\"real time\">{}</td></tr>\n",
      html_tag(verdict_name(run.verdict)), link_to(run, folder), html_escaped(said), run.checks.size(),
      trimmed(run.virtual_s), run.wall_s, speed_of(run.virtual_s, run.wall_s));
}

constexpr const char* run_columns =
    "<tr><th></th><th>scenario</th><th class=\"number\">checks</th><th class=\"number\">virtual</th>"
    "<th class=\"number\">took</th><th class=\"number\">real time</th></tr>\n";

std::string runs_table(const Suite& suite, const fs::path& folder) {
  std::string html = fmt::format("<h2>Scenarios</h2>\n<table class=\"fold\">\n{}", run_columns);
  for (const RunResult& run : suite.results) html += run_row(run, folder, run.purpose);
  return html + "</table>\n";
}

std::string slowest_table(const Suite& suite, const fs::path& folder) {
  std::vector<const RunResult*> runs;
  for (const RunResult& run : suite.results) runs.push_back(&run);
  std::stable_sort(runs.begin(), runs.end(),
                   [](const RunResult* left, const RunResult* right) { return left->wall_s > right->wall_s; });
  if (runs.size() < 2) return "";
  std::string html = fmt::format("<h2>Slowest</h2>\n<table class=\"fold\">\n{}", run_columns);
  for (std::size_t i = 0; i < std::min(runs.size(), most_slowest); ++i)
    html += run_row(*runs[i], folder, runs[i]->file);
  return html + "</table>\n";
}

std::string margins_table(const Suite& suite, const fs::path& folder) {
  const std::vector<RankedMargin> ranked = ranked_margins(suite);
  if (ranked.empty()) return "";
  std::string html =
      "<h2>Smallest margins</h2>\n<p class=\"faint\">The share of what each check allows that was left.</p>\n"
      "<table class=\"fold\">\n<tr><th class=\"number\">left</th><th class=\"number\">margin</th><th>expectation</th>"
      "<th>worst</th><th>scenario</th></tr>\n";
  for (std::size_t i = 0; i < std::min(ranked.size(), most_margins); ++i) {
    const RankedMargin& each = ranked[i];
    html += fmt::format(
        "<tr><td class=\"number\" data-is=\"left\">{:.1f} %</td><td class=\"number\" data-is=\"margin\">{}</td>"
        "<td>{}</td><td data-is=\"worst\">{}</td><td>{}</td></tr>\n",
        100.0 * each.share, html_escaped(signed_with_unit(each.check->margin, each.check->margin_unit)),
        html_escaped(each.check->spec.description), html_escaped(each.check->worst_text), link_to(*each.run, folder));
  }
  html += "</table>\n";
  if (ranked.size() > most_margins) {
    html += fmt::format("<p class=\"faint\">{} more checks had larger margins</p>\n", ranked.size() - most_margins);
  }
  return html;
}

std::string requirements_table(const Suite& suite, const fs::path& folder) {
  const std::vector<RequirementVerdict> verdicts = requirement_verdicts(suite);
  if (verdicts.empty()) return "";
  std::string html =
      "<h2>Requirements</h2>\n<p class=\"faint\">Statements and clauses that checks name; what the tightest check of "
      "each left of its bound.</p>\n<table class=\"fold\">\n<tr><th>requirement</th><th></th><th "
      "class=\"number\">left</th><th class=\"number\">margin</th><th>checks</th></tr>\n";
  for (const RequirementVerdict& each : verdicts) {
    std::string checks;
    for (const RequirementVerdict::Proof& proof : each.proofs) {
      checks += fmt::format("{}{}: {}", checks.empty() ? "" : "<br>", link_to(*proof.run, folder),
                            html_escaped(proof.check->description));
    }
    const std::string deviation =
        each.deviation.empty() ? ""
                               : fmt::format("<br><span class=\"faint\">{}{}</span>",
                                             each.proofs.empty() ? "" : "in part: ", html_escaped(each.deviation));
    const std::string part = each.in_part() ? fmt::format("<br><span class=\"faint\">{}</span>", each.part_text()) : "";
    const bool passed_in_part = each.verdict == Verdict::pass && each.in_part();
    const std::string left = each.tightest ? fmt::format("{:.1f} %", 100.0 * each.tightest->share) : "&ndash;";
    const std::string margin =
        each.tightest ? html_escaped(signed_with_unit(each.tightest->check->margin, each.tightest->check->margin_unit))
                      : "&ndash;";
    html += fmt::format(
        "<tr><td>{}{}{}</td><td>{}</td><td class=\"number\" data-is=\"left\">{}</td><td class=\"number\" "
        "data-is=\"margin\">{}</td><td><details{}><summary>{} {}</summary>{}</details></td></tr>\n",
        html_escaped(each.id), part, deviation,
        each.proofs.empty() ? "deviates" : (passed_in_part ? "in part" : html_tag(verdict_name(each.verdict))), left,
        margin, each.verdict == Verdict::pass ? "" : " open", each.proofs.size(),
        each.proofs.size() == 1 ? "check" : "checks", checks);
  }
  return html + "</table>\n";
}

std::string assumed_table(const Suite& suite) {
  std::map<std::array<std::string, 3>, std::vector<std::string>> assumed;  // by what, value, reason: scenarios
  for (const Scenario* scenario : suite.scenarios) {
    for (const Assumed& each : assumed_rows(*scenario)) {
      assumed[{each.what, each.value, each.reason}].push_back(scenario->name);
    }
  }
  if (assumed.empty()) return "";
  std::string html =
      "<h2>Assumed</h2>\n<p class=\"faint\">Values that no document gives; the results depend on them.</p>\n"
      "<table class=\"fold\">\n<tr><th>what</th><th>value</th><th>where from</th><th "
      "class=\"number\">scenarios</th></tr>\n";
  for (const auto& [each, scenarios] : assumed) {
    html += fmt::format(
        "<tr><td>{}</td><td data-is=\"value\">{}</td><td>{}</td><td class=\"number\" data-is=\"scenarios\"><span "
        "title=\"{}\">{}</span>"
        "</td></tr>\n",
        html_escaped(each[0]), html_escaped(each[1]), html_escaped(each[2]),
        html_escaped(fmt::format("{}", fmt::join(scenarios, ", "))), scenarios.size());
  }
  return html + "</table>\n";
}

std::string reproduction(const Suite& suite) {
  std::string html = fmt::format("<h2>Run it again</h2>\n<pre>{}</pre>\n", html_escaped(suite.command_line));
  html +=
      "<details><summary>One at a time, with the hash of trace.csv followed by events.csv</summary>\n"
      "<table class=\"fold\">\n<tr><th>command</th><th>trace hash</th></tr>\n";
  for (const RunResult& run : suite.results) {
    html += fmt::format("<tr><td><code>{}</code></td><td data-is=\"hash\"><code>{}</code></td></tr>\n",
                        html_escaped(reproduction_command(run)), run.trace_hash);
  }
  return html + "</table></details>\n";
}

}  // namespace

Verdict verdict_of(const std::vector<RunResult>& results) {
  for (const Verdict verdict : {Verdict::error, Verdict::fail, Verdict::inconclusive, Verdict::untested}) {
    const bool any = std::any_of(results.begin(), results.end(),
                                 [verdict](const RunResult& result) { return result.verdict == verdict; });
    if (any) return verdict;
  }
  return Verdict::pass;
}

SuiteWork planned_work(const Scenario& scenario) {
  const double virtual_s = std::chrono::duration<double>(scenario.duration).count();
  const auto inverters = static_cast<double>(scenario.site.plant.inverters.size());
  const double steps = static_cast<double>(scenario.duration.count()) / static_cast<double>(scenario.step.count());
  return {virtual_s, steps * inverters};
}

std::string work_text(const Suite& suite) {
  constexpr double s_per_h = 3600.0;
  constexpr double million = 1e6;
  SuiteWork work;
  for (std::size_t i = 0; i < suite.results.size(); ++i) {
    const auto inverters = static_cast<double>(suite.scenarios[i]->site.plant.inverters.size());
    work.virtual_s += suite.results[i].virtual_s;
    work.inverter_steps += static_cast<double>(suite.results[i].steps) * inverters;
  }
  const std::string virtual_time = work.virtual_s < s_per_h ? fmt::format("{:.0f} s", work.virtual_s)
                                                            : fmt::format("{:.1f} h", work.virtual_s / s_per_h);
  std::string text = fmt::format("{} of virtual time, {:.2f} million steps of an inverter, in {:.1f} s", virtual_time,
                                 work.inverter_steps / million, suite.wall_s);
  if (suite.wall_s > 0.0) text += fmt::format(" ({:.0f} x real time)", work.virtual_s / suite.wall_s);
  return text;
}

std::vector<RankedMargin> ranked_margins(const Suite& suite) {
  std::vector<RankedMargin> ranked;
  for (std::size_t i = 0; i < suite.results.size(); ++i) {
    const RunResult& run = suite.results[i];
    for (std::size_t k = 0; k < std::min(run.checks.size(), suite.scenarios[i]->checks.size()); ++k) {
      const CheckResult& check = run.checks[k];
      const std::optional<double> scale = margin_scale(suite.scenarios[i]->checks[k]);
      if (check.state != CheckState::untested && scale) ranked.push_back({&run, &check, check.margin / *scale});
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const RankedMargin& left, const RankedMargin& right) { return left.share < right.share; });
  return ranked;
}

void write_suite_report(const Suite& suite, const fs::path& folder) {
  made_folder(folder);
  write_whole_file(folder / suite_page, head(suite) + troubles(suite, folder) + suite_tables(suite, folder) +
                                            runs_table(suite, folder) + margins_table(suite, folder) +
                                            slowest_table(suite, folder) + requirements_table(suite, folder) +
                                            assumed_table(suite) + reproduction(suite) + "</body>\n</html>\n");
}

bool is_suite_report(const fs::path& file) {
  try {
    return read_whole_file(file).find("<meta name=\"generator\" content=\"hilbench\">") != std::string::npos;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace hil::harness
