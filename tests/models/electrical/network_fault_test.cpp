#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "models/electrical/network.h"
#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

constexpr std::size_t supply = 0;
constexpr std::size_t tail = 1;
constexpr std::array phases{Conductor::l1, Conductor::l2, Conductor::l3};

/// grid - supply - board - tail - end, `ohm` in every conductor of source and branches; ports L1-N, L2-N, L3-N at the
/// board, then at the end.
Network::Parameters radial(double source_ohm, double supply_ohm, double tail_ohm) {
  Network::Parameters parameters;
  parameters.buses = {"grid", "board", "end"};
  parameters.sources = {{"grid", 0, {source_ohm, source_ohm, source_ohm, source_ohm}}};
  parameters.nominal_ln_v = 230.0;
  Network::Branch first{.name = "supply", .from = 0, .to = 1};
  first.series_ohm.diagonal().setConstant(supply_ohm);
  Network::Branch second{.name = "tail", .from = 1, .to = 2};
  second.series_ohm.diagonal().setConstant(tail_ohm);
  parameters.branches = {first, second};
  for (const std::size_t bus : {1U, 2U}) {
    for (const Conductor phase : {Conductor::l1, Conductor::l2, Conductor::l3}) {
      parameters.ports.push_back({"port", bus, phase, Conductor::n});
    }
  }
  return parameters;
}

using Injections = std::array<Phasor, 6>;

/// One source, constant power alone.
Network::Result solve(Network& network, const PhasePhasors& emf_ln_v, const Injections& power_va) {
  std::array<PortInjection, 6> injections;
  for (std::size_t port = 0; port < 6; ++port) injections[port].power_va = power_va[port];
  return network.solve(std::array<PhasePhasors, 1>{emf_ln_v}, injections);
}

// Three equal currents at the end of 0.05 + 0.05 + 0.1 ohm, 30 degrees behind: each phase stands at E + 0.2 I, and
// nothing is left for the neutral, so the same holds without it.
TEST(NetworkFault, AFixedCurrentFlowsAsItIsWhateverTheVoltage) {
  Network network(radial(0.05, 0.05, 0.1));
  const PhasePhasors emf_v = balanced(230.0);
  const PhasePhasors fixed_a = balanced(10.0, -0.5235987755982988);
  std::array<PortInjection, 6> injections;
  for (std::size_t k = 0; k < phase_count; ++k) injections[3 + k].fixed_a = fixed_a[k];
  for (const bool neutral : {true, false}) {
    network.set_conductor_closed(supply, Conductor::n, neutral);
    ASSERT_TRUE(network.solve(std::array<PhasePhasors, 1>{emf_v}, injections).solved) << neutral;
    for (std::size_t k = 0; k < phase_count; ++k) {
      EXPECT_NEAR(std::abs(network.port_injection_a(3 + k) - fixed_a[k]), 0.0, 1e-9) << neutral << " " << k;
      EXPECT_NEAR(std::abs(network.port_v(3 + k) - emf_v[k] - 0.2 * fixed_a[k]), 0.0, 1e-6) << neutral << " " << k;
    }
  }
}

// N2: N1 (0.1 ohm in every conductor, star of 10, 20, 30 ohm) with the supply's neutral open. By hand: the star point
// settles at sum(Yk Ek) / sum(Yk), Yk = 1 / (0.1 + Rk).
TEST(NetworkFault, LostNeutralLetsTheStarPointFloatToItsWeightedMean) {
  Network network(radial(0.05, 0.05, 0.1));
  const std::array<double, 3> load_ohm{10.0, 20.0, 30.0};
  Phasor numerator{};
  double denominator_s = 0.0;
  for (std::size_t k = 0; k < 3; ++k) {
    network.set_port_admittance(k, 1.0 / load_ohm[k]);
    numerator += balanced(230.0)[k] / (0.1 + load_ohm[k]);
    denominator_s += 1.0 / (0.1 + load_ohm[k]);
  }
  network.set_conductor_closed(supply, Conductor::n, false);
  ASSERT_TRUE(solve(network, balanced(230.0), Injections{}).solved);
  EXPECT_NEAR(std::abs(network.node_v(1, Conductor::n) - numerator / denominator_s), 0.0, 1e-9);
  tests::ValidationCase expected("network/n2");
  expected.check("l1_voltage_ln_v", std::abs(network.port_v(0)));
  expected.check("l2_voltage_ln_v", std::abs(network.port_v(1)));
  expected.check("l3_voltage_ln_v", std::abs(network.port_v(2)));
  expected.check("neutral_v", std::abs(network.node_v(1, Conductor::n)));
  EXPECT_EQ(network.branch_a(supply, Conductor::n), Phasor{});

  network.set_conductor_closed(supply, Conductor::n, true);
  ASSERT_TRUE(solve(network, balanced(230.0), Injections{}).solved);
  EXPECT_NEAR(std::abs(network.port_v(0)), 226.4365, 1e-3);  // N1 again
}

