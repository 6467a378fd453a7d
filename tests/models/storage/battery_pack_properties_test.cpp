#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "models/invalid_parameter.h"
#include "models/storage/battery_pack.h"
#include "models/storage/lfp_cell.h"
#include "tests/models/storage/battery_examples.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

/// Uniform, ends included.
double between(double low, double high) {
  constexpr int parts = 1000000;
  return low + (high - low) * *rc::gen::inRange(0, parts + 1) / parts;
}

BatteryPack::Parameters any_pack() {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.coulombic_efficiency = between(0.95, 1.0);
  return *rc::gen::arbitrary<bool>() ? with_everything_on(parameters) : parameters;
}

BatteryPack::State any_state() {
  return {.soc = between(0.0, 1.0), .hysteresis = between(-1.0, 1.0), .temperature_c = between(-30.0, 70.0)};
}

std::chrono::nanoseconds any_step() {
  return std::chrono::milliseconds{*rc::gen::element(1, 10, 100, 250, 1000)};
}

bool all_finite(const BatteryPack& pack) {
  const auto& o = pack.outputs();
  const auto& s = pack.state();
  const auto l = pack.limits();
  const auto c = pack.cells();
  return std::isfinite(o.terminal_v + o.discharge_a + o.discharge_w + o.loss_w + o.drain_a) &&
         std::isfinite(s.soc + s.branch1_v + s.branch2_v + s.hysteresis + s.temperature_c) &&
         std::isfinite(l.charge_a + l.discharge_a + l.charge_w + l.discharge_w) &&
         std::isfinite(c.cell_min_v + c.cell_max_v + c.cell_min_c + c.cell_max_c) &&
         std::isfinite(pack.reported_soc() + pack.capacity_ah());
}

RC_GTEST_PROP(BatteryPackProperty, StaysFiniteAndBetweenEmptyAndFullForAnyRequest, ()) {
  BatteryPack pack{any_pack(), any_state(), any_step()};
  for (int change = 0; change < 10; ++change) {
    const double request_w = between(-1e6, 1e6);
    for (int step = 0; step < 100; ++step) {
      pack.advance(request_w);
      RC_ASSERT(all_finite(pack));
      RC_ASSERT(pack.state().soc >= 0.0 && pack.state().soc <= 1.0);
      RC_ASSERT(pack.outputs().loss_w >= 0.0);
    }
    if (!pack.management().contactor_closed()) pack.close_contactor();
  }
}

// 1e-9: the bench's bound on the sum that every run keeps beside the pack.
RC_GTEST_PROP(BatteryPackProperty, CountsEveryAmpereIntoItsSoc, ()) {
  BatteryPack::Parameters parameters = any_pack();
  parameters.ageing.acts = false;
  const BatteryPack::State start = any_state();
  const std::chrono::nanoseconds step_time = any_step();
  const double step_s = std::chrono::duration<double>(step_time).count();
  BatteryPack pack{parameters, start, step_time};
  double removed_as = 0.0;
  for (int change = 0; change < 20; ++change) {
    const double request_w = between(-50000.0, 50000.0);
    for (int step = 0; step < 100; ++step) {
      const auto& o = pack.advance(request_w);
      removed_as +=
          step_s * (o.drain_a + o.discharge_a * (o.discharge_a < 0.0 ? parameters.coulombic_efficiency : 1.0));
      RC_ASSERT(std::abs(start.soc - removed_as / 360000.0 - pack.state().soc) < 1e-9);
    }
  }
}

RC_GTEST_PROP(BatteryPackProperty, MeetsWhateverItsLimitsPromiseAndNeverOpensForIt, ()) {
  BatteryPack::Parameters parameters = any_pack();
  parameters.management.report_period_s = 0.0;
  parameters.management.report_lag_s = 0.0;
  BatteryPack::State state = any_state();
  state.temperature_c = between(-15.0, 54.0);
  state.soc = between(0.05, 0.97);
  BatteryPack pack{parameters, state, any_step()};
  for (int change = 0; change < 20; ++change) {
    const double share = between(-1.0, 1.0);
    for (int step = 0; step < 50; ++step) {
      const auto limits = pack.limits();
      const double request_w = share * (share < 0.0 ? limits.charge_w : limits.discharge_w);
      const auto& o = pack.advance(request_w);
      RC_ASSERT(std::abs(o.discharge_w - request_w) <= 1e-6);
      RC_ASSERT(o.discharge_a <= limits.discharge_a + 1e-9 && -o.discharge_a <= limits.charge_a + 1e-9);
      RC_ASSERT(pack.management().contactor_closed());
    }
  }
}

