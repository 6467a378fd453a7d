#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "models/electrical/network.h"

namespace hil::models {
namespace {

constexpr std::array<Phasor, conductor_count> source_ohm{0.1, 0.1, 0.1, 0.1};

Network::Branch cable(std::size_t from, std::size_t to, double ohm) {
  Network::Branch branch{.name = "cable", .from = from, .to = to};
  branch.series_ohm.diagonal().setConstant(ohm);
  return branch;
}

/// grid (0) - board (1) - barn (2); generator at the barn. One port L1-N on the board, one at the barn.
Network two_sources(bool generator_closed) {
  Network::Parameters parameters;
  parameters.buses = {"grid", "board", "barn"};
  parameters.sources = {{"grid", 0, source_ohm}, {"generator", 2, source_ohm, generator_closed}};
  parameters.nominal_ln_v = 230.0;
  parameters.branches = {cable(0, 1, 0.1), cable(1, 2, 0.1)};
  parameters.ports = {{"board", 1, Conductor::l1, Conductor::n}, {"barn", 2, Conductor::l1, Conductor::n}};
  return Network(parameters);
}

const std::array<PhasePhasors, 2> both_v{balanced(230.0), balanced(220.0)};

// By hand, L1 and N in series: 10 V across 2 x (0.1 + 0.1 + 0.1 + 0.1) ohm; N at its other half.
TEST(NetworkSwitching, TwoSourcesDriveACurrentBetweenThem) {
  Network network = two_sources(true);
  ASSERT_TRUE(network.solve(both_v, std::array<PortInjection, 2>{}).solved);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::l1)), 10.0 / 0.4, 1e-9);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::l1) + network.source_a(1, Conductor::l1)), 0.0, 1e-9);
  EXPECT_NEAR(std::abs(network.port_v(0)), 225.0, 1e-9);
}

TEST(NetworkSwitching, AnIslandRunsOnItsOwnSourceAndIsDeadWithoutOne) {
  Network network = two_sources(true);
  std::array<PortInjection, 2> injections;
  injections[1].power_va = -1000.0;
  network.set_branch_closed(1, false);
  EXPECT_EQ(network.island(0), 0U);
  EXPECT_EQ(network.island(1), 0U);
  EXPECT_EQ(network.island(2), 2U);
  ASSERT_TRUE(network.solve(both_v, injections).solved);
  EXPECT_NEAR(std::abs(network.port_v(0)), 230.0, 1e-6);
  const double by_hand_v = (220.0 + std::sqrt(220.0 * 220.0 - 4.0 * 0.2 * 1000.0)) / 2.0;
  EXPECT_NEAR(std::abs(network.port_v(1)), by_hand_v, 1e-6);

  network.set_source_closed(1, false);
  EXPECT_FALSE(network.energised(2, Conductor::l1));
  EXPECT_TRUE(network.energised(1, Conductor::n));
  ASSERT_TRUE(network.solve(both_v, injections).solved);
  EXPECT_EQ(network.port_v(1), Phasor{});
  EXPECT_EQ(network.port_injection_a(1), Phasor{});
  EXPECT_EQ(network.source_a(1, Conductor::l1), Phasor{});

  network.set_branch_closed(1, true);
  EXPECT_EQ(network.island(2), 0U);
  EXPECT_TRUE(network.energised(2, Conductor::l1));
  ASSERT_TRUE(network.solve(both_v, injections).solved);
  EXPECT_GT(std::abs(network.port_v(1)), 220.0);
}

TEST(NetworkSwitching, EnergisedFollowsEachConductor) {
  Network network = two_sources(false);
  network.set_conductor_closed(0, Conductor::n, false);
  EXPECT_FALSE(network.energised(2, Conductor::n));
  EXPECT_TRUE(network.energised(2, Conductor::l1));
  EXPECT_TRUE(network.energised(0, Conductor::n));
  EXPECT_EQ(network.island(2), 0U);
}

// 10 ohm from L1 to N: i = 230 / (10 + loop), loop 2 x (source + 0.1).
TEST(NetworkSwitching, ASourceMayChangeItsImpedance) {
  Network network = two_sources(false);
  network.set_port_admittance(0, 0.1);
  const std::array<PortInjection, 2> none;
  ASSERT_TRUE(network.solve(both_v, none).solved);
  EXPECT_NEAR(std::abs(network.port_injection_a(0)), 230.0 / 10.4, 1e-6);
  network.set_source_ohm(0, {0.4, 0.4, 0.4, 0.4});
  ASSERT_TRUE(network.solve(both_v, none).solved);
  EXPECT_NEAR(std::abs(network.port_injection_a(0)), 230.0 / 11.0, 1e-6);
}

