#pragma once

#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/scenario/actions.h"
#include "harness/scenario/diagnostics.h"

namespace hil::harness {

// What the timeline waits for. The rules of time stand in scenarios/README.md, "Triggers".

/// An action and how long after its trigger it acts. Groups and waits of the file are resolved into these.
struct DelayedAction {
  sim::Time delay{0};
  Action action;
};

/// Fires when a signal has been beyond a bound for `held`.
struct WhenTrigger {
  std::string signal;
  std::optional<double> above;
  std::optional<double> below;
  sim::Time held{0};
  bool crossing = false;    ///< only after it was seen on the other side of the bound
  std::string after;        ///< mark; empty: the start
  sim::Time not_before{0};  ///< counted from there
};
/// Fires once, so long after the first coming of a mark.
struct AfterTrigger {
  std::string mark;
  sim::Time delay{0};
};
/// Fires at `from`, then each `period`, to `until`.
struct EveryTrigger {
  sim::Time period{0};
  sim::Time from{0};
  sim::Time until{0};
};
using TriggerKind = std::variant<WhenTrigger, AfterTrigger, EveryTrigger>;

struct TriggerSpec {
  static constexpr int any_times = std::numeric_limits<int>::max();

  std::string element;      ///< "when", "after", "every"
  std::string description;  ///< what it waits for: "et1.pv_w below 2000 W for 5 s"
  TriggerKind kind;
  int times = 1;                       ///< it fires so often at most
  bool optional = false;               ///< a run in which it never fires is a whole run
  std::vector<DelayedAction> actions;  ///< sorted by delay, file order within
  sim::Time length{0};                 ///< of its actions; while they last it does not fire again
  Place place;
  Place signal_place{};  ///< of the attribute that names the signal
};

}  // namespace hil::harness
