#include "models/electrical/radial_sweep.h"

#include <cmath>

namespace hil::models {

namespace {

Eigen::Matrix4cd diagonal_of(const std::array<Phasor, conductor_count>& ohm) {
  Eigen::Matrix4cd matrix = Eigen::Matrix4cd::Zero();
  for (std::size_t k = 0; k < conductor_count; ++k) {
    matrix(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)) = ohm[k];
  }
  return matrix;
}

}  // namespace

RadialSweep::RadialSweep(const NetworkElements& elements, const NetworkTopology& topology) {
  std::vector<std::uint32_t> position(elements.bus_count(), no_parent);
  const auto append = [&](std::size_t bus, std::uint32_t parent, std::size_t source, const Eigen::Matrix4cd& ohm) {
    position[bus] = static_cast<std::uint32_t>(bus_of_.size());
    bus_of_.push_back(bus);
    parent_.push_back(parent);
    source_.push_back(source);
    series_ohm_.emplace_back(ohm);
    const Block4& block = series_ohm_.back();
    Vector4 self;
    for (std::size_t k = 0; k < conductor_count; ++k) {
      self.re[k] = block.re[5 * k];
      self.im[k] = block.im[5 * k];
    }
    self_ohm_.push_back(self);
    const Eigen::Matrix4cd diagonal = ohm.diagonal().asDiagonal();
    coupled_.push_back((ohm - diagonal).isZero(0.0) ? 0 : 1);
  };
  for (std::size_t source = 0; source < elements.sources.size(); ++source) {
    const std::size_t bus = elements.sources[source].node / conductor_count;
    if (elements.sources[source].closed && topology.radial[bus]) {
      append(bus, no_parent, source, diagonal_of(elements.sources[source].ohm));
    }
  }
  std::vector<std::vector<std::size_t>> branches_at(elements.bus_count());
  for (std::size_t index = 0; index < elements.branches.size(); ++index) {
    const NetworkElements::Branch& branch = elements.branches[index];
    if (branch.open()) continue;
    branches_at[branch.from / conductor_count].push_back(index);
    branches_at[branch.to / conductor_count].push_back(index);
  }
  for (std::size_t next = 0; next < bus_of_.size(); ++next) {
    const std::size_t bus = bus_of_[next];
    for (const std::size_t index : branches_at[bus]) {
      const NetworkElements::Branch& branch = elements.branches[index];
      const std::size_t other = (branch.from == conductor_count * bus ? branch.to : branch.from) / conductor_count;
      if (position[other] == no_parent)
        append(other, static_cast<std::uint32_t>(next), source_[next], branch.series_ohm);
    }
  }
  const auto node_of = [&position](std::size_t node) {
    return static_cast<std::uint32_t>(conductor_count * position[node / conductor_count] + node % conductor_count);
  };
  for (std::size_t index = 0; index < elements.ports.size(); ++index) {
    const NetworkElements::Port& port = elements.ports[index];
    if (!topology.radial[port.from / conductor_count]) continue;
    ports_.push_back({static_cast<std::uint32_t>(index), node_of(port.from), node_of(port.to)});
  }
  v_.resize(bus_of_.size());
  current_a_.resize(bus_of_.size());
}

void RadialSweep::start(std::span<const PhasePhasors> emf_ln_v, NodeValues& v) const {
  for (std::size_t i = 0; i < bus_of_.size(); ++i) {
    for (std::size_t k = 0; k < conductor_count; ++k) {
      v.set(conductor_count * bus_of_[i] + k, k < phase_count ? emf_ln_v[source_[i]][k] : Phasor{});
    }
  }
}

