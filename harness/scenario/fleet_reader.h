#pragma once

#include <string>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// What all storage converters of the site are rated for together; inputs without a string have no share in it.
double fleet_rating_w(const SiteSpec& site);

/// What a leader can be told to hold at the meter: as import what its transformers carry in their class, 1.2 times
/// rated current (IEC 61869-2: accuracy classes reach to 120 %); as export no more than that, nor than the converters
/// and inverters of the site can feed together. 0: not known.
double most_fleet_import_w(const SiteSpec& site);
double most_fleet_export_w(const SiteSpec& site);

/// `<fleet_leader>`: set up for the storage converters of the site, as their installer would.
FleetLeaderSpec read_fleet_leader(const Element& element, const SiteSpec& site, std::vector<Assumed>& assumed,
                                  Diagnostics& diagnostics);

/// Elements of a timeline that speak to the leader.
const std::vector<std::string>& fleet_action_elements();
Action read_fleet_action(ElementReader& reader, const Stage& stage);

}  // namespace hil::harness
