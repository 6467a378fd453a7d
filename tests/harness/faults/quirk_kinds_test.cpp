#include "harness/faults/quirk_kinds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

const std::filesystem::path root = HILBENCH_SOURCE_DIR;

std::optional<Scenario> read_with(const std::string& overrides, Diagnostics& diagnostics) {
  const std::filesystem::path library = root / "tests/harness/scenario/library";
  return read_scenario_text(
      "<scenario schema=\"1\" name=\"case\" duration_s=\"600\" seed=\"7\"><purpose>A test.</purpose>"
      "<site extends=\"sites/base.xml\">" +
          overrides +
          "</site><controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>"
          "<expect><never signal=\"grid.export_w\" above=\"200\"/></expect></scenario>",
      library / "case.xml", library, diagnostics);
}

Scenario read_good(const std::string& overrides) {
  Diagnostics diagnostics;
  auto scenario = read_with(overrides, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario ? *std::move(scenario) : Scenario{};
}

// The list that `hilbench list --quirks` prints, the reader's defaults and the schema say the same.
TEST(QuirkKinds, AreReadWithTheDefaultsOfTheirList) {
  for (const QuirkKind& quirk : quirk_kinds()) {
    const std::string kind{quirk.kind};
    const Scenario scenario = read_good("<inverter name=\"right\"><quirk kind=\"" + kind + "\"/></inverter>");
    const std::string prefix = "right: " + kind + " ";
    std::vector<std::string> found;
    for (const Assumed& assumed : scenario.assumed) {
      if (assumed.what.starts_with(prefix)) found.push_back(assumed.what.substr(prefix.size()) + "=" + assumed.value);
    }
    std::vector<std::string> listed;
    for (const QuirkParameter& parameter : quirk.parameters) {
      listed.push_back(std::string{parameter.attribute} + "=" + std::string{parameter.fallback});
    }
    std::sort(found.begin(), found.end());
    std::sort(listed.begin(), listed.end());
    EXPECT_EQ(found, listed) << kind;
  }
}

TEST(QuirkKinds, StandInTheSchema) {
  std::ifstream file{root / "scenarios/schema_site.xsd"};
  const std::string schema{std::istreambuf_iterator<char>{file}, {}};
  const auto has = [&](std::string_view attribute, std::string_view value) {
    return schema.find(std::string{attribute} + "=\"" + std::string{value} + "\"") != std::string::npos;
  };
  for (const QuirkKind& quirk : quirk_kinds()) {
    EXPECT_TRUE(has("enumeration value", quirk.kind)) << quirk.kind;
    for (const QuirkParameter& parameter : quirk.parameters) EXPECT_TRUE(has("name", parameter.attribute));
  }
}

std::optional<Scenario> read_controller(const std::string& inside, Diagnostics& diagnostics) {
  const std::filesystem::path library = root / "tests/harness/scenario/library";
  return read_scenario_text(
      "<scenario schema=\"1\" name=\"case\" duration_s=\"600\" seed=\"7\"><purpose>A test.</purpose>"
      "<site extends=\"sites/base.xml\"/><controller kind=\"sec1000\" lan_idle_timeout_s=\"5\">"
      "<export_limit_w>0</export_limit_w>" +
          inside + "</controller><expect><never signal=\"grid.export_w\" above=\"200\"/></expect></scenario>",
      library / "case.xml", library, diagnostics);
}

TEST(ControllerQuirkKinds, AreReadWithTheDefaultsOfTheirListAndStandInTheSchema) {
  std::ifstream file{root / "scenarios/schema.xsd"};
  const std::string schema{std::istreambuf_iterator<char>{file}, {}};
  for (const QuirkKind& quirk : controller_quirk_kinds()) {
    Diagnostics diagnostics;
    const auto scenario = read_controller("<quirk kind=\"" + std::string{quirk.kind} + "\"/>", diagnostics);
    ASSERT_TRUE(scenario.has_value()) << quirk.kind;
    EXPECT_NE(schema.find("enumeration value=\"" + std::string{quirk.kind} + "\""), std::string::npos);
    for (const QuirkParameter& parameter : quirk.parameters) {
      const std::string what = "controller: " + std::string{quirk.kind} + " " + std::string{parameter.attribute};
      const auto found = std::find_if(scenario->assumed.begin(), scenario->assumed.end(),
                                      [&](const Assumed& assumed) { return assumed.what == what; });
      ASSERT_NE(found, scenario->assumed.end()) << what;
      EXPECT_EQ(found->value, parameter.fallback) << what;
      EXPECT_NE(schema.find("name=\"" + std::string{parameter.attribute} + "\""), std::string::npos) << what;
    }
  }
}

TEST(ControllerQuirkKinds, ReachTheControllersSettings) {
  Diagnostics diagnostics;
  const auto scenario = read_controller(
      "<quirk kind=\"lan_overload\" sustained_interval_s=\"5\" burst_exchanges=\"8\" wrong_answers=\"2\"/>"
      "<quirk kind=\"lan_stale_inverters_power\" period_s=\"20\" zero_every=\"0\"/>"
      "<quirk kind=\"lan_short_answers\" every=\"3\"/><quirk kind=\"lan_answers_malformed\"/>",
      diagnostics);
  ASSERT_TRUE(scenario.has_value());
  const controller::LanSettings& lan = scenario->controller.lan;
  EXPECT_EQ(lan.overload->sustained_interval, std::chrono::seconds{5});
  EXPECT_EQ(lan.overload->burst_exchanges, 8U);
  EXPECT_EQ(lan.overload->wrong_answers, 2U);
  EXPECT_EQ(lan.stale_inverters_power->period, std::chrono::seconds{20});
  EXPECT_EQ(lan.stale_inverters_power->zero_every, 0U);
  EXPECT_EQ(lan.short_answer_every, 3U);
  EXPECT_TRUE(lan.answers_malformed);
  EXPECT_EQ(lan.idle_timeout, std::chrono::seconds{5});
}

TEST(ControllerQuirkKinds, RefuseMoreExchangesThanTheControllerCounts) {
  Diagnostics diagnostics;
  read_controller("<quirk kind=\"lan_overload\" sustained_interval_s=\"0.5\"/>", diagnostics);
  ASSERT_FALSE(diagnostics.empty());
  EXPECT_NE(
      diagnostics.sorted()[0].text().find("sustained_window_s is 120, must be <= 120 times sustained_interval_s (0.5)"),
      std::string::npos)
      << diagnostics.sorted()[0].text();
}

TEST(QuirkKinds, SayHowSureTheyAreAndWhy) {
  for (const QuirkKind& quirk : quirk_kinds()) {
    EXPECT_NE(std::string{"CSIU"}.find(quirk.certainty), std::string::npos) << quirk.kind;
    EXPECT_FALSE(quirk.source.empty());
    EXPECT_FALSE(quirk.meaning.empty());
  }
}

TEST(QuirkKinds, ReachTheDeviceTheyAreGivenTo) {
  const Scenario scenario = read_good(
      "<inverter name=\"left\" own_meter=\"true\" ripple_control=\"true\"><quirk kind=\"stale_values\" period_s=\"7\"/>"
      "<quirk kind=\"long_blocks_refused\" most_registers=\"45\"/><quirk kind=\"equal_limit_split\" units=\"3\"/>"
      "</inverter>");
  const InverterSpec& left = scenario.site.inverters.at(0);
  EXPECT_TRUE(left.settings.own_meter);
  EXPECT_TRUE(left.settings.ripple_control);
  EXPECT_EQ(left.stale_period, std::chrono::seconds{7});
  EXPECT_EQ(left.server_quirks.most_registers, 45);
  EXPECT_EQ(left.quirks.export_limit_shared_by, 3.0);
  EXPECT_FALSE(scenario.site.inverters.at(1).settings.own_meter);
}

TEST(QuirkKinds, RefuseACollapseThatNeverEnds) {
  Diagnostics diagnostics;
  read_with("<inverter name=\"left\"><quirk kind=\"pv_collapse_at_full_battery\" release_soc=\"0.995\"/></inverter>",
            diagnostics);
  ASSERT_FALSE(diagnostics.empty());
  EXPECT_NE(diagnostics.sorted()[0].text().find("release_soc is 0.995, must be < full_soc (0.99)"), std::string::npos);
}

}  // namespace
}  // namespace hil::harness
