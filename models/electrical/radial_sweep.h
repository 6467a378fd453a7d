#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/electrical/block4.h"
#include "models/electrical/network_elements.h"
#include "models/electrical/network_topology.h"

namespace hil::models {

/// Backward/forward sweep over all islands that are trees behind one source.
///
///   backward  c(bus) = ports(v) + sum of c(children)             children before parents
///   forward   v(bus) = v(parent) + series_ohm * c(bus)           parents before children
///
/// The root's parent is the source's EMF, its series impedance the source's own. No solve, no factor: each iteration
/// walks two arrays once.
class RadialSweep {
 public:
  /// Takes memory; the buses that are radial, in an order in which parents come first.
  RadialSweep(const NetworkElements& elements, const NetworkTopology& topology);

  bool empty() const { return bus_of_.empty(); }
  /// Every bus at the voltage of its source.
  void start(std::span<const PhasePhasors> emf_ln_v, NodeValues& v) const;
  /// From `v` on until no sweep moves the voltages by more than the tolerance (root of the sum of squares). False: did
  /// not settle; `v` is then spoilt.
  bool iterate(const NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
               std::span<const PortInjection> injections, double tolerance_v, int max_iterations, int& iterations,
               NodeValues& v);

 private:
  static constexpr std::uint32_t no_parent = UINT32_MAX;
  struct PortPlace {
    std::uint32_t port;
    std::uint32_t from;  ///< node in this order
    std::uint32_t to;
  };
  void inject(const NetworkElements& elements, std::span<const PortInjection> injections);
  void gather_currents();
  double advance_voltages(std::span<const PhasePhasors> emf_ln_v);

  std::vector<std::size_t> bus_of_;    ///< in order
  std::vector<std::uint32_t> parent_;  ///< position, or no_parent
  std::vector<std::size_t> source_;    ///< that feeds it
  std::vector<std::uint8_t> coupled_;  ///< has mutual impedance
  std::vector<Vector4> self_ohm_;
  std::vector<Block4> series_ohm_;
  std::vector<PortPlace> ports_;
  std::vector<Vector4> v_;
  std::vector<Vector4> current_a_;
};

}  // namespace hil::models
