#include "sim/devices/three_phase_meter.h"

#include <utility>

namespace hil::sim {

ThreePhaseMeter::ThreePhaseMeter(std::string name, const models::Site& site) : name_(std::move(name)), site_(site) {
  for (const Quantity& quantity : quantities()) face_.signal(quantity.name, quantity.value);
  publish_more();
}

// What some meters have in their maps and no scenario records.
void ThreePhaseMeter::publish_more() {
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    const std::string l = "l" + std::to_string(phase + 1);
    face_.signal(l + "_import_var", &reading_.import_var[phase]);
    face_.signal(l + "_va", &reading_.phase_va[phase]);
    face_.signal(l + "_power_factor", &reading_.phase_power_factor[phase]);
    face_.signal(l + "_imported_wh", &reading_.phase_imported_wh[phase]);
    face_.signal(l + "_exported_wh", &reading_.phase_exported_wh[phase]);
  }
  face_.signal("total_va", &reading_.total_va);
  face_.signal("power_factor", &reading_.power_factor);
}

void ThreePhaseMeter::refresh(Time) {
  reading_ = site_.meter().reading();
  grid_import_w_ = reading_.total_import_w;
  grid_export_w_ = -reading_.total_import_w;
}

void ThreePhaseMeter::register_signals(SignalRegistry& registry) const {
  for (const Quantity& quantity : quantities()) {
    registry.add(name_ + "." + quantity.name, quantity.description, quantity.value);
  }
}

std::vector<ThreePhaseMeter::Quantity> ThreePhaseMeter::quantities() const {
  std::vector<Quantity> all;
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    const std::string l = "l" + std::to_string(phase + 1);
    all.push_back({l + "_voltage_ln_rms_v", "line to neutral at the meter", &reading_.voltage_ln_v[phase]});
    all.push_back({l + "_current_a", "current magnitude at the meter", &reading_.current_a[phase]});
    all.push_back(
        {l + "_import_w", "power of this phase as the meter says; negative: export", &reading_.import_w[phase]});
  }
  all.push_back({"grid_import_w", "sum of the phases as the meter says; negative: export", &grid_import_w_});
  all.push_back({"grid_export_w", "the same, counted the other way", &grid_export_w_});
  all.push_back({"grid_import_var", "reactive power, sum of the phases", &reading_.total_import_var});
  all.push_back({"frequency_hz", "grid frequency as the meter says", &reading_.frequency_hz});
  all.push_back({"imported_wh", "energy from the grid since start", &reading_.imported_wh});
  all.push_back({"exported_wh", "energy into the grid since start", &reading_.exported_wh});
  return all;
}

}  // namespace hil::sim
