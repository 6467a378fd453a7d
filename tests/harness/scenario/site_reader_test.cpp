#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path folder = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario";
const std::filesystem::path library = folder / "library";

std::string all_faults(const Diagnostics& diagnostics) {
  std::string text;
  for (const Fault& fault : diagnostics.sorted()) text += fault.text() + "\n";
  return text;
}

Scenario read_good(const std::string& name) {
  Diagnostics diagnostics;
  auto scenario = read_scenario(folder / "good" / (name + ".xml"), library, diagnostics);
  EXPECT_EQ(all_faults(diagnostics), "");
  return scenario.value_or(Scenario{});
}

const Assumed* find_assumed(const Scenario& scenario, const std::string& what) {
  const auto found = std::find_if(scenario.assumed.begin(), scenario.assumed.end(),
                                  [&](const Assumed& assumed) { return assumed.what == what; });
  return found == scenario.assumed.end() ? nullptr : &*found;
}

const models::Site::Load& load_of(const Scenario& scenario, const std::string& name) {
  const auto& loads = scenario.site.plant.loads;
  return *std::find_if(loads.begin(), loads.end(), [&](const auto& load) { return load.name == name; });
}

/// Power of every load of a site after each step: what its random numbers did.
std::vector<double> load_powers(const Scenario& scenario, int steps) {
  models::Site site{scenario.site.plant};
  std::vector<double> powers;
  for (int step = 0; step < steps; ++step) {
    site.advance();
    EXPECT_TRUE(site.invariants().hold()) << scenario.name << " step " << step;
    for (std::size_t load = 0; load < scenario.site.plant.loads.size(); ++load) powers.push_back(site.load_w(load));
  }
  return powers;
}

// Of one part, whose serial number ends in 0001; the third has one of its own.
TEST(SiteReader, GivesEachInverterASerialNumberOfItsOwn) {
  const std::filesystem::path shipped = std::filesystem::path{HILBENCH_SOURCE_DIR} / "scenarios";
  const std::string text = R"(<scenario schema="1" name="serials" duration_s="1" seed="1"><purpose>A test.</purpose>
    <site extends="sites/goodwe_three_et_400v.xml"><inverter name="et3" serial="9010KETU22AW0417"/></site>
    <controller kind="sec1000"><export_limit_w>0</export_limit_w></controller>
    <expect><never signal="site.load_w" above="1e6"/></expect></scenario>)";
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(text, "serials.xml", shipped, diagnostics);
  ASSERT_TRUE(scenario) << all_faults(diagnostics);
  const auto serials = [](const Scenario& of) {
    std::vector<std::string> all;
    for (const InverterSpec& inverter : of.site.inverters) all.push_back(inverter.identity.serial);
    return all;
  };
  const std::vector<std::string> expected{"9010KETU22AW0001", "9010KETU22AW0002", "9010KETU22AW0417"};
  EXPECT_EQ(serials(*scenario), expected);
  // What a run leaves is the same site.
  scenario = read_scenario_text(scenario->resolved_xml, "again.xml", shipped, diagnostics);
  ASSERT_TRUE(scenario) << all_faults(diagnostics);
  EXPECT_EQ(serials(*scenario), expected);
}

class GoodSites : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Files, GoodSites,
                         testing::Values("weather_and_planes", "behind_a_transformer", "backup_port",
                                         "loads_of_every_kind", "battery_and_metering", "support_settings",
                                         "split_phase", "single_phase_and_sleep"),
                         [](const auto& site) { return std::string{site.param}; });

TEST_P(GoodSites, RunWithTheirInvariantsHeld) {
  load_powers(read_good(GetParam()), 200);
}

TEST_P(GoodSites, ReadFromTheirResolvedTextToTheSamePlant) {
  const Scenario first = read_good(GetParam());
  Diagnostics diagnostics;
  const auto second = read_scenario_text(first.resolved_xml, "elsewhere/scenario.xml", library, diagnostics);
  ASSERT_TRUE(second.has_value()) << all_faults(diagnostics);
  EXPECT_EQ(second->resolved_xml, first.resolved_xml);
  ASSERT_EQ(second->assumed.size(), first.assumed.size());
  for (std::size_t line = 0; line < first.assumed.size(); ++line) {
    EXPECT_EQ(second->assumed[line].what, first.assumed[line].what);
    EXPECT_EQ(second->assumed[line].value, first.assumed[line].value);
  }
  EXPECT_EQ(load_powers(*second, 50), load_powers(first, 50));
}

