#include "harness/faults/quirk_kinds.h"

namespace hil::harness {

const std::vector<QuirkKind>& quirk_kinds() {
  static const std::vector<QuirkKind> kinds{
      {"export_limit_freeze",
       "U",
       "sec1000-lan-protocol 7, physics-and-standards 9: a hypothesis",
       "a sharp rise under an export limit cuts PV, holds it down for minutes and brings it back slowly",
       {{"trigger_step_w", "2000", "rise of what the settings ask for that triggers it"},
        {"trigger_within_s", "2", "the rise is counted within this time"},
        {"fall_s", "1", "from what PV gave to the floor"},
        {"pv_floor_ratio", "0.1", "of the PV available, while cut and held"},
        {"hold_s", "150", "at the floor"},
        {"pv_ramp_w_per_s", "200", "on the way back"},
        {"reset_s", "5", "the limit off for so long ends it"}}},
      {"equal_limit_split",
       "U",
       "field list of the bench; no public source",
       "the inverter takes the export limit for that of the whole plant and keeps to its equal share",
       {{"units", "2", "inverters of the plant"}}},
      {"stale_values",
       "S",
       "goodwe-et-modbus 10: WiFi/LAN kit 20 refreshes values about every 20 s (B)",
       "registers, meter values among them, are renewed only now and then",
       {{"period_s", "20", "between two renewals"}}},
      {"fake_replies",
       "S",
       "sec1000-lan-protocol 5: polled too fast, \"fake\" packets (HA-doc)",
       "a request that comes too soon gets the reply to the one before it",
       {{"least_interval_s", "0.05", "between two requests to the unit"}}},
      {"set_points_expire",
       "S",
       "goodwe-et-modbus 11: 745 maps list a fall-back (B); none is known on 205",
       "without a write of EMS mode or power the inverter goes back to mode 1",
       {{"after_s", "60", "since the last write"}}},
      {"long_blocks_refused",
       "C",
       "goodwe-et-modbus 1.4: clients fall back from 125 to 58 to 45 registers (G, T)",
       "a read of more registers than this is exception 02",
       {{"most_registers", "58", "in one read"}}},
      {"slow_commands",
       "U",
       "goodwe-et-modbus 1.4: code 05 stands in the maker's list; Modbus application protocol 1.1b3, 7",
       "a command (45217, 45220, 45221, 47533) is answered with exception 05, all requests until it is done with 06; "
       "after any other write further writes are 06 for a while",
       {{"command_s", "2", "that a command takes"}, {"storing_s", "0.2", "to store a setting"}}},
      {"serial_settings_need_restart",
       "U",
       "goodwe-et-modbus 6.1 does not tell when 45127 and 45132 count",
       "another address or baud counts only after a restart (45221), not half a second after the write",
       {}},
      {"pv_collapse_at_full_battery",
       "U",
       "field list of the bench; no public source",
       "with the battery full PV falls instead of being curtailed, until the battery has served a while",
       {{"full_soc", "0.99", "from here PV falls"},
        {"release_soc", "0.97", "from here it comes back"},
        {"pv_floor_ratio", "0.05", "of the PV available, meanwhile"}}},
  };
  return kinds;
}

const std::vector<QuirkKind>& controller_quirk_kinds() {
  static const std::vector<QuirkKind> kinds{
      {"lan_overload",
       "S",
       "sec1000-lan-protocol 5: polled too fast, or many packets at once (HA-doc); where it begins is assumed",
       "too many requests get wrong answers (length 6), then none until power is cycled",
       {{"sustained_interval_s", "2.5", "a mean interval below this, over sustained_window_s, is too many"},
        {"sustained_window_s", "120", "at most 120 times sustained_interval_s"},
        {"burst_exchanges", "12", "more than this within burst_window_s are too many; at most 120"},
        {"burst_window_s", "3", "of a burst"},
        {"wrong_answers", "5", "before the silence"}}},
      {"lan_stale_inverters_power",
       "S",
       "sec1000-lan-protocol 3.2: about every 30 s, sometimes 0 (GTEC, HA); how often 0 is assumed",
       "the inverters' power of telemetry is renewed only now and then, and sometimes 0",
       {{"period_s", "30", "between two renewals"}, {"zero_every", "10", "each so many-th figure is 0; 0: none"}}},
      {"lan_short_answers",
       "C",
       "sec1000-lan-protocol 5: now and then, cured by asking again (GTEC, ProMate); content and rate are assumed",
       "a telemetry request gets a response of length 6, status 15",
       {{"every", "20", "each so many-th telemetry request"}}},
      {"lan_answers_malformed",
       "U",
       "sec1000-lan-protocol 5: no source tried it",
       "a malformed request gets status 15; without this quirk nothing",
       {}},
  };
  return kinds;
}

namespace {

std::vector<std::string> names_of(const std::vector<QuirkKind>& kinds) {
  std::vector<std::string> names;
  names.reserve(kinds.size());
  for (const QuirkKind& each : kinds) names.emplace_back(each.kind);
  return names;
}

}  // namespace

std::vector<std::string> quirk_names() {
  return names_of(quirk_kinds());
}
std::vector<std::string> controller_quirk_names() {
  return names_of(controller_quirk_kinds());
}

}  // namespace hil::harness
