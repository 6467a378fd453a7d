#include "models/electrical/network.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

// Holds a conductor that only constant-power ports connect: this admittance stands in Y and its current is taken
// back by the injection, so that it leaves no trace in the solution. Converges while the ports on such a conductor
// are below twice it (at 230 V and a floor of 0.7: 26 kVA each).
constexpr double holding_s = 1.0;

constexpr Eigen::Index index_of(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

constexpr Eigen::Index node_of(std::size_t bus, Conductor conductor) {
  return index_of(bus * conductor_count + static_cast<std::size_t>(conductor));
}

/// Connected sets of nodes, the source's neutral point being one more node.
class Islands {
 public:
  explicit Islands(std::size_t nodes) : parent_(nodes) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t node) const {
    while (parent_[node] != node) node = parent_[node];
    return node;
  }
  std::size_t root(Eigen::Index node) const { return root(static_cast<std::size_t>(node)); }
  void join(std::size_t a, std::size_t b) { parent_[root(a)] = root(b); }
  void join(Eigen::Index a, Eigen::Index b) { join(static_cast<std::size_t>(a), static_cast<std::size_t>(b)); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

struct Network::Implementation {
  struct BranchState {
    Eigen::Index from = 0;  ///< node of L1; the other conductors follow
    Eigen::Index to = 0;
    Eigen::Matrix4cd series_ohm;
    std::array<bool, conductor_count> closed{};
    bool all_closed = true;
    Eigen::Matrix4cd admittance_s = Eigen::Matrix4cd::Zero();  ///< zero rows and columns where open
    Eigen::Vector4cd current_a = Eigen::Vector4cd::Zero();

    bool carries(std::size_t k) const { return all_closed && closed[k]; }
    void set_admittance();
  };
  struct PortState {
    Eigen::Index from = 0;
    Eigen::Index to = 0;
    Phasor admittance_s{};
    double holding_s = 0.0;
    double floor_v2 = 0.0;  ///< square of the voltage below which constant power gives way
    Phasor current_a{};     ///< into the network at `from`, all parts
  };

  explicit Implementation(const Parameters& given);
  void factorise();
  void close_islands(Islands& islands);
  void set_open_circuit(const PhasePhasors& emf_ln_v);
  bool iterate(std::span<const Phasor> injection_va, int& iterations);
  double take_currents(std::span<const Phasor> injection_va);
  static Phasor constant_power_a(Phasor va, Phasor v, double floor_v2);

  double tolerance_v;
  int max_iterations;
  Eigen::Index source_node;
  std::array<Phasor, conductor_count> source_s{};
  std::vector<BranchState> branches;
  std::vector<PortState> ports;

  bool factor_is_stale = true;
  std::uint64_t factorisations = 0;
  PhasePhasors emf_v{};

  // Small dense systems: the explicit inverse is 2.5 times faster to apply than a factor (performance.md section 2).
  // The iteration needs only what ports see of each other; the nodes follow once, after it.
  Eigen::MatrixXcd y_s;              ///< nodes x nodes
  Eigen::MatrixXcd node_source_ohm;  ///< nodes x conductors of the source
  Eigen::MatrixXcd node_port_ohm;    ///< nodes x ports
  Eigen::MatrixXcd port_port_ohm;    ///< ports x ports
  Eigen::VectorXcd open_node_v;      ///< without injections
  Eigen::VectorXcd open_port_v;
  Eigen::VectorXcd node_v;
  Eigen::VectorXcd port_v;
  Eigen::VectorXcd next_port_v;
  Eigen::VectorXcd port_a;     ///< constant power and holding parts, as iterated
  Eigen::VectorXcd balance_a;  ///< what is missing at each node
  std::array<Phasor, conductor_count> source_a{};
};

void Network::Implementation::BranchState::set_admittance() {
  // An open conductor carries nothing: only the closed ones stand in the matrix that is inverted.
  admittance_s.setZero();
  std::array<Eigen::Index, conductor_count> live{};
  Eigen::Index count = 0;
  for (std::size_t k = 0; k < conductor_count; ++k) {
    if (carries(k)) live[static_cast<std::size_t>(count++)] = index_of(k);
  }
  Eigen::MatrixXcd part(count, count);
  const auto at = [&live](Eigen::Index i) { return live[static_cast<std::size_t>(i)]; };
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j < count; ++j) part(i, j) = series_ohm(at(i), at(j));
  }
  const Eigen::MatrixXcd inverse = part.inverse();
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j < count; ++j) admittance_s(at(i), at(j)) = inverse(i, j);
  }
}

