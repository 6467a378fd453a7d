#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/electrical/block_elimination.h"
#include "models/electrical/network_elements.h"
#include "models/electrical/network_topology.h"
#include "models/electrical/port_bank.h"
#include "models/electrical/settling.h"

namespace hil::models {

/// Solves any network by correcting its voltages with the factor M of a nodal matrix:
///
///   v <- v + M^-1 * (what each node misses of Kirchhoff's current law at v)
///
/// M holds sources, branches, transformers, earthings and the port admittances of the time it was made. What the ports
/// are by now, and rounding in M, only cost iterations: the right side comes from the laws of the elements.
class NodalSolver {
 public:
  /// All live buses that are not radial.
  NodalSolver(const NetworkElements& elements, const NetworkTopology& topology);

  bool empty() const { return selection_.buses.empty(); }
  bool factor_is_stale() const { return factor_is_stale_; }
  void make_factor_stale() { factor_is_stale_ = true; }
  void factorise(const NetworkElements& elements, const NetworkTopology& topology);
  /// Sum of what the admittances have moved by since then, over their sum (1 if that was zero).
  double moved_share(const NetworkElements& elements) const;

  /// Voltages without injections, but with the admittances in the factor.
  void start(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v, NodeValues& v);
  /// From `v` on. Leaves the currents of its elements taken.
  Settling iterate(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                   std::span<const PortInjection> injections, const SettlingLimits& limits, NodeValues& v);

 private:
  double take_balance(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                      std::span<const PortInjection> injections, const NodeValues& v);
  double correct(NodeValues& v);

  NetworkElements::Selection selection_;
  std::vector<std::size_t> position_;  ///< of each bus in the matrix
  BlockElimination factor_;
  bool factor_is_stale_ = true;
  std::vector<Phasor> factored_s_;  ///< admittance of each port in the factor
  PortBank ports_;
  NodeValues balance_a_;     ///< of each bus: what is missing there
  NodeValues correction_v_;  ///< in the order of the matrix
};

}  // namespace hil::models
