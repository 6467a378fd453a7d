#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/devices/et_alarm_bits.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Bit words of an ET, filled from what happens to its lane of the plant (goodwe-et-modbus 7): error word 35189,
/// diagnostic words 35218 and 35220, battery alarm 37006 and warning 37010.
///
/// What raises which bit: et_alarm_bits(). What is over in an instant (an overload of the backup port, a jump of SOC)
/// is told for `event_shown`. Bits of what the plant does not model stay 0 unless they are raised by order: self-tests,
/// leakage current, insulation, fans, relays, internal links.
class EtAlarmWords {
 public:
  using Words = std::array<std::uint32_t, et_alarm_word_count>;  ///< in the order of EtAlarmWord

  static constexpr std::chrono::seconds event_shown{10};  ///< assumed
  static constexpr double low_limit_a = 1.0;              ///< a limit of discharge below this is low; assumed
  static constexpr double drive_w = 10.0;                 ///< more discharge than this is one; assumed
  static constexpr double soc_jump = 0.02;                ///< in 200 ms: no current moves it so; assumed
  static constexpr double imbalance_v = 0.3;              ///< between the extreme cells; assumed

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
    bool battery_data_lost = false;      ///< of an energy manager that plays the BMS
    bool battery_data_supplied = false;  ///< by that manager, SOC too
    bool self_use = false;
    bool load_light = false;           ///< PV covers it, in self use
    double soc = 0.0;                  ///< as known
    double discharge_setting_a = 0.0;  ///< 45355
    double max_charge_a = 0.0;         ///< of the BMS
    double max_discharge_a = 0.0;
    double supplied_alarms = 0.0;
    double supplied_warnings = 0.0;
    Words raised{};  ///< by order, beside those with a cause
  };

  EtAlarmWords() = default;
  EtAlarmWords(const EtAlarmWords&) = delete;  // the face points into it
  EtAlarmWords& operator=(const EtAlarmWords&) = delete;

  /// Signals errors, diagnostics, diagnostics_high, bms_alarms, bms_warnings.
  void publish(DeviceFace& face) const;
  void refresh(const models::Site::LaneView& lane, const models::BatteryPack& battery, const Firmware& firmware,
               Time now);
  /// Sets its error bit beside what stands there; refresh() takes it back.
  void tell_dsp_link_lost();

 private:
  /// Tells for `event_shown` of what a count of the lane has risen by.
  struct Event {
    int count = 0;
    Time until{0};
    bool shows(int now_counted, Time now);
  };
  std::uint32_t errors(const models::Site::LaneView& lane, const Firmware& firmware, Time now);
  void watch_soc(const Firmware& firmware, Time now);

  double errors_ = 0.0;
  double diagnostics_ = 0.0;
  double diagnostics_high_ = 0.0;
  double bms_alarms_ = 0.0;
  double bms_warnings_ = 0.0;
  Event overload_;
  Event overvoltage_;
  std::optional<double> soc_{};  ///< at the last refresh
  Time soc_jump_until_{0};
  Time soc_adjusted_until_{0};
};

}  // namespace hil::sim
