#include "models/site/site.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "models/invalid_parameter.h"
#include "tests/models/site/example_sites.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using hil::tests::ValidationCase;

void advance(Site& site, int steps) {
  for (int step = 0; step < steps; ++step) site.advance();
}

void check_meter(ValidationCase& published, const EnergyMeter::Reading& reading) {
  published.check("l1_import_w", reading.import_w[0]);
  published.check("l2_import_w", reading.import_w[1]);
  published.check("l3_import_w", reading.import_w[2]);
  published.check("total_import_w", reading.total_import_w);
}

// Case S1 through the whole site: power stages, network, transformers, meter. Twenty steps settle the limits of the
// power stage, which sees the voltages of the step before.
TEST(Site, ReproducesTheReferenceSiteWithThreeInverters) {
  Site site(reference_site());
  site.command(0).battery_discharge_request_w = 8000.0;
  site.command(1).battery_discharge_request_w = 8000.0;
  site.command(2).battery_discharge_request_w = 6000.0;
  advance(site, 20);
  ASSERT_TRUE(site.invariants().hold());
  ValidationCase published("site/s1");
  check_meter(published, site.meter().reading());
  EXPECT_NEAR(site.grid().import_w, published.expected("total_import_w"), 0.5);
  published.check("import_var", site.grid().import_var);
  published.check("l1_voltage_ln_v", site.grid().voltage_ln_v[0]);
  published.check("neutral_v", site.grid().neutral_v);
  published.check("neutral_a", site.grid().neutral_a);
  published.check("inverter_l1_v", std::abs(site.lane(0).terminal_ln_v[0]));
}

// Case S3: no inverter injects, the board's load, the heater with another 6 kW on L1.
TEST(Site, ReproducesTheReferenceSiteOnLoadsAlone) {
  Site::Parameters parameters = reference_site();
  parameters.inverters.clear();
  parameters.loads[1].zip->nominal_w[0] = 9000.0;
  Site site(parameters);
  site.advance();
  ASSERT_TRUE(site.invariants().hold());
  ValidationCase published("site/s3");
  check_meter(published, site.meter().reading());
  published.check("neutral_v", site.grid().neutral_v);
}

TEST(Site, HoldsItsInvariantsThroughSwitchingChargingCurtailmentAndSag) {
  Site site(two_inverter_site());
  double worst_inverter_w = 0.0;
  double worst_site_w = 0.0;
  double worst_a = 0.0;
  for (int step = 0; step < 12000; ++step) {
    if (step == 1000) site.set_load_on(heater, true);
    if (step == 2000) site.command(0).battery_discharge_request_w = -3000.0;
    if (step == 3000) site.command(1).battery_discharge_request_w = 4000.0;
    if (step == 4000) site.command(0).ac_ceiling_w = 0.0;
    if (step == 5000) site.command(1).ac_ceiling_w = -1000.0;
    if (step == 6000) set_grid_voltage(site, 0.85 * 230.0);
    if (step == 7000) site.set_irradiance(0, 200.0);
    if (step == 8000) site.command(1).reactive_injection_request_var = 2000.0;
    if (step == 9000) site.command(0).connected = false;
    if (step == 10000) site.set_load_on(base_load, false);
    if (step == 11000) set_grid_voltage(site, 1.05 * 230.0);
    site.advance();
    ASSERT_TRUE(site.invariants().hold()) << "step " << step;
    worst_inverter_w = std::max(worst_inverter_w, site.invariants().inverter_energy_residual_w);
    worst_site_w = std::max(worst_site_w, site.invariants().site_energy_residual_w);
    worst_a = std::max(worst_a, site.invariants().current_residual_a);
  }
  // Far inside the bounds of 1 W and 1e-6 A: the solver stops at 1e-7 V, at some 50 A that is 1e-5 W.
  EXPECT_LE(worst_inverter_w, 1e-6);
  EXPECT_LE(worst_site_w, 1e-3);
  EXPECT_LE(worst_a, 1e-7);
}