// Half earth: a rod of 0.9 ohm at the barn takes part of the neutral's current. By hand the return path of L1-N at
// the barn is 0.3 ohm (two cables and the source's own) beside 0.9 ohm, as both end at the star point.
TEST(NetworkSwitching, AnEarthRodSharesTheNeutralCurrent) {
  Network::Parameters parameters;
  parameters.buses = {"grid", "board", "barn"};
  parameters.sources = {{"grid", 0, source_ohm}};
  parameters.nominal_ln_v = 230.0;
  parameters.branches = {cable(0, 1, 0.1), cable(1, 2, 0.1)};
  parameters.earthings = {{"rod", 2, Conductor::n, 0.9}};
  parameters.ports = {{"barn", 2, Conductor::l1, Conductor::n}};
  Network network(parameters);
  network.set_port_admittance(0, 0.1);
  ASSERT_TRUE(network.solve(std::array<PhasePhasors, 1>{balanced(230.0)}, std::array<PortInjection, 1>{}).solved);
  const double a = 230.0 / (10.0 + 0.3 + 0.3 * 0.9 / 1.2);
  EXPECT_NEAR(std::abs(network.port_injection_a(0)), a, 1e-6);
  EXPECT_NEAR(std::abs(network.branch_a(1, Conductor::n)), a * 0.9 / 1.2, 1e-6);
}

/// One converter L1-N straight at a stiff source, injecting `va` at `ln_v`.
Phasor converter_a(Phasor va, double max_a, double ln_v, bool solved_wanted = true) {
  Network::Parameters parameters;
  parameters.buses = {"terminal"};
  parameters.sources = {{"grid", 0, {1e-6, 1e-6, 1e-6, 1e-6}}};
  parameters.nominal_ln_v = 230.0;
  parameters.ports = {{"inverter", 0, Conductor::l1, Conductor::n}};
  Network network(parameters);
  std::array<PortInjection, 1> injections;
  injections[0] = {.power_va = va, .max_a = max_a};
  EXPECT_EQ(network.solve(std::array<PhasePhasors, 1>{balanced(ln_v)}, injections).solved, solved_wanted);
  return network.port_injection_a(0);
}

// 4.6 kW - j 1 kvar at 230 V is conj(s / v) = 20 + j4.348 A, 20.467 A.
TEST(NetworkConverter, KeepsItsPowerUntilItsCurrentMeetsTheLimitAndThenItsAngle) {
  const Phasor va{4600.0, -1000.0};
  const Phasor wanted_a = std::conj(va / 230.0);
  EXPECT_NEAR(std::abs(converter_a(va, 21.0, 230.0) - wanted_a), 0.0, 1e-4);
  // 130 V, below the floor of loads: the power stays as long as the current may rise.
  EXPECT_NEAR(std::abs(converter_a(va, 100.0, 130.0) - std::conj(va / 130.0)), 0.0, 1e-4);
  for (const double ln_v : {230.0, 115.0, 23.5}) {
    const Phasor a = converter_a(va, 15.0, ln_v);
    EXPECT_NEAR(std::abs(a), 15.0, 1e-9) << ln_v;
    EXPECT_NEAR(std::arg(a), std::arg(wanted_a), 1e-5) << ln_v;  // the source's micro-ohm turns the voltage by less
  }
  // Half way into the taper, 11.5 V: (1/2) (3 - 1/4) / 2 of it.
  EXPECT_NEAR(std::abs(converter_a(va, 15.0, 11.5)), 15.0 * 0.6875, 1e-4);
  EXPECT_EQ(converter_a(va, 15.0, 0.0), Phasor{});
}

// Heaters whose power jitters by 5 % each step, on a meshed site. The factor of the first step serves all.
TEST(NetworkConverter, JitteringAdmittancesDoNotRefactor) {
  Network::Parameters parameters;
  parameters.buses = {"grid", "a", "b"};
  parameters.sources = {{"grid", 0, source_ohm}};
  parameters.nominal_ln_v = 230.0;
  parameters.branches = {cable(0, 1, 0.1), cable(1, 2, 0.1), cable(2, 0, 0.1)};
  for (const std::size_t bus : {1U, 2U}) {
    for (const Conductor phase : {Conductor::l1, Conductor::l2, Conductor::l3}) {
      parameters.ports.push_back({"heater", bus, phase, Conductor::n});
    }
  }
  Network network(parameters);
  const std::array<PhasePhasors, 1> emf_ln_v{balanced(230.0)};
  const std::array<PortInjection, 6> none;
  int most_iterations = 0;
  for (int step = 0; step < 200; ++step) {
    for (std::size_t port = 0; port < 6; ++port) {
      const double jitter = 0.05 * std::sin(1.7 * step + static_cast<double>(port));
      network.set_port_admittance(port, 0.05 * (1.0 + jitter));
    }
    const Network::Result result = network.solve(emf_ln_v, none);
    ASSERT_TRUE(result.solved);
    most_iterations = std::max(most_iterations, result.iterations);
  }
  EXPECT_EQ(network.factorisations(), 1U);
  EXPECT_LE(most_iterations, 5);

  // A short circuit (1000 S, 0.05 S stands in the factor) does not converge on the old factor; it refactors by itself.
  network.set_port_admittance(0, 1000.0);
  ASSERT_TRUE(network.solve(emf_ln_v, none).solved);
  EXPECT_EQ(network.factorisations(), 2U);
}

}  // namespace
}  // namespace hil::models
