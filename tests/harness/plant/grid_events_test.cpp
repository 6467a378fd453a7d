#include <algorithm>

#include "harness/scenario/element_reader.h"
#include "models/grid_code/grid_codes.h"
#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// Two inverters by EN 50549-1 at a quiet load of 0.8 kW, with PV.
Scenario scenario_by_code(sim::Time duration, std::vector<TimelineEntry> timeline) {
  Scenario scenario = scenario_of_tree("goodwe/heater_step_zero_export.xml");
  scenario.duration = duration;
  scenario.timeline = std::move(timeline);
  scenario.checks.clear();
  scenario.plots.clear();
  for (auto& inverter : scenario.site.plant.inverters) inverter.lane.grid_code = *models::find_grid_code("en50549_1");
  return scenario;
}

/// A bench whose events are kept; a broken invariant fails the test.
struct Told {
  explicit Told(const Scenario& scenario) : bench(scenario) {
    bench.on_event([this](const Event& event) { events.push_back(event); });
    bench.on_invariant_broken([](sim::Time, const std::string& text) { FAIL() << text; });
  }
  double value(const std::string& signal) const {
    const sim::Signal* found = bench.signals().find(signal);
    if (found == nullptr) throw std::invalid_argument("no signal " + signal);
    return *found->value;
  }
  /// When the first event of this subject whose text begins so was told; -1 s: never.
  double told_s(const std::string& subject, const std::string& text) const {
    for (const Event& event : events) {
      if (event.subject == subject && event.text.starts_with(text)) return in_seconds(event.at);
    }
    return -1.0;
  }
  std::string all() const {
    std::string text;
    for (const Event& event : events) {
      text += std::to_string(in_seconds(event.at)) + " " + event.subject + " " + event.text + "\n";
    }
    return text;
  }
  Bench bench;
  std::vector<Event> events;
};

TEST(GridEvents, AnOutageTripsTheInvertersAndTheyReturnAfterTheirDelay) {
  Told run{scenario_by_code(90s, {{5s, {SetOutage{true}}, {}}, {10s, {SetOutage{false}}, {}}})};
  double import_in_outage_w = -1.0;
  run.bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 9s) import_in_outage_w = std::abs(run.value("grid.import_w")) + run.value("grid.connected");
  });
  run.bench.run();
  EXPECT_EQ(run.told_s("grid", "outage"), 5.0) << run.all();
  EXPECT_EQ(run.told_s("grid", "back"), 10.0);
  EXPECT_NEAR(import_in_outage_w, 0.0, 1e-6);
  for (const std::string inverter : {"et1", "et2"}) {
    const double tripped_s = run.told_s(inverter, "tripped: ");
    // Anti-islanding demands 2 s at the most.
    EXPECT_GE(tripped_s, 5.0) << run.all();
    EXPECT_LE(tripped_s, 7.0);
    // EN 50549-1: 60 s of good grid after a trip.
    EXPECT_NEAR(run.told_s(inverter, "reconnected"), 70.0, 0.5) << run.all();
    EXPECT_NEAR(run.told_s(inverter, "power ramp of 600 s begins"), 70.0, 0.5) << run.all();
    EXPECT_EQ(run.value(inverter + ".time_to_connect_s"), 0.0);
  }
  EXPECT_EQ(run.value("site.unintended_island"), 0.0);
  EXPECT_EQ(run.value("grid.connected"), 1.0);
}

TEST(GridEvents, AHomeBehindABackupInterfacePassesOffTheGridAndBack) {
  Told run{scenario_of_tree("solax/island/outage_one_unit.xml")};
  run.bench.run();
  // The relay opens within 0.3 s of the outage at 20 s, and closes a minute after the grid is back at 80 s.
  EXPECT_NEAR(run.told_s("bi", "passed off the grid: home "), 21.2, 0.3) << run.all();
  EXPECT_NEAR(run.told_s("bi", "passed to the grid: home "), 143.0, 5.0) << run.all();
  EXPECT_NE(run.all().find("bi passed to the grid: home 119.8 to 119.9 V, always within 0.88..1.1 pu"),
            std::string::npos);
}