Network::Implementation::Implementation(const Parameters& given)
    : tolerance_v(given.tolerance_v),
      max_iterations(given.max_iterations),
      source_node(node_of(given.source_bus, Conductor::l1)) {
  const auto count = [](std::size_t n) { return static_cast<double>(n); };
  const std::size_t bus_count = given.buses.size();
  require(bus_count > 0, "buses", count(bus_count), "at least one");
  require(given.source_bus < bus_count, "source_bus", count(given.source_bus), "below the number of buses");
  require(given.nominal_ln_v > 0.0 && std::isfinite(given.nominal_ln_v), "nominal_ln_v", given.nominal_ln_v, "> 0");
  require(given.tolerance_v > 0.0, "tolerance_v", given.tolerance_v, "> 0");
  require(given.max_iterations > 0, "max_iterations", given.max_iterations, "> 0");
  require(given.constant_power_floor_pu >= 0.0 && given.constant_power_floor_pu <= 1.0, "constant_power_floor_pu",
          given.constant_power_floor_pu, "0..1");
  for (std::size_t k = 0; k < conductor_count; ++k) {
    const Phasor ohm = given.source_series_ohm[k];
    require(ohm.real() > 0.0 && std::isfinite(ohm.real()), "source_series_ohm", ohm.real(), "> 0 (real part)");
    require(std::isfinite(ohm.imag()), "source_series_ohm", ohm.imag(), "finite (imaginary part)");
    source_s[k] = 1.0 / ohm;
  }
  for (const Branch& branch : given.branches) {
    const std::string where = "branch " + branch.name + " ";
    require(branch.from < bus_count, (where + "from").c_str(), count(branch.from), "below the number of buses");
    require(branch.to < bus_count && branch.to != branch.from, (where + "to").c_str(), count(branch.to),
            "another bus than from, below the number of buses");
    BranchState state;
    state.from = node_of(branch.from, Conductor::l1);
    state.to = node_of(branch.to, Conductor::l1);
    state.series_ohm = branch.series_ohm;
    state.closed.fill(true);
    state.set_admittance();
    for (Eigen::Index k = 0; k < index_of(conductor_count); ++k) {
      require(branch.series_ohm(k, k).real() >= 0.0, (where + "series_ohm").c_str(), branch.series_ohm(k, k).real(),
              ">= 0 (real part of each diagonal element)");
    }
    require(state.admittance_s.allFinite(), (where + "series_ohm").c_str(), branch.series_ohm.norm(),
            "a matrix that has an inverse");
    state.all_closed = branch.closed;
    state.set_admittance();
    branches.push_back(state);
  }
  for (const Port& port : given.ports) {
    const std::string where = "port " + port.name + " ";
    require(port.bus < bus_count, (where + "bus").c_str(), count(port.bus), "below the number of buses");
    require(port.from != port.to, (where + "to").c_str(), static_cast<double>(port.to), "another conductor than from");
    const bool to_neutral = port.from == Conductor::n || port.to == Conductor::n;
    const double floor_ln_v = given.constant_power_floor_pu * given.nominal_ln_v;
    PortState state;
    state.from = node_of(port.bus, port.from);
    state.to = node_of(port.bus, port.to);
    state.floor_v2 = floor_ln_v * floor_ln_v * (to_neutral ? 1.0 : 3.0);
    ports.push_back(state);
  }

  const Eigen::Index nodes = index_of(bus_count * conductor_count);
  const Eigen::Index port_count = index_of(ports.size());
  y_s.setZero(nodes, nodes);
  node_source_ohm.setZero(nodes, index_of(conductor_count));
  node_port_ohm.setZero(nodes, port_count);
  port_port_ohm.setZero(port_count, port_count);
  for (Eigen::VectorXcd* vector : {&open_node_v, &node_v, &balance_a}) vector->setZero(nodes);
  for (Eigen::VectorXcd* vector : {&open_port_v, &port_v, &next_port_v, &port_a}) vector->setZero(port_count);

  // No voltage before the first solve but the nominal one, as the start of its iteration.
  const PhasePhasors nominal = balanced(given.nominal_ln_v);
  for (Eigen::Index bus = 0; bus < index_of(bus_count); ++bus) {
    for (std::size_t k = 0; k < phase_count; ++k) node_v(bus * index_of(conductor_count) + index_of(k)) = nominal[k];
  }
  for (std::size_t p = 0; p < ports.size(); ++p) port_v(index_of(p)) = node_v(ports[p].from) - node_v(ports[p].to);
}

