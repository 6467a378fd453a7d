#pragma once

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Bit words of an ET, filled from what happens to its lane of the plant (goodwe-et-modbus 7): error word 35189,
/// diagnostic words 35218 and 35220, battery alarm 37006 and warning 37010.
///
/// Trips name their cause: voltage (17), frequency (29); a grid that is gone is 9, a phase that is gone 14. An overload
/// of the backup port (20) is told for `overload_shown`, as the port tries again by itself. Bits of what the plant does
/// not model stay 0: self-tests, leakage current, insulation, fans, relays, internal links.
class EtAlarmWords {
 public:
  static constexpr std::chrono::seconds overload_shown{10};  ///< assumed

  /// What the firmware knows beside its lane.
  struct Firmware {
    bool stopped = false;           ///< from outside: 47511 = 255, demand response
    bool grid_returns = false;      ///< within the window of the grid code: a trip is over
    bool soc_low = false;           ///< at its floor on the grid
    bool soc_low_off_grid = false;  ///< at its floor off the grid
    bool charge_schedule = false;   ///< of a time group
    bool discharge_schedule = false;
    bool discharge_forbidden_by_mode = false;
    bool has_meter = false;
    bool meter_lost = false;
    bool meter_reversed = false;
    bool export_limited = false;
    bool power_factor_set = false;
    bool active_power_limited = false;
    bool floor_protection_off = false;
    bool emergency_charge = false;
    bool battery_data_lost = false;  ///< of an energy manager that plays the BMS
    double max_charge_a = 0.0;       ///< of the BMS
    double max_discharge_a = 0.0;
    double supplied_alarms = 0.0;
    double supplied_warnings = 0.0;
  };

  EtAlarmWords() = default;
  EtAlarmWords(const EtAlarmWords&) = delete;  // the face points into it
  EtAlarmWords& operator=(const EtAlarmWords&) = delete;

  /// Signals errors, diagnostics, diagnostics_high, bms_alarms, bms_warnings.
  void publish(DeviceFace& face) const;
  void refresh(const models::Site::LaneView& lane, const models::BatteryManagement& bms, const Firmware& firmware,
               Time now);
  /// Sets its error bit beside what stands there; refresh() takes it back.
  void tell_dsp_link_lost();

 private:
  double errors_ = 0.0;
  double diagnostics_ = 0.0;
  double diagnostics_high_ = 0.0;
  double bms_alarms_ = 0.0;
  double bms_warnings_ = 0.0;
  int overload_trips_ = 0;
  Time overload_until_{0};
};

}  // namespace hil::sim
