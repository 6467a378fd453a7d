#pragma once

#include "sim/devices/pcs_state.h"

namespace hil::sim {

/// What a master may write, by the rows of sinexcel-pcs-modbus 4.1. Commands are PcsState's own matter.
enum class PcsWrite : unsigned char {
  grid_mode,
  dispatch,
  active_mode,
  set_discharge,
  string_set_discharge,
  reactive_mode,
  power_factor,
  reactive_power,
  dc_mode,
  dc_current,
  dc_power,
  off_grid_start,
  off_grid_voltage,
  other,  ///< battery limits, thresholds, ramp rates
};

struct PcsSituation {
  PcsState::State state = PcsState::State::stopped;
  /// What it runs in, or is about to: read while starting and stopping, to which the table has no columns.
  bool off_grid = false;
  PcsState::Dispatch dispatch = PcsState::Dispatch::ac;
  int reactive_mode = 0;         ///< 53620
  int dc_mode = 0;               ///< of the string that is written to
  bool string_reactive = false;  ///< the switch of that name
};

/// Whether a write is taken: it acts at once, or is kept. Starting and stopping count as the running state that they
/// lead to or come from, init as stopped (assumed).
bool takes(PcsWrite write, const PcsSituation& now);

}  // namespace hil::sim
