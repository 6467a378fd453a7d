#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "models/electrical/network.h"
#include "models/load/load_behaviour.h"
#include "models/load/rlc_load.h"
#include "models/load/zip_load.h"

namespace hil::models {

/// One load of a site: its electrical law, what makes it change by itself, and the network ports it uses.
class LoadLane {
 public:
  struct Parameters {
    std::optional<ZipLoad::Parameters> zip{};
    std::optional<RlcLoad::Parameters> rlc{};  ///< beside or instead of the ZIP part; switched together
    std::optional<LoadBehaviour> behaviour{};  ///< acts on the ZIP part
  };
  /// Throws InvalidParameter when there is neither a ZIP nor an RLC part.
  LoadLane(const Parameters& parameters, double nominal_hz);

  /// Which of load_ports it needs in the network, in that order.
  const std::array<bool, load_port_count>& uses() const { return uses_; }
  double nominal_v(std::size_t port) const { return zip_ ? zip_->nominal_v(port) : 0.0; }
  void set_first_port(std::size_t port) { first_port_ = port; }

  void set_on(bool on) { on_ = on; }
  /// While its neutral hangs free, what lies to neutral draws as an impedance: a star of constant powers has no settled
  /// voltage.
  void set_neutral_lost(bool lost) {
    placed_ = placed_ && lost == neutral_lost_;
    neutral_lost_ = lost;
  }
  bool on() const { return on_; }
  LoadBehaviour* behaviour() { return behaviour_ ? &*behaviour_ : nullptr; }
  double consumed_w() const { return consumed_w_; }
  double consumed_wh() const { return consumed_wh_; }

  /// Puts what it wants into the network and the injections. False: it wants what already stands there, and nothing was
  /// written. Does not allocate.
  bool plan(double frequency_hz, double ambient_c, Network& network, PortInjection* injections);
  /// Reads what it draws, after a solution that is new.
  void read(const Network& network);
  /// Each step: counts what it drew.
  void settle(double step_h) { consumed_wh_ += consumed_w_ * step_h; }
  /// Susceptances at nominal frequency and conductance that the load shows at its present voltage, sum of its ports.
  struct Admittance {
    double conductance_s = 0.0;
    double inductive_s = 0.0;
    double capacitive_s = 0.0;
  };
  /// `between_phases`: what a port between two phases counts, the square of its voltage against that to neutral.
  Admittance admittance(const Network& network, double between_phases) const;

 private:
  // What a load at rest reads stands together.
  bool on_ = false;
  bool moves_ = false;   ///< has a behaviour
  bool placed_ = false;  ///< what stands in the network is up to date for `placed_on_` and `placed_hz_`
  bool placed_on_ = false;
  bool frequency_matters_ = false;
  bool neutral_lost_ = false;
  std::array<bool, load_port_count> uses_{};
  std::size_t port_count_ = 0;
  std::size_t first_port_ = 0;
  double placed_hz_ = 0.0;
  Demand demand_{};  ///< of the behaviour, as it was placed
  double consumed_w_ = 0.0;
  double consumed_wh_ = 0.0;
  double voltage_pu_ = 1.0;
  std::array<Network::PortFlow, load_port_count> flows_{};  ///< of the ports it uses, in the last step
  double nominal_hz_ = 0.0;
  std::optional<ZipLoad> zip_{};
  std::optional<RlcLoad> rlc_{};
  std::optional<LoadBehaviour> behaviour_{};
};

}  // namespace hil::models
