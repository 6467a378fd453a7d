#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;
using namespace std::chrono_literals;

namespace {

void check_table(const std::string& folder, const RideThroughTable& table) {
  ValidationCase rows("grid_code/" + folder);
  for (const std::string& quantity : rows.quantities()) {
    const RideThroughDemand demand = ride_through_demand(table, std::stod(quantity.substr(8)));
    rows.check(quantity, quantity.starts_with("mode") ? static_cast<double>(demand.mode) : demand.stay_s);
  }
}

double mode_of(const GridBench& bench) {
  return static_cast<double>(bench.outputs().ride_through);
}

double tripped(const GridBench& bench) {
  return bench.outputs().connected ? 0.0 : 1.0;
}

double cease_after_s(GridBench& bench, double pu, double hz) {
  for (int i = 1; i < 100; ++i) {
    if (bench.step(pu, hz).cease) return i * bench_step_s;
  }
  return -1.0;
}

GridCode category_3_with_widest_trips() {
  GridCode widest = code("ieee1547_cat3");
  widest.protection.undervoltage = {{.threshold = 0.88, .delay = 50s}, {.threshold = 0.50, .delay = 21s}};
  return widest;
}

}  // namespace

TEST(RideThrough, AsksForTheModesAndTimesOfTheTables) {
  check_table("ride_through_ieee1547_cat1", code("ieee1547_cat1").protection.voltage_ride_through);
  check_table("ride_through_ieee1547_cat2", code("ieee1547_cat2").protection.voltage_ride_through);
  check_table("ride_through_ieee1547_cat3", code("ieee1547_cat3").protection.voltage_ride_through);
  check_table("ride_through_en50549", code("en50549_1").protection.voltage_ride_through);
}

TEST(RideThrough, StaysThroughTheLowVoltageSequenceOfCategoryThree) {
  ValidationCase rows("grid_code/lvrt_iii");
  const GridCode widest = category_3_with_widest_trips();
  GridBench bench{widest};
  bench.run(5.0, 0.94, 60.0);
  rows.check("mode_a", mode_of(bench));
  rows.check("cease_after_s", cease_after_s(bench, 0.025, 60.0));
  bench.run(1.0, 0.025, 60.0);
  rows.check("mode_b", mode_of(bench));
  bench.run(9.0, 0.25, 60.0);
  rows.check("mode_c", mode_of(bench));
  bench.run(0.4, 0.60, 60.0);
  rows.check("ceiling_0.4_s_into_d", bench.outputs().active_power_ceiling_pu);
  bench.run(9.6, 0.60, 60.0);
  rows.check("mode_d", mode_of(bench));
  bench.run(120.0, 0.95, 60.0);
  rows.check("mode_e", mode_of(bench));
  rows.check("trips", tripped(bench));

  GridBench variant{widest};
  variant.run(5.0, 0.94, 60.0);
  variant.run(1.0, 0.025, 60.0);
  variant.run(9.0, 0.61, 60.0);
  rows.check("mode_c_variant_0.61", mode_of(variant));
  variant.run(10.0, 0.60, 60.0);
  variant.run(120.0, 0.95, 60.0);
  rows.check("trips_c_variant_0.61", tripped(variant));

  variant.run(1.0, 0.025, 60.0);
  variant.run(0.4, 1.0, 60.0);
  rows.check("ceiling_0.4_s_after_dip_to_0.025", variant.outputs().active_power_ceiling_pu);
}

TEST(RideThrough, StaysThroughTheHighVoltageSequenceOfCategoryThree) {
  ValidationCase rows("grid_code/hvrt_iii");
  GridBench bench{code("ieee1547_cat3")};
  bench.run(5.0, 1.099, 60.0);
  rows.check("mode_1.099", mode_of(bench));
  rows.check("cease_after_s", cease_after_s(bench, 1.19, 60.0));
  bench.run(11.9, 1.19, 60.0);
  rows.check("mode_1.19", mode_of(bench));
  bench.run(0.4, 1.0, 60.0);
  rows.check("ceiling_0.4_s_after", bench.outputs().active_power_ceiling_pu);
  bench.run(119.6, 1.0, 60.0);
  rows.check("trips", tripped(bench));
}

