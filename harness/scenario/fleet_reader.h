#pragma once

#include <string>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// What all storage converters of the site are rated for together; inputs without a string have no share in it.
double fleet_rating_w(const SiteSpec& site);

/// `<fleet_leader>`: set up for the storage converters of the site, as their installer would.
FleetLeaderSpec read_fleet_leader(const Element& element, const SiteSpec& site, std::vector<Assumed>& assumed,
                                  Diagnostics& diagnostics);

/// Elements of a timeline that speak to the leader.
const std::vector<std::string>& fleet_action_elements();
Action read_fleet_action(ElementReader& reader, const Stage& stage);

}  // namespace hil::harness
