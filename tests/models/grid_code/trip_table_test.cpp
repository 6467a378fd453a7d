#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>

#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;

namespace {

/// A row of a trip table: "over_1.20_pu", "under_184_v", "over_52_hz", "rocof_1_hz_per_s".
struct TripRow {
  std::string kind;
  double threshold = 0.0;
  std::string unit;
};

TripRow parsed(const std::string& quantity) {
  TripRow row;
  std::istringstream text(quantity);
  std::string number;
  std::getline(text, row.kind, '_');
  std::getline(text, number, '_');
  std::getline(text, row.unit);
  row.threshold = std::stod(number);
  return row;
}

/// The grid with the row's quantity at `share` of its threshold and everything else nominal.
GridMeasurement::Outputs at(const TripRow& row, double share, const GridCode& grid_code) {
  const double value = row.threshold * share;
  GridMeasurement::Outputs grid = measured(1.0, grid_code.nominal_frequency_hz);
  if (row.unit == "hz_per_s") {
    grid.rocof_hz_per_s = value;
  } else if (row.unit == "hz") {
    grid.frequency_hz = value;
  } else {
    // One phase is enough.
    grid.voltage_pu[1] = row.unit == "v" ? value / grid_code.nominal_ln_v : value;
  }
  return grid;
}

double trip_s(const GridCode& grid_code, const GridMeasurement::Outputs& grid, double at_most_s) {
  InterfaceProtection protection = running_protection(grid_code.protection, grid_code.nominal_frequency_hz);
  for (int i = 1; i * bench_step_s <= at_most_s; ++i) {
    if (!protection.advance({.grid = grid}).connected) return i * bench_step_s;
  }
  return -1.0;
}

/// Share of a threshold that lies just beyond it, in the direction in which it trips.
double just_beyond(const TripRow& row) {
  return row.kind == "under" ? 1.0 - 1e-4 : 1.0 + 1e-4;
}

void check_trip_table(const std::string& folder, const std::string& name) {
  ValidationCase rows("grid_code/" + folder);
  const GridCode& grid_code = code(name);
  for (const std::string& quantity : rows.quantities()) {
    const TripRow row = parsed(quantity);
    const double set_s = rows.expected(quantity);
    rows.check(quantity, trip_s(grid_code, at(row, just_beyond(row), grid_code), 2.0 * set_s + 1.0));
    // On the other side of the threshold nearly twice the time passes: only a slower stage may lie there.
    const double inside = 2.0 - just_beyond(row);
    EXPECT_LT(trip_s(grid_code, at(row, inside, grid_code), std::min(1.9 * set_s, set_s + 1.0)), 0.0)
        << quantity << " of " << name << " trips inside its threshold";
  }
}

}  // namespace

TEST(TripTables, HoldEveryThresholdAndDelayOfIeee1547) {
  check_trip_table("trip_times_ieee1547_cat1", "ieee1547_cat1");
  check_trip_table("trip_times_ieee1547_cat2", "ieee1547_cat2");
  check_trip_table("trip_times_ieee1547_cat3", "ieee1547_cat3");
}

TEST(TripTables, HoldEveryThresholdAndDelayOfEurope) {
  check_trip_table("trip_times_vde_ar_n_4105", "vde_ar_n_4105");
  check_trip_table("trip_times_uk_g98", "uk_g98");
}

TEST(TripTables, HoldEveryThresholdAndDelayOfTheSinexcelTable) {
  for (const char* column : {"1741sa", "vde", "au", "g99", "hawaii", "en50549", "austria_a"}) {
    check_trip_table(std::string("trip_times_sinexcel_") + column, std::string("sinexcel_") + column);
  }
}

TEST(TripTables, GiveG99TypeATheSettingsOfG98) {
  const InterfaceProtection::Parameters& g98 = code("uk_g98").protection;
  const InterfaceProtection::Parameters& g99 = code("uk_g99_a").protection;
  ASSERT_EQ(g98.overvoltage.size(), g99.overvoltage.size());
  for (std::size_t i = 0; i < g98.overvoltage.size(); ++i) {
    EXPECT_EQ(g98.overvoltage[i].threshold, g99.overvoltage[i].threshold);
    EXPECT_EQ(g98.overvoltage[i].delay, g99.overvoltage[i].delay);
  }
}

