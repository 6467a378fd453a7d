#include "harness/report/html_report.h"

#include <fmt/format.h>

#include <exception>

#include "harness/record/csv_reader.h"
#include "harness/record/number_text.h"
#include "harness/record/output_file.h"
#include "harness/record/results_folder.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_events_shown = 500;

constexpr const char* style = R"(
body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 1040px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin: 0 0 .3em; } h2 { font-size: 1.1em; margin: 2em 0 .5em; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .35em .7em; vertical-align: top;
border-bottom: 1px solid #ddd; } th { font-weight: 600; color: #555; } .number { text-align: right; white-space: nowrap; }
.tag { display: inline-block; padding: .1em .6em; border-radius: .3em; color: #fff; font-weight: 600; white-space: nowrap; }
.pass, .holds { background: #1a7f37; } .fail, .broken, .error { background: #c62828; }
.inconclusive, .untested { background: #9a6700; } .faint { color: #666; font-size: .92em; }
pre { background: #f4f4f4; padding: .8em; overflow-x: auto; white-space: pre-wrap; } svg { width: 100%; min-width: 720px; height: auto; }
.box { overflow-x: auto; } .bar { display: inline-block; height: .7em; background: #57779c; } td, p, h1, h2, code { overflow-wrap: anywhere; } td { min-width: 3em; }
)";

std::string tag(std::string_view word) {
  return fmt::format("<span class=\"tag {0}\">{0}</span>", word);
}

const char* state_name(CheckState state) {
  if (state == CheckState::holds) return "holds";
  return state == CheckState::broken ? "broken" : "untested";
}

std::string checks_table(const RunResult& result) {
  if (result.checks.empty()) return "";
  std::string html =
      "<h2>Checks</h2>\n<div class=\"box\"><table>\n<tr><th></th><th>expectation</th><th class=\"number\">margin</th>"
      "<th>worst</th></tr>\n";
  for (const CheckResult& check : result.checks) {
    std::string notes = html_escaped(check.spec.why);
    if (!check.spec.requirement.empty()) notes.insert(0, fmt::format("[{}] ", html_escaped(check.spec.requirement)));
    const bool untested = check.state == CheckState::untested;
    html += fmt::format(
        "<tr><td>{}</td><td>{}<br><span class=\"faint\">{}{}{}:{}</span></td><td class=\"number\">{}</td>"
        "<td>{}</td></tr>\n",
        tag(state_name(check.state)), html_escaped(check.spec.description), notes, notes.empty() ? "" : " &middot; ",
        html_escaped(check.spec.place.file), check.spec.place.line,
        untested ? "&ndash;" : html_escaped(signed_with_unit(check.margin, check.margin_unit)),
        html_escaped(check.worst_text));
  }
  return html + "</table></div>\n";
}

std::string triggers_table(const RunResult& result) {
  if (result.triggers.empty()) return "";
  std::string html =
      "<h2>Triggers</h2>\n<div class=\"box\"><table>\n<tr><th></th><th>waits for</th><th "
      "class=\"number\">fired</th></tr>\n";
  for (const TriggerResult& trigger : result.triggers) {
    const std::string fired = trigger.fired == 0 ? "never" : fmt::format("{} x", trigger.fired);
    html += fmt::format(
        "<tr><td>{}</td><td>{} {}<br><span class=\"faint\">{}:{}</span></td><td class=\"number\">{}</td></tr>\n",
        trigger.untested() ? tag("untested") : "", html_escaped(trigger.element), html_escaped(trigger.description),
        html_escaped(trigger.place.file), trigger.place.line, fired);
  }
  return html + "</table></div>\n";
}

/// The drawing itself, without the XML declaration and document type that stand before it in a file.
std::string inline_svg(const std::filesystem::path& file) {
  const std::string text = read_whole_file(file);
  const std::size_t begin = text.find("<svg");
  return begin == std::string::npos ? "" : text.substr(begin);
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
    html +=
        fmt::format("<tr><td class=\"number\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", time_text(events[i].at),
                    html_escaped(events[i].kind), html_escaped(events[i].subject), html_escaped(events[i].text));
  }
  html += "</table></div>\n";
  if (events.size() > most_events_shown) {
    html += fmt::format("<p class=\"faint\">{} more in events.csv</p>\n", events.size() - most_events_shown);
  }
  return html;
}

/// How late the bench itself was: a row a range, with a bar as long as its share.
std::string paced_section(const RunResult& result) {
  if (!result.paced) return "";
  const PacedRun& paced = *result.paced;
  std::string html = fmt::format(
      "<h2>Paced time</h2>\n<p>{:g} x real time, {}. A step or answer later than {} ms makes the verdict "
      "inconclusive. {} bytes of answers were not fetched.</p>\n<ul>\n",
      paced.speed, html_escaped(paced.scheduling), trimmed(paced.late_limit_ms), paced.dropped_bytes);
  for (const std::string& port : paced.ports) html += "<li>" + html_escaped(port) + "</li>\n";
  html +=
      "</ul>\n<div class=\"box\"><table>\n<tr><th>late by</th><th class=\"number\">steps</th><th></th>"
      "<th class=\"number\">answers</th><th></th></tr>\n";
  const auto bar = [](std::uint64_t count, const Lateness& of) {
    const double share = of.instants == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(of.instants);
    return fmt::format("<span class=\"bar\" style=\"width:{:.1f}em\"></span>", 12.0 * share);
  };
  for (std::size_t i = 0; i < paced.steps.in_range.size(); ++i) {
    const bool last = i == Lateness::range_ends_ms.size();
    html += fmt::format(
        "<tr><td>{} {:g} ms</td><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{}</td>"
        "<td>{}</td></tr>\n",
        last ? "beyond" : "up to", Lateness::range_ends_ms[last ? i - 1 : i], paced.steps.in_range[i],
        bar(paced.steps.in_range[i], paced.steps), paced.answers.in_range[i],
        bar(paced.answers.in_range[i], paced.answers));
  }
  return html + fmt::format(
                    "<tr><td>the worst</td><td class=\"number\">{:.3f} ms</td><td></td>"
                    "<td class=\"number\">{:.3f} ms</td><td></td></tr>\n</table></div>\n",
                    paced.steps.worst_ms(), paced.answers.worst_ms());
}

std::string assumed_table(const Scenario& scenario) {
  if (scenario.assumed.empty()) return "";
  std::string html =
      "<h2>Assumed</h2>\n<p class=\"faint\">Values that no document gives; the result depends on them.</p>\n"
      "<div class=\"box\"><table>\n<tr><th>what</th><th>value</th><th>where from</th></tr>\n";
  for (const Assumed& assumed : scenario.assumed) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", html_escaped(assumed.what),
                        html_escaped(assumed.value), html_escaped(assumed.reason));
  }
  return html + "</table></div>\n";
}

std::string reproduction(const RunResult& result) {
  return fmt::format(
      "<h2>Run it again</h2>\n<pre>hilbench run {} --seed {}</pre>\n"
      "<p class=\"faint\">version {}, seed {}, trace hash {} (of trace.csv followed by events.csv). Called as: "
      "<code>{}</code></p>\n",
      html_escaped(result.file), result.seed, html_escaped(result.version), result.seed, result.trace_hash,
      html_escaped(result.command_line));
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

void write_html_report(const Scenario& scenario, const RunResult& result, const PlotSet& plots) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}: {1}</title>\n"
      "<style>{2}</style>\n</head>\n<body>\n<h1>{3} {1}</h1>\n<p>{4}</p>\n",
      verdict_name(result.verdict), html_escaped(result.scenario), style, tag(verdict_name(result.verdict)),
      html_escaped(result.purpose));
  if (!result.error.empty()) html += "<pre>" + html_escaped(result.error) + "</pre>\n";
  html += fmt::format("<p class=\"faint\">{} s of virtual time in {:.2f} s, {} steps</p>\n", trimmed(result.virtual_s),
                      result.wall_s, result.steps);
  if (!result.inconclusive.empty()) html += "<p><b>Inconclusive:</b> " + html_escaped(result.inconclusive) + "</p>\n";
  html += checks_table(result) + triggers_table(result) + plots_section(result, plots) + events_table(result) +
          paced_section(result) + assumed_table(scenario) + reproduction(result) + "</body>\n</html>\n";
  write_whole_file(result.folder / results::report_html, html);
}

}  // namespace hil::harness
