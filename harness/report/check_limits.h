#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/plant/event.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// A level that a check holds its signal against, as a plot draws it: a straight line.
struct CheckLimit {
  enum class Side : unsigned char {
    highest,  ///< above it is beyond
    lowest,   ///< below it is beyond
    level,    ///< to be reached; nothing is beyond
  };
  std::string signal;
  double level = 0.0;  ///< in the signal's unit, at `from`
  Side side = Side::highest;
  sim::Time from{0};  ///< where in the run it holds
  sim::Time until{0};
  sim::Time longer_than{0};  ///< beyond for no longer than this is allowed
  double rise_per_s = 0.0;   ///< of the level, from `from` on
  std::string note{};        ///< what the level is, where it is none of the signal itself
  bool one_of_many = false;  ///< a piece of a level that moves with the recording: its number says little

  double level_at(double time_s) const;
};

/// The part of the run that a window covers; nullopt: its mark never came.
struct CheckSpan {
  sim::Time from{0};
  sim::Time until{0};
};
std::optional<CheckSpan> span_of(const Window& window, const std::vector<Event>& events, sim::Time end);

/// The levels of a check in a run with these events, which ended at `end`. None while the check's mark has not come,
/// and for checks that know no level by themselves (see trace_limits). Of an energy: the powers that its
/// bounds are on the mean, which need not hold at any instant.
std::vector<CheckLimit> limits_of(const CheckSpec& check, const std::vector<Event>& events, sim::Time end);

/// What a margin of the check can be measured against, in the margin's unit and > 0: the bound, the width of its band.
/// Makes margins of different units comparable. nullopt where there is none, as for a bound of 0.
std::optional<double> margin_scale(const CheckSpec& check);

}  // namespace hil::harness