TEST(NetworkFault, WhatHangsOnAnOpenBranchIsDeadAndTheRestSolvesAsIfItWereNotThere) {
  Network network(radial(0.05, 0.05, 0.1));
  const Injections loaded{-2000.0, -1000.0, -500.0, -3000.0, 4000.0, -3000.0};
  ASSERT_TRUE(solve(network, balanced(230.0), loaded).solved);
  EXPECT_GT(std::abs(network.port_v(3)), 200.0);

  network.set_branch_closed(tail, false);
  const Network::Result result = solve(network, balanced(230.0), loaded);
  ASSERT_TRUE(result.solved);
  EXPECT_LE(result.current_residual_a, 1e-6);
  for (const std::size_t port : {3U, 4U, 5U}) {
    EXPECT_EQ(network.port_v(port), Phasor{});
    EXPECT_EQ(network.port_injection_a(port), Phasor{});
  }

  Network alone(radial(0.05, 0.05, 0.1));
  ASSERT_TRUE(solve(alone, balanced(230.0), Injections{-2000.0, -1000.0, -500.0}).solved);
  // Both settle within their tolerance of 1e-7 V.
  for (const std::size_t port : {0U, 1U, 2U})
    EXPECT_NEAR(std::abs(network.port_v(port) - alone.port_v(port)), 0.0, 1e-6);
}

TEST(NetworkFault, ReclosingBringsTheDeadPartBack) {
  Network network(radial(0.05, 0.05, 0.1));
  const Injections loaded{-2000.0, -1000.0, -500.0, -3000.0, 4000.0, -3000.0};
  ASSERT_TRUE(solve(network, balanced(230.0), loaded).solved);
  const Phasor before_v = network.port_v(3);
  network.set_branch_closed(tail, false);
  ASSERT_TRUE(solve(network, balanced(230.0), loaded).solved);
  network.set_branch_closed(tail, true);
  ASSERT_TRUE(solve(network, balanced(230.0), loaded).solved);
  EXPECT_NEAR(std::abs(network.port_v(3) - before_v), 0.0, 1e-6);
}

// The lost phase hangs on a constant-power load alone. It draws nothing, so its terminal follows the neutral.
TEST(NetworkFault, ALostPhaseLeavesItsConstantPowerLoadWithoutVoltage) {
  Network network(radial(0.05, 0.05, 0.1));
  network.set_conductor_closed(supply, Conductor::l1, false);
  const Network::Result result = solve(network, balanced(230.0), Injections{-2000.0, -1000.0, -500.0});
  ASSERT_TRUE(result.solved);
  EXPECT_NEAR(std::abs(network.port_v(0)), 0.0, 1e-6);
  EXPECT_GT(std::abs(network.port_v(1)), 225.0);
  EXPECT_GT(std::abs(network.node_v(1, Conductor::n)), 0.1);  // the other two are not balanced
  EXPECT_NEAR(std::abs(network.node_v(1, Conductor::l1) - network.node_v(1, Conductor::n)), 0.0, 1e-6);
}

// R only: Pmax = V0^2 / (4 R) = 230^2 / (4 x 0.4) = 33 062.5 W on one phase (loop of L1 and N: source 0.1, supply 0.1,
// twice). The floor is off, so that beyond it there is no solution at all.
TEST(NetworkFault, BeyondTheLimitOfTheLineThereIsNoSolutionAndItSaysSo) {
  Network::Parameters parameters = radial(0.1, 0.1, 0.1);
  parameters.constant_power_floor_pu = 0.0;
  Network network(parameters);
  const double limit_w = 230.0 * 230.0 / (4.0 * 0.4);
  EXPECT_TRUE(solve(network, balanced(230.0), Injections{-0.95 * limit_w}).solved);
  EXPECT_FALSE(solve(network, balanced(230.0), Injections{-1.05 * limit_w}).solved);
  // And the next step is not spoilt by the one without a solution.
  EXPECT_TRUE(solve(network, balanced(230.0), Injections{-0.5 * limit_w}).solved);
  const double by_hand_v = (230.0 + std::sqrt(230.0 * 230.0 - 4.0 * 0.4 * 0.5 * limit_w)) / 2.0;
  EXPECT_NEAR(std::abs(network.port_v(0)), by_hand_v, 1e-5);
}

