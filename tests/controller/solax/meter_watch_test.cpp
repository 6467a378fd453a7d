#include "controller/solax/meter_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "tests/controller/solax/small_system.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using test::SmallSystem;

SmallSystem at_rest(double load_w) {
  SmallSystem system{{}, 4};
  system.meter_quantum_w = 1.0;
  system.load_w = load_w;
  system.run(30s);
  EXPECT_EQ(system.ems.state(), SolaxEms::State::regulating);
  return system;
}

// Nothing moves when the load goes: without a question nobody would ever know.
TEST(MeterWatch, FindsAMeterThatHidesALoadThatWent) {
  SmallSystem system = at_rest(6000.0);
  const double before_w = system.sum_w();
  system.meter_hangs = true;
  system.load_w = 500.0;
  double most_w = 0.0;
  const Time began = system.now;
  while (system.ems.state() == SolaxEms::State::regulating && system.now - began < 60s) {
    system.run(100ms);
    most_w = std::max(most_w, system.sum_w());
  }
  EXPECT_LE(system.now - began, 24s) << "as its header says";
  EXPECT_LE(most_w, before_w + 30.0);
  EXPECT_EQ(system.ems.state(), SolaxEms::State::meter_lost);
  EXPECT_TRUE(system.ems.meter_is_stale());
  system.run(2s);
  EXPECT_NEAR(system.sum_w(), 0.0, 5.0);
  system.run(100s);
  EXPECT_NEAR(system.sum_w(), 0.0, 5.0) << "it does not try again by itself";
  system.meter_hangs = false;
  system.run(5s);
  EXPECT_EQ(system.ems.state(), SolaxEms::State::regulating);
  EXPECT_NEAR(system.import_w(), 0.0, 80.0);
}

// Import of 3 kW that does not follow: the sum would grow without end.
TEST(MeterWatch, FindsAMeterThatHangsWhileThePowerMoves) {
  SmallSystem system = at_rest(1000.0);
  system.load_w = 4000.0;
  system.run(240ms);
  system.meter_hangs = true;
  const Time began = system.now;
  while (system.ems.state() == SolaxEms::State::regulating && system.now - began < 60s) system.run(100ms);
  EXPECT_LE(system.now - began, 5s);
  system.run(2s);
  EXPECT_NEAR(system.sum_w(), 0.0, 5.0);
}

TEST(MeterWatch, AsksASystemAtRestWithAFewWattsAndLeavesItAlone) {
  SmallSystem system = at_rest(6000.0);
  double most_import_w = 0.0;
  for (int tenths = 0; tenths < 3000; ++tenths) {
    system.run(100ms);
    ASSERT_EQ(system.ems.state(), SolaxEms::State::regulating);
    most_import_w = std::max(most_import_w, system.import_w());
  }
  EXPECT_GT(most_import_w, SystemShare::margin_w + 1.0) << "it was asked";
  EXPECT_LT(most_import_w, SystemShare::margin_w + 60.0);
}

TEST(MeterWatch, AsksNothingWhereNothingCouldBeExported) {
  SolaxEmsSettings settings;
  settings.export_limit_w = 8000.0;
  SmallSystem system{settings, 4};
  system.meter_quantum_w = 1.0;
  system.load_w = 6000.0;
  system.run(30s);
  double most_import_w = 0.0;
  for (int tenths = 0; tenths < 600; ++tenths) {
    system.run(100ms);
    most_import_w = std::max(most_import_w, system.import_w());
  }
  EXPECT_LT(most_import_w, SystemShare::margin_w + 2.0);
}

class Watched {
 public:
  void cycle(double import_w, double ac_w, bool anew = false) {
    now += SolaxEms::cycle;
    if (speaks) watch.heard(std::array{import_w}, now);
    watch.observe(ac_w, anew, true, now);
  }
  MeterWatch watch;
  Time now{0};
  bool speaks = true;
};

TEST(MeterWatch, CountsFromAnewWhenOthersAreMembers) {
  Watched it;
  for (int k = 0; k < 20; ++k) it.cycle(30.0, 1000.0);
  for (int k = 0; k < 60; ++k) it.cycle(30.0, 4000.0, k == 0);
  EXPECT_FALSE(it.watch.stale());
  for (int k = 0; k < 22; ++k) it.cycle(30.0, 4300.0);
  EXPECT_TRUE(it.watch.stale());
  it.cycle(31.0, 4300.0);
  EXPECT_FALSE(it.watch.stale()) << "its value has changed";
}

TEST(MeterWatch, SaysNothingOfAMeterThatIsSilent) {
  Watched it;
  for (int k = 0; k < 20; ++k) it.cycle(30.0, 1000.0);
  it.speaks = false;
  for (int k = 0; k < 60; ++k) it.cycle(30.0, 4000.0);
  EXPECT_FALSE(it.watch.stale());
}

TEST(MeterWatch, LowersTheirPowerOnlySoFar) {
  Watched it;
  for (int k = 0; k < 90; ++k) it.cycle(30.0, 1000.0);
  EXPECT_EQ(it.watch.dip_w(), 0.0);
  for (int k = 0; k < 1000; ++k) it.cycle(30.0, 1000.0);
  EXPECT_EQ(it.watch.dip_w(), MeterWatch::most_dip_w);
  it.cycle(29.0, 1000.0);
  EXPECT_EQ(it.watch.dip_w(), 0.0);
}

}  // namespace
}  // namespace hil::controller
