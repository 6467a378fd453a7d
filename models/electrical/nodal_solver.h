#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/electrical/block_elimination.h"
#include "models/electrical/network_elements.h"
#include "models/electrical/network_topology.h"
#include "models/electrical/port_bank.h"
#include "models/electrical/settling.h"
#include "models/electrical/tangent_factor.h"

namespace hil::models {

/// Solves any network by correcting its voltages with the factor M of a nodal matrix:
///
///   v <- v + M^-1 * (what each node misses of Kirchhoff's current law at v)
///
/// M holds sources, branches, transformers, earthings and the port admittances of the time it was made. What the ports
/// are by now, and rounding in M, only cost iterations: the right side comes from the laws of the elements.
///
/// A constant power or current that draws a large part of what its feed can give makes these steps swing, or never end.
/// iterate_by_laws() then takes into M what each port draws by its law at the present voltage, as an admittance. With R
/// and P alone that shrinks the distance to 2 (E - V) / E of it a step, so always where V is above half of E, and
/// faster below the floor of constant power.
///
/// What neither reaches (a conductor that hangs on ports behind a weak source, converters that feed against loads of
/// their own size) is a case for iterate_by_tangents(): Newton's steps, damped so that each leaves less to go by the
/// tangent it was made with (Deuflhard, Newton Methods for Nonlinear Problems, 2004, section 3.3).
class NodalSolver {
 public:
  /// All live buses that are not radial.
  NodalSolver(const NetworkElements& elements, const NetworkTopology& topology);

  bool empty() const { return selection_.buses.empty(); }
  bool factor_is_stale() const { return factor_is_stale_; }
  void make_factor_stale() { factor_is_stale_ = true; }
  /// Does not allocate from the second time on.
  void factorise(const NetworkElements& elements);
  /// With what the ports draw at `v` in the factor beside their admittances.
  void factorise_by_laws(const NetworkElements& elements, std::span<const PortInjection> injections,
                         const NodeValues& v);
  bool laws_in_factor() const { return laws_in_factor_; }
  std::uint64_t factorisations() const { return factorisations_; }
  /// Where the last iterate misses Kirchhoff's law most, or first has a value that is not finite.
  std::size_t worst_bus() const;
  /// What Network::leak_s takes at `v`.
  double leak_w(const NodeValues& v) const;
  /// Sum of what the admittances have moved by since then, over their sum (1 if that was zero).
  double moved_share(const NetworkElements& elements) const;

  /// Voltages without injections, but with the admittances in the factor.
  void start(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v, NodeValues& v);
  /// From `v` on. Leaves the currents of its elements taken.
  Settling iterate(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                   std::span<const PortInjection> injections, const SettlingLimits& limits, NodeValues& v);

  /// From nominal voltage on, with the laws of the ports in the factor; refactors as long as voltages move. Leaves that
  /// factor, which the next iterate() goes on with.
  Settling iterate_by_laws(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                           std::span<const PortInjection> injections, const SettlingLimits& limits, NodeValues& v);

  /// Newton's steps from `v` on. Takes memory the first time.
  Settling iterate_by_tangents(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                               std::span<const PortInjection> injections, const SettlingLimits& limits, NodeValues& v);
  /// The last solution took tangents, and so will the next.
  bool needs_tangents() const { return needs_tangents_; }

 private:
  void fill_factor(const NetworkElements& elements);
  void add_ports(const NetworkElements& elements);
  void add_at(std::size_t node, std::size_t other, Phasor s);
  void add_two_terminal(std::size_t a, std::size_t b, Phasor s);
  double take_balance(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                      std::span<const PortInjection> injections, const NodeValues& v);
  double correct(NodeValues& v, double share = 1.0);
  struct Damped {
    double share = 0.0;      ///< of the step that was taken; 0: no share leaves less to go
    double change_v2 = 0.0;  ///< what the same tangent would step from there
    double residual_a = 0.0;
  };
  Damped take_damped(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                     std::span<const PortInjection> injections, double change_v2, double first_share, NodeValues& v);

  NetworkElements::Selection selection_;
  std::vector<std::size_t> position_;  ///< of each bus in the matrix
  BlockElimination factor_;
  bool factor_is_stale_ = true;
  std::vector<Phasor> factored_s_;  ///< admittance of each port in the factor
  std::vector<Phasor> law_s_;       ///< beside it: what the port's law draws at a voltage, or nothing
  bool laws_in_factor_ = false;
  std::uint64_t factorisations_ = 0;
  DisjointSets settled_;  ///< nodes whose voltage does not hang on ports, and what branches and earthings join
  DisjointSets joined_;   ///< with the ports
  std::vector<std::size_t> held_;
  PortBank ports_;
  NodeValues balance_a_;     ///< of each bus: what is missing there
  NodeValues correction_v_;  ///< in the order of the matrix
  std::optional<TangentFactor> tangent_;
  bool needs_tangents_ = false;
  NodeValues before_v_;  ///< of the selection's buses, ahead of a damped step
  NodeValues next_step_v_;
};

}  // namespace hil::models
