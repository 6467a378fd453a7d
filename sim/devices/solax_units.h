#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "models/electrical/phasor.h"
#include "sim/devices/device_face.h"

namespace hil::sim {

/// What one of several parallel SolaX inverters tells the master of itself (solax-parallel 7.3).
///
/// Sign: AC power and current leave the inverter, the battery's are those of its charge.
struct SolaxUnitValues {
  static constexpr std::size_t pv_inputs = 2;
  models::PhaseValues injection_w{};
  models::PhaseValues reactive_var{};
  models::PhaseValues injection_a{};
  std::array<double, pv_inputs> pv_w{};
  std::array<double, pv_inputs> pv_v{};
  std::array<double, pv_inputs> pv_a{};
  double battery_charge_w = 0.0;
  double battery_v = 0.0;
  double battery_charge_a = 0.0;
  double max_charge_w = 0.0;
  double max_discharge_w = 0.0;
  double battery_faults = 0.0;
  double battery_soc = 0.0;
};

/// The parallel block of the master: its slaves one by one, and the totals with its own. How old the values of a slave
/// are is up to who tells them; a master forgets those of a lost one. All is zero at anybody else.
class SolaxUnits {
 public:
  static constexpr std::size_t most_slaves = 9;

  SolaxUnits() = default;
  SolaxUnits(const SolaxUnits&) = delete;  // the face points into it
  SolaxUnits& operator=(const SolaxUnits&) = delete;

  /// Signals units, total_l1_injection_w ..., slave1_l1_injection_w ...
  void publish(DeviceFace& face) const;
  /// Of the slave 0..8; nullopt: it is lost. Throws std::out_of_range.
  void tell(std::size_t slave, const std::optional<SolaxUnitValues>& values);
  void refresh(const SolaxUnitValues& own, bool is_master, int units);
  /// AC power of all slaves, as last told.
  double others_injection_w() const;
  /// Of all slaves together, as last told; what does not add up is 0.
  SolaxUnitValues others() const;

 private:
  std::array<SolaxUnitValues, most_slaves> told_{};
  std::array<SolaxUnitValues, most_slaves> shown_{};
  SolaxUnitValues total_;
  double units_ = 0.0;
};

}  // namespace hil::sim
