#pragma once

#include <array>
#include <string>

#include "harness/faults/fault_injector.h"
#include "models/metering/meter_installation.h"

namespace hil::harness {

/// Wiring faults of one meter and its transformers, as switches of the injector.
///
/// The wiring is figured anew from all faults that are on, so that they may begin and end in any order: what the site
/// built, then the rotation, then the swaps. An open secondary outweighs a short. Adds no signal.
class MeterFaults {
 public:
  /// `installation`, as built, must outlive this object.
  explicit MeterFaults(models::MeterInstallation& installation);
  MeterFaults(const MeterFaults&) = delete;
  MeterFaults& operator=(const MeterFaults&) = delete;

  /// The injector's switches refer to this object.
  void expose(FaultInjector& faults, const std::string& meter);

 private:
  void wire();

  models::MeterInstallation& installation_;
  bool neutral_built_;
  std::array<models::MeterInput, models::phase_count> built_{};
  std::array<bool, models::phase_count> reversed_built_{};
  std::array<models::CurrentTransformer::Secondary, models::phase_count> secondary_built_{};
  std::array<bool, models::phase_count> open_{};
  std::array<bool, models::phase_count> shorted_{};
  std::array<bool, 3> swapped_{};  ///< in the order of fixed_targets(FaultTarget::ct_pair)
  bool rotated_ = false;
};

}  // namespace hil::harness
