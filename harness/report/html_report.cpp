#include "harness/report/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/record/csv_reader.h"
#include "harness/record/number_text.h"
#include "harness/record/output_file.h"
#include "harness/record/results_folder.h"
#include "harness/report/assumed_rows.h"
#include "harness/report/html_parts.h"
#include "harness/report/reproduction.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_events_shown = 500;

std::vector<CheckResult> broken_first(std::vector<CheckResult> checks) {
  std::stable_partition(checks.begin(), checks.end(),
                        [](const CheckResult& check) { return check.state == CheckState::broken; });
  return checks;
}

/// What was on the lines around the worst instant; open in the first check only, lest the others push the plots away.
std::string frames_row(const CheckResult& check, bool open) {
  if (check.frames.empty()) return "";
  std::string frames;
  for (const std::string& frame : check.frames) frames += html_escaped(frame) + "\n";
  return fmt::format(
      "<tr><td></td><td colspan=\"3\"><details{}><summary>on the bus around that "
      "instant</summary><pre>{}</pre></details>"
      "</td></tr>\n",
      open ? " open" : "", frames);
}

std::string checks_table(const RunResult& result) {
  if (result.checks.empty()) return "";
  std::string html =
      "<h2>Checks</h2>\n<div class=\"box\"><table class=\"fold\">\n<tr><th></th><th>expectation</th><th "
      "class=\"number\">margin</th>"
      "<th>worst</th></tr>\n";
  bool is_first = true;
  for (const CheckResult& check : broken_first(result.checks)) {
    std::string notes = html_escaped(check.spec.why);
    if (!check.spec.requirement.empty()) notes.insert(0, fmt::format("[{}] ", html_escaped(check.spec.requirement)));
    const bool untested = check.state == CheckState::untested;
    html += fmt::format(
        "<tr><td>{}</td><td>{}<br><span class=\"faint\">{}{}{}:{}</span></td><td class=\"number\" "
        "data-is=\"margin\">{}</td>"
        "<td data-is=\"worst\">{}</td></tr>\n",
        html_tag(state_name(check.state)), html_escaped(check.spec.description), notes,
        notes.empty() ? "" : " &middot; ", html_escaped(check.spec.place.file), check.spec.place.line,
        untested ? "&ndash;" : html_escaped(signed_with_unit(check.margin, check.margin_unit)),
        html_escaped(check.worst_text));
    html += frames_row(check, is_first);
    is_first = false;
  }
  return html + "</table></div>\n";
}

std::string triggers_table(const RunResult& result) {
  if (result.triggers.empty()) return "";
  std::string html =
      "<h2>Triggers</h2>\n<div class=\"box\"><table>\n<tr><th>waits for</th><th "
      "class=\"number\">fired</th></tr>\n";
  for (const TriggerResult& trigger : result.triggers) {
    const std::string fired = trigger.fired == 0 ? "never" : fmt::format("{} x", trigger.fired);
    const bool says_itself = trigger.description.starts_with(trigger.element + " ");
    html += fmt::format("<tr><td>{}{}{}<br><span class=\"faint\">{}:{}</span></td><td class=\"number\">{}</td></tr>\n",
                        trigger.untested() ? html_tag("untested") + " " : "",
                        says_itself ? "" : html_escaped(trigger.element) + " ", html_escaped(trigger.description),
                        html_escaped(trigger.place.file), trigger.place.line, fired);
  }
  return html + "</table></div>\n";
}

std::string plots_section(const RunResult& result, const PlotSet& plots) {
  std::string html;
  for (const PlotFile& plot : plots.files) {
    html += "<h2>" + html_escaped(plot.title) + "</h2>\n<div class=\"box\">" + inline_svg(result.folder / plot.file) +
            "</div>\n";
  }
  if (!plots.note.empty()) html += "<h2>Plots</h2>\n<p>" + html_escaped(plots.note) + "</p>\n";
  return html;
}

std::string events_table(const RunResult& result) {
  std::vector<Event> events;
  if (std::filesystem::exists(result.folder / results::events_csv)) {
    events = read_events(result.folder / results::events_csv);
  }
  if (events.empty()) return "";
  std::string html =
      "<h2>Events</h2>\n<div class=\"box\"><table>\n<tr><th "
      "class=\"number\">time</th><th>kind</th><th>subject</th><th>what</th></tr>\n";
  for (std::size_t i = 0; i < events.size() && i < most_events_shown; ++i) {
    html += fmt::format(
        "<tr><td class=\"number\">{}</td><td class=\"word\">{}</td><td class=\"word\">{}</td><td "
        "class=\"word\">{}</td></tr>\n",
        time_text(events[i].at), html_escaped(events[i].kind), html_escaped(events[i].subject),
        html_escaped(events[i].text));
  }
  html += "</table></div>\n";
  if (events.size() > most_events_shown) {
    html += fmt::format("<p class=\"faint\">{} more in events.csv</p>\n", events.size() - most_events_shown);
  }
  return html;
}

/// How many of them came that late, and a bar as long as their share.
std::string counted_in(const Lateness& lateness, std::size_t range) {
  const std::uint64_t count = lateness.in_range[range];
  const auto of = static_cast<double>(std::max<std::uint64_t>(lateness.instants, 1));
  return fmt::format("<td class=\"number\">{}</td><td><span class=\"bar\" style=\"width:{:.1f}em\"></span></td>", count,
                     8.0 * static_cast<double>(count) / of);
}

