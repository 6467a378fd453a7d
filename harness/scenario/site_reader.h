#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/catalog.h"
#include "harness/scenario/diagnostics.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/part_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// What reading a site needs to know, and where it puts what it finds.
struct SiteReading {
  const Catalog& catalog;
  const std::vector<std::string>& register_maps;  ///< names in the library
  sim::Time step;
  std::uint64_t seed;
  Diagnostics& diagnostics;
  std::vector<Assumed>& assumed;
  std::vector<std::string> buses{};  ///< known once grid, cables and inverters are read
  std::vector<std::string> lines{};  ///< known once the lines are read
  double nominal_ln_v = 0.0;         ///< of the site; 0: not known
  double nominal_hz = 0.0;           ///< 0: not known
  bool split_phase = false;          ///< of the grid
  double ambient_c = 20.0;
  bool has_weather = false;
  std::optional<double> start_utc_s{};  ///< of the weather, since 1970
};

/// Reads a merged `<site>`. Faults go to the diagnostics; the result is whole only without any.
SiteSpec read_site(const Element& site, SiteReading& reading);

/// One `<inverter>` with battery, PV, backup and quirks; `lane` gets its part of the plant.
InverterSpec read_inverter(const Element& element, SiteReading& reading, models::Site::Inverter& unit);
/// One `<pcs>` with its strings; each of these gets its part of the plant behind `units`.
PcsSpec read_pcs(const Element& element, SiteReading& reading, std::vector<models::Site::Inverter>& units);
/// One `<solax>` with battery and PV; `unit` gets its part of the plant.
SolaxSpec read_solax(const Element& element, SiteReading& reading, models::Site::Inverter& unit);
/// `<parallel>`: the wires between the `<solax>` of a site.
ParallelSpec read_parallel(const Element& element, SiteReading& reading);
/// `<backup_interface>`: its relays and ports join the plant's cables. nullopt where it cannot be built.
std::optional<BackupInterfaceSpec> read_backup_interface(const Element& element, SiteReading& reading,
                                                         models::Site::Parameters& plant);
/// One `<pv_inverter>`; `unit` gets its part of the plant.
PvInverterSpec read_pv_inverter(const Element& element, SiteReading& reading, models::Site::Inverter& unit);
/// Rules between these elements.
void check_parallel(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics);
/// Rules between an interface, the inverters and their wires.
void check_backup_interface(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics);
/// S010: without a backup interface no order of the timeline cuts SolaX inverters off the grid.
void check_switch_over(const Element& timeline, const SiteSpec& spec, Diagnostics& diagnostics);
/// What the grid demands of an inverter or a string, and how it begins.
void read_grid_interface(ElementReader& reader, const SiteReading& reading, models::InverterLane::Parameters& lane);
/// One `<quirk>` of an inverter; the kinds stand in harness/faults/quirk_kinds.
void read_quirk(const Element& element, SiteReading& reading, InverterSpec& inverter);
/// `<support>` of an inverter: other settings of its grid code's functions; `code` is nullptr without one.
void read_support(const Element& element, const std::string& inverter, SiteReading& reading, models::GridCode* code);
/// `<trips>`: other thresholds and delays of the stages of a grid code; `code` is nullptr without one.
void read_trips(const Element& element, SiteReading& reading, models::GridCode* code);
void read_battery(const Element& element, const std::string& inverter, SiteReading& reading,
                  models::InverterLane::Parameters& lane);
/// The `<pv>` of one inverter, each an MPPT input; `part` says what an input can do.
void read_pv_inputs(const std::vector<const Element*>& elements, const std::string& inverter, SiteReading& reading,
                    const PvInputPart& part, models::InverterLane::Parameters& lane);

models::WeatherSettings read_weather(const Element& element, SiteReading& reading);
models::Site::SiteTransformer read_transformer(const Element& element, SiteReading& reading);
models::Site::Load read_load(const Element& element, SiteReading& reading);
MeterSpec read_meter(const Element& element, SiteReading& reading, models::Site::Parameters& plant);

/// Faults, events and signals of the bench itself have this name.
bool is_reserved_name(std::string_view name);
/// Rules between the elements of a site: names, unit addresses, number of inverters, buses reached from the grid.
void check_site_rules(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics);

/// The part's register map must be a file of the library.
void require_register_map(ElementReader& reader, const std::string& map, const SiteReading& reading);

/// Last net: the models check their own parameters; what this reader let through is reported here.
template <typename Build>
void require_buildable(ElementReader& reader, const Build& build) {
  if (!reader.sound()) return;
  try {
    build();
  } catch (const std::invalid_argument& refused) {
    reader.fault(refused.what());
  }
}

}  // namespace hil::harness
