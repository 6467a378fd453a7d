#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <vector>

#include "models/invalid_parameter.h"
#include "models/site/site.h"
#include "tests/models/site/example_sites.h"
#include "tests/models/site/stepping.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;
using hil::tests::ValidationCase;
using Duty = HybridInverter::Duty;
using IslandStop = InverterLane::IslandStop;

enum FormingLoad : std::size_t { house_load, far_load };
enum FormingCable : std::size_t { main_cable, far_cable };

GridForming::Parameters ten_kilowatts() {
  return {.nominal_ln_v = 230.0, .nominal_hz = 50.0, .frequency_droop_hz_per_w = 5e-5, .max_phase_a = 20.0};
}

ZipLoad::Parameters resistive(double phase_w, bool on) {
  return {.nominal_w = {phase_w, phase_w, phase_w},
          .nominal_ln_v = 230.0,
          .share_z = 1.0,
          .share_i = 0.0,
          .share_p = 0.0,
          .on = on};
}

/// Two converters with batteries on one bus, which can hold it, 3 kW of constant impedance there (52.9 ohm a phase) and
/// 3 kW at the end of a cable, off. Nobody is ordered to do anything; the grid is there.
Site::Parameters forming_site() {
  Site::Parameters site = two_inverter_site();
  site.cables = {example_cable("main_cable", "grid", "main", {0.642, 0.083}, 40.0),
                 example_cable("far_cable", "main", "far", {1.83, 0.085}, 20.0)};
  for (Site::Inverter& inverter : site.inverters) {
    inverter.bus = "main";
    inverter.lane.pv[0].irradiance_w_m2 = 0.0;
    inverter.lane.power_stage.max_phase_a = 20.0;
    inverter.lane.site_forming = ten_kilowatts();
    inverter.lane.initial_soc = 0.5;
  }
  site.loads = {{.name = "house", .bus = "main", .zip = resistive(1000.0, true)},
                {.name = "far", .bus = "far", .zip = resistive(1000.0, false)}};
  return site;
}

/// The first of them alone.
Site::Parameters single_site() {
  Site::Parameters site = forming_site();
  site.inverters.pop_back();
  return site;
}

Site::Parameters with_of_rating(double first_va, double second_va) {
  Site::Parameters parameters = forming_site();
  parameters.inverters[0].lane.site_forming = GridForming::of_rating(first_va, 20.0, 230.0, 50.0);
  parameters.inverters[1].lane.site_forming = GridForming::of_rating(second_va, 20.0, 230.0, 50.0);
  return parameters;
}

double main_ln_v(const Site& site) {
  return site.bus_voltage(site.site_bus()).ln_v[0];
}

void lose_grid(Site& site) {
  site.grid_source().set_outage(true);
}

/// The grid is gone for good and nothing is left of it.
Site::Parameters off_grid(Site::Parameters parameters) {
  parameters.cables[main_cable].closed = false;
  return parameters;
}