TEST(SiteReader, GivesEachPvInputItsOwnPlane) {
  const Scenario scenario = read_good("weather_and_planes");
  const auto& plant = scenario.site.plant;
  ASSERT_TRUE(plant.weather.has_value());
  EXPECT_DOUBLE_EQ(plant.ambient_c, 28.0);
  // 2026-06-21 is day 20625 of 1970-01-01: 56 years with 14 leap days, then 171 days.
  EXPECT_DOUBLE_EQ(plant.weather->start_utc_s, (56 * 365 + 14 + 171) * 86400.0 + 10 * 3600.0);
  EXPECT_DOUBLE_EQ(plant.weather->linke_turbidity, 3.5);
  // Standard atmosphere at 150 m: 995.4 hPa.
  EXPECT_NEAR(plant.weather->sun.pressure_pa, 99536.0, 20.0);
  ASSERT_TRUE(plant.weather->clouds.has_value());
  EXPECT_DOUBLE_EQ(plant.weather->clouds->cloud_max_index, 0.4);
  EXPECT_DOUBLE_EQ(plant.weather->clouds->gap.max_s, 60.0);
  EXPECT_NE(find_assumed(scenario, "clouds: gap_index"), nullptr);
  EXPECT_EQ(find_assumed(scenario, "clouds: gap_max_s"), nullptr);

  const models::InverterLane::Parameters& left = plant.inverters[0].lane;
  ASSERT_EQ(left.pv.size(), 2U);
  ASSERT_TRUE(left.pv[0].plane && left.pv[1].plane);
  EXPECT_DOUBLE_EQ(left.pv[0].plane->azimuth_deg, 90.0);
  EXPECT_DOUBLE_EQ(left.pv[0].array.soiling_factor, 0.97);
  EXPECT_EQ(left.pv[0].array.modules_in_series, 14);  // from the base
  EXPECT_DOUBLE_EQ(left.pv[1].plane->albedo, 0.3);
  EXPECT_DOUBLE_EQ(left.pv[1].tracker.max_input_a, 13.0);
  EXPECT_NE(find_assumed(scenario, "left pv: albedo"), nullptr);
  EXPECT_EQ(find_assumed(scenario, "left: mppt_start_v"), nullptr);
  EXPECT_NE(find_assumed(scenario, "right: mppt_start_v"), nullptr);
  // The other inverter keeps the light that its base gives.
  ASSERT_EQ(plant.inverters[1].lane.pv.size(), 1U);
  EXPECT_FALSE(plant.inverters[1].lane.pv[0].plane.has_value());
  EXPECT_DOUBLE_EQ(plant.inverters[1].lane.pv[0].irradiance_w_m2, 900.0);
}

TEST(SiteReader, ChangesWhatAGridCodeAsksForAndNothingElseOfIt) {
  const Scenario scenario = read_good("support_settings");
  const auto& inverters = scenario.site.plant.inverters;
  const models::GridSupport::Parameters& left = inverters[0].lane.grid_code->support;
  EXPECT_EQ(left.reactive_mode, models::ReactiveMode::volt_var);
  EXPECT_NEAR(left.volt_var.at(0.95), 0.15, 1e-12);
  EXPECT_DOUBLE_EQ(left.volt_var.at(1.2), -0.3);
  EXPECT_EQ(left.reactive_response, sim::Time{10s});
  EXPECT_TRUE(left.volt_watt_enabled);
  EXPECT_NEAR(left.volt_watt.at(1.08), 0.6, 1e-12);
  // 5 % of 50 Hz take all power: 0.4 of it a hertz; here 4 %: 0.5.
  EXPECT_DOUBLE_EQ(left.over_frequency.start_hz, 50.3);
  EXPECT_NEAR(left.over_frequency.gradient_pu_per_hz, 0.5, 1e-12);
  EXPECT_EQ(left.priority, models::PowerPriority::active);
  const models::GridCode& code = *models::find_grid_code("en50549_1");
  EXPECT_EQ(left.under_frequency.start_hz, code.support.under_frequency.start_hz);
  EXPECT_EQ(inverters[0].lane.grid_code->protection.overvoltage[0].threshold, code.protection.overvoltage[0].threshold);

  const models::GridSupport::Parameters& right = inverters[1].lane.grid_code->support;
  EXPECT_EQ(right.reactive_mode, models::ReactiveMode::power_factor_of_power);
  EXPECT_DOUBLE_EQ(right.power_factor, -0.95);
  EXPECT_FALSE(right.over_frequency.enabled);
  EXPECT_FALSE(right.volt_watt_enabled);
  // The curve is that of the code, and the report says so.
  const Assumed* assumed = find_assumed(scenario, "right: support power_factor_of_power");
  ASSERT_NE(assumed, nullptr);
  EXPECT_EQ(assumed->value, "0.5:1 1:0.9");
  EXPECT_EQ(find_assumed(scenario, "left: support volt_var"), nullptr);
}

