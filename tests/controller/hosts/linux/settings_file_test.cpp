#include "controller/hosts/linux/settings_file.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

using controller::ControlMode;
using controller::PhaseMode;
using controller::ReactiveMode;

std::string refusal(const std::string& text) {
  try {
    read_role_settings(text, "site.json");
  } catch (const BadInput& error) {
    return error.what();
  }
  return {};
}

TEST(SettingsFile, NeedsInvertersLimitAndCapacityAndNoMore) {
  const controller::Settings settings = read_settings(
      R"({"com2": {"addresses": [3, 247]}, "export_limit_w": -500, "total_capacity_w": 20000})", "site.json");
  EXPECT_EQ(settings.inverter_lines[0].count, 0u);
  ASSERT_EQ(settings.inverter_lines[1].count, 2u);
  EXPECT_EQ(settings.inverter_lines[1].addresses[0], 3);
  EXPECT_EQ(settings.inverter_lines[1].addresses[1], 247);
  EXPECT_EQ(settings.export_limit_w, -500.0);
  EXPECT_EQ(settings.total_capacity_w, 20000.0);
  EXPECT_EQ(settings.meter_address, 1);
  EXPECT_EQ(settings.control_mode, ControlMode::value);
  EXPECT_TRUE(settings.freeze_cure_enabled);
}

TEST(SettingsFile, TakesEverySetting) {
  const controller::Settings settings = read_settings(R"({
    "com1": {"addresses": [1]}, "meter": {"address": 9}, "control_mode": "dred", "phase_mode": "each",
    "freeze_cure_enabled": false, "export_limit_w": 0, "total_capacity_w": 1, "ct_ratio": 40,
    "active_power_share": 0.5, "reactive_mode": "power_factor", "power_factor": -0.9, "reactive_power_var": 100})",
                                                      "site.json");
  EXPECT_EQ(settings.meter_address, 9);
  EXPECT_EQ(settings.control_mode, ControlMode::dred);
  EXPECT_EQ(settings.phase_mode, PhaseMode::each);
  EXPECT_FALSE(settings.freeze_cure_enabled);
  EXPECT_EQ(settings.ct_ratio, 40.0);
  EXPECT_EQ(settings.active_power_share, 0.5);
  EXPECT_EQ(settings.reactive_mode, ReactiveMode::power_factor);
  EXPECT_EQ(settings.power_factor, -0.9);
  EXPECT_EQ(settings.reactive_power_var, 100.0);
}

// All in one go, in the order of reading, each with its line.
TEST(SettingsFile, ReportsEveryFaultWithItsLine) {
  EXPECT_EQ(refusal("{\n\"com1\": {\"addresses\": [1, 1], \"baud\": 9600},\n\"export_limit_w\": \"none\",\n"
                    "\"control_mode\": \"valeu\",\n\"exprot\": 1,\n\"freeze_cure_enabled\": 1\n}"),
            "site.json:2: com1.baud is unknown, known: addresses, capacity_wh\n"
            "site.json:2: com1: address 1 is given twice, two units would answer at once\n"
            "site.json:4: control_mode is \"valeu\", must be one of \"off\", \"dred\", \"rcr\", \"value\"\n"
            "site.json:6: freeze_cure_enabled is 1, must be true or false\n"
            "site.json:3: export_limit_w is \"none\", must be a number from -100000, at most 100000\n"
            "site.json:1: total_capacity_w is missing\n"
            "site.json:5: exprot is unknown, known: com1, com2, com3, meter, control_mode, phase_mode, "
            "freeze_cure_enabled, export_limit_w, total_capacity_w, ct_ratio, active_power_share, reactive_mode, "
            "power_factor, reactive_power_var, role");
}

