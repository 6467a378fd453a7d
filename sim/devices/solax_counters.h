#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "sim/devices/device_face.h"

namespace hil::sim {

/// Energy counters of a SolaX inverter, in total and of the day of its clock; each inverter counts its own
/// (solax-parallel 7.4). What its battery takes is counted as ac_charge as far as it comes in at the AC port.
class SolaxCounters {
 public:
  enum Kind : std::size_t {
    pv,
    battery_charge,
    battery_discharge,
    exported,
    imported,
    yield,
    ac_charge,
    off_grid,
    kinds
  };
  using Energies = std::array<double, kinds>;

  SolaxCounters() = default;
  SolaxCounters(const SolaxCounters&) = delete;  // the face points into it
  SolaxCounters& operator=(const SolaxCounters&) = delete;

  /// Signals pv_wh, pv_today_wh, ...; hours_on_grid, hours_off_grid.
  void publish(DeviceFace& face) const;
  void add(const Energies& step_wh, double step_h, bool islands, std::chrono::sys_days today);
  void clear();

 private:
  Energies total_wh_{};
  Energies today_wh_{};
  double hours_on_grid_ = 0.0;
  double hours_off_grid_ = 0.0;
  std::chrono::sys_days today_{};
};

}  // namespace hil::sim