TEST(SiteReader, TakesTheCommonLossCurveForPathsNotGiven) {
  const Scenario scenario = read_good("weather_and_planes");
  const models::HybridInverter::Parameters& stage = scenario.site.plant.inverters[0].lane.power_stage;
  EXPECT_DOUBLE_EQ(stage.losses.pv_to_ac.linear_w, 80.0);  // inv_10k
  EXPECT_DOUBLE_EQ(stage.losses.battery_to_ac.linear_w, 113.34);
  EXPECT_DOUBLE_EQ(stage.losses.battery_to_ac.reference_w, 9822.6);
  EXPECT_DOUBLE_EQ(stage.losses.pv_to_battery.constant_w, 29.8);
  EXPECT_DOUBLE_EQ(stage.losses.pv_to_battery.reference_w, 10000.0);
  EXPECT_DOUBLE_EQ(stage.losses.ac_to_battery.square_w, 90.0);
  EXPECT_DOUBLE_EQ(stage.standby_w, 9.0);
  EXPECT_DOUBLE_EQ(stage.charge_error_w, -5.0);
}

TEST(SiteReader, PutsTheGridBeforeATransformerAtItsOwnVoltage) {
  const Scenario scenario = read_good("behind_a_transformer");
  const auto& plant = scenario.site.plant;
  EXPECT_DOUBLE_EQ(plant.grid.nominal_ln_v, 11547.0);
  EXPECT_DOUBLE_EQ(plant.nominal_ln_v, 230.0);
  ASSERT_EQ(plant.transformers.size(), 1U);
  EXPECT_EQ(plant.transformers[0].vector_group, "Dyn11");
  EXPECT_DOUBLE_EQ(plant.transformers[0].rated_va, 160000.0);
  EXPECT_DOUBLE_EQ(plant.transformers[0].earthing_ohm, 0.5);
  EXPECT_DOUBLE_EQ(plant.loads[0].zip->nominal_ln_v, 230.0);
  ASSERT_EQ(plant.cables.size(), 2U);
  EXPECT_TRUE(plant.cables[0].closed);
  EXPECT_FALSE(plant.cables[1].closed);
  ASSERT_TRUE(plant.inverters[0].lane.grid_code.has_value());
  EXPECT_EQ(plant.inverters[0].lane.grid_code->name, "en50549_1");
  EXPECT_DOUBLE_EQ(plant.inverters[0].lane.island_detection->gain_per_hz, 0.1);
  EXPECT_TRUE(plant.inverters[0].lane.starts_connected);
  EXPECT_FALSE(plant.inverters[1].lane.starts_connected);
}

TEST(SiteReader, GivesASplitPhaseSupplyTwoLegsAndItsLoadsTwiceTheVoltageAcross) {
  const Scenario scenario = read_good("split_phase");
  const auto& plant = scenario.site.plant;
  EXPECT_TRUE(plant.grid.split_phase);
  EXPECT_TRUE(plant.inverters.empty());
  EXPECT_EQ(plant.cables.at(0).conductors, (std::array{true, true, false, true}));
  EXPECT_EQ(plant.cables.at(1).conductors, (std::array{false, true, false, true}));
  EXPECT_DOUBLE_EQ(load_of(scenario, "range").zip->nominal_ll_v, 240.0);
  EXPECT_DOUBLE_EQ(load_of(scenario, "range").zip->nominal_ll_w[0], 4800.0);
  EXPECT_DOUBLE_EQ(load_of(scenario, "kitchen").zip->nominal_w[1], 600.0);
  EXPECT_DOUBLE_EQ(load_of(scenario, "boiler").zip->nominal_w[2], 0.0);
  EXPECT_TRUE(load_of(scenario, "resonant").rlc->ports[1].resistance_ohm.has_value());
  EXPECT_FALSE(load_of(scenario, "resonant").rlc->ports[2].resistance_ohm.has_value());
}

