#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "models/site/site.h"
#include "tests/models/site/example_sites.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

bool held_for(Site& site, double seconds, double step_s = 0.01) {
  for (int step = 0; step < static_cast<int>(seconds / step_s + 0.5); ++step) {
    site.advance();
    if (!site.invariants().hold()) return false;
  }
  return true;
}

/// The reference site with one inverter, without losses and loads, so that what is ordered is what leaves.
Site::Parameters one_inverter(std::string_view code) {
  Site::Parameters site = reference_site();
  site.inverters.resize(1);
  site.inverters[0].lane.grid_code = *find_grid_code(code);
  site.loads.clear();
  return site;
}

double terminal_v(const Site& site) {
  double sum = 0.0;
  for (const Phasor& v : site.lane(0).terminal_ln_v) sum += std::abs(v);
  return sum / 3.0;
}

// EN 50549-1, 50.2 Hz and 5 %: P / P0 = 1 - (f - 50.2) / 2.5: 0.96, 0.88, 0.68 and, just below the trip at 51.5, 0.484
// at 51.49 Hz. The response covers 90 % in 1 s, so 20 s after each step of frequency nothing is left. PV and battery
// alike.
TEST(SiteFrequency, ARisingFrequencyLowersInjectionByTheLfsmTable) {
  hil::tests::ValidationCase published("site/lfsm_o");
  for (const bool from_pv : {false, true}) {
    Site::Parameters parameters = one_inverter("en50549_1");
    if (from_pv) parameters.inverters[0].lane.pv[0].irradiance_w_m2 = 974.0;
    Site site(parameters);
    if (!from_pv) site.command(0).battery_discharge_request_w = 6000.0;
    ASSERT_TRUE(held_for(site, 10.0));
    const double before_w = site.lane(0).power.ac_injection_w;
    EXPECT_GT(before_w, 5900.0);
    for (const char* hz : {"50.3", "50.5", "51.0", "51.49"}) {
      site.grid_source().ramp_frequency_hz(std::stod(hz), 1.0);
      ASSERT_TRUE(held_for(site, 20.0));
      const double share = site.lane(0).power.ac_injection_w / before_w;
      if (hz == std::string("51.49")) {
        EXPECT_NEAR(share, 0.484, 0.003);
      } else {
        published.check((from_pv ? "pv_" : "battery_") + std::string(hz), share);
      }
    }
    EXPECT_EQ(site.lane(0).operation, Operation::running);
    site.grid_source().ramp_frequency_hz(51.6, 0.0);
    ASSERT_TRUE(held_for(site, 0.5));
    EXPECT_EQ(site.lane(0).operation, Operation::tripped);
    EXPECT_EQ(site.lane(0).trip_cause->kind, TripKind::overfrequency);
    EXPECT_NEAR(site.lane(0).power.ac_injection_w, 0.0, 1e-6);
  }
}

