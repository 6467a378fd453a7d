#include "harness/scenario/requirements.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/scenario/requirement_names.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// A library folder of this process's own with both files.
class Library {
 public:
  explicit Library(const std::string& open = "", const std::string& ruled = "") {
    fs::create_directories(path_);
    std::ofstream(path_ / "requirements.csv") << "id,document,kind,matter,title\n"
                                                 "S003-17,003,configuration,bench,values in kW\n"
                                                 "S003-18,003,configuration,bench,\"limits, as entered\"\n"
                                                 "S003-24,003,safety,none,own responsibility\n";
    std::ofstream(path_ / "requirements_open.csv") << "id,reason\n" << open;
    if (!ruled.empty()) std::ofstream(path_ / "requirements_rules.csv") << "id,rule,how\n" << ruled;
  }
  ~Library() { fs::remove_all(path_); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_ = fs::path(testing::TempDir()) / ("hilbench_requirements_" + std::to_string(::getpid()));
};

std::vector<Scenario> one_check_of(const std::string& requirement) {
  Scenario scenario;
  CheckSpec check;
  check.requirement = requirement;
  check.place = {"a.xml", 12, 5};
  scenario.checks = {check};
  return {scenario};
}

std::string refusal_of(const fs::path& library) {
  try {
    read_requirements(library);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Requirements, OfACheckAreTheIdsAmongItsWords) {
  EXPECT_EQ(requirement_ids("S003-18"), std::vector<std::string>{"S003-18"});
  EXPECT_EQ(requirement_ids("S001-14 EN50549 LFSM-O, S000-17"), (std::vector<std::string>{"S001-14", "S000-17"}));
  EXPECT_EQ(requirement_ids("1547.1-volt_var.manual S003-18"),
            (std::vector<std::string>{"1547.1-volt_var.manual", "S003-18"}));
  for (const char* text : {"", "S003-", "S3-18", "003-18", "s003-18", "S003-1a", "S003_18", "volts", "see volt_var"}) {
    EXPECT_TRUE(requirement_ids(text).empty()) << text;
  }
}

TEST(Requirements, OfOtherSourcesMayDeviateWithAReason) {
  const fs::path folder = fs::path(testing::TempDir()) / ("hilbench_deviations_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  EXPECT_TRUE(read_deviations(folder).empty()) << "no file";
  for (const char* scenario : {"a.xml", "b.xml"}) std::ofstream(folder / scenario) << "<scenario/>\n";
  std::ofstream(folder / "deviations.csv") << "id,scenarios,reason\n1547.1-volt_var,a.xml b.xml,\"not all, and why\"\n"
                                              "1547.1-vref,-,none\n";
  const std::vector<Deviation> deviations = read_deviations(folder);
  ASSERT_EQ(deviations.size(), 2U);
  EXPECT_EQ(deviations[0].id, "1547.1-volt_var");
  EXPECT_EQ(deviations[0].files, (std::vector<fs::path>{folder / "a.xml", folder / "b.xml"}));
  EXPECT_EQ(deviations[0].reason, "not all, and why");
  EXPECT_TRUE(deviations[1].files.empty());
  const auto fault = [&folder](const char* rows) -> std::string {
    std::ofstream(folder / "deviations.csv") << rows;
    try {
      read_deviations(folder);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  const std::string place = (folder / "deviations.csv").string();
  EXPECT_EQ(fault("id,scenarios,reason\nS003-18,-,none\n"),
            place + ":2: S003-18 is no clause, must be as in 1547.1-volt_var");
  EXPECT_EQ(fault("id,scenarios,reason\n1547.1-a,a.xml,x\n1547.1-a,b.xml a.xml,y\n"),
            place + ":3: 1547.1-a of a.xml stands here twice");
  EXPECT_EQ(fault("id,scenarios,reason\n1547.1-a,-,x\n1547.1-a,-,y\n"), place + ":3: 1547.1-a of - stands here twice");
  EXPECT_EQ(fault("id,scenarios,reason\n1547.1-a,a.xml c.xml,x\n").find(place + ":2: \"c.xml\" is no file of this "),
            0U);
  EXPECT_EQ(fault("id,scenarios,reason\n1547.1-a,,x\n").find(place + ":2: \"\" is no file of this folder, "), 0U);
  EXPECT_EQ(fault("id,reason\n"), place + ":1: must be id,scenarios,reason");
  fs::remove_all(folder);
}

TEST(Requirements, AreProvenByTheChecksThatNameThem) {
  const Library library("S003-17,no scenario yet\n");
  const Requirements requirements = read_requirements(library.path());
  const auto scenarios = one_check_of("S003-18");
  const auto coverage = coverage_of(requirements, scenarios);
  ASSERT_EQ(coverage.size(), 3U);
  EXPECT_EQ(coverage[0].open->reason, "no scenario yet");
  ASSERT_EQ(coverage[1].checks.size(), 1U);
  EXPECT_EQ(coverage[1].requirement->title, "limits, as entered");
  EXPECT_TRUE(coverage_faults(requirements, scenarios).empty());
}

TEST(Requirements, ForTheBenchMustBeProvenOrOpen) {
  const Library library;
  const auto faults = coverage_faults(read_requirements(library.path()), one_check_of("S003-18"));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0], "S003-17 (values in kW): no check proves it, and it is not open in requirements_open.csv");
}

TEST(Requirements, ThatHaveBeenProvenMustNotBeOpen) {
  const Library library("S003-17,none\nS003-18,none\n");
  const auto faults = coverage_faults(read_requirements(library.path()), one_check_of("S003-18"));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("requirements_open.csv:3:1: S003-18 is proven at a.xml:12, must not be open any more"),
            std::string::npos)
      << faults[0];
}

TEST(Requirements, AreProvenByARuleOfTheReaderThatHoldsThem) {
  const Library library("", "S003-17,S004,refused\n");
  const Requirements requirements = read_requirements(library.path());
  const auto scenarios = one_check_of("S003-18");
  EXPECT_TRUE(coverage_faults(requirements, scenarios).empty());
  const auto coverage = coverage_of(requirements, scenarios);
  ASSERT_NE(coverage[0].ruled, nullptr);
  EXPECT_EQ(coverage[0].ruled->rule, "S004");
}

TEST(Requirements, ThatARuleHoldsMustNotBeOpen) {
  const Library library("S003-17,none\n", "S003-17,S004,refused\n");
  const auto faults = coverage_faults(read_requirements(library.path()), one_check_of("S003-18"));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("requirements_open.csv:2:1: S003-17 is proven at "), std::string::npos) << faults[0];
  EXPECT_NE(refusal_of(Library("", "S003-24,S004,none\n").path()).find("S003-24 is no requirement for the bench"),
            std::string::npos);
}

/// What is said of the checks of this <expect>.
std::vector<std::string> name_faults(const std::string& expect, const fs::path& library) {
  Diagnostics diagnostics;
  const auto root = parse_xml(expect, "a.xml", diagnostics);
  if (root) check_requirement_names(*root, library, diagnostics);
  std::vector<std::string> texts;
  for (const Fault& fault : diagnostics.sorted()) texts.push_back(fault.text());
  return texts;
}

// Of a document that has no table in the library nothing is known, nor of another source.
TEST(Requirements, ThatNoTableHasAreNamedWithTheNearest) {
  const Library library;
  const std::string table = (library.path() / "requirements.csv").string();
  EXPECT_EQ(
      name_faults("<expect><never requirement=\"S003-18 S003-19\"/></expect>", library.path()),
      (std::vector<std::string>{"a.xml:1:16: <never>: requirement has S003-19, which is not among the 3 of S003 in " +
                                table + ", nearest: S003-17; hilbench list --requirements has them all"}));
  EXPECT_TRUE(
      name_faults("<expect><never requirement=\"S003-18 S004-99 1547.1-volt_var\"/></expect>", library.path()).empty());
  EXPECT_TRUE(name_faults("<expect><never requirement=\"S003-99\"/></expect>", library.path() / "none").empty());
}

TEST(Requirements, WhoseTableCannotBeReadSaySo) {
  const Library library;
  std::ofstream(library.path() / "requirements.csv") << "id\n";
  const auto faults =
      name_faults("<expect><never requirement=\"S003-18\"/><always requirement=\"S003-17\"/></expect>", library.path());
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("<never>: requirement cannot be looked up: "), std::string::npos) << faults[0];
}

TEST(Requirements, SayWhereTheirFilesAreWrong) {
  EXPECT_NE(refusal_of(Library("S003-17\n").path()).find("requirements_open.csv:2: must have id,reason"),
            std::string::npos);
  EXPECT_NE(refusal_of(Library("S003-17,\n").path()).find("must have id,reason"), std::string::npos);
  EXPECT_NE(refusal_of(Library("S003-24,none\n").path()).find(":2: S003-24 is no requirement for the bench"),
            std::string::npos);
  EXPECT_NE(refusal_of(Library("S003-17,a\nS003-17,b\n").path()).find(":3: S003-17 stands here twice"),
            std::string::npos);
}

}  // namespace
}  // namespace hil::harness