// 52.9 ohm behind 0.05 + j0.05 ohm take 0.999055 of 1.05 x 230 V = 241.5 V. Supplied: 3 x 241.5^2 x 52.95 / (52.95^2 +
// 0.05^2) = 3304.37 W, so 50 + 0.2 - 3304.37 x 5e-5 Hz. Loss by the measured curve at 0.330437 of 10 kW.
TEST(SiteForming, HoldsItsBusAtFactorAndBiasLessDropAndDroop) {
  Site site(off_grid(single_site()));
  site.command(0).form_site = true;
  site.command(0).forming_voltage_pu = 1.05;
  site.command(0).forming_frequency_bias_hz = 0.2;
  ASSERT_TRUE(held_for(site, 5.0));
  const Site::LaneView& lane = site.lane(0);
  EXPECT_EQ(lane.duty, Duty::forming);
  ValidationCase by_hand("site/forming");
  by_hand.check("voltage_ln_v", main_ln_v(site));
  by_hand.check("terminal_ln_v", std::abs(lane.terminal_ln_v[2]));
  by_hand.check("current_a", std::abs(lane.injection_a[1]));
  by_hand.check("load_w", site.load_w(house_load));
  by_hand.check("supply_w", lane.power.ac_injection_w);
  by_hand.check("supply_frequency_hz", lane.frequency_hz);
  by_hand.check("battery_discharge_w", lane.battery.discharge_w);
  EXPECT_FALSE(site.unintended_island());
  EXPECT_FALSE(lane.islanded);

  // Both act while it forms: in the next step, the frequency's power part a little later.
  site.command(0).forming_voltage_pu = 0.95;
  site.command(0).forming_frequency_bias_hz = -0.3;
  ASSERT_TRUE(held_for(site, 0.01));
  EXPECT_NEAR(main_ln_v(site), 230.0 * 0.95 * 0.999055, 0.001);
  ASSERT_TRUE(held_for(site, 5.0));
  EXPECT_NEAR(lane.frequency_hz, 49.7 - 2704.94 * 5e-5, 1e-5);  // 3304.37 x (0.95 / 1.05)^2

  site.command(0).form_site = false;
  ASSERT_TRUE(held_for(site, 0.01));
  EXPECT_NE(lane.duty, Duty::forming);
  EXPECT_EQ(main_ln_v(site), 0.0);
  EXPECT_EQ(site.load_w(house_load), 0.0);
}

// Without the order nothing feeds the bus, and a voltage factor that is not a number counts as 1 and is told.
TEST(SiteForming, DoesNothingWithoutItsOrderAndTellsWhatIsNotANumber) {
  Site site(off_grid(single_site()));
  ASSERT_TRUE(held_for(site, 0.5));
  EXPECT_EQ(main_ln_v(site), 0.0);
  site.command(0).form_site = true;
  site.command(0).supplied = false;
  site.advance();
  EXPECT_EQ(main_ln_v(site), 0.0);
  site.command(0).supplied = true;
  site.command(0).connected = false;
  site.advance();
  EXPECT_EQ(main_ln_v(site), 0.0);
  site.command(0).connected = true;
  site.command(0).forming_voltage_pu = std::numeric_limits<double>::quiet_NaN();
  site.advance();
  EXPECT_NEAR(main_ln_v(site), 230.0 * 0.999055, 0.001);
  EXPECT_FALSE(site.invariants().finite);

  Site::Parameters both = single_site();
  both.inverters[0].lane.backup = backup_site("none").inverters[0].lane.backup;
  EXPECT_THROW(Site{both}, InvalidParameter);
}

// 5 s in steps of 10 ms: step n stands at n / 500 of 230 V, less the drop of 0.999055.
TEST(SiteForming, RaisesItsVoltageWithinTheTimeOfTheSoftStart) {
  Site::Parameters parameters = off_grid(single_site());
  parameters.inverters[0].lane.site_forming->soft_start = 5s;
  Site site(parameters);
  site.command(0).form_site = true;
  site.command(0).forming_soft_start = true;
  int done = 0;
  for (const int step : {1, 100, 250, 499, 500, 600}) {
    ASSERT_TRUE(held_for(site, 0.01 * (step - done)));
    done = step;
    EXPECT_NEAR(main_ln_v(site), 230.0 * 0.999055 * std::min(1.0, step / 500.0), 0.001) << step;
  }
}

