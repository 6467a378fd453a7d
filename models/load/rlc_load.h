#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "models/electrical/phasor.h"
#include "models/load/load_port.h"

namespace hil::models {

/// Resistance, inductance and capacitance in parallel; what is left out is not there.
struct ParallelRlc {
  std::optional<double> resistance_ohm{};  ///< > 0
  std::optional<double> inductance_h{};    ///< > 0
  std::optional<double> capacitance_f{};   ///< > 0
};

/// Resonant at `frequency_hz`, `power_w` in the resistance, `quality_factor` times that in each of L and C
/// (physics-and-standards 2.7): R = V^2 / P, L = V^2 / (2 pi f Qf P), C = Qf P / (2 pi f V^2).
/// Throws InvalidParameter unless all four are > 0.
ParallelRlc resonant_rlc(double power_w, double quality_factor, double port_v, double frequency_hz);

/// Where L and C cancel: 1 / (2 pi sqrt(L C)). Throws InvalidParameter when either is not there.
double resonance_hz(const ParallelRlc& rlc);

/// Passive load whose admittance is that of real parts: capacitor, choke, resistor, test load for anti-islanding.
///
///   y = 1/R + 1/(j 2 pi f L) + j 2 pi f C        ports as in load_ports
///
/// Left out: transients of L and C (phasors settle at once), losses in L and C, saturation.
/// Checked against: D2; see tests/models/validation/load.
class RlcLoad {
 public:
  struct Parameters {
    std::array<ParallelRlc, load_port_count> ports{};
    bool on = false;
  };
  /// Throws InvalidParameter.
  explicit RlcLoad(const Parameters& parameters);

  void set_on(bool on) { on_ = on; }
  bool on() const { return on_; }
  /// `frequency_hz` > 0. A change is a change of the network's matrix.
  Phasor admittance_s(std::size_t port, double frequency_hz) const;
  bool uses(std::size_t port) const;
  const Parameters& parameters() const { return parameters_; }

 private:
  Parameters parameters_;
  std::array<double, load_port_count> conductance_s_{};
  std::array<double, load_port_count> inverse_inductance_per_h_{};
  std::array<double, load_port_count> capacitance_f_{};
  bool on_ = false;
};

}  // namespace hil::models
