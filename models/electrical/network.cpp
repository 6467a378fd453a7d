#include "models/electrical/network.h"

#include <algorithm>
#include <cmath>

#include "models/electrical/network_elements.h"
#include "models/electrical/network_topology.h"
#include "models/electrical/nodal_solver.h"
#include "models/electrical/radial_sweep.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

std::size_t node_of(std::size_t bus, Conductor conductor) {
  return bus * conductor_count + static_cast<std::size_t>(conductor);
}

Phasor entry(const Vector4& values, Conductor conductor) {
  return values.at(static_cast<std::size_t>(conductor));
}

Phasor at_node(const NodeValues& values, std::size_t node) {
  return values[node / conductor_count].at(node % conductor_count);
}

}  // namespace

struct Network::Implementation {
  explicit Implementation(const Parameters& given);
  const NetworkTopology& refreshed_topology();
  void make_stale();
  void prepare(std::span<const PhasePhasors> emf_ln_v);
  void forget_solution();
  enum class From { last_solution, laws };
  Settling solve_nodal(std::span<const PhasePhasors> emf_ln_v, std::span<const PortInjection> injections, From from);
  Settling iterate_nodal(std::span<const PhasePhasors> emf_ln_v, std::span<const PortInjection> injections);
  bool any_admittance() const;

  SettlingLimits limits;
  bool nodal_only;

  NetworkElements elements;
  NodeValues node_v;
  std::uint64_t factorisations = 0;  ///< by nodal solvers before the present one
  std::uint64_t switchings = 0;

  bool topology_is_stale = false;
  bool solvers_are_stale = true;
  bool start_is_stale = true;
  bool sweep_gave_up = false;  ///< until the next switch
  NetworkTopology topology;
  RadialSweep sweep;
  NodalSolver nodal;
};

Network::Implementation::Implementation(const Parameters& given)
    : limits{given.tolerance_v, current_residual_bound_a, given.max_iterations},
      nodal_only(given.nodal_only),
      elements(given),
      node_v(elements.bus_count()),
      topology(elements, !nodal_only),
      sweep(elements, topology),
      nodal(elements, topology) {
  require(given.tolerance_v > 0.0 && std::isfinite(given.tolerance_v), "tolerance_v", given.tolerance_v, "> 0");
  require(given.max_iterations > 0, "max_iterations", given.max_iterations, "> 0");
  // No voltage before the first solve but the nominal one.
  for (std::size_t bus = 0; bus < elements.bus_count(); ++bus) {
    const PhasePhasors nominal = balanced(elements.nominal_ln_v[bus]);
    for (std::size_t k = 0; k < phase_count; ++k) node_v[bus].set(k, nominal[k]);
  }
}

void Network::Implementation::make_stale() {
  ++switchings;
  topology_is_stale = true;
  solvers_are_stale = true;
  sweep_gave_up = false;
}

const NetworkTopology& Network::Implementation::refreshed_topology() {
  if (topology_is_stale) {
    topology = NetworkTopology(elements, !nodal_only && !sweep_gave_up);
    topology_is_stale = false;
  }
  return topology;
}

void Network::Implementation::forget_solution() {
  start_is_stale = true;
  for (Vector4& each : node_v) each = Vector4{};
  elements.forget_currents();
}

/// After a switch: who solves what, the factor, and voltages to start from. Dead buses stay at 0 V.
void Network::Implementation::prepare(std::span<const PhasePhasors> emf_ln_v) {
  if (solvers_are_stale) {
    refreshed_topology();
    sweep = RadialSweep(elements, topology);
    factorisations += nodal.factorisations();
    nodal = NodalSolver(elements, topology);
    solvers_are_stale = false;
    nodal.make_factor_stale();
    forget_solution();
  }
  if (nodal.factor_is_stale() && !nodal.empty()) nodal.factorise(elements);
  if (start_is_stale) {
    sweep.start(emf_ln_v, node_v);
    if (!nodal.empty()) nodal.start(elements, emf_ln_v, node_v);
    start_is_stale = false;
  }
}

bool Network::Implementation::any_admittance() const {
  return std::any_of(elements.ports.begin(), elements.ports.end(),
                     [](const NetworkElements::Port& port) { return port.admittance_s != Phasor{}; });
}

