#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/site/site.h"
#include "tests/models/site/example_sites.h"

namespace hil::models {
namespace {

bool held_for(Site& site, double seconds) {
  for (int step = 0; step < static_cast<int>(seconds * 100.0 + 0.5); ++step) {
    site.advance();
    if (!site.invariants().hold()) {
      ADD_FAILURE() << "step " << step << ": inverter " << site.invariants().inverter_energy_residual_w << " W, site "
                    << site.invariants().site_energy_residual_w << " W, current "
                    << site.invariants().current_residual_a << " A";
      return false;
    }
  }
  return true;
}

/// 230^2 / R in each phase at "main", for 10, 20 and 33 ohm, beside two inverters.
Site::Parameters star_site() {
  Site::Parameters site = two_inverter_site();
  site.loads = {{.name = "star",
                 .bus = "main",
                 .zip = ZipLoad::Parameters{.nominal_w = {5290.0, 2645.0, 52900.0 / 33.0},
                                            .nominal_ln_v = 230.0,
                                            .share_z = 1.0,
                                            .share_i = 0.0,
                                            .share_p = 0.0,
                                            .on = true}}};
  for (Site::Inverter& inverter : site.inverters) {
    inverter.lane.pv[0].irradiance_w_m2 = 0.0;
    inverter.lane.grid_code = *find_grid_code("en50549_1");
  }
  return site;
}

// As N2, with the impedances of this site: the floating star point lies at sum(E y) / sum(y), y = 1 / (R + z) with z of
// grid and main cable; each load has its R / (R + z) of E - V_star. L3 ends at 1.27 pu: beyond 1.25 pu for 0.1 s trips
// both inverters long before the 0.66 pu of L1 do (3 s).
TEST(SiteFault, ALostNeutralShiftsTheStarPointAndTripsTheInvertersOnTheLightPhase) {
  Site site(star_site());
  for (std::size_t i = 0; i < 2; ++i) site.command(i).connected = false;
  ASSERT_TRUE(held_for(site, 0.1));
  site.set_conductor_closed(0, Conductor::n, false);
  ASSERT_TRUE(held_for(site, 0.1));
  const Phasor z = Phasor{0.05, 0.03} + 0.04 * Phasor{0.642, 0.083};
  const PhasePhasors emf_v = balanced(230.0);
  const PhaseValues ohm{10.0, 20.0, 33.0};
  Phasor driven_a;
  Phasor sum_s;
  for (std::size_t k = 0; k < phase_count; ++k) {
    driven_a += emf_v[k] / (ohm[k] + z);
    sum_s += 1.0 / (ohm[k] + z);
  }
  const Phasor star_v = driven_a / sum_s;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const double load_v = std::abs((emf_v[k] - star_v) * ohm[k] / (ohm[k] + z));
    EXPECT_NEAR(std::abs(site.lane(0).terminal_ln_v[k]), load_v, 0.001) << k;  // no current in the inverters' cables
  }
  EXPECT_GT(std::abs(site.lane(0).terminal_ln_v[2]), 1.26 * 230.0);

  Site feeding(star_site());
  ASSERT_TRUE(held_for(feeding, 0.1));
  feeding.set_conductor_closed(0, Conductor::n, false);
  ASSERT_TRUE(held_for(feeding, 0.3));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(feeding.lane(i).operation, Operation::tripped) << i;
    EXPECT_EQ(feeding.lane(i).trip_cause->kind, TripKind::overvoltage) << i;
  }
}

// L2 of the service cable open: nothing flows there, the load on it is dark, the others see their voltage as before but
// for the neutral's part; both inverters trip on undervoltage.
TEST(SiteFault, ALostPhaseDarkensItsLoadsAndTripsTheInverters) {
  Site::Parameters parameters = star_site();
  for (Site::Inverter& inverter : parameters.inverters) inverter.lane.pv[0].irradiance_w_m2 = 974.0;
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  site.set_conductor_closed(0, Conductor::l2, false);
  ASSERT_TRUE(held_for(site, 5.0));
  EXPECT_NEAR(site.grid().current_a[1], 0.0, 1e-6);
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(site.lane(i).operation, Operation::tripped) << i;
    EXPECT_EQ(site.lane(i).trip_cause->kind, TripKind::undervoltage) << i;
    EXPECT_NEAR(std::abs(site.lane(i).terminal_ln_v[1]), 0.0, 1e-3);
  }
  // 10 and 33 ohm alone, the neutral carries their sum: about 228 V on 10 ohm and 232 V on 33 ohm.
  EXPECT_NEAR(site.load_w(0), 228.0 * 228.0 / 10.0 + 232.0 * 232.0 / 33.0, 0.02 * 7000.0);
}

