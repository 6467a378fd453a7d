#include "models/electrical/network_elements.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/electrical/wide.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

double count_of(std::size_t n) {
  return static_cast<double>(n);
}

Eigen::Index index_of(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

void require_bus(std::size_t bus, std::size_t bus_count, const std::string& field) {
  require(bus < bus_count, field.c_str(), count_of(bus), "below the number of buses");
}

void require_resistance(Phasor ohm, const std::string& field) {
  require(ohm.real() > 0.0 && std::isfinite(ohm.real()), field.c_str(), ohm.real(), "> 0 (real part)");
  require(std::isfinite(ohm.imag()), field.c_str(), ohm.imag(), "finite (imaginary part)");
}

NetworkElements::Branch checked(const Network::Branch& given, std::size_t bus_count) {
  const std::string where = "branch " + given.name + " ";
  const std::string ohm_field = where + "series_ohm";
  require_bus(given.from, bus_count, where + "from");
  require(given.to < bus_count && given.to != given.from, (where + "to").c_str(), count_of(given.to),
          "another bus than from, below the number of buses");
  NetworkElements::Branch branch;
  branch.from = given.from;
  branch.to = given.to;
  branch.series_ohm = given.series_ohm;
  branch.present = given.conductors;
  branch.closed.fill(true);
  branch.set_admittance();
  for (std::size_t i = 0; i < conductor_count; ++i) {
    if (!branch.present[i]) continue;
    const double self_ohm = given.series_ohm(index_of(i), index_of(i)).real();
    require(self_ohm >= 0.0, ohm_field.c_str(), self_ohm, ">= 0 (real part of each diagonal element)");
    for (std::size_t j = 0; j < i; ++j) {
      if (!branch.present[j]) continue;
      const double skew_ohm =
          std::abs(given.series_ohm(index_of(i), index_of(j)) - given.series_ohm(index_of(j), index_of(i)));
      require(skew_ohm <= 1e-9 * given.series_ohm.norm(), ohm_field.c_str(), skew_ohm, "symmetric (this is the skew)");
    }
  }
  require(branch.admittance_matrix().allFinite(), ohm_field.c_str(), given.series_ohm.norm(),
          "a matrix that has an inverse");
  branch.all_closed = given.closed;
  branch.set_admittance();
  return branch;
}

NetworkElements::TransformerState checked(const Transformer& given, std::size_t bus_count) {
  require_valid(given, bus_count);
  NetworkElements::TransformerState state;
  state.from = given.from_bus;
  state.to = given.to_bus;
  state.legs = legs_of(given);
  state.matrix_s = admittance_s(given);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t column = 0; column < 2; ++column) {
      state.admittance_s[row][column] =
          Block4(state.matrix_s.block<4, 4>(index_of(conductor_count * row), index_of(conductor_count * column)));
    }
  }
  return state;
}

}  // namespace

void require_source_ohm(const std::array<Phasor, conductor_count>& series_ohm, const std::string& where) {
  for (const Phasor ohm : series_ohm) require_resistance(ohm, where + " series_ohm");
}

/// An open conductor carries nothing: only the closed ones stand in the matrix that is inverted.
Eigen::Matrix4cd NetworkElements::Branch::admittance_matrix() const {
  Eigen::Matrix4cd matrix_s = Eigen::Matrix4cd::Zero();
  std::array<Eigen::Index, conductor_count> live{};
  Eigen::Index count = 0;
  for (std::size_t k = 0; k < conductor_count; ++k) {
    if (carries(k)) live[static_cast<std::size_t>(count++)] = index_of(k);
  }
  const auto at = [&live](Eigen::Index i) { return live[static_cast<std::size_t>(i)]; };
  Eigen::MatrixXcd part(count, count);
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j < count; ++j) part(i, j) = series_ohm(at(i), at(j));
  }
  const Eigen::MatrixXcd inverse = part.inverse();
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j < count; ++j) matrix_s(at(i), at(j)) = inverse(i, j);
  }
  return matrix_s;
}

void NetworkElements::Branch::set_admittance() {
  const Eigen::Matrix4cd matrix_s = admittance_matrix();
  admittance_s = Block4(matrix_s);
  const Eigen::Matrix4cd self = matrix_s.diagonal().asDiagonal();
  diagonal = (matrix_s - self).isZero(0.0);
  self_s = {matrix_s.diagonal().real().array(), matrix_s.diagonal().imag().array()};
  for (std::size_t k = 0; k < conductor_count; ++k) {
    resistance_ohm[index_of(k)] = present[k] ? series_ohm(index_of(k), index_of(k)).real() : 0.0;
  }
  current_a = Vector4{};
}