// One frequency, so P1 x droop1 = P2 x droop2: 5 and 10 kVA share 1 to 2. Droops of 0.05 Hz at rating: 50 - 1e-5 P1.
// Second order with a decay of half the power filter's pole, 5 1/s: 10 s leave e^-50.
TEST(SiteForming, TwoOnOneBusShareInTheRatioOfTheirRatings) {
  Site site(off_grid(with_of_rating(5000.0, 10000.0)));
  site.command(0).form_site = site.command(1).form_site = true;
  ASSERT_TRUE(held_for(site, 10.0));
  const double small_w = site.lane(0).power.ac_injection_w;
  const double large_w = site.lane(1).power.ac_injection_w;
  EXPECT_NEAR(large_w, 2.0 * small_w, 1e-3);
  EXPECT_NEAR(site.lane(0).frequency_hz, 50.0 - 1e-5 * small_w, 1e-9);
  EXPECT_NEAR(site.lane(1).frequency_hz, site.lane(0).frequency_hz, 1e-9);
  // What the EMFs give is the load and the loss of 0.3 % of 31.74 and 15.87 ohm at their currents.
  double lost_w = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    lost_w += 0.09522 * std::norm(site.lane(0).injection_a[k]) + 0.04761 * std::norm(site.lane(1).injection_a[k]);
  }
  EXPECT_NEAR(small_w + large_w, site.load_w(house_load) + lost_w, 1e-3);

  // Half of the bias each would be a lie: the difference moves 2 x 0.01 Hz / (1e-5 + 5e-6) Hz/W from one to the other.
  site.command(0).forming_frequency_bias_hz = 0.01;
  ASSERT_TRUE(held_for(site, 10.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w - small_w, 0.01 / 1.5e-5, 1.0);
}

// On a bus that stands at 49.985 Hz for a minute the frames are some 5 turns apart: in phase or not would be seen. It
// begins without current, and no phase of either ever carries more than the load alone.
TEST(SiteForming, JoinsALiveBusInPhaseAndTakesItsShare) {
  Site site(off_grid(with_of_rating(10000.0, 10000.0)));
  site.command(0).form_site = true;
  ASSERT_TRUE(held_for(site, 60.0));
  const double alone_a = std::abs(site.lane(0).injection_a[0]);
  site.command(1).form_site = true;
  ASSERT_TRUE(held_for(site, 0.01));
  EXPECT_EQ(site.lane(1).duty, Duty::forming);
  EXPECT_LT(std::abs(site.lane(1).injection_a[0]), 0.05 * alone_a);
  for (int step = 0; step < 500; ++step) {
    ASSERT_TRUE(held_for(site, 0.01));
    for (const std::size_t lane : {std::size_t{0}, std::size_t{1}})
      ASSERT_LT(std::abs(site.lane(lane).injection_a[0]), 1.05 * alone_a) << step;
  }
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, site.lane(1).power.ac_injection_w, 1.0);
}

// The first stands at 1.0 of 5 s when the second is ordered, at once: it takes the voltage as it is and rises with it.
TEST(SiteForming, JoinsASoftStartWhereThatStands) {
  Site::Parameters parameters = off_grid(with_of_rating(10000.0, 10000.0));
  for (Site::Inverter& inverter : parameters.inverters) inverter.lane.site_forming->soft_start = 5s;
  Site site(parameters);
  site.command(0).form_site = site.command(0).forming_soft_start = true;
  ASSERT_TRUE(held_for(site, 1.0));
  site.command(1).form_site = true;
  for (int step = 101; step <= 500; ++step) {
    ASSERT_TRUE(held_for(site, 0.01));
    ASSERT_NEAR(main_ln_v(site), 230.0 * step / 500.0, 0.01 * 230.0) << step;
    ASSERT_LT(std::abs(site.lane(1).injection_a[0]), 5.0) << step;
  }
}

// 5 ohm a phase want 46 A of 20: held at 0.43 pu, dropped in the 51st step, again after 10 s with a soft start of 0.1
// s.
TEST(SiteForming, AnOverloadDropsItAndItBeginsAgain) {
  Site::Parameters parameters = off_grid(single_site());
  parameters.loads[house_load].zip = resistive(230.0 * 230.0 / 5.0, true);
  Site site(parameters);
  site.command(0).form_site = true;
  ASSERT_TRUE(held_for(site, 0.1));
  EXPECT_NEAR(std::abs(site.lane(0).injection_a[0]), 20.0, 1e-6);
  const double dropped_s = 0.1 + time_until(site, 2.0, [&] { return site.lane(0).overload_trips == 1; });
  EXPECT_NEAR(dropped_s, 0.51, 0.011);
  EXPECT_EQ(site.lane(0).island_stop, IslandStop::overload);
  site.set_load_on(house_load, false);
  ASSERT_TRUE(held_for(site, 9.9));
  EXPECT_EQ(main_ln_v(site), 0.0);
  ASSERT_TRUE(held_for(site, 0.3));
  EXPECT_NEAR(main_ln_v(site), 230.0, 0.01);
  EXPECT_EQ(site.lane(0).island_stop, IslandStop::none);
}

