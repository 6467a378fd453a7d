// Every named bit of the alarm words (goodwe-et-modbus 7): each is raised by order, alone; each that has a cause on the
// bench is raised by it.
#include "sim/devices/et_alarm_bits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/devices/asked_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::AskedEt;
using Words = EtAlarmWords::Words;

constexpr std::array<const char*, et_alarm_word_count> signals{"errors", "diagnostics", "diagnostics_high",
                                                               "bms_alarms", "bms_warnings"};
// The BMS's blocks are refreshed once a second, what they show every 200 ms.
constexpr auto shown_after = 1300ms;

Words words_of(const RunningEt& et) {
  Words words{};
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = static_cast<std::uint32_t>(et.shown(signals[i]));
  return words;
}

/// As a master reads them.
Words read_words(AskedEt& et) {
  Words words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const EtAlarmRegisters registers = registers_of(static_cast<EtAlarmWord>(i));
    for (int at = 0; at < registers.count; ++at) {
      words[i] = words[i] << 16 | static_cast<std::uint32_t>(et.read(registers.first + at));
    }
  }
  return words;
}

TEST(EtAlarmBits, HaveNamesAndPlacesOfTheirOwn) {
  std::set<std::string> names;
  std::set<std::pair<EtAlarmWord, unsigned>> places;
  for (const EtAlarmBit& bit : et_alarm_bits()) {
    EXPECT_TRUE(names.insert(std::string{bit.name}).second) << bit.name;
    EXPECT_TRUE(places.insert({bit.word, bit.place}).second) << bit.name;
    EXPECT_LT(static_cast<int>(bit.place), 16 * registers_of(bit.word).count) << bit.name;
  }
  // As many as goodwe-et-modbus 7.1 to 7.4 name: 27, 30 and 6, 16, 12.
  EXPECT_EQ(names.size(), 91U);
}

TEST(EtAlarmBits, StandAloneAtTheirRegisterWhenRaisedByOrder) {
  AskedEt et;
  et.run(shown_after);
  const Words before = read_words(et);
  for (const EtAlarmBit& bit : et_alarm_bits()) {
    et.et.et.raise_alarm(bit, false, true);
    et.run(shown_after);
    Words expected = before;
    expected.at(static_cast<std::size_t>(bit.word)) |= 1U << bit.place;
    EXPECT_EQ(read_words(et), expected) << bit.name;
    et.et.et.raise_alarm(bit, false, false);
  }
  et.run(shown_after);
  EXPECT_EQ(read_words(et), before);
  EXPECT_GT(et.lane().power.ac_injection_w, 1000.0) << "a bit alone stops nothing";
}

TEST(EtAlarmBits, StopTheInverterWhereThatIsOrderedAsLongAsTheyStand) {
  AskedEt et;
  const auto& bits = et_alarm_bits();
  const auto insulation =
      std::find_if(bits.begin(), bits.end(), [](const EtAlarmBit& bit) { return bit.name == "error_insulation"; });
  ASSERT_NE(insulation, bits.end());
  et.et.et.raise_alarm(*insulation, true, true);
  et.run(2s);
  EXPECT_EQ(et.lane().power.ac_injection_w, 0.0);
  EXPECT_EQ(et.read(35187), 3);
  EXPECT_TRUE(et.et.shows_bit("errors", insulation->place));
  EXPECT_FALSE(et.et.shows_bit("diagnostics_high", 29)) << "stopped by itself, not from outside";
  et.et.et.raise_alarm(*insulation, true, false);
  et.run(5s);
  EXPECT_GT(et.lane().power.ac_injection_w, 1000.0);
  EXPECT_EQ(et.read(35187), 1);
  EXPECT_FALSE(et.et.shows_bit("errors", insulation->place));
}