TEST(SettingsFile, RefusesWhatIsOutOfRange) {
  const auto with = [](const std::string& what) {
    return refusal("{\"com1\": {\"addresses\": [1]}, \"export_limit_w\": 0, \"total_capacity_w\": 1,\n" + what + "}");
  };
  EXPECT_EQ(with("\"ct_ratio\": 1"), "");
  EXPECT_EQ(with("\"ct_ratio\": -1"), "site.json:2: ct_ratio is -1, must be a number from 0, at most 100000");
  EXPECT_EQ(with("\"power_factor\": 0.5"),
            "site.json:2: power_factor must be a number 0.8 to 1 (leading) or -0.8 to -1 (lagging)");
  EXPECT_EQ(with("\"meter\": {\"address\": 248}"),
            "site.json:2: meter.address is 248, must be a whole number 1 to 247");
  EXPECT_EQ(with("\"com2\": {\"addresses\": [1.5]}"),
            "site.json:2: com2: an address is 1.5, must be a whole number 1 to 247");
  EXPECT_EQ(with("\"com2\": {\"addresses\": []}"),
            "site.json:2: com2.addresses must be an array of 1 to 10 Modbus addresses");
  EXPECT_EQ(with("\"com2\": 7"), "site.json:2: com2 must be an object");
  EXPECT_EQ(with("\"ct_ratio\": 1, \"ct_ratio\": 2"), "site.json:2: ct_ratio is given twice");
  EXPECT_EQ(with("\"com2\": {\"addresses\": [1,2,3,4,5]}, \"com3\": {\"addresses\": [1,2,3,4,5]}"),
            "site.json:1: 11 inverters, must be at most 10");
}

TEST(SettingsFile, RefusesWhatIsNoSettingsAtAll) {
  EXPECT_EQ(refusal("[]").substr(0, 55), "site.json:1: the settings must be one object: { ... }");
  EXPECT_EQ(refusal("{\n\"export_limit_w\" 0}").substr(0, 24), "site.json:2: is no JSON:");
  EXPECT_EQ(refusal(R"({"export_limit_w": 0, "total_capacity_w": 1})"),
            "site.json:1: no inverter: needs com1, com2 or com3 with addresses");
  EXPECT_THROW(read_settings_text("/nowhere/site.json"), BadInput);
  EXPECT_THROW(read_settings_text("/"), BadInput);
}

TEST(SettingsFile, TakesTheCapacityOfEachBattery) {
  const controller::Settings settings = read_settings(
      R"({"com1": {"addresses": [1, 2], "capacity_wh": [5100, 15400]}, "export_limit_w": 0, "total_capacity_w": 20000})",
      "site.json");
  EXPECT_EQ(settings.inverter_lines[0].capacity_wh[0], 5100.0);
  EXPECT_EQ(settings.inverter_lines[0].capacity_wh[1], 15400.0);
  try {
    read_settings(
        R"({"com1": {"addresses": [1, 2],
 "capacity_wh": [5100]}, "export_limit_w": 0, "total_capacity_w": 20000})",
        "site.json");
    FAIL() << "one capacity for two batteries";
  } catch (const BadInput& error) {
    EXPECT_NE(std::string(error.what()).find("site.json:2: com1.capacity_wh must be an array of 2 numbers"),
              std::string::npos)
        << error.what();
  }
}

controller::FleetSettings fleet_of(const std::string& text) {
  const RoleSettings settings = read_role_settings(text, "site.json");
  return std::get<controller::FleetSettings>(settings);
}

TEST(SettingsFile, OfTheEnergyControllerUnlessItSaysSo) {
  const std::string text = R"("com1": {"addresses": [1]}, "export_limit_w": 0, "total_capacity_w": 1})";
  for (const std::string role : {"{", R"({"role": "energy", )"}) {
    EXPECT_TRUE(std::holds_alternative<controller::Settings>(read_role_settings(role + text, "site.json"))) << role;
  }
  EXPECT_EQ(refusal(R"({"role": "flete", )" + text),
            "site.json:1: role is \"flete\", must be one of \"energy\", \"fleet\"");
}

