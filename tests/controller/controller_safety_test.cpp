#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "controller/controller.h"
#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using tests::SmallInverter;

/// 12 kW of PV, no room in the batteries, a load that just takes half of it.
void sunny(SmallBench& bench) {
  for (SmallInverter& unit : bench.site.inverters) unit.pv_available_w = 6000.0;
  bench.site.load_w = 6000.0;
}

// A restart in the middle of export, in the worst case: the load falls at that very moment, so that the first meter
// reading still shows it. Two rounds: AC powers (150 ms), orders as before (167 ms), battery powers (158 ms), AC powers
// that show the export (150 ms), orders (167 ms); then dead time and lag of the inverters, 0.2 s + 0.2 s x ln(6000 /
// 200).
TEST(ControllerRestart, EndsAnExportWithinTwoRoundsAndTheInvertersOwnTime) {
  for (const Time phase : {0ms, 17ms, 110ms, 233ms, 391ms}) {
    SmallBench bench{{0, 0}, 0.0};
    sunny(bench);
    bench.run_until(40s + phase);
    ASSERT_GT(bench.site.ac_w(), 5500.0);
    bench.site.load_w = 0.0;
    bench.restart(SmallBench::settings_for({0, 0}, 0.0));
    const Time restarted = bench.now();
    bench.run_until(restarted + 350ms);
    EXPECT_LE(bench.site.limits_w(), 6000.0);  // every inverter has been told, none more than before
    bench.run_until(restarted + 800ms);
    EXPECT_DOUBLE_EQ(bench.site.limits_w(), 0.0);
    bench.run_until(restarted + 800ms + 900ms);
    EXPECT_GT(bench.site.grid_import_w, -200.0);
  }
}

TEST(ControllerRestart, FindsBackToItsLoadWithoutExport) {
  SmallBench bench{{0, 1}, 0.0};
  sunny(bench);
  bench.run_until(40s);
  bench.restart(SmallBench::settings_for({0, 1}, 0.0));
  double least_w = 1e9;
  bench.on_step = [&](double) { least_w = std::min(least_w, bench.site.grid_import_w); };
  bench.run_until(70s);
  EXPECT_GE(least_w, -50.0);
  EXPECT_NEAR(bench.site.grid_import_w, 0.0, 150.0);
}

// What data can and cannot do: a controller that falls silent leaves its limits. Their sum is what the load was, so a
// load that falls is exported in full, and nothing in the plant ends it.
TEST(ControllerRestart, WithoutAControllerTheLimitsStayAndAFallingLoadIsExported) {
  SmallBench bench{{0, 0}, 0.0};
  sunny(bench);
  bench.run_until(40s);
  EXPECT_LE(bench.site.limits_w(), 6000.0);  // sum of limits <= load + export limit
  Settings nobody = factory_settings();
  nobody.meter_address = 200;
  bench.restart(nobody);  // speaks to nobody
  bench.silent = {true, true};
  bench.site.load_w = 1000.0;
  bench.run_until(100s);
  EXPECT_NEAR(bench.site.grid_import_w, -5000.0, 60.0);
}

TEST(CycleWatch, CountsCallsThatComeTooLateAndTheWorst) {
  CycleWatch watch;
  EXPECT_FALSE(watch.late(5s, 4s));
  EXPECT_TRUE(watch.late(6s + 1ns, 4s));  // a second after the call at 5 s
  EXPECT_TRUE(watch.late(20s, 10s));
  EXPECT_FALSE(watch.late(20s, 10s));  // the same pause
  EXPECT_FALSE(watch.late(30s, Time::max()));
  EXPECT_EQ(watch.count(), 2U);
  EXPECT_EQ(watch.longest(), 10s);
}

TEST(CycleWatch, AControllerThatWasHeldUpTakesItsLimitsToTheShareOfTheExportLimit) {
  const Settings settings = SmallBench::settings_for({0}, 3000.0);
  Controller controller{settings};
  controller.woken(0s);
  controller.sent();
  controller.woken(900ms);  // asked for sooner, but not a second sooner
  controller.sent();
  EXPECT_EQ(controller.cycle().count(), 0U);
  controller.woken(5s);
  EXPECT_EQ(controller.cycle().count(), 1U);
  EXPECT_GT(controller.cycle().longest(), 3s);
}

