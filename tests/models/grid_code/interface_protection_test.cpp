#include "models/grid_code/interface_protection.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "models/invalid_parameter.h"
#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;
using namespace std::chrono_literals;

namespace {

/// Steps of `step` until it is connected on this grid; -1 if it never is.
double connected_after_s(InterfaceProtection& protection, double hz, double at_most_s) {
  for (int i = 1; i * bench_step_s <= at_most_s; ++i) {
    if (protection.advance({.grid = measured(1.0, hz)}).connected) return i * bench_step_s;
  }
  return -1.0;
}

double ceiling_after(InterfaceProtection& protection, double hz, double seconds) {
  for (double t = 0.5 * bench_step_s; t < seconds; t += bench_step_s) protection.advance({.grid = measured(1.0, hz)});
  return protection.outputs().active_power_ceiling_pu;
}

void trip(InterfaceProtection& protection, double hz) {
  for (int i = 0; i < 100'000 && protection.outputs().connected; ++i) protection.advance({.grid = measured(0.3, hz)});
  ASSERT_EQ(protection.outputs().operation, Operation::tripped);
}

}  // namespace

TEST(InterfaceProtection, EntersServiceAfterTheDelayAndRampsStraight) {
  ValidationCase rows("grid_code/enter_service_ieee1547");
  InterfaceProtection protection{code("ieee1547_cat3").protection, bench_step};
  const double after_s = connected_after_s(protection, 60.0, 400.0);
  rows.check("connected_after_s", after_s);
  EXPECT_GE(after_s, 0.985 * 300.0);
  double largest_step = 0.0;
  double before = 0.0;
  for (int i = 1; i <= 30'000; ++i) {
    const double ceiling = protection.advance({.grid = measured(1.0, 60.0)}).active_power_ceiling_pu;
    largest_step = std::max(largest_step, ceiling - before);
    before = ceiling;
    if (i == 15'000) rows.check("ceiling_150_s_later", ceiling);
  }
  rows.check("ceiling_300_s_later", before);
  rows.check("largest_step", largest_step);
}

TEST(InterfaceProtection, ComesBackAfterATripByOtherRulesThanAtFirst) {
  ValidationCase rows("grid_code/enter_service_en50549");
  InterfaceProtection protection = running_protection(code("en50549_1").protection, 50.0);
  trip(protection, 50.0);
  // 50.15 Hz is inside the window after a trip, but would be outside that of a first start (50.1 Hz).
  rows.check("connected_after_s", connected_after_s(protection, 50.15, 70.0));
  rows.check("ceiling_60_s_later", ceiling_after(protection, 50.0, 60.0));
  InterfaceProtection first{code("en50549_1").protection, bench_step};
  EXPECT_LT(connected_after_s(first, 50.15, 70.0), 0.0);

  InterfaceProtection czech = running_protection(code("cz_ppds").protection, 50.0);
  trip(czech, 50.0);
  rows.check("cz_connected_after_s", connected_after_s(czech, 50.0, 1300.0));
}

// 50.20 Hz is below the trips of every region, and above where regions A, B and New Zealand may come back.
TEST(InterfaceProtection, ComesBackAsTheAustralianProfileSays) {
  ValidationCase rows("grid_code/enter_service_as4777");
  for (const std::string region : {"a", "b", "c", "nz"}) {
    const InterfaceProtection::Parameters settings = code("as4777_" + region).protection;
    InterfaceProtection protection = running_protection(settings, 50.0);
    trip(protection, 50.0);
    const double inside_hz = rows.expected(region + "_highest_hz") - 0.01;
    rows.check(region + "_connected_after_s", connected_after_s(protection, inside_hz, 70.0));
    rows.check(region + "_ceiling_60_s_later", ceiling_after(protection, 50.0, 60.0));
    ceiling_after(protection, 50.0, 299.0);
    EXPECT_LT(protection.outputs().active_power_ceiling_pu, 1.0);
    rows.check(region + "_ceiling_360_s_later", ceiling_after(protection, 50.0, 1.1));
    rows.check(region + "_highest_hz", settings.after_trip.highest_hz);
    InterfaceProtection waiting = running_protection(settings, 50.0);
    trip(waiting, 50.0);
    EXPECT_LT(connected_after_s(waiting, inside_hz + 0.02, 70.0), 0.0) << region;
  }
}

TEST(InterfaceProtection, ComesBackNoSoonerThanTheBritishCodesAllow) {
  ValidationCase rows("grid_code/enter_service_uk");
  for (const std::string name : {"uk_g98", "uk_g99_a"}) {
    InterfaceProtection protection = running_protection(code(name).protection, 50.0);
    trip(protection, 50.0);
    const double after_s = connected_after_s(protection, 50.0, 30.0);
    rows.check(name + "_connected_after_s", after_s);
    EXPECT_GE(after_s, 20.0) << name;
  }
}

TEST(InterfaceProtection, StartsTheWaitAgainWhenTheGridLeavesTheWindowForOneStep) {
  InterfaceProtection protection{code("ieee1547_cat3").protection, bench_step};
  EXPECT_LT(connected_after_s(protection, 60.0, 299.0), 0.0);
  protection.advance({.grid = measured(0.90, 60.0)});
  EXPECT_EQ(protection.outputs().time_to_connect, 300s);
  EXPECT_NEAR(connected_after_s(protection, 60.0, 400.0), 300.0, 1e-9);
}

// 95 ms in steps of 10 ms: nine steps are 90 ms, too early; the tenth is the first at or after the delay.
TEST(InterfaceProtection, TripsAtTheFirstStepAtOrAfterADelayThatIsNoMultipleOfTheStep) {
  InterfaceProtection::Parameters p = code("vde_ar_n_4105").protection;
  p.overvoltage = {{.threshold = 1.25, .delay = 95ms}};
  InterfaceProtection protection = running_protection(p, 50.0);
  for (int i = 1; i <= 9; ++i) EXPECT_TRUE(protection.advance({.grid = measured(1.3, 50.0)}).connected) << i;
  EXPECT_FALSE(protection.advance({.grid = measured(1.3, 50.0)}).connected);
  EXPECT_EQ(protection.outputs().trip_cause, (TripCause{TripKind::overvoltage, 0}));
}

TEST(InterfaceProtection, CountsADelayFromTheStartAfterOneStepInside) {
  InterfaceProtection protection = running_protection(code("vde_ar_n_4105").protection, 50.0);
  for (int i = 0; i < 299; ++i) protection.advance({.grid = measured(0.79, 50.0)});
  protection.advance({.grid = measured(0.80, 50.0)});  // equal to the threshold is inside
  for (int i = 0; i < 299; ++i) EXPECT_TRUE(protection.advance({.grid = measured(0.79, 50.0)}).connected);
  EXPECT_FALSE(protection.advance({.grid = measured(0.79, 50.0)}).connected);
}

TEST(InterfaceProtection, OpensWithoutPermitAndWaitsForItAgain) {
  InterfaceProtection protection = running_protection(code("ieee1547_cat3").protection, 60.0);
  const auto& outputs = protection.advance({.grid = measured(1.0, 60.0), .permit_service = false});
  EXPECT_TRUE(outputs.cease);
  EXPECT_FALSE(outputs.connected);
  EXPECT_EQ(outputs.operation, Operation::waiting);
  for (int i = 0; i < 40'000; ++i) protection.advance({.grid = measured(1.0, 60.0), .permit_service = false});
  EXPECT_FALSE(outputs.connected);
  EXPECT_NEAR(connected_after_s(protection, 60.0, 400.0), 300.0, 1e-9);
}

TEST(InterfaceProtection, CeasesWithoutPermitInTheTimeOfItsStandard) {
  ValidationCase expected("grid_code/permit_service_off");
  for (const std::string category : {"cat1", "cat2", "cat3"}) {
    InterfaceProtection protection = running_protection(code("ieee1547_" + category).protection, 60.0);
    int steps = 1;
    while (!protection.advance({.grid = measured(1.0, 60.0), .permit_service = false}).cease && steps < 1000) ++steps;
    expected.check(category + "_ceases_after_s", bench_step_s * steps);
    expected.check(category + "_returns_after_s", connected_after_s(protection, 60.0, 400.0));
  }
}

TEST(InterfaceProtection, LetsFrequencyStagesRestWhileThePhaseIsLost) {
  InterfaceProtection protection = running_protection(code("uk_g98").protection, 50.0);
  GridMeasurement::Outputs lost = measured(1.0, 60.0);
  lost.valid = false;
  for (int i = 0; i < 200; ++i) protection.advance({.grid = lost});
  EXPECT_TRUE(protection.outputs().connected);
  EXPECT_TRUE(protection.outputs().cease);
}

TEST(InterfaceProtection, IsWideOpenFromTheFirstStepWithoutAGridCode) {
  InterfaceProtection protection{code("none").protection, bench_step};
  GridMeasurement::Outputs dead;
  EXPECT_TRUE(protection.advance({.grid = dead}).connected);
  EXPECT_FALSE(protection.outputs().cease);
  EXPECT_EQ(protection.outputs().active_power_ceiling_pu, 1.0);
}

TEST(InterfaceProtection, RefusesSettingsOutOfBounds) {
  const auto refused = [](auto change, const char* field) {
    InterfaceProtection::Parameters p = code("en50549_1").protection;
    change(p);
    try {
      InterfaceProtection{p, bench_step};
      ADD_FAILURE() << field << " was accepted";
    } catch (const InvalidParameter& error) {
      EXPECT_EQ(error.field(), field);
    }
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused([&](auto& p) { p.overvoltage[0].threshold = nan; }, "overvoltage_pu");
  refused([](auto& p) { p.underfrequency[0].delay = -1s; }, "underfrequency_delay_s");
  refused([](auto& p) { p.after_trip = EnterService{}; }, "lowest_pu");
  refused([](auto& p) { p.first_start.highest_hz = p.first_start.lowest_hz; }, "highest_hz");
  refused([](auto& p) { p.after_trip.ramp_pu_per_s = 0.0; }, "ramp_pu_per_s");
  refused([](auto& p) { p.restore_time = -1ns; }, "restore_time_s");
  EXPECT_THROW(InterfaceProtection(code("en50549_1").protection, 2s), InvalidParameter);
}

/// Any grid that stays for a while, so that delays are reached and windows kept.
RC_GTEST_PROP(InterfaceProtection, ConnectsOnlyFromInsideItsWindowAndStaysOffAfterATripForTheDelay, ()) {
  const auto codes = grid_codes();
  const GridCode& grid_code = codes[*rc::gen::inRange<std::size_t>(1, codes.size())];
  InterfaceProtection::Parameters p = grid_code.protection;
  p.first_start.delay = 200ms;
  p.after_trip.delay = 300ms;
  InterfaceProtection protection{p, bench_step};
  auto window_kept = 0ns;
  bool was_connected = false;
  Operation before = Operation::waiting;
  for (int spell = 0; spell < 20; ++spell) {
    const bool nominal = *rc::gen::inRange(0, 2) == 0;
    const auto any = [&](int low, int high) { return *rc::gen::inRange(low, high) / 1000.0; };
    GridMeasurement::Outputs grid = measured(1.0, nominal ? grid_code.nominal_frequency_hz : any(40'000, 70'000));
    if (!nominal) grid.voltage_pu = {any(0, 2000), any(0, 2000), any(0, 2000)};
    grid.valid = *rc::gen::inRange(0, 10) > 0;
    const int steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
      const EnterService& window = before == Operation::tripped ? p.after_trip : p.first_start;
      bool inside = grid.valid && grid.frequency_hz >= window.lowest_hz && grid.frequency_hz <= window.highest_hz;
      for (const double pu : grid.voltage_pu) inside = inside && pu >= window.lowest_pu && pu <= window.highest_pu;
      window_kept = inside && !was_connected ? window_kept + bench_step : 0ns;
      const auto& out = protection.advance({.grid = grid});
      RC_ASSERT(out.active_power_ceiling_pu >= 0.0);
      RC_ASSERT(out.active_power_ceiling_pu <= 1.0);
      RC_ASSERT(out.connected || out.cease);
      RC_ASSERT(!out.cease || out.active_power_ceiling_pu == 0.0);
      if (out.connected && !was_connected) RC_ASSERT(window_kept >= window.delay);
      if (out.operation == Operation::tripped) RC_ASSERT(out.trip_cause.has_value());
      // A trip is left only by connecting.
      if (before == Operation::tripped) RC_ASSERT(out.connected || out.operation == Operation::tripped);
      was_connected = out.connected;
      before = out.operation;
    }
  }
}

/// Time from a trip until it is connected again, on this grid; -1 if it is not within the delay and a second more.
double back_after_s(const GridCode& grid_code, double pu, double hz) {
  InterfaceProtection protection = running_protection(grid_code.protection, grid_code.nominal_frequency_hz);
  for (int i = 0; i < 100'000 && protection.outputs().connected; ++i) {
    protection.advance({.grid = measured(0.1, grid_code.nominal_frequency_hz)});
  }
  const auto at_most_s = std::chrono::duration<double>(grid_code.protection.after_trip.delay).count() + 1.0;
  for (int i = 1; i * bench_step_s <= at_most_s; ++i) {
    if (protection.advance({.grid = measured(pu, hz)}).connected) return i * bench_step_s;
  }
  return -1.0;
}

// Rows 786 and 890 to 893 of the table (sinexcel-pcs-modbus 10): just inside each bound back after the delay, just
// outside never.
TEST(InterfaceProtection, ReconnectsByTheWindowOfTheSinexcelTable) {
  struct Row {
    const char* name;
    double delay_s;
    double highest_pu;
    double lowest_pu;
    double highest_hz;
    double lowest_hz;
  };
  for (const Row& row : {Row{"sinexcel_1741sa", 50.0, 1.100, 0.850, 60.05, 57.5},
                         {"sinexcel_vde", 35.0, 1.100, 0.850, 50.5, 47.5},
                         {"sinexcel_au", 35.0, 1.104, 0.887, 50.1, 47.5},
                         {"sinexcel_g99", 50.0, 1.123, 0.870, 51.0, 47.6},
                         {"sinexcel_hawaii", 300.0, 1.100, 0.850, 60.05, 57.5},
                         {"sinexcel_en50549", 35.0, 1.100, 0.850, 50.1, 47.5},
                         {"sinexcel_austria_a", 300.0, 1.090, 0.850, 50.1, 47.5}}) {
    const GridCode& grid_code = code(row.name);
    const double nominal_hz = grid_code.nominal_frequency_hz;
    const double bit = 1e-4;
    EXPECT_NEAR(back_after_s(grid_code, row.highest_pu - bit, nominal_hz), row.delay_s, 1e-9) << row.name;
    EXPECT_NEAR(back_after_s(grid_code, row.lowest_pu + bit, nominal_hz), row.delay_s, 1e-9) << row.name;
    EXPECT_NEAR(back_after_s(grid_code, 1.0, row.highest_hz - bit), row.delay_s, 1e-9) << row.name;
    EXPECT_NEAR(back_after_s(grid_code, 1.0, row.lowest_hz + bit), row.delay_s, 1e-9) << row.name;
    EXPECT_LT(back_after_s(grid_code, row.highest_pu + bit, nominal_hz), 0.0) << row.name;
    EXPECT_LT(back_after_s(grid_code, row.lowest_pu - bit, nominal_hz), 0.0) << row.name;
    EXPECT_LT(back_after_s(grid_code, 1.0, row.highest_hz + bit), 0.0) << row.name;
    EXPECT_LT(back_after_s(grid_code, 1.0, row.lowest_hz - bit), 0.0) << row.name;
  }
}

// Without row 791 the current goes on until a stage has timed out; with it, it stops below the lowest stage at once.
TEST(InterfaceProtection, RidesThroughWhereTheSinexcelTableSaysSo) {
  for (const char* name : {"sinexcel_1741sa", "sinexcel_vde", "sinexcel_au", "sinexcel_g99", "sinexcel_hawaii",
                           "sinexcel_en50549", "sinexcel_austria_a"}) {
    const bool rides = std::string_view(name) == "sinexcel_1741sa" || std::string_view(name) == "sinexcel_hawaii";
    const GridCode& grid_code = code(name);
    InterfaceProtection protection = running_protection(grid_code.protection, grid_code.nominal_frequency_hz);
    const auto& out = protection.advance({.grid = measured(0.6, grid_code.nominal_frequency_hz)});
    EXPECT_FALSE(out.cease) << name;
    protection.advance({.grid = measured(0.2, grid_code.nominal_frequency_hz)});
    EXPECT_TRUE(out.connected) << name;
    EXPECT_EQ(out.cease, rides) << name;
  }
}

// 1.05 pu lies inside the code's limits; with 1.04 pu in 0.1 s set meanwhile it trips in the tenth step from then on.
// Set back, the relay stays open: settings move no relay.
TEST(InterfaceProtection, TakesOtherSettingsWhileItRuns) {
  const InterfaceProtection::Parameters built = code("en50549_1").protection;
  InterfaceProtection protection = running_protection(built, 50.0);
  for (int i = 0; i < 1000; ++i) protection.advance({.grid = measured(1.05, 50.0)});
  ASSERT_TRUE(protection.outputs().connected);
  InterfaceProtection::Parameters narrow = built;
  narrow.overvoltage = {{.threshold = 1.04, .delay = 100ms}};
  protection.set_parameters(narrow);
  for (int i = 1; i <= 9; ++i) EXPECT_TRUE(protection.advance({.grid = measured(1.05, 50.0)}).connected) << i;
  EXPECT_EQ(protection.advance({.grid = measured(1.05, 50.0)}).operation, Operation::tripped);
  protection.set_parameters(built);
  EXPECT_EQ(protection.advance({.grid = measured(1.0, 50.0)}).operation, Operation::tripped);
}

TEST(InterfaceProtection, KeepsItsSettingsWhereOthersAreOutOfBounds) {
  InterfaceProtection protection{code("en50549_1").protection, bench_step};
  InterfaceProtection::Parameters wrong = protection.parameters();
  wrong.overvoltage[0].threshold = -1.0;
  EXPECT_THROW(protection.set_parameters(wrong), InvalidParameter);
  EXPECT_GT(protection.parameters().overvoltage[0].threshold, 1.0);
}

}  // namespace hil::tests
