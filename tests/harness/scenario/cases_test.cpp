#include "harness/scenario/cases.h"

#include <gtest/gtest.h>

#include <set>

#include "harness/scenario/pairwise.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path folder = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario";

std::string all_faults(const Diagnostics& diagnostics) {
  std::string text;
  for (const Fault& fault : diagnostics.sorted()) text += fault.text() + "\n";
  return text;
}

std::string swept(const std::string& axes) {
  return "<scenario schema=\"1\" name=\"swept\" duration_s=\"600\" seed=\"7\"><purpose>Cases?</purpose><parameters>"
         "<parameter name=\"load_w\" default=\"6000\" unit=\"W\"/><parameter name=\"soc\" "
         "default=\"0.5\"/></parameters>" +
         axes +
         "<site extends=\"sites/base.xml\"><inverter name=\"left\" soc=\"${soc}\"/><load name=\"heater\" "
         "l1_w=\"${load_w}\" "
         "l2_w=\"1${soc}\"/></site><controller kind=\"sec1000\"><export_limit_w>${load_w}</export_limit_w></controller>"
         "<expect><never signal=\"grid.export_w\" above=\"200\"/></expect></scenario>";
}

std::vector<ScenarioCase> cases(const std::string& text) {
  Diagnostics diagnostics;
  const auto root = parse_xml(text, "case.xml", diagnostics);
  auto found = cases_of(root.value(), "case.xml", folder / "library", diagnostics);
  EXPECT_EQ(all_faults(diagnostics), "");
  return found;
}

std::vector<std::string> keys(const std::vector<ScenarioCase>& all) {
  std::vector<std::string> found;
  for (const ScenarioCase& each : all) found.push_back(each.key);
  return found;
}

TEST(Cases, WithoutASweepThereIsOneWithTheDefaults) {
  const auto all = cases(swept(""));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].key, "");
  Diagnostics diagnostics;
  const auto scenario = read_scenario_text(swept(""), "case.xml", folder / "library", diagnostics);
  ASSERT_TRUE(scenario.has_value()) << all_faults(diagnostics);
  EXPECT_EQ(scenario->name, "swept");
  EXPECT_DOUBLE_EQ(scenario->site.plant.inverters[0].lane.initial_soc, 0.5);
  EXPECT_DOUBLE_EQ(scenario->site.plant.loads[0].zip->nominal_w[0], 6000.0);
  EXPECT_DOUBLE_EQ(scenario->controller.export_limit_w, 6000.0);
}

TEST(Cases, CombineAllValuesTheLastAxisFirst) {
  const auto all =
      cases(swept("<sweep><list parameter=\"load_w\" values=\"1000 2000\"/>"
                  "<range parameter=\"soc\" from=\"0.1\" to=\"0.7\" step=\"0.3\"/></sweep>"));
  EXPECT_EQ(keys(all), (std::vector<std::string>{"load_w=1000,soc=0.1", "load_w=1000,soc=0.4", "load_w=1000,soc=0.7",
                                                 "load_w=2000,soc=0.1", "load_w=2000,soc=0.4", "load_w=2000,soc=0.7"}));
  EXPECT_EQ(case_name("swept", all[3].key), "swept@load_w=2000,soc=0.1");
}

TEST(Cases, OfAListThatIsTooLongAreNoneAndNotAPartOfThem) {
  std::string values;
  for (int i = 0; i <= 1000; ++i) values += std::to_string(i) + " ";
  Diagnostics diagnostics;
  const auto root = parse_xml(swept("<sweep><list parameter=\"load_w\" values=\"" + values + "\"/></sweep>"),
                              "case.xml", diagnostics);
  cases_of(root.value(), "case.xml", folder / "library", diagnostics);
  EXPECT_NE(all_faults(diagnostics).find("<sweep>: makes 1001 cases, must be at most 1000"), std::string::npos)
      << all_faults(diagnostics);
}

TEST(Cases, DrawTheSameRandomValuesForTheSameSeed) {
  const std::string axis = "<sweep><random parameter=\"soc\" from=\"0.2\" to=\"0.6\" count=\"50\"/></sweep>";
  const auto all = cases(swept(axis));
  ASSERT_EQ(all.size(), 50U);
  EXPECT_EQ(keys(all), keys(cases(swept(axis))));
  double sum = 0.0;
  for (const ScenarioCase& each : all) {
    const double soc = std::stod(each.values[1].value);
    EXPECT_GE(soc, 0.2);
    EXPECT_LE(soc, 0.6);
    sum += soc;
  }
  // Mean 0.4, standard deviation of the mean 0.4 / sqrt(12 * 50) = 0.016: five of them.
  EXPECT_NEAR(sum / 50.0, 0.4, 0.08);
  std::string other_seed = swept(axis);
  other_seed.replace(other_seed.find("seed=\"7\""), 8, "seed=\"8\"");
  EXPECT_NE(keys(all), keys(cases(other_seed)));
}

TEST(Cases, AreReadOneByOneByTheirKey) {
  const std::string text = swept("<sweep><list parameter=\"load_w\" values=\"1000 2000\"/></sweep>");
  Diagnostics diagnostics;
  const auto second = read_scenario_text(text, "case.xml", folder / "library", diagnostics, "load_w=2000");
  ASSERT_TRUE(second.has_value()) << all_faults(diagnostics);
  EXPECT_EQ(second->name, "swept@load_w=2000");
  EXPECT_DOUBLE_EQ(second->site.plant.loads[0].zip->nominal_w[0], 2000.0);
  // The text that goes into the results is of this case alone.
  Diagnostics again;
  const auto reread = read_scenario_text(second->resolved_xml, "case.xml", folder / "library", again);
  ASSERT_TRUE(reread.has_value()) << all_faults(again);
  EXPECT_DOUBLE_EQ(reread->site.plant.loads[0].zip->nominal_w[0], 2000.0);

  Diagnostics none;
  EXPECT_FALSE(read_scenario_text(text, "case.xml", folder / "library", none));
  EXPECT_EQ(all_faults(none),
            "case.xml:1:1: <scenario name=\"swept\">: stands for 2 cases, one of them is wanted here\n");
  Diagnostics unknown;
  EXPECT_FALSE(read_scenario_text(text, "case.xml", folder / "library", unknown, "load_w=3"));
  EXPECT_EQ(all_faults(unknown), "case.xml:1:1: <scenario name=\"swept\">: has no case \"load_w=3\"\n");
}