TEST(NetworkFault, ConstantPowerGivesWaySoThatADeepSagStillSolves) {
  Network network(radial(0.1, 0.1, 0.1));
  const Injections loaded{-5000.0, -5000.0, -5000.0};
  ASSERT_TRUE(solve(network, balanced(230.0), loaded).solved);
  const Network::Result sag = solve(network, balanced(0.1 * 230.0), loaded);
  ASSERT_TRUE(sag.solved);
  // At |v| far below the floor f: i = 2 s / f^2 v (1 - (v/f)^4 ...), f = 0.7 x 230 = 161 V, so y = 0.3858 S;
  // divider with 0.2 ohm (balanced: no neutral): 23 / (1 + 0.2 x 0.3858) = 21.352 V; (v/f)^4 is 3e-4 of the drop.
  EXPECT_NEAR(std::abs(network.port_v(0)), 23.0 / (1.0 + 0.2 * 2.0 * 5000.0 / (161.0 * 161.0)), 1e-3);
  EXPECT_TRUE(solve(network, balanced(0.0), loaded).solved);
  EXPECT_TRUE(solve(network, balanced(230.0), loaded).solved);
  EXPECT_NEAR((network.port_v(0) * std::conj(network.port_injection_a(0))).real(), -5000.0, 1e-3);
}

// The power that a constant-power port takes must have no step and no kink at the floor, else the solve could jump
// between two branches. Terminal voltage and source are nearly the same at 1 micro-ohm.
TEST(NetworkFault, ConstantPowerGivesWayWithoutAStep) {
  Network network(radial(1e-6, 1e-6, 0.1));
  const Injections loaded{-1000.0};
  const auto taken_w = [&](double ln_v) {
    EXPECT_TRUE(solve(network, balanced(ln_v), loaded).solved);
    return -(network.port_v(0) * std::conj(network.port_injection_a(0))).real();
  };
  const double floor_v = 0.7 * 230.0;
  EXPECT_NEAR(taken_w(floor_v + 0.01), 1000.0, 1e-3);
  // Slope zero at the floor: with u = (v/f)^2 the power is 2 u / (1 + u^2), 1 - (1-u)^2 / 2 ...; 0.1 V below the floor
  // 1 - u = 1.24e-3, so 0.77e-3 W are missing.
  EXPECT_NEAR(taken_w(floor_v - 0.1), 1000.0 - 0.77e-3, 0.1e-3);
  EXPECT_NEAR(taken_w(0.5 * floor_v), 1000.0 * 2.0 * 0.25 / (1.0 + 0.0625), 1e-2);
}

// Star with its neutral open and unequal constant powers. The current law is checked from voltages and powers: below
// 161 V, the floor, a power P is the admittance 2 P f^2 / (v^4 + f^4).
TEST(NetworkFault, ANeutralFloatingOnUnequalConstantPowerSettlesWhereItsCurrentsCancel) {
  Network network(radial(0.05, 0.05, 0.1));
  const Injections unequal{-3000.0, -1000.0, -500.0};
  ASSERT_TRUE(solve(network, balanced(230.0), unequal).solved);
  network.set_conductor_closed(supply, Conductor::n, false);
  const Network::Result result = solve(network, balanced(230.0), unequal);
  ASSERT_TRUE(result.solved);
  EXPECT_LE(result.current_residual_a, 1e-6);
  constexpr double floor_v2 = 161.0 * 161.0;
  Phasor into_star_a{};
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor v = network.port_v(k);
    const double v2 = std::norm(v);
    const double per_v2 = v2 >= floor_v2 ? 1.0 / v2 : 2.0 * floor_v2 / (v2 * v2 + floor_v2 * floor_v2);
    const Phasor drawn_a = -unequal[k] * per_v2 * v;
    EXPECT_NEAR(std::abs(drawn_a - (balanced(230.0)[k] - network.node_v(1, phases[k])) / 0.1), 0.0, 1e-5) << k;
    into_star_a += drawn_a;
  }
  EXPECT_NEAR(std::abs(into_star_a), 0.0, 1e-5);
  EXPECT_GT(std::abs(network.node_v(1, Conductor::n)), 50.0);
  network.set_conductor_closed(supply, Conductor::n, true);
  EXPECT_TRUE(solve(network, balanced(230.0), unequal).solved);
}

/// "share_1.20_v" -> 1.20, "load_100_w_v" -> 100
double number_in(const std::string& quantity) {
  return std::stod(quantity.substr(quantity.find('_') + 1));
}

