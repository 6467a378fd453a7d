#include "harness/report/suite_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/record/csv_reader.h"
#include "harness/record/results_folder.h"
#include "harness/report/html_parts.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

constexpr double shown_above = 0.5;           // of a flag
constexpr const char* seconds = "\xC2\xA0s";  // no line ends between number and unit
constexpr const char* dash = "&ndash;";

/// "plug 2" stands before "plug 10".
struct NaturalOrder {
  static std::pair<std::string, double> key(const std::string& text) {
    const std::size_t digits = text.find_first_of("0123456789");
    if (digits == std::string::npos) return {text, -1.0};
    return {text.substr(0, digits), std::strtod(text.c_str() + digits, nullptr)};
  }
  bool operator()(const std::string& left, const std::string& right) const {
    return key(left) == key(right) ? left < right : key(left) < key(right);
  }
};

/// One stretch of a signal at 1, from its first rise to its last fall, of those that begin while it is looked at.
struct Seen {
  std::string whose;  ///< "a1" of a1.parallel.can_fault
  double from_s = 0.0;
  std::optional<double> until_s;  ///< nothing: to the end
};

/// `mended_s`: from then on nothing that begins counts, it is of the mending; nothing: to the end.
std::optional<Seen> seen_in(const Trace& trace, std::size_t column, std::optional<double> mended_s) {
  std::optional<Seen> seen;
  const std::vector<double>& values = trace.columns[column];
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double at_s = trace.columns[0][i];
    const bool stands = seen && !seen->until_s;
    if (values[i] > shown_above) {
      if (!stands && mended_s && at_s >= *mended_s) return seen;
      if (!seen) seen = Seen{trace.names[column].substr(0, trace.names[column].find('.')), at_s, {}};
      seen->until_s.reset();
    } else if (stands) {
      seen->until_s = at_s;
    }
  }
  return seen;
}

/// When a mark of the run was set first; nothing: never, or none is asked for.
std::optional<double> mark_s(const std::vector<Event>& events, const std::string& mark) {
  const auto found = std::find_if(events.begin(), events.end(), [&mark](const Event& event) {
    return event.kind == "mark" && event.subject == mark;
  });
  if (mark.empty() || found == events.end()) return std::nullopt;
  return std::chrono::duration<double>(found->at).count();
}

/// "after 10.0 s, gone after 5.1 s"; "3.0 s before, stays" of what was there when the mark came.
std::string instants(const Seen& seen, std::optional<double> from_s, std::optional<double> until_s) {
  const auto at = [](double time_s) { return fmt::format("{:.1f}{}", time_s, seconds); };
  const double since_s = seen.from_s - from_s.value_or(0.0);
  std::string text = since_s < 0.0 ? at(-since_s) + " before" : std::string(from_s ? "after " : "at ") + at(since_s);
  if (!seen.until_s) return text + ", stays";
  const bool later = until_s && *seen.until_s >= *until_s;
  return text + (later ? ", gone after " + at(*seen.until_s - *until_s) : ", gone at " + at(*seen.until_s));
}

/// What came to be 1 in one run: by label, whose with the same instants together.
std::string cell_of(const TabulateSpec& table, const RunResult& run) {
  const Trace trace = read_trace(run.folder / results::trace_csv);
  const std::vector<Event> events = read_events(run.folder / results::events_csv);
  const std::optional<double> from_s = mark_s(events, table.from);
  const std::optional<double> mended_s = mark_s(events, table.until);
  const std::optional<double> until_s = table.until.empty() ? from_s : mended_s;
  // Patterns are those of signals anywhere else.
  const double none = 0.0;
  sim::SignalRegistry recorded;
  std::map<std::string, std::size_t> column_of;
  for (std::size_t column = 1; column < trace.names.size(); ++column) {
    recorded.add(trace.names[column], "", &none);
    column_of[trace.names[column]] = column;
  }
  std::string html;
  for (const TabulateSpec::Shown& shown : table.shown) {
    std::vector<std::pair<std::string, std::string>> whose;  // instants, names
    for (const sim::Signal* signal : recorded.matching(shown.signals)) {
      const std::optional<Seen> seen = seen_in(trace, column_of.at(signal->name), mended_s);
      if (!seen) continue;
      const std::string when = instants(*seen, from_s, until_s);
      const auto same =
          std::find_if(whose.begin(), whose.end(), [&when](const auto& each) { return each.first == when; });
      if (same == whose.end()) {
        whose.emplace_back(when, seen->whose);
      } else {
        same->second += ", " + seen->whose;
      }
    }
    if (whose.empty()) continue;
    html += fmt::format("{}<b>{}</b>", html.empty() ? "" : "<br>", html_escaped(shown.label));
    for (const auto& [when, names] : whose) {
      html += fmt::format(" {} <span class=\"faint\">{}{}</span>", html_escaped(names), html_escaped(when),
                          &names == &whose.back().second ? "" : ";");
    }
  }
  return html.empty() ? dash : html;
}