TEST(SiteReader, GivesACableOfTwoCoresItsPhaseAndN) {
  const Scenario scenario = read_good("single_phase_and_sleep");
  const auto& cables = scenario.site.plant.cables;
  EXPECT_EQ(cables.at(0).conductors, (std::array{true, true, true, true}));
  EXPECT_EQ(cables.at(1).conductors, (std::array{false, false, true, true}));
  EXPECT_EQ(cables.at(2).conductors, (std::array{true, true, true, true}));
  EXPECT_NEAR(cables.at(1).neutral_ohm.real(), 0.12, 1e-12);  // 4 ohm/km
}

TEST(SiteReader, LetsAnInverterSleepAndItsPhasesDiffer) {
  const Scenario scenario = read_good("single_phase_and_sleep");
  const InverterSpec& left = scenario.site.inverters.at(0);
  EXPECT_TRUE(left.settings.unbalanced_output);
  EXPECT_EQ(left.settings.sleep_after, sim::Time{120s});
  EXPECT_DOUBLE_EQ(scenario.site.plant.inverters.at(0).lane.power_stage.standby_w, 9.0);
  EXPECT_NE(find_assumed(scenario, "left: sleeps below, W of PV"), nullptr);
  EXPECT_NE(find_assumed(scenario, "left: unbalanced_output, phases at its meter"), nullptr);
  EXPECT_EQ(find_assumed(scenario, "right: sleeps below, W of PV"), nullptr);
  // Who never sleeps draws no standby either, so that sites without it stay as they were.
  EXPECT_EQ(scenario.site.inverters.at(1).settings.sleep_after, std::nullopt);
  EXPECT_EQ(scenario.site.plant.inverters.at(1).lane.power_stage.standby_w, 0.0);
}

TEST(SiteReader, GivesABackupPortABusForLoads) {
  const Scenario scenario = read_good("backup_port");
  const auto& plant = scenario.site.plant;
  EXPECT_FALSE(plant.inverters[0].lane.grid_code.has_value());
  const models::InverterLane::Backup& left = *plant.inverters[0].lane.backup;
  EXPECT_EQ(left.transfer_time, 20ms);
  EXPECT_DOUBLE_EQ(left.forming.frequency_droop_hz_per_w, 5e-5);
  EXPECT_DOUBLE_EQ(left.forming.voltage_droop_v_per_var, 1e-3);
  EXPECT_EQ(left.forming.overload_time, 1s);
  EXPECT_DOUBLE_EQ(left.reserve.lowest_soc, 0.2);
  EXPECT_DOUBLE_EQ(left.reserve.restart_soc_rise, 0.1);
  EXPECT_DOUBLE_EQ(left.reserve.restart_pv_w, 800.0);
  EXPECT_EQ(left.reserve.bridge, 2s);
  EXPECT_DOUBLE_EQ(plant.inverters[1].lane.backup->forming.max_phase_a, 16.0);  // that of inv_10k
  EXPECT_NE(find_assumed(scenario, "right: backup transfer_s"), nullptr);
  EXPECT_NE(find_assumed(scenario, "right: backup lowest_soc"), nullptr);
  EXPECT_EQ(find_assumed(scenario, "left: backup lowest_soc"), nullptr);
  EXPECT_EQ(find_assumed(scenario, "left: backup transfer_s"), nullptr);
  EXPECT_EQ(load_of(scenario, "fridge").bus, "left.backup");
  const models::Site::Load& resonant = load_of(scenario, "resonant");
  EXPECT_FALSE(resonant.zip.has_value());
  // D2 (physics-and-standards 2.7): a third of 10 kW at 230 V, 50 Hz, Qf 1 is 15.87 ohm, 50.516 mH, 200.573 uF.
  EXPECT_NEAR(*resonant.rlc->ports[0].resistance_ohm, 15.872, 0.002);
  EXPECT_NEAR(*resonant.rlc->ports[2].inductance_h, 50.52e-3, 0.01e-3);
  EXPECT_NEAR(*resonant.rlc->ports[1].capacitance_f, 200.55e-6, 0.05e-6);
}

