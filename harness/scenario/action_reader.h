#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/actions.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/stage.h"
#include "harness/scenario/triggers.h"

namespace hil::harness {

/// What reading actions needs to know, and where it puts what it finds beside them.
struct ActionReading {
  /// A mark among the actions, and how long after their trigger it comes.
  struct MarkFound {
    std::string name;
    sim::Time delay{0};
    Place place;
  };
  const Stage& stage;
  Diagnostics& diagnostics;
  std::vector<Assumed>& assumed;
  std::vector<MarkFound> marks{};
  std::optional<sim::Time> begin{};  ///< when the actions begin; nothing: a trigger decides
};

/// The actions inside a trigger, groups and waits resolved into delays, sorted by them.
struct ActionGroup {
  std::vector<DelayedAction> actions;
  sim::Time length{0};  ///< until the last wait or action is over
};
/// Reads all children of the trigger that `reader` reads; its attributes are the caller's business.
ActionGroup read_actions(ElementReader& reader, ActionReading& reading);

}  // namespace hil::harness
