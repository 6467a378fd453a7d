#pragma once

#include <chrono>

#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// What an energy manager tells an ET about the battery in the BMS's stead (47900..47916, with 47514 = 0x011F;
/// goodwe-et-modbus 6.7). The inverter then keeps to these limits and shows them as the battery's.
///
/// While 47916 is 0 the manager must write again within `silence_limit` (not public: assumed), else the battery rests.
class SuppliedBattery {
 public:
  static constexpr std::chrono::seconds silence_limit{60};

  SuppliedBattery() = default;
  SuppliedBattery(const SuppliedBattery&) = delete;  // the face points into it
  SuppliedBattery& operator=(const SuppliedBattery&) = delete;

  /// Settings battery_protocol and supplied_...
  void publish(DeviceFace& face);
  void refresh(Time now) { now_ = now; }

  /// The manager plays the BMS.
  bool active() const { return protocol_ == handled_by_ems; }
  /// It should, and has fallen silent.
  bool silent() const;
  bool force_charge() const { return has_status(0); }
  double max_charge_a() const { return silent() || has_status(1) ? 0.0 : max_charge_a_; }
  double max_discharge_a() const { return silent() || has_status(2) ? 0.0 : max_discharge_a_; }
  double soc() const { return soc_; }
  double soh() const { return soh_; }
  double temperature_c() const { return temperature_c_; }
  double alarms() const { return alarms_; }
  double warnings() const { return warnings_; }

 private:
  static constexpr double handled_by_ems = 0x011F;
  static constexpr double factory_protocol = 0x0101;
  bool has_status(unsigned bit) const { return (static_cast<unsigned>(status_) >> bit & 1U) != 0; }

  Time now_{0};
  Time written_{0};
  double protocol_ = factory_protocol;
  double version_ = 0.0;
  double modules_ = 0.0;
  double max_charge_v_ = 0.0;
  double max_charge_a_ = 0.0;
  double min_discharge_v_ = 0.0;
  double max_discharge_a_ = 0.0;
  double battery_v_ = 0.0;
  double battery_a_ = 0.0;
  double soc_ = 0.0;
  double soh_ = 0.0;
  double temperature_c_ = 0.0;
  double warnings_ = 0.0;
  double alarms_ = 0.0;
  double status_ = 0.0;
  double detection_off_ = 0.0;
};

}  // namespace hil::sim
