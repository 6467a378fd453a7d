#include "harness/scenario/fleet_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "harness/scenario/fleet_order.h"
#include "harness/scenario/nameplate.h"

namespace hil::harness {
namespace {

constexpr Bounds fleet_w{.lowest = -1e7, .highest = 1e7};
constexpr Bounds switch_time_bounds{.lowest = 0.0, .highest = 10.0};

double rating_w(const PcsSpec& pcs) {
  return pcs.rating.rated_w * static_cast<double>(pcs.string_count()) / static_cast<double>(pcs.rating.inputs);
}

/// What the leader has to do with; 0: not known.
struct FleetRating {
  std::size_t converters = 0;
  double rating_w = 0.0;       ///< of all together
  double most_import_w = 0.0;  ///< at the meter
  double most_export_w = 0.0;
};

/// More than all converters have can never be met, nor as reactive power: each takes as many var as it has watts.
void require_within_ratings(ElementReader& reader, const char* attribute, double asked, const FleetRating& fleet) {
  if (!(fleet.rating_w > 0.0) || std::abs(asked) <= fleet.rating_w) return;
  const char* const unit = std::string_view{attribute}.ends_with("_var") ? "var" : "W";
  reader.fault_of(attribute, fmt::format("{} is {:.10g}, must be {:.10g}..{:.10g}: {} {} {:.10g} {}", attribute, asked,
                                         -fleet.rating_w, fleet.rating_w, fleet.converters,
                                         fleet.converters == 1 ? "converter has" : "converters have together",
                                         fleet.rating_w, unit));
}

/// What the meter cannot show, or nobody on the site can give, is never held.
void require_within_meter(ElementReader& reader, double asked_w, const FleetRating& fleet) {
  if (!(fleet.most_import_w > 0.0) || !(fleet.most_export_w > 0.0)) return;
  if (asked_w <= fleet.most_import_w && -asked_w <= fleet.most_export_w) return;
  const char* const why = asked_w > 0.0 || fleet.most_export_w == fleet.most_import_w
                              ? "the meter's transformers carry 1.2 times their rated current"
                              : "all on the site feed no more together";
  reader.fault_of("grid_import_w", fmt::format("grid_import_w is {:.10g}, must be {:.10g}..{:.10g}: {}", asked_w,
                                               -fleet.most_export_w, fleet.most_import_w, why));
}

/// What an order and the element itself have in common. What the mode does not use may not stand there.
void read_mode_and_powers(ElementReader& reader, Need need, const FleetRating& fleet, controller::FleetMode& mode,
                          double& ac_injection_w, double& ac_injection_var, double& grid_import_w) {
  using controller::FleetMode;
  std::string word;
  const bool told = reader.one_of("mode", word, {fleet_mode_names.begin(), fleet_mode_names.end()}, "modes", need);
  if (told) {
    mode = static_cast<FleetMode>(std::find(fleet_mode_names.begin(), fleet_mode_names.end(), word) -
                                  fleet_mode_names.begin());
  }
  const bool power = reader.number("ac_injection_w", ac_injection_w, fleet_w, Need::optional);
  const bool reactive = reader.number("ac_injection_var", ac_injection_var, fleet_w, Need::optional);
  const bool import = reader.number("grid_import_w", grid_import_w, fleet_w, Need::optional);
  if (power) require_within_ratings(reader, "ac_injection_w", ac_injection_w, fleet);
  if (reactive) require_within_ratings(reader, "ac_injection_var", ac_injection_var, fleet);
  if (import) require_within_meter(reader, grid_import_w, fleet);
  if (!told && (need == Need::required || reader.element().attribute("mode") != nullptr)) return;
  const bool on_grid = mode == FleetMode::power || mode == FleetMode::self_consumption;
  const auto not_in_mode = [&](const char* attribute) {
    reader.fault_of(attribute, fmt::format("{} means nothing in mode \"{}\"", attribute,
                                           fleet_mode_names[static_cast<std::size_t>(mode)]));
  };
  if (power && mode != FleetMode::power) not_in_mode("ac_injection_w");
  if (reactive && !on_grid) not_in_mode("ac_injection_var");
  if (import && mode != FleetMode::self_consumption) not_in_mode("grid_import_w");
}

/// Of the batteries of all strings.
double nominal_wh_of(const SiteSpec& site, const PcsSpec& pcs) {
  double sum_wh = 0.0;
  for (std::size_t k = 0; k < pcs.string_count(); ++k) {
    sum_wh += nominal_wh(site.plant.inverters.at(pcs.first_lane + k).lane.battery);
  }
  return sum_wh;
}

void set_up(const SiteSpec& site, ElementReader& reader, controller::FleetSettings& settings) {
  if (site.pcs.empty()) {
    reader.fault("needs a <pcs> in the site");
    return;
  }
  for (const LineSpec& line : site.lines) {
    if (line.name == "com4") {
      settings.meter_baud = line.format.baud;
      settings.meter_bits_per_character = line.format.bits_per_character();
      continue;
    }
    auto& port = settings.lines.at(static_cast<std::size_t>(line.name.back() - '1'));
    port.baud = line.format.baud;
    port.bits_per_character = line.format.bits_per_character();
  }
  if (site.pcs.size() > controller::max_inverters) {
    reader.fault(
        fmt::format("leads at most {} converters, the site has {}", controller::max_inverters, site.pcs.size()));
    return;
  }
  const PcsSpec& first = site.pcs.front();
  settings.unit_rating_w = rating_w(first);
  settings.nominal_ln_v = first.rating.nominal_ln_v;
  settings.strings_per_unit = first.string_count();
  for (const PcsSpec& pcs : site.pcs) {
    if (pcs.rating.rated_w != first.rating.rated_w || pcs.string_count() != first.string_count()) {
      reader.fault(
          fmt::format("leads converters of one kind: {} and {} differ in rating or strings", first.name, pcs.name));
    }
    if (pcs.line == "com4") continue;  // reported
    auto& line = settings.lines.at(static_cast<std::size_t>(pcs.line.back() - '1'));
    line.capacity_wh.at(line.count) = nominal_wh_of(site, pcs);
    line.addresses.at(line.count++) = static_cast<std::uint8_t>(pcs.unit);
  }
  settings.meter_address = static_cast<std::uint8_t>(site.meter.unit);
}

Action read_order(ElementReader& reader, const Stage& stage) {
  OrderFleet order;
  read_mode_and_powers(
      reader, Need::required,
      {stage.pcs_names.size(), stage.fleet_rating_w, stage.most_fleet_import_w, stage.most_fleet_export_w}, order.mode,
      order.ac_injection_w, order.ac_injection_var, order.grid_import_w);
  return order;
}

}  // namespace

double fleet_rating_w(const SiteSpec& site) {
  double sum_w = 0.0;
  for (const PcsSpec& pcs : site.pcs) sum_w += rating_w(pcs);
  return sum_w;
}

double most_fleet_import_w(const SiteSpec& site) {
  constexpr double class_range = 1.2;
  double sum_a = 0.0;
  for (const auto& ct : site.plant.metering.installation.transformers) sum_a += ct.rated_primary_a;
  return class_range * sum_a * site.plant.grid.nominal_ln_v;
}

double most_fleet_export_w(const SiteSpec& site) {
  double sum_w = 0.0;
  for (const auto& inverter : site.plant.inverters) sum_w += inverter.lane.power_stage.rated_ac_w;
  return std::min(sum_w, most_fleet_import_w(site));
}

FleetLeaderSpec read_fleet_leader(const Element& element, const SiteSpec& site, std::vector<Assumed>& assumed,
                                  Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  FleetLeaderSpec leader;
  leader.place = element.place;
  controller::FleetSettings& settings = leader.settings;
  read_mode_and_powers(reader, Need::optional,
                       {site.pcs.size(), fleet_rating_w(site), most_fleet_import_w(site), most_fleet_export_w(site)},
                       settings.mode, settings.ac_injection_w, settings.ac_injection_var, settings.grid_import_w);
  const auto share = [&](const char* attribute, double& value, const char* reason) {
    if (!reader.number(attribute, value, ratio, Need::optional) && element.attribute(attribute) == nullptr) {
      assumed.push_back({std::string{"fleet_leader: "} + attribute, fmt::format("{:g}", value), reason});
    }
  };
  share("initial_soc", settings.initial_soc, "assumed: the converters do not tell it");
  share("lowest_soc", settings.lowest_soc, "assumed: what an installer would enter");
  share("highest_soc", settings.highest_soc, "assumed: full");
  if (settings.lowest_soc >= settings.highest_soc) {
    reader.fault_between(
        {"lowest_soc", "highest_soc"},
        fmt::format("lowest_soc is {:g}, must be below highest_soc ({:g})", settings.lowest_soc, settings.highest_soc));
  }
  std::vector<std::string> cables;
  for (const models::Site::Cable& cable : site.plant.cables) cables.push_back(cable.name);
  settings.has_transfer_switch =
      reader.one_of("transfer_switch", leader.transfer_switch, cables, "cables", Need::optional);
  for (const models::Site::Cable& cable : site.plant.cables) {
    if (cable.name == leader.transfer_switch) settings.transfer_switch_closed = cable.closed;
  }
  reader.flag("islands_by_itself", settings.islands_by_itself, Need::optional);
  if (settings.islands_by_itself && element.attribute("transfer_switch") == nullptr) {
    reader.fault_of("islands_by_itself", "islands_by_itself is true, which needs a transfer_switch");
  }
  if (!reader.seconds("switch_time_s", leader.switch_time, switch_time_bounds, Need::optional) &&
      settings.has_transfer_switch && element.attribute("switch_time_s") == nullptr) {
    assumed.push_back({"fleet_leader: switch_time_s", fmt::format("{:g}", in_seconds(leader.switch_time)), "assumed"});
  }
  if (settings.mode == controller::FleetMode::off_grid && element.attribute("transfer_switch") == nullptr) {
    reader.fault_of("mode", "mode is \"off_grid\", which needs a transfer_switch");
  }
  set_up(site, reader, settings);
  reader.finish();
  return leader;
}

const std::vector<std::string>& fleet_action_elements() {
  static const std::vector<std::string> elements{"fleet", "fleet_release"};
  return elements;
}

Action read_fleet_action(ElementReader& reader, const Stage& stage) {
  Action action = reader.element().name == "fleet" ? read_order(reader, stage) : Action{ReleaseFleet{}};
  const auto* order = std::get_if<OrderFleet>(&action);
  if (stage.has_leader && !stage.leader_has_switch && order != nullptr &&
      order->mode == controller::FleetMode::off_grid) {
    reader.fault_of("mode", "mode is \"off_grid\", which needs a transfer_switch of the <fleet_leader>");
  }
  if (!stage.has_leader) reader.fault("needs a <fleet_leader>");
  reader.finish();
  return action;
}

}  // namespace hil::harness
