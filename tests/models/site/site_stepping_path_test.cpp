#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <memory>
#include <vector>

#include "models/site/site.h"
#include "tests/models/site/allocation_count.h"
#include "tests/models/site/example_sites.h"

namespace hil::models {
namespace {

TEST(SiteSteppingPath, TheCounterSeesNewAndEigen) {
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  const std::uint64_t before = allocations_so_far();
  const auto number = std::make_unique<double>(1.0);
  const Eigen::VectorXcd vector = Eigen::VectorXcd::Zero(16);
  const volatile void* const volatile kept[] = {number.get(), vector.data()};  // else the compiler may do without
  EXPECT_NE(kept[0], kept[1]);
  EXPECT_GE(allocations_so_far() - before, 2U);
}

TEST(SiteSteppingPath, AThousandSteadyStepsDoNotAllocate) {
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  Site site(two_inverter_site());
  for (int step = 0; step < 100; ++step) site.advance();
  const std::uint64_t before = allocations_so_far();
  for (int step = 0; step < 1000; ++step) site.advance();
  EXPECT_EQ(allocations_so_far() - before, 0U);
  EXPECT_TRUE(site.invariants().hold());
}

TEST(SiteSteppingPath, StepsUnderChangingOrdersAndGridVoltageDoNotAllocate) {
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  Site site(two_inverter_site());
  site.advance();
  const std::uint64_t before = allocations_so_far();
  for (int step = 0; step < 1000; ++step) {
    site.command(0).battery_discharge_request_w = 3.0 * step;
    site.command(1).ac_ceiling_w = 5000.0 - 5.0 * step;
    set_grid_voltage(site, 230.0 - 0.02 * step);
    site.advance();
  }
  EXPECT_EQ(allocations_so_far() - before, 0U);
}

// L1 of the main cable is open and hangs on a load between L1 and L2, with the base load's constant power on it: the
// network comes to its solution by the laws of the ports. The step in which it first does is not counted: there the
// nodal solver takes over.
TEST(SiteSteppingPath, ALostPhaseOnALoadBetweenPhasesDoesNotAllocate) {
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  Site::Parameters parameters = two_inverter_site();
  parameters.loads[heater].zip->nominal_ll_w = {400.0, 0.0, 0.0};
  parameters.loads[heater].zip->nominal_w = {};
  parameters.loads[heater].zip->on = true;
  Site site(parameters);
  for (int step = 0; step < 200; ++step) site.advance();
  site.set_conductor_closed(0, Conductor::l1, false);
  site.advance();
  ASSERT_TRUE(site.invariants().hold());
  const std::uint64_t before = allocations_so_far();
  for (int step = 0; step < 1000; ++step) {
    set_grid_voltage(site, 230.0 - 20.0 * std::sin(0.01 * step));
    site.advance();
    ASSERT_TRUE(site.invariants().hold()) << "step " << step;
  }
  EXPECT_EQ(allocations_so_far() - before, 0U);
}

/// Codes, backup with its load, island detection, a plane under the sky, a battery with every effect, behaving loads.
Site::Parameters everything_on() {
  Site::Parameters site = backup_site("en50549_1");
  site.inverters.push_back(example_inverter("et2", "et2", 0.5));
  site.weather = WeatherSettings{.sun = {.latitude_deg = 48.1,
                                         .longitude_deg = 11.6,
                                         .altitude_m = 520.0,
                                         .pressure_pa = 95000.0,
                                         .air_temperature_c = 12.0,
                                         .delta_t_s = 69.2},
                                 .linke_turbidity = 3.0,
                                 .start_utc_s = 1718928000.0 + 11.0 * 3600.0,
                                 .air_temperature_c = 20.0,
                                 .wind_m_s = 2.0};
  for (Site::Inverter& inverter : site.inverters) {
    inverter.lane.grid_code = *find_grid_code("as4777_a");
    inverter.lane.island_detection = FrequencyShift::Parameters{.nominal_hz = 50.0, .gain_per_hz = 0.1};
    inverter.lane.battery = with_everything_on(inverter.lane.battery);
    inverter.lane.pv[0].plane = Plane{.tilt_deg = 35.0, .azimuth_deg = 180.0, .albedo = 0.2};
  }
  const auto load = [](double phase_w) {
    return ZipLoad::Parameters{.nominal_w = {phase_w, phase_w, phase_w},
                               .nominal_ln_v = 230.0,
                               .share_z = 0.0,
                               .share_i = 0.0,
                               .share_p = 1.0,
                               .on = true};
  };
  const std::chrono::nanoseconds step = site.step;
  site.loads.push_back({.name = "car",
                        .bus = "main",
                        .zip = load(3680.0),
                        .behaviour = LoadBehaviour(EvCharger(EvCharger::typical(), step))});
  site.loads.push_back({.name = "tank",
                        .bus = "heater",
                        .zip = load(3000.0),
                        .behaviour = LoadBehaviour(WaterHeater(WaterHeater::typical(), step))});
  return site;
}

// 100 s of moving grid, sun and orders; in the second half the first lane feeds its island through an outage of the
// whole site. Steps in which a switch moves are left out of the count: the network may factorise there.
TEST(SiteSteppingPath, EverythingOnAndMovingDoesNotAllocateOutsideSwitching) {
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  Site site(everything_on());
  for (int step = 0; step < 200; ++step) site.advance();
  int islanded_steps = 0;
  std::uint64_t allocated = 0;
  for (int step = 0; step < 10000; ++step) {
    site.command(0).battery_discharge_request_w = 3000.0 * std::sin(0.01 * step);
    site.command(1).ac_ceiling_w = 9000.0 - 0.5 * step;
    site.set_clear_index(0.7 + 0.3 * std::sin(0.003 * step), 0.0);
    if (step % 100 == 0) {
      site.grid_source().ramp_frequency_hz(50.0 + 0.3 * std::sin(0.01 * step), 0.5);
      site.grid_source().ramp_voltage_pu(all_phases, 1.0 + 0.08 * std::sin(0.02 * step), 0.5);
    }
    if (step == 5000) site.grid_source().set_outage(true);
    const bool island_before = site.unintended_island();
    const bool relay_before = site.lane(0).islanded;
    const bool forming_before = site.lane(0).duty == HybridInverter::Duty::forming;
    const bool connected_before = site.grid().connected;
    const std::uint64_t before = allocations_so_far();
    site.advance();
    const std::uint64_t now = allocations_so_far() - before;
    const bool switched = island_before != site.unintended_island() || relay_before != site.lane(0).islanded ||
                          forming_before != (site.lane(0).duty == HybridInverter::Duty::forming) ||
                          connected_before != site.grid().connected;
    if (!switched) allocated += now;
    EXPECT_TRUE(switched || now == 0) << "step " << step;
    ASSERT_TRUE(site.invariants().hold()) << "step " << step;
    if (site.lane(0).islanded) ++islanded_steps;
  }
  EXPECT_EQ(allocated, 0U);
  EXPECT_GT(islanded_steps, 4900);
}

// Two converters hold the site, with set points and loads on the move and orders on and off the bus of the second;
// steps in which a source opens or closes are left out.
TEST(SiteSteppingPath, FormingTheSiteDoesNotAllocateOutsideSwitching) {
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  Site::Parameters parameters = everything_on();
  for (Site::Inverter& inverter : parameters.inverters) {
    inverter.lane.backup.reset();
    inverter.lane.site_forming = GridForming::of_rating(10000.0, 20.0, 230.0, 50.0);
  }
  for (Site::Load& load : parameters.loads) load.bus = "main";
  Site site(parameters);
  site.grid_source().set_outage(true);
  site.command(0).form_site = true;
  for (int step = 0; step < 200; ++step) site.advance();
  int shared_steps = 0;
  for (int step = 0; step < 5000; ++step) {
    site.command(0).forming_voltage_pu = 1.0 + 0.05 * std::sin(0.01 * step);
    site.command(1).forming_frequency_bias_hz = 0.01 * std::sin(0.003 * step);
    site.command(1).form_site = step % 1000 < 700;
    const bool first_before = site.lane(0).duty == HybridInverter::Duty::forming;
    const bool second_before = site.lane(1).duty == HybridInverter::Duty::forming;
    const std::uint64_t before = allocations_so_far();
    site.advance();
    const std::uint64_t now = allocations_so_far() - before;
    const bool first = site.lane(0).duty == HybridInverter::Duty::forming;
    const bool second = site.lane(1).duty == HybridInverter::Duty::forming;
    EXPECT_TRUE(now == 0 || first != first_before || second != second_before) << "step " << step;
    ASSERT_TRUE(site.invariants().hold()) << "step " << step;
    if (first && second) ++shared_steps;
  }
  EXPECT_GT(shared_steps, 3000);
}

// Iterations are the clock-free measure of the solve: none once nothing moves, because the last solution is still that
// of what the network is given.
TEST(SiteSteppingPath, AStepInWhichNothingMovesTakesNoIteration) {
  Site::Parameters dark = two_inverter_site();  // a maximum power point tracker never rests
  for (Site::Inverter& inverter : dark.inverters) inverter.lane.pv[0].irradiance_w_m2 = 0.0;
  Site site(dark);
  for (int step = 0; step < 6000; ++step) site.advance();
  const std::uint64_t before = site.network_iterations();
  for (int step = 0; step < 100; ++step) site.advance();
  EXPECT_EQ(site.network_iterations() - before, 0U);
  EXPECT_TRUE(site.invariants().hold());
  site.set_load_on(heater, true);
  site.advance();
  EXPECT_GT(site.network_iterations(), before);
}

// The other site has a switch moved there and back before each step, after which its network starts from nothing. Both
// have solved to 1e-7 V; 1e-6 V for what follows from that over the steps.
TEST(SiteSteppingPath, ANetworkAtRestStandsWhereOneThatIsSolvedEachStepDoes) {
  Site resting(two_inverter_site());
  Site solving(two_inverter_site());
  std::uint64_t rests = 0;
  for (int step = 0; step < 1000; ++step) {
    if (step == 300) {
      for (Site* site : {&resting, &solving}) site->command(0).battery_discharge_request_w = 3000.0;
    }
    solving.set_conductor_closed(0, Conductor::n, false);
    solving.set_conductor_closed(0, Conductor::n, true);
    const std::uint64_t before = resting.network_iterations();
    resting.advance();
    solving.advance();
    if (resting.network_iterations() == before) ++rests;
    for (std::size_t k = 0; k < phase_count; ++k) {
      ASSERT_NEAR(resting.grid().voltage_ln_v[k], solving.grid().voltage_ln_v[k], 1e-6) << "step " << step;
      ASSERT_NEAR(resting.grid().phase_import_w[k], solving.grid().phase_import_w[k], 1e-3) << "step " << step;
    }
  }
  EXPECT_GT(rests, 300U);
}

}  // namespace
}  // namespace hil::models