std::string link_to(const RunResult& run, const fs::path& folder, const std::string& html) {
  std::error_code unreadable;
  const fs::path report = run.folder / results::report_html;
  if (run.folder.empty() || !fs::exists(report, unreadable)) return html;
  const fs::path relative = fs::weakly_canonical(report).lexically_relative(fs::weakly_canonical(folder));
  return fmt::format("{} <a href=\"{}\">report</a>", html, html_escaped(relative.generic_string()));
}

struct Table {
  const TabulateSpec* spec = nullptr;
  std::map<std::string, std::map<std::string, std::string, NaturalOrder>, NaturalOrder> rows;
  std::map<std::string, bool, NaturalOrder> columns;
};

void add(Table& table, const TabulateSpec& spec, const RunResult& run, const fs::path& folder) {
  std::string& cell = table.rows[spec.row][spec.column];
  table.columns[spec.column] = true;
  std::string text;
  try {
    text = cell_of(spec, run);
  } catch (const std::exception& error) {
    text = html_escaped(error.what());
  }
  if (run.verdict != Verdict::pass) text = html_tag(verdict_name(run.verdict)) + " " + text;
  cell += (cell.empty() ? "" : "<br>") + link_to(run, folder, text);
}

std::string html_of(const Table& table) {
  const TabulateSpec& spec = *table.spec;
  std::string html = fmt::format("<h2>{}</h2>\n", html_escaped(spec.title));
  if (!spec.note.empty()) html += fmt::format("<p class=\"faint\">{}</p>\n", html_escaped(spec.note));
  html += "<div class=\"box\"><table class=\"fold matrix\">\n<tr>";
  html += fmt::format("<th>{}</th>", html_escaped(spec.rows));
  for (const auto& [column, used] : table.columns) {
    html += fmt::format("<th>{} {}</th>", html_escaped(spec.columns), html_escaped(column));
  }
  html += "</tr>\n";
  for (const auto& [row, cells] : table.rows) {
    html += fmt::format("<tr><td data-is=\"{}\"><b>{}</b></td>", html_escaped(spec.rows), html_escaped(row));
    for (const auto& [column, used] : table.columns) {
      const auto cell = cells.find(column);
      html += fmt::format("<td data-is=\"{} {}\">{}</td>", html_escaped(spec.columns), html_escaped(column),
                          cell == cells.end() ? "" : cell->second);
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

constexpr std::string_view off_grid_text = "passed off the grid: ";
constexpr std::string_view to_grid_text = "passed to the grid: ";

/// "at 21.2 s: home 33.4 to 119.9 V, ..." for each event of the run that begins so.
std::string passings(const std::vector<Event>& events, std::string_view begin) {
  std::string html;
  for (const Event& event : events) {
    if (!event.text.starts_with(begin)) continue;
    html +=
        fmt::format("{}at {:.1f}{}: {}", html.empty() ? "" : "<br>", std::chrono::duration<double>(event.at).count(),
                    seconds, html_escaped(event.text.substr(begin.size())));
  }
  return html.empty() ? dash : html;
}

/// How homes behind a backup interface passed off the grid and back, of those runs that did.
std::string passings_table(const Suite& suite, const fs::path& folder) {
  std::string rows;
  for (std::size_t i = 0; i < suite.results.size(); ++i) {
    const RunResult& run = suite.results[i];
    std::error_code unreadable;
    const fs::path file = run.folder / results::events_csv;
    if (!suite.scenarios[i]->site.backup_interface || run.folder.empty() || !fs::exists(file, unreadable)) continue;
    const std::vector<Event> events = read_events(file);
    const std::string off = passings(events, off_grid_text);
    const std::string back = passings(events, to_grid_text);
    if (off == dash && back == dash) continue;
    rows += fmt::format(
        "<tr><td data-is=\"scenario\">{}</td><td data-is=\"off the grid\">{}</td>"
        "<td data-is=\"to the grid\">{}</td></tr>\n",
        link_to(run, folder, "<b>" + html_escaped(run.scenario) + "</b>"), off, back);
  }
  if (rows.empty()) return "";
  return "<h2>Passing off the grid and back</h2>\n<p class=\"faint\">Lowest and highest voltage of a leg of the home, "
         "and "
         "how long it was out of the interface's window; told a second after it was.</p>\n<div class=\"box\"><table "
         "class=\"fold\">\n<tr><th>scenario</th><th>off the grid</th><th>to the grid</th></tr>\n" +
         rows + "</table></div>\n";
}

}  // namespace

std::string suite_tables(const Suite& suite, const fs::path& folder) {
  std::vector<Table> tables;  // in the order of the runs
  for (std::size_t i = 0; i < suite.results.size(); ++i) {
    for (const TabulateSpec& spec : suite.scenarios[i]->tables) {
      auto table = std::find_if(tables.begin(), tables.end(),
                                [&spec](const Table& each) { return each.spec->title == spec.title; });
      if (table == tables.end()) table = tables.insert(tables.end(), Table{&spec, {}, {}});
      add(*table, spec, suite.results[i], folder);
    }
  }
  std::string html;
  for (const Table& table : tables) html += html_of(table);
  return html + passings_table(suite, folder);
}

}  // namespace hil::harness
