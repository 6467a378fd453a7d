#include "harness/scenario/reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <numbers>
#include <sstream>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path root = HILBENCH_SOURCE_DIR;
const std::filesystem::path library = root / "scenarios";
const std::filesystem::path test_library = root / "tests/harness/scenario/library";

std::string all_faults(const Diagnostics& diagnostics) {
  std::string text;
  for (const Fault& fault : diagnostics.sorted()) text += fault.text() + "\n";
  return text;
}

Scenario read_good(const std::string& text) {
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(text, "case.xml", test_library, diagnostics);
  EXPECT_EQ(all_faults(diagnostics), "");
  return scenario.value_or(Scenario{});
}

std::string scenario_with(const std::string& site, const std::string& timeline = "",
                          const std::string& expect = "<never signal=\"grid.export_w\" above=\"200\"/>") {
  return "<scenario schema=\"1\" name=\"test_case\" duration_s=\"600\" seed=\"7\"><purpose>Reads?</purpose>"
         "<site extends=\"sites/base.xml\">" +
         site + "</site><controller kind=\"sec1000\"><export_limit_w>50</export_limit_w></controller><timeline>" +
         timeline + "</timeline><expect>" + expect + "</expect></scenario>";
}

const Assumed* find_assumed(const Scenario& scenario, const std::string& what) {
  for (const Assumed& assumed : scenario.assumed) {
    if (assumed.what == what) return &assumed;
  }
  return nullptr;
}

TEST(ScenarioReader, ReadsTheZeroExportScenarioAsItStandsInTheFile) {
  Diagnostics diagnostics;
  const auto read = read_scenario(library / "goodwe/heater_step_zero_export.xml", library, diagnostics);
  ASSERT_TRUE(read.has_value()) << all_faults(diagnostics);
  const Scenario& scenario = *read;
  EXPECT_EQ(scenario.name, "heater_step_zero_export");
  EXPECT_EQ(scenario.duration, sim::Time{600s});
  EXPECT_EQ(scenario.step, sim::Time{10ms});
  EXPECT_EQ(scenario.seed, 7U);
  ASSERT_EQ(scenario.site.inverters.size(), 2U);
  EXPECT_EQ(scenario.site.inverters[1].name, "et2");
  EXPECT_EQ(scenario.site.inverters[1].unit, 2);
  EXPECT_EQ(scenario.site.inverters[0].turnaround, sim::Time{50ms});
  EXPECT_DOUBLE_EQ(scenario.site.inverters[0].settings.battery_max_charge_a, 2.5);
  EXPECT_FALSE(scenario.site.inverters[0].quirks.export_limit_freeze.has_value());
  EXPECT_DOUBLE_EQ(scenario.site.plant.inverters[0].lane.initial_soc, 0.6);
  ASSERT_EQ(scenario.timeline.size(), 2U);
  EXPECT_EQ(scenario.timeline[1].at, sim::Time{420s});
  ASSERT_EQ(scenario.checks.size(), 6U);
  EXPECT_EQ(scenario.checks[0].description, "grid.export_w never above 200 W for longer than 5 s");
  EXPECT_EQ(scenario.checks[2].window.after, "heater_on");
  EXPECT_EQ(scenario.checks[0].requirement, "S003-18");
  EXPECT_EQ(scenario.register_maps.count("goodwe_et_205"), 1U);
  EXPECT_EQ(scenario.register_maps.count("eastron_sdm630"), 1U);
  // Two GW10K-ET of 10 kW each.
  EXPECT_DOUBLE_EQ(scenario.controller.total_capacity_w, 20000.0);
}