/// Whose fault it is.
std::string own_part(const PacedRun& paced) {
  const double share = paced.real_s > 0.0 ? paced.processor_s / paced.real_s : 0.0;
  return fmt::format(
      "<p>The idle thread beside the bench only sleeps, from one step to the next: as late as it, any program is woken "
      "on "
      "this machine. Of what was late by more than 1 ms the bench itself took more than that for {}, at most {:.3f} "
      "ms; the rest "
      "of the time it was not woken or had no processor (lateness.csv has each). It used {:.1f} % of a processor for "
      "{:.0f} "
      "s.</p>\n",
      paced.late_by_itself, std::chrono::duration<double, std::milli>(paced.worst_by_itself).count(), 100.0 * share,
      paced.real_s);
}

/// How late the bench itself was: a row a range, with a bar as long as its share.
std::string paced_section(const RunResult& result) {
  if (!result.paced) return "";
  const PacedRun& paced = *result.paced;
  const std::array counted{&paced.steps, &paced.answers, &paced.wake_ups};
  std::string html = fmt::format(
      "<h2>Paced time</h2>\n<p>{:g} x real time, {}. A step or answer later than {} ms makes the verdict "
      "inconclusive. {} bytes of answers were not fetched.</p>\n<ul>\n",
      paced.speed, html_escaped(paced.scheduling), trimmed(paced.late_limit_ms), paced.dropped_bytes);
  for (const std::string& port : paced.ports) html += "<li>" + html_escaped(port) + "</li>\n";
  html +=
      "</ul>\n<div class=\"box\"><table>\n<tr><th class=\"number\">late by</th><th class=\"number\">steps</th><th></th>"
      "<th class=\"number\">answers</th><th></th><th class=\"number\">idle thread</th><th></th></tr>\n";
  for (std::size_t i = 0; i < paced.steps.in_range.size(); ++i) {
    const bool last = i == Lateness::range_ends_ms.size();
    html += fmt::format("<tr><td class=\"number\">{} {:g} ms</td>", last ? "beyond" : "up to",
                        Lateness::range_ends_ms[last ? i - 1 : i]);
    for (const Lateness* lateness : counted) html += counted_in(*lateness, i);
    html += "</tr>\n";
  }
  const auto row = [&](const char* what, auto figure) {
    html += fmt::format("<tr><td class=\"number\">{}</td>", what);
    for (const Lateness* lateness : counted) html += "<td class=\"number\">" + figure(*lateness) + "</td><td></td>";
    html += "</tr>\n";
  };
  const auto ms = [](double value_ms) { return fmt::format("{:.3f} ms", value_ms); };
  row("99 % within", [&](const Lateness& lateness) { return ms(lateness.quantile_ms(0.99)); });
  row("99.9 % within", [&](const Lateness& lateness) { return ms(lateness.quantile_ms(0.999)); });
  row("the worst", [&](const Lateness& lateness) { return ms(lateness.worst_ms()); });
  row("early", [](const Lateness& lateness) { return fmt::format("{}", lateness.early); });
  return html + "</table></div>\n" + own_part(paced);
}

std::string assumed_table(const Scenario& scenario) {
  if (scenario.assumed.empty()) return "";
  std::string html =
      "<h2>Assumed</h2>\n<p class=\"faint\">Values that no document gives; the result depends on them.</p>\n"
      "<div class=\"box\"><table>\n<tr><th>what</th><th>value</th><th>where from</th></tr>\n";
  for (const Assumed& assumed : assumed_rows(scenario)) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", html_escaped(assumed.what),
                        html_escaped(assumed.value), html_escaped(assumed.reason));
  }
  return html + "</table></div>\n";
}

std::string reproduction(const RunResult& result) {
  return fmt::format(
      "<h2>Run it again</h2>\n<pre>{}</pre>\n"
      "<p class=\"faint\">version {}, seed {}, trace hash {} (of trace.csv followed by events.csv). Called as: "
      "<code>{}</code></p>\n",
      html_escaped(reproduction_command(result)), html_escaped(result.version), result.seed, result.trace_hash,
      html_escaped(result.command_line));
}

}  // namespace

void write_html_report(const Scenario& scenario, const RunResult& result, const PlotSet& plots) {
  const char* verdict = verdict_name(result.verdict);
  std::string html = html_head(fmt::format("{}: {}", verdict, result.scenario)) +
                     fmt::format("<h1>{} {}</h1>\n<p>{}</p>\n", html_tag(verdict), html_escaped(result.scenario),
                                 html_escaped(result.purpose));
  std::map<CheckState, std::size_t> states;
  for (const CheckResult& check : result.checks) ++states[check.state];
  html += html_counts(states);
  if (!result.error.empty()) html += "<pre>" + html_escaped(result.error) + "</pre>\n";
  html += fmt::format("<p class=\"faint\">{} s of virtual time in {:.2f} s, {} steps</p>\n", trimmed(result.virtual_s),
                      result.wall_s, result.steps);
  for (const std::string& note : result.notes) html += "<p class=\"faint\">" + html_escaped(note) + "</p>\n";
  if (!result.inconclusive.empty()) html += "<p><b>Inconclusive:</b> " + html_escaped(result.inconclusive) + "</p>\n";
  html += checks_table(result) + triggers_table(result) + plots_section(result, plots) + events_table(result) +
          paced_section(result) + assumed_table(scenario) + reproduction(result) + "</body>\n</html>\n";
  write_whole_file(result.folder / results::report_html, html);
}

}  // namespace hil::harness
