#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "models/electrical/network.h"
#include "models/site/load_lane.h"
#include "models/site/site.h"

namespace hil::models {

/// How a site's parts lie in its network: names resolved to indices, once.
///
/// Sources: 0 the grid, 1 an unintended island's voltage (at the site's side of the meter), then one for each backup
/// port, and one for each inverter that can form its own bus. Branches: the cables in their order, then one relay for
/// each backup port. Ports: three for each inverter, then those that each load uses.
struct SiteNetwork {
  static constexpr std::size_t grid_source = 0;
  static constexpr std::size_t island_source = 1;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  /// Of the island's voltage, small against any cable.
  static constexpr double island_source_ohm = 1e-3;

  struct Backup {
    std::size_t bus = none;
    std::size_t source = none;
    std::size_t relay = none;  ///< branch
  };

  Network::Parameters parameters;
  std::size_t grid_bus = 0;
  std::size_t meter_branch = 0;
  std::size_t meter_bus = 0;
  std::size_t site_bus = 0;  ///< behind the meter
  /// Of each bus: whether a cable, a transformer or the grid has this phase there. Where none does, a conductor to
  /// measure at is missing.
  std::vector<std::array<bool, phase_count>> phase_exists;
  std::vector<std::size_t> inverter_bus;
  std::vector<std::size_t> load_bus;
  std::vector<std::size_t> load_backup;  ///< lane on whose backup bus each load stands; none for the others
  std::vector<Backup> backup;            ///< one for each inverter; none where it has no backup port
  /// One for each inverter: its source at its own bus; none where it can only follow.
  std::vector<std::size_t> forming_source;
};

/// Also tells each load lane its first port. Throws InvalidParameter.
SiteNetwork site_network(const Site::Parameters& parameters, std::vector<LoadLane>& loads);

}  // namespace hil::models
