#include <fmt/core.h>

#include <utility>

#include "harness/scenario/check_reading.h"
#include "harness/scenario/formula_parser.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

using stl::Formula;
using Kind = Formula::Kind;

/// "above 2 W and below 5 W"
std::string band_text(const std::optional<double>& above, const std::optional<double>& below, std::string_view signal) {
  if (!above || !below) return side_text(above, below, signal);
  return "above " + bound_text(*above, signal) + " and below " + bound_text(*below, signal);
}

/// `above`, `below` or both.
bool read_band(ElementReader& reader, std::optional<double>& above, std::optional<double>& below) {
  const bool has_above = reader.number("above", above, any_number);
  const bool has_below = reader.number("below", below, any_number);
  const auto& element = reader.element();
  if (element.attribute("above") == nullptr && element.attribute("below") == nullptr) {
    reader.fault("above or below is missing");
  }
  if (has_above && has_below && *above >= *below) {
    reader.fault_of("below", fmt::format("below is {}, must be > above ({})", *below, *above));
    return false;
  }
  return has_above || has_below;
}

Formula inside(const std::string& signal, const std::optional<double>& above, const std::optional<double>& below) {
  if (!above || !below) return stl::beyond(signal, above.has_value(), above.value_or(below.value_or(0.0)));
  return stl::combined(Kind::conjunction, stl::beyond(signal, true, *above), stl::beyond(signal, false, *below));
}

/// A signal beyond a bound; the attributes' names may begin with "then_".
struct Side {
  std::string signal;
  bool above = true;
  double bound = 0.0;
  Formula formula() const { return stl::beyond(signal, above, bound); }
  std::string text() const {
    return fmt::format("{} {} {}", signal, above ? "above" : "below", bound_text(bound, signal));
  }
};

Side read_side(CheckReading& reading) {
  Side side;
  reading.read_signal("signal", side.signal);
  std::optional<double> above;
  std::optional<double> below;
  reading.reader.one_bound(above, below);
  side.above = above.has_value();
  side.bound = above.value_or(below.value_or(0.0));
  return side;
}

Side read_then_side(CheckReading& reading) {
  Side side;
  reading.read_signal("then_signal", side.signal);
  std::optional<double> above;
  std::optional<double> below;
  ElementReader& reader = reading.reader;
  reader.number("then_above", above, any_number);
  reader.number("then_below", below, any_number);
  const bool gives_above = reader.element().attribute("then_above") != nullptr;
  const bool gives_below = reader.element().attribute("then_below") != nullptr;
  if (!gives_above && !gives_below) reader.fault("then_above or then_below is missing");
  if (gives_above && gives_below) reader.fault("then_above and then_below are both given, must be one of them");
  side.above = above.has_value();
  side.bound = above.value_or(below.value_or(0.0));
  return side;
}

/// [0, within_s]; without it to the window's end.
stl::Interval read_within(CheckReading& reading, Need need) {
  stl::Interval interval;
  sim::Time within{0};
  if (reading.reader.seconds("within_s", within, not_negative, need)) interval.to = within;
  return interval;
}

void require_inside(CheckReading& reading, const stl::Interval& interval) {
  if (interval.to) reading.require_inside("within_s", *interval.to);
}

std::string within_text(const stl::Interval& interval) {
  return interval.to ? fmt::format(" within {} s", in_seconds(*interval.to)) : "";
}

/// On one line, single blanks.
std::string collapsed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) result += c;
    if (blank && !result.empty() && result.back() != ' ') result += ' ';
  }
  return result;
}

}  // namespace

std::string read_always(CheckReading& reading) {
  std::string signal;
  std::optional<double> above;
  std::optional<double> below;
  reading.read_signal("signal", signal);
  read_band(reading.reader, above, below);
  reading.spec.kind = FormulaCheck{stl::temporal(Kind::always, {}, inside(signal, above, below))};
  return fmt::format("{} always {}", signal, band_text(above, below, signal));
}

std::string read_eventually(CheckReading& reading) {
  std::string signal;
  std::optional<double> above;
  std::optional<double> below;
  reading.read_signal("signal", signal);
  read_band(reading.reader, above, below);
  const stl::Interval within = read_within(reading, Need::optional);
  sim::Time lasting{0};
  reading.reader.seconds("for_s", lasting, not_negative, Need::optional);
  const sim::Time needed = within.to.value_or(sim::Time{0}) + lasting;
  if (reading.length && needed > *reading.length) {
    const bool lasts = lasting.count() > 0;
    const std::string_view what = !lasts ? "within_s is" : within.to ? "within_s and for_s together are" : "for_s is";
    reading.reader.breaks_rule("S002", lasts ? "for_s" : "within_s",
                               fmt::format("{} {} s, must be <= the window's length ({} s)", what, in_seconds(needed),
                                           in_seconds(*reading.length)));
  }
  Formula held = inside(signal, above, below);
  std::string text = fmt::format("{} eventually {}", signal, band_text(above, below, signal));
  if (lasting.count() > 0) {
    held = stl::temporal(Kind::always, {sim::Time{0}, lasting}, std::move(held));
    text += fmt::format(" for {} s", in_seconds(lasting));
  }
  reading.spec.kind = FormulaCheck{stl::temporal(Kind::eventually, within, std::move(held))};
  return text + within_text(within);
}

std::string read_until(CheckReading& reading) {
  const Side before = read_side(reading);
  const Side then = read_then_side(reading);
  Formula formula = stl::combined(Kind::until, before.formula(), then.formula());
  formula.interval = read_within(reading, Need::optional);
  require_inside(reading, formula.interval);
  std::string text = fmt::format("{} until {}{}", before.text(), then.text(), within_text(formula.interval));
  reading.spec.kind = FormulaCheck{std::move(formula)};
  return text;
}

std::string read_responds(CheckReading& reading) {
  const Side cause = read_side(reading);
  const Side then = read_then_side(reading);
  const stl::Interval within = read_within(reading, Need::required);
  require_inside(reading, within);
  // The margin is that of the answer: how far off the cause was says nothing about it.
  Formula condition = cause.formula();
  condition.crisp = true;
  Formula answered =
      stl::combined(Kind::implication, std::move(condition),
                    stl::temporal(Kind::eventually, {sim::Time{0}, within.to.value_or(sim::Time{0})}, then.formula()));
  reading.spec.kind = FormulaCheck{stl::temporal(Kind::always, {}, std::move(answered)), true};
  return fmt::format("when {}, then {}{}", cause.text(), then.text(), within_text(within));
}

std::string read_formula(CheckReading& reading, Diagnostics& diagnostics) {
  std::string text;
  const Element& element = reading.reader.element();
  if (!reading.reader.content(text)) return text;
  FormulaCheck check;
  try {
    check.formula = parse_formula(text);
    for (const stl::Linear::Term& term : stl::signals_of(check.formula)) {
      check.places[term.signal] = element.place_in_text(term.offset);
    }
  } catch (const BadFormula& fault) {
    diagnostics.add(element.place_in_text(fault.offset()), fmt::format("{}: {}", element.label(), fault.what()));
    reading.reader.mark_unsound();
  }
  reading.spec.kind = std::move(check);
  return collapsed(text);
}

}  // namespace hil::harness
