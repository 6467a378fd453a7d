#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "models/electrical/network.h"
#include "tests/models/electrical/random_site.h"

namespace hil::models {
namespace {

/// A site whose buses each have a star of impedances, so that no conductor hangs free, beside consumers of every law to
/// neutral and between phases and converters with a limit. Every current but that of the impedances has a bound then,
/// and the voltages that it can lead to lie in a ball that the network maps into itself: there is a solution, whatever
/// conductor is open (Brouwer).
RandomSite bounded_site() {
  RandomSite site(0);
  const std::size_t buses = site.parameters.buses.size();
  const double largest_va = std::pow(10.0, between(2.0, 4.0));
  for (PortInjection& injection : site.injections) {
    const Phasor va{between(0.0, largest_va), between(0.0, 0.5 * largest_va)};
    injection = {};
    const int law = *rc::gen::inRange(0, 3);
    if (law == 0) injection.power_va = -va;
    if (law == 1) injection.current_va = -va;
    if (law == 2) {
      injection.power_va = {between(-largest_va, largest_va), between(-largest_va, largest_va)};
      injection.max_a = between(0.1, 1.0) * largest_va / 230.0;
    }
  }
  std::fill(site.admittances_s.begin(), site.admittances_s.end(), Phasor{});
  for (std::size_t bus = 0; bus < buses; ++bus) {
    for (std::size_t k = 0; k < phase_count; ++k) {
      site.parameters.ports.push_back({"impedance", bus, conductors[k], Conductor::n});
      site.injections.push_back({});
      site.admittances_s.emplace_back(between(0.1, 1.0) * largest_va / (230.0 * 230.0));
    }
  }
  return site;
}

/// Current out of every node at the network's voltages, from the parameters alone: a dense matrix of what is closed.
/// Returns the largest that the ports do not bring.
double dense_residual_a(const RandomSite& site, const std::vector<std::array<bool, 4>>& closed,
                        const Network& network) {
  const auto size = static_cast<Eigen::Index>(4 * site.parameters.buses.size());
  const auto node = [](std::size_t bus, std::size_t k) { return static_cast<Eigen::Index>(4 * bus + k); };
  Eigen::VectorXcd v(size);
  for (std::size_t bus = 0; bus < site.parameters.buses.size(); ++bus) {
    for (std::size_t k = 0; k < 4; ++k) v(node(bus, k)) = network.node_v(bus, conductors[k]);
  }
  Eigen::VectorXcd missing_a = Eigen::VectorXcd::Zero(size);
  const Network::Source& source = site.parameters.sources[0];
  for (std::size_t k = 0; k < 4; ++k) {
    const Phasor emf_v = k < 3 ? grid_v[0][k] : Phasor{};
    missing_a(node(source.bus, k)) += (emf_v - v(node(source.bus, k))) / source.series_ohm[k];
  }
  for (std::size_t index = 0; index < closed.size(); ++index) {
    const Network::Branch& branch = site.parameters.branches[index];
    // An open conductor has so much impedance of its own that nothing flows in it.
    Eigen::Matrix4cd ohm = branch.series_ohm;
    for (std::size_t k = 0; k < 4; ++k) {
      if (!closed[index][k]) ohm(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)) += 1e15;
    }
    const Eigen::Vector4cd a = ohm.inverse() * (v.segment<4>(node(branch.from, 0)) - v.segment<4>(node(branch.to, 0)));
    missing_a.segment<4>(node(branch.from, 0)) -= a;
    missing_a.segment<4>(node(branch.to, 0)) += a;
  }
  for (std::size_t index = 0; index < site.parameters.ports.size(); ++index) {
    const Network::Port& port = site.parameters.ports[index];
    const Phasor a = network.port_injection_a(index);
    missing_a(node(port.bus, static_cast<std::size_t>(port.from))) += a;
    missing_a(node(port.bus, static_cast<std::size_t>(port.to))) -= a;
  }
  return missing_a.cwiseAbs().maxCoeff();
}

RC_GTEST_PROP(NetworkProperty, OpenConductorsAreSolvedWithConsumersOfEveryLawAndLimitedConverters, ()) {
  const RandomSite site = bounded_site();
  Network network = site.network();
  const std::size_t branches = site.parameters.branches.size();
  std::vector<std::array<bool, 4>> closed(branches, {true, true, true, true});
  for (int event = 0; event < 4; ++event) {
    const std::size_t branch = *rc::gen::inRange<std::size_t>(0, branches);
    const std::size_t k = *rc::gen::inRange<std::size_t>(0, 4);
    closed[branch][k] = !closed[branch][k];
    network.set_conductor_closed(branch, conductors[k], closed[branch][k]);
    for (int step = 0; step < 2; ++step) {  // cold, then warm
      const Network::Result result = network.solve(grid_v, site.injections);
      RC_ASSERT(result.solved);
      RC_ASSERT(result.current_residual_a <= 1e-6);
      RC_ASSERT(dense_residual_a(site, closed, network) <= 2e-6);
    }
  }
}

}  // namespace
}  // namespace hil::models
