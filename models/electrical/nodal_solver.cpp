#include "models/electrical/nodal_solver.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

/// What lies at the buses for which `takes` is true.
NetworkElements::Selection select(const NetworkElements& elements, const NetworkTopology& topology,
                                  const std::vector<bool>& takes) {
  const auto takes_node = [&takes](std::size_t node) { return takes[node / conductor_count]; };
  NetworkElements::Selection selection;
  for (std::size_t i = 0; i < elements.sources.size(); ++i) {
    if (elements.sources[i].closed && takes[elements.sources[i].bus]) selection.sources.push_back(i);
  }
  for (std::size_t i = 0; i < elements.branches.size(); ++i) {
    if (!elements.branches[i].open() && takes[elements.branches[i].from]) selection.branches.push_back(i);
  }
  for (std::size_t i = 0; i < elements.transformers.size(); ++i) {
    if (takes[elements.transformers[i].from]) selection.transformers.push_back(i);
  }
  for (std::size_t i = 0; i < elements.earthings.size(); ++i) {
    if (takes_node(elements.earthings[i].node)) selection.earthings.push_back(i);
  }
  for (std::size_t i = 0; i < elements.ports.size(); ++i) {
    if (takes_node(elements.ports[i].from)) selection.ports.push_back(i);
  }
  for (std::size_t node = 0; node < elements.node_count(); ++node) {
    if (takes_node(node) && topology.leaking[node]) selection.leaking_nodes.push_back(node);
  }
  for (std::size_t bus = 0; bus < elements.bus_count(); ++bus) {
    if (takes[bus]) selection.buses.push_back(bus);
  }
  return selection;
}

/// Nodes with a voltage of their own hang together with the last set, and so does what closed conductors and earthings
/// join to them.
DisjointSets settled_nodes(const NetworkElements& elements, const NetworkTopology& topology,
                           const NetworkElements::Selection& selection) {
  DisjointSets nodes(elements.node_count() + 1);
  const std::size_t settled = elements.node_count();
  for (std::size_t node = 0; node < settled; ++node) {
    if (topology.energised[node]) nodes.join(node, settled);
  }
  for (const std::size_t index : selection.branches) {
    const NetworkElements::Branch& branch = elements.branches[index];
    for (std::size_t k = 0; k < conductor_count; ++k) {
      if (branch.carries(k)) nodes.join(conductor_count * branch.from + k, conductor_count * branch.to + k);
    }
  }
  for (const std::size_t index : selection.earthings) nodes.join(elements.earthings[index].node, settled);
  return nodes;
}

/// What constant power, constant current or a converter draws at a voltage of this magnitude, as an admittance. Finite
/// at 0 V too, where the laws end in one.
Phasor law_admittance_s(const PortLaw& law, PortInjection injection, double magnitude_v) {
  constexpr double least_v = 1e-3;
  const Phasor v{std::max(magnitude_v, least_v), 0.0};
  injection.fixed_a = {};
  return -injection_a(law, injection, v) / v;
}

}  // namespace

NodalSolver::NodalSolver(const NetworkElements& elements, const NetworkTopology& topology)
    : selection_(select(elements, topology, nodal_buses(topology))),
      position_(elements.bus_count()),
      factor_(selection_.buses.size()),
      factored_s_(elements.ports.size()),
      law_s_(elements.ports.size()),
      settled_(settled_nodes(elements, topology, selection_)),
      joined_(settled_),
      ports_(elements, selection_.ports),
      balance_a_(elements.bus_count()),
      correction_v_(selection_.buses.size()) {
  for (std::size_t i = 0; i < selection_.buses.size(); ++i) position_[selection_.buses[i]] = i;
  held_.reserve(selection_.ports.size());
}

void NodalSolver::add_at(std::size_t node, std::size_t other, Phasor s) {
  const std::size_t bus = position_[node / conductor_count];
  Eigen::Matrix4cd block = Eigen::Matrix4cd::Zero();
  block(index_of(node % conductor_count), index_of(other % conductor_count)) = s;
  factor_.add(bus, bus, block);
}

