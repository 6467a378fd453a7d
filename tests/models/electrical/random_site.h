#pragma once

#include <rapidcheck/gtest.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "models/electrical/network.h"

namespace hil::models {

inline constexpr std::array conductors{Conductor::l1, Conductor::l2, Conductor::l3, Conductor::n};

inline double between(double low, double high) {
  return low + (high - low) * (*rc::gen::inRange(0, 1000001)) * 1e-6;
}

/// A site of up to 15 buses and 20 kVA in all, so that it has a solution: each cable has 2 to 50 milliohm.
struct RandomSite {
  Network::Parameters parameters;
  std::vector<Phasor> admittances_s;
  std::vector<PortInjection> injections;

  explicit RandomSite(int ties) {
    const auto buses = static_cast<std::size_t>(*rc::gen::inRange(2, 16));
    parameters.nominal_ln_v = 230.0;
    parameters.sources = {{"grid", *rc::gen::inRange<std::size_t>(0, buses), {0.02, 0.02, 0.02, 0.02}}};
    for (std::size_t bus = 0; bus < buses; ++bus) {
      parameters.buses.push_back("bus" + std::to_string(bus));
      if (bus > 0) join(*rc::gen::inRange<std::size_t>(0, bus), bus);
    }
    for (int tie = 0; tie < ties; ++tie) {
      const std::size_t from = *rc::gen::inRange<std::size_t>(0, buses);
      const std::size_t to = *rc::gen::inRange<std::size_t>(0, buses);
      if (from != to) join(from, to);
    }
    const double largest_va = 20000.0 / static_cast<double>(3 * buses);
    for (std::size_t bus = 0; bus < buses; ++bus) {
      const bool delta = *rc::gen::inRange(0, 4) == 0;
      for (std::size_t k = 0; k < phase_count; ++k) {
        parameters.ports.push_back(
            {"port", bus, conductors[k], delta ? conductors[(k + 1) % phase_count] : Conductor::n});
        add_injection(largest_va);
      }
    }
  }

  Network network() const {
    Network built(parameters);
    for (std::size_t port = 0; port < admittances_s.size(); ++port)
      built.set_port_admittance(port, admittances_s[port]);
    return built;
  }

 private:
  void join(std::size_t from, std::size_t to) {
    Network::Branch branch{.name = "cable", .from = from, .to = to};
    if (*rc::gen::arbitrary<bool>()) std::swap(branch.from, branch.to);
    const bool coupled = *rc::gen::inRange(0, 3) == 0;
    for (Eigen::Index k = 0; k < 4; ++k) branch.series_ohm(k, k) = {between(0.002, 0.05), between(0.0, 0.02)};
    if (coupled) branch.series_ohm += Eigen::Matrix4cd::Constant(Phasor{between(0.0, 0.01), between(0.0, 0.02)});
    parameters.branches.push_back(branch);
  }
  void add_injection(double largest_va) {
    PortInjection injection;
    Phasor admittance_s{};
    const Phasor va{between(-largest_va, largest_va), between(-largest_va, largest_va)};
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        injection.power_va = va;
        break;
      case 1:
        injection.current_va = va;
        break;
      case 2:
        injection.power_va = va;
        injection.max_a = between(0.1, largest_va / 230.0);
        break;
      default:
        admittance_s = {std::abs(va.real()) / (230.0 * 230.0), va.imag() / (230.0 * 230.0)};
    }
    injections.push_back(injection);
    admittances_s.push_back(admittance_s);
  }
};

inline const std::array<PhasePhasors, 1> grid_v{balanced(230.0)};

}  // namespace hil::models