TEST(TripTables, PutAustralianTripsBetweenTripDelayAndLatestOff) {
  check_trip_table("trip_times_as4777_a", "as4777_a");
  check_trip_table("trip_times_as4777_b", "as4777_b");
  check_trip_table("trip_times_as4777_c", "as4777_c");
  check_trip_table("trip_times_as4777_nz", "as4777_nz");
}

// The whole chain, as IEEE 1547.1 tests it: a step past the threshold by more than 2 MRA (V 2 %, f 100 mHz), from 2 MRA
// inside. Pass: not early, and no later than the setting + MRA of time (two cycles, or 1 % from 5 s on) + one step.
TEST(TripTables, MeetTheTimeRuleOfTheTypeTestThroughTheMeasurement) {
  for (const char* category : {"1", "2", "3"}) {
    ValidationCase rows(std::string("grid_code/trip_times_ieee1547_cat") + category);
    const GridCode& grid_code = code(std::string("ieee1547_cat") + category);
    for (const std::string& quantity : rows.quantities()) {
      const TripRow row = parsed(quantity);
      const double set_s = rows.expected(quantity);
      const double sign = row.kind == "under" ? -1.0 : 1.0;
      const double margin = row.unit == "hz" ? 0.21 : 0.041;
      const double nominal_hz = grid_code.nominal_frequency_hz;
      const auto pu = [&](double offset) { return row.unit == "pu" ? row.threshold + offset * sign : 1.0; };
      const auto hz = [&](double offset) { return row.unit == "hz" ? row.threshold + offset * sign : nominal_hz; };
      GridBench bench{grid_code};
      // Inside by the margin may be beyond a slower stage: no longer than the windows of the measurement need.
      bench.run(0.1, pu(-margin), hz(-margin));
      ASSERT_TRUE(bench.outputs().connected);
      const double slack_s = (set_s >= 5.0 ? 0.01 * set_s : 2.0 / nominal_hz) + bench_step_s;
      const double took_s = bench.trip_s(pu(margin), hz(margin), set_s + 2.0);
      EXPECT_GE(took_s, set_s - 1e-9) << quantity << " in category " << category;
      EXPECT_LE(took_s, set_s + slack_s + 1e-9) << quantity << " in category " << category;
      rows.check(quantity, trip_s(grid_code, at(row, just_beyond(row), grid_code), set_s + 1.0));
    }
  }
}

// The two stages for which the Australian profile has a latest off alone, from nominal, with all delays of measuring.
TEST(TripTables, TurnAustralianInvertersOffInTimeThroughTheMeasurement) {
  for (const char* region : {"as4777_a", "as4777_b", "as4777_c", "as4777_nz"}) {
    const double beyond_hz = code(region).protection.overfrequency[0].threshold + 0.5;
    GridBench voltage{code(region)};
    EXPECT_LE(voltage.trip_s(280.0 / 230.0, 50.0, 1.0), 0.2 + 1e-9) << region;
    GridBench frequency{code(region)};
    EXPECT_LE(frequency.trip_s(1.0, beyond_hz, 1.0), 0.2 + 1e-9) << region;
    EXPECT_FALSE(voltage.outputs().connected || frequency.outputs().connected) << region;
  }
}

// The measurement starts at a mean of 1.0, which is what ten minutes at 1.0 pu leave behind.
TEST(TripTables, TripOnTheTenMinuteMeanOnlyWhenTheMeanItselfIsTooHigh) {
  ValidationCase rows("grid_code/ten_minute_mean");
  GridBench bench{code("vde_ar_n_4105")};
  rows.check("trip_after_s", bench.trip_s(1.12, 50.0, 600.0));
  EXPECT_EQ(bench.outputs().trip_cause, (TripCause{TripKind::overvoltage, 1}));
}

}  // namespace hil::tests
