#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path library = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario/library";

std::string scenario_with(const std::string& expect) {
  return "<scenario schema=\"1\" name=\"test_case\" duration_s=\"600\" seed=\"7\"><purpose>Reads?</purpose>\n"
         "<site extends=\"sites/base.xml\"/>\n"
         "<controller kind=\"sec1000\"><export_limit_w>50</export_limit_w></controller>\n"
         "<expect>\n" +
         expect + "</expect></scenario>";
}

std::string faults_of(const std::string& expect, const std::string& file = "case.xml") {
  Diagnostics diagnostics;
  read_scenario_text(scenario_with(expect), file, library, diagnostics);
  std::string text;
  for (const Fault& fault : diagnostics.sorted()) text += fault.text() + "\n";
  return text;
}

Scenario read_good(const std::string& expect, const std::string& file = "case.xml") {
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(scenario_with(expect), file, library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

// Line 5 begins behind <expect>; the formula's second line is line 6 of the file, and V stands in its column 3.
TEST(ChecksReader, PlacesFaultsInsideTheTextOfAFormula) {
  EXPECT_EQ(faults_of("<formula>always[0,9] grid.export_w above 200\n  V</formula>"),
            "case.xml:6:3: <formula>: unit is V, must be that of the signal (W)\n");
  // &gt; is one character of the formula and four of the file: V is in the 33rd column.
  EXPECT_EQ(faults_of("<formula>grid.export_w &gt; 200 V</formula>"),
            "case.xml:5:33: <formula>: unit is V, must be that of the signal (W)\n");
  EXPECT_EQ(faults_of("<formula><![CDATA[ grid.export_w > 200 V]]></formula>"),
            "case.xml:5:40: <formula>: unit is V, must be that of the signal (W)\n");
}

TEST(ChecksReader, KeepsThePlaceOfEachSignalOfAFormula) {
  const Scenario scenario = read_good("<formula>grid.export_w above 1 or\n grid.import_w above 1</formula>");
  const auto& check = std::get<FormulaCheck>(scenario.checks.at(0).kind);
  EXPECT_EQ(check.places.at("grid.import_w").line, 6);
  EXPECT_EQ(check.places.at("grid.import_w").column, 2);
  EXPECT_EQ(scenario.checks[0].description, "grid.export_w above 1 or grid.import_w above 1");
}

TEST(ChecksReader, CountsWhatTheControllerAndTriggersSayToo) {
  for (const char* kind : {"commissioning", "finding", "setup", "trigger"}) {
    EXPECT_EQ(faults_of("<count event=\"" + std::string(kind) + "\" at_least=\"1\"/>"), "");
  }
}

TEST(ChecksReader, TakesStatementsOfTheFiveDocumentsAndClausesOfOthers) {
  for (const char* id :
       {"S000-01", "S004-90", "S002-7", "S001-14 S000-17", "1547.1-volt_var", "EN50549-lfsm.under S001-14"}) {
    EXPECT_EQ(faults_of("<never signal=\"grid.export_w\" above=\"1\" requirement=\"" + std::string(id) + "\"/>"), "");
  }
  for (const char* id :
       {"S005-01", "S001", "S001-", "S001-0001", "EN50549", "S001-1a", " S001-01", "S001-14, S000-17", "S001-volt_var",
        "1547.1-", "-volt_var", "1547.1-Volt", "1547/1-volt_var", "1547.1-volt-var", "1547.1-5"}) {
    const std::string faults =
        faults_of("<never signal=\"grid.export_w\" above=\"1\" requirement=\"" + std::string(id) + "\"/>");
    EXPECT_NE(faults.find("requirement is \"" + std::string(id) + "\", must be ids of statements"), std::string::npos)
        << faults;
  }
}

TEST(ChecksReader, TurnsAFileOfStepsIntoPointsAndPutsItIntoTheResolvedScenario) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "hilbench_checks_reader";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "reference.csv") << "time_s,grid_import_w\n0,100\n10,300\n";
  const Scenario scenario =
      read_good("<follows signal=\"grid.import_w\" file=\"reference.csv\" interpolation=\"step\" within=\"5\"/>",
                (folder / "case.xml").string());
  const auto& points = std::get<FollowsCheck>(scenario.checks.at(0).kind).points;
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[1].at, sim::Time{10s});
  EXPECT_EQ(points[1].value, 100.0);
  EXPECT_EQ(points[2].at, sim::Time{10s});
  EXPECT_EQ(points[2].value, 300.0);
  EXPECT_EQ(scenario.resolved_xml.find("reference.csv"), std::string::npos);
  Diagnostics diagnostics;
  const auto again = read_scenario_text(scenario.resolved_xml, "again.xml", library, diagnostics);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(std::get<FollowsCheck>(again->checks.at(0).kind).points.size(), 3U);
}

TEST(ChecksReader, RefusesReferencesOfAnotherUnitOrOrder) {
  EXPECT_NE(faults_of("<follows signal=\"grid.import_w\" within=\"5\">time_s,soc\n0,1</follows>")
                .find("line 1: \"soc\" has the unit none, must have that of the signal (W)"),
            std::string::npos);
  const std::string faults =
      faults_of("<follows signal=\"grid.import_w\" within=\"5\">time_s,grid_import_w\n5,1\n5,2\nx,3</follows>");
  EXPECT_NE(faults.find("line 3: time_s is 5, must be > the one before (5)"), std::string::npos) << faults;
  EXPECT_NE(faults.find("line 4: \"x,3\" is no row of two decimal numbers"), std::string::npos) << faults;
}

}  // namespace
}  // namespace hil::harness
