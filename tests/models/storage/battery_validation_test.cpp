#include <gtest/gtest.h>

#include <cmath>

#include "models/storage/battery_pack.h"
#include "models/storage/lfp_cell.h"
#include "tests/models/storage/battery_examples.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;
using tests::ValidationCase;

BatteryPack::Parameters with_hysteresis(BatteryPack::Parameters parameters) {
  parameters.hysteresis = true;
  return parameters;
}

/// A direction long kept: the hysteresis is where the current has pushed it.
BatteryPack::State at(double soc, double temperature_c, double c_rate) {
  return {.soc = soc, .hysteresis = c_rate < 0.0 ? 1.0 : -1.0, .temperature_c = temperature_c};
}

/// `c_rate` > 0 discharges. The pack takes power, so the published voltage gives it the published current.
void check_cell_case(const char* folder, double soc, double temperature_c, double c_rate) {
  ValidationCase expected{folder};
  const BatteryPack::State state = at(soc, temperature_c, c_rate);
  const double without_w = c_rate * expected.expected("without_hysteresis_v");
  expected.check("without_hysteresis_v", settled(cell_1ah(), state, without_w).terminal_v);
  const double with_w = c_rate * expected.expected("with_hysteresis_v");
  expected.check("with_hysteresis_v", settled(with_hysteresis(cell_1ah()), state, with_w).terminal_v);
}

TEST(BatteryValidation, B1ToB4ReachThePublishedCellVoltagesAfterALongPulse) {
  check_cell_case("storage/b1", 0.5, 25.0, -0.25);
  check_cell_case("storage/b2", 0.7, 25.0, 1.0);
  check_cell_case("storage/b3", 0.3, 25.0, 0.5);
  check_cell_case("storage/b4", 0.5, 10.0, 0.5);
}

/// Of the second cycle: what comes out over what went in, at the DC terminals.
double round_trip(double c_rate) {
  BatteryPack::Parameters parameters = with_hysteresis(pack_160s());
  parameters.coulombic_efficiency = 0.998;
  BatteryPack pack{parameters, {.soc = 0.1}, 1s};
  const double power_w = c_rate * parameters.capacity_ah * 528.0;
  double in_ws = 0.0;
  double out_ws = 0.0;
  for (int cycle = 0; cycle < 2; ++cycle) {
    in_ws = out_ws = 0.0;
    for (int second = 0; pack.state().soc < 0.9 && second < 50'000; ++second) {
      const BatteryPack::Outputs now = pack.advance(-power_w);
      in_ws -= now.terminal_v * now.discharge_a;
    }
    for (int second = 0; pack.state().soc > 0.1 && second < 50'000; ++second) {
      const BatteryPack::Outputs now = pack.advance(power_w);
      out_ws += now.terminal_v * now.discharge_a;
    }
  }
  return out_ws / in_ws;
}

TEST(BatteryValidation, ARoundTripCostsWhatIsMeasuredOnHomeStorage) {
  ValidationCase expected{"storage/round_trip"};
  expected.check("quarter_c", 100.0 * round_trip(0.25));
  expected.check("half_c", 100.0 * round_trip(0.5));
}

TEST(BatteryValidation, B5ChargesAPackInBothReadingsOfThePrintedFigures) {
  ValidationCase expected{"storage/b5"};
  const auto full = settled(with_hysteresis(pack_160s()), at(0.5, 25.0, -1.0), -10000.0);
  expected.check("with_hysteresis_charge_a", -full.discharge_a);
  expected.check("with_hysteresis_v", full.terminal_v);
  const auto plain = settled(pack_160s(), {.soc = 0.5}, -18.694 * 531.933);
  expected.check("printed_without_hysteresis_a", -plain.discharge_a);
  expected.check("printed_without_hysteresis_v", plain.terminal_v);
  const auto same = settled(pack_160s(), {.soc = 0.5}, -10000.0);
  expected.check("same_power_without_hysteresis_a", -same.discharge_a);
  expected.check("same_power_without_hysteresis_v", same.terminal_v);
}

TEST(BatteryValidation, B6DischargesAPackInBothReadingsOfThePrintedFigures) {
  ValidationCase expected{"storage/b6"};
  const auto check = [&](const std::string& name, double soc, double discharge_w) {
    const auto full = settled(with_hysteresis(pack_160s()), at(soc, 25.0, 1.0), discharge_w);
    expected.check(name + "_with_hysteresis_discharge_a", full.discharge_a);
    expected.check(name + "_with_hysteresis_v", full.terminal_v);
    const auto same = settled(pack_160s(), {.soc = soc}, discharge_w);
    expected.check(name + "_same_power_without_hysteresis_a", same.discharge_a);
    expected.check(name + "_same_power_without_hysteresis_v", same.terminal_v);
  };
  check("soc_50", 0.5, 10000.0);
  check("soc_20", 0.2, 25000.0);
}