/// Finds what has no path to the source's neutral point and sees to it that Y still has an inverse.
void Network::Implementation::close_islands(Islands& islands) {
  const Eigen::Index reference = y_s.rows();
  for (std::size_t p = 0; p < ports.size(); ++p) {
    PortState& port = ports[p];
    const bool from_floats = islands.root(port.from) != islands.root(reference);
    const bool to_floats = islands.root(port.to) != islands.root(reference);
    port.holding_s = from_floats || to_floats ? holding_s : 0.0;
    if (from_floats || to_floats) port_v(index_of(p)) = 0.0;  // starts where it carries nothing
  }
  for (const PortState& port : ports) {
    if (port.holding_s > 0.0) islands.join(port.from, port.to);
  }
  for (Eigen::Index node = 0; node < reference; ++node) {
    if (islands.root(node) == islands.root(reference)) continue;
    y_s(node, node) += 1.0;  // any value: nothing drives a dead island, so it stays at 0 V
  }
}

void Network::Implementation::factorise() {
  const Eigen::Index nodes = y_s.rows();
  Islands islands(static_cast<std::size_t>(nodes) + 1);
  y_s.setZero();
  for (std::size_t k = 0; k < conductor_count; ++k) {
    const Eigen::Index node = source_node + index_of(k);
    y_s(node, node) += source_s[k];
    islands.join(node, nodes);
  }
  for (const BranchState& branch : branches) {
    y_s.block<4, 4>(branch.from, branch.from) += branch.admittance_s;
    y_s.block<4, 4>(branch.to, branch.to) += branch.admittance_s;
    y_s.block<4, 4>(branch.from, branch.to) -= branch.admittance_s;
    y_s.block<4, 4>(branch.to, branch.from) -= branch.admittance_s;
    for (std::size_t k = 0; k < conductor_count; ++k) {
      if (branch.carries(k)) islands.join(branch.from + index_of(k), branch.to + index_of(k));
    }
  }
  for (const PortState& port : ports) {
    if (port.admittance_s != Phasor{}) islands.join(port.from, port.to);
  }
  close_islands(islands);
  for (const PortState& port : ports) {
    const Phasor s = port.admittance_s + port.holding_s;
    y_s(port.from, port.from) += s;
    y_s(port.to, port.to) += s;
    y_s(port.from, port.to) -= s;
    y_s(port.to, port.from) -= s;
  }

  const Eigen::MatrixXcd z_ohm = y_s.partialPivLu().inverse();
  node_source_ohm = z_ohm.middleCols(source_node, index_of(conductor_count));
  for (std::size_t p = 0; p < ports.size(); ++p) {
    node_port_ohm.col(index_of(p)) = z_ohm.col(ports[p].from) - z_ohm.col(ports[p].to);
  }
  for (std::size_t p = 0; p < ports.size(); ++p) {
    port_port_ohm.row(index_of(p)) = node_port_ohm.row(ports[p].from) - node_port_ohm.row(ports[p].to);
  }
  ++factorisations;
}

void Network::Implementation::set_open_circuit(const PhasePhasors& emf_ln_v) {
  emf_v = emf_ln_v;
  open_node_v.setZero();
  for (std::size_t k = 0; k < phase_count; ++k) {
    open_node_v += node_source_ohm.col(index_of(k)) * (source_s[k] * emf_v[k]);
  }
  for (std::size_t p = 0; p < ports.size(); ++p) {
    open_port_v(index_of(p)) = open_node_v(ports[p].from) - open_node_v(ports[p].to);
  }
}

/// conj(va / v) above the floor. Below it |v|^2 in the denominator becomes (|v|^4 + floor^4) / (2 floor^2): same value
/// and slope at the floor, constant impedance towards 0 V.
Phasor Network::Implementation::constant_power_a(Phasor va, Phasor v, double floor_v2) {
  const double v2 = std::norm(v);
  if (v2 == 0.0) return {};
  const double divisor_v2 = v2 >= floor_v2 ? v2 : (v2 * v2 + floor_v2 * floor_v2) / (2.0 * floor_v2);
  const double scale = 1.0 / divisor_v2;
  return {(va.real() * v.real() + va.imag() * v.imag()) * scale, (va.real() * v.imag() - va.imag() * v.real()) * scale};
}

bool Network::Implementation::iterate(std::span<const Phasor> injection_va, int& iterations) {
  const double tolerance_v2 = tolerance_v * tolerance_v;
  const std::size_t count = ports.size();
  for (iterations = 1; iterations <= max_iterations; ++iterations) {
    for (std::size_t p = 0; p < count; ++p) {
      const Phasor v = port_v(index_of(p));
      port_a(index_of(p)) = constant_power_a(injection_va[p], v, ports[p].floor_v2) + ports[p].holding_s * v;
    }
    next_port_v = open_port_v;
    next_port_v.noalias() += port_port_ohm * port_a;
    double change_v2 = 0.0;
    for (std::size_t p = 0; p < count; ++p) {
      const double v2 = std::norm(next_port_v(index_of(p)) - port_v(index_of(p)));
      if (!(v2 <= change_v2)) change_v2 = v2;  // lets NaN through, to end the iteration
    }
    port_v.swap(next_port_v);
    if (change_v2 <= tolerance_v2) return true;
    if (!std::isfinite(change_v2)) return false;
  }
  iterations = max_iterations;
  return false;
}

