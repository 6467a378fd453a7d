#include "harness/parity/parity_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

namespace hil::harness {
namespace {

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

const char* state_name(CheckState state) {
  switch (state) {
    case CheckState::holds:
      return "holds";
    case CheckState::broken:
      return "broken";
    case CheckState::untested:
      break;
  }
  return "untested";
}

std::string margin_text(const CheckResult& check) {
  if (check.state == CheckState::untested) return "untested";
  return fmt::format("{} {:+.2f} {}", state_name(check.state), check.margin, check.margin_unit);
}

std::optional<double> allowed_difference(const std::string& unit, Parity::Allowed allowed) {
  if (allowed == Parity::Allowed::no_difference) return 0.0;
  if (unit == "W") return Parity::margin_w;
  if (unit == "s") return Parity::margin_s;
  return std::nullopt;
}

void compare_check(const CheckResult& one, const CheckResult& other, const std::string& name,
                   Parity::Allowed differences, Parity& parity) {
  const std::string what = one.spec.description;
  if (one.state != other.state) {
    parity.faults.push_back(
        fmt::format("{}: {} by {}, {} in process", what, state_name(other.state), name, state_name(one.state)));
    return;
  }
  const std::optional<double> allowed = allowed_difference(one.margin_unit, differences);
  const double difference = other.margin - one.margin;
  if (one.state == CheckState::untested || !allowed || std::abs(difference) <= *allowed) return;
  if (differences == Parity::Allowed::no_difference) {
    parity.faults.push_back(
        fmt::format("{}: its margin by {} differs by {:+.2g} {}", what, name, difference, one.margin_unit));
    return;
  }
  parity.faults.push_back(
      fmt::format("{}: its margin by {} differs by {:+.2f} {}, more than the {:g} {} that the phase of "
                  "the polls explains",
                  what, name, difference, one.margin_unit, *allowed, one.margin_unit));
}

struct Difference {
  double mean = 0.0;  ///< of the values
  double root_mean_square = 0.0;
  double largest = 0.0;
  double at_s = 0.0;
};

const std::vector<double>* column(const Trace& trace, const std::string& name) {
  const auto found = std::find(trace.names.begin(), trace.names.end(), name);
  if (found == trace.names.end()) return nullptr;
  return &trace.columns[static_cast<std::size_t>(found - trace.names.begin())];
}

Difference difference_of(const std::vector<double>& one, const std::vector<double>& other,
                         const std::vector<double>& times_s) {
  Difference difference;
  const std::size_t rows = std::min({one.size(), other.size(), times_s.size()});
  for (std::size_t row = 0; row < rows; ++row) {
    const double by = other[row] - one[row];
    difference.mean += by;
    difference.root_mean_square += by * by;
    if (std::abs(by) <= std::abs(difference.largest)) continue;
    difference.largest = by;
    difference.at_s = times_s[row];
  }
  if (rows == 0) return difference;
  difference.mean /= static_cast<double>(rows);
  difference.root_mean_square = std::sqrt(difference.root_mean_square / static_cast<double>(rows));
  return difference;
}

/// How far at most a value of one lies beyond all that the other has within `margin_s` of it.
double beyond_timing(const std::vector<double>& one, const std::vector<double>& other,
                     const std::vector<double>& times_s) {
  const std::size_t rows = std::min({one.size(), other.size(), times_s.size()});
  double farthest = 0.0;
  std::size_t from = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    while (times_s[from] < times_s[row] - Parity::margin_s) ++from;
    double lowest = other[row];
    double highest = other[row];
    for (std::size_t near = from; near < rows && times_s[near] <= times_s[row] + Parity::margin_s; ++near) {
      lowest = std::min(lowest, other[near]);
      highest = std::max(highest, other[near]);
    }
    farthest = std::max({farthest, lowest - one[row], one[row] - highest});
  }
  return farthest;
}

bool is_of(const std::vector<std::string>& lines, const std::string& signal) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return signal.starts_with(line + "."); });
}