// One solution at every power, whatever has to be done to get there; from a cold start and from the last solution.
TEST(NetworkFault, AWeakFeedHasTheVoltageByHandAtEveryPower) {
  for (const bool nodal_only : {false, true}) {
    for (const double ohm : {0.2, 0.99}) {
      tests::ValidationCase expected("network/weak_feed");
      Network::Parameters parameters = radial(0.05, ohm - 0.05, 0.1);
      parameters.nodal_only = nodal_only;
      Network rising(parameters);
      for (const std::string& quantity : expected.quantities()) {
        const Phasor va = -number_in(quantity) * 230.0 * 230.0 / (4.0 * ohm);
        Network cold(parameters);
        ASSERT_TRUE(solve(cold, balanced(230.0), Injections{va, va, va}).solved) << quantity;
        expected.check(quantity, std::abs(cold.port_v(0)));
        ASSERT_TRUE(solve(rising, balanced(230.0), Injections{va, va, va}).solved) << quantity;
        expected.check(quantity, std::abs(rising.port_v(0)));
      }
      ASSERT_TRUE(solve(rising, balanced(230.0), Injections{-100.0}).solved);
      EXPECT_GT(std::abs(rising.port_v(0)), 229.0);
    }
  }
}

TEST(NetworkFault, ALostPhaseThatALoadBetweenPhasesFeedsHasTheVoltageByHand) {
  tests::ValidationCase expected("network/lost_phase_line_load");
  for (const std::string& quantity : expected.quantities()) {
    Network::Parameters parameters = radial(5e-6, 5e-6, 0.1);
    parameters.ports.resize(1);
    parameters.ports.push_back({"between", 1, Conductor::l1, Conductor::l2});
    Network network(parameters);
    network.set_port_admittance(1, 1000.0 / (3.0 * 230.0 * 230.0));
    network.set_conductor_closed(supply, Conductor::l1, false);
    std::array<PortInjection, 2> injections;
    injections[0].power_va = -number_in(quantity);
    for (const bool warm : {false, true}) {
      const Network::Result result = network.solve(std::array<PhasePhasors, 1>{balanced(230.0)}, injections);
      ASSERT_TRUE(result.solved) << quantity << " " << warm;
      EXPECT_LE(result.current_residual_a, 1e-6);
      EXPECT_TRUE(!warm || result.iterations <= 2) << result.iterations;
      expected.check(quantity, std::abs(network.port_v(0)));
    }
  }
}

// What the ports draw stays in the factor, so that a state like this goes on at a few iterations a step.
TEST(NetworkFault, AfterItsFirstSolutionAWeakFeedFollowsInFewIterationsAndWithoutANewFactor) {
  Network network(radial(0.05, 0.95, 0.1));
  const Phasor heavy_va{-20000.0, -3000.0};
  ASSERT_TRUE(solve(network, balanced(230.0), Injections{heavy_va, heavy_va, heavy_va}).solved);
  const std::uint64_t factorisations = network.factorisations();
  EXPECT_GT(factorisations, 0U);
  for (int step = 0; step < 50; ++step) {
    const Phasor va = heavy_va * (1.0 + 1e-4 * std::sin(step));
    const Network::Result result = solve(network, balanced(230.0), Injections{va, va, va});
    ASSERT_TRUE(result.solved) << step;
    EXPECT_LE(result.iterations, Network::refactor_above_iterations) << step;
  }
  EXPECT_EQ(network.factorisations(), factorisations);
}

// Behind 4 ohm a neutral that floats on ports without any admittance: the factor's own hold on it lets the plain steps
// gain a few hundredths of the way each. By hand: E + Z I in each phase, Z of source and supply.
TEST(NetworkFault, AFixedCurrentBehindAWeakSourceFlowsWithoutItsNeutral) {
  Network network(radial(4.0, 0.05, 0.1));
  network.set_conductor_closed(supply, Conductor::n, false);
  const PhasePhasors emf_v = balanced(230.0);
  for (const double a : {0.0, 1.4, 5.0}) {
    const PhasePhasors fixed_a = balanced(a, 0.2);
    std::array<PortInjection, 6> injections;
    for (std::size_t k = 0; k < phase_count; ++k) injections[k].fixed_a = fixed_a[k];
    const Network::Result result = network.solve(std::array<PhasePhasors, 1>{emf_v}, injections);
    ASSERT_TRUE(result.solved) << a;
    EXPECT_LE(result.current_residual_a, 1e-6) << a;
    const Phasor l12_v = network.node_v(1, Conductor::l1) - network.node_v(1, Conductor::l2);
    EXPECT_NEAR(std::abs(l12_v - (emf_v[0] - emf_v[1]) - 4.05 * (fixed_a[0] - fixed_a[1])), 0.0, 1e-6) << a;
  }
}