// Below 49.8 Hz a charging battery gives way: 5 % of droop are 40 % of rated a hertz, 0.3 Hz are 1200 W. Lossless.
TEST(SiteFrequency, AFallingFrequencyLowersTheCharge) {
  Site site(one_inverter("en50549_1"));
  site.command(0).battery_discharge_request_w = -4000.0;
  ASSERT_TRUE(held_for(site, 5.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, -4000.0, 1e-3);
  site.grid_source().ramp_frequency_hz(49.5, 1.0);
  ASSERT_TRUE(held_for(site, 20.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, -2800.0, 1.0);
}

// The same 1200 W on top of what left the terminal before: what the conversion takes comes on top of it.
TEST(SiteFrequency, AFallingFrequencyRaisesTheInjectionWhateverItsLossesAre) {
  Site::Parameters parameters = one_inverter("en50549_1");
  const LossCurve loss{10000.0, 96.18, 94.44, 25.52};
  parameters.inverters[0].lane.power_stage.losses = {loss, loss, loss, loss};
  Site site(parameters);
  site.command(0).battery_discharge_request_w = 4000.0;
  ASSERT_TRUE(held_for(site, 5.0));
  const double before_w = site.lane(0).power.ac_injection_w;
  EXPECT_NEAR(before_w, 4000.0 - 78.0, 2.0);  // 96.18 x .392^2 + 94.44 x .392 + 25.52 = 77.3 W
  site.grid_source().ramp_frequency_hz(49.5, 1.0);
  ASSERT_TRUE(held_for(site, 20.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, before_w + 1200.0, 1.0);
}

// Loads with 2 %/Hz of constant power: 4000 + 1200 + 500 W at 49.5 Hz are 1 % less.
TEST(SiteFrequency, LoadsFollowTheGridsFrequencyByTheirSlope) {
  Site::Parameters parameters = reference_site();
  parameters.loads[0].zip->active_per_hz = 0.02;
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 0.1));
  EXPECT_NEAR(site.load_w(0), 5700.0, 1e-3);
  site.grid_source().ramp_frequency_hz(49.5, 0.0);
  ASSERT_TRUE(held_for(site, 0.1));
  EXPECT_NEAR(site.load_w(0), 5643.0, 1e-3);
}

// A support that is refused takes the protection beside it along: 50.1 Hz of over frequency would trip at 50.15 Hz.
TEST(SiteGridCode, IsNotHalfTakenWhenOnePartIsRefused) {
  Site site(one_inverter("vde_ar_n_4105"));
  const GridCode before = *site.grid_code(0);
  InterfaceProtection::Parameters narrow = before.protection;
  narrow.overfrequency[0].threshold = 50.1;
  GridSupport::Parameters bad = before.support;
  bad.power_factor = 0.0;
  EXPECT_THROW(site.set_grid_code(0, narrow, bad), InvalidParameter);
  EXPECT_EQ(site.grid_code(0)->protection.overfrequency[0].threshold, before.protection.overfrequency[0].threshold);
  site.grid_source().ramp_frequency_hz(50.15, 0.0);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_EQ(site.lane(0).operation, Operation::running);
  site.set_grid_code(0, narrow, before.support);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_EQ(site.lane(0).operation, Operation::tripped);
}

// AS 4777: 100 % at 253 V down to 20 % at 260 V. The inverter lifts its own terminal, so the curve is read at the
// voltage that it ends with; 10 kW of battery ask for more than the ceiling. Reactive power is off for this test.
TEST(SiteVoltage, InjectionStaysOnTheVoltWattCurveAtTheVoltageItMakes) {
  Site::Parameters parameters = one_inverter("as4777_a");
  parameters.inverters[0].lane.grid_code->support.reactive_mode = ReactiveMode::constant_power_factor;
  Site site(parameters);
  site.command(0).battery_discharge_request_w = 10000.0;
  ASSERT_TRUE(held_for(site, 60.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 10000.0, 1.0);
  set_grid_voltage(site, 254.0);
  ASSERT_TRUE(held_for(site, 120.0));
  const double v = terminal_v(site);
  EXPECT_GT(v, 254.5);
  EXPECT_LT(v, 257.0);
  const double ceiling_w = 10000.0 * (1.0 - 0.8 * (v - 253.0) / 7.0);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, ceiling_w, 1.0);  // settled to e^-27 of the way
}

// 250 V lie 10 of 18 V up the curve from 240 to 258 V: a third of -60 % of 10 kW and so on, at the terminal's own
// voltage.
TEST(SiteVoltage, ReactivePowerFollowsTheVoltVarCurve) {
  Site site(one_inverter("as4777_a"));
  site.command(0).battery_discharge_request_w = 5000.0;
  set_grid_voltage(site, 249.0);
  ASSERT_TRUE(held_for(site, 120.0));
  const double v = terminal_v(site);
  EXPECT_GT(v, 247.0);
  EXPECT_NEAR(site.lane(0).power.ac_injection_var, -0.60 * 10000.0 * (v - 240.0) / 18.0, 2.0);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 5000.0, 1.0);
}