// 5.88 kW of each inverter flow on, as equal currents: 17 A that lift E by 17 A times the impedance of grid and main
// cable and leave the star point to the loads. 3.3, 2.25 and 1.25 kW at 230 V as impedances (the base load's powers
// too): Vn = sum(E y) / sum(y). The heater's cable (27 mohm on 18 ohm) is left out: below 0.5 V.
TEST(SiteFault, ALostNeutralShowsTheFloatFromItsFirstStepWithInvertersFeeding) {
  Site::Parameters parameters = two_inverter_site();
  parameters.loads[heater].zip->on = true;
  parameters.loads[heater].zip->nominal_w = {3000.0, 2000.0, 1000.0};
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 3.0));
  const double fed_w = site.lane(0).power.ac_injection_w;
  ASSERT_GT(fed_w, 5800.0);
  ASSERT_LT(site.bus_voltage(site.site_bus()).neutral_v, 1.0);
  site.set_conductor_closed(0, Conductor::n, false);

  const Phasor z = Phasor{0.05, 0.03} + 0.04 * Phasor{0.642, 0.083};
  const PhasePhasors emf_v = balanced(230.0 + 17.0 * z.real());
  const PhaseValues load_w{3300.0, 2250.0, 1250.0};
  Phasor driven_a;
  Phasor sum_s;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor y = 1.0 / (230.0 * 230.0 / load_w[k] + z);
    driven_a += emf_v[k] * y;
    sum_s += y;
  }
  const Phasor star_v = driven_a / sum_s;
  for (int step = 0; step < 5; ++step) {
    ASSERT_TRUE(held_for(site, 0.01));
    EXPECT_NEAR(site.lane(0).power.ac_injection_w, fed_w, 5.0) << step;
    const Site::BusVoltage voltage = site.bus_voltage(site.site_bus());
    EXPECT_NEAR(voltage.neutral_v, std::abs(star_v), 1.0) << step;
    for (std::size_t k = 0; k < phase_count; ++k) {
      const double drop = 1.0 - std::abs(z) * load_w[k] / (230.0 * 230.0);
      EXPECT_NEAR(voltage.ln_v[k], std::abs(emf_v[k] - star_v) * drop, 1.0) << step << " " << k;
    }
    EXPECT_NEAR(site.bus_voltage(site.meter_bus()).ln_v[2], 230.0, 2.0) << "the meter's side sees nothing of it";
  }
  EXPECT_EQ(site.bus_name(site.site_bus()), "main");
}

// A star of constant powers alone (0.3, 0.25 and 0.25 kW) has no settled voltage: they draw as impedances then.
TEST(SiteFault, ALostNeutralAtConstantPowersIsSolvedAndPassesWithItsReturn) {
  Site site(two_inverter_site());
  ASSERT_TRUE(held_for(site, 1.0));
  site.set_conductor_closed(0, Conductor::n, false);
  ASSERT_TRUE(held_for(site, 1.0));
  // 0.3 / 0.25 / 0.25: Vn = (0.3 - 0.25) / 0.8 of 231.4 V.
  EXPECT_NEAR(site.bus_voltage(site.site_bus()).neutral_v, 231.4 * 0.05 / 0.8, 0.2);
  site.set_conductor_closed(0, Conductor::n, true);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_NEAR(site.load_w(base_load), 800.0, 1e-3);
}