TEST(Cases, WarnOfAParameterThatNothingNames) {
  Diagnostics diagnostics;
  std::string text = swept("");
  text.replace(text.find("</parameters>"), 0, "<parameter name=\"idle_s\" default=\"3\"/>");
  EXPECT_TRUE(read_scenario_text(text, "case.xml", folder / "library", diagnostics));
  EXPECT_NE(all_faults(diagnostics)
                .find("warning: <parameter name=\"idle_s\">: nothing in the scenario names ${idle_s} "
                      "[S009]"),
            std::string::npos)
      << all_faults(diagnostics);
}

TEST(Cases, OfEveryGoodFileAreRead) {
  for (const auto& entry : std::filesystem::directory_iterator{folder / "good"}) {
    if (entry.path().extension() != ".xml") continue;
    Diagnostics diagnostics;
    EXPECT_FALSE(read_scenarios(entry.path(), folder / "library", diagnostics).sound.empty()) << entry.path();
    EXPECT_EQ(all_faults(diagnostics), "");
  }
}

TEST(Cases, OfAnExtendingScenarioHoldWhatItGivesOnTopOfItsBase) {
  Diagnostics diagnostics;
  const auto scenario = read_scenario(folder / "good/extended.xml", folder / "library", diagnostics);
  ASSERT_TRUE(scenario.has_value()) << all_faults(diagnostics);
  EXPECT_EQ(scenario->name, "extended");
  EXPECT_EQ(scenario->seed, 7U);
  EXPECT_EQ(scenario->duration, sim::Time{900s});
  EXPECT_DOUBLE_EQ(scenario->site.plant.inverters[0].lane.initial_soc, 0.9);
  EXPECT_DOUBLE_EQ(scenario->site.plant.inverters[1].lane.initial_soc, 0.4);
  EXPECT_EQ(scenario->triggers.size(), 6U);
  EXPECT_EQ(scenario->timeline.size(), 3U);
  ASSERT_EQ(scenario->checks.size(), 1U);
  EXPECT_EQ(scenario->checks[0].window.after, "added");
}

TEST(Cases, OfAnExtendingScenarioStandElsewhereInATableOfOneTitle) {
  Diagnostics diagnostics;
  const auto scenario = read_scenario_text(
      "<scenario schema=\"1\" name=\"x\" extends=\"parallel_solax.xml\"><purpose>Where?</purpose>"
      "<tabulate title=\"Plugs\" rows=\"plug\" row=\"another\" columns=\"pin\" column=\"3\"><signal "
      "name=\"first.parallel.can_fault\" label=\"CAN\"/></tabulate></scenario>",
      folder / "good/x.xml", folder / "library", diagnostics);
  ASSERT_TRUE(scenario.has_value()) << all_faults(diagnostics);
  ASSERT_EQ(scenario->tables.size(), 2U);
  EXPECT_EQ(scenario->tables[0].row, "another");
  EXPECT_EQ(scenario->tables[0].from, "") << "it is replaced as a whole";
  ASSERT_EQ(scenario->tables[0].shown.size(), 1U);
  EXPECT_EQ(scenario->tables[0].shown[0].label, "CAN");
  EXPECT_EQ(scenario->tables[1].shown[0].label, "second.parallel.*") << "without a label";
  ASSERT_EQ(scenario->records.size(), 2U);
  EXPECT_TRUE(scenario->records[0].on_change);
}

/// Each pair of values of two axes that a row holds: axis, value, axis, value.
std::set<std::vector<std::size_t>> pairs_in(const Combinations& rows) {
  std::set<std::vector<std::size_t>> met;
  for (const auto& row : rows) {
    for (std::size_t axis = 0; axis < row.size(); ++axis) {
      for (std::size_t other = axis + 1; other < row.size(); ++other) met.insert({axis, row[axis], other, row[other]});
    }
  }
  return met;
}

// Every choice of up to four axes with one to four values each: 340 of them.
TEST(Pairwise, HoldsEveryPairOfValuesThatAllCombinationsHold) {
  for (std::size_t axes = 1; axes <= 4; ++axes) {
    for (const auto& less_one : all_combinations(std::vector<std::size_t>(axes, 4))) {
      std::vector<std::size_t> sizes = less_one;
      for (std::size_t& size : sizes) ++size;
      const Combinations all = all_combinations(sizes);
      const Combinations few = pairwise_combinations(sizes);
      EXPECT_EQ(pairs_in(few), pairs_in(all));
      EXPECT_LE(few.size(), all.size());
    }
  }
}

// Ten parameters of four values: 1,048,576 combinations; 16 cases at least, and greedy stays below four times that.
TEST(Pairwise, TakesFewCasesForManyParameters) {
  EXPECT_LT(pairwise_combinations(std::vector<std::size_t>(10, 4)).size(), 64U);
  EXPECT_EQ(all_combinations({2, 3, 2}).size(), 12U);
}

}  // namespace
}  // namespace hil::harness
