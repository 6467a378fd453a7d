#include "harness/scenario/plant_action_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>

#include "harness/scenario/load_commands.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr Bounds irradiance{.lowest = 0.0, .highest = 1500.0};  // as models::PvArray
constexpr Bounds clear_index{.lowest = 0.0, .highest = 1.5};    // as models::Site
constexpr Bounds ambient{.lowest = -50.0, .highest = 60.0};     // likewise
constexpr int most_strings = 100;

Action read_switch(ElementReader& reader, const Stage& stage) {
  SwitchLoad change;
  read_reference(reader, "load", change.load, stage, stage.load_names, "loads");
  reader.flag("on", change.on);
  return change;
}

Action read_irradiance(ElementReader& reader, const Stage& stage) {
  SetIrradiance change;
  if (read_lane(reader, "inverter", change.inverter, stage)) {
    const Stage::Inverter* inverter = stage.find_inverter(change.inverter);
    if (inverter != nullptr && inverter->strings.empty()) {
      reader.fault_of("inverter", fmt::format("{} has no PV input", change.inverter));
    } else if (inverter != nullptr && !inverter->takes_irradiance) {
      reader.fault_of("inverter", fmt::format("every PV input of {} follows the weather: write <weather clear_index> "
                                              "instead",
                                              change.inverter));
    }
  }
  reader.number("irradiance_w_m2", change.irradiance_w_m2, irradiance);
  reader.number("ramp_s", change.ramp_s, any_time, Need::optional);
  return change;
}

Action read_weather(ElementReader& reader, const Stage& stage) {
  SetClearIndex change;
  reader.number("clear_index", change.clear_index, clear_index);
  reader.number("ramp_s", change.ramp_s, any_time, Need::optional);
  if (stage.site_known && !stage.weather) reader.fault("the site has no weather that could change");
  return change;
}

Action read_shade(ElementReader& reader, const Stage& stage) {
  ShadeString change;
  read_lane(reader, "inverter", change.inverter, stage);
  const Stage::Inverter* inverter = stage.find_inverter(change.inverter);
  const bool input_read = reader.integer("input", change.input, 1, most_pv_inputs);
  const bool string_read = reader.integer("string", change.string, 1, most_strings);
  if (inverter != nullptr && input_read) {
    const int inputs = static_cast<int>(inverter->strings.size());
    if (inputs == 0) {
      reader.fault_of("inverter", fmt::format("{} has no PV input", change.inverter));
    } else if (change.input > inputs) {
      reader.fault_of("input", fmt::format("input is {}, {} has {}", change.input, inverter->name, inputs));
    } else if (const int strings = inverter->strings[static_cast<std::size_t>(change.input - 1)];
               string_read && change.string > strings) {
      reader.fault_of("string", fmt::format("string is {}, input {} of {} has {}", change.string, change.input,
                                            inverter->name, strings));
    }
  }
  reader.number("light", change.light, ratio);
  return change;
}

Action read_ambient(ElementReader& reader, const Stage&) {
  SetAmbient change;
  reader.number("temperature_c", change.temperature_c, ambient);
  return change;
}

Action read_cable(ElementReader& reader, const Stage& stage) {
  SwitchCable change;
  read_reference(reader, "name", change.cable, stage, stage.cables, "cables");
  std::string conductor;
  if (reader.one_of("conductor", conductor, {"l1", "l2", "l3", "n"}, "conductors", Need::optional)) {
    change.conductor = conductor == "n" ? models::Conductor::n : static_cast<models::Conductor>(conductor[1] - '1');
    const auto cable = std::find(stage.cables.begin(), stage.cables.end(), change.cable) - stage.cables.begin();
    const auto index = static_cast<std::size_t>(cable);
    if (index < stage.cable_conductors.size() &&
        !stage.cable_conductors[index][static_cast<std::size_t>(*change.conductor)]) {
      reader.fault_of("conductor", fmt::format("conductor is \"{}\", which {} does not have", conductor, change.cable));
    }
  }
  reader.flag("closed", change.closed);
  return change;
}