// What one of two that share is tripped by does not take the other with it, and its return is in phase: it would trip
// the other else.
TEST(SiteForming, OneThatTrippedComesBackToABusThatAnotherHeld) {
  Site site(off_grid(with_of_rating(10000.0, 10000.0)));
  site.command(0).form_site = site.command(1).form_site = true;
  ASSERT_TRUE(held_for(site, 2.0));
  site.battery(0).open_contactor();
  ASSERT_TRUE(held_for(site, 0.02));
  EXPECT_EQ(site.lane(0).island_stop, IslandStop::battery_empty);
  EXPECT_EQ(site.lane(0).duty, Duty::off);
  EXPECT_GT(main_ln_v(site), 220.0);
  ASSERT_TRUE(held_for(site, 30.0));
  site.battery(0).close_contactor();
  const double back_s = time_until(site, 20.0, [&] { return site.lane(0).duty == Duty::forming; });
  EXPECT_LT(back_s, 11.0);
  ASSERT_TRUE(held_for(site, 5.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, site.lane(1).power.ac_injection_w, 1.0);
  EXPECT_EQ(site.lane(0).overload_trips + site.lane(1).overload_trips, 0);
}

// The BMS ends at 0.10: the first step that sees its limit is the last. Nothing is tried again without charge.
TEST(SiteForming, ABatteryThatMayGiveNoMoreEndsIt) {
  Site::Parameters parameters = off_grid(single_site());
  parameters.inverters[0].lane.initial_soc = 0.1001;
  parameters.inverters[0].lane.battery.management.minimum_soc = 0.10;
  Site site(parameters);
  site.command(0).form_site = true;
  const Site::LaneView& lane = site.lane(0);
  time_until(site, 60.0, [&] { return lane.battery_empty_stops > 0; });
  EXPECT_LE(lane.battery_soc, 0.10);
  EXPECT_GE(lane.battery_soc, 0.10 - 1e-6);
  ASSERT_TRUE(held_for(site, 60.0));
  EXPECT_EQ(lane.battery_empty_stops, 1);
  EXPECT_EQ(lane.overload_trips, 0);
  EXPECT_EQ(main_ln_v(site), 0.0);

  // The firmware's own limit (an end-of-discharge voltage, say) does the same, and its end lets it begin again.
  Site by_firmware(off_grid(single_site()));
  by_firmware.command(0).form_site = true;
  ASSERT_TRUE(held_for(by_firmware, 1.0));
  by_firmware.command(0).battery_max_discharge_w = 0.0;
  ASSERT_TRUE(held_for(by_firmware, 0.02));
  EXPECT_EQ(by_firmware.lane(0).island_stop, IslandStop::battery_empty);
  EXPECT_EQ(main_ln_v(by_firmware), 0.0);
  by_firmware.command(0).battery_max_discharge_w = 1e9;
  ASSERT_TRUE(held_for(by_firmware, 10.2));
  EXPECT_NEAR(main_ln_v(by_firmware), 230.0 * 0.999055, 0.001);
}

// The grid feeds the bus: it does not begin. What the grid leaves is an unintended island for some 60 ms only if
// somebody feeds it; here nobody does. The grid's return opens it in the same step: no current of two sources ever.
TEST(SiteForming, KeepsOffABusThatTheGridFeeds) {
  Site site(single_site());
  site.command(0).form_site = true;
  ASSERT_TRUE(held_for(site, 1.0));
  const Site::LaneView& lane = site.lane(0);
  EXPECT_TRUE(lane.forming_blocked);
  EXPECT_EQ(lane.duty, Duty::off);
  EXPECT_NEAR(site.grid().import_w, site.load_w(house_load), 5.0);
  lose_grid(site);
  ASSERT_TRUE(held_for(site, 0.02));
  EXPECT_FALSE(lane.forming_blocked);
  EXPECT_EQ(lane.duty, Duty::forming);
  EXPECT_FALSE(site.unintended_island());
  EXPECT_NEAR(main_ln_v(site), 230.0 * 0.999055, 0.001);
  ASSERT_TRUE(held_for(site, 20.0));
  EXPECT_EQ(site.grid().frequency_hz, lane.frequency_hz) << "the meter's place has the voltage of the island";
  site.grid_source().set_outage(false);
  for (int step = 0; step < 100; ++step) {
    ASSERT_TRUE(held_for(site, 0.01));
    ASSERT_EQ(lane.duty, Duty::off);
    ASSERT_LT(site.grid().current_a[0], 5.0);
  }
  EXPECT_TRUE(lane.forming_blocked);
  EXPECT_EQ(site.grid().frequency_hz, 50.0);
}

// Another inverter feeds on when the grid goes: an unintended island, which is foreign too. When that is dead, it
// begins.
TEST(SiteForming, WaitsForAnUnintendedIslandToDie) {
  Site site(forming_site());
  site.command(0).form_site = true;
  site.command(1).battery_discharge_request_w = 3000.0;
  ASSERT_TRUE(held_for(site, 5.0));
  lose_grid(site);
  ASSERT_TRUE(held_for(site, 0.05));
  EXPECT_TRUE(site.unintended_island());
  EXPECT_TRUE(site.lane(0).forming_blocked);
  site.command(1).connected = false;
  const double began_s = time_until(site, 1.0, [&] { return site.lane(0).duty == Duty::forming; });
  EXPECT_LT(began_s, 0.5);
  EXPECT_FALSE(site.unintended_island());
}

// An inverter with a code connects to the formed bus after its 60 s, sees its frequency and takes load off the former.
// The grid comes and goes meanwhile without an unintended island, because a lane holds the site.
TEST(SiteForming, FollowersTakeTheVoltageOfTheBusForTheirGrid) {
  Site::Parameters parameters = off_grid(forming_site());
  parameters.inverters[1].lane.site_forming.reset();
  parameters.inverters[1].lane.grid_code = *find_grid_code("en50549_1");
  parameters.inverters[1].lane.starts_connected = false;
  Site site(parameters);
  site.command(0).form_site = true;
  site.command(0).forming_frequency_bias_hz = 0.05;
  site.command(1).battery_discharge_request_w = 2000.0;
  ASSERT_TRUE(held_for(site, 0.01));
  const double connected_s = time_until(site, 70.0, [&] { return site.lane(1).operation == Operation::running; });
  EXPECT_NEAR(connected_s, 60.0, 0.3);
  ASSERT_TRUE(held_for(site, 300.0));
  const double fed_w = site.lane(1).power.ac_injection_w;
  EXPECT_GT(fed_w, 1800.0);
  EXPECT_NEAR(site.lane(1).frequency_hz, 50.05 - 5e-5 * site.lane(0).power.ac_injection_w, 1e-6);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, site.load_w(house_load) - fed_w, 5.0);
  lose_grid(site);
  ASSERT_TRUE(held_for(site, 0.5));
  EXPECT_FALSE(site.unintended_island());
  EXPECT_EQ(site.lane(1).duty, Duty::following);
}