TEST(ScenarioReader, ReadsEveryScenarioOfTheLibrary) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{library}) {
    const std::string folder = entry.path().parent_path().filename().string();
    if (entry.path().extension() != ".xml") continue;
    if (folder == "catalog" || folder == "registers" || folder == "sites") continue;
    Diagnostics diagnostics;
    EXPECT_FALSE(read_scenarios(entry.path(), library, diagnostics).sound.empty()) << all_faults(diagnostics);
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST(ScenarioReader, TurnsPartsIntoThePlantsOwnUnits) {
  const Scenario scenario =
      read_good(scenario_with("<meter name=\"meter\"><ct phase=\"l2\" phase_error_min=\"60\"/></meter>"));
  const auto& plant = scenario.site.plant;
  ASSERT_EQ(plant.cables.size(), 1U);
  // 2 + j0.1 ohm/km and 4 + j0.2 ohm/km over 50 m.
  EXPECT_NEAR(plant.cables[0].phase_ohm.real(), 0.1, 1e-12);
  EXPECT_NEAR(plant.cables[0].phase_ohm.imag(), 0.005, 1e-12);
  EXPECT_NEAR(plant.cables[0].neutral_ohm.real(), 0.2, 1e-12);
  // 100/5 A.
  EXPECT_DOUBLE_EQ(plant.metering.installation.meter.ct_ratio, 20.0);
  // 60 minutes of arc are one degree, on L2 only.
  EXPECT_DOUBLE_EQ(plant.metering.installation.transformers[0].phase_error_rad, 0.0);
  EXPECT_NEAR(plant.metering.installation.transformers[1].phase_error_rad, std::numbers::pi / 180.0, 1e-15);
  EXPECT_EQ(plant.metering.installation.meter.averaging_window, sim::Time{200ms});
  EXPECT_DOUBLE_EQ(plant.loads[0].zip->nominal_ln_v, 230.0);
}

TEST(ScenarioReader, SetsUpTheControllerFromTheSite) {
  const Scenario scenario = read_good(scenario_with("<inverter name=\"left\" line=\"com2\" unit=\"17\"/>"));
  const controller::Settings& settings = scenario.controller;
  EXPECT_EQ(settings.control_mode, controller::ControlMode::value);
  EXPECT_DOUBLE_EQ(settings.export_limit_w, 50.0);
  EXPECT_DOUBLE_EQ(settings.ct_ratio, 20.0);  // 100/5 A
  ASSERT_EQ(settings.inverter_lines[0].count, 1U);
  EXPECT_EQ(settings.inverter_lines[0].addresses[0], 2);
  ASSERT_EQ(settings.inverter_lines[1].count, 1U);
  EXPECT_EQ(settings.inverter_lines[1].addresses[0], 17);
  EXPECT_EQ(settings.inverter_lines[1].baud, 19200);
  EXPECT_EQ(settings.inverter_lines[2].count, 0U);
  EXPECT_EQ(settings.meter_address, 9);
  EXPECT_EQ(settings.meter_baud, 4800);
  // 8N1 on com1, 8E2 on com2, 8O1 on com4; start and stop bits count.
  EXPECT_EQ(settings.inverter_lines[0].bits_per_character, 10);
  EXPECT_EQ(settings.inverter_lines[1].bits_per_character, 12);
  EXPECT_EQ(settings.meter_bits_per_character, 11);
}

TEST(ScenarioReader, LetsAScenarioOverrideItsSiteInPlace) {
  const Scenario scenario = read_good(scenario_with(
      "<inverter name=\"right\" soc=\"0.9\" turnaround_s=\"0.02\"><battery capacity_ah=\"50\"/>"
      "<quirk kind=\"export_limit_freeze\" hold_s=\"10\"/></inverter><load name=\"pump\" bus=\"main\" l1_w=\"5\" "
      "l2_w=\"6\" l3_w=\"7\" share_z=\"0\" share_i=\"0\" share_p=\"1\" on=\"true\"/>"));
  ASSERT_EQ(scenario.site.inverters.size(), 2U);
  EXPECT_DOUBLE_EQ(scenario.site.plant.inverters[0].lane.initial_soc, 0.6);
  EXPECT_DOUBLE_EQ(scenario.site.plant.inverters[1].lane.initial_soc, 0.9);
  EXPECT_DOUBLE_EQ(scenario.site.plant.inverters[1].lane.battery.capacity_ah, 50.0);
  EXPECT_DOUBLE_EQ(scenario.site.plant.inverters[1].lane.battery.max_discharge_a, 30.0);
  EXPECT_EQ(scenario.site.inverters[1].turnaround, sim::Time{20ms});
  ASSERT_TRUE(scenario.site.inverters[1].quirks.export_limit_freeze.has_value());
  EXPECT_EQ(scenario.site.inverters[1].quirks.export_limit_freeze->hold, sim::Time{10s});
  ASSERT_EQ(scenario.site.plant.loads.size(), 2U);
  EXPECT_EQ(scenario.site.plant.loads[1].name, "pump");
}

TEST(ScenarioReader, ListsWhatIsAssumedUnlessTheFileGivesIt) {
  const Scenario scenario = read_good(scenario_with(
      "<inverter name=\"right\" turnaround_s=\"0.02\"><quirk kind=\"export_limit_freeze\" hold_s=\"10\"/></inverter>"));
  const Assumed* left = find_assumed(scenario, "left: turnaround_s");
  ASSERT_NE(left, nullptr);
  EXPECT_EQ(left->value, "0.05");
  EXPECT_EQ(left->reason, "nobody measured it");
  EXPECT_EQ(find_assumed(scenario, "right: turnaround_s"), nullptr);
  EXPECT_NE(find_assumed(scenario, "right: command_dead_time_s"), nullptr);
  const Assumed* floor = find_assumed(scenario, "right: export_limit_freeze pv_floor_ratio");
  ASSERT_NE(floor, nullptr);
  EXPECT_EQ(floor->value, "0.1");
  EXPECT_EQ(find_assumed(scenario, "right: export_limit_freeze hold_s"), nullptr);
  EXPECT_NE(find_assumed(scenario, "meter: refresh_period_s"), nullptr);
}

TEST(ScenarioReader, SortsTheTimelineByTimeAndKeepsTheFilesOrderWithin) {
  const Scenario scenario = read_good(scenario_with(
      "",
      "<at time_s=\"5\"><mark name=\"late\"/><fault kind=\"ct_reversed\" target=\"ct_l2\" for_s=\"0.5\"/></at>"
      "<at time_s=\"1.25\"><grid ln_v=\"207\"/></at><at time_s=\"5\"><switch load=\"heater\" on=\"true\"/></at>"));
  ASSERT_EQ(scenario.timeline.size(), 3U);
  EXPECT_EQ(scenario.timeline[0].at, sim::Time{1250ms});
  EXPECT_DOUBLE_EQ(std::get<SetGridVoltage>(scenario.timeline[0].actions[0]).ln_v, 207.0);
  EXPECT_EQ(std::get<Mark>(scenario.timeline[1].actions[0]).name, "late");
  const auto& fault = std::get<FaultSpec>(scenario.timeline[1].actions[1]);
  EXPECT_EQ(fault.target, "ct_l2");
  EXPECT_EQ(fault.lasts, sim::Time{500ms});
  EXPECT_EQ(std::get<SwitchLoad>(scenario.timeline[2].actions[0]).load, "heater");
}

TEST(ScenarioReader, ReadsEveryEventOfTheGrid) {
  const Scenario scenario =
      read_good(scenario_with("",
                              "<at time_s=\"1\"><grid voltage_pu=\"0.4\" phases=\" l3 l1\" ramp_s=\"0.5\"/>"
                              "<grid frequency_hz=\"51\" rocof_hz_per_s=\"2\"/><grid phase_jump_deg=\"-20\"/>"
                              "<grid negative_pu=\"0.02\" negative_deg=\"90\"/><grid outage=\"true\"/>"
                              "<grid return_to_nominal=\"true\" ramp_s=\"3\"/><grid neutral_ohm=\"1.5\"/></at>"));
  const std::vector<Action>& actions = scenario.timeline.at(0).actions;
  const auto& voltage = std::get<SetGridVoltage>(actions.at(0));
  EXPECT_EQ(voltage.pu, 0.4);
  EXPECT_EQ(voltage.phases, (models::PhaseMask{true, false, true}));
  EXPECT_EQ(voltage.ramp_s, 0.5);
  EXPECT_EQ(std::get<RampFrequency>(actions.at(1)).rocof_hz_per_s, 2.0);
  EXPECT_EQ(std::get<JumpPhase>(actions.at(2)).degrees, -20.0);
  EXPECT_EQ(std::get<UnbalanceGrid>(actions.at(3)).negative_deg, 90.0);
  EXPECT_TRUE(std::get<SetOutage>(actions.at(4)).outage);
  EXPECT_EQ(std::get<ReturnToNominal>(actions.at(5)).ramp_s, 3.0);
  const auto& impedance = std::get<SetGridImpedance>(actions.at(6));
  EXPECT_EQ(impedance.neutral_ohm, 1.5);
  EXPECT_FALSE(impedance.phase_ohm.has_value());
}

TEST(ScenarioReader, ReadsWhatHappensToThePlant) {
  const Scenario scenario = read_good(scenario_with(
      "",
      "<at time_s=\"1\"><shade inverter=\"left\" input=\"1\" string=\"2\" light=\"0.3\"/>"
      "<ambient temperature_c=\"-10\"/><cable name=\"main_cable\" conductor=\"n\" closed=\"false\"/>"
      "<cable name=\"main_cable\" closed=\"true\"/><contactor inverter=\"right\" closed=\"false\"/>"
      "<fault kind=\"ct_swapped\" target=\"ct_l2_l3\"/><fault kind=\"ct_rotated\" target=\"meter\"/></at>"));
  const std::vector<Action>& actions = scenario.timeline.at(0).actions;
  EXPECT_EQ(std::get<ShadeString>(actions.at(0)).string, 2);
  EXPECT_EQ(std::get<SetAmbient>(actions.at(1)).temperature_c, -10.0);
  EXPECT_EQ(std::get<SwitchCable>(actions.at(2)).conductor, models::Conductor::n);
  EXPECT_FALSE(std::get<SwitchCable>(actions.at(3)).conductor.has_value());
  EXPECT_EQ(std::get<SwitchContactor>(actions.at(4)).inverter, "right");
  EXPECT_EQ(std::get<FaultSpec>(actions.at(6)).target, "meter");
}

TEST(ScenarioReader, ReadsEveryKindOfCheck) {
  const Scenario scenario = read_good(scenario_with(
      "", "<at time_s=\"60\"><mark name=\"begin\"/></at>",
      "<never signal=\"grid.frequency_hz\" below=\"49.5\" requirement=\"S001-1\" why=\"band\"/>"
      "<settles signal=\"grid.import_w\" to=\"-5\" within=\"10\" in_s=\"20\" after=\"begin\" until_s=\"540\"/>"
      "<energy signal=\"site.pv_w\" at_least_wh=\"-1\" at_most_wh=\"2\" from_s=\"10\" until_s=\"20\"/>"
      "<reaches signal=\"left.pv_w\" above=\"3\" not_before_s=\"1\" no_later_than_s=\"2\"/>"
      "<together signals=\"*.battery_soc\" spread=\"0.02\" from_s=\"300\"/>"
      "<bus line=\"com1\" poll_period_below_s=\"1.5\"/>"));
  ASSERT_EQ(scenario.checks.size(), 6U);
  const std::vector<std::string> expected{"grid.frequency_hz never below 49.5 Hz",
                                          "grid.import_w settles to -5 W +- 10 in 20 s after begin, until 540 s later",
                                          "energy of site.pv_w between -1 and 2 Wh from 10 s until 20 s",
                                          "left.pv_w is above 3 W after 1 to 2 s",
                                          "*.battery_soc together within 0.02 from 300 s",
                                          "every unit on com1 polled in less than 1.5 s"};
  for (std::size_t check = 0; check < expected.size(); ++check) {
    EXPECT_EQ(scenario.checks[check].description, expected[check]);
  }
  EXPECT_EQ(scenario.checks[0].why, "band");
  EXPECT_EQ(scenario.checks[1].window.until, sim::Time{540s});
  EXPECT_EQ(std::get<ReachesCheck>(scenario.checks[3].kind).no_later_than, sim::Time{2s});
}

// The report and a rerun use the resolved text, so nothing may be lost in it.
TEST(ScenarioReader, ReadsItsResolvedTextToTheSameScenario) {
  Diagnostics diagnostics;
  const auto first = read_scenario(library / "goodwe/heater_step_freeze_uncured.xml", library, diagnostics);
  ASSERT_TRUE(first.has_value()) << all_faults(diagnostics);
  const auto second = read_scenario_text(first->resolved_xml, "elsewhere/scenario.xml", library, diagnostics);
  ASSERT_TRUE(second.has_value()) << all_faults(diagnostics);
  EXPECT_EQ(first->resolved_xml.find("extends"), std::string::npos);
  EXPECT_EQ(second->resolved_xml, first->resolved_xml);
  EXPECT_EQ(second->purpose, first->purpose);
  EXPECT_EQ(second->duration, first->duration);
  EXPECT_EQ(second->timeline.size(), first->timeline.size());
  ASSERT_EQ(second->checks.size(), first->checks.size());
  for (std::size_t check = 0; check < first->checks.size(); ++check) {
    EXPECT_EQ(second->checks[check].description, first->checks[check].description);
    EXPECT_EQ(second->checks[check].why, first->checks[check].why);
  }
  ASSERT_EQ(second->assumed.size(), first->assumed.size());
  for (std::size_t line = 0; line < first->assumed.size(); ++line) {
    EXPECT_EQ(second->assumed[line].what, first->assumed[line].what);
    EXPECT_EQ(second->assumed[line].value, first->assumed[line].value);
  }
  ASSERT_EQ(second->site.inverters.size(), first->site.inverters.size());
  for (std::size_t lane = 0; lane < first->site.inverters.size(); ++lane) {
    EXPECT_EQ(second->site.inverters[lane].unit, first->site.inverters[lane].unit);
    EXPECT_EQ(second->site.inverters[lane].quirks.export_limit_freeze->hold,
              first->site.inverters[lane].quirks.export_limit_freeze->hold);
    EXPECT_EQ(second->site.plant.inverters[lane].lane.initial_soc, first->site.plant.inverters[lane].lane.initial_soc);
    EXPECT_EQ(second->site.plant.inverters[lane].lane.power_stage.rated_ac_w,
              first->site.plant.inverters[lane].lane.power_stage.rated_ac_w);
  }
  EXPECT_EQ(second->controller.total_capacity_w, first->controller.total_capacity_w);
}

/// The test library with every figure of its parts changed; the parts' names stay.
class ChangedLibrary {
 public:
  ChangedLibrary() : folder_(std::filesystem::path{testing::TempDir()} / "hilbench_changed_library") {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(test_library, folder_, std::filesystem::copy_options::recursive);
    std::ostringstream text;
    text << std::ifstream{test_library / "catalog/parts.xml"}.rdbuf();
    std::string parts = text.str();
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"rated_ac_w=\"10000\"", "rated_ac_w=\"9000\""},
             {"turnaround_s=\"0.05\"", "turnaround_s=\"0.04\""},
             {"nobody measured it either", "guessed"},
             {"capacity_ah=\"25\"", "capacity_ah=\"26\""},
             {"a_ref_v=\"2.6373\"", "a_ref_v=\"2.7\""},
             {" phase_ohm_per_km=\"2\"", " phase_ohm_per_km=\"3\""},
             {"rated_primary_a=\"100\"", "rated_primary_a=\"200\""},
             {"averaging_window_s=\"0.2\"", "averaging_window_s=\"0.4\""}}) {
      const std::size_t at = parts.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      if (at != std::string::npos) parts.replace(at, from.size(), to);
    }
    std::ofstream{folder_ / "catalog/parts.xml"} << parts;
  }
  ~ChangedLibrary() { std::filesystem::remove_all(folder_); }
  ChangedLibrary(const ChangedLibrary&) = delete;
  ChangedLibrary& operator=(const ChangedLibrary&) = delete;
  const std::filesystem::path& path() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

