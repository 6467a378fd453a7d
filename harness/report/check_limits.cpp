#include "harness/report/check_limits.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <variant>

namespace hil::harness {
namespace {

using Side = CheckLimit::Side;

/// The part of the run that a window covers; nullopt: its mark never came.
struct Span {
  sim::Time from{0};
  sim::Time until{0};
};
std::optional<Span> span_of(const Window& window, const std::vector<Event>& events, sim::Time end) {
  sim::Time origin{0};
  if (!window.after.empty()) {
    const auto mark = std::find_if(events.begin(), events.end(), [&](const Event& event) {
      return event.kind == "mark" && event.subject == window.after;
    });
    if (mark == events.end()) return std::nullopt;
    origin = mark->at;
  }
  return Span{origin + window.from, window.until ? std::min(origin + *window.until, end) : end};
}

/// Collects the levels of each kind of check; what it does not know has none.
struct Levels {
  Span span;
  std::vector<CheckLimit> limits{};

  void add(const std::string& signal, double level, Side side, Span where, sim::Time longer_than = sim::Time{0}) {
    if (where.from < where.until) limits.push_back({signal, level, side, where.from, where.until, longer_than});
  }
  void operator()(const NeverCheck& check) {
    if (check.above) add(check.signal, *check.above, Side::highest, span, check.longer_than);
    if (check.below) add(check.signal, *check.below, Side::lowest, span, check.longer_than);
  }
  void operator()(const SettlesCheck& check) {
    const Span settled{span.from + check.in, span.until};
    add(check.signal, check.to + check.within, Side::highest, settled);
    add(check.signal, check.to - check.within, Side::lowest, settled);
  }
  void operator()(const ReachesCheck& check) {
    const Span allowed{span.from + check.not_before, std::min(span.from + check.no_later_than, span.until)};
    if (check.above) add(check.signal, *check.above, Side::level, allowed);
    if (check.below) add(check.signal, *check.below, Side::level, allowed);
  }
  template <typename Other>
  void operator()(const Other&) {}
};

double seconds(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

struct Scale {
  double operator()(const NeverCheck& check) const { return std::abs(check.above ? *check.above : *check.below); }
  double operator()(const SettlesCheck& check) const { return check.within; }
  double operator()(const EnergyCheck& check) const { return 0.5 * (check.at_most_wh - check.at_least_wh); }
  double operator()(const ReachesCheck& check) const { return 0.5 * seconds(check.no_later_than - check.not_before); }
  double operator()(const TogetherCheck& check) const { return check.spread; }
  double operator()(const BusCheck& check) const { return seconds(check.poll_period_below); }
  template <typename Other>
  double operator()(const Other&) const {
    return 0.0;
  }
};

struct Signals {
  template <typename Kind>
  std::string operator()(const Kind& check) const {
    if constexpr (requires { check.signal; }) {
      return check.signal;
    } else if constexpr (requires { check.signals; }) {
      return check.signals;
    } else {
      return {};
    }
  }
};

}  // namespace

std::vector<CheckLimit> limits_of(const CheckSpec& check, const std::vector<Event>& events, sim::Time end) {
  const std::optional<Span> span = span_of(check.window, events, end);
  if (!span) return {};
  Levels levels{*span};
  std::visit(levels, check.kind);
  return levels.limits;
}

std::string signals_of(const CheckSpec& check) {
  return std::visit(Signals{}, check.kind);
}

std::optional<double> margin_scale(const CheckSpec& check) {
  const double scale = std::visit(Scale{}, check.kind);
  return scale > 0.0 && std::isfinite(scale) ? std::optional(scale) : std::nullopt;
}

}  // namespace hil::harness
