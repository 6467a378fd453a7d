#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "models/electrical/network.h"
#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

constexpr double degrees = 180.0 / std::numbers::pi;
constexpr double secondary_ln_v = 230.94010767585033;  // 400 / sqrt 3

/// 10 kV source of next to no impedance, transformer 100 kVA 10 kV / 400 V with 1 % + j4 %; ports on the secondary.
Network::Parameters behind_transformer(WindingConnection primary, WindingConnection secondary, int lag_hours) {
  Network::Parameters parameters;
  parameters.buses = {"primary", "secondary"};
  parameters.sources = {{"grid", 0, {1e-6, 1e-6, 1e-6, 1e-6}}};
  parameters.nominal_ln_v = 10000.0 / std::numbers::sqrt3;
  parameters.bus_nominal_ln_v = {parameters.nominal_ln_v, secondary_ln_v};
  parameters.transformers = {{.name = "t1",
                              .from_bus = 0,
                              .to_bus = 1,
                              .rated_va = 100e3,
                              .primary_ll_v = 10000.0,
                              .secondary_ll_v = 400.0,
                              .series_r_pu = 0.01,
                              .series_x_pu = 0.04,
                              .primary = primary,
                              .secondary = secondary,
                              .secondary_lag_hours = lag_hours}};
  parameters.ports = {{"l1", 1, Conductor::l1, Conductor::n},
                      {"l1 l2", 1, Conductor::l1, Conductor::l2},
                      {"l2 l3", 1, Conductor::l2, Conductor::l3},
                      {"l3 l1", 1, Conductor::l3, Conductor::l1}};
  return parameters;
}

Network::Result solve(Network& network, const std::array<PortInjection, 4>& injections = {}) {
  return network.solve(std::array<PhasePhasors, 1>{balanced(10000.0 / std::numbers::sqrt3)}, injections);
}

// Expected values are worked out in the folder's `# what:` line.
TEST(NetworkTransformer, DeltaWyeTurnsThePhasesAndTakesASinglePhaseLoadFromTwoLines) {
  Network::Parameters parameters = behind_transformer(WindingConnection::delta, WindingConnection::wye, 11);
  parameters.earthings = {{"star point", 1, Conductor::n, 0.5}};
  Network network(parameters);
  network.set_port_admittance(0, 0.25);
  ASSERT_TRUE(solve(network).solved);
  const auto secondary_v = [&](Conductor phase) { return network.node_v(1, phase) - network.node_v(1, Conductor::n); };
  const Phasor l1_a = network.transformer_from_a(0, Conductor::l1);
  const Phasor l2_a = network.transformer_from_a(0, Conductor::l2);
  tests::ValidationCase expected("network/delta_wye");
  expected.check("secondary_l1_v", std::abs(secondary_v(Conductor::l1)));
  expected.check("secondary_l1_deg", std::arg(secondary_v(Conductor::l1)) * degrees);
  expected.check("secondary_l2_v", std::abs(secondary_v(Conductor::l2)));
  expected.check("secondary_l2_deg", std::arg(secondary_v(Conductor::l2)) * degrees);
  expected.check("secondary_l3_v", std::abs(secondary_v(Conductor::l3)));
  expected.check("secondary_l3_deg", std::arg(secondary_v(Conductor::l3)) * degrees);
  expected.check("primary_l1_a", std::abs(l1_a));
  expected.check("primary_l2_a", std::abs(l2_a));
  expected.check("primary_l3_a", std::abs(network.transformer_from_a(0, Conductor::l3)));
  expected.check("primary_l1_plus_l2_a", std::abs(l1_a + l2_a));
  // The loop closes at the secondary: nothing flows through the star point's earth.
  EXPECT_NEAR(std::abs(network.node_v(1, Conductor::n)), 0.0, 1e-6);
}

// Unloaded: 400 V between phases, the first of them turned back by 30 degrees an hour.
TEST(NetworkTransformer, EveryVectorGroupTurnsByItsHours) {
  using enum WindingConnection;
  for (const WindingConnection primary : {grounded_wye, wye, delta}) {
    for (const WindingConnection secondary : {grounded_wye, wye, delta}) {
      for (int hours = (primary == delta) != (secondary == delta) ? 1 : 0; hours < 12; hours += 2) {
        Network network(behind_transformer(primary, secondary, hours));
        const Network::Result result = solve(network);
        ASSERT_TRUE(result.solved) << hours;
        EXPECT_LE(result.current_residual_a, 1e-6);
        const PhasePhasors turned = balanced(400.0, std::numbers::pi / 6.0 * (1 - hours));
        for (std::size_t pair = 0; pair < 3; ++pair) {
          EXPECT_NEAR(std::abs(network.port_v(pair + 1) - turned[pair]), 0.0, 1e-4) << hours << " pair " << pair;
        }
      }
    }
  }
}