// Whatever was under way when the host fell asleep: one exchange (88 ms), the orders to both (167 ms), and two readings
// (163 ms) before the third urgent order of a round to the same unit.
TEST(CycleWatch, AfterAPauseTheLawBeginsAnew) {
  SmallBench bench{{0, 0}, 0.0};
  sunny(bench);
  bench.run_until(40s);
  ASSERT_GT(bench.site.limits_w(), 5000.0);
  // The host sleeps for 3 s; the load goes meanwhile.
  bench.site.load_w = 0.0;
  bench.sleep_host_until(43s);
  EXPECT_GT(bench.site.limits_w(), 5000.0);
  bench.run_until(43s + 420ms);
  EXPECT_EQ(bench.controller().cycle().count(), 1U);
  EXPECT_DOUBLE_EQ(bench.site.limits_w(), 0.0);
}

TEST(Reload, HeldForTenSecondsGivesTheStaticAddressAndIsStored) {
  Settings settings = SmallBench::settings_for({0}, 0.0);
  settings.network = {.dhcp = true, .address = {10, 0, 0, 7}};
  Controller controller{settings};
  controller.woken(0s);
  controller.sent();
  const auto button = static_cast<std::size_t>(Input::reload);
  controller.input_changed(button, true, 1s);
  controller.sent();
  EXPECT_LE(controller.output().next_wake, 11s);
  controller.woken(10900ms);
  EXPECT_TRUE(controller.settings().network.dhcp);
  controller.woken(11s);
  EXPECT_EQ(controller.settings().network, reload_network);
  EXPECT_EQ(controller.settings().network.address, (NetworkSettings::Address{192, 168, 1, 200}));
  StoredRecord stored;
  ASSERT_TRUE(decode_record(controller.output().storage.pending(), stored));
  EXPECT_EQ(stored.settings.network, reload_network);
}

TEST(Reload, LetGoEarlyChangesNothing) {
  HeldButton button;
  button.changed(true, 0s);
  button.changed(true, 5s);  // said again
  EXPECT_EQ(button.next_wake(), 10s);
  button.changed(false, 9s);
  EXPECT_FALSE(button.acts(20s));
  button.changed(true, 20s);
  EXPECT_FALSE(button.acts(29s));
  EXPECT_TRUE(button.acts(30s));
  EXPECT_FALSE(button.acts(31s));  // once
}

std::array<std::uint8_t, storage_slot_size> slot_with(const Settings& settings, const StoredClock& clock) {
  std::array<std::uint8_t, storage_slot_size> slot{};
  encode_record({.sequence = 1, .settings = settings, .clock = clock}, slot);
  return slot;
}

TEST(StoredSettings, AreWhatTheControllerStartsWith) {
  const auto slot = slot_with(SmallBench::settings_for({0, 1}, 1234.0), {});
  const Controller controller{StorageImage{slot, {}}};
  EXPECT_DOUBLE_EQ(controller.settings().export_limit_w, 1234.0);
  EXPECT_FALSE(controller.setup_faults().any());
}

TEST(StoredSettings, AnEmptyStorageIsASafeStateOrWhatTheHostGives) {
  const Controller empty{StorageImage{}};
  EXPECT_TRUE(empty.report().safe_state);
  EXPECT_TRUE(empty.setup_faults().has(SetupFault::no_inverters));
  const Controller given{StorageImage{}, SmallBench::settings_for({0}, 500.0)};
  EXPECT_DOUBLE_EQ(given.settings().export_limit_w, 500.0);
  EXPECT_FALSE(given.report().safe_state);
}

// Control knows only the time that its host hands over. Another civil time, however far it jumps, changes no byte.
TEST(StoredSettings, TheCivilClockChangesNothingThatIsSent) {
  const Settings settings = SmallBench::settings_for({0}, 0.0);
  const auto run = [&](const StoredClock& clock) {
    const auto slot = slot_with(settings, clock);
    Controller controller{StorageImage{slot, {}}};
    std::vector<std::uint8_t> sent;
    std::vector<Time> wakes;
    Time now{0};
    while (now < 30s) {
      controller.woken(now);
      for (const Output::Line& line : controller.output().lines) {
        sent.insert(sent.end(), line.pending().begin(), line.pending().end());
      }
      controller.sent();
      now = std::max(controller.output().next_wake, now + 1us);
      wakes.push_back(now);
    }
    return std::pair{sent, wakes};
  };
  const auto reference = run({});
  EXPECT_GT(reference.first.size(), 500U);
  EXPECT_EQ(run({.valid = true, .seconds_since_2000 = 0}), reference);
  EXPECT_EQ(run({.valid = true, .seconds_since_2000 = 0xFFFFFFFF}), reference);
}

}  // namespace
}  // namespace hil::controller