/// Every value of every signal that both traces have, but not of `lines`.
void compare_traces(const ParitySide& reference, const ParitySide& other, const std::vector<std::string>& lines,
                    Parity& parity) {
  if (reference.trace.columns.empty() || other.trace.columns.empty()) {
    parity.faults.emplace_back("trace: nothing was recorded");
    return;
  }
  const std::vector<double>& times_s = reference.trace.columns.front();
  if (times_s.size() != other.trace.columns.front().size()) {
    parity.faults.push_back(fmt::format("trace: {} rows by {}, {} {}", other.trace.columns.front().size(), other.name,
                                        times_s.size(), reference.name));
    return;
  }
  std::size_t common = 0;
  std::size_t different = 0;
  std::size_t first_row = times_s.size();
  std::string first_signal;
  for (std::size_t k = 0; k < reference.trace.names.size(); ++k) {
    const std::vector<double>& one = reference.trace.columns[k];
    const std::vector<double>* two = column(other.trace, reference.trace.names[k]);
    if (two == nullptr || is_of(lines, reference.trace.names[k])) continue;
    common += k > 0 ? 1 : 0;  // the first are the times
    const auto row = static_cast<std::size_t>(std::mismatch(one.begin(), one.end(), two->begin()).first - one.begin());
    different += row < one.size() ? 1 : 0;
    if (row >= first_row) continue;
    first_row = row;
    first_signal = reference.trace.names[k];
  }
  fmt::format_to(std::back_inserter(parity.table), "{} of {} signals the same in all {} rows\n", common - different,
                 common, times_s.size());
  if (common == 0) parity.faults.emplace_back("trace: no signal is in both");
  if (different == 0) return;
  parity.faults.push_back(
      fmt::format("trace: {} of {} signals, first {} at {:g} s", different, common, first_signal, times_s[first_row]));
}

}  // namespace

Parity compared(const ParitySide& reference, const ParitySide& other, const std::vector<std::string>& signals,
                Parity::Allowed allowed, const std::vector<std::string>& lines_left_out) {
  Parity parity;
  const auto out = std::back_inserter(parity.table);
  const RunResult& one = reference.result;
  const RunResult& two = other.result;
  if (one.verdict == Verdict::inconclusive || two.verdict == Verdict::inconclusive) {
    parity.why_inconclusive = "the bench was late";
  }
  fmt::format_to(out, "{:44} {:>22} {:>22}\n", "", reference.name, other.name);
  fmt::format_to(out, "{:44} {:>22} {:>22}\n", "verdict", verdict_name(one.verdict), verdict_name(two.verdict));
  if (one.verdict != two.verdict) {
    parity.faults.push_back(fmt::format("verdict: {} by {}, {} {}", verdict_name(two.verdict), other.name,
                                        verdict_name(one.verdict), reference.name));
  }
  if (one.checks.size() != two.checks.size()) {
    parity.faults.push_back(
        fmt::format("checks: {} by {}, {} {}", two.checks.size(), other.name, one.checks.size(), reference.name));
  }
  for (std::size_t k = 0; k < std::min(one.checks.size(), two.checks.size()); ++k) {
    fmt::format_to(out, "{:44.44} {:>22} {:>22}\n", one.checks[k].spec.description, margin_text(one.checks[k]),
                   margin_text(two.checks[k]));
    compare_check(one.checks[k], two.checks[k], other.name, allowed, parity);
  }
  if (!signals.empty()) {
    fmt::format_to(out, "\n{:44} {:>12} {:>12} {:>12} {:>8} {:>14}\n",
                   fmt::format("{} less {}", other.name, reference.name), "mean", "RMS", "largest", "at s",
                   fmt::format("beyond {:g} s", Parity::margin_s));
  }
  for (const std::string& name : signals) {
    const std::vector<double>* left = column(reference.trace, name);
    const std::vector<double>* right = column(other.trace, name);
    if (left == nullptr || right == nullptr) continue;
    const Difference by = difference_of(*left, *right, reference.trace.columns.front());
    const std::vector<double>& times_s = reference.trace.columns.front();
    const double unexplained = std::max(beyond_timing(*left, *right, times_s), beyond_timing(*right, *left, times_s));
    fmt::format_to(out, "{:44} {:>12.1f} {:>12.1f} {:>12.1f} {:>8.1f} {:>14.1f}\n", name, by.mean, by.root_mean_square,
                   by.largest, by.at_s, unexplained);
  }
  const auto decided = std::count_if(one.checks.begin(), one.checks.end(),
                                     [](const CheckResult& check) { return check.state != CheckState::untested; });
  fmt::format_to(out, "\n{} of {} checks decided\n", decided, one.checks.size());
  if (allowed == Parity::Allowed::no_difference) compare_traces(reference, other, lines_left_out, parity);
  if (other.host_waited > std::chrono::nanoseconds{0}) {
    fmt::format_to(out, "kept from the processor by the machine for {:.1f} ms at a stretch, at worst\n",
                   milliseconds(other.host_waited));
  }
  // A host that came through in spite of its waits has shown what it can.
  if (parity.why_inconclusive.empty() && !parity.faults.empty() && other.host_waited > other.host_waited_limit) {
    parity.why_inconclusive =
        fmt::format("the machine kept {} from the processor for {:.0f} ms at a stretch (limit {:.0f} ms)", other.name,
                    milliseconds(other.host_waited), milliseconds(other.host_waited_limit));
  }
  parity.inconclusive = !parity.why_inconclusive.empty();
  parity.undecided = decided == 0;
  parity.agree = parity.faults.empty() && !parity.inconclusive && !parity.undecided;
  return parity;
}

}  // namespace hil::harness
