#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

const std::filesystem::path library = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario/library";

/// A scenario and its site in one file, so that mutations reach every reader.
std::string good_text() {
  std::ifstream stream{library / "sites/base.xml", std::ios::binary};
  std::ostringstream site;
  site << stream.rdbuf();
  std::string text = site.str();
  const auto put_before = [&text](const std::string& mark, const std::string& added) {
    text.insert(text.find(mark), added);
  };
  put_before("<cable",
             "<weather latitude_deg=\"48\" longitude_deg=\"17\" start_utc=\"2026-06-21T10:00:00Z\"><clouds "
             "gap_index=\"1.1\"/></weather>");
  put_before("</inverter>",
             "<pv input=\"2\" module=\"module\" modules_in_series=\"12\" strings_in_parallel=\"1\" "
             "tilt_deg=\"30\" azimuth_deg=\"90\"/><loss path=\"pv_to_ac\" square_w=\"90\" linear_w=\"80\" "
             "constant_w=\"20\"/><backup transfer_s=\"0.02\"/>");
  put_before("<meter",
             "<load name=\"hob\" bus=\"left.backup\" l1_w=\"2000\" l2_w=\"0\" l3_w=\"0\" l12_w=\"50\" share_z=\"1\" "
             "share_i=\"0\" share_p=\"0\" on=\"true\"><hob duty=\"0.4\"/><noise/></load><load name=\"house\" "
             "bus=\"main\" l1_w=\"9\" l2_w=\"9\" l3_w=\"9\" share_z=\"0\" share_i=\"0\" share_p=\"1\" on=\"true\">"
             "<profile repeat_s=\"60\">time_s,scale\n0,1\n30,2</profile><rlc power_w=\"50\" "
             "quality_factor=\"1\"/></load>");
  return "<scenario schema=\"1\" name=\"mutated\" duration_s=\"600\" seed=\"7\"><purpose>Survives &amp; "
         "speaks.</purpose>" +
         text.substr(text.find("<site>")) +
         "<controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller><timeline><at time_s=\"60\">"
         "<switch load=\"heater\" on=\"true\"/><mark name=\"begin\"/><fault kind=\"silence\" target=\"left\" "
         "for_s=\"9\"/>"
         "</at></timeline><expect><never signal=\"grid.export_w\" above=\"200\" longer_than_s=\"5\" after=\"begin\"/>"
         "<bus line=\"com1\" poll_period_below_s=\"1\"/><formula>always (grid.export_w &gt; 200 W implies "
         "eventually[0,5] "
         "abs(2 * grid.export_w - 3) below 9)</formula><follows signal=\"grid.import_w\" within=\"5\">time_s,x_w\n0,1\n"
         "</follows></expect><plot title=\"P\"><signal name=\"*.pv_w\"/></plot>"
         "</scenario>";
}

std::size_t below(std::mt19937_64& random, std::size_t end) {
  return static_cast<std::size_t>(random() % end);
}

void mutate(std::string& text, std::mt19937_64& random) {
  static const std::vector<std::string> pieces{
      "<", ">",      "\"",    "&",  "/>",       "-", "0", "1e308", "nan", "<!--", "]]>", "\xFF", "9999999999999999999",
      " ", "<site>", "=\"\"", "\n", "&#x1F600;"};
  const std::size_t at = below(random, text.size());
  const std::size_t length = std::min(below(random, 30) + 1, text.size() - at);
  switch (random() % 5) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, pieces[below(random, pieces.size())]);
      break;
    case 2:
      text[at] = static_cast<char>(random() % 256);
      break;
    case 3:
      text.insert(below(random, text.size()), text.substr(at, length));
      break;
    default: {
      // A digit for another: the file stays well-formed and the numbers go astray.
      const std::size_t digit = text.find_first_of("0123456789", at);
      if (digit != std::string::npos) text[digit] = static_cast<char>('0' + random() % 10);
      break;
    }
  }
}

/// 2,000, or what HILBENCH_MUTATIONS says: a million take a quarter of an hour.
int trials() {
  const char* const wanted = std::getenv("HILBENCH_MUTATIONS");
  return wanted == nullptr ? 2000 : std::stoi(wanted);
}

// Seeded, so that what fails once fails again: the trial's number is in the message.
TEST(Mutations, OfAGoodScenarioAreReadOrRefusedWithAReason) {
  const std::string good = good_text();
  Diagnostics none;
  ASSERT_TRUE(read_scenario_text(good, "good.xml", library, none).has_value());
  std::mt19937_64 random{20240607};
  int refused = 0;
  const int all = trials();
  for (int trial = 0; trial < all; ++trial) {
    std::string text = good;
    for (std::size_t count = below(random, 4) + 1; count > 0; --count) mutate(text, random);
    Diagnostics diagnostics;
    const auto scenario = read_scenario_text(text, "mutated.xml", library, diagnostics);
    ASSERT_EQ(scenario.has_value(), diagnostics.empty()) << "trial " << trial;
    if (!scenario) ++refused;
    for (const Fault& fault : diagnostics.sorted()) {
      ASSERT_EQ(fault.message.find('\n'), std::string::npos) << "trial " << trial << ": " << fault.text();
      ASSERT_GE(fault.place.line, 1) << "trial " << trial << ": " << fault.text();
    }
  }
  // Most mutations break the file; that some do not shows that the reader is reached.
  EXPECT_GT(refused, all / 2);
  EXPECT_LT(refused, all);
}

}  // namespace
}  // namespace hil::harness
