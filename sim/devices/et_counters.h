#pragma once

#include <array>
#include <cstddef>

#include "sim/devices/device_face.h"
#include "sim/devices/et_clock.h"

namespace hil::sim {

/// Energy counters of an ET, in total and of the present day (35191..35211). A master may overwrite them (45222..45242)
/// and clear them (45217). The day ends at midnight of the inverter's own clock, or when that is set to another day.
class EtCounters {
 public:
  enum Kind : std::size_t { pv, exported, imported, load, battery_charge, battery_discharge, kinds };
  using Energies = std::array<double, kinds>;

  EtCounters() = default;
  EtCounters(const EtCounters&) = delete;  // the face points into it
  EtCounters& operator=(const EtCounters&) = delete;

  /// Settings pv_wh, pv_today_wh, exported_wh, ..., operating_h.
  void publish(DeviceFace& face);
  void add(const Energies& step_wh, double step_h, std::chrono::sys_days today);
  void clear();

 private:
  Energies total_wh_{};
  Energies today_wh_{};
  double operating_h_ = 0.0;
  std::chrono::sys_days today_{};
};

}  // namespace hil::sim