TEST(SiteFault, ALostPhaseIsDeadAtOnceAndCostsNoRefusedSolve) {
  Site site(two_inverter_site());
  ASSERT_TRUE(held_for(site, 3.0));
  site.set_conductor_closed(0, Conductor::l2, false);
  const std::uint64_t before = site.network_iterations();
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_LT(site.network_iterations() - before, 600U) << "of 200 each that is refused";
  EXPECT_LT(std::abs(site.lane(0).terminal_ln_v[1]), 1.0);
  EXPECT_EQ(site.lane(0).power.phase_injection_va[1], Phasor{});
  EXPECT_GT(site.lane(0).power.ac_injection_w, 3800.0) << "two phases feed on: no grid code";
}

// Three equal currents of positive sequence would meet in a neutral that hangs free without their third: no voltage
// could make that right. What flows out of one phase comes back through the other.
TEST(SiteFault, WithoutItsNeutralAndAPhaseAnInverterFeedsBetweenTheTwoThatAreLeft) {
  Site site(two_inverter_site());
  ASSERT_TRUE(held_for(site, 3.0));
  const std::size_t et1_cable = 1;
  site.set_conductor_closed(et1_cable, Conductor::n, false);
  site.set_conductor_closed(et1_cable, Conductor::l3, false);
  ASSERT_TRUE(held_for(site, 3.0));
  const Site::LaneView& lane = site.lane(0);
  EXPECT_GT(lane.power.ac_injection_w, 2000.0);
  EXPECT_GT(std::abs(lane.injection_a[0]), 5.0);
  EXPECT_LT(std::abs(lane.injection_a[0] + lane.injection_a[1]), 1e-9);
  EXPECT_EQ(std::abs(lane.injection_a[2]), 0.0);
  const Phasor line_v = lane.terminal_ln_v[0] - lane.terminal_ln_v[1];
  EXPECT_NEAR((line_v * std::conj(lane.injection_a[0])).real(), lane.power.ac_injection_w, 1e-6);
  EXPECT_NEAR(std::abs(line_v), 400.0, 8.0);

  site.set_conductor_closed(et1_cable, Conductor::l2, false);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_EQ(std::abs(lane.injection_a[0]), 0.0) << "one phase alone has no way back";
  EXPECT_GT(site.lane(1).power.ac_injection_w, 2000.0) << "the other one feeds on";
}

TEST(SiteFault, AnOpenCableMakesADeadPartAndTheRestGoesOn) {
  Site site(reference_site());
  ASSERT_TRUE(held_for(site, 0.5));
  EXPECT_GT(site.load_w(heater), 8500.0);
  site.set_cable_closed(1, false);  // to the workshop
  site.set_cable_closed(2, false);  // to the first inverter
  site.command(0).battery_discharge_request_w = 3000.0;
  site.command(1).battery_discharge_request_w = 3000.0;
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_EQ(site.load_w(heater), 0.0);
  EXPECT_NEAR(site.load_w(base_load), 5700.0, 1e-3);
  EXPECT_EQ(std::abs(site.lane(0).terminal_ln_v[0]), 0.0);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 0.0, 1e-6);
  EXPECT_NEAR(site.lane(1).power.ac_injection_w, 3000.0, 0.01);
  site.set_cable_closed(1, true);
  site.set_cable_closed(2, true);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_GT(site.load_w(heater), 8500.0);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 3000.0, 0.01);
}

