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

TEST(SinexcelPcs, RefusesWhatIsOutOfBounds) {
  models::Site site{test::pcs_site(1)};
  const SinexcelPcs::Rating rating = test::pcs_rating(1);
  SinexcelPcs::Settings settings;
  settings.strings = {test::lfp_limits()};
  using Change = void (*)(SinexcelPcs::Rating&, SinexcelPcs::Settings&);
  const std::vector<Change> changes{
      [](auto& r, auto&) { r.rated_w = 0.0; },
      [](auto& r, auto&) { r.max_string_a = 0.0; },
      [](auto& r, auto&) { r.model = std::string(33, 'x'); },
      [](auto&, auto& s) { s.strings.clear(); },
      [](auto&, auto& s) { s.frequency_bias_hz = 10.1; },
      [](auto&, auto& s) { s.reconnect_delay_s = -1.0; },
      [](auto&, auto& s) { s.reconnect_delay_s = 3601.0; },
      [](auto&, auto& s) { s.support.volt_var.voltage_pu[1] = 0.9; },
      [](auto&, auto& s) { s.support.volt_var.reactive_pu[0] = 1.1; },
      [](auto&, auto& s) { s.support.volt_var.response_s = -1.0; },
      [](auto&, auto& s) { s.support.volt_watt.stop_pu = 1.06; },
      [](auto&, auto& s) { s.support.volt_watt.stop_share = 1.1; },
      [](auto&, auto& s) { s.support.volt_watt.return_delay_s = -1.0; },
      [](auto&, auto& s) { s.support.freq_watt.start_hz = 0.0; },
      [](auto&, auto& s) { s.support.freq_watt.slope_per_hz = 0.0; },
  };
  EXPECT_NO_THROW(SinexcelPcs("pcs1", site, {0}, rating, settings));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SinexcelPcs::Rating changed_rating = rating;
    SinexcelPcs::Settings changed = settings;
    changes[i](changed_rating, changed);
    EXPECT_THROW(SinexcelPcs("pcs1", site, {0}, changed_rating, changed), std::invalid_argument) << i;
  }
  EXPECT_THROW(SinexcelPcs("pcs1", site, {}, rating, settings), std::invalid_argument);
  EXPECT_THROW(SinexcelPcs("pcs1", site, {1}, rating, settings), std::invalid_argument) << "no such lane";
  SinexcelPcs pcs{"pcs1", site, {0}, rating, settings};
  EXPECT_THROW(pcs.set_fault(PcsFault::fan, 2, true), std::invalid_argument);
  EXPECT_THROW(pcs.set_frequency_bias_hz(-10.1), std::invalid_argument);
}

TEST(SinexcelPcs, GroundFaultsAreSeenWithTheirDetectionOnOnly) {
  RunningPcs pcs;
  pcs.write(53630, 0);
  pcs.pcs.set_fault(PcsFault::ground_fault, 0, true);
  pcs.run(20ms);
  EXPECT_FALSE(pcs.fault_latched());
  pcs.write(53630, 1);
  pcs.run(20ms);
  EXPECT_TRUE(pcs.fault_latched());
  EXPECT_EQ(pcs.read(53012), 1 << 8);
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
