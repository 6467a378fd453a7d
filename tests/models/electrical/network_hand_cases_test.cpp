#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "models/electrical/network.h"
#include "models/load/zip_load.h"

namespace hil::models {
namespace {

// Cases N1..N6 of physics-and-standards 1.4. Their tolerance, 0.001 V and 0.001 A, is mostly the last printed digit;
// powers have two printed decimals: 0.01 W.
constexpr double volt = 1e-3;
constexpr double ampere = 1e-3;
constexpr double watt = 0.01;
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

double source_w(const Network& network, Phasor& total_va) {
  const PhasePhasors emf_v = balanced(230.0);
  constexpr std::array phases{Conductor::l1, Conductor::l2, Conductor::l3};
  total_va = {};
  for (std::size_t k = 0; k < phase_count; ++k) total_va += emf_v[k] * std::conj(network.source_a(0, phases[k]));
  return total_va.real();
}

// N1. Nodal equation of the neutral: Vn = sum(Yk Ek) / (sum Yk + Yn), Yk = 1 / (0.1 + Rk), Yn = 1 / 0.1.
TEST(Network, ShiftsTheNeutralUnderAnUnbalancedStar) {
  Network network = one_bus(0.1, 0.1, true);  // admittances stand in its matrix: exact but for rounding
  const std::array<double, 3> load_ohm{10.0, 20.0, 30.0};
  Phasor numerator{};
  double denominator_s = 1.0 / 0.1;
  for (std::size_t k = 0; k < 3; ++k) {
    network.set_port_admittance(k, 1.0 / load_ohm[k]);
    numerator += balanced(230.0)[k] / (0.1 + load_ohm[k]);
    denominator_s += 1.0 / (0.1 + load_ohm[k]);
  }
  const Network::Result result = solve(network, {});
  ASSERT_TRUE(result.solved);
  EXPECT_LE(result.current_residual_a, 1e-9);  // rounding: 230 V times 10 S times a few 1e-16
  EXPECT_NEAR(std::abs(network.node_v(0, Conductor::n) - numerator / denominator_s), 0.0, 1e-9);

  EXPECT_NEAR(std::abs(network.port_v(0)), 226.4365, volt);
  EXPECT_NEAR(std::abs(network.port_v(1)), 229.2271, volt);
  EXPECT_NEAR(std::abs(network.port_v(2)), 230.1645, volt);
  EXPECT_NEAR(std::abs(network.node_v(0, Conductor::n)), 1.3390, volt);
  // 0.001 V across 1.339 V is 0.04 degree.
  EXPECT_NEAR(std::arg(network.node_v(0, Conductor::n)), -13.974 * degree, 0.04 * degree);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::n)), 13.3901, ampere);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::l1)), 22.6436, ampere);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::l2)), 11.4614, ampere);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::l3)), 7.67215, ampere);
}

// N3. Two-bus formula: V = (V0 + sqrt(V0^2 - 4 R P)) / 2 with R = 0.1 + 0.1 in the loop of L1 and N.
TEST(Network, MeetsTheTwoBusFormulaForConstantPowerOnOnePhase) {
  struct Case {
    double load_w;
    double v;
  };
  for (const Case& each :
       {Case{9000.0, 221.8878}, Case{3000.0, 227.3610}, Case{-5000.0, 234.2686}, Case{-9000.0, 237.5765}}) {
    Network network = one_bus(0.1, 0.1);
    ASSERT_TRUE(solve(network, {-each.load_w, 0.0, 0.0}).solved);
    const double by_hand_v = (230.0 + std::sqrt(230.0 * 230.0 - 4.0 * 0.2 * each.load_w)) / 2.0;
    EXPECT_NEAR(std::abs(network.port_v(0)), by_hand_v, 1e-6) << each.load_w;  // ten times the solver's tolerance
    EXPECT_NEAR(std::abs(network.port_v(0)), each.v, volt) << each.load_w;
  }
}

TEST(Network, HasThePublishedCurrentAndLossesForConstantPowerOnOnePhase) {
  Network network = one_bus(0.1, 0.1);
  ASSERT_TRUE(solve(network, {-9000.0, 0.0, 0.0}).solved);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::l1)), 40.5610, ampere);
  EXPECT_NEAR(0.2 * std::norm(network.source_a(0, Conductor::l1)), 329.04, watt);
  ASSERT_TRUE(solve(network, {9000.0, 0.0, 0.0}).solved);
  EXPECT_NEAR(0.2 * std::norm(network.source_a(0, Conductor::l1)), 287.02, watt);
}

