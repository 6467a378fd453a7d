// A SolaX hybrid inverter as the voltage of the whole site: the backup interface has cut the site off the grid, and the
// parallel system says who forms the island (solax-parallel 1.1, 15).
#include <gtest/gtest.h>

#include "tests/models/site/allocation_count.h"
#include "tests/sim/devices/running_solax.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Mode = SolaxRunState::Mode;
using test::RunningSolax;

models::Site::Parameters forming_site() {
  models::Site::Parameters site = one_inverter_site();
  site.inverters[0].lane.site_forming = models::GridForming::of_rating(10000.0, 20.0, 230.0, 50.0);
  return site;
}

// Cable 0 stands for the switch of the interface.
TEST(SolaxIsland, FormsTheSiteThatIsCutOffAndReturns) {
  RunningSolax device{{}, forming_site()};
  device.run(2s);
  device.unlock();
  ASSERT_EQ(device.write(0x01, 15), 0);
  device.site.set_cable_closed(0, false);
  device.solax.set_parallel({.role = SolaxParallel::Role::master, .units = 1, .forms_island = true});
  device.run(2s);
  EXPECT_EQ(device.mode(), Mode::off_grid);
  EXPECT_EQ(device.input(0x1A), 1);
  EXPECT_NEAR(device.input(0x6A) * 0.1, 230.0, 5.0);
  EXPECT_NEAR(device.site.total_load_w(), 400.0, 10.0);
  EXPECT_NEAR(device.ac_w(), 400.0, 10.0);

  device.solax.set_parallel({.role = SolaxParallel::Role::master, .units = 1});
  device.site.set_cable_closed(0, true);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::checking);
  device.run(15s);
  EXPECT_EQ(device.mode(), Mode::normal);
  EXPECT_NEAR(device.site.total_load_w(), 400.0, 10.0);
}

// The interface has waited for the grid and joins both: nothing is counted down.
TEST(SolaxIsland, PassesToTheGridAtOnceThatAnInterfaceHasJoined) {
  RunningSolax device{{}, forming_site()};
  device.run(2s);
  SolaxParallel told{.role = SolaxParallel::Role::master, .awaits_island = true};
  device.solax.set_parallel(told);
  device.voltage(0.0);
  device.run(100ms);
  EXPECT_EQ(device.mode(), Mode::off_grid_waiting) << "no fault: the interface will open";
  EXPECT_EQ(device.input(0x40), 0);
  device.site.set_cable_closed(0, false);
  told.forms_island = true;
  told.island_frequency_bias_hz = 0.5;
  told.island_voltage_pu = 0.98;
  device.solax.set_parallel(told);
  device.run(2s);
  EXPECT_EQ(device.mode(), Mode::off_grid);
  EXPECT_NEAR(device.lane().frequency_hz, 50.5, 0.02);
  EXPECT_NEAR(device.input(0x6A) * 0.1, 0.98 * 230.0, 1.0);
  device.voltage(1.0);
  device.run(1s);

  device.site.set_cable_closed(0, true);
  told.forms_island = false;
  told.joins_grid = true;
  device.solax.set_parallel(told);
  device.run(0s);
  EXPECT_EQ(device.mode(), Mode::normal);
  told.joins_grid = false;
  device.solax.set_parallel(told);
  device.run(5s);
  EXPECT_EQ(device.mode(), Mode::normal);
  EXPECT_FALSE(device.lane().forming_blocked);
}

TEST(SolaxIsland, ShowsAnOverloadOnItsFaultWord) {
  models::Site::Parameters parameters = forming_site();
  parameters.loads[0].zip->nominal_w = {6000.0, 6000.0, 6000.0};
  RunningSolax device{{}, parameters};
  device.night();
  device.run(2s);
  device.site.set_cable_closed(0, false);
  device.solax.set_parallel({.role = SolaxParallel::Role::master, .forms_island = true});
  device.run(2s);
  EXPECT_EQ(device.mode(), Mode::off_grid_waiting);
  EXPECT_EQ(device.input(0x40), 1 << 15);
}

// A minimum of 20 % off the grid: a battery at 15 % feeds nobody.
TEST(SolaxIsland, KeepsTheOffGridMinimumCharge) {
  models::Site::Parameters parameters = test::solax_site_with_backup(0.15);
  SolaxHybrid::Settings settings;
  settings.delivered.off_grid_min_soc = 0.2;
  RunningSolax device{settings, parameters};
  device.night();
  device.run(2s);
  device.voltage(0.2);
  device.run(5s);
  EXPECT_EQ(device.mode(), Mode::off_grid_waiting);
  EXPECT_EQ(device.input(0x09), 6);
  EXPECT_NEAR(device.lane().backup_w, 0.0, 1.0);
}

TEST(SolaxStep, DoesNotAllocate) {
  if (!models::allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  RunningSolax device;
  device.run(2s);
  device.write_block(0x7C, {4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 500, 0});
  const std::uint64_t before = models::allocations_so_far();
  for (int i = 0; i < 200; ++i) device.step();
  EXPECT_EQ(models::allocations_so_far() - before, 0U);
}

}  // namespace
}  // namespace hil::sim