// 47511 is 255 in the meantime, then DRED0 stands: bit 29 is of who stops it from outside, whatever else does.
TEST(EtAlarmBits, TellOfAStopFromOutsideBesideAnAlarmThatStops) {
  AskedEt et;
  const auto& bits = et_alarm_bits();
  const auto insulation =
      std::find_if(bits.begin(), bits.end(), [](const EtAlarmBit& bit) { return bit.name == "error_insulation"; });
  ASSERT_NE(insulation, bits.end());
  et.et.et.raise_alarm(*insulation, true, true);
  ASSERT_EQ(et.write(47511, 255), 0);
  et.run(2s);
  EXPECT_TRUE(et.et.shows_bit("errors", insulation->place));
  EXPECT_TRUE(et.et.shows_bit("diagnostics_high", 29));
  ASSERT_EQ(et.write(47511, 1), 0);
  et.run(2s);
  EXPECT_FALSE(et.et.shows_bit("diagnostics_high", 29));
  ASSERT_EQ(et.write(47010, 1), 0);
  ASSERT_EQ(et.write(47007, 0x00FF), 0);
  et.run(2s);
  EXPECT_TRUE(et.et.shows_bit("diagnostics_high", 29));
}

/// An ET to which something happens, and all bits that it has shown.
class Watched {
 public:
  explicit Watched(const models::Site::Parameters& parameters = one_inverter_site(),
                   const GoodweEt::Settings& settings = {})
      : et{parameters, settings} {}
  void run(Time duration) {
    for (const Time end = et.now + duration; et.now < end;) {
      et.run(100ms);
      const Words now = words_of(et);
      for (std::size_t i = 0; i < now.size(); ++i) seen[i] |= now[i];
    }
  }
  void order(double mode, double power_w) {
    et.set("ems_mode", mode);
    et.set("ems_power_w", power_w);
  }
  RunningEt et;
  Words seen{};
};

models::Site::Parameters with_grid_code() {
  models::Site::Parameters site = one_inverter_site();
  site.inverters[0].lane.grid_code = *models::find_grid_code("vde_ar_n_4105");
  site.inverters[0].lane.starts_connected = true;
  return site;
}

GoodweEt::Settings with_meter() {
  GoodweEt::Settings settings;
  settings.own_meter = true;
  return settings;
}

models::Site::Parameters with_bms(const models::BatteryManagement::Parameters& management, double soc = 0.5) {
  models::Site::Parameters site = one_inverter_site(soc);
  site.inverters[0].lane.battery.management = management;
  site.inverters[0].lane.battery.management.supervises = true;
  return site;
}

Words grid_lost() {
  Watched one{with_grid_code()};
  one.run(1s);
  one.et.site.grid_source().set_outage(true);
  one.run(3s);
  return one.seen;
}

Words phase_lost() {
  Watched one{with_grid_code()};
  one.run(1s);
  one.et.site.grid_source().ramp_voltage_pu({true, false, false}, 0.0, 0.0);
  one.run(5s);
  return one.seen;
}

Words frequency_high() {
  Watched one{with_grid_code()};
  one.run(1s);
  one.et.site.grid_source().ramp_frequency_hz(52.5, 0.0);
  one.run(3s);
  return one.seen;
}

Words backup_overloaded() {
  models::Site::Parameters parameters = site_with_backup();
  parameters.loads[1].zip->nominal_w = {4500.0, 4500.0, 4500.0};
  Watched one{parameters};
  one.et.site.set_irradiance(0, 0.0);
  one.run(1s);
  one.order(7.0, 0.0);
  one.run(2s);
  return one.seen;
}

Words dsp_silent() {
  Watched one;
  one.run(1s);
  one.et.et.set_dsp_link(false);
  one.run(1s);
  return one.seen;
}

Words nearly_empty() {
  Watched one{one_inverter_site(0.04)};
  one.run(1s);
  return one.seen;
}

Words island_at_its_floor() {
  Watched one{site_with_backup(0.3)};
  one.et.set("soc_floor_off_grid", 0.35);
  one.et.site.set_irradiance(0, 0.0);
  one.run(1s);
  one.order(7.0, 0.0);
  one.run(2s);
  return one.seen;
}

