#include "models/electrical/tangent_factor.h"

#include <algorithm>

#include "models/electrical/port_law.h"

namespace hil::models {

namespace {

// Between the ends of each port on a conductor that only ports connect, so that the matrix has an inverse where they
// fix currents alone. Far below the admittance of any load, so that it slows nothing else down.
constexpr double holding_s = 1e-6;

Eigen::Index index_of(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

/// w of a port with the current conj(w) v at this magnitude.
Phasor factor_of(const PortLaw& law, const PortInjection& injection, double magnitude_v) {
  return std::conj(injection_a(law, injection, Phasor{magnitude_v, 0.0}) / magnitude_v);
}

}  // namespace

TangentFactor::TangentFactor(const NetworkElements& elements, const NetworkElements::Selection& selection,
                             const std::vector<std::size_t>& position, const DisjointSets& settled)
    : buses_(selection.buses), ports_(selection.ports), position_(position) {
  const Eigen::Index size = index_of(2 * conductor_count * buses_.size());
  linear_ = Eigen::MatrixXd::Zero(size, size);
  whole_ = linear_;
  missing_a_ = Eigen::VectorXd::Zero(size);
  unknowns_v_ = missing_a_;
  lu_ = Eigen::PartialPivLU<Eigen::MatrixXd>(size);
  whole_.swap(linear_);
  fill_linear(elements, selection);
  hold(elements, settled);
  whole_.swap(linear_);
}

/// Into whole_, as every add().
void TangentFactor::fill_linear(const NetworkElements& elements, const NetworkElements::Selection& selection) {
  const auto add_shunt = [this](std::size_t node, Phasor s) { add(node, node, s, {}); };
  for (const std::size_t index : selection.sources) {
    const NetworkElements::Source& source = elements.sources[index];
    for (std::size_t k = 0; k < conductor_count; ++k)
      add_shunt(conductor_count * source.bus + k, source.admittance_s.at(k));
  }
  for (const std::size_t index : selection.branches) {
    const NetworkElements::Branch& branch = elements.branches[index];
    const Eigen::Matrix4cd block = branch.admittance_s.matrix();
    add_block(branch.from, branch.from, block);
    add_block(branch.to, branch.to, block);
    add_block(branch.from, branch.to, -block);
    add_block(branch.to, branch.from, -block);
  }
  for (const std::size_t index : selection.transformers) {
    const NetworkElements::TransformerState& each = elements.transformers[index];
    add_block(each.from, each.from, each.matrix_s.topLeftCorner<4, 4>());
    add_block(each.to, each.to, each.matrix_s.bottomRightCorner<4, 4>());
    add_block(each.from, each.to, each.matrix_s.topRightCorner<4, 4>());
    add_block(each.to, each.from, each.matrix_s.bottomLeftCorner<4, 4>());
  }
  for (const std::size_t index : selection.earthings)
    add_shunt(elements.earthings[index].node, elements.earthings[index].admittance_s);
  for (const std::size_t node : selection.leaking_nodes) add_shunt(node, Network::leak_s);
}

void TangentFactor::hold(const NetworkElements& elements, const DisjointSets& settled) {
  const std::size_t earth = elements.node_count();
  DisjointSets joined = settled;
  for (const std::size_t index : ports_) {
    const NetworkElements::Port& port = elements.ports[index];
    if (settled.together(port.from, earth) && settled.together(port.to, earth)) continue;
    add_two_terminal(port.from, port.to, holding_s);
    joined.join(port.from, port.to);
  }
  for (const std::size_t bus : buses_) {
    for (std::size_t node = conductor_count * bus; node < conductor_count * (bus + 1); ++node) {
      if (!joined.together(node, earth)) add(node, node, 1.0, {});  // any value: nothing drives it, it stays at 0 V
    }
  }
}

void TangentFactor::add_block(std::size_t row_bus, std::size_t column_bus, const Eigen::Matrix4cd& block) {
  for (std::size_t row = 0; row < conductor_count; ++row) {
    for (std::size_t column = 0; column < conductor_count; ++column) {
      add(conductor_count * row_bus + row, conductor_count * column_bus + column,
          block(index_of(row), index_of(column)), {});
    }
  }
}

/// A current a dv + b conj(dv).
void TangentFactor::add(std::size_t row, std::size_t column, Phasor of_v, Phasor of_conjugate) {
  const auto first = [this](std::size_t node) {
    return index_of(2 * (conductor_count * position_[node / conductor_count] + node % conductor_count));
  };
  const Eigen::Index i = first(row);
  const Eigen::Index j = first(column);
  whole_(i, j) += of_v.real() + of_conjugate.real();
  whole_(i, j + 1) += of_conjugate.imag() - of_v.imag();
  whole_(i + 1, j) += of_v.imag() + of_conjugate.imag();
  whole_(i + 1, j + 1) += of_v.real() - of_conjugate.real();
}

void TangentFactor::add_two_terminal(std::size_t from, std::size_t to, Phasor of_v, Phasor of_conjugate) {
  add(from, from, of_v, of_conjugate);
  add(to, to, of_v, of_conjugate);
  add(from, to, -of_v, -of_conjugate);
  add(to, from, -of_v, -of_conjugate);
}

void TangentFactor::factorise(const NetworkElements& elements, std::span<const PortInjection> injections,
                              const NodeValues& v) {
  constexpr double least_v = 1e-3;  // the laws end in an admittance there
  constexpr double difference = 1e-6;
  whole_ = linear_;
  for (const std::size_t index : ports_) {
    const NetworkElements::Port& port = elements.ports[index];
    const Phasor port_v = v[port.from / conductor_count].at(port.from % conductor_count) -
                          v[port.to / conductor_count].at(port.to % conductor_count);
    PortInjection of_voltage = injections[index];
    of_voltage.fixed_a = {};
    const double magnitude_v = std::max(magnitude(port_v), least_v);
    const double low_v = (1.0 - difference) * magnitude_v;
    const double high_v = (1.0 + difference) * magnitude_v;
    const Phasor w = factor_of(port.law, of_voltage, magnitude_v);
    const Phasor slope = (factor_of(port.law, of_voltage, high_v) - factor_of(port.law, of_voltage, low_v)) /
                         (high_v * high_v - low_v * low_v);
    const Phasor of_v = std::conj(w + slope * (magnitude_v * magnitude_v));
    add_two_terminal(port.from, port.to, port.admittance_s - of_v, -std::conj(slope) * port_v * port_v);
  }
  lu_.compute(whole_);
}

double TangentFactor::step(const NodeValues& balance_a, NodeValues& step_v) {
  Eigen::Index i = 0;
  for (const std::size_t bus : buses_) {
    for (std::size_t k = 0; k < conductor_count; ++k) {
      const Phasor a = balance_a[bus].at(k);
      missing_a_(i++) = a.real();
      missing_a_(i++) = a.imag();
    }
  }
  unknowns_v_ = lu_.solve(missing_a_);
  i = 0;
  for (std::size_t place = 0; place < buses_.size(); ++place) {
    for (std::size_t k = 0; k < conductor_count; ++k, i += 2) {
      step_v[place].set(k, {unknowns_v_(i), unknowns_v_(i + 1)});
    }
  }
  return unknowns_v_.squaredNorm();
}

}  // namespace hil::models
