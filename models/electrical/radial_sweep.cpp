#include "models/electrical/radial_sweep.h"

#include <algorithm>
#include <cmath>

namespace hil::models {

namespace {

std::vector<std::size_t> radial_ports(const NetworkElements& elements, const NetworkTopology& topology) {
  std::vector<std::size_t> ports;
  for (std::size_t index = 0; index < elements.ports.size(); ++index) {
    if (topology.radial[elements.ports[index].from / conductor_count]) ports.push_back(index);
  }
  return ports;
}

Eigen::Matrix4cd diagonal_of(const std::array<Phasor, conductor_count>& ohm) {
  Eigen::Matrix4cd matrix = Eigen::Matrix4cd::Zero();
  for (std::size_t k = 0; k < conductor_count; ++k) {
    matrix(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)) = ohm[k];
  }
  return matrix;
}

}  // namespace

void RadialSweep::append(std::size_t bus, std::size_t parent, std::size_t source, const Eigen::Matrix4cd& ohm) {
  Place place;
  place.bus = static_cast<std::uint32_t>(bus);
  place.parent = static_cast<std::uint32_t>(parent);
  place.source = static_cast<std::uint32_t>(source);
  for (std::size_t k = 0; k < conductor_count; ++k) {
    place.self_ohm.set(k, ohm(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)));
  }
  const Eigen::Matrix4cd diagonal = ohm.diagonal().asDiagonal();
  place.coupled = !(ohm - diagonal).isZero(0.0);
  place.block = static_cast<std::uint32_t>(coupled_ohm_.size());
  if (place.coupled) coupled_ohm_.emplace_back(ohm);
  places_.push_back(place);
}

RadialSweep::RadialSweep(const NetworkElements& elements, const NetworkTopology& topology)
    : ports_(elements, radial_ports(elements, topology)),
      emf_v_(elements.sources.size()),
      current_a_(elements.bus_count()),
      balance_a_(elements.bus_count()) {
  std::vector<bool> placed(elements.bus_count());
  for (std::size_t index = 0; index < elements.sources.size(); ++index) {
    const NetworkElements::Source& source = elements.sources[index];
    if (!source.closed || !topology.radial[source.bus]) continue;
    append(source.bus, none, index, diagonal_of(source.ohm));
    placed[source.bus] = true;
  }
  std::vector<std::vector<std::size_t>> branches_at(elements.bus_count());
  for (std::size_t index = 0; index < elements.branches.size(); ++index) {
    const NetworkElements::Branch& branch = elements.branches[index];
    if (branch.open()) continue;
    branches_at[branch.from].push_back(index);
    branches_at[branch.to].push_back(index);
  }
  for (std::size_t next = 0; next < places_.size(); ++next) {
    const std::size_t bus = places_[next].bus;
    for (const std::size_t index : branches_at[bus]) {
      const NetworkElements::Branch& branch = elements.branches[index];
      const bool reversed = branch.to == bus;
      const std::size_t other = reversed ? branch.from : branch.to;
      if (placed[other]) continue;
      placed[other] = true;
      append(other, bus, places_[next].source, branch.series_ohm);
      places_.back().branch = static_cast<std::uint32_t>(index);
      places_.back().reversed = reversed;
    }
  }
}

void RadialSweep::start(std::span<const PhasePhasors> emf_ln_v, NodeValues& v) const {
  for (const Place& place : places_) {
    v[place.bus] = Vector4{};
    for (std::size_t k = 0; k < phase_count; ++k) v[place.bus].set(k, emf_ln_v[place.source][k]);
  }
}

/// Sum of squares of the changes; a NaN anywhere ends up in it.
double RadialSweep::advance_voltages(NodeValues& v) {
  Eigen::Array4d change_v2 = Eigen::Array4d::Zero();
  for (const Place& place : places_) {
    const Vector4& a = current_a_[place.bus];
    const Vector4& parent_v = place.parent == none ? emf_v_[place.source] : v[place.parent];
    const Vector4 next_v =
        parent_v + (place.coupled ? multiply(coupled_ohm_[place.block], a) : multiply(place.self_ohm, a));
    Vector4& bus_v = v[place.bus];
    const Vector4 change_v = next_v - bus_v;
    change_v2 += change_v.re * change_v.re + change_v.im * change_v.im;
    bus_v = next_v;
  }
  return change_v2.sum();
}

/// Each branch by its admittance at the voltages; returns by how much that misses Kirchhoff's current law with what the
/// ports inject, which stands in current_a_.
double RadialSweep::take_currents(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                                  const NodeValues& v) {
  std::copy(current_a_.begin(), current_a_.end(), balance_a_.begin());
  for (const Place& place : places_) {
    if (place.parent == none) {
      NetworkElements::Source& source = elements.sources[place.source];
      source.take_current(emf_ln_v[place.source], v[place.bus]);
      balance_a_[place.bus] += source.current_a;
      continue;
    }
    NetworkElements::Branch& branch = elements.branches[place.branch];
    branch.take_current(v[branch.from] - v[branch.to]);
    balance_a_[branch.from] -= branch.current_a;
    balance_a_[branch.to] += branch.current_a;
  }
  return largest_of(balance_a_);
}

Settling RadialSweep::iterate(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                              std::span<const PortInjection> injections, const SettlingLimits& limits, NodeValues& v) {
  ports_.load(elements, injections);
  for (std::size_t source = 0; source < emf_ln_v.size(); ++source) {
    for (std::size_t k = 0; k < phase_count; ++k) emf_v_[source].set(k, emf_ln_v[source][k]);
  }
  Settling result;
  Convergence convergence(limits);
  for (;;) {
    std::fill(current_a_.begin(), current_a_.end(), Vector4{});
    ports_.inject(elements, injections, v, current_a_);
    if (convergence.voltages_settled()) {
      result.residual_a = take_currents(elements, emf_ln_v, v);
      result.settled = convergence.settled(result.residual_a);
      if (result.settled) ports_.store_currents(elements);
      if (result.settled || !std::isfinite(result.residual_a)) return result;
    }
    if (result.iterations == limits.max_iterations) return result;
    ++result.iterations;
    for (std::size_t i = places_.size(); i-- > 0;) {
      if (places_[i].parent != none) current_a_[places_[i].parent] += current_a_[places_[i].bus];
    }
    const double change_v2 = advance_voltages(v);
    if (!std::isfinite(change_v2)) return result;
    convergence.take_step(change_v2);
  }
}

}  // namespace hil::models
