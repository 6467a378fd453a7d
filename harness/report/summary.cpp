#include "harness/report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "harness/record/number_text.h"
#include "harness/record/results_folder.h"

namespace hil::harness {
namespace {

constexpr const char* green = "\x1b[32m";
constexpr const char* red = "\x1b[31m";
constexpr const char* yellow = "\x1b[33m";
constexpr const char* plain = "\x1b[0m";
constexpr std::array all_verdicts{Verdict::pass, Verdict::fail, Verdict::error, Verdict::inconclusive,
                                  Verdict::untested};

std::string coloured(const std::string& text, const char* with, bool colour) {
  return colour ? with + text + plain : text;
}

const char* colour_of(Verdict verdict) {
  if (verdict == Verdict::pass) return green;
  return verdict == Verdict::fail || verdict == Verdict::error ? red : yellow;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

/// What was on the lines around the worst instant, cut to the terminal; what its registers mean, folded.
std::string frame_lines(const CheckResult& check) {
  constexpr std::size_t indent = 4;
  std::string lines;
  for (const std::string& frame : check.frames) {
    if (frame.starts_with(' ')) {
      lines += wrapped(frame, indent + frame.find_first_not_of(' '));
      continue;
    }
    const bool fits = indent + frame.size() <= terminal_columns;
    lines += fmt::format("{:{}}{}{}\n", "", indent, fits ? frame : frame.substr(0, terminal_columns - indent - 3),
                         fits ? "" : "...");
  }
  return lines;
}

std::string check_lines(const CheckResult& check, bool colour) {
  std::string state = coloured("holds   ", green, colour);
  std::string margin = signed_with_unit(check.margin, check.margin_unit);
  std::string worst = check.worst_text;
  if (check.state == CheckState::broken) state = coloured("BROKEN  ", red, colour);
  if (check.state == CheckState::untested) {
    state = coloured("untested", yellow, colour);
    margin = "-";
    // Of a run that an older bench has written down.
    if (worst.empty()) worst = "its window never came, held too few steps, or the run ended inside it";
  }
  std::string lines = fmt::format("  {}  {:>13}   {}\n", state, margin, check.spec.description);
  constexpr std::size_t before_description = 28;
  if (before_description + check.spec.description.size() > terminal_columns) {
    const std::string folded = wrapped(check.spec.description, before_description);
    lines = fmt::format("  {}  {:>13}   {}", state, margin, folded.substr(before_description));
  }
  if (!check.spec.requirement.empty()) worst += "   [" + check.spec.requirement + "]";
  lines += wrapped(worst, before_description);
  if (check.state == CheckState::broken) {
    lines += wrapped(check.spec.why, before_description);
    lines += fmt::format("{:{}}{}:{}\n", "", before_description, check.spec.place.file, check.spec.place.line);
    lines += frame_lines(check);
  }
  return lines;
}

/// Only those that never fired: the others stand among the events.
std::string trigger_lines(const RunResult& result, bool colour) {
  std::string lines;
  for (const TriggerResult& trigger : result.triggers) {
    if (!trigger.untested()) continue;
    constexpr std::size_t before_description = 28;
    const std::string text =
        wrapped(fmt::format("<{}> {}: never fired", trigger.element, trigger.description), before_description);
    lines +=
        fmt::format("  {}  {:>13}   {}", coloured("untested", yellow, colour), "-", text.substr(before_description));
    lines += fmt::format("{:{}}{}:{}\n", "", before_description, trigger.place.file, trigger.place.line);
  }
  return lines.empty() ? "" : "\n" + lines;
}

/// Empty: none was written.
std::string written_report(const RunResult& result) {
  if (result.folder.empty()) return "";  // it was not run
  const std::filesystem::path file = result.folder / results::report_html;
  std::error_code unreadable;
  return std::filesystem::exists(file, unreadable) ? file.string() : "";
}

std::string speed_text(const RunResult& result) {
  if (result.wall_s <= 0.0) return "";
  return fmt::format("{:.0f} x real time", result.virtual_s / result.wall_s);
}

std::string own_part_text(const PacedRun& paced) {
  const double worst_ms = std::chrono::duration<double, std::milli>(paced.worst_by_itself).count();
  const double share = paced.real_s > 0.0 ? paced.processor_s / paced.real_s : 0.0;
  return fmt::format(
      "  {} of what was late the bench itself took more than 1 ms for, at most {:.3f} ms; it used {:.1f} % of a "
      "processor\n",
      paced.late_by_itself, worst_ms, 100.0 * share);
}

std::string paced_lines(const PacedRun& paced) {
  const auto line = [](const char* what, const Lateness& lateness) {
    return fmt::format(
        "  {} of {} {} late by more than 1 ms, {} early, 99 % within {:.3f} ms, the worst by {:.3f} ms\n",
        lateness.late, lateness.instants, what, lateness.early, lateness.quantile_ms(0.99), lateness.worst_ms());
  };
  return line("steps", paced.steps) + line("answers", paced.answers) +
         line("wake-ups of an idle thread beside it", paced.wake_ups) + own_part_text(paced);
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string result;
  std::string line;
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > terminal_columns) {
      result += std::string(indent, ' ') + line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? result : result + std::string(indent, ' ') + line + '\n';
}

std::string summary_text(const RunResult& result, bool colour) {
  std::string text = fmt::format(
      "{}  {}\n", coloured(upper(verdict_name(result.verdict)), colour_of(result.verdict), colour), result.scenario);
  text += wrapped(result.purpose, 2);
  if (!result.error.empty()) text += "\n" + wrapped("error: " + result.error, 2);
  if (!result.inconclusive.empty()) text += "\n" + wrapped("inconclusive: " + result.inconclusive, 2);
  if (!result.checks.empty()) text += "\n  check            margin   expectation\n";
  for (const CheckResult& check : result.checks) text += check_lines(check, colour);
  text += trigger_lines(result, colour);
  if (result.wall_s > 0.0) {
    text += fmt::format("\n  ran {} s in {:.2f} s ({}), {} steps, seed {}\n", trimmed(result.virtual_s), result.wall_s,
                        speed_text(result), result.steps, result.seed);
  }
  for (const std::string& note : result.notes) text += wrapped(note, 2);
  if (result.paced) text += paced_lines(*result.paced);
  if (!result.trace_hash.empty()) text += "  trace hash " + result.trace_hash + "\n";
  if (const std::string report = written_report(result); !report.empty()) text += "  report " + report + "\n";
  return text;
}

std::string summary_line(const RunResult& result, bool colour) {
  std::string trouble;
  const CheckResult* worst = nullptr;
  for (const CheckResult& check : result.checks) {
    if (check.state == CheckState::broken || (check.state == CheckState::untested && worst == nullptr)) worst = &check;
    if (check.state == CheckState::broken) break;
  }
  const auto silent = std::find_if(result.triggers.begin(), result.triggers.end(),
                                   [](const TriggerResult& trigger) { return trigger.untested(); });
  if (!result.error.empty()) {
    trouble = result.error.substr(0, result.error.find('\n'));
  } else if (result.verdict == Verdict::inconclusive) {
    trouble = result.inconclusive;
  } else if (worst != nullptr) {
    trouble = worst->spec.description + (worst->worst_text.empty() ? "" : ": " + worst->worst_text);
  } else if (silent != result.triggers.end()) {
    trouble = "never fired: " + silent->description;
  } else {
    trouble = speed_text(result);
  }
  const auto broken = std::count_if(result.checks.begin(), result.checks.end(),
                                    [](const CheckResult& check) { return check.state == CheckState::broken; });
  if (result.error.empty() && broken > 1) trouble += fmt::format(" (+{} more)", broken - 1);
  const std::string report = result.verdict == Verdict::pass ? "" : written_report(result);
  return fmt::format("{}  {:<32}  {}\n{}", verdict_cell(result.verdict, colour), result.scenario, trouble,
                     report.empty() ? "" : fmt::format("{:14}report {}\n", "", report));
}

std::string verdict_cell(Verdict verdict, bool colour) {
  return coloured(fmt::format("{:<12}", upper(verdict_name(verdict))), colour_of(verdict), colour);
}

std::string total_text(const std::vector<RunResult>& results) {
  std::string counts;
  for (const Verdict verdict : all_verdicts) {
    const auto count = std::count_if(results.begin(), results.end(),
                                     [verdict](const RunResult& result) { return result.verdict == verdict; });
    if (count > 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, verdict_name(verdict));
  }
  return fmt::format("{} scenario{}: {}\n", results.size(), results.size() == 1 ? "" : "s", counts);
}

}  // namespace hil::harness