Words supplied_battery() {
  Watched one;
  one.et.set("battery_protocol", 0x011F);
  one.et.set("supplied_soc", 0.5);
  one.et.set("supplied_max_discharge_a", 0.5);
  one.run(1s);
  one.et.set("supplied_soc", 0.8);
  one.et.set("supplied_max_discharge_a", 0.0);
  one.run(62s);
  return one.seen;
}

Words settings_written() {
  Watched one;
  one.et.set("battery_max_discharge_a", 0.5);
  one.et.set("export_limit_enabled", 1.0);
  one.et.set("power_factor_code", 95.0);
  one.et.set("active_power_limit", 0.5);
  one.et.set("floor_protection_off", 1.0);
  one.order(8.0, 0.0);
  one.run(1s);
  one.order(255.0, 0.0);
  one.run(1s);
  return one.seen;
}

Words time_groups() {
  Watched one;
  one.et.set("work_mode_setting", 3.0);
  one.et.set("eco1_start", 0.0);
  one.et.set("eco1_end", 23 * 256.0 + 59.0);
  one.et.set("eco1_power", 40.0);
  one.et.set("eco1_days", 0xFF7F);
  one.run(1s);
  one.et.set("eco1_power", -40.0);
  one.run(1s);
  return one.seen;
}

Words meter_in_trouble() {
  Watched one{one_inverter_site(), with_meter()};
  one.run(1s);
  one.et.site.metering().set_reversed(1, true);
  one.run(1s);
  one.et.et.set_meter_link(false);
  one.run(1s);
  return one.seen;
}

Words low_cell() {
  models::BatteryManagement::Parameters bms;
  bms.stop_discharge_cell_v = 3.3;
  bms.release_discharge_cell_v = 3.5;
  bms.undervoltage_alarm_cell_v = 3.3;
  Watched one{with_bms(bms, 0.2)};
  one.run(3s);
  return one.seen;
}

Words high_cell() {
  models::BatteryManagement::Parameters bms;
  bms.stop_charge_cell_v = 3.31;
  bms.release_charge_cell_v = 3.0;
  bms.overvoltage_alarm_cell_v = 3.31;
  Watched one{with_bms(bms, 0.95)};
  one.run(3s);
  return one.seen;
}

Words hot_cells() {
  models::BatteryManagement::Parameters bms;
  bms.overtemperature_alarm_c = 20.0;
  Watched one{with_bms(bms)};
  one.run(3s);
  return one.seen;
}

// Warmed until the cold is over: its contactor stays open.
Words cold_cells() {
  models::BatteryManagement::Parameters bms;
  bms.undertemperature_alarm_c = 25.5;
  models::Site::Parameters site = with_bms(bms);
  site.inverters[0].lane.battery.thermal.enabled = true;
  site.inverters[0].lane.battery.thermal.time_constant_s = 600.0;
  Watched one{site};
  one.run(3s);
  one.et.site.battery(0).set_ambient(60.0);
  one.run(200s);
  return one.seen;
}

Words cells_apart() {
  models::Site::Parameters site = one_inverter_site(0.06);
  site.inverters[0].lane.battery.cells.start_spread_soc = 0.2;
  Watched one{site};
  one.run(1s);
  return one.seen;
}

// Counted too low while it discharged, set right as soon as little charge flows at a high cell.
Words soc_set_right() {
  models::BatteryManagement::Parameters bms;
  bms.estimates_soc = true;
  bms.full_cell_v = 3.0;
  Watched one{with_bms(bms, 0.9)};
  one.run(1s);
  one.order(12.0, 9000.0);
  one.run(180s);
  one.order(8.0, 0.0);
  one.run(2s);
  return one.seen;
}

struct Cause {
  const char* what;
  Words (*happens)();
  std::vector<std::string> raises;
};

