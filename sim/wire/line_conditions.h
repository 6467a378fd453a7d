#pragma once

#include <cstdint>
#include <optional>

#include "sim/kernel/kernel.h"
#include "sim/wire/reply_faults.h"
#include "sim/wire/serial_format.h"

namespace hil::sim {

/// What is wrong with one unit or its place on the bus; as built, nothing.
struct UnitCondition {
  bool silent = false;                  ///< hears and does nothing
  bool cable_cut = false;               ///< ahead of it, seen from the far side: off with all units beyond it
  bool polarity_swapped = false;        ///< its A on the bus's B
  bool stuck_driver = false;            ///< its driver stays on the bus: nobody else gets a bit through
  bool strict_gaps = false;             ///< a silence above t1.5 inside a request voids it; else only t3.5 counts
  Time slow_release{0};                 ///< its driver stays on for this long after each reply
  double byte_error_rate = 0.0;         ///< of what it sends and what it hears: noise at its stub
  std::optional<std::uint8_t> address;  ///< it answers to this one instead of its own
  std::optional<SerialFormat> format;   ///< its port runs at this one instead of the line's
  ReplyFaults replies;
};

/// What is wrong with the bus or its far end.
struct LineCondition {
  bool polarity_swapped = false;       ///< A and B at the far side, against all units
  bool echo = false;                   ///< the far side hears what it sends
  double byte_error_rate = 0.0;        ///< of every byte on the bus: noise
  double reflection_error_rate = 0.0;  ///< the same, of a missing terminator
  double stray_bytes_per_s = 0.0;      ///< while no driver is on: no bias
};

}  // namespace hil::sim
