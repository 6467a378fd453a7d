#pragma once

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

  Phasor admittance_s(std::size_t port, double frequency_hz) const;          ///< Z part
  Phasor power_injection_va(std::size_t port, double frequency_hz) const;    ///< P part
  Phasor current_injection_va(std::size_t port, double frequency_hz) const;  ///< I part, at the port's nominal voltage
  double nominal_v(std::size_t port) const { return port < phase_count ? parameters_.nominal_ln_v : nominal_ll_v_; }
  bool uses(std::size_t port) const { return nominal_va(port) != Phasor{}; }  ///< draws anything there when on

  /// At nominal frequency.
  Phasor admittance_s(std::size_t port) const { return admittance_s(port, parameters_.nominal_hz); }
  /// P and I part together at nominal frequency, for a caller that knows constant power only: the I part is then as
  /// old as the voltage given.
  Phasor injection_va(std::size_t port, double port_v) const;
  const Parameters& parameters() const { return parameters_; }

 private:
  Phasor nominal_va(std::size_t port) const;
  /// Power at nominal voltage, by scale, frequency and switch.
  Phasor demand_va(std::size_t port, double frequency_hz) const;

  Parameters parameters_;
  double nominal_ll_v_ = 0.0;
  bool on_ = false;
  Demand demand_{1.0, 1.0, false};
};

}  // namespace hil::models
