#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "models/invalid_parameter.h"
#include "models/storage/battery_pack.h"
#include "tests/models/storage/battery_examples.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

TEST(BatteryPack, ShowsTheOpenCircuitVoltageAtRest) {
  // The 1 % table of the cell; between .35 and .36 half way: (3.28260 + 3.28478) / 2.
  for (const auto& [soc, cell_v] :
       {std::pair{0.0, 2.28619}, {0.05, 3.06470}, {0.355, 3.28369}, {0.5, 3.29948}, {1.0, 3.53049}}) {
    BatteryPack pack{pack_160s(), {.soc = soc}, 1s};
    EXPECT_NEAR(pack.advance(0.0).terminal_v, 160.0 * cell_v, 1e-9) << "soc " << soc;
    EXPECT_EQ(pack.outputs().discharge_a, 0.0);
  }
}

// The pack cases B5 and B6 without any hysteresis, by the quadratic I = [U - sqrt(U^2 - 4 R P)] / (2 R) with the whole
// R:
//   charge 10 kW, soc .5:    U = 160 * 3.29948 = 527.9168 V, R = 3 * .044767 * 1.6 = .21488 ohm: 18.7985 A, 531.956 V
//   discharge 10 kW, soc .5: R = 3 * .047828 * 1.6 = .22957 ohm: 19.1010 A, 523.532 V
// 0.001: the printed digits.
TEST(BatteryPack, SettlesWhereThePowerEquationPutsIt) {
  const auto charging = settled(pack_160s(), {.soc = 0.5}, -10000.0);
  EXPECT_NEAR(charging.discharge_a, -18.7985, 0.001);
  EXPECT_NEAR(charging.terminal_v, 531.956, 0.002);
  const auto discharging = settled(pack_160s(), {.soc = 0.5}, 10000.0);
  EXPECT_NEAR(discharging.discharge_a, 19.1010, 0.001);
  EXPECT_NEAR(discharging.terminal_v, 523.532, 0.002);
}

// A third of the resistance acts at once (45 of 135): 3 * .047828 * 1.6 / 3 = 76.5248 mohm, at 20 A 1.5305 V.
TEST(BatteryPack, DropsByTheOhmicPartAtOnce) {
  BatteryPack pack{pack_160s(), {.soc = 0.5}, 10ms};
  const double source_v = 160.0 * 3.29948;
  const double terminal_v = source_v - 20.0 * 0.0765248;
  EXPECT_NEAR(pack.advance(20.0 * terminal_v).discharge_a, 20.0, 1e-9);
  EXPECT_NEAR(pack.outputs().terminal_v, terminal_v, 1e-9);
  EXPECT_NEAR(pack.outputs().loss_w, 20.0 * 20.0 * 0.0765248, 1e-9);
}

// At rest after 20 s: 1/e of the branch with 20 s, exp(-20/600) of the one with 600 s, whatever the step.
TEST(BatteryPack, LetsItsBranchesFadeWithTheirTimeConstants) {
  BatteryPack coarse{pack_160s(), {.soc = 0.5, .branch1_v = 2.0, .branch2_v = 3.0}, 1s};
  BatteryPack fine{pack_160s(), {.soc = 0.5, .branch1_v = 2.0, .branch2_v = 3.0}, 10ms};
  for (int i = 0; i < 20; ++i) coarse.advance(0.0);
  for (int i = 0; i < 2000; ++i) fine.advance(0.0);
  for (const BatteryPack* pack : {&coarse, &fine}) {
    EXPECT_NEAR(pack->state().branch1_v, 2.0 * std::exp(-1.0), 1e-9);
    EXPECT_NEAR(pack->state().branch2_v, 3.0 * std::exp(-1.0 / 30.0), 1e-9);
  }
}

