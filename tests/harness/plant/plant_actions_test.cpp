#include "harness/plant/plant_actions.h"

#include <algorithm>

#include "models/load/load_behaviour.h"
#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

Scenario dark_scenario(sim::Time duration, std::vector<TimelineEntry> timeline) {
  Scenario scenario = scenario_of_tree("goodwe/heater_step_zero_export.xml");
  scenario.duration = duration;
  scenario.timeline = std::move(timeline);
  scenario.checks.clear();
  return scenario;
}

double value(const Bench& bench, const std::string& signal) {
  return *bench.signals().find(signal)->value;
}

// The meter's own reading, in the step; its classes allow well below 2 %.
TEST(MeterFaults, SwappedTransformersShowEachOthersPhaseAndEndCleanly) {
  Scenario scenario = dark_scenario(
      4s, {{1s, {FaultSpec{"ct_swapped", "ct_l1_l2", 2s}}, {}}, {1500ms, {FaultSpec{"ct_rotated", "meter", 1s}}, {}}});
  auto& loads = scenario.site.plant.loads;
  loads[1].zip->on = true;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    loads[1].zip->nominal_w[k] = 3000.0 * static_cast<double>(k + 1);
  }
  for (auto& inverter : scenario.site.plant.inverters) inverter.lane.pv[0].irradiance_w_m2 = 0.0;
  Bench bench{scenario};
  const auto expect_order = [&](std::array<std::size_t, 3> from, const char* when) {
    const auto& read_a = bench.site().meter().reading().current_a;
    const auto& true_a = bench.site().grid().current_a;
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(read_a[k], true_a[from[k]], 0.02 * true_a[from[k]] + 0.05) << when << ", phase " << k + 1;
    }
  };
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 900ms) expect_order({0, 1, 2}, "before");
    if (now == 1400ms) expect_order({1, 0, 2}, "swapped");
    if (now == 2s) expect_order({2, 1, 0}, "rotated, then swapped");
    if (now == 2800ms) expect_order({1, 0, 2}, "the rotation over");
  });
  bench.run();
  expect_order({0, 1, 2}, "after");
}

TEST(MeterFaults, AnOpenSecondaryReadsNothingAndALostNeutralIsFlagged) {
  Scenario scenario = dark_scenario(3s, {{1s, {FaultSpec{"ct_open", "ct_l2", 1s}}, {}},
                                         {1s, {FaultSpec{"ct_shorted", "ct_l3", 1s}}, {}},
                                         {1s, {FaultSpec{"meter_neutral_lost", "meter", 1s}}, {}}});
  scenario.duration = 4s;
  Bench bench{scenario};
  std::vector<std::string> told;
  bench.on_event([&](const Event& event) {
    if (event.kind == "state" && event.subject.starts_with("ct_")) told.push_back(event.subject + ": " + event.text);
  });
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now != 1800ms) return;
    EXPECT_EQ(bench.site().meter().reading().current_a[1], 0.0);
    EXPECT_EQ(bench.site().meter().reading().current_a[2], 0.0);
    EXPECT_EQ(static_cast<unsigned>(value(bench, "meter.flags")) & 128U, 128U);
  });
  bench.run();
  EXPECT_EQ(told, (std::vector<std::string>{"ct_l2: secondary open: phase lost", "ct_l3: secondary shorted: phase lost",
                                            "ct_l2: over: secondary open: phase lost",
                                            "ct_l3: over: secondary shorted: phase lost"}));
  EXPECT_GT(bench.site().meter().reading().current_a[1], 0.0);
  EXPECT_EQ(static_cast<unsigned>(value(bench, "meter.flags")) & 128U, 0U);
}