void NodalSolver::add_two_terminal(std::size_t a, std::size_t b, Phasor s) {
  add_at(a, a, s);
  add_at(b, b, s);
  add_at(a, b, -s);
  add_at(b, a, -s);
}

void NodalSolver::factorise(const NetworkElements& elements) {
  std::fill(law_s_.begin(), law_s_.end(), Phasor{});
  laws_in_factor_ = false;
  fill_factor(elements);
}

void NodalSolver::factorise_by_laws(const NetworkElements& elements, std::span<const PortInjection> injections,
                                    const NodeValues& v) {
  for (const std::size_t index : selection_.ports) {
    const NetworkElements::Port& port = elements.ports[index];
    const Phasor port_v = v[port.from / conductor_count].at(port.from % conductor_count) -
                          v[port.to / conductor_count].at(port.to % conductor_count);
    law_s_[index] = law_admittance_s(port.law, injections[index], std::abs(port_v));
  }
  laws_in_factor_ = true;
  fill_factor(elements);
}

void NodalSolver::fill_factor(const NetworkElements& elements) {
  factor_.clear();
  for (const std::size_t index : selection_.sources) {
    const NetworkElements::Source& source = elements.sources[index];
    for (std::size_t k = 0; k < conductor_count; ++k) {
      const std::size_t node = conductor_count * source.bus + k;
      add_at(node, node, source.admittance_s.at(k));
    }
  }
  for (const std::size_t index : selection_.branches) {
    const NetworkElements::Branch& branch = elements.branches[index];
    const Eigen::Matrix4cd block = branch.admittance_s.matrix();
    const std::size_t from = position_[branch.from];
    const std::size_t to = position_[branch.to];
    factor_.add(from, from, block);
    factor_.add(to, to, block);
    factor_.add(from, to, -block);
  }
  for (const std::size_t index : selection_.transformers) {
    const NetworkElements::TransformerState& each = elements.transformers[index];
    const std::size_t from = position_[each.from];
    const std::size_t to = position_[each.to];
    factor_.add(from, from, each.matrix_s.topLeftCorner<4, 4>());
    factor_.add(to, to, each.matrix_s.bottomRightCorner<4, 4>());
    factor_.add(from, to, each.matrix_s.topRightCorner<4, 4>());
  }
  for (const std::size_t index : selection_.earthings) {
    const NetworkElements::Earthing& each = elements.earthings[index];
    add_at(each.node, each.node, each.admittance_s);
  }
  for (const std::size_t node : selection_.leaking_nodes) add_at(node, node, Network::leak_s);
  add_ports(elements);
  factor_.factorise();
  factor_is_stale_ = false;
  ++factorisations_;
}

void NodalSolver::add_ports(const NetworkElements& elements) {
  const std::size_t settled = elements.node_count();
  joined_ = settled_;
  for (const std::size_t index : selection_.ports) {
    const NetworkElements::Port& port = elements.ports[index];
    if (port.admittance_s + law_s_[index] != Phasor{}) joined_.join(port.from, port.to);
  }
  held_.clear();
  for (const std::size_t index : selection_.ports) {
    const NetworkElements::Port& port = elements.ports[index];
    if (!joined_.together(port.from, settled) || !joined_.together(port.to, settled)) held_.push_back(index);
    add_two_terminal(port.from, port.to, port.admittance_s + law_s_[index]);
    factored_s_[index] = port.admittance_s;
  }
  for (const std::size_t index : held_) {
    add_two_terminal(elements.ports[index].from, elements.ports[index].to, holding_s);
    joined_.join(elements.ports[index].from, elements.ports[index].to);
  }
  for (const std::size_t bus : selection_.buses) {
    for (std::size_t node = conductor_count * bus; node < conductor_count * (bus + 1); ++node) {
      if (!joined_.together(node, settled)) add_at(node, node, 1.0);  // any value: nothing drives it, it stays at 0 V
    }
  }
}

