#include "harness/report/check_limits.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <variant>

#include "harness/report/formula_limits.h"
#include "harness/report/reference_band.h"

namespace hil::harness {
namespace {

using Side = CheckLimit::Side;

double seconds(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

/// Collects the levels of each kind of check; what looks at no signal has none.
struct Levels {
  CheckSpan span;
  std::vector<CheckLimit> limits{};

  void add(const std::string& signal, double level, Side side, CheckSpan where, sim::Time longer_than = sim::Time{0}) {
    if (where.from < where.until) limits.push_back({signal, level, side, where.from, where.until, longer_than});
  }
  void operator()(const NeverCheck& check) {
    if (check.above) add(check.signal, *check.above, Side::highest, span, check.longer_than);
    if (check.below) add(check.signal, *check.below, Side::lowest, span, check.longer_than);
  }
  void operator()(const SettlesCheck& check) {
    const CheckSpan settled{span.from + check.in, span.until};
    add(check.signal, check.to + check.within, Side::highest, settled);
    add(check.signal, check.to - check.within, Side::lowest, settled);
  }
  void operator()(const ReachesCheck& check) {
    const CheckSpan allowed{span.from + check.not_before, std::min(span.from + check.no_later_than, span.until)};
    if (check.above) add(check.signal, *check.above, Side::level, allowed);
    if (check.below) add(check.signal, *check.below, Side::level, allowed);
  }
  void operator()(const EnergyCheck& check) {
    constexpr double s_per_h = 3600.0;
    const double hours = seconds(span.until - span.from) / s_per_h;
    for (const double bound_wh : {check.at_least_wh, check.at_most_wh}) {
      if (hours <= 0.0 || !std::isfinite(bound_wh)) continue;
      add(check.signal, bound_wh / hours, Side::level, span);
      limits.back().note = "mean ";
    }
  }
  void operator()(const FormulaCheck& check) { limits = formula_limits(check.formula, span.from, span.until); }
  void operator()(const ConstantCheck& check) {
    if (!check.at) return;
    add(check.signal, *check.at + check.within, Side::highest, span);
    add(check.signal, *check.at - check.within, Side::lowest, span);
  }
  void operator()(const FollowsCheck& check) {
    for (const BandPiece& piece : reference_band(check, span.until - span.from)) {
      const CheckSpan where{span.from + piece.from, span.from + piece.until};
      const double length_s = seconds(piece.until - piece.from);
      add_slope(check.signal, piece.highest_at_from, piece.highest_at_until, Side::highest, where, length_s);
      add_slope(check.signal, piece.lowest_at_from, piece.lowest_at_until, Side::lowest, where, length_s);
    }
  }
  void operator()(const CountCheck& check) {
    if (check.above) add(check.signal, *check.above, Side::level, span);
    if (check.below) add(check.signal, *check.below, Side::level, span);
  }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  void add_slope(const std::string& signal, double from, double until, Side side, CheckSpan where, double length_s) {
    add(signal, from, side, where);
    limits.back().rise_per_s = (until - from) / length_s;
  }
};

struct Scale {
  double operator()(const NeverCheck& check) const { return std::abs(check.above ? *check.above : *check.below); }
  double operator()(const SettlesCheck& check) const { return check.within; }
  double operator()(const EnergyCheck& check) const { return 0.5 * (check.at_most_wh - check.at_least_wh); }
  double operator()(const ReachesCheck& check) const { return 0.5 * seconds(check.no_later_than - check.not_before); }
  double operator()(const TogetherCheck& check) const { return check.spread; }
  double operator()(const BusCheck& check) const { return seconds(check.poll_period_below); }
  double operator()(const FormulaCheck& check) const { return formula_scale(check.formula).value_or(0.0); }
  double operator()(const FollowsCheck& check) const { return check.within; }
  double operator()(const ConstantCheck& check) const { return check.within; }
  double operator()(const CountCheck& check) const {
    return check.at_most ? 0.5 * (*check.at_most - check.at_least) : check.at_least;
  }
  double operator()(const AnswersCheck& check) const {
    return check.measure == AnswersCheck::Measure::share ? 1.0 - check.bound : check.bound;
  }
  double operator()(const FreshCheck& check) const { return seconds(check.age_below); }
  double operator()(const OrderCheck& check) const { return check.at_least; }
};

}  // namespace

std::optional<CheckSpan> span_of(const Window& window, const std::vector<Event>& events, sim::Time end) {
  sim::Time origin{0};
  if (!window.after.empty()) {
    const auto mark = std::find_if(events.begin(), events.end(), [&](const Event& event) {
      return event.kind == "mark" && event.subject == window.after;
    });
    if (mark == events.end()) return std::nullopt;
    origin = mark->at;
  }
  return CheckSpan{origin + window.from, window.until ? std::min(origin + *window.until, end) : end};
}

double CheckLimit::level_at(double time_s) const {
  return level + rise_per_s * (time_s - seconds(from));
}

std::vector<CheckLimit> limits_of(const CheckSpec& check, const std::vector<Event>& events, sim::Time end) {
  const std::optional<CheckSpan> span = span_of(check.window, events, end);
  if (!span) return {};
  Levels levels{*span};
  std::visit(levels, check.kind);
  return levels.limits;
}

std::optional<double> margin_scale(const CheckSpec& check) {
  const double scale = std::visit(Scale{}, check.kind);
  return scale > 0.0 && std::isfinite(scale) ? std::optional(scale) : std::nullopt;
}

}  // namespace hil::harness