NetworkElements::NetworkElements(const Network::Parameters& given) {
  const std::size_t buses = given.buses.size();
  require(buses > 0, "buses", count_of(buses), "at least one");
  require(given.nominal_ln_v > 0.0 && std::isfinite(given.nominal_ln_v), "nominal_ln_v", given.nominal_ln_v, "> 0");
  const std::size_t nominals = given.bus_nominal_ln_v.size();
  require(nominals == 0 || nominals == buses, "bus_nominal_ln_v", count_of(nominals), "empty or one for each bus");
  nominal_ln_v = given.bus_nominal_ln_v;
  nominal_ln_v.resize(buses, given.nominal_ln_v);
  for (const double v : nominal_ln_v) require(v > 0.0 && std::isfinite(v), "bus_nominal_ln_v", v, "> 0");
  require(given.constant_power_floor_pu >= 0.0 && given.constant_power_floor_pu <= 1.0, "constant_power_floor_pu",
          given.constant_power_floor_pu, "0..1");

  require(!given.sources.empty(), "sources", 0.0, "at least one");
  for (const Network::Source& each : given.sources) {
    const std::string where = "source " + each.name;
    require_bus(each.bus, buses, where + " bus");
    require_source_ohm(each.series_ohm, where);
    Source source;
    source.bus = each.bus;
    source.closed = each.closed;
    source.set_ohm(each.series_ohm);
    sources.push_back(source);
  }
  for (const Network::Branch& each : given.branches) branches.push_back(checked(each, buses));
  for (const Transformer& each : given.transformers) transformers.push_back(checked(each, buses));
  for (const Network::Earthing& each : given.earthings) {
    const std::string where = "earthing " + each.name;
    require_bus(each.bus, buses, where + " bus");
    require_resistance(each.ohm, where + " ohm");
    earthings.push_back({conductor_count * each.bus + static_cast<std::size_t>(each.conductor), 1.0 / each.ohm});
  }
  for (const Network::Port& each : given.ports) {
    const std::string where = "port " + each.name;
    require_bus(each.bus, buses, where + " bus");
    require(each.from != each.to, (where + " to").c_str(), static_cast<double>(each.to), "another conductor than from");
    require(each.nominal_v >= 0.0 && std::isfinite(each.nominal_v), (where + " nominal_v").c_str(), each.nominal_v,
            ">= 0");
    const bool to_neutral = each.from == Conductor::n || each.to == Conductor::n;
    Port port;
    port.from = conductor_count * each.bus + static_cast<std::size_t>(each.from);
    port.to = conductor_count * each.bus + static_cast<std::size_t>(each.to);
    port.law.nominal_v =
        each.nominal_v > 0.0 ? each.nominal_v : nominal_ln_v[each.bus] * (to_neutral ? 1.0 : std::numbers::sqrt3);
    port.law.taper_v = Network::taper_pu * port.law.nominal_v;
    const double floor_v = given.constant_power_floor_pu * port.law.nominal_v;
    port.law.floor_v2 = floor_v * floor_v;
    ports.push_back(port);
  }
}

void NetworkElements::Source::set_ohm(const std::array<Phasor, conductor_count>& series_ohm) {
  ohm = series_ohm;
  for (std::size_t k = 0; k < conductor_count; ++k) {
    admittance_s.set(k, 1.0 / series_ohm[k]);
    resistance_ohm[index_of(k)] = series_ohm[k].real();
  }
}

void NetworkElements::Source::take_current(const PhasePhasors& emf_ln_v, const Vector4& bus_v) {
  Vector4 emf_v;
  for (std::size_t k = 0; k < phase_count; ++k) emf_v.set(k, emf_ln_v[k]);
  current_a = multiply(admittance_s, emf_v - bus_v);
}

void NetworkElements::take_currents(const Selection& selection, const NodeValues& v,
                                    std::span<const PhasePhasors> emf_ln_v, NodeValues& balance_a) {
  for (const std::size_t index : selection.sources) {
    Source& source = sources[index];
    source.take_current(emf_ln_v[index], v[source.bus]);
    balance_a[source.bus] += source.current_a;
  }
  for (const std::size_t index : selection.branches) {
    Branch& branch = branches[index];
    branch.take_current(v[branch.from] - v[branch.to]);
    balance_a[branch.from] -= branch.current_a;
    balance_a[branch.to] += branch.current_a;
  }
  for (const std::size_t index : selection.transformers) {
    TransformerState& each = transformers[index];
    for (std::size_t side = 0; side < 2; ++side) {
      each.current_a[side] =
          multiply(each.admittance_s[side][0], v[each.from]) + multiply(each.admittance_s[side][1], v[each.to]);
    }
    balance_a[each.from] -= each.current_a[0];
    balance_a[each.to] -= each.current_a[1];
  }
  const auto add_shunt = [&](std::size_t node, Phasor admittance_s) {
    const std::size_t k = node % conductor_count;
    balance_a[node / conductor_count].add(k, -times(admittance_s, v[node / conductor_count].at(k)));
  };
  for (const std::size_t index : selection.earthings) add_shunt(earthings[index].node, earthings[index].admittance_s);
  for (const std::size_t node : selection.leaking_nodes) add_shunt(node, Network::leak_s);
}

void NetworkElements::forget_currents() {
  for (Source& each : sources) each.current_a = {};
  for (Branch& each : branches) each.current_a = {};
  for (TransformerState& each : transformers) each.current_a = {};
  for (Port& each : ports) each.current_a = {};
}

HIL_WIDE double largest_of(const NodeValues& values) {
  Quad largest2{};
  Quad sum{};
  for (const Vector4& each : values) {
    const Quad square = quad(each.re) * quad(each.re) + quad(each.im) * quad(each.im);
    keep_larger(largest2, square);
    sum += square;  // a NaN stays in it, but may not in the largest
  }
  if (!std::isfinite(sum[0] + sum[1] + sum[2] + sum[3])) return std::nan("");
  return std::sqrt(std::max(std::max(largest2[0], largest2[1]), std::max(largest2[2], largest2[3])));
}

}  // namespace hil::models
