#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/electrical/block4.h"
#include "models/electrical/network_elements.h"
#include "models/electrical/network_topology.h"
#include "models/electrical/port_bank.h"
#include "models/electrical/settling.h"

namespace hil::models {

/// Backward/forward sweep over all islands that are trees behind one source.
///
///   backward  c(bus) = ports(v) + sum of c(children)             children before parents
///   forward   v(bus) = v(parent) + series_ohm * c(bus)           parents before children
///
/// The root's parent is the source's EMF, its series impedance the source's own. No solve, no factor: each iteration
/// walks the buses twice. The currents that it leaves come from the laws of the branches at the voltages, not from c.
class RadialSweep {
 public:
  /// Takes memory; the buses that are radial, in an order in which parents come first.
  RadialSweep(const NetworkElements& elements, const NetworkTopology& topology);

  bool empty() const { return places_.empty(); }
  /// Every bus at the voltage of its source.
  void start(std::span<const PhasePhasors> emf_ln_v, NodeValues& v) const;
  /// From `v` on. Leaves the currents of its elements taken when settled.
  Settling iterate(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                   std::span<const PortInjection> injections, const SettlingLimits& limits, NodeValues& v);

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Place {
    Vector4 self_ohm;
    std::uint32_t bus = 0;
    std::uint32_t parent = none;  ///< bus; none at a root
    std::uint32_t source = 0;     ///< that feeds it
    std::uint32_t branch = none;  ///< from the parent
    std::uint32_t block = 0;      ///< of a coupled one, in coupled_ohm_
    bool reversed = false;        ///< the branch's `to` is the parent
    bool coupled = false;         ///< has mutual impedance
  };
  void append(std::size_t bus, std::size_t parent, std::size_t source, const Eigen::Matrix4cd& ohm);
  static void gather_currents(const Place* first, const Place* end, Vector4* current_a);
  static double advance_voltages(const Place* place, const Place* end, const Block4* coupled_ohm, const Vector4* emf_v,
                                 const Vector4* current_a, Vector4* v);
  static void take_branch_currents(const Place* place, const Place* end, NetworkElements::Branch* branches,
                                   const Vector4* v, Vector4* balance_a);
  double take_currents(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v, const NodeValues& v);

  std::vector<Place> places_;
  std::vector<Block4> coupled_ohm_;
  PortBank ports_;
  std::vector<Vector4> emf_v_;  ///< of each source
  NodeValues current_a_;        ///< of each bus: what it and, on the way back, all behind it inject
  NodeValues balance_a_;
};

}  // namespace hil::models
