#include "harness/parity/host_settings.h"

#include <gtest/gtest.h>

#include <variant>

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

controller::FleetSettings fleet() {
  controller::FleetSettings settings;
  settings.lines[0].addresses = {1, 2};
  settings.lines[0].count = 2;
  settings.lines[0].capacity_wh = {215'040.0, 38'400.1};
  settings.lines[2].addresses = {5};
  settings.lines[2].count = 1;
  settings.lines[2].capacity_wh = {100e3};
  settings.meter_address = 9;
  settings.unit_rating_w = 90e3;
  settings.strings_per_unit = 3;
  settings.mode = controller::FleetMode::self_consumption;
  settings.ac_injection_var = -1000.0;
  settings.grid_import_w = 500.0;
  settings.initial_soc = 0.6;
  settings.lowest_soc = 0.2;
  settings.highest_soc = 0.9;
  settings.nominal_ln_v = 277.0;
  return settings;
}

TEST(HostSettings, OfALeaderAreReadByHilcontrollerAsTheyAre) {
  const hosts::RoleSettings role = hosts::read_role_settings(hilcontroller_settings(fleet()), "settings.json");
  const auto* read = std::get_if<controller::FleetSettings>(&role);
  ASSERT_NE(read, nullptr);
  for (std::size_t k = 0; k < read->lines.size(); ++k) {
    EXPECT_EQ(read->lines[k].addresses, fleet().lines[k].addresses);
    EXPECT_EQ(read->lines[k].count, fleet().lines[k].count);
    EXPECT_EQ(read->lines[k].capacity_wh, fleet().lines[k].capacity_wh);
  }
  EXPECT_EQ(read->meter_address, 9);
  EXPECT_EQ(read->unit_rating_w, fleet().unit_rating_w);
  EXPECT_EQ(read->strings_per_unit, fleet().strings_per_unit);
  EXPECT_EQ(read->mode, fleet().mode);
  EXPECT_EQ(read->ac_injection_w, fleet().ac_injection_w);
  EXPECT_EQ(read->ac_injection_var, fleet().ac_injection_var);
  EXPECT_EQ(read->grid_import_w, fleet().grid_import_w);
  EXPECT_EQ(read->initial_soc, fleet().initial_soc);
  EXPECT_EQ(read->lowest_soc, fleet().lowest_soc);
  EXPECT_EQ(read->highest_soc, fleet().highest_soc);
  EXPECT_EQ(read->nominal_ln_v, fleet().nominal_ln_v);
  EXPECT_FALSE(read->has_transfer_switch);
}

TEST(HostSettings, OfABoardNameEachField) {
  const std::string header = board_settings(site());
  for (const char* line : {"settings.inverter_lines[0].addresses[1] = 12;", "settings.inverter_lines[2].count = 1;",
                           "settings.meter_address = 3;", "settings.export_limit_w = -500;", "settings.ct_ratio = 50;",
                           "settings.inverter_lines[0].capacity_wh[1] = 9600;", "settings.freeze_cure_enabled = false;",
                           "settings.phase_mode = static_cast<controller::PhaseMode>(1);"}) {
    EXPECT_NE(header.find(line), std::string::npos) << line << " is not in\n" << header;
  }
}

// The type of what the header gives is what makes the image a leader's.
TEST(HostSettings, OfABoardThatLeadsAFleetNameEachField) {
  const std::string header = board_settings(fleet());
  for (const char* line :
       {"constexpr controller::FleetSettings site_settings() {", "#include \"controller/fleet/fleet_settings.h\"",
        "settings.lines[0].addresses[1] = 2;", "settings.lines[0].capacity_wh[1] = 38400.1;",
        "settings.lines[2].count = 1;", "settings.lines[1].count = 0;", "settings.lines[0].baud = 9600;",
        "settings.meter_address = 9;", "settings.unit_rating_w = 90000;", "settings.strings_per_unit = 3;",
        "settings.mode = static_cast<controller::FleetMode>(2);", "settings.ac_injection_var = -1000;",
        "settings.grid_import_w = 500;", "settings.initial_soc = 0.6;", "settings.lowest_soc = 0.2;",
        "settings.highest_soc = 0.9;", "settings.nominal_ln_v = 277;"}) {
    EXPECT_NE(header.find(line), std::string::npos) << line << " is not in\n" << header;
  }
}

}  // namespace
}  // namespace hil::harness
