#pragma once

#include "sim/devices/device_face.h"

namespace hil::sim {

/// Demand response of an ET by register: 47010 enables, 47007 commands, 37000 tells (goodwe-et-modbus 5, 6.4).
///
///   DRED (AS/NZS 4755, physics-and-standards 3.4)   0 disconnect; 1, 2, 3 import 0, 50, 75 %; 5, 6, 7 export 0, 50, 75
///   %;
///                                                   4 and 8 ask for more and bound nothing. The most restrictive wins.
///   ripple-control receiver                         DRED1..4 stand for 0, 30, 60, 100 % of AC power (O)
///
/// Which of the two hangs on the inverter is a matter of its installation, not of a register.
class DemandResponse {
 public:
  /// Shares of the rating.
  struct Bounds {
    bool connected = true;
    double export_share = 1.0;
    double import_share = 1.0;
  };

  explicit DemandResponse(bool ripple_control) : ripple_control_(ripple_control) {}
  DemandResponse(const DemandResponse&) = delete;  // the face points into it
  DemandResponse& operator=(const DemandResponse&) = delete;

  /// Settings demand_response_enabled, demand_response_command; signal demand_response_state.
  void publish(DeviceFace& face);
  /// What the present command allows; also renews the state.
  Bounds bounds();
  /// DRED0 stands.
  bool disconnects() const;

 private:
  bool ripple_control_;
  double enabled_ = 0.0;
  double command_ = 0.0;
  double state_ = 255.0;  ///< of machines without a receiver
};

}  // namespace hil::sim
