#pragma once

#include <chrono>
#include <cmath>
#include <string>
#include <string_view>

#include "models/site/site.h"

namespace hil::models {

/// CS5P-220M, physics-and-standards 5.2.
inline PvArray::Module example_module() {
  return {.a_ref_v = 2.6373,
          .light_current_ref_a = 5.114,
          .saturation_current_ref_a = 8.196e-10,
          .series_resistance_ohm = 1.065,
          .shunt_resistance_ref_ohm = 381.68,
          .alpha_isc_a_per_k = 0.004539,
          .bandgap_ref_ev = 1.121,
          .bandgap_slope_per_k = -0.0002677};
}

/// 10 kW with the GEN24's measured losses (physics-and-standards 2.2), 120 cells of 100 Ah, 6 kW of PV at 974 W/m2.
inline Site::Inverter example_inverter(const std::string& name, const std::string& bus, double soc) {
  InverterLane::Parameters lane;
  const LossCurve loss{10000.0, 96.18, 94.44, 25.52};
  lane.power_stage = {.rated_ac_w = 10000.0,
                      .max_ac_va = 11000.0,
                      .max_phase_a = 16.5,
                      .max_battery_charge_w = 10000.0,
                      .max_battery_discharge_w = 10000.0,
                      .losses = {loss, loss, loss, loss},
                      .command_dead_time = std::chrono::milliseconds{200},
                      .command_time_constant = std::chrono::milliseconds{200}};
  lane.battery = {.capacity_ah = 100.0,
                  .cells_in_series = 120,
                  .max_charge_a = 50.0,
                  .max_discharge_a = 50.0,
                  .coulombic_efficiency = 0.998};
  lane.initial_soc = soc;
  lane.pv = {{.array = {.module = example_module(), .modules_in_series = 14, .strings_in_parallel = 2},
              .tracker = MpptTracker::healthy(180.0, 180.0, 850.0, 26.0),
              .irradiance_w_m2 = 974.0,
              .cell_temperature_c = 25.0}};
  return {.name = name, .bus = bus, .lane = lane};
}

inline Site::Metering example_metering(const std::string& cable) {
  Site::Metering metering;
  metering.cable = cable;
  metering.installation.transformers.fill({.rated_primary_a = 250.0, .rated_secondary_a = 5.0});
  metering.installation.meter = {.ct_ratio = 50.0,
                                 .averaging_window = std::chrono::milliseconds{10},
                                 .refresh_period = std::chrono::milliseconds{10},
                                 .power_quantum_w = 0.0};
  return metering;
}

inline Site::Cable example_cable(const std::string& name, const std::string& from, const std::string& to,
                                 Phasor ohm_per_km, double length_m) {
  const Phasor ohm = ohm_per_km * (length_m / 1000.0);
  return {.name = name, .from_bus = from, .to_bus = to, .phase_ohm = ohm, .neutral_ohm = ohm};
}

/// Loads of a site by their number.
enum ExampleLoad : std::size_t { base_load, heater };

inline void set_grid_voltage(Site& site, double ln_v) {
  site.grid_source().ramp_voltage_pu(all_phases, ln_v / 230.0, 0.0);
}

/// Two inverters, a base load of 0.8 kW of constant power and a 6 kW heater of constant impedance (off).
inline Site::Parameters two_inverter_site() {
  Site::Parameters site;
  site.step = std::chrono::milliseconds{10};
  site.grid = {.nominal_ln_v = 230.0, .nominal_hz = 50.0, .phase_ohm = {0.05, 0.03}, .neutral_ohm = {0.05, 0.03}};
  site.grid_bus = "grid";
  site.cables = {example_cable("main_cable", "grid", "main", {0.642, 0.083}, 40.0),
                 example_cable("et1_cable", "main", "et1", {1.83, 0.085}, 15.0),
                 example_cable("et2_cable", "main", "et2", {1.83, 0.085}, 15.0),
                 example_cable("heater_cable", "main", "heater", {1.83, 0.085}, 20.0)};
  site.inverters = {example_inverter("et1", "et1", 0.60), example_inverter("et2", "et2", 0.40)};
  site.loads = {{.name = "base",
                 .bus = "main",
                 .zip = ZipLoad::Parameters{.nominal_w = {300.0, 250.0, 250.0},
                                            .nominal_ln_v = 230.0,
                                            .share_z = 0.0,
                                            .share_i = 0.0,
                                            .share_p = 1.0,
                                            .on = true}},
                {.name = "heater",
                 .bus = "heater",
                 .zip = ZipLoad::Parameters{.nominal_w = {2000.0, 2000.0, 2000.0},
                                            .nominal_ln_v = 230.0,
                                            .share_z = 1.0,
                                            .share_i = 0.0,
                                            .share_p = 0.0,
                                            .on = false}}};
  site.metering = example_metering("main_cable");
  return site;
}

/// Loads of a site with one inverter and a backup port.
enum BackupSiteLoad : std::size_t { house, critical };

/// One inverter that follows `code`, 3 kW of constant impedance behind its backup port and 1 kW in the house.
inline Site::Parameters backup_site(std::string_view code) {
  Site::Parameters site = two_inverter_site();
  site.inverters.pop_back();
  InverterLane::Parameters& lane = site.inverters[0].lane;
  lane.power_stage.max_phase_a = 20.0;
  lane.grid_code = *find_grid_code(code);
  lane.backup = InverterLane::Backup{.forming = {.nominal_ln_v = 230.0,
                                                 .nominal_hz = 50.0,
                                                 .frequency_droop_hz_per_w = 5e-5,
                                                 .voltage_droop_v_per_var = 0.0,
                                                 .max_phase_a = 20.0},
                                     .transfer_time = std::chrono::milliseconds{20}};
  const auto resistive = [](double phase_w) {
    return ZipLoad::Parameters{.nominal_w = {phase_w, phase_w, phase_w},
                               .nominal_ln_v = 230.0,
                               .share_z = 1.0,
                               .share_i = 0.0,
                               .share_p = 0.0,
                               .on = true};
  };
  site.loads = {{.name = "house", .bus = "main", .zip = resistive(1000.0 / 3.0)},
                {.name = "critical", .bus = "et1.backup", .zip = resistive(1000.0)}};
  return site;
}

/// The site of physics-and-standards 1.5. Its inverters have no losses, no delay and no sun: what the battery is asked
/// for leaves at the AC port, constant power on three equal phases.
inline Site::Parameters reference_site() {
  Site::Parameters site;
  site.step = std::chrono::milliseconds{10};
  site.grid = {.nominal_ln_v = 230.0, .nominal_hz = 50.0, .phase_ohm = {0.05, 0.03}, .neutral_ohm = {0.05, 0.03}};
  site.grid_bus = "pcc";
  site.cables = {example_cable("main_cable", "pcc", "main", {0.387, 0.078}, 40.0),
                 example_cable("workshop_cable", "main", "workshop", {1.15, 0.083}, 60.0)};
  for (const std::string bus : {"inverter1", "inverter2", "inverter3"}) {
    site.cables.push_back(example_cable(bus + "_cable", "main", bus, {1.83, 0.085}, 15.0));
    Site::Inverter inverter = example_inverter(bus, bus, 0.5);
    const LossCurve lossless{10000.0, 0.0, 0.0, 0.0};
    InverterLane::Parameters& lane = inverter.lane;
    lane.power_stage.losses = {lossless, lossless, lossless, lossless};
    lane.power_stage.command_dead_time = lane.power_stage.command_time_constant = std::chrono::nanoseconds{0};
    lane.pv[0].irradiance_w_m2 = 0.0;
    site.inverters.push_back(inverter);
  }
  const double lagging = std::tan(std::acos(0.95));
  site.loads = {{.name = "board",
                 .bus = "main",
                 .zip = ZipLoad::Parameters{.nominal_w = {4000.0, 1200.0, 500.0},
                                            .nominal_var = {4000.0 * lagging, 0.0, 0.0},
                                            .nominal_ln_v = 230.0,
                                            .share_z = 0.0,
                                            .share_i = 0.0,
                                            .share_p = 1.0,
                                            .on = true}},
                {.name = "heater",
                 .bus = "workshop",
                 .zip = ZipLoad::Parameters{.nominal_w = {3000.0, 3000.0, 3000.0},
                                            .nominal_ln_v = 230.0,
                                            .share_z = 1.0,
                                            .share_i = 0.0,
                                            .share_p = 0.0,
                                            .on = true}}};
  site.metering = example_metering("main_cable");
  return site;
}

}  // namespace hil::models