TEST(GridEvents, AnInverterWithABackupPortCarriesItsLoadsThroughTheOutage) {
  Scenario scenario = scenario_by_code(90s, {{5s, {SetOutage{true}}, {}}, {10s, {SetOutage{false}}, {}}});
  models::Site::Parameters& plant = scenario.site.plant;
  models::InverterLane::Backup backup;
  backup.forming.nominal_ln_v = 230.0;
  backup.forming.nominal_hz = 50.0;
  backup.forming.max_phase_a = 16.5;
  backup.transfer_time = 10ms;
  plant.inverters[0].lane.backup = backup;
  models::Site::Load fridge = plant.loads[0];
  fridge.name = "fridge";
  fridge.bus = plant.inverters[0].name + ".backup";
  plant.loads.push_back(fridge);
  Told run{scenario};
  double backup_w = 0.0;
  double backup_v = 0.0;
  double frequency_hz = 0.0;
  run.bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now != 9s) return;
    EXPECT_EQ(run.value("et1.islanded"), 1.0) << run.all();
    EXPECT_EQ(run.value("et1.duty"), 2.0);
    backup_w = run.value("et1.backup_w");
    backup_v = run.value("et1.backup_l1_voltage_ln_rms_v");
    frequency_hz = run.value("et1.frequency_hz");
  });
  run.bench.run();
  EXPECT_NEAR(backup_w, 800.0, 1.0) << "constant power of 300 + 250 + 250 W";
  EXPECT_NEAR(backup_v, 230.0, 5.0);
  EXPECT_NEAR(frequency_hz, 50.0, 0.1);
  EXPECT_NEAR(run.value("fridge.consumed_wh"), 800.0 * 90.0 / 3600.0, 0.2) << "no hole but the transfer of 10 ms";
  EXPECT_GE(run.told_s("et1", "islanded"), 5.0) << run.all();
  EXPECT_GE(run.told_s("et1", "backup back on the grid"), 69.5) << run.all();
}

TEST(GridEvents, AnEmptyBatteryEndsTheIslandByThatNameAndTheSunBeginsItAgain) {
  Scenario scenario = scenario_by_code(30s, {{2s, {SetOutage{true}}, {}}, {10s, {SetIrradiance{"et1", 800.0}}, {}}});
  models::Site::Parameters& plant = scenario.site.plant;
  models::InverterLane::Backup backup;
  backup.forming.nominal_ln_v = 230.0;
  backup.forming.nominal_hz = 50.0;
  backup.forming.max_phase_a = 16.5;
  backup.transfer_time = 10ms;
  plant.inverters[0].lane.backup = backup;
  plant.inverters[0].lane.initial_soc = 0.08;
  for (auto& inverter : plant.inverters) inverter.lane.pv[0].irradiance_w_m2 = 0.0;
  models::Site::Load fridge = plant.loads[0];
  fridge.name = "fridge";
  fridge.bus = plant.inverters[0].name + ".backup";
  plant.loads.push_back(fridge);
  Told run{scenario};
  run.bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 9s) {
      EXPECT_EQ(run.value("et1.island_stop"), 2.0) << run.all();
    }
  });
  run.bench.run();
  EXPECT_GE(run.told_s("et1", "backup stopped, battery empty (SOC 8.0 %)"), 2.0) << run.all();
  EXPECT_EQ(run.told_s("et1", "backup overload trip"), -1.0) << run.all();
  // 10 s of enough sun.
  EXPECT_NEAR(run.told_s("et1", "backup runs again"), 20.0, 0.1) << run.all();
  EXPECT_EQ(run.value("et1.battery_empty_stops"), 1.0);
  EXPECT_NEAR(run.value("et1.backup_w"), 800.0, 1.0);
}

// First maker, physics-and-standards 4.2: no charge below 0 C, half of the limit for discharge.
TEST(GridEvents, ABatteryThatRefusesSaysSoAndWhy) {
  Scenario scenario =
      scenario_by_code(8s, {{2s, {SwitchContactor{"et2", false}}, {}}, {4s, {SwitchContactor{"et2", true}}, {}}});
  models::InverterLane::Parameters& cold = scenario.site.plant.inverters[0].lane;
  cold.initial_battery_c = -1.5;
  cold.battery.management.temperature_profile = models::TemperatureProfile::first_maker;
  Told run{scenario};
  run.bench.run();
  EXPECT_GE(run.told_s("et1", "battery takes no charge: cold (cell -1.5 C)"), 0.0) << run.all();
  EXPECT_EQ(run.told_s("et1", "battery may not discharge"), -1.0) << run.all();
  EXPECT_EQ(run.value("et1.battery_charge_limit_a"), 0.0);
  EXPECT_EQ(run.value("et1.battery_charge_limit_w"), 0.0);
  EXPECT_NEAR(run.value("et1.battery_discharge_limit_a"), 12.5, 1e-9) << "0.5 C of 25 Ah";
  EXPECT_GT(run.value("et1.battery_discharge_limit_w"), 12.5 * 120 * 2.8);
  EXPECT_NEAR(run.told_s("et2", "battery takes no charge: contactor open"), 2.0, 0.02) << run.all();
  EXPECT_NEAR(run.told_s("et2", "battery may not discharge: contactor open"), 2.0, 0.02) << run.all();
  EXPECT_NEAR(run.told_s("et2", "battery takes charge again"), 4.0, 0.02) << run.all();
  EXPECT_NEAR(run.told_s("et2", "battery may discharge again"), 4.0, 0.02) << run.all();
}

