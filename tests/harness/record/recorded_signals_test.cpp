#include "harness/record/recorded_signals.h"

#include <algorithm>

#include "harness/report/grid_plots.h"
#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

Scenario plain_scenario() {
  Scenario scenario = scenario_of_tree("goodwe/heater_step_zero_export.xml");
  scenario.checks.clear();
  scenario.plots.clear();
  scenario.timeline.clear();
  return scenario;
}

const RecordedSignal* find(const std::vector<RecordedSignal>& recorded, const std::string& name) {
  const auto found = std::find_if(recorded.begin(), recorded.end(),
                                  [&](const RecordedSignal& each) { return each.signal->name == name; });
  return found == recorded.end() ? nullptr : &*found;
}

bool holds(const std::vector<RecordedSignal>& recorded, const std::string& name) {
  return find(recorded, name) != nullptr;
}

TEST(RecordedSignals, LeaveOutDetailsThatNobodyAskedFor) {
  Scenario scenario = plain_scenario();
  const Bench bench{scenario};
  EXPECT_TRUE(holds(recorded_signals(scenario, bench), "et1.pv_w"));
  EXPECT_FALSE(holds(recorded_signals(scenario, bench), "et1.pv1_v"));
  EXPECT_FALSE(holds(recorded_signals(scenario, bench), "et1.battery_cell_max_v"));

  CheckSpec check;
  check.kind = NeverCheck{"et1.pv1_v", 900.0, {}, 0s};
  scenario.checks.push_back(check);
  scenario.plots.push_back({"Cells", {"*.battery_cell_max_v"}, {}});
  const auto asked = recorded_signals(scenario, bench);
  EXPECT_TRUE(holds(asked, "et1.pv1_v"));
  EXPECT_FALSE(holds(asked, "et2.pv1_v"));
  EXPECT_TRUE(holds(asked, "et2.battery_cell_max_v"));
}

// Of two entries that match a signal the last counts.
TEST(RecordedSignals, AreWhatTheScenarioAsksForAsOftenAsItSays) {
  Scenario scenario = plain_scenario();
  scenario.records = {{"*.pv1_v", 100ms, false, {}}, {"et2.*", {}, true, {}}};
  const Bench bench{scenario};
  const auto recorded = recorded_signals(scenario, bench);
  ASSERT_TRUE(holds(recorded, "et1.pv1_v"));
  EXPECT_EQ(find(recorded, "et1.pv1_v")->period, sim::Time{100ms});
  EXPECT_FALSE(find(recorded, "et1.pv1_v")->on_change);
  EXPECT_EQ(find(recorded, "et2.pv1_v")->period, scenario.record_period);
  EXPECT_TRUE(find(recorded, "et2.pv1_v")->on_change);
  EXPECT_EQ(find(recorded, "grid.import_w")->period, scenario.record_period);

  scenario.record_others = false;
  CheckSpec check;
  check.kind = NeverCheck{"grid.export_w", 200.0, {}, 0s};
  scenario.checks.push_back(check);
  scenario.records = {{"site.pv_w", {}, false, {}}};
  const auto few = recorded_signals(scenario, bench);
  ASSERT_EQ(few.size(), 2U);
  EXPECT_TRUE(holds(few, "grid.export_w"));
  EXPECT_TRUE(holds(few, "site.pv_w"));
}