/// Energy at the terminals over a whole charge or discharge at (nearly) constant current.
double terminal_j(double c_rate) {
  BatteryPack pack{with_hysteresis(cell_1ah()), at(c_rate > 0.0 ? 1.0 : 0.0, 25.0, c_rate), 1s};
  double sum_j = 0.0;
  const int seconds = static_cast<int>(1.2 * 3600.0 / std::abs(c_rate));
  for (int second = 0; second < seconds; ++second) {
    sum_j += pack.advance(c_rate * pack.outputs().terminal_v).discharge_w;  // the voltage of a second ago
  }
  return sum_j;
}

TEST(BatteryValidation, B7LosesWhatTheMeasuredCellLoses) {
  ValidationCase expected{"storage/b7"};
  const double open_circuit_j = 3600.0 * lfp_cell::open_circuit_integral_v(1.0);
  expected.check("discharge_half_c", terminal_j(0.5) / open_circuit_j);
  expected.check("charge_half_c", -open_circuit_j / terminal_j(-0.5));
  expected.check("discharge_quarter_c", terminal_j(0.25) / open_circuit_j);
  expected.check("charge_quarter_c", -open_circuit_j / terminal_j(-0.25));
}

TEST(BatteryValidation, B8AgesOnTheShelf) {
  ValidationCase expected{"storage/b8"};
  const BatteryAgeing at_once{{.initial_days = 730.0, .initial_soc = 0.6, .initial_c = 30.0}, 0.6};
  expected.check("capacity_loss_percent", 100.0 * at_once.calendar_loss());
  expected.check("resistance_rise_percent", 100.0 * (at_once.resistance_factor() - 1.0));
  BatteryAgeing stepping{{.counts = true}, 0.6};
  for (int minute = 0; minute < 730 * 1440; ++minute) stepping.advance(60.0, 0.6, 30.0, 0.0);
  expected.check("capacity_loss_in_steps_percent", 100.0 * stepping.calendar_loss());
}

TEST(BatteryValidation, B9AgesByCycling) {
  ValidationCase expected{"storage/b9"};
  const BatteryAgeing at_once{{.initial_cycles = 2000.0, .initial_c_rate = 0.5, .initial_dod = 0.7}, 0.6};
  expected.check("capacity_loss_percent", 100.0 * at_once.cycle_loss());
  expected.check("resistance_rise_percent", 100.0 * (at_once.resistance_factor() - 1.0));
  // 0.7 at 0.5 C takes 84 minutes each way, 1.4 half cycles are one full equivalent; one more to close the last.
  BatteryAgeing following{{.counts = true}, 0.15};
  double soc = 0.15;
  double direction = 1.0;
  const int half_cycles = static_cast<int>(std::lround(2000.0 / 0.35)) + 1;
  for (int half_cycle = 0; half_cycle < half_cycles; ++half_cycle, direction = -direction) {
    for (int minute = 0; minute < 84; ++minute) {
      soc += direction * 0.5 / 60.0;
      following.advance(60.0, soc, 25.0, -direction * 0.5);
    }
  }
  EXPECT_EQ(following.counters().half_cycles, half_cycles - 1);
  expected.check("capacity_loss_followed_percent", 100.0 * following.cycle_loss());
}

TEST(BatteryValidation, LosesWhatStandsInItWithoutLoad) {
  ValidationCase expected("storage/standing_losses");
  const auto soc_after = [](double soc, double self_discharge_per_month, double management_w, int seconds) {
    BatteryPack::Parameters parameters = pack_160s();
    parameters.self_discharge_per_month = self_discharge_per_month;
    parameters.management_w = management_w;
    BatteryPack pack(parameters, {.soc = soc}, 1s);
    for (int second = 0; second < seconds; ++second) pack.advance(0.0);
    return pack.state().soc;
  };
  constexpr int day_s = 86400;
  constexpr int month_s = 2629800;
  expected.check("soc_after_a_month_at_1_percent", soc_after(0.6, 0.01, 0.0, month_s));
  expected.check("soc_after_a_month_at_3_percent", soc_after(0.6, 0.03, 0.0, month_s));
  expected.check("soc_after_a_day_at_2_w", soc_after(0.5, 0.0, 2.0, day_s));
  expected.check("soc_after_a_day_at_15_w", soc_after(0.5, 0.0, 15.0, day_s));
}

TEST(BatteryValidation, WarmsAndCoolsWithItsTimeConstant) {
  ValidationCase expected{"storage/thermal_time_constant"};
  BatteryThermal pack{{.enabled = true, .time_constant_s = 28800.0}, 52279.7328, 25.0, 1.0};
  const auto run = [&pack](int seconds, double heat_w) {
    for (int second = 0; second < seconds; ++second) pack.advance(heat_w);
    return pack.temperature_c();
  };
  expected.check("after_one_time_constant_c", run(28800, 490.1225));
  expected.check("after_five_c", run(4 * 28800, 490.1225));
  expected.check("cooling_one_time_constant_c", run(28800, 0.0));
}

}  // namespace
}  // namespace hil::models
