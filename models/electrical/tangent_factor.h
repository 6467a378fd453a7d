#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <span>
#include <vector>

#include "models/electrical/block4.h"
#include "models/electrical/network_elements.h"
#include "models/electrical/network_topology.h"

namespace hil::models {

/// Dense factor of the tangent of Kirchhoff's current law: how what each node misses changes with the real and the
/// imaginary part of every voltage, the laws of the ports included. A step with it is Newton's. It costs the cube of
/// the buses (some 0.2 ms for 12), and serves only states in which the sparse complex factor does not get there.
///
/// The current of a port is i = conj(w) v with w a function of |v|^2 alone (port_law.h), so that
///
///   di = (conj(w) + conj(w') |v|^2) dv + conj(w') v^2 conj(dv)
///
/// w' is a central difference; at a kink of a law it lies between the two slopes.
class TangentFactor {
 public:
  /// `position`: of each bus of the selection among the unknowns. `settled`: the nodes whose voltage does not hang on
  /// ports are together with its last element. Takes memory.
  TangentFactor(const NetworkElements& elements, const NetworkElements::Selection& selection,
                const std::vector<std::size_t>& position, const DisjointSets& settled);

  /// At voltages `v`.
  void factorise(const NetworkElements& elements, std::span<const PortInjection> injections, const NodeValues& v);
  /// Newton's step for what the nodes miss, in the order of the selection's buses. Returns the square of its length.
  double step(const NodeValues& balance_a, NodeValues& step_v);

 private:
  void fill_linear(const NetworkElements& elements, const NetworkElements::Selection& selection);
  void hold(const NetworkElements& elements, const DisjointSets& settled);
  void add_block(std::size_t row_bus, std::size_t column_bus, const Eigen::Matrix4cd& block);
  void add(std::size_t row, std::size_t column, Phasor of_v, Phasor of_conjugate);
  void add_two_terminal(std::size_t from, std::size_t to, Phasor of_v, Phasor of_conjugate = {});

  std::vector<std::size_t> buses_;
  std::vector<std::size_t> ports_;
  std::vector<std::size_t> position_;
  Eigen::MatrixXd linear_;  ///< all but what the ports draw
  Eigen::MatrixXd whole_;
  Eigen::VectorXd missing_a_;
  Eigen::VectorXd unknowns_v_;
  Eigen::PartialPivLU<Eigen::MatrixXd> lu_;
};

}  // namespace hil::models
