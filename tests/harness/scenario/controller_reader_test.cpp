#include "harness/scenario/controller_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <variant>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path tests_folder = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario";

Scenario good(const std::string& controller, const std::string& clients = "") {
  const std::string text =
      "<scenario schema=\"1\" name=\"test_case\" duration_s=\"600\" seed=\"7\"><purpose>Reads?</purpose>"
      "<site extends=\"sites/base.xml\"/>" +
      controller + clients + "<expect><never signal=\"grid.export_w\" above=\"200\"/></expect></scenario>";
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(text, "case.xml", tests_folder / "library", diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

Scenario everything() {
  Diagnostics diagnostics;
  auto scenario =
      read_scenario(tests_folder / "good/controller_and_clients.xml", tests_folder / "library", diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

template <typename Kind>
Kind action(const Scenario& scenario, std::size_t entry, std::size_t number = 0) {
  return std::get<Kind>(scenario.timeline.at(entry).actions.at(number));
}

TEST(ControllerReader, TakesWhatIsLeftOutFromTheSite) {
  const controller::Settings settings =
      good("<controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>").controller;
  EXPECT_EQ(settings.control_mode, controller::ControlMode::value);
  EXPECT_EQ(settings.phase_mode, controller::PhaseMode::sum);
  EXPECT_EQ(settings.reactive_mode, controller::ReactiveMode::none);
  EXPECT_EQ(settings.active_power_share, 1.0);
  EXPECT_TRUE(settings.freeze_cure_enabled);
  // Two of 10 kW; transformers of 100/5 A.
  EXPECT_EQ(settings.total_capacity_w, 20000.0);
  EXPECT_EQ(settings.ct_ratio, 20.0);
  EXPECT_EQ(settings.inverter_lines[0].count, 2U);
}

TEST(ControllerReader, WithoutALimitTheModeIsOff) {
  const controller::Settings settings =
      good("<controller kind=\"sec1000\"><unlimited_export/></controller>").controller;
  EXPECT_EQ(settings.control_mode, controller::ControlMode::off);
}

TEST(ControllerReader, ReadsWhatIsSetUpOtherwise) {
  const controller::Settings settings = everything().controller;
  EXPECT_EQ(settings.control_mode, controller::ControlMode::dred);
  EXPECT_EQ(settings.phase_mode, controller::PhaseMode::each);
  EXPECT_EQ(settings.export_limit_w, -500.0);
  EXPECT_EQ(settings.active_power_share, 0.7);
  EXPECT_EQ(settings.reactive_mode, controller::ReactiveMode::power_factor);
  EXPECT_EQ(settings.power_factor, -0.95);
  EXPECT_EQ(settings.total_capacity_w, 15000.0);
  EXPECT_EQ(settings.ct_ratio, 40.0);
  EXPECT_FALSE(settings.freeze_cure_enabled);
}

TEST(ControllerReader, ReadsAddressesOfTheLan) {
  using Address = controller::NetworkSettings::Address;
  const Scenario scenario = everything();
  EXPECT_FALSE(scenario.controller.network.dhcp);
  EXPECT_EQ(scenario.controller.network.address, (Address{10, 0, 0, 7}));
  EXPECT_EQ(scenario.dhcp_address, (Address{192, 168, 1, 57}));
  EXPECT_FALSE(scenario.lan_clients.at(0).address);
  EXPECT_EQ(scenario.lan_clients.at(1).address, (Address{223, 255, 255, 255}));
  controller::Settings settings = scenario.controller;
  action<ChangeSettings>(scenario, 3, 1).apply_to(settings);
  EXPECT_TRUE(settings.network.dhcp);
  EXPECT_EQ(settings.network.address, (Address{10, 0, 0, 7})) << "kept for when it is static again";
  action<ChangeSettings>(scenario, 3, 2).apply_to(settings);
  EXPECT_FALSE(settings.network.dhcp);
  EXPECT_EQ(settings.network.address, (Address{192, 168, 1, 200}));
  EXPECT_EQ(action<ChangeSettings>(scenario, 3, 1).text(), "mode off, address dhcp");
  EXPECT_EQ(action<ChangeSettings>(scenario, 3, 2).text(),
            "power_factor 1, address 192.168.1.200, com1_inverters 1, com2_inverters 0, com3_inverters 3");
}

TEST(ControllerReader, WithoutAnAddressTheControllerAsksForOneAsDelivered) {
  const Scenario scenario = good("<controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>");
  EXPECT_TRUE(scenario.controller.network.dhcp);
  EXPECT_EQ(scenario.controller.network.address, (controller::NetworkSettings::Address{192, 168, 1, 200}));
  EXPECT_FALSE(scenario.dhcp_address);
}

// Left and right have the addresses 1 and 2 on com1, units 3 and 4 were entered beyond them.
TEST(ControllerReader, CountsThatAreEnteredLaterKeepTheAddressesOfTheirPorts) {
  const Scenario scenario = everything();
  controller::Settings settings = scenario.controller;
  ASSERT_EQ(settings.inverter_lines[0].count, 3U);
  ASSERT_EQ(settings.inverter_lines[1].count, 1U);
  action<ChangeSettings>(scenario, 3, 2).apply_to(settings);
  EXPECT_EQ(settings.inverter_lines[0].count, 1U);
  EXPECT_EQ(settings.inverter_lines[0].addresses[0], 1);
  EXPECT_EQ(settings.inverter_lines[1].count, 0U);
  ASSERT_EQ(settings.inverter_lines[2].count, 3U);
  EXPECT_EQ(settings.inverter_lines[2].addresses[0], 5) << "one beyond all that were entered before";
  EXPECT_EQ(settings.inverter_lines[2].addresses[2], 7);
}

TEST(ControllerReader, AsDeliveredNothingIsEntered) {
  const Scenario scenario = good("<controller kind=\"sec1000\"><as_delivered/></controller>");
  controller::Settings settings = scenario.controller;
  EXPECT_TRUE(std::isnan(settings.export_limit_w));
  EXPECT_EQ(settings.control_mode, controller::ControlMode::value);
  EXPECT_EQ(settings.total_capacity_w, 0.0);
  EXPECT_EQ(settings.ct_ratio, 0.0);
  for (const auto& line : settings.inverter_lines) EXPECT_EQ(line.count, 0U);
  ChangeSettings change;
  change.inverters = {1, 2, std::nullopt};
  change.apply_to(settings);
  EXPECT_EQ(settings.inverter_lines[0].addresses[0], 1);
  EXPECT_EQ(settings.inverter_lines[1].addresses[0], 2);
  EXPECT_EQ(settings.inverter_lines[1].addresses[1], 3);
}

TEST(ControllerReader, BesideAControllerAModbusOrderIsTheMakersProgram) {
  const auto order = action<OrderModbus>(everything(), 9, 1);
  EXPECT_TRUE(order.ems.empty());
  EXPECT_EQ(order.device, "left");
  EXPECT_EQ(order.answer, "exception_2");
}

// com1 has the units 1 and 2, com2 none.
TEST(ControllerReader, TellsThePortsOtherCountsThanTheSiteHas) {
  const controller::Settings more = everything().controller;
  ASSERT_EQ(more.inverter_lines[0].count, 3U);
  EXPECT_EQ(more.inverter_lines[0].addresses[2], 3);
  ASSERT_EQ(more.inverter_lines[1].count, 1U);
  EXPECT_EQ(more.inverter_lines[1].addresses[0], 4) << "one that no other unit has";
  EXPECT_EQ(more.inverter_lines[2].count, 0U);
  const controller::Settings fewer =
      good("<controller kind=\"sec1000\" com1_inverters=\"1\"><export_limit_w>0</export_limit_w></controller>")
          .controller;
  ASSERT_EQ(fewer.inverter_lines[0].count, 1U);
  EXPECT_EQ(fewer.inverter_lines[0].addresses[0], 1);
}

TEST(ControllerReader, ReadsLanClientsWithTheirDefaults) {
  const Scenario scenario = everything();
  ASSERT_EQ(scenario.lan_clients.size(), 2U);
  const LanClientSpec& plain = scenario.lan_clients[0];
  EXPECT_EQ(plain.name, "ha");
  EXPECT_EQ(plain.settings.profile, LanClient::Profile::manual);
  EXPECT_EQ(plain.settings.refresh, sim::Time{30s});
  EXPECT_EQ(plain.settings.maximum_kw, 10.0);
  EXPECT_EQ(plain.settings.capacity_kw, 20.0);
  EXPECT_EQ(plain.latency, sim::Time{1ms});
  const LanClientSpec& other = scenario.lan_clients[1];
  EXPECT_EQ(other.settings.profile, LanClient::Profile::client_code);
  EXPECT_EQ(other.settings.refresh, sim::Time{15s});
  EXPECT_EQ(other.settings.minimum_kw, -1.5);
  EXPECT_EQ(other.settings.capacity_kw, 20.3);
  EXPECT_EQ(other.settings.mode, sec1000::Mode::rcr);
  EXPECT_FALSE(other.settings.sum_of_phases);
  EXPECT_EQ(other.settings.timeout, sim::Time{2500ms});
  EXPECT_EQ(other.latency, sim::Time{20ms});
  EXPECT_EQ(other.start, sim::Time{7s});
  const auto assumed = [&scenario](const std::string& what) {
    return std::any_of(scenario.assumed.begin(), scenario.assumed.end(),
                       [&what](const Assumed& each) { return each.what == what; });
  };
  EXPECT_TRUE(assumed("ha: latency_s"));
  EXPECT_FALSE(assumed("older: latency_s"));
  EXPECT_TRUE(assumed("left: after device_power, silent for"));
  EXPECT_TRUE(assumed("contacts: changes while they bounce"));
}

TEST(ControllerReader, TheCodesOwnTelemetryComesEveryTenSeconds) {
  const Scenario scenario = good("<controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>",
                                 "<lan_client name=\"ha\" profile=\"client_code\"/>");
  EXPECT_EQ(scenario.lan_clients.at(0).settings.refresh, sim::Time{10s});
}

TEST(ControllerReader, ReadsTheActionsOnControllerAndClients) {
  const Scenario scenario = everything();
  EXPECT_EQ(scenario.controller.dred_modes, (std::array<std::uint8_t, 4>{0, 3, 4, 8}));
  EXPECT_EQ(scenario.controller.rcr_basis, controller::RcrBasis::generation);
  EXPECT_GT(scenario.controller.inverter_lines[0].capacity_wh[0], 1000.0);
  EXPECT_FALSE(action<SwitchController>(scenario, 0).on);
  EXPECT_EQ(action<MoveContact>(scenario, 2).input, controller::Input::dred1);
  EXPECT_EQ(action<MoveContact>(scenario, 2, 1).bounce, sim::Time{5ms});
  EXPECT_EQ(action<MoveContact>(scenario, 2, 8).input, controller::Input::reload);
  const auto change = action<ChangeSettings>(scenario, 3);
  controller::Settings settings = scenario.controller;
  change.apply_to(settings);
  EXPECT_EQ(settings.export_limit_w, 7250.0);
  EXPECT_EQ(settings.control_mode, controller::ControlMode::value);
  EXPECT_EQ(settings.phase_mode, controller::PhaseMode::sum);
  EXPECT_EQ(settings.reactive_mode, controller::ReactiveMode::reactive_power);
  EXPECT_EQ(settings.reactive_power_var, -300.0);
  EXPECT_EQ(change.text(),
            "export_limit_w 7250, mode value, phases sum, active_power_share 1, reactive_power_var -300, "
            "total_capacity_w 20000, ct_ratio 20, freeze_cure true");
  EXPECT_EQ(action<SwitchDevice>(scenario, 4, 1).device, "meter");
  EXPECT_EQ(action<StartCommissioning>(scenario, 6).what, StartCommissioning::What::scan);
  EXPECT_EQ(action<StartCommissioning>(scenario, 6, 1).what, StartCommissioning::What::ct_check);
  const auto order = action<OrderLanClient>(scenario, 7);
  EXPECT_EQ(order.client, "ha");
  EXPECT_EQ(order.order.service, LanService::set_export_limit);
  EXPECT_EQ(order.order.limit_kw, 7.25);
  const auto death = action<SwitchLanClient>(scenario, 8);
  EXPECT_FALSE(death.on);
  EXPECT_EQ(death.death.exchange, 4);
  EXPECT_EQ(death.death.request_bytes, 3U);
  EXPECT_TRUE(death.death.leaves_connections);
  EXPECT_EQ(action<SwitchLanClient>(scenario, 8, 1).death.exchange, 0);
}

}  // namespace
}  // namespace hil::harness