TEST(ScenarioReader, WritesThePartsFiguresIntoItsResolvedText) {
  const ChangedLibrary changed;
  const Scenario first =
      read_good(scenario_with("<inverter name=\"right\" turnaround_s=\"0.02\"/>"
                              "<meter name=\"meter\"><ct phase=\"l2\" ratio_error=\"0.01\"/></meter>"));
  EXPECT_NE(first.resolved_xml.find("rated_ac_w=\"10000\""), std::string::npos);
  Diagnostics diagnostics;
  const auto second = read_scenario_text(first.resolved_xml, "elsewhere/scenario.xml", changed.path(), diagnostics);
  ASSERT_TRUE(second.has_value()) << all_faults(diagnostics);
  EXPECT_EQ(second->resolved_xml, first.resolved_xml);
  const auto& before = first.site.plant;
  const auto& after = second->site.plant;
  EXPECT_EQ(after.inverters[0].lane.power_stage.rated_ac_w, 10000.0);
  EXPECT_EQ(after.inverters[0].lane.battery.capacity_ah, 25.0);
  EXPECT_EQ(after.inverters[0].lane.pv[0].array.module.a_ref_v, 2.6373);
  EXPECT_EQ(after.cables[0].phase_ohm, before.cables[0].phase_ohm);
  EXPECT_EQ(after.metering.installation.meter.averaging_window, sim::Time{200ms});
  EXPECT_EQ(after.metering.installation.meter.ct_ratio, 20.0);
  EXPECT_EQ(after.metering.installation.transformers[0].rated_primary_a, 100.0);
  EXPECT_EQ(after.metering.installation.transformers[1].ratio_error, 0.01);
  EXPECT_EQ(second->site.inverters[0].turnaround, sim::Time{50ms});
  EXPECT_EQ(second->site.inverters[1].turnaround, sim::Time{20ms});
  ASSERT_EQ(second->assumed.size(), first.assumed.size());
  for (std::size_t line = 0; line < first.assumed.size(); ++line) {
    EXPECT_EQ(second->assumed[line].what, first.assumed[line].what);
    EXPECT_EQ(second->assumed[line].value, first.assumed[line].value);
    EXPECT_EQ(second->assumed[line].reason, first.assumed[line].reason);
  }
}