// L1 lost; 500 VA of constant current between L1 and L2 in series with 1000 VA of it from L1 to neutral. By hand: both
// carry 500 / (sqrt 3 x 230) = 1.255109 A, so the larger one is inside its taper, at the u (of 23 V) at which
// (3 u - u^3) / 2 = 1.255109 / (1000 / 230): u = 0.194919, 4.48313 V.
TEST(NetworkFault, ConstantCurrentsOfDifferentSizeInSeriesMeetInsideTheTaperOfTheLarger) {
  Network::Parameters parameters = radial(5e-6, 5e-6, 0.1);
  parameters.ports.resize(1);
  parameters.ports.push_back({"between", 1, Conductor::l1, Conductor::l2});
  Network network(parameters);
  network.set_conductor_closed(supply, Conductor::l1, false);
  std::array<PortInjection, 2> injections;
  injections[0].current_va = -1000.0;
  injections[1].current_va = -500.0;
  for (int step = 0; step < 3; ++step) {
    ASSERT_TRUE(network.solve(std::array<PhasePhasors, 1>{balanced(230.0)}, injections).solved) << step;
    EXPECT_NEAR(std::abs(network.port_v(0)), 4.48313, 1e-4) << step;
    EXPECT_NEAR(std::abs(network.port_injection_a(1)), 1.255109, 1e-6) << step;
  }
}

TEST(NetworkFault, AnInjectionThatIsNotANumberIsNotSolvedAndDoesNotStay) {
  Network network(radial(0.05, 0.05, 0.1));
  EXPECT_FALSE(solve(network, balanced(230.0), Injections{std::numeric_limits<double>::quiet_NaN()}).solved);
  EXPECT_TRUE(solve(network, balanced(230.0), Injections{-1000.0}).solved);
}

TEST(Network, KeepsItsFactorUntilASwitchMovesAndNotForAnAdmittance) {
  Network::Parameters parameters = radial(0.05, 0.05, 0.1);
  parameters.nodal_only = true;
  Network network(parameters);
  for (int step = 0; step < 100; ++step) {
    ASSERT_TRUE(solve(network, balanced(230.0 + 0.1 * step), Injections{-10.0 * step, 0.0, 5.0 * step}).solved);
  }
  EXPECT_EQ(network.factorisations(), 1U);
  network.set_port_admittance(0, 0.05);
  network.set_port_admittance(0, 0.05);
  network.set_branch_closed(tail, true);  // it is closed already
  ASSERT_TRUE(solve(network, balanced(230.0), Injections{}).solved);
  EXPECT_EQ(network.factorisations(), 1U);
  network.set_branch_closed(tail, false);
  ASSERT_TRUE(solve(network, balanced(230.0), Injections{}).solved);
  EXPECT_EQ(network.factorisations(), 2U);
}

TEST(Network, NeedsOneIterationOnceNothingMoves) {
  Network network(radial(0.05, 0.05, 0.1));
  const Injections loaded{-2000.0, 1000.0, -500.0, -3000.0, 4000.0, -3000.0};
  EXPECT_GT(solve(network, balanced(230.0), loaded).iterations, 1);
  EXPECT_EQ(solve(network, balanced(230.0), loaded).iterations, 1);
}

TEST(Network, NamesTheParameterThatIsOutOfRange) {
  const auto field_of = [](const Network::Parameters& parameters) {
    try {
      const Network network(parameters);
      return std::string("accepted");
    } catch (const InvalidParameter& refused) {
      return refused.field();
    }
  };
  EXPECT_EQ(field_of(radial(0.1, 0.1, 0.1)), "accepted");
  EXPECT_EQ(field_of(radial(0.0, 0.1, 0.1)), "source grid series_ohm");
  EXPECT_EQ(field_of(radial(0.1, -0.1, 0.1)), "branch supply series_ohm");
  EXPECT_EQ(field_of(radial(0.1, 0.1, 0.0)), "branch tail series_ohm");  // no inverse
  Network::Parameters parameters = radial(0.1, 0.1, 0.1);
  parameters.branches[0].to = 7;
  EXPECT_EQ(field_of(parameters), "branch supply to");
  parameters = radial(0.1, 0.1, 0.1);
  parameters.nominal_ln_v = 0.0;
  EXPECT_EQ(field_of(parameters), "nominal_ln_v");
  parameters = radial(0.1, 0.1, 0.1);
  parameters.ports[0].to = parameters.ports[0].from;
  EXPECT_EQ(field_of(parameters), "port port to");
}

}  // namespace
}  // namespace hil::models
