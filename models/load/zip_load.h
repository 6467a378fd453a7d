#pragma once

#include <cstddef>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Switched ZIP load on up to three phases, line to neutral.
///
///   P = P0 [share_z (v/v0)^2 + share_i (v/v0) + share_p],  the same for Q
///
/// The Z part is handed to the network as an admittance, the I and P parts as an injection. The I part follows the
/// voltage that the caller gives, so at a changing voltage it is as old as that voltage.
///
/// Left out: dependence on frequency, thermostat, motor start, profile (set_scale is where one acts).
/// Checked against: N6; see tests/models/load.
class ZipLoad {
 public:
  struct Parameters {
    PhaseValues nominal_w{};    ///< each phase, >= 0, at nominal_ln_v
    PhaseValues nominal_var{};  ///< lagging > 0
    double nominal_ln_v = 0.0;  ///< > 0
    double share_z = -1.0;      ///< 0..1; the three shares add up to 1 (1e-9)
    double share_i = -1.0;
    double share_p = -1.0;
    bool on = false;
  };
  /// Throws InvalidParameter.
  explicit ZipLoad(const Parameters& parameters);

  void set_on(bool on) { on_ = on; }
  bool on() const { return on_; }
  /// Scales all phases, for profiles; throws InvalidParameter below 0.
  void set_scale(double scale);

  Phasor admittance_s(std::size_t phase) const;               ///< Z part, 0 when off
  Phasor injection_va(std::size_t phase, double ln_v) const;  ///< I and P parts (negative: consumes)
  const Parameters& parameters() const { return parameters_; }

 private:
  Parameters parameters_;
  bool on_ = false;
  double scale_ = 1.0;
};

}  // namespace hil::models