// Energy over two minutes, lane by lane: what PV and battery gave left at the port or as the loss that the polynomial
// names. 1e-6 Wh: rounding of 12 000 additions.
TEST(Site, CountsEnergiesThatCloseOverEachInverter) {
  Site site(two_inverter_site());
  site.command(0).battery_discharge_request_w = -2000.0;
  site.command(1).battery_discharge_request_w = 3000.0;
  std::array<double, 2> loss_wh{};
  for (int step = 0; step < 12000; ++step) {
    site.advance();
    for (std::size_t k = 0; k < 2; ++k) loss_wh[k] += site.lane(k).power.loss_w * 0.01 / 3600.0;
  }
  for (std::size_t k = 0; k < 2; ++k) {
    const Site::LaneView& lane = site.lane(k);
    EXPECT_NEAR(lane.pv_wh + lane.battery_discharge_wh - lane.battery_charge_wh,
                lane.ac_out_wh - lane.ac_in_wh + loss_wh[k], 1e-6);
    EXPECT_GT(lane.pv_wh, 150.0);  // about 6 kW for two minutes is 200 Wh
  }
  EXPECT_GT(site.lane(0).battery_charge_wh, 60.0);  // 2 kW for two minutes is 66.7 Wh
  EXPECT_EQ(site.lane(0).battery_discharge_wh, 0.0);
  EXPECT_GT(site.lane(1).battery_discharge_wh, 90.0);  // 3 kW: 100 Wh
  EXPECT_EQ(site.lane(1).battery_charge_wh, 0.0);
}

// A meter without errors, window and quantum counts what truly flowed; and what came in less what the loads took and
// the inverters gave is lost in the cables behind the meter: a few watts, never negative.
TEST(Site, MetersTheEnergyThatTrulyCrossesTheConnection) {
  Site site(two_inverter_site());
  double load_wh = 0.0;
  double injected_wh = 0.0;
  for (int step = 0; step < 12000; ++step) {
    if (step == 3000) {
      // From export to import: no sun, heater on.
      site.set_irradiance(0, 0.0);
      site.set_irradiance(1, 0.0);
      site.set_load_on(heater, true);
    }
    site.advance();
    load_wh += site.total_load_w() * 0.01 / 3600.0;
    for (std::size_t k = 0; k < 2; ++k) injected_wh += site.lane(k).power.ac_injection_w * 0.01 / 3600.0;
  }
  const EnergyMeter::Reading& reading = site.meter().reading();
  EXPECT_NEAR(reading.imported_wh, site.grid().imported_wh, 1e-9);
  EXPECT_NEAR(reading.exported_wh, site.grid().exported_wh, 1e-9);
  EXPECT_GT(reading.imported_wh, 100.0);
  EXPECT_GT(reading.exported_wh, 50.0);
  const double lost_wh = reading.imported_wh - reading.exported_wh + injected_wh - load_wh;
  EXPECT_GT(lost_wh, 0.0);
  // Below 20 A in each phase and 0.07 ohm: 3 x 400 x 0.07 = 84 W for two minutes is 2.8 Wh.
  EXPECT_LT(lost_wh, 2.8);
}

// 6 kW at 230 V into a resistance: (v / 230)^2 of it at the voltage it really has; the base load holds its 800 W.
TEST(Site, ReportsWhatEachLoadTakesAtItsOwnVoltage) {
  Site site(two_inverter_site());
  site.set_load_on(heater, true);
  set_grid_voltage(site, 220.0);
  site.command(0).connected = site.command(1).connected = false;
  advance(site, 2);
  EXPECT_NEAR(site.load_w(base_load), 800.0, 1e-3);
  EXPECT_LT(site.load_w(heater), 6000.0 * std::pow(220.0 / 230.0, 2));
  EXPECT_GT(site.load_w(heater), 6000.0 * std::pow(217.0 / 230.0, 2));  // at most 3 V lost on the way
  EXPECT_NEAR(site.total_load_w(), site.load_w(base_load) + site.load_w(heater), 1e-9);
  EXPECT_TRUE(site.load_on(heater));
}

TEST(Site, AReversedTransformerChangesTheMeterAndNotTheTruth) {
  Site site(two_inverter_site());
  advance(site, 300);
  const PhaseValues truth_w = site.grid().phase_import_w;
  site.metering().set_reversed(1, true);
  site.advance();
  const EnergyMeter::Reading& reading = site.meter().reading();
  // After 3 s of PV's 0.7 s, 1.4 % of 6 kW are still to come on each inverter, 1.4 % of that in one step: 0.8 W a
  // phase.
  EXPECT_NEAR(site.grid().phase_import_w[1], truth_w[1], 2.0);
  EXPECT_NEAR(reading.import_w[0], site.grid().phase_import_w[0], 1e-6);
  EXPECT_NEAR(reading.import_w[1], -site.grid().phase_import_w[1], 1e-6);
  EXPECT_GT(std::abs(site.grid().phase_import_w[1]), 1000.0);
}