// 6 kW into 3 kW of load: the rest goes into the former's battery. When that may take no more, it is dropped as
// overloaded after 0.5 s; until then the pack takes what comes, so that the energy closes.
TEST(SiteForming, TakesWhatOthersFeedUntilItsBatteryMayNot) {
  Site::Parameters parameters = off_grid(forming_site());
  parameters.inverters[1].lane.site_forming.reset();
  Site site(parameters);
  site.command(0).form_site = true;
  site.command(1).battery_discharge_request_w = 6000.0;
  ASSERT_TRUE(held_for(site, 10.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, site.load_w(house_load) - site.lane(1).power.ac_injection_w, 10.0);
  EXPECT_LT(site.lane(0).battery.discharge_w, -2500.0);
  site.command(0).battery_max_charge_w = 1000.0;
  ASSERT_TRUE(held_for(site, 0.4));
  EXPECT_TRUE(site.lane(0).power.overloaded);
  EXPECT_LT(site.lane(0).battery.discharge_w, -2500.0);
  ASSERT_TRUE(held_for(site, 0.2));
  EXPECT_EQ(site.lane(0).overload_trips, 1);
  EXPECT_EQ(site.lane(0).island_stop, IslandStop::overload);
}

// A part cut off by its cable and held there: loads and meter on the grid's side know nothing of it.
TEST(SiteForming, HoldsAPartThatIsCutOffFromTheGrid) {
  Site::Parameters parameters = forming_site();
  parameters.inverters[0].bus = "far";
  parameters.loads[far_load].zip->on = true;
  parameters.loads[far_load].zip->active_per_hz = 0.02;
  Site site(parameters);
  site.command(1).connected = false;
  ASSERT_TRUE(held_for(site, 1.0));
  site.set_cable_closed(far_cable, false);
  site.command(0).form_site = true;
  site.command(0).forming_frequency_bias_hz = 1.0;
  ASSERT_TRUE(held_for(site, 5.0));
  // As in a backup island: p = 2997.16 (1 + 0.02 (1 - 5e-5 p)), so p = 2997.16 x 1.02 / 1.00299716 but for the drop.
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 2997.16 * 1.02 / 1.00299716, 0.2);
  EXPECT_EQ(site.grid().frequency_hz, 50.0);
  EXPECT_NEAR(site.grid().import_w, site.load_w(house_load), 5.0);
  EXPECT_EQ(site.lane(1).frequency_hz, 50.0);
  site.set_cable_closed(far_cable, true);
  ASSERT_TRUE(held_for(site, 0.01));
  EXPECT_EQ(site.lane(0).duty, Duty::off);
  EXPECT_TRUE(site.lane(0).forming_blocked);
}

