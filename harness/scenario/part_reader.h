#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"
#include "models/site/site.h"
#include "sim/devices/goodwe_et.h"
#include "sim/devices/sinexcel_pcs.h"
#include "sim/devices/solax_hybrid.h"

namespace hil::harness {

/// What the catalogue says about one kind of part. Each function reads the attributes and children of its kind, and
/// only these, from a catalogue entry or from the element that uses the part and overrides some of them.

/// Where defaults that nobody measured are listed; without a list (a catalogue entry) nowhere.
struct Assuming {
  std::string owner;
  std::vector<Assumed>* list = nullptr;
};

/// What each MPPT input of a unit can do.
struct PvInputPart {
  models::MpptTracker::Parameters tracker;
  double max_pv_v = 1000.0;  ///< what it withstands; usual for a three-phase hybrid, assumed
};
struct InverterPart {
  models::HybridInverter::Parameters power_stage;
  PvInputPart pv_input;
  sim::GoodweEt::Identity identity;
  std::string register_map;
  sim::Time turnaround{0};
};
struct PcsPart {
  models::HybridInverter::Parameters power_stage;  ///< of one string
  PvInputPart pv_input;
  sim::PcsProfile profile = sim::PcsProfile::registers_53xxx;
  sim::SinexcelPcs::Rating rating;  ///< nominal voltage and frequency are the site's
  sim::PcsSupport::Parameters support;
  int strings = 1;  ///< battery inputs that it has
  bool has_pv = false;
  std::string register_map;
  sim::Time turnaround{0};
};
struct SolaxPart {
  models::HybridInverter::Parameters power_stage;
  PvInputPart pv_input;
  sim::SolaxHybrid::Identity identity;  ///< nominal voltage and frequency are the site's
  sim::ParallelIdentity parallel;       ///< what units of a parallel system compare; role, count, rating are the unit's
  std::optional<double> rated_ln_v{};   ///< it is made for; nullopt: any
  bool split_phase = false;             ///< it has L1, L2 and N
  std::string register_map;
  sim::Time turnaround{0};
};
struct CablePart {
  int cores = 4;  ///< 2: a phase and N; 4; 0: not known
  models::Phasor phase_ohm_per_km{};
  models::Phasor neutral_ohm_per_km{};
};
struct MeterPart {
  std::string register_map;
  sim::Time turnaround{0};
  models::EnergyMeter::Parameters meter;  ///< but for ct_ratio
};

SolaxPart read_solax_part(ElementReader& reader, const Assuming& assuming, Diagnostics& diagnostics);
PcsPart read_pcs_part(ElementReader& reader, const Assuming& assuming, Diagnostics& diagnostics);
InverterPart read_inverter_part(ElementReader& reader, const Assuming& assuming, Diagnostics& diagnostics);
/// `detail`, "basic" or "full", is what the attributes override.
models::BatteryPack::Parameters read_battery_part(ElementReader& reader, const Assuming& assuming);
models::PvArray::Module read_pv_module_part(ElementReader& reader);
/// Printable ASCII of so many characters.
void read_ascii(ElementReader& reader, std::string_view attribute, std::string& value, std::size_t shortest,
                std::size_t longest);
/// The curves of the four paths: `<loss path="...">`, else that of the attributes loss_...
void read_losses(ElementReader& reader, models::HybridInverter::Parameters& stage, Diagnostics& diagnostics);
/// `<volt_var>`, `<volt_watt>` and `<freq_watt>` of a storage converter; what is left out stays.
void read_pcs_support(ElementReader& pcs, sim::PcsSupport::Parameters& support, Diagnostics& diagnostics);
/// The window of a data sheet; what is left out is that of a common 10 kW hybrid.
void read_tracker(ElementReader& reader, const Assuming& assuming, PvInputPart& input);
CablePart read_cable_part(ElementReader& reader);
/// Figures alone; names and buses are the site's.
models::Site::SiteTransformer read_transformer_part(ElementReader& reader, const Assuming& assuming);
models::CurrentTransformer::Parameters read_ct_part(ElementReader& reader);
MeterPart read_meter_part(ElementReader& reader);

/// What loads of this kind are: powers, shares and what makes them change by themselves.
struct LoadPart {
  std::optional<models::ZipLoad::Parameters> zip{};
  std::optional<models::RlcLoad::Parameters> rlc{};
  std::optional<models::LoadBehaviour> behaviour{};
};
struct LoadPlace {
  double nominal_ln_v = 230.0;
  double nominal_hz = 50.0;
  bool split_phase = false;
  sim::Time step{std::chrono::milliseconds{10}};
  std::uint64_t seed = 0;               ///< this load's own
  std::optional<double> start_utc_s{};  ///< of the site's weather, since 1970
};
LoadPart read_load_part(ElementReader& reader, const LoadPlace& place, const Assuming& assuming,
                        Diagnostics& diagnostics);

}  // namespace hil::harness