TEST(ScenarioReader, WritesAnotherSeedIntoItsResolvedText) {
  Scenario scenario = read_good(scenario_with(""));
  set_seed(scenario, 18446744073709551615U);
  EXPECT_EQ(scenario.seed, 18446744073709551615U);
  EXPECT_EQ(read_good(scenario.resolved_xml).seed, 18446744073709551615U);
}

TEST(ScenarioReader, AcceptsAnExportWithoutLimit) {
  std::string text = scenario_with("");
  const std::string limit = "<export_limit_w>50</export_limit_w>";
  text.replace(text.find(limit), limit.size(), "<unlimited_export/>");
  EXPECT_EQ(read_good(text).controller.control_mode, controller::ControlMode::off);
}

/// A folder of its own with one site file; the scenario is taken to stand beside it.
class SiteFile {
 public:
  SiteFile(const std::string& name, const std::string& content)
      : folder_(std::filesystem::path{testing::TempDir()} / ("hilbench_" + name)) {
    std::filesystem::create_directories(folder_);
    std::ofstream{folder_ / "own.xml"} << content;
  }
  ~SiteFile() { std::filesystem::remove_all(folder_); }
  SiteFile(const SiteFile&) = delete;
  SiteFile& operator=(const SiteFile&) = delete;

  std::string faults() const {
    std::string text = scenario_with("");
    const std::string base = "sites/base.xml";
    text.replace(text.find(base), base.size(), "own.xml");
    Diagnostics diagnostics;
    EXPECT_FALSE(read_scenario_text(text, folder_ / "case.xml", test_library, diagnostics).has_value());
    return all_faults(diagnostics);
  }
  std::string path() const { return (folder_ / "own.xml").string(); }

