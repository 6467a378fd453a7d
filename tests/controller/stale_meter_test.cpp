#include "controller/core/stale_meter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using tests::SmallInverter;

/// A meter read each 50 ms and two inverters each 400 ms, without a law.
class Readings {
 public:
  Readings() {
    for (std::size_t k = 0; k < 2; ++k) measurements.inverters[k].answering = true;
  }
  /// True when the meter is found to stand still on the way.
  bool run_until(Time end) {
    bool found = false;
    for (; now_ < end; now_ += 50ms) {
      if (meter_answers) watch.heard(powers, now_);
      if (now_ % 400ms == 0ms) {
        for (std::size_t k = 0; k < 2; ++k) measurements.inverters[k].ac_injection = PairedSample{ac_w[k], 0.0, now_};
      }
      measurements.now = now_;
      found = watch.observe(measurements, 2) || found;
    }
    return found;
  }

  StaleMeter watch;
  Measurements measurements;
  std::array<std::uint8_t, StaleMeter::block_bytes> powers{};
  std::array<double, 2> ac_w{3000.0, 2000.0};
  bool meter_answers = true;

 private:
  Time now_{0};
};

TEST(StaleMeter, IsFoundTwoSecondsAfterTheInvertersHaveMoved) {
  Readings site;
  EXPECT_FALSE(site.run_until(10s));
  site.ac_w[0] = 3101.0;
  EXPECT_FALSE(site.run_until(12s));  // read at 10 s
  EXPECT_TRUE(site.run_until(12100ms));
  EXPECT_TRUE(site.watch.stale());
  EXPECT_FALSE(site.run_until(60s)) << "said once";
  EXPECT_TRUE(site.watch.stale());
}

TEST(StaleMeter, IsFoundWhenTheInvertersFallToo) {
  Readings site;
  EXPECT_FALSE(site.run_until(10s));
  site.ac_w = {2900.0, 1950.0};
  EXPECT_TRUE(site.run_until(13s));
}

// A steady plant behind a meter without noise, or at night without any flow.
TEST(StaleMeter, IsNoneWhileNothingMoves) {
  Readings site;
  EXPECT_FALSE(site.run_until(3600s));
  Readings night;
  night.ac_w = {-25.0, -25.0};
  EXPECT_FALSE(night.run_until(3600s));
}

TEST(StaleMeter, IsNoneForWhatMovesBetweenInverters) {
  Readings site;
  EXPECT_FALSE(site.run_until(10s));
  site.ac_w = {2000.0, 2950.0};  // 50 W of it are lost
  EXPECT_FALSE(site.run_until(60s));
}

TEST(StaleMeter, IsNoneForAnExcursionOfLessThanTwoSeconds) {
  Readings site;
  for (int k = 0; k < 10; ++k) {
    site.ac_w[0] = 3000.0;
    EXPECT_FALSE(site.run_until(Time{10s} * (k + 1)));
    site.ac_w[0] = 5000.0;
    EXPECT_FALSE(site.run_until(Time{10s} * (k + 1) + 1900ms));
  }
}

// The inverters' readings are as old as their mean: what they show up to 0.3 s after the meter's last change may be
// from before it.
TEST(StaleMeter, DoesNotCountAReadingThatMayBeOlderThanTheMetersLastChange) {
  Readings site;
  EXPECT_FALSE(site.run_until(10s));
  site.powers[11] = 1;                    // at 10 s
  EXPECT_FALSE(site.run_until(10250ms));  // read at 10 s, as before
  site.ac_w = {6000.0, 4000.0};           // read at 10.4 s
  EXPECT_FALSE(site.run_until(60s));
}

TEST(StaleMeter, IsNoneWhenAnInverterFallsSilentOrLeavesTheGrid) {
  Readings site;
  EXPECT_FALSE(site.run_until(10s));
  site.measurements.inverters[0].answering = false;
  EXPECT_FALSE(site.run_until(20s));
  site.ac_w[0] = 0.0;
  site.measurements.inverters[0].answering = true;
  EXPECT_FALSE(site.run_until(30s));
  site.measurements.inverters[1].on_grid = false;
  site.ac_w[1] = 700.0;  // its island
  EXPECT_FALSE(site.run_until(60s));
}

TEST(StaleMeter, IsNoneWhenItIsSilent) {
  Readings site;
  EXPECT_FALSE(site.run_until(10s));
  site.meter_answers = false;
  site.ac_w = {0.0, 0.0};
  EXPECT_FALSE(site.run_until(60s));
}

TEST(StaleMeter, IsOneUntilAnyOfItsBytesChanges) {
  for (std::size_t byte = 0; byte < StaleMeter::block_bytes; ++byte) {
    Readings site;
    EXPECT_FALSE(site.run_until(10s));
    site.ac_w = {8000.0, 8000.0};
    EXPECT_TRUE(site.run_until(20s));
    site.powers[byte] = 1;
    EXPECT_FALSE(site.run_until(20100ms));
    EXPECT_FALSE(site.watch.stale());
    EXPECT_FALSE(site.run_until(60s));
  }
}

