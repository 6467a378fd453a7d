#include "sim/devices/backup_interface.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <optional>
#include <stdexcept>

#include "sim/devices/island_regulator.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Cause = BackupInterface::Cause;

BackupInterface::Parameters home_of_120_v() {
  BackupInterface::Parameters parameters;
  parameters.nominal_ln_v = 120.0;
  parameters.nominal_hz = 60.0;
  parameters.split_phase = true;
  return parameters;
}

BackupInterface::Side side(double pu, double hz = 60.0, double degrees = 0.0) {
  return {models::balanced(120.0 * pu, degrees * std::numbers::pi / 180.0, true), hz};
}

/// Stepped each 10 ms with the same inputs; what is measured in a step is how the one before ended.
struct Running {
  explicit Running(const BackupInterface::Parameters& parameters = home_of_120_v()) : interface { parameters } {
  }

  /// Until the relay moves, at most this long.
  std::optional<Cause> run(Time span) {
    const Time end = now + span;
    while (now < end) {
      now += 10ms;
      const auto moved = interface.advance(now, inputs);
      if (moved) return moved;
    }
    return std::nullopt;
  }
  /// In an island, with the grid gone.
  void cut_off() {
    inputs.grid = side(0.0);
    ASSERT_EQ(run(1s), Cause::grid_lost);
  }

  BackupInterface interface;
  BackupInterface::Inputs inputs{.grid = side(1.0), .home = side(1.0)};
  Time now{0};
};

TEST(BackupInterface, StaysClosedOnASoundGrid) {
  Running bi;
  EXPECT_EQ(bi.run(10s), std::nullopt);
  EXPECT_TRUE(bi.interface.relay_closed());
  EXPECT_TRUE(bi.interface.grid_good());
}

TEST(BackupInterface, OpensTransferTimeAfterALegIsLost) {
  Running bi;
  bi.run(1s);
  const Time lost_at = bi.now;  // the end of this step is the first without voltage
  bi.inputs.grid.ln_v[1] = {};
  EXPECT_EQ(bi.run(1s), Cause::grid_lost);
  EXPECT_EQ(bi.now - lost_at, 20ms);
  EXPECT_FALSE(bi.interface.relay_closed());
}

TEST(BackupInterface, RidesThroughADipShorterThanTransferTime) {
  Running bi;
  bi.run(1s);
  bi.inputs.grid = side(0.1);
  EXPECT_EQ(bi.run(10ms), std::nullopt);
  bi.inputs.grid = side(1.0);
  EXPECT_EQ(bi.run(5s), std::nullopt);
}

TEST(BackupInterface, OpensOutOfTheWindowAfterDisturbanceTime) {
  for (const auto& grid : {side(0.8), side(1.12), side(1.0, 62.5), side(1.0, 57.5)}) {
    Running bi;
    bi.run(1s);
    const Time from = bi.now;
    bi.inputs.grid = grid;
    EXPECT_EQ(bi.run(10s), Cause::grid_disturbed);
    EXPECT_EQ(bi.now - from, 2s);
  }
}

TEST(BackupInterface, OpensAtOnceByOrder) {
  Running bi;
  bi.run(1s);
  bi.interface.set_order({.connect_grid = false});
  EXPECT_EQ(bi.run(10ms), Cause::order);
}

TEST(BackupInterface, ClosesInStepAfterReturnTime) {
  Running bi;
  bi.cut_off();
  bi.inputs.grid = side(1.0);
  const Time from = bi.now;
  EXPECT_EQ(bi.run(120s), Cause::in_step);
  EXPECT_EQ(bi.now - from, 60s);
  EXPECT_TRUE(bi.interface.relay_closed());
}

TEST(BackupInterface, CountsReturnTimeAnewAfterADip) {
  Running bi;
  bi.cut_off();
  bi.inputs.grid = side(1.0);
  EXPECT_EQ(bi.run(40s), std::nullopt);
  bi.inputs.grid = side(0.8);
  EXPECT_EQ(bi.run(10ms), std::nullopt);
  bi.inputs.grid = side(1.0);
  EXPECT_EQ(bi.run(59s), std::nullopt);
  EXPECT_EQ(bi.run(2s), Cause::in_step);
}