/// From the last solution on, with the factor as it is, then with a new one.
Settling Network::Implementation::iterate_nodal(std::span<const PhasePhasors> emf_ln_v,
                                                std::span<const PortInjection> injections) {
  Settling first = nodal.iterate(elements, emf_ln_v, injections, limits, node_v);
  if (first.settled && first.iterations <= refactor_above_iterations) return first;
  const double moved_share = nodal.moved_share(elements);
  if (first.settled && nodal.laws_in_factor()) {
    nodal.factorise_by_laws(elements, injections, node_v);
    return first;
  }
  if (first.settled) {
    if (moved_share > refactor_above_share) nodal.make_factor_stale();
    return first;
  }
  if (moved_share == 0.0 || nodal.laws_in_factor()) return first;
  nodal.factorise(elements);
  nodal.start(elements, emf_ln_v, node_v);
  Settling second = nodal.iterate(elements, emf_ln_v, injections, limits, node_v);
  second.iterations += first.iterations;
  return second;
}

Settling Network::Implementation::solve_nodal(std::span<const PhasePhasors> emf_ln_v,
                                              std::span<const PortInjection> injections, From from) {
  if (nodal.empty()) return {.settled = true};
  Settling result;
  const auto settles = [&result](Settling next) {
    next.iterations += result.iterations;
    result = next;
    return next.settled;
  };
  if (nodal.needs_tangents() && settles(nodal.iterate_by_tangents(elements, emf_ln_v, injections, limits, node_v))) {
    return result;
  }
  if (from == From::last_solution && settles(iterate_nodal(emf_ln_v, injections))) return result;
  if (settles(nodal.iterate_by_laws(elements, emf_ln_v, injections, limits, node_v))) return result;
  // From where that ended, often beside a solution, then from voltages without injections.
  nodal.make_factor_stale();
  if (settles(nodal.iterate_by_tangents(elements, emf_ln_v, injections, limits, node_v))) return result;
  nodal.factorise(elements);
  nodal.start(elements, emf_ln_v, node_v);
  settles(nodal.iterate_by_tangents(elements, emf_ln_v, injections, limits, node_v));
  return result;
}

Network::Network(const Parameters& parameters) : implementation_(std::make_unique<Implementation>(parameters)) {}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

void Network::set_port_admittance(PortIndex port, Phasor admittance_s) {
  NetworkElements& elements = implementation_->elements;
  elements.ports[port].admittance_s = admittance_s;
  elements.ports[port].admittance_set = ++elements.admittances_set;
}

void Network::set_source_closed(SourceIndex source, bool closed) {
  bool& present = implementation_->elements.sources[source].closed;
  if (present == closed) return;
  present = closed;
  implementation_->make_stale();
}

void Network::set_source_ohm(SourceIndex source, const std::array<Phasor, conductor_count>& series_ohm) {
  require_source_ohm(series_ohm, "source " + std::to_string(source));
  NetworkElements::Source& state = implementation_->elements.sources[source];
  if (state.ohm == series_ohm) return;
  state.set_ohm(series_ohm);
  implementation_->make_stale();
}

void Network::set_branch_closed(BranchIndex branch, bool closed) {
  NetworkElements::Branch& state = implementation_->elements.branches[branch];
  if (state.all_closed == closed) return;
  state.all_closed = closed;
  state.set_admittance();
  implementation_->make_stale();
}

void Network::set_conductor_closed(BranchIndex branch, Conductor conductor, bool closed) {
  NetworkElements::Branch& state = implementation_->elements.branches[branch];
  bool& present = state.closed[static_cast<std::size_t>(conductor)];
  if (present == closed) return;
  present = closed;
  state.set_admittance();
  implementation_->make_stale();
}

bool Network::energised(BusIndex bus, Conductor conductor) const {
  return implementation_->refreshed_topology().energised[node_of(bus, conductor)];
}

Network::BusIndex Network::island(BusIndex bus) const {
  return implementation_->refreshed_topology().island[bus];
}