TEST(GridEvents, ASagReachesItsPhaseAndALongOneTrips) {
  Told run{scenario_by_code(20s, {{2s, {SetGridVoltage{0.0, 0.5, {true, false, false}, 0.0}}, {}},
                                  {2100ms, {ReturnToNominal{0.0}}, {}},
                                  {5s, {SetGridVoltage{0.0, 0.1, models::all_phases, 0.0}}, {}},
                                  {9s, {SetGridVoltage{230.0, {}, models::all_phases, 1.0}}, {}}})};
  run.bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 2050ms) {
      EXPECT_NEAR(run.value("grid.l1_voltage_ln_rms_v"), 115.0, 3.0);
      EXPECT_NEAR(run.value("grid.l2_voltage_ln_rms_v"), 230.0, 4.0);
    }
    if (now == 4s) {
      EXPECT_NE(run.value("et1.operation"), 4.0) << "100 ms are ridden through";
    }
  });
  run.bench.run();
  EXPECT_GE(run.told_s("et1", "tripped: undervoltage, below "), 5.0) << run.all();
  EXPECT_NEAR(run.value("grid.l1_voltage_ln_rms_v"), 230.0, 4.0);
}

TEST(GridEvents, AFrequencyRampIsFollowedAndTripsBeyondTheLimit) {
  Told run{scenario_by_code(6s, {{1s, {RampFrequency{52.5, 0.0, 1.0}}, {}}})};
  run.bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    // 1 Hz/s from 50 Hz, begun with the step at 1 s: at 2 s 100 or 101 steps of 0.01 Hz.
    if (now == 2s) {
      EXPECT_NEAR(run.value("grid.frequency_hz"), 51.0, 0.0101);
      EXPECT_EQ(run.value("et1.frequency_hz"), run.value("grid.frequency_hz"));
    }
  });
  run.bench.run();
  EXPECT_EQ(run.value("grid.frequency_hz"), 52.5);
  // Beyond the first stage, 51.5 Hz, from 2.5 s on.
  EXPECT_GE(run.told_s("et2", "tripped: overfrequency, above 51.5 Hz for "), 2.5) << run.all();
}

// A star of conductances 1 : 2 : 3 without a neutral: Vn = (1 + 2 a^2 + 3 a) / 6 of 230 V = 66.4 V, so
// |V1 - Vn| = 289.4 V, |V2 - Vn| = 239.4 V, |V3 - Vn| = 175.7 V; cables and grid take below 2 V at 13 A.
TEST(GridEvents, ALostNeutralMovesTheStarPointAndTheEnergyStillCloses) {
  Scenario scenario = scenario_by_code(3s, {{1s, {SwitchCable{"main_cable", models::Conductor::n, false}}, {}},
                                            {2s, {SwitchCable{"main_cable", models::Conductor::n, true}}, {}}});
  for (auto& inverter : scenario.site.plant.inverters) inverter.lane.starts_connected = false;
  auto& loads = scenario.site.plant.loads;
  loads[0].zip->on = false;
  loads[1].zip->on = true;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    loads[1].zip->nominal_w[k] = 1000.0 * static_cast<double>(k + 1);
  }
  Told run{scenario};
  run.bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    const auto& terminal = run.bench.site().lane(0).terminal_ln_v;
    if (now == 1500ms) {
      EXPECT_NEAR(models::magnitude(terminal[0]), 289.4, 2.5);
      EXPECT_NEAR(models::magnitude(terminal[1]), 239.4, 2.5);
      EXPECT_NEAR(models::magnitude(terminal[2]), 175.7, 2.5);
      EXPECT_NEAR(run.value("bus.main.neutral_v"), 66.4, 1.0);
      EXPECT_NEAR(run.value("bus.main.l1_voltage_ln_rms_v"), 289.4, 2.5);
      EXPECT_NEAR(run.value("bus.main.l3_voltage_ln_rms_v"), 175.7, 2.5);
      EXPECT_NEAR(run.value("grid.l1_voltage_ln_rms_v"), 230.0, 2.5) << "the grid's side stays as it is";
    }
  });
  run.bench.run();
  const auto& terminal = run.bench.site().lane(0).terminal_ln_v;
  EXPECT_NEAR(models::magnitude(terminal[0]), 230.0, 3.0) << "closed again";
  EXPECT_EQ(run.told_s("main_cable", "n open"), 1.0) << run.all();
  EXPECT_EQ(run.value("et1.operation"), 0.0) << "still waits to connect";
}

TEST(GridEvents, TheImpedanceKeepsWhatAnOrderDoesNotGive) {
  Told run{scenario_by_code(1s, {{100ms, {SetGridImpedance{0.4, {}, {}, {}}}, {}}})};
  run.bench.run();
  ASSERT_EQ(run.told_s("grid", "impedance 0.4 + 0.03j ohm, neutral 0.05 + 0.03j ohm"), 0.1) << run.all();
}

}  // namespace
}  // namespace hil::harness