TEST(BackupInterface, DoesNotCloseOutOfStep) {
  for (const auto& home :
       {side(1.0, 60.0, 20.0), side(1.0, 60.0, -20.0), side(1.0, 60.0, 180.0), side(0.94), side(1.0, 60.2)}) {
    Running bi;
    bi.cut_off();
    bi.inputs.grid = side(1.0);
    bi.inputs.home = home;
    EXPECT_EQ(bi.run(100s), std::nullopt);
    bi.inputs.home = side(1.0, 60.0, 5.0);
    EXPECT_EQ(bi.run(20ms), Cause::in_step);
  }
}

TEST(BackupInterface, ClosesOntoADeadHome) {
  Running bi;
  bi.cut_off();
  bi.inputs.grid = side(1.0);
  bi.inputs.home = side(0.0);
  EXPECT_EQ(bi.run(61s), Cause::home_dead);
}

TEST(BackupInterface, ClosesOnlyWithLeaveAndCan) {
  Running bi;
  bi.cut_off();
  bi.inputs.grid = side(1.0);
  bi.inputs.has_can = false;
  EXPECT_EQ(bi.run(100s), std::nullopt);
  bi.inputs.has_can = true;
  bi.interface.set_order({.connect_grid = false});
  EXPECT_EQ(bi.run(100s), std::nullopt);
  bi.interface.set_order({.connect_grid = true});
  EXPECT_EQ(bi.run(20ms), Cause::in_step);
}

TEST(BackupInterface, WithoutSupplyLeavesTheRelayAsItIs) {
  Running closed;
  closed.run(1s);
  closed.inputs.has_supply = false;
  closed.inputs.grid = side(0.0);
  EXPECT_EQ(closed.run(10s), std::nullopt);
  EXPECT_TRUE(closed.interface.relay_closed());
  closed.inputs.has_supply = true;
  EXPECT_EQ(closed.run(1s), Cause::grid_lost) << "it looks anew";

  Running open;
  open.cut_off();
  open.inputs.grid = side(1.0);
  open.inputs.has_supply = false;
  EXPECT_EQ(open.run(100s), std::nullopt);
  open.inputs.has_supply = true;
  EXPECT_EQ(open.run(59s), std::nullopt) << "what it did not see does not count";
  EXPECT_EQ(open.run(2s), Cause::in_step);
}

TEST(BackupInterface, BarredDoesNotSwitchOver) {
  Running bi;
  bi.run(1s);
  bi.inputs.barred = true;
  bi.inputs.grid = side(0.0);
  EXPECT_EQ(bi.run(10s), std::nullopt);
}

TEST(BackupInterface, RefusesFiguresOutOfBounds) {
  const auto refuses = [](const auto& change) {
    BackupInterface::Parameters parameters = home_of_120_v();
    change(parameters);
    EXPECT_THROW(BackupInterface{parameters}, std::invalid_argument);
  };
  refuses([](auto& p) { p.nominal_ln_v = 0.0; });
  refuses([](auto& p) { p.nominal_hz = 0.0; });
  refuses([](auto& p) { p.transfer_time = -1ms; });
  refuses([](auto& p) { p.lowest_pu = 0.4; });
  refuses([](auto& p) { p.highest_pu = 1.0; });
  refuses([](auto& p) { p.sync_deg = 181.0; });
}

SmartLoadChannel::Parameters sheds_above_10_kw() {
  SmartLoadChannel::Parameters parameters;
  parameters.shed_above_w = 10000.0;
  parameters.restore_below_w = 6000.0;
  return parameters;
}

struct RunningChannel {
  explicit RunningChannel(const SmartLoadChannel::Parameters& parameters) : channel{parameters} {}
  bool closed_after(Time span, const SmartLoadChannel::Inputs& inputs) {
    for (const Time end = now + span; now < end; now += 10ms) channel.advance(now, inputs);
    return channel.closed();
  }
  SmartLoadChannel channel;
  Time now{0};
};

TEST(SmartLoadChannel, ShedsInAnIslandOnly) {
  RunningChannel run{sheds_above_10_kw()};
  EXPECT_TRUE(run.closed_after(10s, {.islanded = false, .inverters_w = 20000.0, .battery_soc = 0.5}));
  EXPECT_TRUE(run.closed_after(100ms, {.islanded = true, .inverters_w = 20000.0, .battery_soc = 0.5}));
  EXPECT_FALSE(run.closed_after(20ms, {.islanded = true, .inverters_w = 20000.0, .battery_soc = 0.5}));
}

