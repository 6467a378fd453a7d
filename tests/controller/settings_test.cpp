#include "controller/settings.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

Settings good() {
  Settings settings;
  settings.inverter_lines[0] = {{11}, 1, 9600};
  settings.total_capacity_w = 10000.0;
  return settings;
}

std::string problem_of(const Settings& settings) {
  const auto problem = problem_in(settings);
  return problem ? problem->field : "";
}

TEST(Settings, TheirRangesIncludeTheirEnds) {
  EXPECT_EQ(problem_of(good()), "");
  for (const double limit_w : {-100000.0, 100000.0}) {
    Settings settings = good();
    settings.export_limit_w = limit_w;
    EXPECT_EQ(problem_of(settings), "");
  }
}

TEST(Settings, AValueOutOfRangeIsNamedWithItsBounds) {
  const auto with = [](auto&& change) {
    Settings settings = good();
    change(settings);
    return settings;
  };
  EXPECT_EQ(problem_of(with([](Settings& s) { s.export_limit_w = 100001.0; })), "export_limit_w");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.export_limit_w = std::nan(""); })), "export_limit_w");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.total_capacity_w = 0.0; })), "total_capacity_w");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.ct_ratio = -1.0; })), "ct_ratio");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.active_power_share = 1.01; })), "active_power_share");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.power_factor = -0.79; })), "power_factor (size)");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.reactive_power_var = 1e9; })), "reactive_power_var");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.phase_mode = static_cast<PhaseMode>(3); })), "phase_mode");
  EXPECT_EQ(problem_of(with([](Settings& s) { s.control_mode = static_cast<ControlMode>(4); })), "control_mode");
  Settings settings = good();
  settings.export_limit_w = 200000.0;
  const SettingsProblem problem = problem_in(settings).value();
  EXPECT_DOUBLE_EQ(problem.value, 200000.0);
  EXPECT_DOUBLE_EQ(problem.lowest, -100000.0);
  EXPECT_DOUBLE_EQ(problem.highest, 100000.0);
}

TEST(Settings, AChangeOutOfRangeOrOfTheWiringIsRefusedWhole) {
  Controller controller{good()};
  controller.woken(0s);
  controller.sent();
  Settings changed = good();
  changed.export_limit_w = 5000.0;
  changed.ct_ratio = -1.0;
  EXPECT_FALSE(controller.change_settings(changed, 1s));
  EXPECT_DOUBLE_EQ(controller.settings().export_limit_w, 0.0);
  changed = good();
  changed.inverter_lines[0].addresses[0] = 12;
  EXPECT_FALSE(controller.change_settings(changed, 1s));
  changed = good();
  changed.meter_baud = 19200;
  EXPECT_FALSE(controller.change_settings(changed, 1s));
}

// PV of 12 kW, a load of 0.8 kW, no charging: what may be exported is exported, less the 10 W of margin and the 50 W.
TEST(Settings, AnotherExportLimitActsOnThePlant) {
  tests::SmallBench bench{{0, 0}, 0.0};
  for (tests::SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 6000.0;
    unit.max_discharge_w = 10000.0;
  }
  bench.site.load_w = 800.0;
  bench.run_until(40s);
  EXPECT_NEAR(bench.site.grid_import_w, 10.0, 60.0);
  Settings changed = bench.controller().settings();
  changed.export_limit_w = 3000.0;
  EXPECT_TRUE(bench.controller().change_settings(changed, bench.now()));
  EXPECT_LE(bench.controller().output().next_wake, bench.now());
  bench.run_until(60s);
  EXPECT_NEAR(bench.site.grid_import_w, -2990.0, 60.0);
  changed.export_limit_w = 0.0;
  EXPECT_TRUE(bench.controller().change_settings(changed, bench.now()));
  bench.run_until(63s);
  EXPECT_GT(bench.site.grid_import_w, -100.0);
  changed.control_mode = ControlMode::off;
  EXPECT_TRUE(bench.controller().change_settings(changed, bench.now()));
  bench.run_until(80s);
  EXPECT_LT(bench.site.grid_import_w, -10000.0);
}

}  // namespace
}  // namespace hil::controller
