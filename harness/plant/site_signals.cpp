#include "harness/plant/site_signals.h"

#include <algorithm>

namespace hil::harness {

SiteSignals::SiteSignals(const models::Site& site, const std::vector<std::string>& load_names) : site_(site) {
  for (const std::string& name : load_names) loads_.push_back({name});
  for (std::size_t i = 0; i < site.bus_count(); ++i) buses_.push_back({"bus." + site.bus_name(i) + "."});
}

void SiteSignals::register_signals(sim::SignalRegistry& registry) const {
  const models::Site::GridView& grid = site_.grid();
  registry.add("grid.import_w", "true power from the grid at the meter's place, sum of phases; negative: export",
               &grid.import_w);
  registry.add("grid.export_w", "the same, counted the other way", &grid_export_w_);
  registry.add("grid.import_var", "true reactive power from the grid, sum of phases", &grid.import_var);
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    const std::string l = "grid.l" + std::to_string(phase + 1);
    registry.add(l + "_import_w", "true power from the grid on this phase", &grid.phase_import_w[phase]);
    registry.add(l + "_voltage_ln_rms_v", "line to neutral at the meter's place", &grid.voltage_ln_v[phase]);
    registry.add(l + "_current_a", "magnitude at the meter's place", &grid.current_a[phase]);
  }
  registry.add("grid.neutral_a", "neutral current at the meter's place", &grid.neutral_a);
  registry.add("grid.neutral_v", "neutral at the meter's place against earth", &grid.neutral_v);
  registry.add("grid.frequency_hz", "at the meter's place, also in an unintended island; 0 when dead",
               &grid.frequency_hz);
  registry.add("grid.imported_wh", "energy from the grid since start", &grid.imported_wh);
  registry.add("grid.exported_wh", "energy into the grid since start", &grid.exported_wh);
  registry.add("site.pv_w", "PV power of all inverters", &pv_w_);
  registry.add("site.pv_available_w", "PV power at the maximum power points", &pv_available_w_);
  registry.add("site.battery_discharge_w", "battery power of all inverters; negative: charge", &battery_discharge_w_);
  registry.add("site.ac_injection_w", "AC power of all inverters into the site", &ac_injection_w_);
  registry.add("site.load_w", "consumption of all loads", &load_w_);
  for (const Load& load : loads_) {
    registry.add(load.name + ".consumption_w", "power taken by this load", &load.consumption_w);
    registry.add(load.name + ".on", "1 while switched on", &load.on);
  }
}

void SiteSignals::register_details(sim::SignalRegistry& registry, const std::string& meter) const {
  registry.add("grid.connected", "1 while the grid is there, 0 in an outage", &grid_connected_);
  registry.add("site.unintended_island", "1 while inverters keep what the grid left behind alive", &unintended_island_);
  registry.add("site.clear_index", "irradiance as a share of the clear sky's", &clear_index_);
  registry.add(meter + ".flags",
               "bits: 1 current high, 2 and 4 phase voltage low and high, 8 and 16 line voltage low and high, 32 "
               "frequency, 64 sequence, 128 neutral missing, 256 below start",
               &meter_flags_);
  for (std::size_t k = 0; k < transformers_.size(); ++k) {
    const std::string ct = "ct_l" + std::to_string(k + 1);
    registry.add(ct + ".flags",
                 "bits: 1 reversed, 2 secondary open, 4 shorted, 8 hazardous voltage, 16 and 32 below and above the "
                 "range of its class, 64 burden, 128 lead too long, 256 saturated, 512 type overrun, 1024 frequency",
                 &transformers_[k].flags);
    registry.add(ct + ".open_peak_v", "estimated peak at the terminals of an open secondary, 0 otherwise",
                 &transformers_[k].open_peak_v);
  }
  for (const Load& load : loads_) {
    registry.add(load.name + ".consumed_wh", "energy taken by this load since start", &load.consumed_wh);
  }
  for (const Bus& bus : buses_) {
    for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
      registry.add(bus.prefix + "l" + std::to_string(phase + 1) + "_voltage_ln_rms_v", "line to neutral at this bus",
                   &bus.voltage.ln_v[phase]);
    }
    registry.add(bus.prefix + "neutral_v", "neutral of this bus against earth", &bus.voltage.neutral_v);
  }
}

void SiteSignals::refresh_only(const std::vector<const sim::Signal*>& wanted) {
  wants_transformers_ = std::any_of(wanted.begin(), wanted.end(),
                                    [](const sim::Signal* signal) { return signal->name.starts_with("ct_l"); });
  for (Bus& bus : buses_) {
    bus.wanted = std::any_of(wanted.begin(), wanted.end(),
                             [&bus](const sim::Signal* signal) { return signal->name.starts_with(bus.prefix); });
  }
}

void SiteSignals::refresh() {
  grid_connected_ = site_.grid().connected ? 1.0 : 0.0;
  unintended_island_ = site_.unintended_island() ? 1.0 : 0.0;
  clear_index_ = site_.clear_index();
  meter_flags_ = site_.meter().reading().flags.bits();
  for (std::size_t k = 0; wants_transformers_ && k < transformers_.size(); ++k) {
    transformers_[k].flags = site_.metering().transformer_flags(k).bits();
    transformers_[k].open_peak_v = site_.metering().open_secondary_peak_v(k);
  }
  grid_export_w_ = -site_.grid().import_w;
  double pv_w = 0.0;
  double pv_available_w = 0.0;
  double battery_discharge_w = 0.0;
  double ac_injection_w = 0.0;
  const std::size_t inverters = site_.inverter_count();
  for (std::size_t i = 0; i < inverters; ++i) {
    const models::Site::LaneView& lane = site_.lane(i);
    pv_w += lane.power.pv_w;
    pv_available_w += lane.pv_available_w;
    battery_discharge_w += lane.power.battery_discharge_w;
    ac_injection_w += lane.power.ac_injection_w;
  }
  pv_w_ = pv_w;
  pv_available_w_ = pv_available_w;
  battery_discharge_w_ = battery_discharge_w;
  ac_injection_w_ = ac_injection_w;
  for (std::size_t i = 0; i < buses_.size(); ++i) {
    if (buses_[i].wanted) buses_[i].voltage = site_.bus_voltage(i);
  }
  load_w_ = site_.total_load_w();
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    loads_[i].consumption_w = site_.load_w(i);
    loads_[i].consumed_wh = site_.load_wh(i);
    loads_[i].on = site_.load_on(i) ? 1.0 : 0.0;
  }
}

}  // namespace hil::harness
