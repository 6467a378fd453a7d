#include "harness/plant/plant_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "harness/scenario/load_commands.h"

namespace hil::harness {
namespace {

template <typename Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Named& each : all) names.push_back(each.name);
  return names;
}

/// Of the plant's inverters, as actions name them: a PCS of one string by its own name.
std::vector<std::string> named_lanes(const SiteSpec& site) {
  std::vector<std::string> names = lane_names(site);
  for (const PcsSpec& pcs : site.pcs) {
    if (pcs.string_count() == 1) names[pcs.first_lane] = pcs.name;
  }
  return names;
}

std::size_t index_of(const std::vector<std::string>& names, const std::string& name, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::invalid_argument(fmt::format("{} \"{}\" does not exist", what, name));
  return static_cast<std::size_t>(found - names.begin());
}

Event told(const char* kind, std::string subject, std::string text) {
  return {sim::Time{0}, kind, std::move(subject), std::move(text)};
}

std::string within(double ramp_s) {
  return ramp_s > 0.0 ? fmt::format(" within {:g} s", ramp_s) : "";
}

const char* name_of(models::Conductor conductor) {
  constexpr std::array names{"l1", "l2", "l3", "n"};
  return names[static_cast<std::size_t>(conductor)];
}

}  // namespace

PlantActions::PlantActions(models::Site& site, const SiteSpec& spec)
    : site_(site),
      loads_(names_of(spec.plant.loads)),
      inverters_(named_lanes(spec)),
      cables_(names_of(spec.plant.cables)) {}

Event PlantActions::carry_out(const SwitchLoad& order) {
  site_.set_load_on(index_of(loads_, order.load, "load"), order.on);
  return told("switch", order.load, order.on ? "on" : "off");
}

Event PlantActions::carry_out(const CommandLoad& order) {
  const LoadCommand* command = find_load_command(order.command);
  models::LoadBehaviour* behaviour = site_.behaviour(index_of(loads_, order.load, "load"));
  if (command == nullptr || behaviour == nullptr || !command->understood_by(*behaviour)) {
    throw std::invalid_argument(fmt::format("load \"{}\" does not understand \"{}\"", order.load, order.command));
  }
  if (!order.value && !command->automatic) {
    throw std::invalid_argument(fmt::format("command \"{}\" of load \"{}\" has no value", order.command, order.load));
  }
  command->give(*behaviour, order.value);
  return told("command", order.load,
              order.command + " " + (order.value ? fmt::format("{:g}", *order.value) : "automatic"));
}

Event PlantActions::carry_out(const SetIrradiance& order) {
  site_.set_irradiance(index_of(inverters_, order.inverter, "inverter"), order.irradiance_w_m2, order.ramp_s);
  return told("irradiance", order.inverter, fmt::format("{:g} W/m2", order.irradiance_w_m2) + within(order.ramp_s));
}

Event PlantActions::carry_out(const SetClearIndex& order) {
  site_.set_clear_index(order.clear_index, order.ramp_s);
  return told("weather", "site", fmt::format("clear index {:g}", order.clear_index) + within(order.ramp_s));
}

Event PlantActions::carry_out(const ShadeString& order) {
  if (order.input < 1 || order.string < 1) throw std::invalid_argument("PV inputs and strings count from 1");
  const std::size_t inverter = index_of(inverters_, order.inverter, "inverter");
  if (static_cast<std::size_t>(order.input) > site_.pv_input_count(inverter)) {
    throw std::invalid_argument(fmt::format("{} has no PV input {}", order.inverter, order.input));
  }
  site_.set_string_shading(inverter, static_cast<std::size_t>(order.input - 1),
                           static_cast<std::size_t>(order.string - 1), order.light);
  return told("shade", order.inverter,
              fmt::format("input {} string {}: light {:g}", order.input, order.string, order.light));
}

Event PlantActions::carry_out(const SetAmbient& order) {
  site_.set_ambient(order.temperature_c);
  return told("ambient", "site", fmt::format("{:g} degC", order.temperature_c));
}

Event PlantActions::carry_out(const SwitchCable& order) {
  const std::size_t cable = index_of(cables_, order.cable, "cable");
  std::string text = order.closed ? "closed" : "open";
  if (order.conductor) {
    site_.set_conductor_closed(cable, *order.conductor, order.closed);
    text = std::string(name_of(*order.conductor)) + " " + text;
  } else {
    site_.set_cable_closed(cable, order.closed);
  }
  return told("cable", order.cable, text);
}

Event PlantActions::carry_out(const SwitchContactor& order) {
  models::BatteryPack& battery = site_.battery(index_of(inverters_, order.inverter, "inverter"));
  if (!order.closed) {
    battery.open_contactor();
    return told("contactor", order.inverter, "open");
  }
  return told("contactor", order.inverter, battery.close_contactor() ? "closed" : "stays open: an alarm holds");
}

}  // namespace hil::harness