// 18 kW at 230 V are 26.09 A a phase. By hand for the 50/5 on L2, of 5 VA and ALF 10 as assumed: 2.609 A would need
// 2.609 x 0.2 ohm / 0.002 = 260.9 V; knee 10 x 5 x 0.2 = 10 V; peak 2 sqrt(2 x 10 x 250.9) = 141.7 V, a hazard above
// 120.
TEST(MeterFaults, AHazardATypeOverrunAndAVoltageBeyondTheLimitsAreToldAndEnd) {
  Scenario scenario = dark_scenario(12s, {{1s, {FaultSpec{"ct_open", "ct_l2", 3s}}, {}},
                                          {6s, {SetGridVoltage{0.0, 1.25}}, {}},
                                          {7s, {ReturnToNominal{}, SwitchLoad{"heater", false}}, {}}});
  auto& loads = scenario.site.plant.loads;
  loads[0].zip->on = false;
  loads[1].zip->on = true;
  for (std::size_t k = 0; k < models::phase_count; ++k) loads[1].zip->nominal_w[k] = 6000.0;
  for (auto& inverter : scenario.site.plant.inverters) {
    inverter.lane.pv[0].irradiance_w_m2 = 0.0;
    inverter.lane.initial_soc = 0.10;  // at its floor: all comes from the grid
  }
  auto& installed = scenario.site.plant.metering.installation.transformers;
  installed[0].max_primary_a = 20.0;
  installed[1].rated_primary_a = 50.0;
  installed[1].accuracy_class = models::CtClass::none;
  Bench bench{scenario};
  std::vector<std::string> told;
  bench.on_event([&](const Event& event) {
    if (event.kind == "state" && (event.subject.starts_with("ct_") || event.subject == "meter")) {
      told.push_back(event.subject + ": " + event.text);
    }
  });
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 3s) {
      EXPECT_EQ(static_cast<unsigned>(value(bench, "ct_l1.flags")) & 512U, 512U);
      EXPECT_EQ(static_cast<unsigned>(value(bench, "ct_l2.flags")) & 15U, 2U + 8U);
      EXPECT_NEAR(value(bench, "ct_l2.open_peak_v"), 141.7, 3.0) << "2 % of voltage lost in the cables";
      EXPECT_EQ(value(bench, "ct_l1.open_peak_v"), 0.0);
    }
    if (now == 6900ms) {
      EXPECT_EQ(static_cast<unsigned>(value(bench, "meter.flags")) & 4U, 4U) << "280 V";
    }
  });
  bench.run();
  EXPECT_EQ(told, (std::vector<std::string>{
                      "ct_l1: current above what its type is made for", "ct_l2: secondary open: phase lost",
                      "ct_l2: hazardous voltage at the open secondary", "ct_l2: over: secondary open: phase lost",
                      "ct_l2: over: hazardous voltage at the open secondary", "meter: phase voltage above its limit",
                      "meter: line voltage above its limit", "ct_l1: over: current above what its type is made for",
                      "meter: over: phase voltage above its limit", "meter: over: line voltage above its limit"}));
}

TEST(MeterFaults, ALostNeutralDoesNotWireOneThatWasNeverThere) {
  Scenario scenario = dark_scenario(3s, {{1s, {FaultSpec{"meter_neutral_lost", "meter", 1s}}, {}}});
  scenario.site.plant.metering.installation.meter.neutral_connected = false;
  Bench bench{scenario};
  bench.run();
  EXPECT_EQ(static_cast<unsigned>(value(bench, "meter.flags")) & 128U, 128U);
}

// Both have aged by the same days and cycles; only one lets it act. The figures are those of the models' ageing, tested
// there; here that they reach whoever judges a run.
TEST(BatterySignals, AgeAndBalancingAreSignals) {
  Scenario scenario = dark_scenario(20s, {});
  auto& inverters = scenario.site.plant.inverters;
  for (auto& inverter : inverters) {
    inverter.lane.battery.ageing.counts = true;
    inverter.lane.battery.ageing.initial_days = 3650.0;
    inverter.lane.battery.ageing.initial_cycles = 4000.0;
  }
  inverters[1].lane.battery.ageing.acts = true;
  const models::BatteryAgeing at_first{inverters[0].lane.battery.ageing, 0.5};
  Bench bench{scenario};
  bench.run();
  for (const std::string name : {"et1", "et2"}) {
    EXPECT_NEAR(value(bench, name + ".battery_soh"), at_first.capacity_factor(), 1e-4) << name;
    EXPECT_LT(value(bench, name + ".battery_soh"), 0.95) << name;
    EXPECT_GT(value(bench, name + ".battery_resistance_factor"), 1.05) << name;
    EXPECT_NEAR(value(bench, name + ".battery_resistance_factor"), at_first.resistance_factor(), 1e-4) << name;
    EXPECT_NEAR(value(bench, name + ".battery_full_cycles"), 4000.0, 0.01) << name;
    EXPECT_GT(value(bench, name + ".battery_full_cycles"), 4000.0) << name;
    EXPECT_EQ(value(bench, name + ".battery_balancing"), 0.0) << name;
  }
}

