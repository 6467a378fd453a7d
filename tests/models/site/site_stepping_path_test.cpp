#include <gtest/gtest.h>

#include <Eigen/Dense>
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

// Iterations are the clock-free measure of the solve: one a step once nothing moves, because the step starts from the
// last solution.
TEST(SiteSteppingPath, ASteadyStepTakesOneIteration) {
  Site::Parameters dark = two_inverter_site();  // a maximum power point tracker never rests
  for (Site::Inverter& inverter : dark.inverters) inverter.lane.pv[0].irradiance_w_m2 = 0.0;
  Site site(dark);
  for (int step = 0; step < 6000; ++step) site.advance();
  const std::uint64_t before = site.network_iterations();
  for (int step = 0; step < 100; ++step) site.advance();
  EXPECT_EQ(site.network_iterations() - before, 100U);
}

}  // namespace
}  // namespace hil::models