// One pulse and a rest until the branches are empty: what the cells' charge and the hysteresis spring gave up is what
// the terminals got plus the heat. The spring is counted along the way, since its half width moves with soc. 1 % of the
// heat: voltages are those of the start of a step, 100 ms against 20 s, and the branches' capacity moves with R.
RC_GTEST_PROP(BatteryPackProperty, TurnsWhatItsStoreLosesIntoPowerAndHeat, ()) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.hysteresis = true;
  parameters.coulombic_efficiency = between(0.99, 1.0);
  parameters.management_w = 8.0;
  parameters.contacts_ohm = 0.02;
  const BatteryPack::State start{.soc = between(0.2, 0.8), .hysteresis = between(-1.0, 1.0)};
  const double request_w = between(10000.0, 30000.0) * (*rc::gen::arbitrary<bool>() ? 1.0 : -1.0);
  BatteryPack pack{parameters, start, 100ms};
  const double cells_as = 160.0 * 360000.0;
  const auto stored_j = [&] { return cells_as * lfp_cell::open_circuit_integral_v(pack.state().soc); };
  const double before_j = stored_j();
  double terminal_j = 0.0;
  double heat_j = 0.0;
  double spring_j = 0.0;
  for (int step = 0; step < 6000 + 60000; ++step) {
    const BatteryPack::State before = pack.state();
    const auto& o = pack.advance(step < 6000 ? request_w : 0.0);
    terminal_j += 0.1 * o.discharge_w;
    heat_j += 0.1 * o.loss_w;
    const double h_squared_rise = std::pow(pack.state().hysteresis, 2) - std::pow(before.hysteresis, 2);
    spring_j += cells_as * lfp_cell::open_circuit(before.soc).hysteresis_half_v * 0.05 / 4.0 * h_squared_rise;
  }
  const double given_j = before_j - stored_j() - spring_j;
  RC_ASSERT(std::abs(given_j - terminal_j - heat_j) <= 0.01 * heat_j);
}

TEST(BatteryPackProperty, RefusesEachParameterOutOfRangeByName) {
  using Parameters = BatteryPack::Parameters;
  struct Case {
    const char* field;
    std::function<double&(Parameters&)> of;
    double bad;
  };
  const std::array cases{
      Case{"hysteresis_travel_soc", [](Parameters& p) -> double& { return p.hysteresis_travel_soc; }, 0.0},
      Case{"branch1_time_constant_s", [](Parameters& p) -> double& { return p.branch1_time_constant_s; }, 0.0},
      Case{"branch2_time_constant_s", [](Parameters& p) -> double& { return p.branch2_time_constant_s; }, 1e5},
      Case{"contacts_ohm", [](Parameters& p) -> double& { return p.contacts_ohm; }, -0.1},
      Case{"self_discharge_per_month", [](Parameters& p) -> double& { return p.self_discharge_per_month; }, 0.6},
      Case{"management_w", [](Parameters& p) -> double& { return p.management_w; }, -1.0},
      Case{"heat_capacity_j_per_k_per_wh",
           [](Parameters& p) -> double& { return p.thermal.heat_capacity_j_per_k_per_wh; }, 0.0},
      Case{"time_constant_s", [](Parameters& p) -> double& { return p.thermal.time_constant_s; }, 0.0},
      Case{"ambient_c", [](Parameters& p) -> double& { return p.thermal.ambient_c; }, -61.0},
      Case{"start_spread_soc", [](Parameters& p) -> double& { return p.cells.start_spread_soc; }, 0.3},
      Case{"capacity_spread", [](Parameters& p) -> double& { return p.cells.capacity_spread; }, -0.1},
      Case{"temperature_spread_k", [](Parameters& p) -> double& { return p.cells.temperature_spread_k; }, 21.0},
      Case{"balancing_a", [](Parameters& p) -> double& { return p.cells.balancing_a; }, 1.1},
      Case{"turning_band_soc", [](Parameters& p) -> double& { return p.ageing.turning_band_soc; }, 0.0},
      Case{"initial_days", [](Parameters& p) -> double& { return p.ageing.initial_days; }, -1.0},
      Case{"initial_cycles", [](Parameters& p) -> double& { return p.ageing.initial_cycles; }, -1.0},
      Case{"minimum_soc", [](Parameters& p) -> double& { return p.management.minimum_soc; }, 0.6},
      Case{"taper_c_rate", [](Parameters& p) -> double& { return p.management.taper_c_rate; }, 0.3},
      Case{"release_discharge_cell_v", [](Parameters& p) -> double& { return p.management.release_discharge_cell_v; },
           2.8},
      Case{"release_charge_cell_v", [](Parameters& p) -> double& { return p.management.release_charge_cell_v; }, 3.6},
      Case{"undervoltage_alarm_cell_v", [](Parameters& p) -> double& { return p.management.undervoltage_alarm_cell_v; },
           2.81},
      Case{"overvoltage_alarm_cell_v", [](Parameters& p) -> double& { return p.management.overvoltage_alarm_cell_v; },
           3.59},
      Case{"overtemperature_alarm_c", [](Parameters& p) -> double& { return p.management.overtemperature_alarm_c; },
           -20.0},
      Case{"overcurrent_factor", [](Parameters& p) -> double& { return p.management.overcurrent_factor; }, 0.9},
      Case{"ignored_limit_s", [](Parameters& p) -> double& { return p.management.ignored_limit_s; }, -1.0},
      Case{"current_gain_error", [](Parameters& p) -> double& { return p.management.current_gain_error; }, 0.2},
      Case{"drift_per_day", [](Parameters& p) -> double& { return p.management.drift_per_day; }, 0.2},
      Case{"report_lag_s", [](Parameters& p) -> double& { return p.management.report_lag_s; }, 1.0},
  };
  for (const Case& each : cases) {
    for (const double bad : {each.bad, std::nan(""), std::numeric_limits<double>::infinity()}) {
      Parameters parameters = pack_160s();
      each.of(parameters) = bad;
      try {
        const BatteryPack pack{parameters, {.soc = 0.5}, 1s};
        ADD_FAILURE() << each.field << " " << bad << " was taken";
      } catch (const InvalidParameter& fault) {
        EXPECT_EQ(fault.field(), each.field);
        EXPECT_NE(std::string(fault.what()).find(" must be "), std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace hil::models