 private:
  std::filesystem::path folder_;
};

TEST(ScenarioReader, PointsAtTheBaseSiteWhenTheFaultStandsThere) {
  const SiteFile site{"fault_in_base",
                      "<site extends=\"sites/base.xml\">\n  <inverter name=\"left\" soc=\"1.4\"/>\n</site>\n"};
  EXPECT_EQ(site.faults(), site.path() + ":2:25: <inverter name=\"left\">: soc is 1.4, must be 0..1\n");
}

TEST(ScenarioReader, RefusesASiteThatExtendsItself) {
  const SiteFile site{"loop", "<site extends=\"own.xml\"/>\n"};
  EXPECT_EQ(site.faults(), site.path() + ":1:7: <site>: extends is \"own.xml\", the site would extend itself\n");
}

// 1 main cable of the base and 200 more; the bound keeps a generated file from asking for all memory.
TEST(ScenarioReader, RefusesMoreThanTwoHundredCables) {
  std::string cables;
  for (int index = 0; index < 200; ++index) {
    const std::string number = std::to_string(index);
    cables += "\n<cable name=\"c" + number + "\" part=\"wire\" from=\"main\" to=\"b" + number + "\" length_m=\"1\"/>";
  }
  Diagnostics diagnostics;
  EXPECT_FALSE(read_scenario_text(scenario_with(cables), "case.xml", test_library, diagnostics));
  EXPECT_EQ(all_faults(diagnostics),
            "case.xml:201:1: <cable name=\"c199\">: is cable 201 of 201, must be at most 200\n");
}

}  // namespace
}  // namespace hil::harness