// 1.4 of nominal is beyond its own protection (1.3). It stays off until it is ordered anew.
TEST(SiteForming, StopsItselfAboveItsOwnLimitUntilANewOrder) {
  Site site(off_grid(single_site()));
  site.command(0).form_site = true;
  site.command(0).forming_voltage_pu = 1.4;
  ASSERT_TRUE(held_for(site, 0.05));
  EXPECT_EQ(site.lane(0).duty, Duty::off);
  EXPECT_EQ(site.lane(0).overvoltage_stops, 1);
  site.command(0).forming_voltage_pu = 1.0;
  ASSERT_TRUE(held_for(site, 20.0));
  EXPECT_EQ(main_ln_v(site), 0.0);
  site.command(0).form_site = false;
  ASSERT_TRUE(held_for(site, 0.01));
  site.command(0).form_site = true;
  ASSERT_TRUE(held_for(site, 0.01));
  EXPECT_NEAR(main_ln_v(site), 230.0 * 0.999055, 0.001);
}

// Strings of one converter, 480 V and 60 Hz: the first alone on 43.6 kW, then seven join at once. In a second each
// carries its eighth within a twentieth, and none has been tripped; so in steps of 50 ms, too.
TEST(SiteForming, EightStringsOfOneConverterShareWithoutSwinging) {
  for (const auto step : {10ms, 50ms}) {
    Site::Parameters parameters = off_grid(single_site());
    parameters.step = step;
    parameters.metering.installation.meter.averaging_window = parameters.metering.installation.meter.refresh_period =
        step;
    parameters.grid.nominal_hz = 60.0;
    parameters.grid.nominal_ln_v = 277.13;
    Site::Inverter string = parameters.inverters[0];
    const LossCurve loss{62500.0, 600.0, 500.0, 150.0};
    string.lane.power_stage = {.rated_ac_w = 62500.0,
                               .max_ac_va = 62500.0,
                               .max_phase_a = 90.0,
                               .max_battery_charge_w = 70000.0,
                               .max_battery_discharge_w = 70000.0,
                               .losses = {loss, loss, loss, loss},
                               .command_dead_time = 0ms,
                               .command_time_constant = 0ms};
    string.lane.battery.capacity_ah = 400.0;
    string.lane.battery.max_charge_a = string.lane.battery.max_discharge_a = 400.0;
    string.lane.site_forming = GridForming::of_rating(62500.0, 90.0, 277.13, 60.0);
    parameters.inverters.assign(8, string);
    for (std::size_t i = 0; i < 8; ++i) parameters.inverters[i].name = "string" + std::to_string(i + 1);
    parameters.loads[house_load].zip = resistive(10000.0, true);
    Site site(parameters);
    site.command(0).form_site = true;
    for (std::size_t i = 1; i < 8; ++i) site.command(i).connected = false;
    const auto held = [&](std::chrono::milliseconds duration) {
      for (auto done = 0ms; done < duration; done += step) {
        site.advance();
        if (!site.invariants().hold()) return false;
      }
      return true;
    };
    ASSERT_TRUE(held(5s));
    for (std::size_t i = 1; i < 8; ++i) site.command(i).connected = site.command(i).form_site = true;
    ASSERT_TRUE(held(1s));
    for (int more = 0; more < 20; ++more) {
      ASSERT_TRUE(held(100ms));
      const double eighth_w = site.load_w(house_load) / 8.0;
      for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_NEAR(site.lane(i).power.ac_injection_w, eighth_w, 0.05 * eighth_w) << i << " " << more;
        EXPECT_EQ(site.lane(i).overload_trips, 0);
      }
    }
  }
}

