#include "harness/parity/host_settings.h"

#include <gtest/gtest.h>

#include "controller/hosts/linux/settings_file.h"

namespace hil::harness {
namespace {

controller::Settings site() {
  controller::Settings settings;
  settings.inverter_lines[0].addresses = {11, 12};
  settings.inverter_lines[0].count = 2;
  settings.inverter_lines[0].capacity_wh = {5120.0, 9600.0};
  settings.inverter_lines[2].addresses = {13};
  settings.inverter_lines[2].count = 1;
  settings.meter_address = 3;
  settings.control_mode = controller::ControlMode::value;
  settings.phase_mode = controller::PhaseMode::each;
  settings.export_limit_w = -500.0;
  settings.total_capacity_w = 30'000.0;
  settings.ct_ratio = 50.0;
  settings.active_power_share = 0.7;
  settings.reactive_mode = controller::ReactiveMode::power_factor;
  settings.power_factor = -0.95;
  settings.freeze_cure_enabled = false;
  return settings;
}

// The host's own reader is the judge of what is written for it.
TEST(HostSettings, AreReadByHilcontrollerAsTheyAre) {
  const controller::Settings read = hosts::read_settings(hilcontroller_settings(site()), "settings.json");
  EXPECT_TRUE(controller::same_wiring(read, site()));
  EXPECT_EQ(read.inverter_lines[0].capacity_wh[1], 9600.0);
  EXPECT_EQ(read.control_mode, site().control_mode);
  EXPECT_EQ(read.phase_mode, site().phase_mode);
  EXPECT_EQ(read.export_limit_w, site().export_limit_w);
  EXPECT_EQ(read.total_capacity_w, site().total_capacity_w);
  EXPECT_EQ(read.ct_ratio, site().ct_ratio);
  EXPECT_EQ(read.active_power_share, site().active_power_share);
  EXPECT_EQ(read.reactive_mode, site().reactive_mode);
  EXPECT_EQ(read.power_factor, site().power_factor);
  EXPECT_EQ(read.freeze_cure_enabled, site().freeze_cure_enabled);
}

TEST(HostSettings, OfABoardNameEachField) {
  const std::string header = board_settings(site());
  for (const char* line :
       {"settings.inverter_lines[0].addresses[1] = 12;", "settings.inverter_lines[2].count = 1;",
        "settings.meter_address = 3;", "settings.export_limit_w = -500.000000;", "settings.ct_ratio = 50.000000;",
        "settings.freeze_cure_enabled = false;", "settings.phase_mode = static_cast<controller::PhaseMode>(1);"}) {
    EXPECT_NE(header.find(line), std::string::npos) << line << " is not in\n" << header;
  }
}

}  // namespace
}  // namespace hil::harness
