#include "models/electrical/radial_sweep.h"

#include <algorithm>
#include <cmath>

#include "models/electrical/wide.h"

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

/// What each bus and all behind it inject, from what each injects by itself. The sum of a parent is kept at hand while
/// its children follow each other: through the memory each would wait for the one before.
HIL_WIDE void RadialSweep::gather_currents(const Place* first, const Place* end, Vector4* current_a) {
  std::uint32_t parent = none;
  Quad re{};
  Quad im{};
  while (end != first) {
    const Place& place = *--end;
    if (place.parent == none) continue;
    if (place.parent != parent) {
      parent = place.parent;
      re = quad(current_a[parent].re);
      im = quad(current_a[parent].im);
    }
    re += quad(current_a[place.bus].re);
    im += quad(current_a[place.bus].im);
    quad(current_a[parent].re) = re;
    quad(current_a[parent].im) = im;
  }
}

/// Sum of squares of the changes; a NaN anywhere ends up in it.
HIL_WIDE double RadialSweep::advance_voltages(const Place* place, const Place* end, const Block4* coupled_ohm,
                                              const Vector4* emf_v, const Vector4* current_a, Vector4* v) {
  Quad change_v2{};
  for (; place != end; ++place) {
    const Vector4& a = current_a[place->bus];
    const Vector4& parent_v = place->parent == none ? emf_v[place->source] : v[place->parent];
    Vector4& bus_v = v[place->bus];
    Quad drop_re{};
    Quad drop_im{};
    if (place->coupled) {
      const Vector4 drop_v = multiply(coupled_ohm[place->block], a);
      drop_re = quad(drop_v.re);
      drop_im = quad(drop_v.im);
    } else {
      const Quad& r = quad(place->self_ohm.re);
      const Quad& x = quad(place->self_ohm.im);
      drop_re = r * quad(a.re) - x * quad(a.im);
      drop_im = r * quad(a.im) + x * quad(a.re);
    }
    const Quad re = quad(parent_v.re) + drop_re;
    const Quad im = quad(parent_v.im) + drop_im;
    const Quad change_re = re - quad(bus_v.re);
    const Quad change_im = im - quad(bus_v.im);
    change_v2 += change_re * change_re + change_im * change_im;
    quad(bus_v.re) = re;
    quad(bus_v.im) = im;
  }
  return (change_v2[0] + change_v2[2]) + (change_v2[1] + change_v2[3]);
}

/// Each branch by its admittance at the voltages, and what that leaves of the balance at its ends. That of the bus it
/// comes from is kept at hand as in gather_currents().
HIL_WIDE void RadialSweep::take_branch_currents(const Place* place, const Place* end, NetworkElements::Branch* branches,
                                                const Vector4* v, Vector4* balance_a) {
  std::size_t from = none;
  Quad from_re{};
  Quad from_im{};
  for (; place != end; ++place) {
    if (place->parent == none) continue;
    NetworkElements::Branch& branch = branches[place->branch];
    const Quad re = quad(v[branch.from].re) - quad(v[branch.to].re);
    const Quad im = quad(v[branch.from].im) - quad(v[branch.to].im);
    if (branch.diagonal) {
      const Quad& g = quad(branch.self_s.re);
      const Quad& b = quad(branch.self_s.im);
      quad(branch.current_a.re) = g * re - b * im;
      quad(branch.current_a.im) = g * im + b * re;
    } else {
      Vector4 drop_v;
      quad(drop_v.re) = re;
      quad(drop_v.im) = im;
      branch.current_a = multiply(branch.admittance_s, drop_v);
    }
    if (branch.from != from) {
      from = branch.from;
      from_re = quad(balance_a[from].re);
      from_im = quad(balance_a[from].im);
    }
    from_re -= quad(branch.current_a.re);
    from_im -= quad(branch.current_a.im);
    quad(balance_a[from].re) = from_re;
    quad(balance_a[from].im) = from_im;
    // Never the bus at hand: no branch leads back to where it comes from.
    quad(balance_a[branch.to].re) += quad(branch.current_a.re);
    quad(balance_a[branch.to].im) += quad(branch.current_a.im);
  }
}

/// By how much the laws of all elements at the voltages miss Kirchhoff's current law with what the ports inject, which
/// stands in current_a_.
double RadialSweep::take_currents(NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                                  const NodeValues& v) {
  std::copy(current_a_.begin(), current_a_.end(), balance_a_.begin());
  for (const Place& place : places_) {
    if (place.parent != none) continue;
    NetworkElements::Source& source = elements.sources[place.source];
    source.take_current(emf_ln_v[place.source], v[place.bus]);
    balance_a_[place.bus] += source.current_a;
  }
  take_branch_currents(places_.data(), places_.data() + places_.size(), elements.branches.data(), v.data(),
                       balance_a_.data());
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
    const Place* const first = places_.data();
    const Place* const end = first + places_.size();
    gather_currents(first, end, current_a_.data());
    const double change_v2 =
        advance_voltages(first, end, coupled_ohm_.data(), emf_v_.data(), current_a_.data(), v.data());
    if (!std::isfinite(change_v2)) return result;
    convergence.take_step(change_v2);
  }
}

}  // namespace hil::models
