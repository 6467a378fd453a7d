#include "models/electrical/nodal_solver.h"

#include <cmath>

namespace hil::models {

namespace {

// Holds a conductor that only ports connect: this admittance stands in the factor alone. Converges while the ports on
// such a conductor are below twice it (at 230 V and a floor of 0.7: 26 kVA each).
constexpr double holding_s = 1.0;

std::vector<bool> nodal_buses(const NetworkTopology& topology) {
  std::vector<bool> takes(topology.live.size());
  for (std::size_t bus = 0; bus < takes.size(); ++bus) takes[bus] = topology.live[bus] && !topology.radial[bus];
  return takes;
}

Eigen::Index index_of(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

Eigen::Matrix4cd matrix_of(const Block4& block) {
  Eigen::Matrix4cd matrix;
  for (std::size_t i = 0; i < 16; ++i) matrix(index_of(i % 4), index_of(i / 4)) = {block.re[i], block.im[i]};
  return matrix;
}

}  // namespace

NetworkElements::Selection select(const NetworkElements& elements, const NetworkTopology& topology,
                                  const std::vector<bool>& takes) {
  const auto takes_node = [&takes](std::size_t node) { return takes[node / conductor_count]; };
  NetworkElements::Selection selection;
  for (std::size_t i = 0; i < elements.sources.size(); ++i) {
    if (elements.sources[i].closed && takes_node(elements.sources[i].node)) selection.sources.push_back(i);
  }
  for (std::size_t i = 0; i < elements.branches.size(); ++i) {
    if (!elements.branches[i].open() && takes_node(elements.branches[i].from)) selection.branches.push_back(i);
  }
  for (std::size_t i = 0; i < elements.transformers.size(); ++i) {
    if (takes_node(elements.transformers[i].from)) selection.transformers.push_back(i);
  }
  for (std::size_t i = 0; i < elements.earthings.size(); ++i) {
    if (takes_node(elements.earthings[i].node)) selection.earthings.push_back(i);
  }
  for (std::size_t i = 0; i < elements.ports.size(); ++i) {
    if (takes_node(elements.ports[i].from)) selection.ports.push_back(i);
  }
  for (std::size_t node = 0; node < elements.node_count(); ++node) {
    if (!takes_node(node)) continue;
    selection.nodes.push_back(node);
    if (topology.leaking[node]) selection.leaking_nodes.push_back(node);
  }
  return selection;
}

NodalSolver::NodalSolver(const NetworkElements& elements, const NetworkTopology& topology)
    : selection_(select(elements, topology, nodal_buses(topology))),
      position_(elements.bus_count()),
      factor_(0),
      factored_s_(elements.ports.size()),
      balance_a_(elements.node_count()),
      none_(elements.ports.size()) {
  for (std::size_t i = 0; i < selection_.nodes.size(); i += conductor_count) {
    position_[selection_.nodes[i] / conductor_count] = bus_of_.size();
    bus_of_.push_back(selection_.nodes[i] / conductor_count);
  }
  correction_v_ = NodeValues(selection_.nodes.size());
}

void NodalSolver::factorise(const NetworkElements& elements, const NetworkTopology& topology) {
  factor_ = BlockElimination(bus_of_.size());
  const auto add_at = [this](std::size_t node, std::size_t other, Phasor s) {
    const std::size_t bus = position_[node / conductor_count];
    Eigen::Matrix4cd block = Eigen::Matrix4cd::Zero();
    block(index_of(node % conductor_count), index_of(other % conductor_count)) = s;
    factor_.add(bus, bus, block);
  };
  const auto add_two_terminal = [&add_at](std::size_t a, std::size_t b, Phasor s) {
    add_at(a, a, s);
    add_at(b, b, s);
    add_at(a, b, -s);
    add_at(b, a, -s);
  };
  for (const std::size_t index : selection_.sources) {
    const NetworkElements::Source& source = elements.sources[index];
    for (std::size_t k = 0; k < conductor_count; ++k) {
      add_at(source.node + k, source.node + k, source.admittance_s[k]);
    }
  }
  DisjointSets nodes(elements.node_count() + 1);
  const std::size_t settled = elements.node_count();  // stands for all that a source feeds
  for (std::size_t node = 0; node < settled; ++node) {
    if (topology.energised[node]) nodes.join(node, settled);
  }
  for (const std::size_t index : selection_.branches) {
    const NetworkElements::Branch& branch = elements.branches[index];
    const Eigen::Matrix4cd block = matrix_of(branch.admittance_s);
    const std::size_t from = position_[branch.from / conductor_count];
    const std::size_t to = position_[branch.to / conductor_count];
    factor_.add(from, from, block);
    factor_.add(to, to, block);
    factor_.add(from, to, -block);
    for (std::size_t k = 0; k < conductor_count; ++k) {
      if (branch.carries(k)) nodes.join(branch.from + k, branch.to + k);
    }
  }
  for (const std::size_t index : selection_.transformers) {
    const NetworkElements::TransformerState& each = elements.transformers[index];
    const std::size_t from = position_[each.from / conductor_count];
    const std::size_t to = position_[each.to / conductor_count];
    factor_.add(from, from, each.matrix_s.topLeftCorner<4, 4>());
    factor_.add(to, to, each.matrix_s.bottomRightCorner<4, 4>());
    factor_.add(from, to, each.matrix_s.topRightCorner<4, 4>());
  }
  for (const std::size_t index : selection_.earthings) {
    add_at(elements.earthings[index].node, elements.earthings[index].node, elements.earthings[index].admittance_s);
  }
  for (const std::size_t node : selection_.leaking_nodes) add_at(node, node, Network::leak_s);

  for (const std::size_t index : selection_.ports) {
    const NetworkElements::Port& port = elements.ports[index];
    if (port.admittance_s != Phasor{}) nodes.join(port.from, port.to);
  }
  std::vector<std::size_t> held;
  for (const std::size_t index : selection_.ports) {
    const NetworkElements::Port& port = elements.ports[index];
    if (!nodes.together(port.from, settled) || !nodes.together(port.to, settled)) held.push_back(index);
    add_two_terminal(port.from, port.to, port.admittance_s);
    factored_s_[index] = port.admittance_s;
  }
  for (const std::size_t index : held) {
    add_two_terminal(elements.ports[index].from, elements.ports[index].to, holding_s);
    nodes.join(elements.ports[index].from, elements.ports[index].to);
  }
  for (const std::size_t node : selection_.nodes) {
    if (!nodes.together(node, settled)) add_at(node, node, 1.0);  // any value: nothing drives it, so it stays at 0 V
  }
  factor_.factorise();
  factor_is_stale_ = false;
}

double NodalSolver::moved_share(const NetworkElements& elements) const {
  double moved_s = 0.0;
  double total_s = 0.0;
  for (const std::size_t index : selection_.ports) {
    moved_s += std::abs(elements.ports[index].admittance_s - factored_s_[index]);
    total_s += std::abs(factored_s_[index]);
  }
  if (moved_s == 0.0) return 0.0;
  return total_s > 0.0 ? moved_s / total_s : 1.0;
}

/// One correction from 0 V without injections, the sources alone driving it.
void NodalSolver::start(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v, NodeValues& v) {
  for (const std::size_t node : selection_.nodes) v.set(node, {});
  int iterations = 0;
  double residual_a = 0.0;
  iterate(elements, emf_ln_v, none_, 0.0, 1, iterations, residual_a, v);
}

bool NodalSolver::iterate(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                          std::span<const PortInjection> injections, double tolerance_v, int max_iterations,
                          int& iterations, double& residual_a, NodeValues& v) {
  residual_a = elements.take_currents(selection_, v, emf_ln_v, injections, balance_a_);
  for (iterations = 1; iterations <= max_iterations; ++iterations) {
    for (std::size_t i = 0; i < bus_of_.size(); ++i) {
      for (std::size_t k = 0; k < conductor_count; ++k) {
        correction_v_.re[conductor_count * i + k] = balance_a_.re[conductor_count * bus_of_[i] + k];
        correction_v_.im[conductor_count * i + k] = balance_a_.im[conductor_count * bus_of_[i] + k];
      }
    }
    factor_.solve_in_place(correction_v_);
    double change_v2 = 0.0;
    for (std::size_t i = 0; i < bus_of_.size(); ++i) {
      for (std::size_t k = 0; k < conductor_count; ++k) {
        const double re = correction_v_.re[conductor_count * i + k];
        const double im = correction_v_.im[conductor_count * i + k];
        v.re[conductor_count * bus_of_[i] + k] += re;
        v.im[conductor_count * bus_of_[i] + k] += im;
        change_v2 += re * re + im * im;  // a NaN stays in it
      }
    }
    residual_a = elements.take_currents(selection_, v, emf_ln_v, injections, balance_a_);
    if (!std::isfinite(change_v2) || !std::isfinite(residual_a)) return false;
    if (change_v2 <= tolerance_v * tolerance_v && residual_a <= Network::current_residual_bound_a) return true;
  }
  iterations = max_iterations;
  return false;
}

}  // namespace hil::models