Action read_contactor(ElementReader& reader, const Stage& stage) {
  SwitchContactor change;
  read_lane(reader, "inverter", change.inverter, stage);
  reader.flag("closed", change.closed);
  return change;
}

Action read_unbalanced_output(ElementReader& reader, const Stage& stage) {
  SetUnbalancedOutput change;
  read_reference(reader, "inverter", change.inverter, stage, stage.inverter_names, "inverters");
  reader.flag("on", change.on);
  return change;
}

Action read_frequency_bias(ElementReader& reader, const Stage& stage) {
  SetFrequencyBias change;
  read_reference(reader, "pcs", change.pcs, stage, stage.pcs_names, "storage converters");
  reader.number("bias_hz", change.bias_hz, {.lowest = -10.0, .highest = 10.0});
  return change;
}

/// The one command in the element; nullptr after a fault.
const LoadCommand* command_in(ElementReader& reader) {
  const LoadCommand* found = nullptr;
  std::string known;
  for (const LoadCommand& command : load_commands()) {
    known += (known.empty() ? "" : ", ") + std::string(command.name);
    if (reader.element().attribute(command.name) == nullptr) continue;
    if (found != nullptr) {
      reader.fault(fmt::format("{} and {} are both given, must be one of them", found->name, command.name));
      std::string ignored;
      for (const LoadCommand& each : load_commands()) reader.text(each.name, ignored, Need::optional);
      return nullptr;
    }
    found = &command;
  }
  if (found == nullptr) reader.fault("a command is missing, known: " + known);
  return found;
}

Action read_command(ElementReader& reader, const Stage& stage) {
  CommandLoad change;
  read_reference(reader, "load", change.load, stage, stage.load_names, "loads");
  const LoadCommand* command = command_in(reader);
  if (command == nullptr) return change;
  change.command = command->name;
  const Attribute* given = reader.element().attribute(command->name);
  std::string automatic;
  if (command->automatic && trimmed(given->value) == "automatic") {
    reader.text(command->name, automatic);
  } else {
    reader.number(command->name, change.value, command->bounds);
  }
  const Stage::Load* load = stage.find_load(change.load);
  if (load != nullptr &&
      std::find(load->commands.begin(), load->commands.end(), command->name) == load->commands.end()) {
    std::string understood;
    for (const std::string& each : load->commands) understood += (understood.empty() ? "" : ", ") + each;
    reader.fault_of(command->name, fmt::format("{} is no command of {}, which understands: {}", command->name,
                                               load->name, understood.empty() ? "none" : understood));
  }
  return change;
}

struct Kind {
  std::string element;
  Action (*read)(ElementReader&, const Stage&);
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{{"switch", read_switch},
                                     {"irradiance", read_irradiance},
                                     {"weather", read_weather},
                                     {"shade", read_shade},
                                     {"ambient", read_ambient},
                                     {"cable", read_cable},
                                     {"command", read_command},
                                     {"contactor", read_contactor},
                                     {"unbalanced_output", read_unbalanced_output},
                                     {"frequency_bias", read_frequency_bias}};
  return all;
}

}  // namespace

const std::vector<std::string>& plant_action_elements() {
  static const std::vector<std::string> elements = [] {
    std::vector<std::string> names;
    for (const Kind& kind : kinds()) names.push_back(kind.element);
    return names;
  }();
  return elements;
}

Action read_plant_action(ElementReader& reader, const Stage& stage) {
  for (const Kind& kind : kinds()) {
    if (kind.element != reader.element().name) continue;
    Action action = kind.read(reader, stage);
    reader.finish();
    return action;
  }
  throw std::logic_error("<" + reader.element().name + "> is no action on the plant");
}

}  // namespace hil::harness
