#include "harness/report/trace_limits.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <variant>

#include "harness/report/formula_limits.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

using Side = CheckLimit::Side;

double seconds(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

sim::Time time_of(double time_s) {
  return sim::Time{std::llround(time_s * 1e9)};
}

struct Recorded {
  std::string name;
  std::span<const double> values;
};

/// The recorded signals that a pattern names.
std::vector<Recorded> matching(const Trace& trace, const std::string& pattern) {
  // The registry knows how patterns match; the column's number comes back as its value's address.
  sim::SignalRegistry columns;
  const std::vector<double> places(trace.names.size());
  for (std::size_t i = 1; i < trace.names.size(); ++i) columns.add(trace.names[i], "", &places[i]);
  std::vector<Recorded> found;
  for (const sim::Signal* signal : columns.matching(pattern)) {
    const auto column = static_cast<std::size_t>(signal->value - places.data());
    found.push_back({signal->name, trace.columns[column]});
  }
  return found;
}

/// Rows of the trace inside a window, and those between which pieces are drawn.
class Rows {
 public:
  Rows(std::span<const double> time_s, const CheckSpan& span) : time_s_(time_s) {
    const auto at_least = [&](sim::Time at) {
      return static_cast<std::size_t>(std::lower_bound(time_s.begin(), time_s.end(), seconds(at)) - time_s.begin());
    };
    const std::size_t first = at_least(span.from);
    const std::size_t end = std::min(at_least(span.until) + 1, time_s.size());
    if (first + 1 >= end) return;
    const std::size_t last = end - 1;
    const std::size_t stride = std::max<std::size_t>((last - first + most_trace_pieces - 1) / most_trace_pieces, 1);
    for (std::size_t row = first; row < last; row += stride) borders_.push_back(row);
    borders_.push_back(last);
  }
  const std::vector<std::size_t>& borders() const { return borders_; }
  double time_s(std::size_t row) const { return time_s_[row]; }
  /// Smallest and largest of the values of so long before and after the row; NaN without one.
  std::pair<double, double> around(std::size_t row, double tolerance_s, std::span<const double> values) const {
    std::pair<double, double> ends{values[row], values[row]};
    const auto include = [&ends](double value) { ends = {std::min(ends.first, value), std::max(ends.second, value)}; };
    for (std::size_t k = row; k-- > 0 && time_s_[row] - time_s_[k] <= tolerance_s;) include(values[k]);
    for (std::size_t k = row + 1; k < time_s_.size() && time_s_[k] - time_s_[row] <= tolerance_s; ++k) {
      include(values[k]);
    }
    return ends;
  }

 private:
  std::span<const double> time_s_;
  std::vector<std::size_t> borders_;
};

struct FromTrace {
  const Trace& trace;
  CheckSpan span;
  Rows rows{trace.columns.front(), span};
  std::vector<CheckLimit> limits{};

  void operator()(const TogetherCheck& check) {
    const std::vector<Recorded> all = matching(trace, check.signals);
    const auto ends_at = [&all](std::size_t row) {
      return std::minmax_element(all.begin(), all.end(), [row](const Recorded& left, const Recorded& right) {
        return left.values[row] < right.values[row];
      });
    };
    if (all.size() < 2) return;
    const std::vector<std::size_t>& borders = rows.borders();
    for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
      const auto [lowest, highest] = ends_at(borders[i]);
      const auto next_lowest = ends_at(borders[i + 1]).first;
      add(highest->name, i, lowest->values[borders[i]] + check.spread,
          next_lowest->values[borders[i + 1]] + check.spread, Side::highest);
    }
  }
  void operator()(const FollowsCheck& check) {
    const std::vector<Recorded> reference = matching(trace, check.reference);
    if (check.reference.empty() || reference.empty()) return;
    const double tolerance_s = seconds(check.time_tolerance);
    const std::vector<std::size_t>& borders = rows.borders();
    for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
      const auto here = rows.around(borders[i], tolerance_s, reference.front().values);
      const auto next = rows.around(borders[i + 1], tolerance_s, reference.front().values);
      add(check.signal, i, here.second + check.within, next.second + check.within, Side::highest);
      add(check.signal, i, here.first - check.within, next.first - check.within, Side::lowest);
    }
  }
  void operator()(const ConstantCheck& check) {
    const std::vector<Recorded> signal = matching(trace, check.signal);
    if (check.at || signal.empty() || rows.borders().empty()) return;
    const auto values =
        signal.front().values.subspan(rows.borders().front(), rows.borders().back() - rows.borders().front() + 1);
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    if (!std::isfinite(*lowest) || !std::isfinite(*highest)) return;
    const double width = 2.0 * check.within;
    limits.push_back({check.signal, *lowest + width, Side::highest, span.from, span.until});
    limits.push_back({check.signal, *highest - width, Side::lowest, span.from, span.until});
  }
  void operator()(const FormulaCheck& check) {
    for (const JudgedComparison& judged : judged_comparisons(check.formula, span.from, span.until)) {
      const stl::Expression& expression = *judged.expression;
      const stl::Linear& linear = expression.linear;
      if (expression.magnitudes.empty() && linear.terms.size() > 1) {
        add_sum(linear, 0.0, side_of(judged, linear.terms.front().factor), judged);
      }
      if (!linear.terms.empty() || expression.magnitudes.size() != 1) continue;
      const stl::Expression::Magnitude& magnitude = expression.magnitudes.front();
      if (magnitude.of.terms.size() < 2) continue;
      const double reach = std::abs(linear.constant / magnitude.factor / magnitude.of.terms.front().factor);
      const bool must = judged.must && (magnitude.factor < 0.0) == judged.wanted;
      add_sum(magnitude.of, reach, must ? Side::highest : Side::level, judged);
      add_sum(magnitude.of, -reach, must ? Side::lowest : Side::level, judged);
    }
  }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  /// Where the first signal of the sum would make it 0, and `beside` that.
  void add_sum(const stl::Linear& sum, double beside, Side side, const JudgedComparison& judged) {
    std::vector<Recorded> others;
    for (std::size_t k = 1; k < sum.terms.size(); ++k) {
      const std::vector<Recorded> found = matching(trace, sum.terms[k].signal);
      if (found.empty()) return;
      others.push_back(found.front());
    }
    const auto level_at = [&](std::size_t row) {
      double rest = sum.constant;
      for (std::size_t k = 0; k < others.size(); ++k) rest += sum.terms[k + 1].factor * others[k].values[row];
      return beside - rest / sum.terms.front().factor;
    };
    const std::vector<std::size_t>& borders = rows.borders();
    for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
      const bool is_judged =
          time_of(rows.time_s(borders[i])) >= judged.from && time_of(rows.time_s(borders[i + 1])) <= judged.until;
      if (is_judged) add(sum.terms.front().signal, i, level_at(borders[i]), level_at(borders[i + 1]), side);
    }
  }
  void add(const std::string& signal, std::size_t border, double from, double until, Side side) {
    const double from_s = rows.time_s(rows.borders()[border]);
    const double until_s = rows.time_s(rows.borders()[border + 1]);
    if (!std::isfinite(from) || !std::isfinite(until) || until_s <= from_s) return;
    limits.push_back({signal, from, side, time_of(from_s), time_of(until_s)});
    limits.back().rise_per_s = (until - from) / (until_s - from_s);
    limits.back().one_of_many = true;
  }
};

}  // namespace

std::vector<CheckLimit> trace_limits(const CheckSpec& check, const std::vector<Event>& events, sim::Time end,
                                     const Trace& trace) {
  const std::optional<CheckSpan> span = span_of(check.window, events, end);
  if (!span || trace.columns.empty() || trace.columns.front().empty()) return {};
  FromTrace levels{trace, *span};
  std::visit(levels, check.kind);
  return std::move(levels.limits);
}

}  // namespace hil::harness