// Mean of 10 min from 1 pu on, grid at 1.12 pu: 1 + 0.12 t / 600 s passes 1.10 at 500 s; 0.1 s later the relay opens.
// The terminal of an idle inverter is that of the grid within 2 mV: 0.1 s.
TEST(SiteVoltage, TheTenMinuteMeanTripsWhenItPassesItsLimitAndNotBefore) {
  Site::Parameters parameters = one_inverter("en50549_1");
  parameters.step = std::chrono::milliseconds{100};
  parameters.metering.installation.meter.averaging_window = parameters.step;
  parameters.metering.installation.meter.refresh_period = parameters.step;
  Site site(parameters);
  set_grid_voltage(site, 1.12 * 230.0);
  double tripped_s = 0.0;
  while (site.lane(0).operation != Operation::tripped && tripped_s < 700.0) {
    ASSERT_TRUE(held_for(site, 0.1, 0.1));
    tripped_s += 0.1;
  }
  EXPECT_NEAR(tripped_s, 500.1, 0.4);
  EXPECT_EQ(site.lane(0).trip_cause, (TripCause{TripKind::overvoltage, 3}));
}

// EN 50549-1 asks for mandatory operation at 0.5 pu for 0.25 + 2.75 (0.5 - 0.05) / 0.8 = 1.8 s. 6 kW at 115 V would be
// 17.4 A; the port stops at 16.5 A, gives 3 x 16.5 x the terminal's voltage, and is back at once.
TEST(SiteRideThrough, ASagIsRiddenThroughAtTheCurrentLimitAndLeftWhereItWasEntered) {
  Site site(one_inverter("en50549_1"));
  site.command(0).battery_discharge_request_w = 6000.0;
  ASSERT_TRUE(held_for(site, 5.0));
  set_grid_voltage(site, 115.0);
  for (int step = 0; step < 100; ++step) {
    ASSERT_TRUE(held_for(site, 0.01));
    for (const Phasor& a : site.lane(0).injection_a) ASSERT_LE(std::abs(a), 16.5 + 1e-6) << step;
  }
  EXPECT_EQ(site.lane(0).operation, Operation::running);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 3.0 * 16.5 * terminal_v(site), 1.0);
  set_grid_voltage(site, 230.0);
  ASSERT_TRUE(held_for(site, 0.4));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 6000.0, 1.0);
  EXPECT_FALSE(site.lane(0).trip_cause.has_value());
  // Twice as long as the law asks: it may trip, by its first undervoltage stage after 3 s.
  set_grid_voltage(site, 115.0);
  ASSERT_TRUE(held_for(site, 3.2));
  EXPECT_EQ(site.lane(0).operation, Operation::tripped);
}

TEST(SiteOrders, AnOrderThatIsNotANumberIsReportedAndHarmless) {
  const double nan = std::nan("");
  for (int field = 0; field < 6; ++field) {
    Site site(one_inverter("en50549_1"));
    ASSERT_TRUE(held_for(site, 0.1));
    Site::LaneCommand& command = site.command(0);
    const Site::LaneCommand good = command;
    (field == 0   ? command.pv_ceiling_w
     : field == 1 ? command.battery_discharge_request_w
     : field == 2 ? command.ac_ceiling_w
     : field == 3 ? command.reactive_injection_request_var
     : field == 4 ? command.unbalance_w[2]
                  : command.active_limit_pu) = nan;
    site.advance();
    EXPECT_FALSE(site.invariants().finite) << field;
    EXPECT_TRUE(std::isfinite(site.grid().import_w)) << field;
    command = good;
    EXPECT_TRUE(held_for(site, 0.1)) << field;
  }
}

}  // namespace
}  // namespace hil::models