// A high cell, far up: 3.40 V and 10 mV are where balancing begins.
TEST(BatterySignals, BalancingShowsWhileAHighCellIsBled) {
  Scenario scenario = dark_scenario(20s, {});
  auto& battery = scenario.site.plant.inverters[0].lane.battery;
  battery.cells.start_spread_soc = 0.05;
  battery.cells.balancing_a = 0.05;
  scenario.site.plant.inverters[0].lane.initial_soc = 0.97;
  Bench bench{scenario};
  bench.run();
  EXPECT_EQ(value(bench, "et1.battery_balancing"), 1.0);
}

TEST(PlantActions, AContactorStopsTheBatteryAndAShadedStringGivesLess) {
  Scenario scenario = dark_scenario(60s, {{20s, {SwitchContactor{"et1", false}}, {}},
                                          {20s, {ShadeString{"et2", 1, 2, 0.0}}, {}},
                                          {40s, {SwitchContactor{"et1", true}, SetAmbient{35.0}}, {}}});
  Bench bench{scenario};
  std::vector<std::string> told;
  bench.on_event([&](const Event& event) { told.push_back(event.subject + ": " + event.text); });
  bench.on_invariant_broken([](sim::Time, const std::string& text) { FAIL() << text; });
  double free_w = 0.0;
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 19s) free_w = value(bench, "et2.pv_available_w");
    if (now != 39s) return;
    EXPECT_EQ(bench.site().lane(0).battery.discharge_a, 0.0);
    EXPECT_EQ(value(bench, "et1.battery_contactor_closed"), 0.0);
    EXPECT_NEAR(bench.site().lane(1).pv_available_w, free_w / 2.0, 0.03 * free_w) << "one string of two";
  });
  bench.run();
  EXPECT_EQ(value(bench, "et1.battery_contactor_closed"), 1.0);
  EXPECT_NE(std::find(told.begin(), told.end(), "et1: battery contactor open"), told.end());
  EXPECT_NE(std::find(told.begin(), told.end(), "et2: input 1 string 2: light 0"), told.end());
}

TEST(PlantActions, APilotMovesTheCharger) {
  Scenario scenario = dark_scenario(20s, {{10s, {CommandLoad{"heater", "pilot_a", 8.0}}, {}}});
  models::Site::Load& wallbox = scenario.site.plant.loads[1];
  wallbox.zip->on = true;
  models::EvCharger::Parameters charger = models::EvCharger::typical();
  charger.start_delay_s = 0.0;
  charger.pilot_a = 16.0;
  wallbox.behaviour.emplace(models::EvCharger(charger, scenario.step));
  Bench bench{scenario};
  double before_w = 0.0;
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 9900ms) before_w = value(bench, "heater.consumption_w");
  });
  bench.run();
  EXPECT_NEAR(value(bench, "heater.consumption_w"), before_w / 2.0, 0.03 * before_w) << "8 A instead of 16 A";
}

TEST(PlantActions, ACommandThatALoadDoesNotUnderstandIsRefused) {
  Scenario scenario = dark_scenario(1s, {});
  scenario.site.plant.step = scenario.step;
  models::Site site{scenario.site.plant};
  PlantActions actions{site, scenario.site};
  EXPECT_THROW(actions.carry_out(CommandLoad{"base", "pilot_a", 8.0}), std::invalid_argument);
  EXPECT_THROW(actions.carry_out(SwitchCable{"no_cable", std::nullopt, false}), std::invalid_argument);
}

}  // namespace
}  // namespace hil::harness