// A load of 3 kW comes, and the meter stands still while it shows that. Each round of readings then asks for 3 kW more.
struct Course {
  double most_export_w = 0.0;
  double export_s = 0.0;
  Time lost_at = Time::max();
};
Course stuck_in_a_step(SmallBench& bench, Time phase) {
  for (SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 6000.0;
    unit.max_charge_w = 1000.0;
    unit.max_discharge_w = 10000.0;
  }
  bench.site.load_w = 800.0;
  bench.run_until(40s);
  bench.site.load_w = 3800.0;
  bench.run_until(40s + phase);
  bench.meter_stuck = true;
  Course course;
  bench.on_step = [&](double now_s) {
    course.most_export_w = std::max(course.most_export_w, -bench.site.grid_import_w);
    if (bench.site.grid_import_w < -200.0) course.export_s += 0.01;
    if (bench.controller().state() == EnergyController::State::meter_lost) {
      course.lost_at = std::min(course.lost_at, Time{std::llround(now_s * 1e9)});
    }
  };
  bench.run_until(70s);
  return course;
}

// Four units on a line: the step is answered within 0.6 s; a round of readings with orders (1 s) until each unit has
// one that counts, another until they show that all have moved, then 2 s: 4.6 s. Export begins when the second round of
// orders is obeyed, 1.2 s after the step at least, and ends with orders (0.4 s), dead time and lag (0.9 s).
TEST(StaleMeterOnSite, InTheMidstOfAStepEndsTheExportInLessThanFiveSeconds) {
  for (const std::vector<std::size_t>& line_of :
       std::vector<std::vector<std::size_t>>{{0}, {0, 0}, {0, 1, 2}, {0, 0, 0, 0}}) {
    for (const Time phase : {250ms, 300ms, 350ms, 400ms}) {
      SmallBench bench{line_of, 0.0};
      const Course course = stuck_in_a_step(bench, phase);
      EXPECT_LT(course.export_s, 4.7) << line_of.size() << " units, " << phase.count();
      EXPECT_LT(course.lost_at, 44700ms) << line_of.size() << " units, " << phase.count();
      EXPECT_DOUBLE_EQ(bench.site.limits_w(), 0.0);
      EXPECT_EQ(bench.controller().state(), EnergyController::State::meter_lost);
      EXPECT_FALSE(bench.controller().view().meter_answering);
      EXPECT_FALSE(bench.controller().view().load_w);
      bench.meter_stuck = false;
      double least_w = 1e9;
      bench.on_step = [&](double) { least_w = std::min(least_w, bench.site.grid_import_w); };
      bench.run_until(120s);  // until when the batteries look for PV in steps, each of them imported in part
      EXPECT_EQ(bench.controller().state(), EnergyController::State::regulating);
      EXPECT_NEAR(bench.site.grid_import_w, 0.0, 150.0);
      EXPECT_GT(least_w, -200.0) << "what it knew from before must not make it export on its return";
      EXPECT_TRUE(bench.controller().view().meter_answering);
    }
  }
}

// Two hours behind a meter that stands still to the byte, and nothing else moves either: regulation is not left.
TEST(StaleMeterOnSite, ASteadyPlantGoesOnBeingRegulated) {
  SmallBench bench{{0, 0}, 0.0};
  for (SmallInverter& unit : bench.site.inverters) unit.max_discharge_w = 10000.0;
  bench.site.load_w = 2000.0;
  bench.run_until(60s);
  bench.meter_stuck = true;
  bool left = false;
  bench.on_step = [&](double) { left = left || bench.controller().state() != EnergyController::State::regulating; };
  bench.run_until(2h);
  EXPECT_FALSE(left);
}

// It answers, but not with numbers (a device of another kind, words swapped): as good as silent, 2 s.
TEST(StaleMeterOnSite, AMeterThatShowsNoNumbersIsLost) {
  for (const double shown : {std::numeric_limits<double>::quiet_NaN(), 1e12}) {
    SmallBench bench{{0, 0}, 0.0};
    for (SmallInverter& unit : bench.site.inverters) unit.pv_available_w = 5000.0;
    bench.site.load_w = 3000.0;
    bench.run_until(20s);
    EXPECT_EQ(bench.controller().state(), EnergyController::State::regulating);
    bench.meter_view = [shown](double) { return std::array{shown, shown, shown, shown}; };
    bench.run_until(23s);
    EXPECT_EQ(bench.controller().state(), EnergyController::State::meter_lost);
    EXPECT_DOUBLE_EQ(bench.site.limits_w(), 0.0);
    bench.meter_view = nullptr;
    bench.run_until(60s);
    EXPECT_EQ(bench.controller().state(), EnergyController::State::regulating);
  }
}

// The check of the CTs speaks for itself while it runs: it says that it does not see what it does.
TEST(StaleMeterOnSite, LeavesTheCheckOfTheCtsItsVerdict) {
  SmallBench bench{{0}, 0.0};
  bench.site.inverters[0].max_charge_w = 5000.0;
  bench.site.load_w = 500.0;
  bench.meter_view = [](double) { return std::array{167.0, 167.0, 166.0, 0.0}; };
  bench.run_until(20s);
  bench.controller().check_cts(bench.now());
  bench.carry_out();
  bench.run_until(80s);
  EXPECT_EQ(bench.controller().report().ct.state, CtCheckState::not_seen);
}

}  // namespace
}  // namespace hil::controller