TEST(SmartLoadChannel, ComesBackLaterAndBelowTheLowerThreshold) {
  RunningChannel run{sheds_above_10_kw()};
  run.closed_after(1s, {.islanded = true, .inverters_w = 11000.0, .battery_soc = 0.5});
  EXPECT_FALSE(run.closed_after(200s, {.islanded = true, .inverters_w = 7000.0, .battery_soc = 0.5}));
  EXPECT_FALSE(run.closed_after(59s, {.islanded = true, .inverters_w = 5000.0, .battery_soc = 0.5}));
  EXPECT_TRUE(run.closed_after(2s, {.islanded = true, .inverters_w = 5000.0, .battery_soc = 0.5}));
}

TEST(SmartLoadChannel, ComesBackWithTheGridAtOnce) {
  SmartLoadChannel::Parameters parameters;
  parameters.shed_below_soc = 0.3;
  RunningChannel run{parameters};
  EXPECT_FALSE(run.closed_after(1s, {.islanded = true, .inverters_w = 0.0, .battery_soc = 0.29}));
  EXPECT_FALSE(run.closed_after(200s, {.islanded = true, .inverters_w = 0.0, .battery_soc = 0.9}))
      << "no restore_above_soc";
  EXPECT_TRUE(run.closed_after(10ms, {.islanded = false, .inverters_w = 0.0, .battery_soc = 0.29}));
}

/// An island of droop-free inverters: its angle turns with its own frequency.
struct Turning {
  double grid_hz = 59.95;
  double ahead_deg = 0.0;  ///< of the grid
  IslandRegulator regulator;
  void run(Time span) {
    for (Time at{0}; at < span; at += 10ms) {
      const double home_hz = 60.0 + regulator.frequency_bias_hz();
      ahead_deg = std::remainder(ahead_deg + 360.0 * (grid_hz - home_hz) * 0.01, 360.0);
      regulator.advance(10ms, {.islanded = true,
                               .towards_grid = true,
                               .angle_deg = ahead_deg,
                               .slip_hz = home_hz - grid_hz,
                               .voltage_gap_pu = 0.97 - regulator.voltage_pu(),
                               .rated_w = 1.0});
    }
  }
};

TEST(IslandRegulator, MovesTheIslandInPhaseWithTheGrid) {
  for (const double begin_deg : {0.0, 10.0, 90.0, 179.0, -120.0}) {
    Turning island;
    island.ahead_deg = begin_deg;
    island.run(15s);
    EXPECT_NEAR(island.ahead_deg, 0.0, 1.0) << begin_deg;
    EXPECT_NEAR(island.regulator.frequency_bias_hz(), -0.05, 0.005);
    EXPECT_NEAR(island.regulator.voltage_pu(), 0.97, 0.001);
  }
}

TEST(IslandRegulator, RaisesTheFrequencyWhileTheBatteriesTakeTooMuch) {
  IslandRegulator regulator;
  const IslandRegulator::Inputs too_much{.islanded = true, .surplus_w = 125.0, .rated_w = 10000.0};
  double before_hz = 0.0;
  for (int step = 0; step < 1000; ++step) {
    regulator.advance(10ms, too_much);
    EXPECT_GT(regulator.frequency_bias_hz(), before_hz);
    before_hz = regulator.frequency_bias_hz();
  }
  EXPECT_GT(before_hz, 1.0);
  for (int step = 0; step < 1000; ++step) regulator.advance(10ms, too_much);
  EXPECT_EQ(regulator.frequency_bias_hz(), IslandRegulator::most_shift_hz);
  const IslandRegulator::Inputs room{.islanded = true, .surplus_w = -125.0, .rated_w = 10000.0};
  for (int step = 0; step < 3000; ++step) regulator.advance(10ms, room);
  EXPECT_EQ(regulator.frequency_bias_hz(), 0.0);
  for (int step = 0; step < 3000; ++step) regulator.advance(10ms, too_much);
  regulator.advance(10ms, {.islanded = false});
  EXPECT_EQ(regulator.frequency_bias_hz(), 0.0);
}

}  // namespace
}  // namespace hil::sim