/// Currents of all parts from the node voltages, each by its own law; returns by how much they miss Kirchhoff's.
double Network::Implementation::take_currents(std::span<const Phasor> injection_va) {
  balance_a.setZero();
  for (std::size_t k = 0; k < conductor_count; ++k) {
    const Eigen::Index node = source_node + index_of(k);
    const Phasor emf = k < phase_count ? emf_v[k] : Phasor{};
    source_a[k] = source_s[k] * (emf - node_v(node));
    balance_a(node) += source_a[k];
  }
  for (BranchState& branch : branches) {
    const Eigen::Vector4cd drop_v = node_v.segment<4>(branch.from) - node_v.segment<4>(branch.to);
    branch.current_a.noalias() = branch.admittance_s * drop_v;
    balance_a.segment<4>(branch.from) -= branch.current_a;
    balance_a.segment<4>(branch.to) += branch.current_a;
  }
  for (std::size_t p = 0; p < ports.size(); ++p) {
    PortState& port = ports[p];
    const Phasor v = node_v(port.from) - node_v(port.to);
    port.current_a = constant_power_a(injection_va[p], v, port.floor_v2) - port.admittance_s * v;
    balance_a(port.from) += port.current_a;
    balance_a(port.to) -= port.current_a;
  }
  double largest_a2 = 0.0;
  for (Eigen::Index node = 0; node < balance_a.size(); ++node) {
    const double a2 = std::norm(balance_a(node));
    if (!(a2 <= largest_a2)) largest_a2 = a2;
  }
  return std::sqrt(largest_a2);
}

Network::Network(const Parameters& parameters) : implementation_(std::make_unique<Implementation>(parameters)) {}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

void Network::set_port_admittance(PortIndex port, Phasor admittance_s) {
  Phasor& present = implementation_->ports[port].admittance_s;
  if (present == admittance_s) return;
  present = admittance_s;
  implementation_->factor_is_stale = true;
}

void Network::set_branch_closed(BranchIndex branch, bool closed) {
  Implementation::BranchState& state = implementation_->branches[branch];
  if (state.all_closed == closed) return;
  state.all_closed = closed;
  state.set_admittance();
  implementation_->factor_is_stale = true;
}

void Network::set_conductor_closed(BranchIndex branch, Conductor conductor, bool closed) {
  Implementation::BranchState& state = implementation_->branches[branch];
  bool& present = state.closed[static_cast<std::size_t>(conductor)];
  if (present == closed) return;
  present = closed;
  state.set_admittance();
  implementation_->factor_is_stale = true;
}

Network::Result Network::solve(const PhasePhasors& emf_ln_v, std::span<const Phasor> port_injection_va) {
  Implementation& network = *implementation_;
  if (network.factor_is_stale) {
    network.factorise();
    network.set_open_circuit(emf_ln_v);
    network.factor_is_stale = false;
  } else if (emf_ln_v != network.emf_v) {
    network.set_open_circuit(emf_ln_v);
  }

  Result result;
  const bool settled = network.iterate(port_injection_va, result.iterations);
  network.node_v = network.open_node_v;
  network.node_v.noalias() += network.node_port_ohm * network.port_a;
  result.current_residual_a = network.take_currents(port_injection_va);
  result.solved = settled && result.current_residual_a <= current_residual_bound_a;
  if (!result.solved) network.port_v = network.open_port_v;  // a bad end is no start for the next solve
  return result;
}

Phasor Network::node_v(BusIndex bus, Conductor conductor) const {
  return implementation_->node_v(node_of(bus, conductor));
}

Phasor Network::port_v(PortIndex port) const {
  const Implementation::PortState& state = implementation_->ports[port];
  return implementation_->node_v(state.from) - implementation_->node_v(state.to);
}

Phasor Network::port_injection_a(PortIndex port) const {
  return implementation_->ports[port].current_a;
}

Phasor Network::branch_a(BranchIndex branch, Conductor conductor) const {
  return implementation_->branches[branch].current_a(static_cast<Eigen::Index>(conductor));
}

Phasor Network::source_a(Conductor conductor) const {
  return implementation_->source_a[static_cast<std::size_t>(conductor)];
}

std::uint64_t Network::factorisations() const {
  return implementation_->factorisations;
}

}  // namespace hil::models