// N4. Balanced, so the neutral carries nothing and its impedance does not matter.
TEST(Network, MeetsTheBalancedThreePhaseCases) {
  struct Case {
    Phasor load_va;
    double v;
    double a;
    double loss_w;
  };
  for (const Case& each :
       {Case{{-30000.0, 0.0}, 235.0903, 42.5369, 651.38}, Case{{-30000.0, 13200.0}, 233.9503, 46.6988, 785.08},
        // the third: 10 kW / 224.6427 V, and 3 x 0.12 ohm of it
        Case{{30000.0, 0.0}, 224.6427, 44.5151, 713.37}, Case{{22000.0, 9000.0}, 225.2948, 35.1683, 445.25}}) {
    Network network = one_bus({0.12, 0.06}, {0.12, 0.06});
    const Phasor phase_va = -each.load_va / 3.0;
    ASSERT_TRUE(solve(network, {phase_va, phase_va, phase_va}).solved);
    for (std::size_t k = 0; k < phase_count; ++k) EXPECT_NEAR(std::abs(network.port_v(k)), each.v, volt);
    EXPECT_LE(std::abs(network.source_a(0, Conductor::n)), 1e-6);
    const double a = std::abs(network.source_a(0, Conductor::l1));
    EXPECT_NEAR(a, each.a, ampere);
    EXPECT_NEAR(3.0 * 0.12 * a * a, each.loss_w, watt);
  }
}

TEST(Network, ReturnsExportToTheSourceLessTheLosses) {
  Network network = one_bus({0.12, 0.06}, {0.12, 0.06});
  ASSERT_TRUE(solve(network, {10000.0, 10000.0, 10000.0}).solved);
  Phasor total_va;
  EXPECT_NEAR(source_w(network, total_va), -29348.62, watt);
  EXPECT_NEAR(total_va.imag(), 325.69, watt);
}

// N5.
TEST(Network, RaisesOnePhaseAndBendsTheOthersWhenOnlyThatPhaseExports) {
  Network network = one_bus(iec_60725_phase_ohm, iec_60725_neutral_ohm);
  ASSERT_TRUE(solve(network, {3680.0, 0.0, 0.0}).solved);
  EXPECT_NEAR(std::abs(network.port_v(0)), 236.1990, volt);
  EXPECT_NEAR(std::abs(network.port_v(1)), 227.3852, volt);
  EXPECT_NEAR(std::abs(network.port_v(2)), 230.1713, volt);
  EXPECT_NEAR(std::abs(network.node_v(0, Conductor::n)), 2.9396, volt);
  EXPECT_NEAR(std::abs(network.source_a(0, Conductor::n)), 15.5801, ampere);
}

/// 6 kW on L1 at 230 V behind the reference impedance, of one kind.
struct OnePhaseLoad {
  explicit OnePhaseLoad(double share_z, double share_i, double share_p)
      : load({.nominal_w = {6000.0, 0.0, 0.0},
              .nominal_var = {},
              .nominal_ln_v = 230.0,
              .share_z = share_z,
              .share_i = share_i,
              .share_p = share_p,
              .on = true}) {
    network.set_port_admittance(0, load.admittance_s(0));
    // The I part follows the voltage of the solve before, as in a running site; each round takes the error down by
    // Z I / V, about 0.04 here: 1e-12 V after 10.
    for (int round = 0; round < 10; ++round) {
      solved = solve(network, {load.injection_va(0, std::abs(network.port_v(0))), 0.0, 0.0}).solved;
    }
  }
  double v() const { return std::abs(network.port_v(0)); }
  double a() const { return std::abs(network.port_injection_a(0)); }
  double w() const { return -(network.port_v(0) * std::conj(network.port_injection_a(0))).real(); }

  ZipLoad load;
  Network network = one_bus(iec_60725_phase_ohm, iec_60725_neutral_ohm);
  bool solved = false;
};

// N6.
TEST(Network, LoadsOfConstantPowerCurrentAndImpedanceSettleAtThreeVoltages) {
  const OnePhaseLoad power(0.0, 0.0, 1.0);
  ASSERT_TRUE(power.solved);
  EXPECT_NEAR(power.v(), 218.9358, volt);
  EXPECT_NEAR(power.a(), 27.4053, ampere);
  EXPECT_NEAR(power.w(), 6000.0, watt);

  const OnePhaseLoad current(0.0, 1.0, 0.0);
  ASSERT_TRUE(current.solved);
  EXPECT_NEAR(current.v(), 219.4727, volt);
  EXPECT_NEAR(current.a(), 6000.0 / 230.0, ampere);  // 26.0870
  EXPECT_NEAR(current.w(), 5725.38, watt);

  const OnePhaseLoad impedance(1.0, 0.0, 0.0);
  ASSERT_TRUE(impedance.solved);
  EXPECT_NEAR(impedance.v(), 219.9372, volt);
  EXPECT_NEAR(impedance.a(), 24.9456, ampere);
  EXPECT_NEAR(impedance.w(), 5486.47, watt);
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