// By hand: 10 A from 100 Ah for 36 s is 0.1 Ah, 0.001 of SOC; here the current is what the pack reports, summed apart.
TEST(Site, MovesTheStateOfChargeByTheChargeThatFlows) {
  Site site(two_inverter_site());
  site.command(1).battery_discharge_request_w = 4000.0;
  double discharged_ah = 0.0;
  for (int step = 0; step < 3600; ++step) {
    site.advance();
    discharged_ah += site.lane(1).battery.discharge_a * 0.01 / 3600.0;
    ASSERT_LE(site.invariants().soc_residual, 1e-9);
  }
  EXPECT_GT(discharged_ah, 0.09);
  EXPECT_NEAR(site.lane(1).battery_soc, 0.40 - discharged_ah / 100.0, 1e-12);
  EXPECT_NEAR(site.lane(0).battery_soc, 0.60, 1e-12);
}

// Curtailed to 2 kW: right of the maximum, voltage times current is what the inverter takes.
TEST(Site, FindsTheOperatingPointOfACurtailedArray) {
  Site site(two_inverter_site());
  site.command(0).pv_ceiling_w = 2000.0;
  advance(site, 600);
  const PvArray::Point point = site.pv_point(0);
  EXPECT_NEAR(site.lane(0).power.pv_w, 2000.0, 1e-6);
  EXPECT_NEAR(point.power_w, site.lane(0).power.pv_w, 1e-3);
  EXPECT_NEAR(point.voltage_v * point.current_a, point.power_w, 1e-6);
  EXPECT_GT(point.voltage_v, site.pv_point(1).voltage_v);  // right of the maximum, where the other one is
  EXPECT_GT(site.lane(0).pv_available_w, 5500.0);
}

// Half way up a ramp the array stands where one does that has had this light all along.
TEST(Site, MovesTheSunOnAStraightLineAndEndsWhereItShould) {
  const Site::Parameters parameters = two_inverter_site();  // steps of 10 ms
  Site site{parameters};
  PvArray at_600{parameters.inverters[0].lane.pv[0].array};
  at_600.set_conditions(600.0, parameters.inverters[0].lane.pv[0].cell_temperature_c);
  site.set_irradiance(0, 400.0);
  site.advance();
  const double at_400_w = site.lane(0).pv_available_w;
  site.set_irradiance(0, 800.0, 2.0);
  for (int step = 0; step < 100; ++step) site.advance();
  EXPECT_NEAR(site.lane(0).pv_available_w, at_600.maximum_power_point().power_w, 1e-3 * at_400_w);
  for (int step = 0; step < 100; ++step) site.advance();
  const double at_800_w = site.lane(0).pv_available_w;
  site.set_irradiance(0, 800.0);
  site.advance();
  EXPECT_NEAR(at_800_w, site.lane(0).pv_available_w, 1e-6 * at_400_w);
  EXPECT_THROW(site.set_irradiance(0, 1501.0, 1.0), InvalidParameter);
  EXPECT_THROW(site.set_irradiance(0, 800.0, -1.0), InvalidParameter);
}

TEST(Site, HasVoltagesBeforeItsFirstStep) {
  const Site site(two_inverter_site());
  EXPECT_NEAR(std::abs(site.lane(0).terminal_ln_v[0]), 230.0, 1.0);
  EXPECT_NEAR(site.total_load_w(), 800.0, 1e-3);
  EXPECT_TRUE(site.invariants().solved);
}

TEST(Site, TellsTheMeterTheGridsFrequency) {
  Site site(two_inverter_site());
  site.grid_source().ramp_frequency_hz(49.8, 0.0);
  site.advance();
  EXPECT_EQ(site.grid().frequency_hz, 49.8);
  EXPECT_EQ(site.meter().reading().frequency_hz, 49.8);
}

