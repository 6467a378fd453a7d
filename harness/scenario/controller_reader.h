#pragma once

#include <array>
#include <optional>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// `<controller>` as it stands in the file; what it leaves out follows from the site.
struct ControllerReading {
  controller::Settings settings;
  std::optional<double> total_capacity_w;                              ///< instead of the sum of the ratings
  std::optional<double> ct_ratio;                                      ///< instead of the meter's
  std::optional<controller::NetworkSettings::Address> dhcp_address;    ///< that the LAN gives it
  bool as_delivered = false;                                           ///< nothing is entered but what is given
  bool battery_capacities = false;                                     ///< the installer enters those of all batteries
  std::array<std::optional<int>, controller::max_lines - 1> counts{};  ///< of com1..com3, instead of the site's
};
/// Figures of quirks that are left out go to `assumed`.
ControllerReading read_controller(const Element& element, std::vector<Assumed>& assumed, Diagnostics& diagnostics);

/// What the installer would set up for the site: addresses in file order, capacity, CT ratio, serial formats; over it
/// what the scenario sets otherwise. Of inverters that a port is told beyond those of the site the addresses count up
/// from the highest of the site.
controller::Settings commissioned(const SiteSpec& site, const ControllerReading& given);

/// Attributes that `<controller>` and `<controller_settings>` share; the limit and the mode apart.
void read_settings(ElementReader& reader, ChangeSettings& change);
/// Attributes com1_inverters to com3_inverters.
void read_inverter_counts(ElementReader& reader, std::array<std::optional<int>, controller::max_lines - 1>& counts);
/// The attribute `mode`; false: absent or wrong.
bool read_mode(ElementReader& reader, std::optional<controller::ControlMode>& mode);

/// All `<lan_client>` of a scenario. What they leave out without a source goes to `assumed`.
std::vector<LanClientSpec> read_lan_clients(const std::vector<const Element*>& elements, const SiteSpec& site,
                                            std::vector<Assumed>& assumed, Diagnostics& diagnostics);

}  // namespace hil::harness
