#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// The two-inverter site under zero export, with a timeline of the test.
Scenario scenario_with(const std::string& timeline, const std::string& clients = "",
                       const std::string& controller = "") {
  const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";
  const std::string text =
      "<scenario schema=\"1\" name=\"case\" duration_s=\"120\" seed=\"7\"><purpose>Acts?</purpose>"
      "<site extends=\"sites/goodwe_two_et_400v.xml\"/>"
      "<controller kind=\"sec1000\" " +
      controller + "><export_limit_w>0</export_limit_w></controller>" + clients + "<timeline>" + timeline +
      "</timeline><expect><never signal=\"site.load_w\" above=\"1000000\"/></expect></scenario>";
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(text, "case.xml", library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  if (!scenario) throw std::runtime_error("the scenario has faults");
  return *std::move(scenario);
}

class Acting {
 public:
  explicit Acting(const std::string& timeline, const std::string& clients = "", const std::string& controller = "")
      : bench(scenario_with(timeline, clients, controller)) {
    bench.on_event(
        [this](const Event& event) { events.push_back(event.kind + " " + event.subject + ": " + event.text); });
  }
  double at(sim::Time when, const std::string& signal) {
    bench.kernel().run(when);
    return value(signal);
  }
  double value(const std::string& signal) const {
    const sim::Signal* found = bench.signals().find(signal);
    if (found == nullptr) throw std::out_of_range(signal);
    return *found->value;
  }
  bool told(const std::string& what) const { return std::find(events.begin(), events.end(), what) != events.end(); }

  Bench bench;
  std::vector<std::string> events;
};

TEST(ControllerActions, WithoutPowerAsksNobodyAndWithPowerAgainTakesTheSiteBackIntoItsLimit) {
  Acting acting{
      "<at time_s=\"30\"><controller_power on=\"false\"/></at><at time_s=\"40\"><controller_power on=\"true\"/></at>"};
  EXPECT_EQ(acting.at(29s, "controller.powered"), 1.0);
  EXPECT_EQ(acting.at(31s, "controller.powered"), 0.0);
  const double requests = acting.value("com1.requests");
  EXPECT_GT(requests, 100.0);
  EXPECT_EQ(acting.at(39s, "com1.requests"), requests);
  EXPECT_GT(acting.at(45s, "com1.requests"), requests + 20.0);
  // Back to rest: batteries charge at their limit and import is near the 50 W that it aims at.
  acting.bench.kernel().run(70s);
  EXPECT_NEAR(acting.value("grid.import_w"), 50.0, 60.0);
  EXPECT_TRUE(acting.told("switch controller: power off"));
  EXPECT_TRUE(acting.told("switch controller: power on"));
}

TEST(ControllerActions, ChangedSettingsCountAtOnceAndSurviveAPowerCut) {
  Acting acting{
      "<at time_s=\"30\"><controller_settings export_limit_w=\"3000\"/></at>"
      "<at time_s=\"60\"><controller_power on=\"false\"/></at><at time_s=\"61\"><controller_power on=\"true\"/></at>"
      "<at time_s=\"90\"><controller_settings mode=\"off\"/></at>"};
  EXPECT_EQ(acting.at(29s, "controller.export_limit_w"), 0.0);
  EXPECT_LT(acting.value("grid.export_w"), 200.0);
  EXPECT_EQ(acting.at(31s, "controller.export_limit_w"), 3000.0);
  EXPECT_NEAR(acting.at(59s, "grid.export_w"), 3000.0, 100.0);
  EXPECT_EQ(acting.at(85s, "controller.export_limit_w"), 3000.0);
  EXPECT_NEAR(acting.value("grid.export_w"), 3000.0, 100.0);
  EXPECT_EQ(acting.at(91s, "controller.control_mode"), 0.0);
  // All PV but what loads, batteries and losses take: above 8 kW.
  EXPECT_GT(acting.at(110s, "grid.export_w"), 8000.0);
  EXPECT_TRUE(acting.told("settings controller: export_limit_w 3000"));
  EXPECT_TRUE(acting.told("settings controller: mode off"));
}

TEST(ControllerActions, SettingsDoNotReachAControllerWithoutPower) {
  Acting acting{
      "<at time_s=\"1\"><controller_power on=\"false\"/><controller_settings export_limit_w=\"3000\"/></at>"
      "<at time_s=\"2\"><controller_power on=\"true\"/></at>"};
  EXPECT_EQ(acting.at(3s, "controller.export_limit_w"), 0.0);
  EXPECT_TRUE(acting.told("settings controller: export_limit_w 3000 (no power)"));
}

TEST(ControllerActions, AContactIsAsOrderedAfterItsBounce) {
  Acting acting{
      "<at time_s=\"1\"><contact name=\"drm5\" closed=\"true\" bounce_ms=\"4\"/><contact name=\"rcr4\" "
      "closed=\"true\"/></at>"
      "<at time_s=\"2\"><contact name=\"drm5\" closed=\"false\" bounce_ms=\"3\"/></at>"};
  EXPECT_EQ(acting.at(999ms, "controller.contact.drm5"), 0.0);
  // Closed at 1000 ms, then the other way at 1001, 1002, 1003; as ordered from 1004 on.
  EXPECT_EQ(acting.at(1000ms + 500us, "controller.contact.drm5"), 1.0);
  EXPECT_EQ(acting.at(1001ms + 500us, "controller.contact.drm5"), 0.0);
  EXPECT_EQ(acting.at(1002ms + 500us, "controller.contact.drm5"), 1.0);
  EXPECT_EQ(acting.at(1003ms + 500us, "controller.contact.drm5"), 0.0);
  EXPECT_EQ(acting.at(1004ms + 500us, "controller.contact.drm5"), 1.0);
  EXPECT_EQ(acting.value("controller.contact.rcr4"), 1.0);
  EXPECT_EQ(acting.at(2010ms, "controller.contact.drm5"), 0.0);
  EXPECT_EQ(acting.at(3s, "controller.contact.rcr4"), 1.0);
  EXPECT_TRUE(acting.told("contact controller.contact.drm5: closed"));
}

TEST(ControllerActions, AnInverterWithoutSupplyIsSilentAndGivesNothingThenBootsAndConnects) {
  Acting acting{
      "<at time_s=\"20\"><device_power target=\"et1\" on=\"false\"/></at>"
      "<at time_s=\"40\"><device_power target=\"et1\" on=\"true\"/></at>"};
  EXPECT_GT(acting.at(19s, "et1.ac_injection_w"), 100.0);
  const double unanswered = acting.value("et1.unanswered_polls");
  EXPECT_EQ(acting.at(25s, "et1.ac_injection_w"), 0.0);
  EXPECT_EQ(acting.value("et1.pv_w"), 0.0);
  EXPECT_GT(acting.value("et1.unanswered_polls"), unanswered);
  EXPECT_EQ(acting.value("et2.unanswered_polls"), 0.0);
  // Silent for 10 s after it has its supply again, off the grid for 30 s.
  const double silent = acting.at(49s, "et1.unanswered_polls");
  const double polls = acting.at(59s, "et1.unanswered_polls");
  EXPECT_LE(polls, silent + 1.0);
  EXPECT_EQ(acting.at(69s, "et1.ac_injection_w"), 0.0);
  EXPECT_GT(acting.at(100s, "et1.ac_injection_w"), 100.0);
  EXPECT_TRUE(acting.told("switch et1: supply off"));
}

TEST(ControllerActions, AMeterWithoutSupplyIsSilent) {
  Acting acting{
      "<at time_s=\"20\"><device_power target=\"meter\" on=\"false\"/></at>"
      "<at time_s=\"30\"><device_power target=\"meter\" on=\"true\"/></at>"};
  EXPECT_EQ(acting.at(19s, "meter.unanswered_polls"), 0.0);
  const double lost = acting.at(30s, "meter.unanswered_polls");
  EXPECT_GT(lost, 5.0);
  EXPECT_LE(acting.at(40s, "meter.unanswered_polls"), lost + 1.0);
}

TEST(ControllerActions, AClientOfAControllerWithoutPowerHearsNothing) {
  Acting acting{"<at time_s=\"1\"><controller_power on=\"false\"/></at>",
                "<lan_client name=\"ha\" start_s=\"5\" timeout_s=\"3\"/>"};
  EXPECT_EQ(acting.at(7s, "ha.feedback_get_telemetry"), 0.0);
  EXPECT_EQ(acting.at(9s, "ha.feedback_get_telemetry"), 8.0);
  EXPECT_EQ(acting.value("ha.failed_exchanges"), 1.0);
}

TEST(ControllerActions, AClientReachesTheControllerAtItsPresentAddressOnly) {
  Acting acting{
      "<at time_s=\"4\"><controller_settings address=\"192.168.1.200\"/></at>"
      "<at time_s=\"20\"><controller_settings address=\"10.0.0.7\"/></at>",
      "<lan_client name=\"ha\" address=\"192.168.1.200\" start_s=\"6\" refresh_s=\"4\" timeout_s=\"2\"/>"
      "<lan_client name=\"other\" address=\"10.0.0.7\" start_s=\"6\" refresh_s=\"4\" timeout_s=\"2\"/>"
      "<lan_client name=\"anywhere\" start_s=\"1\" refresh_s=\"4\"/>"};
  EXPECT_EQ(acting.at(10s, "ha.feedback_get_telemetry"), 1.0);
  EXPECT_EQ(acting.value("other.feedback_get_telemetry"), 8.0) << "nobody answers there: timeout";
  EXPECT_EQ(acting.at(19s, "ha.failed_exchanges"), 0.0);
  const double failed = acting.at(30s, "other.failed_exchanges");
  EXPECT_GT(acting.at(60s, "ha.failed_exchanges"), 3.0);
  EXPECT_EQ(acting.value("other.failed_exchanges"), failed);
  EXPECT_EQ(acting.value("anywhere.failed_exchanges"), 0.0);
  EXPECT_TRUE(acting.told("settings controller: address 10.0.0.7"));
  EXPECT_TRUE(acting.told("state controller: static address 10.0.0.7"));
}

TEST(ControllerActions, WithDhcpTheControllerIsWhereTheLanSays) {
  const std::string clients =
      "<lan_client name=\"ha\" address=\"192.168.1.57\" timeout_s=\"2\"/>"
      "<lan_client name=\"other\" address=\"192.168.1.200\" timeout_s=\"2\"/>";
  Acting acting{
      "<at time_s=\"10\"><controller_settings address=\"192.168.1.200\"/></at>"
      "<at time_s=\"50\"><controller_settings address=\"dhcp\"/></at>",
      clients, "dhcp_address=\"192.168.1.57\""};
  EXPECT_EQ(acting.value("controller.dhcp"), 1.0) << "as delivered";
  EXPECT_EQ(acting.at(5s, "ha.feedback_get_telemetry"), 1.0);
  EXPECT_EQ(acting.value("other.feedback_get_telemetry"), 8.0);
  EXPECT_EQ(acting.at(45s, "ha.feedback_get_telemetry"), 8.0);
  EXPECT_EQ(acting.value("other.feedback_get_telemetry"), 1.0);
  EXPECT_EQ(acting.at(100s, "ha.feedback_get_telemetry"), 1.0);
  EXPECT_EQ(acting.value("other.feedback_get_telemetry"), 8.0);
}

TEST(ControllerActions, WithDhcpThatNobodyAnswersTheControllerHasNoAddress) {
  Acting acting{"", "<lan_client name=\"ha\" address=\"192.168.1.200\" timeout_s=\"2\"/>"};
  EXPECT_EQ(acting.at(5s, "ha.feedback_get_telemetry"), 8.0);
}

TEST(ControllerActions, AnAnswerUnderWayIsLostWhenTheAddressChanges) {
  // One way takes 0.5 s: connected at 1.0 s, asked at 1.5 s of the client's start; the address is another at 1.2 s.
  Acting acting{"<at time_s=\"1.2\"><controller_settings address=\"10.0.0.7\"/></at>",
                "<lan_client name=\"ha\" address=\"192.168.1.57\" latency_s=\"0.5\" timeout_s=\"4\"/>",
                "address=\"192.168.1.57\""};
  EXPECT_EQ(acting.at(4s, "ha.feedback_get_telemetry"), 0.0);
  EXPECT_EQ(acting.at(6s, "ha.feedback_get_telemetry"), 8.0);
}

TEST(ControllerActions, CountsOfInvertersThatAreEnteredLaterStartTheControllerAnew) {
  Acting acting{"<at time_s=\"40\"><controller_settings com1_inverters=\"2\"/></at>",
                "<lan_client name=\"ha\" refresh_s=\"5\" timeout_s=\"2\"/>", "com1_inverters=\"1\""};
  EXPECT_EQ(acting.at(39s, "et2.ems_mode"), 1.0) << "nobody has told the second inverter anything";
  EXPECT_GT(acting.at(70s, "et2.ems_mode"), 1.0);
  EXPECT_EQ(acting.value("controller.powered"), 1.0);
  EXPECT_EQ(acting.value("controller.state"), 1.0);
  EXPECT_NEAR(acting.value("grid.export_w"), 0.0, 200.0);
  EXPECT_EQ(acting.value("ha.feedback_get_telemetry"), 1.0);
  EXPECT_TRUE(acting.told("settings controller: com1_inverters 2 (starts anew)"));
}

// Register 45127 is the Modbus address; 35010 the end of the serial number, 0x3031 "01".
TEST(ControllerActions, TheMakersProgramReachesAnInverterBesideTheController) {
  Acting acting{
      "<at time_s=\"10\"><modbus device=\"et2\" write=\"45127\" value=\"9\"/>"
      "<modbus device=\"et1\" read=\"35010\" value=\"12337\"/><modbus device=\"et1\" read=\"35010\" "
      "value=\"1\"/><modbus device=\"et1\" read=\"1\"/></at>"
      "<at time_s=\"20\"><device_power target=\"et1\" on=\"false\"/></at>"
      "<at time_s=\"21\"><modbus device=\"et1\" read=\"35010\" answer=\"none\"/></at>"};
  EXPECT_EQ(acting.at(9s, "service.requests"), 0.0);
  EXPECT_EQ(acting.at(11s, "service.requests"), 4.0);
  EXPECT_EQ(acting.value("service.unexpected_answers"), 2.0);
  EXPECT_TRUE(acting.told("modbus et1: read 1: unexpected answer exception_2, must be values"));
  EXPECT_EQ(acting.at(22s, "service.unexpected_answers"), 2.0);
  EXPECT_TRUE(acting.told("state et2.serial_port: address 9, 9600 baud"));
}

TEST(ControllerActions, ACtCheckNamesAReversedTransformerAndHoldsTheSiteSafe) {
  Acting acting{
      "<at time_s=\"1\"><fault kind=\"ct_reversed\" target=\"ct_l2\"/></at>"
      "<at time_s=\"10\"><commissioning start=\"ct_check\"/></at>"};
  EXPECT_EQ(acting.at(12s, "controller.ct_check"), 1.0);
  EXPECT_EQ(acting.value("controller.state"), 1.0);
  EXPECT_EQ(acting.at(60s, "controller.ct_check"), 2.0);
  EXPECT_EQ(acting.value("controller.finding.ct_reversed"), 1.0);
  EXPECT_EQ(acting.value("controller.setup.ct_wiring_wrong"), 1.0);
  EXPECT_EQ(acting.value("controller.state"), 4.0);
  EXPECT_LT(acting.value("site.ac_injection_w"), 200.0);
  EXPECT_TRUE(acting.told("commissioning controller: CT check"));
}

TEST(ControllerActions, AScanThatIsAskedForBeginsAnew) {
  Acting acting{
      "<at time_s=\"40\"><device_power target=\"et2\" on=\"false\"/></at>"
      "<at time_s=\"50\"><commissioning start=\"scan\"/></at>"
      "<at time_s=\"110\"><controller_power on=\"false\"/></at><at time_s=\"111\"><commissioning "
      "start=\"scan\"/></at>"};
  EXPECT_EQ(acting.at(39s, "controller.scan_done"), 1.0);
  EXPECT_EQ(acting.value("controller.finding.missing"), 0.0);
  EXPECT_EQ(acting.at(109s, "controller.finding.missing"), 1.0);
  EXPECT_EQ(acting.at(113s, "controller.state"), 5.0);
  EXPECT_TRUE(acting.told("commissioning controller: scan (no power)"));
}

}  // namespace
}  // namespace hil::harness
