#include <gtest/gtest.h>

#include <array>

#include "models/electrical/network.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using tests::ValidationCase;

/// 120/-120 V on L1 and L2, 0.05 ohm in the supply's L1, L2 and N (the source itself adds a micro-ohm); 10 ohm L1-N,
/// 20 ohm L2-N, 24 ohm L1-L2. L3 is there and carries nothing.
Network split_phase() {
  Network::Parameters parameters;
  parameters.buses = {"grid", "board"};
  parameters.sources = {{"grid", 0, {1e-6, 1e-6, 1e-6, 1e-6}}};
  parameters.nominal_ln_v = 120.0;
  Network::Branch supply{.name = "supply", .from = 0, .to = 1};
  supply.series_ohm.diagonal().setConstant(0.05 - 1e-6);
  parameters.branches = {supply};
  parameters.ports = {{"l1", 1, Conductor::l1, Conductor::n, 120.0},
                      {"l2", 1, Conductor::l2, Conductor::n, 120.0},
                      {"range", 1, Conductor::l1, Conductor::l2, 240.0}};
  Network network(parameters);
  network.set_port_admittance(0, 1.0 / 10.0);
  network.set_port_admittance(1, 1.0 / 20.0);
  network.set_port_admittance(2, 1.0 / 24.0);
  return network;
}

Network::Result solve(Network& network) {
  return network.solve(std::array<PhasePhasors, 1>{PhasePhasors{120.0, -120.0, 0.0}}, std::array<PortInjection, 3>{});
}

TEST(NetworkSplitPhase, N7ServesBothLegsAndTheLoadAcrossThem) {
  Network network = split_phase();
  ASSERT_TRUE(solve(network).solved);
  ValidationCase expected("network/n7");
  expected.check("l1_voltage_ln_v", std::abs(network.port_v(0)));
  expected.check("l2_voltage_ln_v", std::abs(network.port_v(1)));
  expected.check("l1_l2_voltage_v", std::abs(network.port_v(2)));
  expected.check("l1_a", std::abs(network.branch_a(0, Conductor::l1)));
  expected.check("l2_a", std::abs(network.branch_a(0, Conductor::l2)));
  expected.check("neutral_a", std::abs(network.branch_a(0, Conductor::n)));
}

TEST(NetworkSplitPhase, N8LostNeutralSharesTheVoltageOutByTheLoads) {
  Network network = split_phase();
  network.set_conductor_closed(0, Conductor::n, false);
  ASSERT_TRUE(solve(network).solved);
  ValidationCase expected("network/n8");
  expected.check("l1_voltage_ln_v", std::abs(network.port_v(0)));
  expected.check("l2_voltage_ln_v", std::abs(network.port_v(1)));
}

}  // namespace
}  // namespace hil::models