// A code's protection rests while it forms (1.15 pu would trip EN 50549 in a minute) and enters service anew: 60 s.
TEST(SiteForming, ItsCodeRestsMeanwhileAndEntersServiceAnew) {
  Site::Parameters parameters = single_site();
  parameters.inverters[0].lane.grid_code = *find_grid_code("en50549_1");
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  lose_grid(site);
  ASSERT_TRUE(held_for(site, 1.0));
  site.command(0).form_site = true;
  site.command(0).forming_voltage_pu = 1.15;
  ASSERT_TRUE(held_for(site, 120.0));
  EXPECT_NEAR(main_ln_v(site), 230.0 * 1.15 * 0.999055, 0.001);
  site.command(0).form_site = false;
  site.grid_source().set_outage(false);
  const double back_s = time_until(site, 120.0, [&] { return site.lane(0).duty == Duty::following; });
  EXPECT_NEAR(back_s, 60.1, 0.2);
}

double any_between(double lowest, double highest) {
  return lowest + (highest - lowest) * *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 10001)) / 1e4;
}

std::size_t any_below(std::size_t count) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, count));
}

/// Two to five inverters on three buses in a row, most of which can hold theirs, with codes, sun and charge by chance.
Site::Parameters any_forming_site() {
  Site::Parameters site = forming_site();
  const std::array<const char*, 3> buses{"main", "far", "farther"};
  site.cables.push_back(example_cable("farther_cable", "far", "farther", {1.15, 0.083}, 30.0));
  site.inverters.clear();
  const std::size_t count = 2 + any_below(4);
  for (std::size_t i = 0; i < count; ++i) {
    Site::Inverter inverter = example_inverter("i" + std::to_string(i), buses.at(any_below(3)), any_between(0.0, 1.0));
    InverterLane::Parameters& lane = inverter.lane;
    lane.pv[0].irradiance_w_m2 = any_below(2) == 0 ? 0.0 : any_between(0.0, 1200.0);
    if (any_below(3) == 0) lane.grid_code = *find_grid_code(any_below(2) == 0 ? "sinexcel_vde" : "en50549_1");
    if (any_below(4) > 0) {
      lane.site_forming = GridForming::of_rating(10000.0, 16.5, 230.0, 50.0);
    } else if (any_below(2) == 0) {
      lane.backup = backup_site("none").inverters[0].lane.backup;
    }
    site.inverters.push_back(inverter);
  }
  for (Site::Load& load : site.loads) {
    load.zip->share_z = 0.4;
    load.zip->share_i = 0.3;
    load.zip->share_p = 0.3;
    load.zip->nominal_w[0] = any_between(100.0, 5000.0);
    load.zip->nominal_var[1] = any_between(0.0, 500.0);
  }
  return site;
}