TEST(SiteReader, MapsEachBehaviourToItsKind) {
  const Scenario scenario = read_good("loads_of_every_kind");
  const auto behaviour = [&](const std::string& name) { return *load_of(scenario, name).behaviour; };
  EXPECT_NE(behaviour("heater").as<models::WaterHeater>(), nullptr);
  EXPECT_DOUBLE_EQ(behaviour("heater").as<models::WaterHeater>()->state().water_c, 40.0);
  EXPECT_NE(behaviour("boiler").as<models::WaterHeater>(), nullptr);
  EXPECT_DOUBLE_EQ(load_of(scenario, "boiler").zip->nominal_w[2], 3000.0);
  EXPECT_DOUBLE_EQ(load_of(scenario, "warm_boiler").zip->nominal_w[2], 0.0);
  EXPECT_NE(behaviour("kettle").as<models::Kettle>(), nullptr);
  EXPECT_NE(behaviour("hob").as<models::CyclingLoad>(), nullptr);
  EXPECT_DOUBLE_EQ(load_of(scenario, "hob").zip->nominal_ll_w[0], 3000.0);
  EXPECT_NE(behaviour("saw").as<models::Motor>(), nullptr);
  // Power factor 0.8: Q = 0.75 P.
  EXPECT_NEAR(load_of(scenario, "saw").zip->nominal_var[0], 0.75 * 1333.0, 1e-9);
  EXPECT_DOUBLE_EQ(load_of(scenario, "saw").zip->active_per_hz, 0.02);
  EXPECT_DOUBLE_EQ(behaviour("car").as<models::EvCharger>()->allowed_a(), 10.0);
  EXPECT_NE(behaviour("heat_pump").as<models::HeatPump>(), nullptr);
  EXPECT_NE(behaviour("old_pump").as<models::HeatPump>(), nullptr);
  EXPECT_NE(behaviour("station").as<models::InrushLoad>(), nullptr);
  EXPECT_NE(behaviour("welder").as<models::WeldingLoad>(), nullptr);
  EXPECT_NE(behaviour("house").as<models::ProfileLoad>(), nullptr);
  EXPECT_NE(behaviour("base").as<models::ConstantLoad>(), nullptr);
  EXPECT_NE(find_assumed(scenario, "boiler: l1_w"), nullptr);
  EXPECT_NE(find_assumed(scenario, "heater: thermostat setpoint_c"), nullptr);
  EXPECT_EQ(find_assumed(scenario, "boiler: thermostat setpoint_c"), nullptr);  // the part gives it
  EXPECT_NE(find_assumed(scenario, "base: noise sigma"), nullptr);
}

TEST(SiteReader, WritesProfilesIntoTheResolvedText) {
  const Scenario scenario = read_good("loads_of_every_kind");
  EXPECT_EQ(scenario.resolved_xml.find("house.csv"), std::string::npos);
  EXPECT_NE(scenario.resolved_xml.find("68400,2.5"), std::string::npos);
  // Linear between 0.5 at 0 s and 1 at 21600 s; the run begins at 3600 s.
  models::LoadBehaviour house = *load_of(scenario, "house").behaviour;
  models::LoadConditions on;
  on.switched_on = true;
  EXPECT_NEAR(house.as<models::ProfileLoad>()->advance(on).active_scale, 0.5 + 0.5 / 6.0, 1e-9);
}

TEST(SiteReader, DrawsItsRandomNumbersFromTheScenariosSeed) {
  const Scenario seven = read_good("loads_of_every_kind");
  Scenario eight = seven;
  set_seed(eight, 8);
  EXPECT_NE(load_powers(eight, 20), load_powers(seven, 20));
  set_seed(eight, 7);
  EXPECT_EQ(load_powers(eight, 20), load_powers(seven, 20));
}

