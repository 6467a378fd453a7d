// Start, stop, fault latches and dispatch of a storage converter, by its registers.
#include <gtest/gtest.h>

#include "tests/models/site/allocation_count.h"
#include "tests/sim/devices/running_pcs.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using State = PcsState::State;
using test::RunningPcs;

TEST(SinexcelPcs, BeginsStoppedAndFeedsNothing) {
  RunningPcs pcs;
  pcs.write(53622, RunningPcs::tenths_kw(50e3));
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
  EXPECT_FALSE(pcs.runs());
  EXPECT_EQ(pcs.ac_w(), 0.0);
}

// The sequence of sinexcel-pcs-modbus 4.2; 8 s to connect, then full power in 1 s (SS).
TEST(SinexcelPcs, StartsAndFeedsTheSetPoint) {
  RunningPcs pcs;
  EXPECT_EQ(pcs.read(53011) >> 10 & 1, 0);
  for (const auto& [address, value] :
       {std::pair{53600, 0}, {53601, 0}, {53636, 0}, {53620, 1}, {53622, 600}, {53623, 100}, {53900, 1}}) {
    EXPECT_EQ(pcs.write(address, value), 0) << address;
  }
  pcs.run(7900ms);
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  EXPECT_EQ(pcs.ac_w(), 0.0);
  pcs.run(200ms);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  EXPECT_LT(pcs.ac_w(), 20e3);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 60e3, 1.0);
  EXPECT_NEAR(pcs.ac_var(), 10e3, 1.0);
  EXPECT_TRUE(pcs.runs());
}

TEST(SinexcelPcs, ChargesWithANegativeSetPoint) {
  RunningPcs pcs;
  pcs.write(53622, RunningPcs::tenths_kw(-40e3));
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), -40e3, 1.0);
  EXPECT_NEAR(pcs.lane().battery.discharge_w, -40e3, 1.0);
}

TEST(SinexcelPcs, StopsWithinASecond) {
  RunningPcs pcs;
  pcs.write(53622, 600);
  pcs.start();
  pcs.write(53901, 1);
  pcs.run(500ms);
  EXPECT_EQ(pcs.pcs.state(), State::stopping);
  EXPECT_TRUE(pcs.runs());
  pcs.run(700ms);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
  EXPECT_FALSE(pcs.runs());
  EXPECT_EQ(pcs.ac_w(), 0.0);
}

TEST(SinexcelPcs, LatchesAFaultUntilItsCauseIsGoneAndItIsCleared) {
  RunningPcs pcs;
  pcs.write(53622, 600);
  pcs.start();
  pcs.pcs.set_fault(PcsFault::emergency_stop, 0, true);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::fault);
  EXPECT_FALSE(pcs.runs());
  EXPECT_TRUE(pcs.fault_latched());
  EXPECT_EQ(pcs.ac_w(), 0.0);
  EXPECT_EQ(pcs.read(53013), 1);  // EPO
  EXPECT_EQ(pcs.write(53903, 1), 0);
  pcs.run(20ms);
  EXPECT_TRUE(pcs.fault_latched()) << "the cause is still there";
  pcs.pcs.set_fault(PcsFault::emergency_stop, 0, false);
  pcs.run(20ms);
  EXPECT_TRUE(pcs.fault_latched());
  pcs.write(53900, 1);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::fault) << "no start before the latch is cleared";
  pcs.write(53903, 1);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
  EXPECT_FALSE(pcs.fault_latched());
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), 60e3, 1.0);
}

// Orders, readings and register images; eight strings, through start, ramps and stop.
TEST(SinexcelPcs, StepsWithoutAllocating) {
  if (!models::allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  RunningPcs pcs{8};
  pcs.run(20ms);
  std::uint64_t allocations = 0;
  const auto run_counted = [&](Time duration) {
    const std::uint64_t before = models::allocations_so_far();
    pcs.run(duration);
    allocations += models::allocations_so_far() - before;
  };
  for (const auto& [address, value] :
       {std::pair{53622, 4000}, {53620, 2}, {53636, 3}, {53900, 1}, {53601, 2}, {55600, 500}, {53601, 1}, {53901, 1}}) {
    pcs.write(address, value);
    run_counted(9500ms);
  }
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace hil::sim
