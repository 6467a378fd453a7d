#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "models/electrical/network.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using tests::ValidationCase;

// Cases N1, N3..N6 of physics-and-standards 1.4; N2 is among the faults, N7 and N8 are split-phase.
constexpr double degree = std::numbers::pi / 180.0;

const Phasor iec_60725_phase_ohm{0.24, 0.15};
const Phasor iec_60725_neutral_ohm{0.16, 0.10};

/// One bus with L1-N, L2-N, L3-N ports 0, 1, 2 straight at the source's impedance.
Network one_bus(Phasor phase_ohm, Phasor neutral_ohm, bool nodal_only = false) {
  Network::Parameters parameters;
  parameters.buses = {"terminal"};
  parameters.sources = {{"grid", 0, {phase_ohm, phase_ohm, phase_ohm, neutral_ohm}}};
  parameters.nominal_ln_v = 230.0;
  parameters.nodal_only = nodal_only;
  parameters.ports = {{"l1", 0, Conductor::l1, Conductor::n},
                      {"l2", 0, Conductor::l2, Conductor::n},
                      {"l3", 0, Conductor::l3, Conductor::n}};
  return Network(parameters);
}

Network::Result solve(Network& network, PhasePhasors injection_va) {
  std::array<PortInjection, phase_count> injections;
  for (std::size_t k = 0; k < phase_count; ++k) injections[k].power_va = injection_va[k];
  return network.solve(std::array<PhasePhasors, 1>{balanced(230.0)}, injections);
}

Phasor source_va(const Network& network) {
  const PhasePhasors emf_v = balanced(230.0);
  constexpr std::array phases{Conductor::l1, Conductor::l2, Conductor::l3};
  Phasor total_va{};
  for (std::size_t k = 0; k < phase_count; ++k) total_va += emf_v[k] * std::conj(network.source_a(0, phases[k]));
  return total_va;
}

/// What most of the cases list, as far as this one does.
void check_voltages(ValidationCase& expected, const Network& network) {
  expected.check("l1_voltage_ln_v", std::abs(network.port_v(0)));
  expected.check("l2_voltage_ln_v", std::abs(network.port_v(1)));
  expected.check("l3_voltage_ln_v", std::abs(network.port_v(2)));
  expected.check("neutral_v", std::abs(network.node_v(0, Conductor::n)));
}

// N1. Nodal equation of the neutral: Vn = sum(Yk Ek) / (sum Yk + Yn), Yk = 1 / (0.1 + Rk), Yn = 1 / 0.1.
TEST(Network, N1ShiftsTheNeutralUnderAnUnbalancedStar) {
  const std::array<double, 3> load_ohm{10.0, 20.0, 30.0};
  // Nodal: the admittances stand in its matrix, exact but for rounding, 230 V times 10 S times a few 1e-16. The sweep
  // settles to 1e-7 V, and Kirchhoff's law to 1e-6 A.
  for (const bool nodal_only : {true, false}) {
    Network network = one_bus(0.1, 0.1, nodal_only);
    Phasor numerator{};
    double denominator_s = 1.0 / 0.1;
    for (std::size_t k = 0; k < 3; ++k) {
      network.set_port_admittance(k, 1.0 / load_ohm[k]);
      numerator += balanced(230.0)[k] / (0.1 + load_ohm[k]);
      denominator_s += 1.0 / (0.1 + load_ohm[k]);
    }
    const Network::Result result = solve(network, {});
    ASSERT_TRUE(result.solved);
    EXPECT_LE(result.current_residual_a, nodal_only ? 1e-9 : 1e-6);
    EXPECT_NEAR(std::abs(network.node_v(0, Conductor::n) - numerator / denominator_s), 0.0, nodal_only ? 1e-9 : 1e-7);

    ValidationCase expected("network/n1");
    check_voltages(expected, network);
    expected.check("neutral_deg", std::arg(network.node_v(0, Conductor::n)) / degree);
    expected.check("neutral_a", std::abs(network.source_a(0, Conductor::n)));
    expected.check("l1_a", std::abs(network.source_a(0, Conductor::l1)));
    expected.check("l2_a", std::abs(network.source_a(0, Conductor::l2)));
    expected.check("l3_a", std::abs(network.source_a(0, Conductor::l3)));
  }
}

// N3. Two-bus formula: V = (V0 + sqrt(V0^2 - 4 R P)) / 2 with R = 0.1 + 0.1 in the loop of L1 and N.
TEST(Network, N3MeetsTheTwoBusFormulaForConstantPowerOnOnePhase) {
  ValidationCase expected("network/n3");
  for (const int load_w : {9000, 3000, -5000, -9000}) {
    Network network = one_bus(0.1, 0.1);
    ASSERT_TRUE(solve(network, {-static_cast<double>(load_w), 0.0, 0.0}).solved);
    const double by_hand_v = (230.0 + std::sqrt(230.0 * 230.0 - 4.0 * 0.2 * load_w)) / 2.0;
    EXPECT_NEAR(std::abs(network.port_v(0)), by_hand_v, 1e-6) << load_w;  // ten times the solver's tolerance
    const std::string name =
        "load_" + std::string(load_w < 0 ? "minus_" : "") + std::to_string(std::abs(load_w)) + "_w_";
    expected.check(name + "v", std::abs(network.port_v(0)));
    const double a = std::abs(network.source_a(0, Conductor::l1));
    if (load_w == 9000) expected.check(name + "a", a);
    if (std::abs(load_w) == 9000) expected.check(name + "loss_w", 0.2 * a * a);
  }
}