void RadialSweep::inject(const NetworkElements& elements, std::span<const PortInjection> injections) {
  for (Vector4& bus_a : current_a_) bus_a = Vector4{};
  for (const PortPlace& place : ports_) {
    const NetworkElements::Port& port = elements.ports[place.port];
    const Vector4& bus_v = v_[place.from / conductor_count];
    Vector4& bus_a = current_a_[place.from / conductor_count];
    const std::size_t from = place.from % conductor_count;
    const std::size_t to = place.to % conductor_count;
    const Phasor v{bus_v.re[from] - bus_v.re[to], bus_v.im[from] - bus_v.im[to]};
    const Phasor a = injection_a(port.law, injections[place.port], v) - times(port.admittance_s, v);
    bus_a.re[from] += a.real();
    bus_a.im[from] += a.imag();
    bus_a.re[to] -= a.real();
    bus_a.im[to] -= a.imag();
  }
}

void RadialSweep::gather_currents() {
  for (std::size_t i = bus_of_.size(); i-- > 0;) {
    if (parent_[i] == no_parent) continue;
    const Vector4& child = current_a_[i];
    Vector4& parent = current_a_[parent_[i]];
    for (std::size_t k = 0; k < conductor_count; ++k) {
      parent.re[k] += child.re[k];
      parent.im[k] += child.im[k];
    }
  }
}

/// Sum of squares of the changes; a NaN anywhere ends up in it.
double RadialSweep::advance_voltages(std::span<const PhasePhasors> emf_ln_v) {
  Vector4 change;
  for (std::size_t i = 0; i < bus_of_.size(); ++i) {
    Vector4 next;
    if (parent_[i] == no_parent) {
      for (std::size_t k = 0; k < phase_count; ++k) {
        next.re[k] = emf_ln_v[source_[i]][k].real();
        next.im[k] = emf_ln_v[source_[i]][k].imag();
      }
    } else {
      next = v_[parent_[i]];
    }
    const Vector4& a = current_a_[i];
    if (coupled_[i] != 0) {
      const Vector4 rise_v = multiply(series_ohm_[i], a.re.data(), a.im.data());
      for (std::size_t k = 0; k < conductor_count; ++k) {
        next.re[k] += rise_v.re[k];
        next.im[k] += rise_v.im[k];
      }
    } else {
      const Vector4& ohm = self_ohm_[i];
      for (std::size_t k = 0; k < conductor_count; ++k) {
        next.re[k] += ohm.re[k] * a.re[k] - ohm.im[k] * a.im[k];
        next.im[k] += ohm.re[k] * a.im[k] + ohm.im[k] * a.re[k];
      }
    }
    for (std::size_t k = 0; k < conductor_count; ++k) {
      const double re = next.re[k] - v_[i].re[k];
      const double im = next.im[k] - v_[i].im[k];
      change.re[k] += re * re;
      change.im[k] += im * im;
    }
    v_[i] = next;
  }
  return (change.re[0] + change.re[1] + change.re[2] + change.re[3]) +
         (change.im[0] + change.im[1] + change.im[2] + change.im[3]);
}

bool RadialSweep::iterate(const NetworkElements& elements, std::span<const PhasePhasors> emf_ln_v,
                          std::span<const PortInjection> injections, double tolerance_v, int max_iterations,
                          int& iterations, NodeValues& v) {
  for (std::size_t i = 0; i < bus_of_.size(); ++i) {
    for (std::size_t k = 0; k < conductor_count; ++k) {
      v_[i].re[k] = v.re[conductor_count * bus_of_[i] + k];
      v_[i].im[k] = v.im[conductor_count * bus_of_[i] + k];
    }
  }
  bool settled = false;
  double change_v2 = 0.0;
  for (iterations = 0; !settled && iterations < max_iterations;) {
    ++iterations;
    inject(elements, injections);
    gather_currents();
    change_v2 = advance_voltages(emf_ln_v);
    settled = change_v2 <= tolerance_v * tolerance_v;
    if (!std::isfinite(change_v2)) break;
  }
  for (std::size_t i = 0; i < bus_of_.size(); ++i) {
    for (std::size_t k = 0; k < conductor_count; ++k) {
      v.re[conductor_count * bus_of_[i] + k] = v_[i].re[k];
      v.im[conductor_count * bus_of_[i] + k] = v_[i].im[k];
    }
  }
  return settled;
}

}  // namespace hil::models