// Dyn11, 10 kV / 400 V, 100 kVA, 1 + j4 %: the low side leads by 30 degrees at 400 / sqrt 3 = 230.940 V. 30 kW of
// constant impedance at 230 V: 5.29 ohm a phase behind the transformer's (0.016 + j0.064) ohm, the main cable's
// (0.02568 + j0.00332) ohm and the grid's 1 + j1 ohm seen through (400 / 10000)^2 = 0.0016: everything by hand below.
TEST(SiteFault, ATransformerSiteHasTheVoltageAngleAndPowerOfItsVectorGroup) {
  Site::Parameters parameters = two_inverter_site();
  parameters.grid = {.nominal_ln_v = 10000.0 / std::numbers::sqrt3,
                     .nominal_hz = 50.0,
                     .phase_ohm = {1.0, 1.0},
                     .neutral_ohm = {1.0, 1.0}};
  parameters.grid_bus = "mv";
  parameters.nominal_ln_v = 230.0;
  parameters.transformers = {{.name = "t1",
                              .from_bus = "mv",
                              .to_bus = "grid",
                              .rated_va = 100e3,
                              .primary_ll_v = 10000.0,
                              .secondary_ll_v = 400.0,
                              .series_r_pu = 0.01,
                              .series_x_pu = 0.04,
                              .vector_group = "Dyn11"}};
  parameters.loads[0].zip->on = false;
  parameters.loads[1].zip = ZipLoad::Parameters{.nominal_w = {10000.0, 10000.0, 10000.0},
                                                .nominal_ln_v = 230.0,
                                                .share_z = 1.0,
                                                .share_i = 0.0,
                                                .share_p = 0.0,
                                                .on = true};
  parameters.loads[1].bus = "main";
  Site site(parameters);
  for (std::size_t i = 0; i < 2; ++i) site.command(i).connected = false;
  ASSERT_TRUE(held_for(site, 0.2));
  const Phasor e = std::polar(400.0 / std::numbers::sqrt3, std::numbers::pi / 6.0);
  const Phasor z = Phasor{0.016, 0.064} + 0.04 * Phasor{0.642, 0.083} + 0.0016 * Phasor{1.0, 1.0};
  const Phasor v = e * 5.29 / (5.29 + z);
  EXPECT_NEAR(std::abs(site.lane(0).terminal_ln_v[0] - v), 0.0, 0.005);
  EXPECT_NEAR(site.load_w(heater), 3.0 * std::norm(v) / 5.29, 1.0);
  // The meter stands at the low side, before the main cable.
  const double current_a = std::abs(v) / 5.29;
  EXPECT_NEAR(site.grid().import_w, 3.0 * (std::norm(v) / 5.29 + current_a * current_a * 0.02568), 1.0);
  // Inverters feed 12 kW and more back through it.
  for (std::size_t i = 0; i < 2; ++i) site.command(i).connected = true;
  site.set_load_on(heater, false);
  ASSERT_TRUE(held_for(site, 10.0));
  EXPECT_LT(site.grid().import_w, -11000.0);
}

// The current stops within the step, whatever was ordered; SOC, energies and the rest of the site keep their books.
TEST(SiteFault, AContactorThatOpensWhileDischargingStopsTheCurrentAndBreaksNothing) {
  Site site(two_inverter_site());
  site.set_irradiance(0, 0.0);
  site.command(0).battery_discharge_request_w = 5000.0;
  ASSERT_TRUE(held_for(site, 3.0));
  EXPECT_GT(site.lane(0).power.ac_injection_w, 4800.0);
  site.battery(0).open_contactor();
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_EQ(site.lane(0).battery.discharge_a, 0.0);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, -26.0, 1.0);  // it feeds itself
  ASSERT_TRUE(site.battery(0).close_contactor());
  ASSERT_TRUE(held_for(site, 3.0));
  EXPECT_GT(site.lane(0).power.ac_injection_w, 4800.0);
}

TEST(SiteFault, AContactorThatOpensInTheIslandDropsItWithoutBreakingTheBooks) {
  Site::Parameters parameters = backup_site("en50549_1");
  parameters.inverters[0].lane.pv[0].irradiance_w_m2 = 0.0;
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 2.0));
  EXPECT_GT(site.load_w(critical), 2900.0);
  site.battery(0).open_contactor();
  ASSERT_TRUE(held_for(site, 0.01));
  // What the DC link gave is part of the balance, the same that the invariants know.
  EXPECT_GT(site.lane(0).dc_link_w, 2900.0);
  EXPECT_EQ(site.energy_residual_w(0), site.invariants().inverter_energy_residual_w);
  EXPECT_TRUE(site.finite(0));
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_EQ(site.load_w(critical), 0.0);
  EXPECT_EQ(site.lane(0).battery_empty_stops, 1);
  EXPECT_EQ(site.lane(0).overload_trips, 0);
  ASSERT_TRUE(site.battery(0).close_contactor());
  ASSERT_TRUE(held_for(site, 10.0));
  EXPECT_GT(site.load_w(critical), 2900.0);  // the restart after 10 s
}

}  // namespace
}  // namespace hil::models
