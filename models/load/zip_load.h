#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "models/electrical/phasor.h"
#include "models/load/demand.h"
#include "models/load/load_port.h"

namespace hil::models {

/// Switched ZIP load on up to six ports, three line to neutral and three line to line (physics-and-standards 8).
///
///   P = P0 active_scale [share_z (v/v0)^2 + share_i (v/v0) + share_p] [1 + active_per_hz (f - nominal_hz)]
///
/// The same for Q with its own scale and slope. The Z part is an admittance, the P part an injection of constant
/// power, the I part one of constant current: its power at nominal voltage is given, the network keeps to the current
/// and to the angle against the port's voltage. The frequency term does not fall below 0.
///
/// Ports count as in load_ports. Sign: an admittance that consumes has a positive real part, an injection that
/// consumes is negative; lagging reactive power is positive.
/// Left out: what makes a load change by itself (LoadBehaviour; its demand acts through set_demand).
/// Checked against: N6; see tests/models/load and tests/models/validation/load.
class ZipLoad {
 public:
  struct Parameters {
    PhaseValues nominal_w{};    ///< each phase to neutral, >= 0, at nominal_ln_v
    PhaseValues nominal_var{};  ///< lagging > 0
    double nominal_ln_v = 0.0;  ///< > 0
    double share_z = -1.0;      ///< 0..1; the three shares add up to 1 (1e-9)
    double share_i = -1.0;
    double share_p = -1.0;
    bool on = false;
    PhaseValues nominal_ll_w{};    ///< L1-L2, L2-L3, L3-L1, >= 0, at nominal_ll_v
    PhaseValues nominal_ll_var{};  ///< lagging > 0
    double nominal_ll_v = 0.0;     ///< > 0; 0: sqrt 3 times nominal_ln_v (split phase: 2 times)
    double nominal_hz = 0.0;       ///< > 0; needed when a slope below is not 0
    double active_per_hz = 0.0;    ///< kf of the active power, -1..1
    double reactive_per_hz = 0.0;  ///< kf of the reactive power, -1..1
  };
  /// Throws InvalidParameter.
  explicit ZipLoad(const Parameters& parameters);

  void set_on(bool on) { on_ = on; }
  bool on() const { return on_; }
  /// Scales all ports. Throws InvalidParameter below 0, else neither throws nor allocates.
  void set_scale(double active, double reactive);
  /// The same from a behaviour, each step.
  void set_demand(const Demand& demand);

  /// Z part. s = v conj(y v) = conj(y) |v|^2, so a lagging load has a negative susceptance.
  Phasor admittance_s(std::size_t port, double frequency_hz) const {
    const double share = demand_.as_impedance ? 1.0 : parameters_.share_z;
    return share == 0.0 ? Phasor{} : std::conj(demand_va(port, frequency_hz)) * (share * per_v2_[port]);
  }
  /// P part.
  Phasor power_injection_va(std::size_t port, double frequency_hz) const {
    const double share = demand_.as_impedance ? 0.0 : parameters_.share_p;
    return share == 0.0 ? Phasor{} : -share * demand_va(port, frequency_hz);
  }
  /// I part, at the port's nominal voltage.
  Phasor current_injection_va(std::size_t port, double frequency_hz) const {
    const double share = demand_.as_impedance ? 0.0 : parameters_.share_i;
    return share == 0.0 ? Phasor{} : -share * demand_va(port, frequency_hz);
  }
  double nominal_v(std::size_t port) const { return nominal_v_[port]; }
  bool uses(std::size_t port) const { return nominal_va_[port] != Phasor{}; }  ///< draws anything there when on
  const Parameters& parameters() const { return parameters_; }

 private:
  /// Power at nominal voltage, by scale, frequency and switch.
  Phasor demand_va(std::size_t port, double frequency_hz) const {
    if (!on_) return {};
    return {
        nominal_va_[port].real() * demand_.active_scale * frequency_term(parameters_.active_per_hz, frequency_hz),
        nominal_va_[port].imag() * demand_.reactive_scale * frequency_term(parameters_.reactive_per_hz, frequency_hz)};
  }
  double frequency_term(double per_hz, double frequency_hz) const {
    return per_hz == 0.0 ? 1.0 : std::max(0.0, 1.0 + per_hz * (frequency_hz - parameters_.nominal_hz));
  }

  Parameters parameters_;
  std::array<Phasor, load_port_count> nominal_va_{};
  std::array<double, load_port_count> nominal_v_{};
  std::array<double, load_port_count> per_v2_{};  ///< 1 / nominal_v^2
  bool on_ = false;
  Demand demand_{1.0, 1.0, false};
};

}  // namespace hil::models