std::vector<Cause> causes() {
  return {
      {"grid_lost", grid_lost, {"error_grid_lost"}},
      {"phase_lost", phase_lost, {"error_grid_phase", "error_grid_voltage"}},
      {"frequency_high", frequency_high, {"error_grid_frequency"}},
      {"backup_overloaded", backup_overloaded, {"error_backup_overload"}},
      {"dsp_silent", dsp_silent, {"error_dsp_link"}},
      {"nearly_empty", nearly_empty, {"diagnostic_soc_low", "diagnostic_emergency_charge"}},
      {"island_at_its_floor",
       island_at_its_floor,
       {"diagnostic_soc_low_off_grid", "diagnostic_off_grid_depth", "diagnostic_soc_not_recovered"}},
      {"supplied_battery",
       supplied_battery,
       {"diagnostic_bms_discharge_limit_low", "diagnostic_bms_forbids_discharge", "diagnostic_bms_forbids_charge",
        "diagnostic_soc_jump", "bms_alarm_communication", "bms_warning_communication"}},
      {"settings_written",
       settings_written,
       {"diagnostic_discharge_limit_low", "diagnostic_export_limited", "diagnostic_power_factor_set",
        "diagnostic_active_power_limited", "diagnostic_floor_protection_off", "diagnostic_ems_forbids_discharge",
        "diagnostic_self_use_off", "diagnostic_stopped_from_outside"}},
      {"time_groups",
       time_groups,
       {"diagnostic_discharge_schedule", "diagnostic_charge_schedule", "diagnostic_discharge_drive",
        "diagnostic_dc_output"}},
      {"meter_in_trouble",
       meter_in_trouble,
       {"diagnostic_meter_lost", "diagnostic_meter_reversed", "diagnostic_load_light"}},
      {"low_cell",
       low_cell,
       {"diagnostic_battery_voltage_low", "diagnostic_battery_disconnected", "bms_alarm_discharge_under_voltage",
        "bms_alarm_under_voltage_level_3", "bms_warning_discharge_under_voltage"}},
      {"high_cell",
       high_cell,
       {"diagnostic_over_charged", "diagnostic_bms_over_charge", "bms_alarm_charge_over_voltage",
        "bms_alarm_over_voltage_level_3", "bms_warning_charge_over_voltage"}},
      {"hot_cells",
       hot_cells,
       {"diagnostic_bms_hot", "bms_alarm_cell_hot", "bms_alarm_cell_hot_level_3", "bms_warning_cell_hot"}},
      {"cold_cells", cold_cells, {"bms_alarm_cell_cold", "bms_warning_cell_cold", "bms_alarm_locked"}},
      {"cells_apart", cells_apart, {"bms_warning_cell_imbalance"}},
      {"soc_set_right", soc_set_right, {"diagnostic_soc_adjustment"}},
  };
}

class EtAlarmCauses : public testing::TestWithParam<Cause> {};

TEST_P(EtAlarmCauses, RaiseTheirBits) {
  const Words seen = GetParam().happens();
  for (const std::string& name : GetParam().raises) {
    const auto& bits = et_alarm_bits();
    const auto bit = std::find_if(bits.begin(), bits.end(), [&](const EtAlarmBit& each) { return each.name == name; });
    ASSERT_NE(bit, bits.end()) << name;
    EXPECT_TRUE((seen.at(static_cast<std::size_t>(bit->word)) >> bit->place & 1U) != 0) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, EtAlarmCauses, testing::ValuesIn(causes()),
                         [](const auto& cause) { return std::string{cause.param.what}; });

// A bit whose list names a cause has one here, and the other way round.
TEST(EtAlarmBits, WithACauseAreThoseThatAreTriedHere) {
  std::set<std::string> tried;
  for (const Cause& cause : causes()) tried.insert(cause.raises.begin(), cause.raises.end());
  std::set<std::string> named;
  for (const EtAlarmBit& bit : et_alarm_bits()) {
    if (!bit.cause.empty()) named.insert(std::string{bit.name});
  }
  std::vector<std::string> apart;
  std::set_symmetric_difference(tried.begin(), tried.end(), named.begin(), named.end(), std::back_inserter(apart));
  EXPECT_TRUE(apart.empty()) << testing::PrintToString(apart);
}

}  // namespace
}  // namespace hil::sim