// Coulomb counting beside the pack over 20,000 random steps; 1e-9 as the bench demands in every run.
TEST(BatteryPack, LosesExactlyTheChargeThatFlowsOut) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.coulombic_efficiency = 0.998;
  BatteryPack pack{parameters, {.soc = 0.6}, 100ms};
  std::mt19937 generator{7};
  double charge_ah = 60.0;
  for (int i = 0; i < 20000; ++i) {
    const double request_w = 30000.0 * (static_cast<double>(generator()) / 2147483648.0 - 1.0);
    const double discharge_a = pack.advance(request_w).discharge_a;
    charge_ah -= discharge_a * (discharge_a < 0.0 ? 0.998 : 1.0) * 0.1 / 3600.0;
    ASSERT_NEAR(pack.outputs().discharge_w, request_w, 1e-8);
    ASSERT_NEAR(pack.state().soc, charge_ah / 100.0, 1e-9);
  }
}

// Heat in the branches is v^2 / R, what their capacitors store comes back: over a pulse and a long rest at one
// state of charge the source gave what the terminals took plus the heat. The step is short against 20 s, so 0.1 %.
TEST(BatteryPack, TurnsWhatTheTerminalsDoNotGetIntoHeat) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.capacity_ah = 1000.0;  // soc hardly moves, neither does the open-circuit voltage
  BatteryPack pack{parameters, {.soc = 0.5}, 10ms};
  double source_j = 0.0;
  double terminal_j = 0.0;
  double heat_j = 0.0;
  const auto run = [&](int steps, double request_w) {
    for (int i = 0; i < steps; ++i) {
      const double open_circuit_v = 160.0 * (3.29948 + (pack.state().soc - 0.5) * 0.039);  // slope .49 to .5
      const auto& outputs = pack.advance(request_w);
      source_j += 0.01 * open_circuit_v * outputs.discharge_a;
      terminal_j += 0.01 * outputs.discharge_w;
      heat_j += 0.01 * outputs.loss_w;
    }
  };
  run(6000, 50000.0);
  run(600000, 0.0);
  EXPECT_GT(heat_j, 94.7 * 94.7 * 0.007652 * 60.0);  // the ohmic part alone: 50 kW at 528 V for a minute
  EXPECT_NEAR(source_j - terminal_j, heat_j, 0.001 * heat_j);
}

// Shares of the limit over soc, 4.2: charge 1 to .90, .55 half way to .98, .1 there, .05 at .99, 0 when full;
// discharge 1 above .10, .6 at .075, .2 at .05, .1 at .025, 0 when empty. 50 A and 80 A are the whole.
TEST(BatteryPack, ReportsTheLimitsOfItsBms) {
  for (const auto& [soc, share] :
       {std::pair{0.0, 1.0}, {0.5, 1.0}, {0.90, 1.0}, {0.94, 0.55}, {0.98, 0.1}, {0.99, 0.05}, {1.0, 0.0}}) {
    EXPECT_NEAR((BatteryPack{pack_160s(), {.soc = soc}, 1s}.limits().charge_a), 50.0 * share, 1e-9) << "soc " << soc;
  }
  for (const auto& [soc, share] :
       {std::pair{0.0, 0.0}, {0.025, 0.1}, {0.05, 0.2}, {0.075, 0.6}, {0.10, 1.0}, {1.0, 1.0}}) {
    EXPECT_NEAR((BatteryPack{pack_160s(), {.soc = soc}, 1s}.limits().discharge_a), 80.0 * share, 1e-9) << "soc " << soc;
  }
}