TEST(SiteReader, ReadsABatteryInTheDetailAskedFor) {
  const Scenario scenario = read_good("battery_and_metering");
  const models::InverterLane::Parameters& left = scenario.site.plant.inverters[0].lane;
  const models::InverterLane::Parameters& right = scenario.site.plant.inverters[1].lane;
  EXPECT_TRUE(left.battery.hysteresis);
  EXPECT_TRUE(left.battery.management.supervises);
  EXPECT_EQ(left.battery.management.temperature_profile, models::TemperatureProfile::second_maker);
  EXPECT_DOUBLE_EQ(left.battery.cells.start_spread_soc, 0.02);
  EXPECT_DOUBLE_EQ(left.battery.cells.capacity_spread, 0.02);  // of the full detail
  EXPECT_TRUE(left.battery.ageing.counts);
  EXPECT_FALSE(left.battery.ageing.acts);
  EXPECT_DOUBLE_EQ(left.initial_battery_c, -2.0);
  EXPECT_DOUBLE_EQ(left.battery.thermal.ambient_c, 5.0);  // that of the site
  EXPECT_NE(find_assumed(scenario, "left battery: detail"), nullptr);
  EXPECT_DOUBLE_EQ(right.battery.thermal.ambient_c, 15.0);
  EXPECT_DOUBLE_EQ(right.initial_battery_c, 15.0);
  EXPECT_FALSE(right.battery.ageing.counts);
  EXPECT_DOUBLE_EQ(right.battery.management.report_lag_s, 2.0);
  EXPECT_DOUBLE_EQ(models::Site{scenario.site.plant}.battery(0).state().temperature_c, -2.0);
}

TEST(SiteReader, ReadsWhatAMeterAndItsTransformersAreWorth) {
  const Scenario scenario = read_good("battery_and_metering");
  const models::MeterInstallation::Parameters& installation = scenario.site.plant.metering.installation;
  EXPECT_EQ(installation.meter.meter_class, models::MeterClass::class_05s);
  EXPECT_EQ(installation.meter.reported_va, models::ApparentPower::effective);
  EXPECT_EQ(installation.meter.energy_register, models::EnergyRegister::per_phase);
  EXPECT_EQ(installation.meter.beyond_limits, models::BeyondLimits::clips);
  EXPECT_DOUBLE_EQ(installation.meter.input_limits.max_input_a, 6.0);
  EXPECT_DOUBLE_EQ(installation.meter.ct_ratio, 20.0);
  const models::CurrentTransformer::Parameters& l1 = installation.transformers[0];
  EXPECT_EQ(l1.accuracy_class, models::CtClass::class_05);
  EXPECT_DOUBLE_EQ(l1.phase_position, -0.5);
  EXPECT_DOUBLE_EQ(l1.accuracy_limit_factor, 10.0);
  EXPECT_DOUBLE_EQ(l1.lead_area_mm2, 0.75);
  EXPECT_EQ(installation.transformers[1].accuracy_class, models::CtClass::none);
}

/// The parts of the library's own catalogue, each used in the way it is meant.
TEST(SiteReader, BuildsASiteOfEveryLoadOfTheLibrary) {
  const std::filesystem::path scenarios = std::filesystem::path{HILBENCH_SOURCE_DIR} / "scenarios";
  std::string loads;
  for (const std::string part :
       {"heater_9kw_3p", "heater_6kw_3p", "heater_3kw_1p", "kettle", "hob", "instant_water_heater_18kw",
        "instant_water_heater_21kw", "instant_water_heater_27kw", "motor_4kw_3p", "motor_4kw_3p_star_delta",
        "ev_charger_11kw", "ev_charger_7kw4", "heat_pump_3kw", "heat_pump_3kw_direct", "transformer_inrush_5kw",
        "welder_8kw", "base_600w_3p", "base_1500w_3p"}) {
    loads += "<load name=\"a_" + part + "\" part=\"" + part + "\" bus=\"main\" on=\"false\"/>";
  }
  std::string transformers;
  for (const std::string part : {"oil_160kva", "oil_250kva", "oil_400kva", "oil_630kva", "oil_630kva_uk6"}) {
    transformers += "<transformer name=\"" + part + "\" part=\"" + part + "\" from=\"mv\" to=\"grid\"/>";
  }
  Diagnostics diagnostics;
  const auto scenario = read_scenario_text(
      "<scenario schema=\"1\" name=\"parts\" duration_s=\"60\" seed=\"7\"><purpose>Reads?</purpose>"
      "<site extends=\"sites/goodwe_two_et_400v.xml\"><grid bus=\"mv\" nominal_ln_v=\"11547\"/>" +
          transformers + loads +
          "</site><controller kind=\"sec1000\"><unlimited_export/></controller><expect>"
          "<never signal=\"grid.export_w\" above=\"1e6\"/></expect></scenario>",
      "case.xml", scenarios, diagnostics);
  ASSERT_TRUE(scenario.has_value()) << all_faults(diagnostics);
  EXPECT_NEAR(scenario->site.plant.nominal_ln_v, 400.0 / std::numbers::sqrt3, 1e-9);
  load_powers(*scenario, 20);
}

