#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "harness/record/run.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";

struct Example {
  std::string check;  ///< the element that its heading names
  std::string xml;
};

/// The examples of scenarios/README.md, "Checks": blocks of XML below a heading `#### never`, behind "Holds:" or
/// "Broken:", each check from the beginning of a line; and the scenario that they run in.
struct Guide {
  std::vector<Example> holding;
  std::vector<Example> broken;
  std::string scenario;
  std::set<std::string> headings;
};

/// A block of one check after the other.
void add_checks(const std::string& heading, const std::string& block, std::vector<Example>& examples) {
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("<" + heading)) examples.push_back({heading, ""});
    if (!examples.empty()) examples.back().xml += line + "\n";
  }
}

Guide read_guide() {
  std::ifstream file(library / "README.md");
  Guide guide;
  std::string heading;
  std::string kind;
  std::string block;
  bool inside = false;
  bool in_checks = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) in_checks = line == "## Checks";
    if (!in_checks) continue;
    if (line.starts_with("#### `")) {
      heading = line.substr(6, line.rfind('`') - 6);
      guide.headings.insert(heading);
    }
    if (line == "Holds:" || line == "Broken:" || line == "Scenario:") kind = line;
    if (line == "```xml") {
      inside = true;
      block.clear();
    } else if (line == "```" && inside) {
      inside = false;
      if (kind == "Holds:") add_checks(heading, block, guide.holding);
      if (kind == "Broken:") add_checks(heading, block, guide.broken);
      if (kind == "Scenario:") guide.scenario = block;
    } else if (inside) {
      block += line + "\n";
    }
  }
  return guide;
}

/// All examples in the guide's scenario, each in the state that the guide gives it.
void expect_state(const Guide& guide, const std::vector<Example>& examples, CheckState state) {
  std::string text = guide.scenario;
  const std::string place = "<!-- the example -->";
  ASSERT_NE(text.find(place), std::string::npos) << text;
  std::string all;
  for (const Example& example : examples) all += example.xml;
  text.replace(text.find(place), place.size(), all);
  Diagnostics diagnostics;
  const auto scenario = read_scenario_text(text, "guide.xml", library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  ASSERT_TRUE(scenario.has_value()) << text;

  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("hilbench_guide_" + std::to_string(static_cast<int>(state)));
  std::filesystem::remove_all(folder);
  const RunResult result = run_scenario(*scenario, folder, "test", library);
  EXPECT_EQ(result.error, "");
  ASSERT_EQ(result.checks.size(), examples.size());
  for (std::size_t k = 0; k < examples.size(); ++k) {
    const CheckResult& check = result.checks[k];
    EXPECT_EQ(check.spec.element, examples[k].check);
    EXPECT_EQ(check.state, state) << examples[k].xml << "margin " << check.margin << " " << check.margin_unit << ": "
                                  << check.worst_text;
  }
}

TEST(DocumentedChecks, HoldWhereTheGuideSaysSo) {
  const Guide guide = read_guide();
  expect_state(guide, guide.holding, CheckState::holds);
}

TEST(DocumentedChecks, AreBrokenWhereTheGuideSaysSo) {
  const Guide guide = read_guide();
  expect_state(guide, guide.broken, CheckState::broken);
}

// The names that the reader knows stand in its message about a wrong one.
TEST(DocumentedChecks, HaveBothExamplesForEachCheckThatThereIs) {
  const Guide guide = read_guide();
  Diagnostics diagnostics;
  read_scenario_text("<scenario schema=\"1\" name=\"x\" duration_s=\"1\" seed=\"1\"><expect/></scenario>", "x.xml",
                     library, diagnostics);
  std::string known;
  const std::string mark = "a check is missing, known: ";
  for (const Fault& fault : diagnostics.sorted()) {
    const std::size_t at = fault.message.find(mark);
    if (at != std::string::npos) known = fault.message.substr(at + mark.size());
  }
  ASSERT_FALSE(known.empty());
  std::istringstream names(known);
  for (std::string name; names >> name;) {
    if (name.ends_with(",")) name.pop_back();
    const auto has = [&name](const std::vector<Example>& examples) {
      for (const Example& example : examples) {
        if (example.check == name) return true;
      }
      return false;
    };
    EXPECT_TRUE(has(guide.holding)) << name;
    EXPECT_TRUE(has(guide.broken)) << name;
  }
}

}  // namespace
}  // namespace hil::harness