// 6 kW need 20 A a phase at 100 V; the port stops at 16.5 A in the very step of the sag, so 3 x 16.5 A x 100 V = 4950 W
// flow (the terminal is up to 1.5 V above the grid), and what the battery gave is what went out.
TEST(Site, ADeepSagLimitsTheCurrentInTheSameStepAndTheBalanceHolds) {
  Site site(reference_site());
  site.command(0).battery_discharge_request_w = 6000.0;
  advance(site, 5);
  set_grid_voltage(site, 100.0);
  site.advance();
  EXPECT_TRUE(site.invariants().hold());
  const Site::LaneView& lane = site.lane(0);
  for (const Phasor& phase_a : lane.injection_a) EXPECT_NEAR(std::abs(phase_a), 16.5, 1e-6);
  EXPECT_GE(lane.power.ac_injection_w, 4950.0);
  EXPECT_LE(lane.power.ac_injection_w, 4950.0 + 3.0 * 16.5 * 1.5);
  EXPECT_NEAR(lane.battery.discharge_w, lane.power.ac_injection_w, 1e-3);
}

TEST(SiteInvariants, HoldOnlyInsideEveryBoundAndNeverWithNaN) {
  const Site::Invariants good{};
  EXPECT_TRUE(good.hold());
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {1.1, nan}) {
    EXPECT_FALSE((Site::Invariants{.inverter_energy_residual_w = bad}.hold()));
    EXPECT_FALSE((Site::Invariants{.site_energy_residual_w = bad}.hold()));
    EXPECT_FALSE((Site::Invariants{.current_residual_a = bad}.hold()));
    EXPECT_FALSE((Site::Invariants{.soc_residual = bad}.hold()));
  }
  EXPECT_FALSE((Site::Invariants{.finite = false}.hold()));
  EXPECT_FALSE((Site::Invariants{.solved = false}.hold()));
}

// The same calls give the same bits: nothing depends on addresses, time or order of destruction.
TEST(Site, RepeatsItselfToTheBit) {
  const auto run = [] {
    Site site(two_inverter_site());
    site.command(0).battery_discharge_request_w = -1500.0;
    for (int step = 0; step < 500; ++step) {
      if (step == 200) site.set_load_on(heater, true);
      site.advance();
    }
    return std::array{site.grid().import_w, site.grid().neutral_v, site.lane(0).battery_soc, site.lane(1).ac_out_wh};
  };
  EXPECT_EQ(run(), run());
}

std::string refusal_of(const Site::Parameters& parameters) {
  try {
    const Site site(parameters);
    return "accepted";
  } catch (const InvalidParameter& refused) {
    return refused.what();
  }
}

TEST(Site, NamesWhoAskedForAPartThatDoesNotExistAndWhatThereIs) {
  EXPECT_EQ(refusal_of(two_inverter_site()), "accepted");
  Site::Parameters parameters = two_inverter_site();
  parameters.inverters[1].bus = "barn";
  EXPECT_EQ(refusal_of(parameters),
            "number of parts named \"barn\" (bus of inverter et2) is 0.000000, must be 1; known: grid, main, et1, et2, "
            "heater");
  parameters = two_inverter_site();
  parameters.loads[0].bus = "";
  EXPECT_NE(refusal_of(parameters).find("bus of load base"), std::string::npos);
  parameters = two_inverter_site();
  parameters.metering.cable = "main_line";
  EXPECT_NE(refusal_of(parameters).find("\"main_line\" (cable of the meter)"), std::string::npos);
}

TEST(Site, RefusesAStepAnImpedanceOrAFrequencyOutOfRange) {
  Site::Parameters parameters = two_inverter_site();
  parameters.step = std::chrono::microseconds{999};
  EXPECT_NE(refusal_of(parameters).find("step is"), std::string::npos);
  parameters = two_inverter_site();
  parameters.cables[2].neutral_ohm = 0.0;
  EXPECT_EQ(refusal_of(parameters), "cable et2_cable neutral_ohm is 0.000000, must be > 0 (resistance)");
  parameters = two_inverter_site();
  parameters.grid.nominal_hz = 0.0;
  EXPECT_NE(refusal_of(parameters).find("nominal_hz is 0.000000"), std::string::npos);
}

}  // namespace
}  // namespace hil::models