// Its relays and ports stand behind the cables of the file; channels by their number.
TEST(SiteReader, MakesBranchesOfABackupInterface) {
  const Scenario scenario = read_good("backup_interface");
  ASSERT_TRUE(scenario.site.backup_interface.has_value());
  const BackupInterfaceSpec& interface = *scenario.site.backup_interface;
  const auto& cables = scenario.site.plant.cables;
  EXPECT_EQ(interface.model, sim::BackupInterface::Model::bi_pro);
  EXPECT_EQ(interface.parameters.transfer_time, 30ms);
  EXPECT_EQ(interface.parameters.return_time, 30s);
  EXPECT_EQ(interface.parameters.sync_deg, 15.0);
  EXPECT_TRUE(interface.parameters.split_phase);
  ASSERT_EQ(cables.size(), 8U);
  EXPECT_EQ(interface.cables, 7U);
  const auto joins = [&](std::size_t cable) { return cables.at(cable).from_bus + " " + cables.at(cable).to_bus; };
  EXPECT_EQ(joins(interface.relay), "entry board");
  EXPECT_EQ(joins(interface.relay + 1), "entry garage");
  EXPECT_EQ(joins(interface.relay + 2), "board roof");
  EXPECT_EQ(joins(interface.relay + 3), "board barn") << "its microgrid";
  ASSERT_EQ(interface.smart_loads.size(), 2U);
  EXPECT_EQ(interface.smart_loads[0].channel, 1);
  EXPECT_EQ(joins(interface.smart_loads[0].cable), "board car");
  EXPECT_EQ(interface.smart_loads[0].parameters.shed_after, 100ms);
  EXPECT_NE(find_assumed(scenario, "bi: channel 1 shed_after_s"), nullptr);
  EXPECT_EQ(joins(interface.smart_loads[1].cable), "board pool");
  EXPECT_EQ(interface.smart_loads[1].parameters.restore_above_soc, 0.4);
  EXPECT_EQ(find_assumed(scenario, "bi: transfer_s"), nullptr) << "it was given";
  ASSERT_TRUE(interface.generator.has_value());
  EXPECT_EQ(joins(interface.generator->cable), "engine board");
  EXPECT_FALSE(cables.at(interface.generator->cable).closed);
  EXPECT_EQ(interface.generator->warm_up, 4s);
  EXPECT_EQ(interface.generator->lane, 2U);
  EXPECT_TRUE(scenario.site.plant.inverters.at(2).lane.site_forming.has_value());
}

TEST(SiteReader, ReadsWhatDocument002LeavesOpenOfParallelInverters) {
  const Scenario scenario = read_good("parallel_solax");
  ASSERT_TRUE(scenario.site.parallel.has_value());
  const sim::ParallelGroup::Parameters& parameters = scenario.site.parallel->parameters;
  EXPECT_TRUE(parameters.interface_can_is_fault);
  EXPECT_TRUE(parameters.supervision.warns_of_count);
  EXPECT_TRUE(parameters.supervision.count_is_configuration);
  const sim::ParallelGroup::Parameters as_built;
  EXPECT_FALSE(as_built.interface_can_is_fault);
  EXPECT_FALSE(as_built.supervision.warns_of_count);
  EXPECT_FALSE(as_built.supervision.count_is_configuration);
}

// A lane that neither takes nor gives battery power, behind all others.
TEST(SiteReader, ReadsAPvInverterWithoutABattery) {
  const Scenario scenario = read_good("backup_interface");
  ASSERT_EQ(scenario.site.pv_inverters.size(), 1U);
  const PvInverterSpec& inverter = scenario.site.pv_inverters[0];
  EXPECT_EQ(inverter.lane, 1U);
  EXPECT_EQ(lane_names(scenario.site), (std::vector<std::string>{"only", "other", "bi.generator"}));
  const models::InverterLane::Parameters& lane = scenario.site.plant.inverters.at(inverter.lane).lane;
  EXPECT_EQ(lane.power_stage.rated_ac_w, 5000.0);
  EXPECT_EQ(lane.power_stage.max_battery_charge_w, 0.0);
  EXPECT_FALSE(lane.starts_connected);
  EXPECT_FALSE(lane.site_forming.has_value());
  ASSERT_EQ(lane.pv.size(), 1U);
  EXPECT_EQ(lane.pv[0].tracker.max_mpp_v, 500.0);
}

}  // namespace
}  // namespace hil::harness
