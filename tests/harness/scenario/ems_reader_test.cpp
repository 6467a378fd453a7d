#include <gtest/gtest.h>

#include <algorithm>

#include "harness/scenario/modbus_order.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path folder = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario";

Scenario read_or_fail(std::optional<Scenario> scenario, const Diagnostics& diagnostics) {
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

Scenario converters() {
  Diagnostics diagnostics;
  auto scenario = read_scenario(folder / "good/storage_converters_and_ems.xml", folder / "library", diagnostics);
  return read_or_fail(std::move(scenario), diagnostics);
}

const Assumed* find_assumed(const Scenario& scenario, const std::string& what) {
  const auto found = std::find_if(scenario.assumed.begin(), scenario.assumed.end(),
                                  [&what](const Assumed& each) { return each.what == what; });
  return found == scenario.assumed.end() ? nullptr : &*found;
}

std::vector<OrderModbus> orders_of(const Scenario& scenario) {
  std::vector<OrderModbus> orders;
  for_each_action(scenario, [&orders](const Action& action) {
    if (const auto* order = std::get_if<OrderModbus>(&action)) orders.push_back(*order);
  });
  return orders;
}

TEST(PcsReader, SaysHowManyOfItsRegistersTheBenchAssigned) {
  Diagnostics diagnostics;
  const std::filesystem::path scenarios = std::filesystem::path{HILBENCH_SOURCE_DIR} / "scenarios";
  const Scenario scenario =
      read_or_fail(read_scenario(scenarios / "sinexcel/start_and_stop.xml", scenarios, diagnostics), diagnostics);
  const auto& rows = scenario.register_maps.at("sinexcel_pws1").rows;
  const auto assigned = std::count_if(
      rows.begin(), rows.end(), [](const sim::RegisterRow& row) { return row.source.starts_with("bench-assigned"); });
  EXPECT_GT(assigned, 10);
  const std::string what =
      "pcs1: " + std::to_string(assigned) + " of " + std::to_string(rows.size()) + " registers of sinexcel_pws1";
  ASSERT_NE(find_assumed(scenario, what), nullptr) << what;
  EXPECT_EQ(find_assumed(scenario, what)->value, "bench-assigned");
}

TEST(PcsReader, GivesEachStringItsShareOfTheUnitAndALaneInTheOrderOfItsNumber) {
  const Scenario scenario = converters();
  ASSERT_EQ(scenario.site.pcs.size(), 3U);
  const PcsSpec& pcs2 = scenario.site.pcs[1];
  EXPECT_EQ(pcs2.first_lane, 1U);
  ASSERT_EQ(pcs2.string_count(), 2U);
  const auto& lanes = scenario.site.plant.inverters;
  ASSERT_EQ(lanes.size(), 4U);
  EXPECT_EQ(lanes[1].name, "pcs2.string1");
  EXPECT_DOUBLE_EQ(lanes[1].lane.initial_soc, 0.9);
  EXPECT_EQ(lanes[2].name, "pcs2.string2");
  EXPECT_DOUBLE_EQ(lanes[2].lane.initial_soc, 0.3);
  const models::HybridInverter::Parameters& stage = lanes[1].lane.power_stage;
  EXPECT_DOUBLE_EQ(stage.rated_ac_w, 30'000.0);
  EXPECT_DOUBLE_EQ(stage.max_phase_a, 48.0);
  EXPECT_DOUBLE_EQ(stage.losses.ac_to_battery.constant_w, 200.0) << "the part's own";
  EXPECT_DOUBLE_EQ(stage.losses.battery_to_ac.square_w, 500.0) << "that of the site";
  EXPECT_DOUBLE_EQ(stage.losses.pv_to_ac.constant_w, 150.0) << "common";
  EXPECT_TRUE(lanes[1].lane.site_forming.has_value());
  EXPECT_TRUE(lanes[1].lane.pv.empty());
  ASSERT_EQ(lanes[3].lane.pv.size(), 1U);
  EXPECT_EQ(lanes[3].lane.site_forming->soft_start, 4s);
  EXPECT_DOUBLE_EQ(lanes[3].lane.power_stage.rated_ac_w, 40'000.0) << "a figure of the part, overridden";
}

TEST(PcsReader, TakesLimitsFromTheCellsWhereNoneIsGivenAndListsThemAsAssumed) {
  const Scenario scenario = converters();
  const sim::SinexcelPcs::StringLimits& first = scenario.site.pcs[0].settings.strings.at(0);
  EXPECT_DOUBLE_EQ(first.end_of_discharge_v, 700.0);
  EXPECT_DOUBLE_EQ(first.lower_limit_v, 692.5) << "7.5 V below";
  EXPECT_DOUBLE_EQ(first.topping_v, 830.0);
  EXPECT_DOUBLE_EQ(first.float_v, 820.0);
  EXPECT_DOUBLE_EQ(first.max_charge_a, 40.0);
  EXPECT_DOUBLE_EQ(first.max_discharge_a, 60.0) << "of the battery";
  EXPECT_DOUBLE_EQ(first.end_of_charge_a, 2.5) << "0.05 C";
  EXPECT_EQ(find_assumed(scenario, "pcs1 string 1: topping_v"), nullptr);
  EXPECT_NE(find_assumed(scenario, "pcs1 string 1: lower_limit_v"), nullptr);
  const sim::SinexcelPcs::StringLimits& second = scenario.site.pcs[1].settings.strings.at(1);
  EXPECT_DOUBLE_EQ(second.topping_v, 240 * 3.45);
  EXPECT_DOUBLE_EQ(second.float_v, second.topping_v);
  EXPECT_DOUBLE_EQ(second.end_of_discharge_v, 240 * 2.9);
  EXPECT_DOUBLE_EQ(second.max_discharge_a, 55.0) << "the input carries less than the battery gives";
}

TEST(PcsReader, ReadsWhatDocumentsLeaveOpenAndListsWhatIsNotSaid) {
  const Scenario scenario = converters();
  const sim::SinexcelPcs::Settings& first = scenario.site.pcs[0].settings;
  EXPECT_TRUE(first.wrong_state_is_exception);
  EXPECT_FALSE(first.latch_grid_faults);
  EXPECT_EQ(first.reconnect_delay_s, 5.0);
  EXPECT_EQ(find_assumed(scenario, "pcs1: wrong_state_is_exception"), nullptr);
  ASSERT_NE(find_assumed(scenario, "pcs1: latch_grid_faults"), nullptr);
  EXPECT_EQ(find_assumed(scenario, "pcs1: latch_grid_faults")->value, "false");
  ASSERT_NE(find_assumed(scenario, "pcs1: turnaround_s"), nullptr) << "of the part";
  EXPECT_DOUBLE_EQ(scenario.site.pcs[2].settings.frequency_bias_hz, 0.1);
}

TEST(EmsReader, GoesAnotherWayWhenToldInTheResolvedTextToo) {
  Scenario scenario = converters();
  set_ems_over(scenario, EmsOver::tcp);
  Diagnostics diagnostics;
  const Scenario again = read_or_fail(
      read_scenario_text(scenario.resolved_xml, scenario.file, folder / "library", diagnostics), diagnostics);
  ASSERT_EQ(again.ems.size(), 2U);
  for (const EmsSpec& ems : again.ems) EXPECT_EQ(ems.over, EmsOver::tcp) << ems.name;
  set_ems_over(scenario, EmsOver::rtu);
  EXPECT_EQ(scenario.ems[1].over, EmsOver::rtu);
  EXPECT_EQ(scenario.resolved_xml.find("over=\"tcp\""), std::string::npos);
}

TEST(EmsReader, FindsTheEmsOfADeviceAndItsRegistersByName) {
  const Scenario scenario = converters();
  EXPECT_FALSE(scenario.has_controller());
  ASSERT_EQ(scenario.ems.size(), 2U);
  EXPECT_EQ(scenario.ems[0].lines, (std::vector<std::string>{"com1", "com4"}));
  EXPECT_EQ(scenario.ems[0].timeout, 500ms);
  EXPECT_EQ(scenario.ems[0].over, EmsOver::rtu) << "without";
  EXPECT_EQ(scenario.ems[1].over, EmsOver::tcp);
  ASSERT_EQ(scenario.ems[0].polls.size(), 2U);
  EXPECT_EQ(scenario.ems[0].polls[0].address, 53010);
  EXPECT_EQ(scenario.ems[0].polls[1].address, 12);
  const auto orders = orders_of(scenario);
  ASSERT_EQ(orders.size(), 7U);
  EXPECT_EQ(orders[0].ems, "ems") << "that of the line";
  EXPECT_EQ(orders[1].address, 53601);
  EXPECT_EQ(orders[1].answer, "exception_4");
  EXPECT_EQ(orders[2].ems, "second");
  EXPECT_EQ(orders[2].address, 0xD17E);
  EXPECT_EQ(orders[2].value, -500) << "a parameter of the scenario";
  EXPECT_EQ(orders[3].answer, "values") << "without";
  EXPECT_EQ(orders[5].pdu, (std::vector<std::uint8_t>{0x10, 0xD1, 0x60, 0, 1, 2, 0, 1}));
  EXPECT_EQ(orders[6].answer, "reply") << "without";
}

TEST(EmsReader, ReadsTheResolvedScenarioToTheSame) {
  const Scenario scenario = converters();
  Diagnostics diagnostics;
  const Scenario again = read_or_fail(
      read_scenario_text(scenario.resolved_xml, "resolved.xml", folder / "library", diagnostics), diagnostics);
  EXPECT_EQ(again.resolved_xml, scenario.resolved_xml);
  EXPECT_EQ(again.site.pcs.size(), 3U);
  EXPECT_EQ(again.assumed.size(), scenario.assumed.size());
  EXPECT_EQ(orders_of(again).size(), 7U);
}

/// Of the parallel SolaX inverters of the library that is not a test's: their functions 06 and 16 have addresses of
/// their own.
Scenario solax_with(const std::string& polls, const std::string& orders, Diagnostics& diagnostics) {
  const std::filesystem::path library = std::filesystem::path{HILBENCH_SOURCE_DIR} / "scenarios";
  return read_scenario_text(
             "<scenario schema=\"1\" name=\"x\" duration_s=\"60\" seed=\"7\"><purpose>Which register?</purpose>"
             "<site extends=\"sites/solax_three_a1_240v.xml\"/><ems name=\"ems\" lines=\"com1\">" +
                 polls + "</ems><timeline><at time_s=\"1\">" + orders +
                 "</at></timeline><expect><never signal=\"grid.export_w\" above=\"5\"/></expect></scenario>",
             library / "x.xml", library, diagnostics)
      .value_or(Scenario{});
}

TEST(EmsReader, LooksWhereTheMapOfADeviceHasARegisterForItsFunction) {
  Diagnostics diagnostics;
  const Scenario scenario = solax_with(
      "<poll device=\"a1\" read=\"total_l1_injection_w\"/><poll device=\"a1\" read=\"export_limit_w\"/>"
      "<poll device=\"a1\" read=\"0xB6\" table=\"input\"/>",
      "<modbus device=\"a1\" write=\"export_limit_w\" value=\"5\"/><modbus device=\"a1\" write=\"remote_mode\" "
      "values=\"1 1 -3000 -1\"/><modbus device=\"a1\" read=\"units\" value=\"3\"/>",
      diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  ASSERT_EQ(scenario.ems.size(), 1U);
  const auto& polls = scenario.ems[0].polls;
  ASSERT_EQ(polls.size(), 3U);
  EXPECT_EQ(polls[0].table, sim::Table::input);
  EXPECT_EQ(polls[0].address, 0x1E0);
  EXPECT_EQ(polls[0].count, 2);
  EXPECT_EQ(polls[0].encoding, sim::Encoding::s32_low_first);
  EXPECT_EQ(polls[1].table, sim::Table::holding);
  EXPECT_EQ(polls[1].address, 0xB6);
  EXPECT_EQ(polls[2].table, sim::Table::input) << "one number, another table";
  const auto orders = orders_of(scenario);
  ASSERT_EQ(orders.size(), 3U);
  EXPECT_EQ(orders[0].address, 0x42) << "of function 06";
  EXPECT_EQ(orders[1].what, OrderModbus::What::block);
  EXPECT_EQ(orders[1].address, 0x7C);
  EXPECT_EQ(orders[1].values, (std::vector<int>{1, 1, -3000, -1}));
  EXPECT_EQ(orders[2].table, sim::Table::input);
}

TEST(EmsReader, SaysThatARegisterCannotBeWrittenOrRead) {
  Diagnostics diagnostics;
  solax_with("<poll device=\"a1\" read=\"unlock_password\"/>", "<modbus device=\"a1\" write=\"units\" value=\"5\"/>",
             diagnostics);
  std::string text;
  for (const Fault& fault : diagnostics.sorted()) text += fault.text() + "\n";
  EXPECT_NE(text.find("register \"unlock_password\" cannot be read in solax_g4"), std::string::npos) << text;
  EXPECT_NE(text.find("register \"units\" cannot be written in solax_g4"), std::string::npos) << text;
}

TEST(ModbusOrder, SaysRequestsAndKnowsTheWordsOfAnswers) {
  OrderModbus order;
  order.register_name = "53900";
  order.value = 1;
  EXPECT_EQ(request_text(order), "write 53900 = 1");
  order.what = OrderModbus::What::read;
  order.count = 2;
  EXPECT_EQ(request_text(order), "read 53900, 2 registers");
  order.what = OrderModbus::What::block;
  order.values = {1, -2};
  EXPECT_EQ(request_text(order), "write 53900 = 1 -2");
  EXPECT_EQ(usual_answer(order.what), "echo");
  order.what = OrderModbus::What::pdu;
  order.pdu = {0x04, 0xD2, 0x8C};
  EXPECT_EQ(request_text(order), "send 04 D2 8C");
  for (const char* good : {"echo", "values", "reply", "none", "garbled", "exception_1", "exception_255"}) {
    EXPECT_TRUE(is_answer(good)) << good;
  }
  for (const char* bad : {"", "exception_", "exception_0", "exception_256", "exception_03", "exception_-1", "Echo"}) {
    EXPECT_FALSE(is_answer(bad)) << bad;
  }
}

}  // namespace
}  // namespace hil::harness