// A delta winding that nothing earths settles around earth, and a load between its phases is served as usual.
// Dyn11 with L1 of its feed lost: the winding between L2 and L3 keeps its voltage, the two others stand in series
// across it. 16 kW of equal impedances take up to 1 % of it; unloaded, the lost conductor hangs on its leak.
TEST(NetworkTransformer, ALostPhaseBeforeADeltaLeavesOneVoltageWholeAndHalvesTwo) {
  Network::Parameters parameters = behind_transformer(WindingConnection::delta, WindingConnection::wye, 11);
  parameters.earthings = {{"star point", 1, Conductor::n, 0.5}};
  parameters.buses.emplace_back("feed");
  parameters.bus_nominal_ln_v.push_back(parameters.nominal_ln_v);
  parameters.sources[0].bus = 2;
  Network::Branch feed{.name = "feed", .from = 2, .to = 0};
  feed.series_ohm.diagonal().setConstant(Phasor{0.1, 0.1});
  parameters.branches = {feed};
  parameters.ports = {{"l1", 1, Conductor::l1, Conductor::n},
                      {"l2", 1, Conductor::l2, Conductor::n},
                      {"l3", 1, Conductor::l3, Conductor::n},
                      {"l1 l2", 1, Conductor::l1, Conductor::l2}};
  Network network(parameters);
  for (const double load_s : {0.1, 0.0}) {
    for (std::size_t port = 0; port < phase_count; ++port) network.set_port_admittance(port, load_s);
    network.set_conductor_closed(0, Conductor::l1, false);
    ASSERT_TRUE(solve(network).solved) << load_s;
    if (load_s > 0.0) {
      std::array<double, phase_count> volts{};
      for (std::size_t port = 0; port < phase_count; ++port) volts[port] = std::abs(network.port_v(port));
      std::sort(volts.begin(), volts.end());
      EXPECT_NEAR(volts[0], 0.5 * secondary_ln_v, 1.5);
      EXPECT_NEAR(volts[1], 0.5 * secondary_ln_v, 1.5);
      EXPECT_NEAR(volts[2], secondary_ln_v, 2.5);
    }
    network.set_conductor_closed(0, Conductor::l2, false);  // one conductor alone feeds nothing
    ASSERT_TRUE(solve(network).solved) << load_s;
    if (load_s > 0.0) {
      EXPECT_LT(std::abs(network.port_v(0)), 20.0);
    }
    network.set_conductor_closed(0, Conductor::l2, true);
  }
}

TEST(NetworkTransformer, AnUnearthedDeltaIsHeldAroundEarth) {
  Network network(behind_transformer(WindingConnection::wye, WindingConnection::delta, 1));
  std::array<PortInjection, 4> injections;
  injections[1].power_va = -5000.0;
  const Network::Result result = solve(network, injections);
  ASSERT_TRUE(result.solved);
  const Phasor sum_v =
      network.node_v(1, Conductor::l1) + network.node_v(1, Conductor::l2) + network.node_v(1, Conductor::l3);
  EXPECT_NEAR(std::abs(sum_v), 0.0, 1e-3);  // leaks of 1e-6 S: 1e-9 A of rounding move it by 1e-3 V
  EXPECT_NEAR((network.port_v(1) * std::conj(network.port_injection_a(1))).real(), -5000.0, 1e-3);
  EXPECT_EQ(network.island(1), 0U);
  EXPECT_TRUE(network.energised(1, Conductor::l1));
  EXPECT_FALSE(network.energised(1, Conductor::n));
}

// The stiff source alone would drive more: what is left of the voltage is 0.01 mohm times the current, 0.1 % of it.
TEST(NetworkTransformer, ShortCircuitsOfDistributionTransformersAreThePublishedOnes) {
  struct Rating {
    const char* quantity;
    double rated_va, r_mohm, x_mohm;  // at 400 V
  };
  tests::ValidationCase expected("network/transformer_short_circuit");
  for (const Rating& rating : {Rating{"160kva_uk4", 160e3, 10.9, 38.5}, Rating{"250kva_uk4", 250e3, 8.3, 24.2},
                               Rating{"400kva_uk4", 400e3, 4.6, 15.3}, Rating{"630kva_uk4", 630e3, 2.6, 9.8},
                               Rating{"630kva_uk6", 630e3, 3.1, 14.9}}) {
    Network::Parameters parameters = behind_transformer(WindingConnection::delta, WindingConnection::wye, 5);
    Transformer& transformer = parameters.transformers[0];
    const double base_mohm = 1000.0 * 400.0 * 400.0 / rating.rated_va;
    transformer.rated_va = rating.rated_va;
    transformer.series_r_pu = rating.r_mohm / base_mohm;
    transformer.series_x_pu = rating.x_mohm / base_mohm;
    parameters.earthings = {{"star point", 1, Conductor::n, 0.1}};
    parameters.ports = {{"l1", 1, Conductor::l1, Conductor::n},
                        {"l2", 1, Conductor::l2, Conductor::n},
                        {"l3", 1, Conductor::l3, Conductor::n}};
    Network network(parameters);
    for (std::size_t port = 0; port < 3; ++port) network.set_port_admittance(port, 1e5);
    const std::array<PortInjection, 3> nothing{};
    ASSERT_TRUE(network.solve(std::array<PhasePhasors, 1>{balanced(10000.0 / std::numbers::sqrt3)}, nothing).solved);
    expected.check(rating.quantity, std::abs(network.port_injection_a(0)) / 1000.0);
  }
}

TEST(NetworkTransformer, RefusesAnHourThatItsWindingsCannotHave) {
  try {
    const Network network(behind_transformer(WindingConnection::delta, WindingConnection::wye, 6));
    ADD_FAILURE() << "accepted";
  } catch (const InvalidParameter& refused) {
    EXPECT_EQ(refused.field(), "transformer t1 secondary_lag_hours");
  }
}

}  // namespace
}  // namespace hil::models
