#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/plant/bench.h"
#include "harness/scenario/reader.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// The three of sites/solax_three_a1_240v.xml with this timeline.
Scenario three(std::vector<TimelineEntry> timeline) {
  const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";
  Diagnostics diagnostics;
  auto scenario = read_scenario(library / "solax/parallel_runs.xml", library, diagnostics);
  EXPECT_TRUE(scenario.has_value());
  scenario->timeline = std::move(timeline);
  return std::move(*scenario);
}

double value(const Bench& bench, const std::string& signal) {
  return *bench.signals().find(signal)->value;
}

/// What `signal` was at the end of the step at `at`.
void look(Bench& bench, sim::Time at, const std::function<void()>& then) {
  bench.kernel().each_step(sim::StepPhase::checks, [at, then](sim::Time now) {
    if (now == at) then();
  });
}

TEST(SolaxDevices, CarryTheHouseTogether) {
  Bench bench{three({})};
  look(bench, 50s, [&] {
    EXPECT_EQ(value(bench, "ess.ems_state"), 2.0);
    EXPECT_EQ(value(bench, "ess.ems_members"), 3.0);
    EXPECT_NEAR(value(bench, "grid.import_w"), 0.0, 100.0);
    for (const char* unit : {"a1", "a2", "a3"}) {
      EXPECT_NEAR(value(bench, std::string(unit) + ".ac_injection_w"), 2300.0 / 3.0, 50.0) << unit;
    }
  });
  bench.run();
}

// Of a secondary whose CAN is cut: its order stands for 3 s, and 10 s after the cut it stops altogether.
TEST(SolaxDevices, FallBackWithoutOrders) {
  FaultSpec cut{"plug_open", "a3", 5s};
  cut.parameters = {{"plug", 0.0}, {"pin", 3.0}};
  Bench bench{three({{10s, {cut}, {}}})};
  look(bench, 12s, [&] {
    EXPECT_EQ(value(bench, "a3.order_stands"), 1.0);
    EXPECT_EQ(value(bench, "ess.ems_members"), 2.0);
    EXPECT_NEAR(value(bench, "ess.ems_unheard_w"), 2300.0 / 3.0, 50.0);
    EXPECT_NEAR(value(bench, "grid.import_w"), 0.0, 100.0);
  });
  look(bench, 14500ms, [&] {
    EXPECT_EQ(value(bench, "a3.order_stands"), 0.0);
    EXPECT_NEAR(value(bench, "a3.ac_injection_w"), 0.0, 60.0);
    EXPECT_EQ(value(bench, "ess.ems_unheard_w"), 0.0);
  });
  look(bench, 30s, [&] {
    EXPECT_EQ(value(bench, "ess.ems_members"), 3.0);
    EXPECT_NEAR(value(bench, "grid.import_w"), 0.0, 100.0);
  });
  bench.run();
}

TEST(SolaxDevices, BeginTheirEnergyManagerAnewWithThePrimary) {
  Bench bench{three({{10s, {SwitchDevice{"a1", false}}, {}}, {12s, {SwitchDevice{"a1", true}}, {}}})};
  look(bench, 11s, [&] { EXPECT_EQ(value(bench, "ess.ems_state"), 0.0); });
  look(bench, 15s, [&] { EXPECT_EQ(value(bench, "ess.ems_state"), 0.0) << "it boots"; });
  look(bench, 30s, [&] { EXPECT_EQ(value(bench, "ess.ems_state"), 4.0) << "its inverter checks the grid"; });
  bench.run();
}

// Document 002: ParallSystem Fault is raised by a secondary when the primary has failed. It boots for 10 s and checks
// for 60 s when its supply is back: until then the others do not run.
TEST(SolaxDevices, FailWithTheirPrimaryUntilThatRunsAgain) {
  Scenario scenario = three({{10s, {SwitchDevice{"a1", false}}, {}}, {20s, {SwitchDevice{"a1", true}}, {}}});
  scenario.duration = 240s;
  Bench bench{scenario};
  const auto shown = [&bench](const char* unit) { return value(bench, std::string(unit) + ".parallel.system_fault"); };
  look(bench, 9s, [&] { EXPECT_EQ(shown("a2"), 0.0); });
  look(bench, 14s, [&] {
    EXPECT_EQ(shown("a2"), 1.0);
    EXPECT_EQ(shown("a3"), 1.0);
    EXPECT_EQ(value(bench, "a3.run_mode"), 3.0);
  });
  look(bench, 60s, [&] { EXPECT_EQ(shown("a3"), 1.0) << "a1 is not in normal mode yet"; });
  look(bench, 230s, [&] {
    EXPECT_EQ(shown("a3"), 0.0);
    EXPECT_EQ(value(bench, "a1.run_mode"), 2.0);
    EXPECT_EQ(value(bench, "a3.run_mode"), 2.0);
  });
  bench.run();
}

/// The scenario of this name in solax/island with this timeline.
Scenario behind_an_interface(const char* name, std::vector<TimelineEntry> timeline) {
  const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";
  Diagnostics diagnostics;
  auto scenario = read_scenario(library / "solax/island" / (std::string(name) + ".xml"), library, diagnostics);
  EXPECT_TRUE(scenario.has_value());
  scenario->timeline = std::move(timeline);
  return std::move(*scenario);
}

// A dip that is over before transfer_s: the relay stays, and nobody shows a fault.
TEST(BackupDevices, LeaveTheRelayInADipShorterThanTheTransfer) {
  Scenario scenario =
      behind_an_interface("outage_two_units", {{10s, {SetOutage{true}}, {}}, {10010ms, {SetOutage{false}}, {}}});
  scenario.duration = 90s;
  Bench bench{scenario};
  look(bench, 20s, [&] {
    EXPECT_EQ(value(bench, "bi.relay_closed"), 1.0);
    EXPECT_NE(value(bench, "a1.run_mode"), 3.0);
  });
  bench.run();
}

// The interface hears no order while the CAN wire is cut, so that the home stays an island until it is mended.
TEST(BackupDevices, ReturnOnlyOverCan) {
  Scenario scenario = behind_an_interface(
      "outage_two_units",
      {{10s, {SetOutage{true}}, {}},
       {20s,
        {FaultSpec{.kind = "plug_open", .target = "a1", .lasts = 100s, .parameters = {{"plug", 0.0}, {"pin", 3.0}}}},
        {}},
       {25s, {SetOutage{false}}, {}}});
  scenario.duration = 200s;
  Bench bench{scenario};
  look(bench, 118s, [&] {
    EXPECT_EQ(value(bench, "bi.relay_closed"), 0.0);
    EXPECT_EQ(value(bench, "a1.run_mode"), 7.0) << "it believes what it heard last";
    EXPECT_NEAR(value(bench, "bus.home.l1_voltage_ln_rms_v"), 120.0, 10.0);
  });
  look(bench, 140s, [&] { EXPECT_EQ(value(bench, "bi.relay_closed"), 1.0); });
  bench.run();
}

TEST(SolaxDevices, AllStopWhenTheGridIsLost) {
  Scenario scenario = three({{10s, {SetOutage{true}}, {}}});
  Bench bench{scenario};
  look(bench, 20s, [&] {
    for (const char* unit : {"a1", "a2", "a3"}) EXPECT_EQ(value(bench, std::string(unit) + ".run_mode"), 3.0) << unit;
  });
  bench.run();
}

}  // namespace
}  // namespace hil::harness