// N4. Balanced, so the neutral carries nothing and its impedance does not matter.
TEST(Network, N4MeetsTheBalancedThreePhaseCases) {
  struct Case {
    std::string name;
    Phasor load_va;
  };
  ValidationCase expected("network/n4");
  for (const Case& each : {Case{"export", {-30000.0, 0.0}}, Case{"export_with_var", {-30000.0, 13200.0}},
                           Case{"import", {30000.0, 0.0}}, Case{"import_with_var", {22000.0, 9000.0}}}) {
    Network network = one_bus({0.12, 0.06}, {0.12, 0.06});
    const Phasor phase_va = -each.load_va / 3.0;
    ASSERT_TRUE(solve(network, {phase_va, phase_va, phase_va}).solved);
    expected.check(each.name + "_v", std::abs(network.port_v(0)));
    EXPECT_NEAR(std::abs(network.port_v(1)), std::abs(network.port_v(0)), 1e-6);
    EXPECT_NEAR(std::abs(network.port_v(2)), std::abs(network.port_v(0)), 1e-6);
    EXPECT_LE(std::abs(network.source_a(0, Conductor::n)), 1e-6);
    const double a = std::abs(network.source_a(0, Conductor::l1));
    if (each.name == "import") {
      EXPECT_NEAR(a, 10000.0 / std::abs(network.port_v(0)), 1e-5);
      continue;
    }
    expected.check(each.name + "_a", a);
    expected.check(each.name + "_loss_w", 3.0 * 0.12 * a * a);
    if (each.name == "export") {
      const Phasor total_va = source_va(network);
      expected.check("export_source_w", total_va.real());
      expected.check("export_source_var", total_va.imag());
    }
  }
}

TEST(Network, N5RaisesOnePhaseAndBendsTheOthersWhenOnlyThatPhaseExports) {
  Network network = one_bus(iec_60725_phase_ohm, iec_60725_neutral_ohm);
  ASSERT_TRUE(solve(network, {3680.0, 0.0, 0.0}).solved);
  ValidationCase expected("network/n5");
  check_voltages(expected, network);
  expected.check("neutral_a", std::abs(network.source_a(0, Conductor::n)));
}

// N6: 6 kW at 230 V on L1, of one kind each. The constant current is that of the solved voltage, in one solve.
TEST(Network, N6LoadsOfConstantPowerCurrentAndImpedanceSettleAtThreeVoltages) {
  ValidationCase expected("network/n6");
  for (const std::string kind : {"power", "current", "impedance"}) {
    Network network = one_bus(iec_60725_phase_ohm, iec_60725_neutral_ohm);
    std::array<PortInjection, phase_count> injections;
    if (kind == "power") injections[0].power_va = -6000.0;
    if (kind == "current") injections[0].current_va = -6000.0;
    if (kind == "impedance") network.set_port_admittance(0, 6000.0 / (230.0 * 230.0));
    ASSERT_TRUE(network.solve(std::array<PhasePhasors, 1>{balanced(230.0)}, injections).solved);
    expected.check(kind + "_v", std::abs(network.port_v(0)));
    expected.check(kind + "_a", std::abs(network.port_injection_a(0)));
    const double taken_w = -(network.port_v(0) * std::conj(network.port_injection_a(0))).real();
    if (kind == "power") {
      EXPECT_NEAR(taken_w, 6000.0, 1e-6);
    } else {
      expected.check(kind + "_w", taken_w);
    }
  }
}

// By hand, two coupled conductors: L1 carries i out and N carries it back, so the loop sees
// 2 (self - mutual) = 2 (0.3 - 0.1) = 0.4 ohm, with the load 23 ohm: i = 230 / (23 + 0.4 + 0.002).
TEST(Network, TakesMutualImpedanceOutOfTheLoop) {
  Network::Parameters parameters;
  parameters.buses = {"grid", "end"};
  parameters.sources = {{"grid", 0, {0.001, 0.001, 0.001, 0.001}}};
  parameters.nominal_ln_v = 230.0;
  Network::Branch line{.name = "line", .from = 0, .to = 1};
  line.series_ohm.setConstant(0.1);
  line.series_ohm.diagonal().setConstant(0.3);
  parameters.branches = {line};
  parameters.nodal_only = true;
  parameters.ports = {{"load", 1, Conductor::l1, Conductor::n}};
  Network network(parameters);
  network.set_port_admittance(0, 1.0 / 23.0);
  ASSERT_TRUE(network.solve(std::array<PhasePhasors, 1>{balanced(230.0)}, std::array<PortInjection, 1>{}).solved);
  EXPECT_NEAR(std::abs(network.branch_a(0, Conductor::l1)), 230.0 / 23.402, 1e-9);
  EXPECT_NEAR(std::abs(network.branch_a(0, Conductor::l1) + network.branch_a(0, Conductor::n)), 0.0, 1e-9);
}

}  // namespace
}  // namespace hil::models
