#include "harness/report/explanation.h"

#include <gtest/gtest.h>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

const std::filesystem::path library = std::filesystem::path{HILBENCH_SOURCE_DIR} / "scenarios";

std::string explained(const std::string& file) {
  Diagnostics diagnostics;
  const auto scenario = read_scenario(library / file, library, diagnostics);
  return scenario ? explain(*scenario) : "";
}

void expect_lines(const std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) EXPECT_NE(text.find(line + "\n"), std::string::npos) << line << "\n\n" << text;
}

// 600 s on 72 columns: 60 s is column 60 / 600 * 71 = 7.1, 420 s column 49.7, 360 s column 42.6, counted from 0.
TEST(Explanation, TellsSiteEventsAndChecksAndDrawsThemOnOneAxis) {
  const std::string dashes(72, '-');
  std::string axis = dashes;
  axis[7] = 'a';
  axis[50] = 'b';
  expect_lines(
      explained("goodwe/heater_step_zero_export.xml"),
      {"    et1      goodwe_gw10k_et on com1 as unit 1, 10 kW rated, battery at 60 %",
       "  Loads: base (0.8 kW, on), heater (6 kW, off)", "  The controller keeps the export to 0 W.",
       "  a       60 s  heater on; mark heater_on", "  b      420 s  heater off; mark heater_off", "  time   " + axis,
       "      1  " + std::string(72, '='), "      3  " + std::string(7, ' ') + std::string(37, '='),
       "    1. grid.export_w never above 200 W for longer than 5 s   [S003-18]"});
}

TEST(Explanation, TellsWhatTriggersWaitForAndWhatTheyDoWhen) {
  expect_lines(explained("goodwe/freeze_and_silence.xml"),
               {"  when et1.pv_w below 2000 W for 5 s after heater_on:", "                mark frozen",
                "         +10 s  et1: silence for 20 s", "      2  after frozen, whenever that comes"});
}

TEST(Explanation, TellsOfSplitPhaseOfSinglePhasesAndOfTheWaysOfAnInverter) {
  expect_lines(explained("plant/split_phase.xml"), {"  Grid of 120 V and 60 Hz, split phase, 0 inverters:",
                                                    "  a       15 s  cable service (n) opens; mark neutral_lost"});
  expect_lines(explained("plant/single_phase_feed.xml"), {"  The cable shed_cable leads L2 and N to shed."});
  expect_lines(explained("goodwe/unbalanced_output.xml"),
               {"    et1      goodwe_gw10k_et on com1 as unit 1, 10 kW rated, battery at 50 %, a meter of its own",
                "  c       60 s  et1 is set to unbalanced output, from its next start on; mark set"});
  expect_lines(
      explained("goodwe/standby_at_night.xml"),
      {"    et2      goodwe_gw10k_et on com1 as unit 2, 10 kW rated, battery at 10 %, sleeps after 60 s of night"});
}

TEST(Explanation, TellsOfStorageConvertersAndOfTheirEms) {
  expect_lines(
      explained("sinexcel/string_dispatch.xml"),
      {"  Grid of 230 V and 50 Hz, 1 storage converter:",
       "    pcs1     sinexcel_pws1_multi_string_240k on com1 as unit 1, 240 kW rated, 3 batteries at 50 %, 50 %, 50 %",
       "  ems does on com1 what the timeline says, and polls 1 block of registers.",
       "    Trips of pcs1, and curves where a master switches them on:",
       "      Volt-VAr   30 % at 0.92 pu, 0 % at 0.98 pu, 0 % at 1.02 pu, -30 % at 1.06 pu of rated power, response 10 "
       "s",
       "      Volt-Watt  100 % up to 1.06 pu, 0 % at 1.1 pu of the set point, response 10 s, back after 60 s",
       "      Freq-Watt  -40 %/Hz of the set point above 50.2 Hz, back after 60 s",
       "      trips      above 1.25 pu for 0.1 s; below 0.8 pu for 3 s, 0.45 pu for 0.1 s; above 51.5 Hz for 0.1 s; "
       "below 47.5 Hz for 0.1 s"});
  expect_lines(explained("sinexcel/two_ways.xml"),
               {"  on_network does on com2 over Modbus TCP what the timeline says, and polls 1 block of registers."});
}

TEST(Explanation, TellsOfCurvesAsTheScenarioHasThemOnceForAllConverters) {
  expect_lines(
      explained("sinexcel/ieee1547_1/freq_watt_steep.xml"),
      {"      Volt-VAr   44 % at 0.92 pu, 0 % at 0.98 pu, 0 % at 1.02 pu, -44 % at 1.08 pu of rated power, "
       "response 5 s",
       "      Volt-Watt  100 % up to 1.06 pu, 20 % at 1.1 pu of the set point, response 10 s, back after 0 s",
       "      Freq-Watt  -55.56 %/Hz of the set point above 60.017 Hz, back after 0 s; +55.56 %/Hz of rated power "
       "below 59.983 Hz",
       "      trips      above 1.2 pu for 0.16 s, 1.1 pu for 13 s; below 0.88 pu for 21 s, 0.5 pu for 2 s; above "
       "62 Hz for 0.16 s, 61.2 Hz for 300 s; below 56.5 Hz for 0.16 s, 58.5 Hz for 300 s"});
  expect_lines(explained("sinexcel/fleet_of_ten.xml"),
               {"    Trips of pcs1..pcs10, and curves where a master switches them on:"});
}

TEST(Explanation, TellsOfABackupInterfaceAndWhatHangsOnIt) {
  expect_lines(explained("solax/island/pv_curtailed_by_frequency.xml"),
               {"  bi is a BI PRO between entry and home: it opens 0.02 s after a leg of the grid has fallen below 0.5 "
                "pu, or by "
                "order of the primary, and closes in step after 60 s of a good grid.",
                "    garage has no backup.", "    roof is the port for a grid-tied inverter of another make.",
                "    Smart load 1 is pool, off above 24 kW.", "    Smart load 2 is car, off below 30 % of charge.",
                "    string_inverter grid-tied PV inverter of another make at roof, 8 kW rated"});
}

TEST(Explanation, TellsOfAMicrogrid) {
  expect_lines(explained("solax/island/microgrid_at_bi.xml"), {"    barn is a microgrid."});
}

TEST(Explanation, SaysWhetherParallelInvertersHaveAnExportLimit) {
  expect_lines(explained("solax/island/outage_two_units.xml"),
               {"  The energy manager is in a1, with no export limit."});
  expect_lines(explained("solax/meter_lost.xml"), {"  The energy manager is in a1, with an export limit of 0 W."});
}

TEST(Explanation, TellsWhatIsEnteredAndByWhom) {
  expect_lines(explained("goodwe/address_entered.xml"),
               {"  by_default speaks with the controller on its LAN, at 192.168.1.200.",
                "  c      100 s  controller is set to address 192.168.1.77; mark entered"});
  expect_lines(explained("goodwe/two_steps_after_wiring.xml"), {"  Nobody has entered anything in the controller."});
}

}  // namespace
}  // namespace hil::harness