TEST(RideThrough, StaysThroughTheFrequenciesOfIeee1547) {
  ValidationCase rows("grid_code/frequency_ride_through");
  for (const char* name : {"57.0", "61.8"}) {
    GridBench bench{code("ieee1547_cat2")};
    bench.run(299.0, 1.0, std::stod(name));
    rows.check(std::string("trips_at_") + name, tripped(bench));
    EXPECT_EQ(bench.outputs().operation, Operation::running);
  }
}

TEST(RideThrough, StaysThroughTheRateOfChangeOfFrequencyOfEachCategory) {
  ValidationCase rows("grid_code/rocof_ride_through");
  const auto ramp = [](GridBench& bench, double from_hz, double to_hz, double hz_per_s) {
    const int steps = static_cast<int>(std::abs(to_hz - from_hz) / (hz_per_s * bench_step_s));
    for (int i = 1; i <= steps; ++i) bench.step(1.0, from_hz + (to_hz - from_hz) * i / steps);
  };
  for (const auto& [category, rate] : {std::pair{"1", "0.5"}, {"2", "2.0"}, {"3", "3.0"}}) {
    const std::string name = std::string("ieee1547_cat") + category;
    GridBench bench{code(name)};
    ramp(bench, 60.0, 61.8, std::stod(rate));
    ramp(bench, 61.8, 57.0, std::stod(rate));
    ramp(bench, 57.0, 60.0, std::stod(rate));
    bench.run(1.0, 1.0, 60.0);
    rows.check(name + "_trips_at_" + rate + "_hz_s", tripped(bench));
  }
  GridBench bench{code("uk_g98")};
  double after_s = 0.0;
  while (bench.outputs().connected && after_s < 1.6) {
    after_s += bench_step_s;
    bench.step(1.0, 50.0 + 1.2 * after_s);
  }
  rows.check("uk_g98_trips_after_s_at_1.2_hz_s", after_s);
  EXPECT_EQ(bench.outputs().trip_cause, (TripCause{TripKind::rate_of_change_of_frequency, 0}));
}

// The trip settings must leave the code's own ride-through alone: at every voltage of a table the protection may not
// trip sooner than the table asks.
TEST(RideThrough, IsNeverCutShortByTheDefaultTrips) {
  for (const char* name : {"ieee1547_cat1", "ieee1547_cat2", "ieee1547_cat3", "en50549_1", "vde_ar_n_4105"}) {
    const GridCode& grid_code = code(name);
    for (int percent = 1; percent < 125; ++percent) {
      const double pu = percent / 100.0;
      const RideThroughDemand demand = ride_through_demand(grid_code.protection.voltage_ride_through, pu);
      if (demand.mode == RideThroughMode::continuous || demand.mode == RideThroughMode::cease) continue;
      InterfaceProtection protection = running_protection(grid_code.protection, grid_code.nominal_frequency_hz);
      // The step in which it opens has passed as well.
      int steps = 1;
      while (steps * bench_step_s < demand.stay_s &&
             protection.advance({.grid = measured(pu, grid_code.nominal_frequency_hz)}).connected) {
        ++steps;
      }
      EXPECT_GE(steps * bench_step_s, demand.stay_s - 1e-9) << name << " at " << pu;
    }
  }
}

TEST(RideThrough, FeedsOnInMandatoryOperation) {
  InterfaceProtection protection = running_protection(code("ieee1547_cat3").protection, 60.0);
  const auto& outputs = protection.advance({.grid = measured(0.6, 60.0)});
  EXPECT_FALSE(outputs.cease);
  EXPECT_EQ(outputs.active_power_ceiling_pu, 1.0);
}

TEST(RideThrough, CeasesWithTheRelayClosedInZeroCurrentMode) {
  InterfaceProtection protection = running_protection(code("vde_ar_n_4105").protection, 50.0);
  const auto& outputs = protection.advance({.grid = measured(0.7, 50.0)});
  EXPECT_TRUE(outputs.cease);
  EXPECT_TRUE(outputs.connected);
  EXPECT_EQ(outputs.operation, Operation::momentary_cessation);
}

}  // namespace hil::tests
