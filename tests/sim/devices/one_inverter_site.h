#pragma once

#include <chrono>

#include "models/site/site.h"

namespace hil::sim {

/// One inverter of 10 kW on a 400 V grid: no losses and no delays in the power stage, so that its orders show on its
/// ports by hand calculation. PV about 6 kW (28 CS5P-220M modules at 974 W/m2), battery of 120 LFP cells of 25 Ah:
/// about 400 V, 25 A either way.
inline models::Site::Parameters one_inverter_site(double soc = 0.5) {
  using namespace std::chrono_literals;
  using models::Site;
  Site::Parameters site;
  site.step = 10ms;
  site.grid = {230.0, 50.0, {0.05, 0.03}, {0.05, 0.03}};
  site.grid_bus = "grid";
  site.cables = {{"main_cable", "grid", "main", {0.02, 0.01}, {0.02, 0.01}}};

  Site::Inverter inverter;
  inverter.name = "et1";
  inverter.bus = "main";
  models::InverterLane::Parameters& et = inverter.lane;
  et.power_stage.rated_ac_w = 10000.0;
  et.power_stage.max_ac_va = 11000.0;
  et.power_stage.max_phase_a = 20.0;
  et.power_stage.max_battery_charge_w = 10000.0;
  et.power_stage.max_battery_discharge_w = 10000.0;
  const models::LossCurve lossless{10000.0, 0.0, 0.0, 0.0};
  et.power_stage.losses = {lossless, lossless, lossless, lossless};
  et.power_stage.command_dead_time = 0ns;
  et.power_stage.command_time_constant = 0ns;
  et.battery = {25.0, 120, 25.0, 25.0, 1.0};
  et.initial_soc = soc;
  models::InverterLane::PvInput pv;
  pv.tracker = models::MpptTracker::healthy(180.0, 180.0, 850.0, 26.0);
  pv.tracker.static_efficiency = 1.0;
  // Small and quick steps: the search moves the power by less than 0.1 W and still follows a change within a second.
  pv.tracker.perturb_step = 0.0005;
  pv.tracker.perturb_period_s = 0.04;
  pv.tracker.return_s = 0.0;
  pv.array.module = {2.6373, 5.114, 8.196e-10, 1.065, 381.68, 0.004539, 1.121, -0.0002677};
  pv.array.modules_in_series = 14;
  pv.array.strings_in_parallel = 2;
  pv.irradiance_w_m2 = 974.0;
  et.pv = {pv};
  site.inverters = {inverter};

  Site::Load base;
  base.name = "base";
  base.bus = "main";
  models::ZipLoad::Parameters zip;
  zip.nominal_w = {200.0, 100.0, 100.0};
  zip.nominal_ln_v = 230.0;
  zip.share_z = 0.0;
  zip.share_i = 0.0;
  zip.share_p = 1.0;
  zip.on = true;
  base.zip = zip;
  site.loads = {base};

  site.metering.cable = "main_cable";
  for (auto& transformer : site.metering.installation.transformers) transformer = {250.0, 5.0, 0.0, 0.0};
  site.metering.installation.meter = {50.0, 200ms, 200ms, 1.0};
  return site;
}

}  // namespace hil::sim