struct Order {
  std::size_t kind = 0;
  std::size_t place = 0;
  double value = 0.0;
  int steps = 0;
};

void act(Site& site, const Order& order) {
  Site::LaneCommand& command = site.command(order.place % site.inverter_count());
  switch (order.kind) {
    case 0:
    case 1:
    case 2:
      command.form_site = order.value > -0.5;
      command.forming_soft_start = order.place % 2 == 0;
      break;
    case 3:
      command.forming_voltage_pu = 1.0 + 0.3 * order.value;
      break;
    case 4:
      command.forming_frequency_bias_hz = order.value;
      break;
    case 5:
      site.grid_source().set_outage(order.value > -0.7);
      break;
    case 6:
      site.set_cable_closed(order.place % 3, order.value > 0.0);
      break;
    case 7:
      command.battery_discharge_request_w = 8000.0 * order.value;
      break;
    case 8:
      command.battery_max_charge_w = 3000.0 * (1.0 + order.value);
      break;
    case 9:
      site.set_load_on(order.place % 2, order.value > 0.0);
      break;
    case 10:
      if (order.value > 0.5) {
        site.battery(order.place % site.inverter_count()).open_contactor();
      } else {
        site.battery(order.place % site.inverter_count()).close_contactor();
      }
      break;
    default:
      command.connected = order.value > -0.7;
      break;
  }
}

/// The last of what a run leaves, to the bit.
std::vector<double> run(const Site::Parameters& parameters, const std::vector<Order>& orders) {
  Site site(parameters);
  std::vector<double> trace;
  for (const Order& order : orders) {
    act(site, order);
    for (int step = 0; step < order.steps; ++step) {
      site.advance();
      const Site::Invariants& now = site.invariants();
      if (!now.hold()) {
        RC_LOG() << "after order " << order.kind << " at " << order.place << " with " << order.value << ", step "
                 << step << ": inverter " << now.inverter_energy_residual_w << " W, site " << now.site_energy_residual_w
                 << " W, current " << now.current_residual_a << " A, soc " << now.soc_residual << ", finite "
                 << now.finite << ", solved " << now.solved << std::endl;
      }
      RC_ASSERT(now.hold());
      for (std::size_t i = 0; i < site.inverter_count(); ++i) {
        const Site::LaneView& lane = site.lane(i);
        RC_ASSERT(lane.battery_soc >= 0.0 && lane.battery_soc <= 1.0);
        // Nobody is the voltage of a bus that the grid feeds, nor without an order.
        if (parameters.inverters[i].lane.backup || lane.duty != Duty::forming) continue;
        RC_ASSERT(site.command(i).form_site && site.command(i).connected);
        RC_ASSERT(!lane.forming_blocked);
      }
    }
  }
  for (std::size_t i = 0; i < site.inverter_count(); ++i) {
    const Site::LaneView& lane = site.lane(i);
    trace.insert(trace.end(), {lane.battery_soc, lane.ac_out_wh, lane.ac_in_wh, lane.pv_wh, lane.frequency_hz});
  }
  trace.push_back(site.total_load_w());
  return trace;
}

RC_GTEST_PROP(SiteFormingProperty, HoldsItsInvariantsWhateverFormsAndRepeatsItself, ()) {
  const Site::Parameters parameters = any_forming_site();
  std::vector<Order> orders(1 + any_below(30));
  for (Order& order : orders) {
    order = {any_below(12), any_below(6), any_between(-1.0, 1.0), 1 + static_cast<int>(any_below(60))};
  }
  RC_ASSERT(run(parameters, orders) == run(parameters, orders));
}

}  // namespace
}  // namespace hil::models
