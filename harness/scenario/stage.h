#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What the timeline and the checks may refer to.
struct Stage {
  struct Load {
    std::string name;
    std::vector<std::string> commands;  ///< that it understands
  };
  struct Inverter {
    std::string name;
    std::vector<int> strings;       ///< in parallel, of each PV input
    bool takes_irradiance = false;  ///< an input does not follow the weather
  };
  std::vector<std::string> load_names;
  std::vector<Load> loads;
  std::vector<std::string> inverter_names;
  /// Inverters, and PCS of one string: those whose PV and battery can be named.
  std::vector<std::string> lane_names;
  std::vector<Inverter> inverters;                ///< of each of these
  std::vector<std::string> inverters_with_meter;  ///< of their own; the SolaX primary has the site's
  struct Ems {
    std::string name;
    std::vector<std::string> lines;
  };
  std::vector<std::string> pcs_names;
  std::vector<int> pcs_strings;         ///< how many each of them has
  std::vector<std::string> pws2_names;  ///< those of them with the registers of a PWS2
  double fleet_rating_w = 0.0;          ///< of all PCS together
  double most_fleet_import_w = 0.0;     ///< that a leader can be told to hold at the meter; 0: not known
  double most_fleet_export_w = 0.0;     ///< likewise
  std::vector<std::string> solax_names;
  std::vector<std::string> parallel_names;  ///< of the wires between them: one or none
  std::vector<std::string> units;           ///< inverters, PCS and meter: what can fall silent
  std::vector<std::string> unit_lines;      ///< of each of them
  std::string meter;
  std::vector<std::string> lines;
  std::vector<std::string> cables;
  std::vector<std::array<bool, models::conductor_count>> cable_conductors{};  ///< of each of them: which it has
  double nominal_ln_v = 0.0;                                                  ///< of the grid
  bool split_phase = false;                                                   ///< likewise
  bool weather = false;
  std::optional<double> start_utc_s{};  ///< of the weather, since 1970
  bool site_known = false;              ///< false: the site could not be read, then names are not held against it
  sim::Time step{0};                    ///< 0: not known
  sim::Time duration{0};                ///< 0: not known, then times are not held against it
  std::vector<std::string> lan_clients;
  bool lan_clients_known = false;  ///< false: one could not be read, then names are not held against them
  std::vector<Ems> ems;
  bool ems_known = false;   ///< likewise
  bool has_leader = false;  ///< of storage converters
  bool leader_has_switch = false;
  bool has_controller = true;  ///< false: orders to it reach nobody

  /// nullptr when unknown.
  const Load* find_load(std::string_view name) const;
  const Inverter* find_inverter(std::string_view name) const;
};
Stage stage_of(const SiteSpec& site, sim::Time duration);
/// Reads the name of what has PV and battery of its own to name: an inverter, or a PCS of one string.
bool read_lane(ElementReader& reader, std::string_view attribute, std::string& value, const Stage& stage);
/// Reads a name of something on the stage.
bool read_reference(ElementReader& reader, std::string_view attribute, std::string& value, const Stage& stage,
                    const std::vector<std::string>& known, std::string_view what);

}  // namespace hil::harness