TEST(BatteryPack, DeliversItsReportedLimitsInFullAtTheReportedCurrent) {
  for (double soc = 0.0; soc <= 1.0; soc += 0.01) {
    BatteryPack discharging{pack_160s(), {.soc = soc, .branch1_v = 3.0, .branch2_v = -2.0}, 1s};
    const BatteryPack::Limits limits = discharging.limits();
    BatteryPack charging = discharging;
    EXPECT_NEAR(discharging.advance(limits.discharge_w).discharge_w, limits.discharge_w, 1e-8) << "soc " << soc;
    EXPECT_NEAR(discharging.outputs().discharge_a, limits.discharge_a, 1e-9) << "soc " << soc;
    EXPECT_NEAR(charging.advance(-limits.charge_w).discharge_w, -limits.charge_w, 1e-8) << "soc " << soc;
    EXPECT_NEAR(charging.outputs().discharge_a, -limits.charge_a, 1e-9) << "soc " << soc;
  }
}

// U^2 / (4 R0) with U = 527.9168 V and R0 = 76.5248 mohm: 910.5 kW, at half the voltage.
TEST(BatteryPack, GivesNoMoreThanItsResistanceAllows) {
  BatteryPack pack{pack_160s(), {.soc = 0.5}, 10ms};
  EXPECT_NEAR(pack.advance(5e6).discharge_w, 527.9168 * 527.9168 / (4.0 * 0.0765248), 1e-3);
  EXPECT_NEAR(pack.outputs().terminal_v, 527.9168 / 2.0, 1e-9);
}

TEST(BatteryPack, StopsExactlyAtEmptyAndFull) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.coulombic_efficiency = 0.99;
  BatteryPack pack{parameters, {.soc = 0.001}, 1s};
  for (int i = 0; i < 60; ++i) pack.advance(20000.0);
  EXPECT_EQ(pack.state().soc, 0.0);
  EXPECT_EQ(pack.outputs().discharge_w, 0.0);

  BatteryPack filling{parameters, {.soc = 0.999}, 1s};
  for (int i = 0; i < 60; ++i) filling.advance(-20000.0);
  EXPECT_NEAR(filling.state().soc, 1.0, 1e-15);
  EXPECT_NEAR(filling.outputs().discharge_w, 0.0, 1e-9);
}

TEST(BatteryPack, StandsStillWhenTheRequestIsNotANumber) {
  BatteryPack pack{pack_160s(), {.soc = 0.5}, 1s};
  EXPECT_EQ(pack.advance(std::numeric_limits<double>::quiet_NaN()).discharge_w, 0.0);
  EXPECT_EQ(pack.state().soc, 0.5);
}

// Trapezoids of the 101 rows add up to 3.2674833 V (computed apart from the file): 100 Ah * 160 * 3.2674833 V.
TEST(BatteryPack, HoldsItsChargeTimesItsMeanOpenCircuitVoltage) {
  EXPECT_NEAR((BatteryPack{pack_160s(), {.soc = 0.5}, 1s}.capacity_wh()), 52279.7328, 1e-3);
}

TEST(BatteryPack, RefusesParametersOutOfRangeByName) {
  const auto refused_field = [](auto spoil) -> std::string {
    BatteryPack::Parameters parameters = pack_160s();
    BatteryPack::State state{.soc = 0.5};
    spoil(parameters, state);
    try {
      BatteryPack pack{parameters, state, 1s};
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  using Parameters = BatteryPack::Parameters;
  using State = BatteryPack::State;
  EXPECT_EQ(refused_field([](Parameters&, State&) {}), "");
  EXPECT_EQ(refused_field([](Parameters& p, State&) { p = {}; }), "capacity_ah");
  EXPECT_EQ(refused_field([](Parameters& p, State&) { p.cells_in_series = 0; }), "cells_in_series");
  EXPECT_EQ(refused_field([](Parameters& p, State&) { p.max_charge_a = -1.0; }), "max_charge_a");
  EXPECT_EQ(refused_field([](Parameters& p, State&) { p.coulombic_efficiency = 1.01; }), "coulombic_efficiency");
  EXPECT_EQ(refused_field([](Parameters&, State& s) { s.soc = 1.4; }), "soc");
  EXPECT_THROW((BatteryPack{pack_160s(), {.soc = 0.5}, 2s}), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