// The lanes of the report are drawn from the load of the lines.
TEST(RecordedSignals, HoldTheLoadOfTheLinesThatChecksLookAt) {
  Scenario scenario = plain_scenario();
  scenario.record_others = false;
  CheckSpec check;
  check.kind = BusCheck{"com4", 1s, ""};
  scenario.checks = {check};
  const Bench bench{scenario};
  const auto of_bus = recorded_signals(scenario, bench);
  EXPECT_EQ(of_bus.size(), 3U);
  for (const std::string counter : {"busy_s", "unanswered", "collisions"})
    EXPECT_TRUE(holds(of_bus, "com4." + counter));

  scenario.checks[0].kind = FreshCheck{{"et1", "ems_power_w"}, 5s};
  EXPECT_TRUE(holds(recorded_signals(scenario, bench), "com1.busy_s"));
  EXPECT_FALSE(holds(recorded_signals(scenario, bench), "com4.busy_s"));
  scenario.checks[0].kind = OrderCheck{{"meter", "grid_export_w"}, {"et1", "ems_power_w"}, 1};
  const auto of_both = recorded_signals(scenario, bench);
  EXPECT_TRUE(holds(of_both, "com1.busy_s"));
  EXPECT_TRUE(holds(of_both, "com4.busy_s"));
}

TEST(RecordedSignals, ShowTheGridWhenSomethingHappensToIt) {
  Scenario scenario = plain_scenario();
  EXPECT_TRUE(plots_of(scenario).empty());
  scenario.timeline = {{1s, {Mark{"begin"}}, {}}, {2s, {SetOutage{true}}, {}}};
  const std::vector<PlotSpec> plots = plots_of(scenario);
  ASSERT_EQ(plots.size(), 3U);
  EXPECT_EQ(plots[0].title, "Grid voltage");
  const Bench bench{scenario};
  EXPECT_TRUE(holds(recorded_signals(scenario, bench), "grid.connected"));
}

TEST(RecordedSignals, ShowNoThirdPhaseOfASplitPhase) {
  Scenario scenario = plain_scenario();
  scenario.timeline = {{2s, {SetOutage{true}, SwitchCable{"main_cable", {}, false}}, {}}};
  EXPECT_EQ(plots_of(scenario)[0].signals, (std::vector<std::string>{"grid.l*_voltage_ln_rms_v"}));
  scenario.site.plant.grid.split_phase = true;
  const std::vector<PlotSpec> plots = plots_of(scenario);
  EXPECT_EQ(plots[0].signals, (std::vector<std::string>{"grid.l1_voltage_ln_rms_v", "grid.l2_voltage_ln_rms_v"}));
  EXPECT_EQ(plots[1].signals, (std::vector<std::string>{"bus.main.l1_voltage_ln_rms_v", "bus.main.l2_voltage_ln_rms_v",
                                                        "bus.main.neutral_v"}));
}

TEST(RecordedSignals, ShowTheVoltagesBehindASwitchedCable) {
  Scenario scenario = plain_scenario();
  scenario.timeline = {{1s, {SwitchCable{"main_cable", models::Conductor::n, false}}, {}},
                       {2s, {SwitchCable{"main_cable", models::Conductor::n, true}}, {}}};
  const std::vector<PlotSpec> plots = plots_of(scenario);
  ASSERT_EQ(plots.size(), 4U) << "one for the bus, however often it is switched";
  EXPECT_EQ(plots[1].title, "Voltage at main");
  const Bench bench{scenario};
  const auto recorded = recorded_signals(scenario, bench);
  for (const std::string signal : {"l1_voltage_ln_rms_v", "l3_voltage_ln_rms_v", "neutral_v"}) {
    EXPECT_TRUE(holds(recorded, "bus.main." + signal)) << signal;
    EXPECT_FALSE(holds(recorded, "bus.grid." + signal)) << signal;
  }
}

TEST(RecordedSignals, AreWorkedOutForTheBusesThatAreWantedOnly) {
  Scenario scenario = plain_scenario();
  scenario.duration = 100ms;
  Bench bench{scenario};
  bench.refresh_only(bench.signals().matching("bus.main.*"));
  bench.run();
  EXPECT_NEAR(*bench.signals().find("bus.main.l1_voltage_ln_rms_v")->value, 230.0, 5.0);
  EXPECT_EQ(*bench.signals().find("bus.grid.l1_voltage_ln_rms_v")->value, 0.0);
}

}  // namespace
}  // namespace hil::harness
