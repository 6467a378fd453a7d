#include "harness/plant/pv_inverter_signals.h"

namespace hil::harness {

PvInverterSignals::PvInverterSignals(const models::Site& site, const SiteSpec& spec, sim::SignalRegistry& registry) {
  for (const PvInverterSpec& each : spec.pv_inverters) {
    Inverter& inverter = inverters_.emplace_back();
    inverter.lane = &site.lane(each.lane);
    registry.add(each.name + ".pv_w", "PV power taken", &inverter.pv_w);
    registry.add(each.name + ".pv_available_w", "PV power at the maximum power point", &inverter.pv_available_w);
    registry.add(each.name + ".ac_injection_w", "true AC power into the site", &inverter.ac_injection_w);
  }
  refresh();
}

void PvInverterSignals::refresh() {
  for (Inverter& inverter : inverters_) {
    inverter.pv_w = inverter.lane->power.pv_w;
    inverter.pv_available_w = inverter.lane->pv_available_w;
    inverter.ac_injection_w = inverter.lane->power.ac_injection_w;
  }
}

}  // namespace hil::harness