TEST(SettingsFile, OfAFleetNeedsConvertersAndTheirRatingAndNoMore) {
  const controller::FleetSettings settings =
      fleet_of(R"({"role": "fleet", "com2": {"addresses": [3, 4]}, "unit_rating_w": 100000})");
  ASSERT_EQ(settings.lines[1].count, 2U);
  EXPECT_EQ(settings.lines[1].addresses[1], 4);
  EXPECT_EQ(settings.unit_rating_w, 100000.0);
  EXPECT_EQ(settings.meter_address, 0) << "none";
  EXPECT_EQ(settings.strings_per_unit, 1U);
  EXPECT_EQ(settings.mode, controller::FleetMode::stop);
  EXPECT_FALSE(settings.has_transfer_switch);
}

TEST(SettingsFile, OfAFleetTakesEverySetting) {
  const controller::FleetSettings settings = fleet_of(R"({
    "role": "fleet", "com1": {"addresses": [1], "capacity_wh": [2150000]}, "meter": {"address": 9},
    "unit_rating_w": 500000, "strings_per_unit": 8, "mode": "self_consumption", "ac_injection_w": -1000,
    "ac_injection_var": 200, "grid_import_w": -500, "initial_soc": 0.6, "lowest_soc": 0.2, "highest_soc": 0.9,
    "nominal_ln_v": 277, "transfer_switch": false})");
  EXPECT_EQ(settings.lines[0].capacity_wh[0], 2150000.0);
  EXPECT_EQ(settings.meter_address, 9);
  EXPECT_EQ(settings.strings_per_unit, 8U);
  EXPECT_EQ(settings.mode, controller::FleetMode::self_consumption);
  EXPECT_EQ(settings.ac_injection_w, -1000.0);
  EXPECT_EQ(settings.ac_injection_var, 200.0);
  EXPECT_EQ(settings.grid_import_w, -500.0);
  EXPECT_EQ(settings.initial_soc, 0.6);
  EXPECT_EQ(settings.lowest_soc, 0.2);
  EXPECT_EQ(settings.highest_soc, 0.9);
  EXPECT_EQ(settings.nominal_ln_v, 277.0);
}

TEST(SettingsFile, OfAFleetRefusesWhatIsOutOfRangeOrCannotBeDoneHere) {
  const auto with = [](const std::string& what) {
    return refusal("{\"role\": \"fleet\", \"com1\": {\"addresses\": [1]}, \"unit_rating_w\": 1000,\n" + what + "}");
  };
  EXPECT_EQ(with("\"mode\": \"power\""), "");
  EXPECT_EQ(with("\"strings_per_unit\": 9"), "site.json:2: strings_per_unit is 9, must be a whole number 1 to 8");
  EXPECT_EQ(with("\"strings_per_unit\": 1.5"), "site.json:2: strings_per_unit is 1.5, must be a whole number 1 to 8");
  EXPECT_EQ(with("\"transfer_switch\": true"),
            "site.json:2: transfer_switch must be false: a serial adapter has no contact to move one");
  EXPECT_EQ(with("\"mode\": \"off_grid\""),
            "site.json:2: mode is \"off_grid\", must be one of \"stop\", \"power\", \"self_consumption\"");
  EXPECT_EQ(with("\"mode\": \"self_consumption\""), "site.json:1: mode is \"self_consumption\", which needs a meter");
  EXPECT_EQ(with("\"lowest_soc\": 0.9, \"highest_soc\": 0.5"),
            "site.json:1: lowest_soc is 0.9, must be below highest_soc (0.5)");
  EXPECT_EQ(with("\"meter\": {\"address\": 0}"), "site.json:2: meter.address is 0, must be a whole number 1 to 247");
  EXPECT_EQ(with("\"export_limit_w\": 0"),
            "site.json:2: export_limit_w is unknown, known: role, com1, com2, com3, meter, unit_rating_w, "
            "strings_per_unit, mode, ac_injection_w, ac_injection_var, grid_import_w, initial_soc, lowest_soc, "
            "highest_soc, nominal_ln_v, transfer_switch");
  EXPECT_EQ(refusal(R"({"role": "fleet", "unit_rating_w": 1000})"),
            "site.json:1: no converter: needs com1, com2 or com3 with addresses");
  EXPECT_EQ(refusal(R"({"role": "fleet", "com1": {"addresses": [1]}})"), "site.json:1: unit_rating_w is missing");
}

}  // namespace
}  // namespace hil::hosts
