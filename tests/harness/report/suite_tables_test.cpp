#include "harness/report/suite_tables.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// Runs of one table, in a folder of this process's own.
struct Runs {
  fs::path folder = fs::path(testing::TempDir()) / ("hilbench_tables_" + std::to_string(::getpid()));
  std::vector<std::unique_ptr<Scenario>> scenarios;
  Suite suite;

  Runs() { fs::create_directories(folder); }
  ~Runs() { fs::remove_all(folder); }
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;

  void add(const std::string& row, const std::string& column, const std::string& trace, Verdict verdict) {
    auto scenario = std::make_unique<Scenario>();
    scenario->name = row + "_" + column;
    TabulateSpec table;
    table.title = "Contacts";
    table.note = "1 & 2";
    table.rows = "plug";
    table.columns = "pin";
    table.row = row;
    table.column = column;
    table.from = "cut";
    table.until = "mended";
    table.shown = {{"*.can_fault", "CAN"}, {"*.sync_lost", "sync"}};
    scenario->tables = {table};
    RunResult run;
    run.scenario = scenario->name;
    run.verdict = verdict;
    run.folder = folder / scenario->name;
    fs::create_directories(run.folder);
    std::ofstream(run.folder / "trace.csv") << "time_s,a1.can_fault,a2.can_fault,a1.sync_lost\n" << trace;
    std::ofstream(run.folder / "events.csv") << "time_s,kind,subject,text\n5,mark,cut,\n25,mark,mended,\n";
    std::ofstream(run.folder / "report.html") << "x";
    suite.results.push_back(run);
    suite.scenarios.push_back(scenario.get());
    scenarios.push_back(std::move(scenario));
  }
  std::string html() const { return suite_tables(suite, folder); }
};

TEST(SuiteTables, SayWhoShowedWhatWhenAndUntilWhen) {
  Runs runs;
  runs.add("a2", "3", "0,0,0,0\n15,1,1,0\n20,1,1,0\n30,0,,0\n31,0,0,0\n60,0,0,0\n", Verdict::pass);
  const std::string html = runs.html();
  EXPECT_NE(html.find("<h2>Contacts</h2>"), std::string::npos) << html;
  EXPECT_NE(html.find("1 &amp; 2"), std::string::npos) << html;
  EXPECT_NE(html.find("<b>CAN</b> a1 <span class=\"faint\">after 10.0\xC2\xA0s, gone after 5.0\xC2\xA0s;</span> a2 "
                      "<span class=\"faint\">after 10.0\xC2\xA0s, gone after 6.0\xC2\xA0s</span>"),
            std::string::npos)
      << html;
  EXPECT_EQ(html.find("sync"), std::string::npos) << "nobody showed it";
  EXPECT_NE(html.find("a2_3/report.html"), std::string::npos) << html;
}

// The mark is at 5 s.
TEST(SuiteTables, SayWhatWasThereBeforeTheMark) {
  Runs runs;
  runs.add("a2", "3", "0,0,0,0\n2,1,0,0\n30,0,0,0\n60,0,0,0\n", Verdict::pass);
  EXPECT_NE(runs.html().find("a1 <span class=\"faint\">3.0\xC2\xA0s before, gone after 5.0\xC2\xA0s</span>"),
            std::string::npos)
      << runs.html();
}

// Mended at 25 s; the restart at 27 s shows the other fault, and the first one once more.
TEST(SuiteTables, LeaveOutWhatTheMendingShows) {
  Runs runs;
  runs.add("a2", "3", "0,0,0,0\n15,1,0,0\n16,0,0,0\n20,1,0,0\n27,0,0,0\n28,1,1,1\n40,0,0,0\n60,0,0,0\n", Verdict::pass);
  const std::string html = runs.html();
  EXPECT_NE(html.find("<b>CAN</b> a1 <span class=\"faint\">after 10.0\xC2\xA0s, gone after 2.0\xC2\xA0s</span>"),
            std::string::npos)
      << html;
  EXPECT_EQ(html.find("a2 <span"), std::string::npos) << html;
  EXPECT_EQ(html.find("sync"), std::string::npos) << html;
}

TEST(SuiteTables, PutThoseOfOneInstantTogetherAndSayWhatStays) {
  Runs runs;
  runs.add("a2", "3", "0,0,0,0\n5.1,1,1,0\n60,1,1,0\n", Verdict::pass);
  EXPECT_NE(runs.html().find("<b>CAN</b> a1, a2 <span class=\"faint\">after 0.1\xC2\xA0s, stays</span>"),
            std::string::npos)
      << runs.html();
}

TEST(SuiteTables, HaveARowAndAColumnForEachInNaturalOrder) {
  Runs runs;
  const std::string nothing = "0,0,0,0\n60,0,0,0\n";
  runs.add("a10", "2", nothing, Verdict::pass);
  runs.add("a2", "10", nothing, Verdict::fail);
  runs.add("a2", "2", nothing, Verdict::pass);
  const std::string html = runs.html();
  EXPECT_LT(html.find("<th>pin 2</th>"), html.find("<th>pin 10</th>"));
  EXPECT_LT(html.find("<b>a2</b>"), html.find("<b>a10</b>"));
  EXPECT_NE(html.find("<td data-is=\"pin 10\"><span class=\"tag fail\">fail</span> &ndash;"), std::string::npos)
      << html;
  EXPECT_NE(html.find("<td data-is=\"pin 10\"></td>"), std::string::npos) << "no run: " << html;
}

TEST(SuiteTables, SayHowHomesPassedOffTheGridAndBack) {
  Runs runs;
  runs.add("a2", "3", "0,0,0,0\n60,0,0,0\n", Verdict::pass);
  std::ofstream(runs.suite.results[0].folder / "events.csv")
      << "time_s,kind,subject,text\n5,mark,cut,\n21.18,state,bi,\"passed off the grid: home 33.4 to 119.9 V, x\"\n"
         "80,state,bi,\"passed to the grid: home 118 to 119 V, y\"\n";
  EXPECT_EQ(runs.html().find("Passing off"), std::string::npos) << "no interface";
  runs.scenarios[0]->site.backup_interface.emplace();
  const std::string html = runs.html();
  EXPECT_NE(html.find("<h2>Passing off the grid and back</h2>"), std::string::npos) << html;
  EXPECT_NE(html.find("<td data-is=\"off the grid\">at 21.2\xC2\xA0s: home 33.4 to 119.9 V, x</td>"), std::string::npos)
      << html;
  EXPECT_NE(html.find("<td data-is=\"to the grid\">at 80.0\xC2\xA0s: home 118 to 119 V, y</td>"), std::string::npos)
      << html;
}

TEST(SuiteTables, SayWhatCannotBeRead) {
  Runs runs;
  runs.add("a2", "3", "", Verdict::error);
  fs::remove(runs.suite.results[0].folder / "trace.csv");
  EXPECT_NE(runs.html().find("trace.csv"), std::string::npos) << runs.html();
}

TEST(SuiteTables, AreNoneWithoutARunThatAsksForOne) {
  Scenario plain;
  Suite suite;
  suite.results.emplace_back();
  suite.scenarios = {&plain};
  EXPECT_EQ(suite_tables(suite, "."), "");
}

}  // namespace
}  // namespace hil::harness