std::size_t NodalSolver::worst_bus() const {
  std::size_t worst = 0;
  double largest_a2 = 0.0;
  for (const std::size_t bus : selection_.buses) {
    const Vector4& each = balance_a_[bus];
    const double sum_a2 = (each.re * each.re + each.im * each.im).sum();
    if (!std::isfinite(sum_a2)) return bus;
    if (sum_a2 <= largest_a2) continue;
    largest_a2 = sum_a2;
    worst = bus;
  }
  return worst;
}

double NodalSolver::leak_w(const NodeValues& v) const {
  double leak_w = 0.0;
  for (const std::size_t node : selection_.leaking_nodes) {
    leak_w += Network::leak_s * std::norm(v[node / conductor_count].at(node % conductor_count));
  }
  return leak_w;
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

/// One correction from 0 V, where ports carry nothing.
void NodalSolver::start(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v, NodeValues& v) {
  for (const std::size_t bus : selection_.buses) v[bus] = Vector4{};
  for (Vector4& each : balance_a_) each = Vector4{};
  elements.take_currents(selection_, v, emf_ln_v, balance_a_);
  correct(v);
}

/// What each node misses of Kirchhoff's law; returns the largest.
double NodalSolver::take_balance(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                                 std::span<const PortInjection> injections, const NodeValues& v) {
  for (Vector4& each : balance_a_) each = Vector4{};
  elements.take_currents(selection_, v, emf_ln_v, balance_a_);
  ports_.inject(elements, injections, v, balance_a_);
  return largest_of(balance_a_);
}

/// Sum of squares of the changes; a NaN anywhere ends up in it.
double NodalSolver::correct(NodeValues& v, double share) {
  for (std::size_t i = 0; i < selection_.buses.size(); ++i) correction_v_[i] = balance_a_[selection_.buses[i]];
  factor_.solve_in_place(correction_v_);
  Eigen::Array4d change_v2 = Eigen::Array4d::Zero();
  for (std::size_t i = 0; i < selection_.buses.size(); ++i) {
    Vector4& change_v = correction_v_[i];
    if (share != 1.0) change_v = {share * change_v.re, share * change_v.im};
    change_v2 += change_v.re * change_v.re + change_v.im * change_v.im;
    v[selection_.buses[i]] += change_v;
  }
  return change_v2.sum();
}

Settling NodalSolver::iterate(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                              std::span<const PortInjection> injections, const SettlingLimits& limits, NodeValues& v) {
  ports_.load(elements, injections);
  Settling result;
  Convergence convergence(limits);
  for (;;) {
    result.residual_a = take_balance(elements, emf_ln_v, injections, v);
    result.settled = convergence.settled(result.residual_a);
    if (result.settled || !std::isfinite(result.residual_a) || result.iterations == limits.max_iterations) break;
    ++result.iterations;
    const double change_v2 = correct(v);
    if (!std::isfinite(change_v2)) break;
    convergence.take_step(change_v2);
  }
  if (result.settled) ports_.store_currents(elements);
  return result;
}

/// Once the voltages move by little the factor stays: its steps shrink as fast as those of one that follows.
Settling NodalSolver::iterate_by_laws(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                                      std::span<const PortInjection> injections, const SettlingLimits& limits,
                                      NodeValues& v) {
  constexpr double refactor_above_v = 0.1;
  ports_.load(elements, injections);
  for (const std::size_t index : selection_.ports) {
    const PortLaw& law = elements.ports[index].law;
    law_s_[index] = law_admittance_s(law, injections[index], law.nominal_v);
  }
  laws_in_factor_ = true;
  fill_factor(elements);
  start(elements, emf_ln_v, v);
  Settling result;
  Convergence convergence(limits);
  double change_v2 = std::numeric_limits<double>::max();
  for (;;) {
    result.residual_a = take_balance(elements, emf_ln_v, injections, v);
    result.settled = convergence.settled(result.residual_a);
    if (result.settled || !std::isfinite(result.residual_a) || result.iterations == 2 * limits.max_iterations) break;
    ++result.iterations;
    // What has not settled by then may swing about the solution.
    const double share = result.iterations > limits.max_iterations ? 0.5 : 1.0;
    if (change_v2 > refactor_above_v * refactor_above_v) factorise_by_laws(elements, injections, v);
    change_v2 = correct(v, share);
    if (!std::isfinite(change_v2)) break;
    convergence.take_step(change_v2);
  }
  if (result.settled) ports_.store_currents(elements);
  return result;
}

/// The largest share of the step in correction_v_ after which the same tangent would step less far; leaves that next
/// step in correction_v_ and `v` there.
NodalSolver::Damped NodalSolver::take_damped(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                                             std::span<const PortInjection> injections, double change_v2,
                                             double first_share, NodeValues& v) {
  constexpr int most_halvings = 20;
  for (std::size_t i = 0; i < selection_.buses.size(); ++i) before_v_[i] = v[selection_.buses[i]];
  double share = first_share;
  for (int halvings = 0; halvings <= most_halvings; ++halvings) {
    for (std::size_t i = 0; i < selection_.buses.size(); ++i) {
      const Vector4& step_v = correction_v_[i];
      v[selection_.buses[i]] = before_v_[i] + Vector4{share * step_v.re, share * step_v.im};
    }
    const double residual_a = take_balance(elements, emf_ln_v, injections, v);
    const double next_v2 = tangent_->step(balance_a_, next_step_v_);
    const double least_gain = 1.0 - 0.25 * share;
    if (next_v2 <= least_gain * least_gain * change_v2) {
      std::swap(correction_v_, next_step_v_);
      return {share, next_v2, residual_a};
    }
    share *= 0.5;
  }
  for (std::size_t i = 0; i < selection_.buses.size(); ++i) v[selection_.buses[i]] = before_v_[i];
  return {.residual_a = take_balance(elements, emf_ln_v, injections, v)};
}

/// A tangent whose steps shrink tenfold stays, also from one solve to the next. Settled is what the next step would
/// move by less than the tolerance, or by what rounding leaves of a part that hangs on its leak alone.
Settling NodalSolver::iterate_by_tangents(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                                          std::span<const PortInjection> injections, const SettlingLimits& limits,
                                          NodeValues& v) {
  if (!tangent_) {
    tangent_.emplace(elements, selection_, position_, settled_);
    before_v_.resize(selection_.buses.size());
    next_step_v_.resize(selection_.buses.size());
  }
  const double highest_v = *std::max_element(elements.nominal_ln_v.begin(), elements.nominal_ln_v.end());
  const double tolerance_v = std::max(limits.tolerance_v, 1e-9 * highest_v);
  ports_.load(elements, injections);
  Settling result;
  result.residual_a = take_balance(elements, emf_ln_v, injections, v);
  bool is_new = !needs_tangents_;
  if (is_new) tangent_->factorise(elements, injections, v);
  double change_v2 = tangent_->step(balance_a_, correction_v_);
  double share = 1.0;
  while (std::isfinite(change_v2) && result.iterations < limits.max_iterations) {
    result.settled = change_v2 <= tolerance_v * tolerance_v && result.residual_a <= limits.residual_a;
    if (result.settled) break;
    ++result.iterations;
    const Damped next = take_damped(elements, emf_ln_v, injections, change_v2, share, v);
    if (next.share == 0.0 && is_new) break;
    result.residual_a = next.residual_a;
    is_new = next.share < 1.0 || next.change_v2 > 0.01 * change_v2;
    change_v2 = next.change_v2;
    share = next.share > 0.0 ? std::min(1.0, 2.0 * next.share) : 1.0;
    if (!is_new) continue;
    tangent_->factorise(elements, injections, v);
    change_v2 = tangent_->step(balance_a_, correction_v_);
  }
  needs_tangents_ = result.settled;
  if (result.settled) ports_.store_currents(elements);
  return result;
}

}  // namespace hil::models