Network::Result Network::solve(std::span<const PhasePhasors> emf_ln_v, std::span<const PortInjection> injections) {
  Implementation& network = *implementation_;
  Result result;
  if (emf_ln_v.size() != network.elements.sources.size() || injections.size() != network.elements.ports.size()) {
    return result;
  }
  network.prepare(emf_ln_v);
  Settling swept{.settled = true};
  if (!network.sweep.empty()) {
    swept = network.sweep.iterate(network.elements, emf_ln_v, injections, network.limits, network.node_v);
  }
  Implementation::From from = Implementation::From::last_solution;
  if (!swept.settled) {
    // Without admittances the nodal solver would take the very same steps.
    if (!network.any_admittance()) from = Implementation::From::laws;
    network.make_stale();
    network.sweep_gave_up = true;
    network.prepare(emf_ln_v);
  }
  const Settling corrected = network.solve_nodal(emf_ln_v, injections, from);
  result.solved = corrected.settled;
  result.iterations = std::max(swept.iterations, corrected.iterations);
  result.current_residual_a = corrected.residual_a;
  if (swept.settled && swept.residual_a > corrected.residual_a) result.current_residual_a = swept.residual_a;
  if (!result.solved) {
    result.residual_bus = network.nodal.worst_bus();
    // A bad end is no start for the next solve. What neither solver can do, the sweep may do again later.
    if (network.sweep_gave_up) network.make_stale();
    network.forget_solution();
  }
  return result;
}

Phasor Network::node_v(BusIndex bus, Conductor conductor) const {
  return entry(implementation_->node_v[bus], conductor);
}

Phasor Network::port_v(PortIndex port) const {
  const NetworkElements::Port& state = implementation_->elements.ports[port];
  return at_node(implementation_->node_v, state.from) - at_node(implementation_->node_v, state.to);
}

Phasor Network::port_injection_a(PortIndex port) const {
  return implementation_->elements.ports[port].current_a;
}

void Network::port_flows(PortIndex first, std::span<PortFlow> flows) const {
  const NetworkElements::Port* port = implementation_->elements.ports.data() + first;
  const NodeValues& node_v = implementation_->node_v;
  for (PortFlow& flow : flows) {
    flow = {at_node(node_v, port->from) - at_node(node_v, port->to), port->current_a};
    ++port;
  }
}

void Network::star_flows(PortIndex first, PhasePhasors& v, PhasePhasors& injection_a) const {
  const NetworkElements::Port* port = implementation_->elements.ports.data() + first;
  const Vector4& bus_v = implementation_->node_v[port->from / conductor_count];
  const Phasor neutral_v = entry(bus_v, Conductor::n);
  for (std::size_t k = 0; k < phase_count; ++k) {
    v[k] = bus_v.at(k) - neutral_v;
    injection_a[k] = port[k].current_a;
  }
}

double Network::loss_w() const {
  const NetworkElements& elements = implementation_->elements;
  const NodeValues& node_v = implementation_->node_v;
  const auto taken_w = [](const Vector4& v, const Vector4& a) { return (v.re * a.re + v.im * a.im).sum(); };
  const auto heat_w = [](const Vector4& a, const Eigen::Array4d& ohm) {
    return ((a.re * a.re + a.im * a.im) * ohm).sum();
  };
  double loss_w = implementation_->nodal.leak_w(node_v);
  for (const NetworkElements::Source& source : elements.sources) {
    if (source.closed) loss_w += heat_w(source.current_a, source.resistance_ohm);
  }
  for (const NetworkElements::Branch& branch : elements.branches) {
    loss_w += heat_w(branch.current_a, branch.resistance_ohm);
  }
  for (const NetworkElements::TransformerState& each : elements.transformers) {
    loss_w += taken_w(node_v[each.from], each.current_a[0]) + taken_w(node_v[each.to], each.current_a[1]);
  }
  for (const NetworkElements::Earthing& earthing : elements.earthings) {
    loss_w += std::norm(at_node(node_v, earthing.node)) * earthing.admittance_s.real();
  }
  return loss_w;
}

std::uint64_t Network::switchings() const {
  return implementation_->switchings;
}

Phasor Network::branch_a(BranchIndex branch, Conductor conductor) const {
  return entry(implementation_->elements.branches[branch].current_a, conductor);
}

Phasor Network::transformer_from_a(TransformerIndex transformer, Conductor conductor) const {
  return entry(implementation_->elements.transformers[transformer].current_a[0], conductor);
}

Phasor Network::source_a(SourceIndex source, Conductor conductor) const {
  return entry(implementation_->elements.sources[source].current_a, conductor);
}

std::uint64_t Network::factorisations() const {
  return implementation_->factorisations + implementation_->nodal.factorisations();
}

}  // namespace hil::models
