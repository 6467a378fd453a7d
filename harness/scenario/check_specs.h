#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/checks/stl/formula.h"
#include "harness/scenario/diagnostics.h"
#include "sim/kernel/kernel.h"

namespace hil::harness {

/// Where a check looks: from an instant or a mark to an instant; whole run without.
struct Window {
  sim::Time from{0};
  std::optional<sim::Time> until;
  std::string after;  ///< mark; from and until then count from it
};

// Checks. Every signal name stands in the registry (checked against it when the bench is built).
/// Never above (or below) a bound for longer than a time. Margin: bound minus the level that lasted longest beyond.
struct NeverCheck {
  std::string signal;
  std::optional<double> above;
  std::optional<double> below;
  sim::Time longer_than{0};
};
/// Reaches `to` +- `within` and stays there, no later than `in` after the window's start, to the window's end.
struct SettlesCheck {
  std::string signal;
  double to = 0.0;
  double within = 0.0;
  sim::Time in{0};
};
/// Integral of a power signal over the window, in Wh, between two bounds.
struct EnergyCheck {
  std::string signal;
  double at_least_wh = 0.0;
  double at_most_wh = 0.0;
};
/// First instant in the window at which the signal is above (below) a level, between two times after its start.
struct ReachesCheck {
  std::string signal;
  std::optional<double> above;
  std::optional<double> below;
  sim::Time not_before{0};
  sim::Time no_later_than{0};
};
/// Largest spread of several signals over the window.
struct TogetherCheck {
  std::string signals;  ///< pattern
  double spread = 0.0;
};
/// A formula of signal temporal logic, judged at the window's first step: always, eventually, until, responds, formula.
struct FormulaCheck {
  stl::Formula formula{};
  bool needs_crisp = false;               ///< untested while no crisp predicate was true: the condition never came
  std::map<std::string, Place> places{};  ///< of signals in the text; others stand at the element
};
/// Inside a band around a reference, which may be early or late by a time: step, ramp, follows.
struct FollowsCheck {
  struct Point {
    sim::Time at{0};  ///< after the window's start
    double value = 0.0;
  };
  std::string signal;
  std::string reference;  ///< a signal; empty: `points`
  std::vector<Point>
      points;  ///< ascending in time, two at one instant are a jump; beyond its ends the reference stands still
  double within = 0.0;
  sim::Time time_tolerance{0};
};
/// At a level, or where it happens to be, and stays there.
struct ConstantCheck {
  std::string signal;
  std::optional<double> at;
  double within = 0.0;
};
/// How often a signal goes beyond a level, or events happen.
struct CountCheck {
  std::string signal;  ///< empty: events
  std::optional<double> above;
  std::optional<double> below;
  std::string event;    ///< kind
  std::string subject;  ///< empty: any
  std::string text;     ///< part of it; empty: any
  double at_least = 0.0;
  std::optional<double> at_most;
};
/// Longest time inside the window between two polls of a unit, or of any unit, on the line.
struct BusCheck {
  std::string line{};
  sim::Time poll_period_below{0};
  std::string unit{};  ///< empty: all
  std::string read{};  ///< signal of the register whose reads alone count; empty: any request
};
/// How the requests on a line, or to one unit on it, were answered.
struct AnswersCheck {
  enum class Measure : unsigned char { unanswered, retries, share };
  std::string line{};
  std::string unit{};  ///< empty: all
  Measure measure = Measure::unanswered;
  double bound = 0.0;        ///< most unanswered requests, most retries in a row, least share
  sim::Time answered_in{0};  ///< of the share
};
/// A register by what it carries: unit and signal or setting of its map.
struct RegisterName {
  std::string unit;
  std::string name;
  std::string text() const { return unit + "." + name; }
};
/// Age of the last order that a unit has taken.
struct FreshCheck {
  RegisterName write;
  sim::Time age_below{0};
};
/// Before each write there were readings since the write before it.
struct OrderCheck {
  RegisterName read;
  RegisterName before_write;
  int at_least = 1;
};
using CheckKind = std::variant<NeverCheck, SettlesCheck, EnergyCheck, ReachesCheck, TogetherCheck, FormulaCheck,
                               FollowsCheck, ConstantCheck, CountCheck, BusCheck, AnswersCheck, FreshCheck, OrderCheck>;

struct CheckSpec {
  std::string element;      ///< "never", "settles", ...
  std::string description;  ///< one line, as the summary shows it
  CheckKind kind;
  Window window;
  std::string requirement;  ///< id of a statement such as "S003-12"; may be empty
  std::string why;          ///< free text; may be empty
  Place place;
  Place signal_place{};  ///< of the attribute that names the signal
};

}  // namespace hil::harness
