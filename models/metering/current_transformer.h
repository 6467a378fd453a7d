#pragma once

#include "models/electrical/phasor.h"

namespace hil::models {

/// Current transformer on one phase, as a complex gain from primary to secondary.
///
///   secondary_a = (1 + ratio_error) e^(j phase_error) primary_a / ratio
///
/// Left out: burden, saturation, error over current (constant error of its class for now).
/// Checked against: M1..M4 together with the meter; see tests/models/metering.
class CurrentTransformer {
 public:
  struct Parameters {
    double rated_primary_a = 0.0;    ///< > 0
    double rated_secondary_a = 0.0;  ///< > 0
    double ratio_error = 0.0;        ///< -0.1..0.1
    double phase_error_rad = 0.0;    ///< -0.1..0.1
  };
  /// Throws InvalidParameter.
  explicit CurrentTransformer(const Parameters& parameters);

  void set_reversed(bool reversed) { direction_ = reversed ? -1.0 : 1.0; }
  Phasor secondary_a(Phasor primary_a) const { return direction_ * gain_ * primary_a; }
  double ratio() const { return parameters_.rated_primary_a / parameters_.rated_secondary_a; }
  const Parameters& parameters() const { return parameters_; }

 private:
  Parameters parameters_;
  Phasor gain_;
  double direction_ = 1.0;
};

}  // namespace hil::models
