// Curves and trips of a storage converter, from its element, its site and its part.
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path library = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario/library";

Scenario read_good(const std::string& pcs) {
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(
      "<scenario schema=\"1\" name=\"test_case\" duration_s=\"600\" seed=\"7\"><purpose>Reads?</purpose>\n"
      "<site extends=\"sites/storage.xml\">" +
          pcs +
          "</site><ems name=\"ems\" lines=\"com1\"/>\n"
          "<expect><never signal=\"grid.export_w\" above=\"200\"/></expect></scenario>",
      "case.xml", library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

TEST(PcsSupportReader, LeavesTheDefaultsWhereNothingIsGiven) {
  const auto support = read_good("").site.pcs.at(0).settings.support;
  const sim::PcsSupport::Parameters defaults;
  EXPECT_EQ(support.volt_var.voltage_pu, defaults.volt_var.voltage_pu);
  EXPECT_EQ(support.volt_var.reactive_pu, defaults.volt_var.reactive_pu);
  EXPECT_EQ(support.volt_watt.start_pu, defaults.volt_watt.start_pu);
  EXPECT_EQ(support.freq_watt.low_slope_per_hz, 0.0);
}

TEST(PcsSupportReader, TakesEachPointAndLeavesTheOthers) {
  const auto support = read_good(
                           "<pcs name=\"pcs1\">"
                           "<volt_var v1_pu=\"0.9\" q4_pu=\"-0.44\" response_s=\"5\"/>"
                           "<volt_watt stop_share=\"0.2\" return_delay_s=\"0\"/>"
                           "<freq_watt start_hz=\"0.036\" slope_per_hz=\"0.4\" low_slope_per_hz=\"0.3\"/></pcs>")
                           .site.pcs.at(0)
                           .settings.support;
  EXPECT_EQ(support.volt_var.voltage_pu, (std::array{0.9, 0.98, 1.02, 1.06}));
  EXPECT_EQ(support.volt_var.reactive_pu, (std::array{0.3, 0.0, 0.0, -0.44}));
  EXPECT_EQ(support.volt_var.response_s, 5.0);
  EXPECT_EQ(support.volt_watt.start_pu, 1.06);
  EXPECT_EQ(support.volt_watt.stop_share, 0.2);
  EXPECT_EQ(support.volt_watt.return_delay_s, 0.0);
  EXPECT_EQ(support.freq_watt.start_hz, 0.036);
  EXPECT_EQ(support.freq_watt.low_start_hz, 0.2);
  EXPECT_EQ(support.freq_watt.low_slope_per_hz, 0.3);
}

// pcs_8_strings has v1_pu 0.91 and q1_pu 0.4 in the catalogue.
TEST(PcsSupportReader, OverridesTheCurveOfThePart) {
  const Scenario scenario = read_good(
      "<pcs name=\"pcs2\" part=\"pcs_8_strings\" bus=\"main\" line=\"com1\" unit=\"9\">"
      "<string number=\"1\" soc=\"0.5\"><battery part=\"high_pack\"/></string>"
      "<volt_var q1_pu=\"0.2\"/></pcs>");
  for (const bool again : {false, true}) {
    Diagnostics diagnostics;
    const std::optional<Scenario> resolved =
        again ? read_scenario_text(scenario.resolved_xml, "scenario.xml", library, diagnostics) : scenario;
    ASSERT_TRUE(resolved && diagnostics.empty());
    const auto& curve = resolved->site.pcs.at(1).settings.support.volt_var;
    EXPECT_EQ(curve.voltage_pu.front(), 0.91);
    EXPECT_EQ(curve.reactive_pu.front(), 0.2);
  }
}

// Codes list their stages either way; here they count from nominal outwards.
TEST(TripsReader, ChangesTheStagesOfTheGridCode) {
  const Scenario scenario = read_good(
      "<pcs name=\"pcs1\" grid_code=\"sinexcel_vde\">"
      "<trips uv1_s=\"21\" uv3_pu=\"0.2\" of1_hz=\"51.2\"/></pcs>");
  const auto& protection = scenario.site.plant.inverters.at(0).lane.grid_code->protection;
  EXPECT_EQ(protection.undervoltage[0].delay, 21s);
  EXPECT_EQ(protection.undervoltage[0].threshold, 0.80);
  EXPECT_EQ(protection.undervoltage[2].threshold, 0.2);
  EXPECT_EQ(protection.overfrequency[0].threshold, 51.2);
  EXPECT_EQ(protection.overvoltage[0].threshold, 1.25);
}

}  // namespace
}  // namespace hil::harness
