#pragma once

#include "harness/scenario/element_reader.h"
#include "models/site/site.h"
#include "sim/devices/goodwe_et.h"

namespace hil::harness {

/// What the catalogue says about one kind of part. Each function reads the attributes of its kind, and only these,
/// from a catalogue entry or from the element that uses the part and overrides some of them.

struct InverterPart {
  models::HybridInverter::Parameters power_stage;
  models::MpptTracker::Parameters tracker;  ///< of each MPPT input
  sim::GoodweEt::Identity identity;
  std::string register_map;
  sim::Time turnaround{0};
};
struct CablePart {
  models::Phasor phase_ohm_per_km{};
  models::Phasor neutral_ohm_per_km{};
};
struct MeterPart {
  std::string register_map;
  sim::Time averaging_window{0};
  sim::Time refresh_period{0};
  double power_quantum_w = 0.0;
  sim::Time turnaround{0};
};

InverterPart read_inverter_part(ElementReader& reader);
models::BatteryPack::Parameters read_battery_part(ElementReader& reader);
models::PvArray::Module read_pv_module_part(ElementReader& reader);
CablePart read_cable_part(ElementReader& reader);
models::CurrentTransformer::Parameters read_ct_part(ElementReader& reader);
MeterPart read_meter_part(ElementReader& reader);

}  // namespace hil::harness
