#include "harness/scenario/action_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/faults/fault_kinds.h"
#include "harness/scenario/controller_action_reader.h"
#include "harness/scenario/ems_reader.h"
#include "harness/scenario/fleet_reader.h"
#include "harness/scenario/grid_action_reader.h"
#include "harness/scenario/parallel_action_reader.h"
#include "harness/scenario/plant_action_reader.h"
#include "sim/devices/pws2_faults.h"

namespace hil::harness {
namespace {

std::vector<std::string> action_elements() {
  std::vector<std::string> names = plant_action_elements();
  names.insert(names.end(), controller_action_elements().begin(), controller_action_elements().end());
  names.insert(names.end(), fleet_action_elements().begin(), fleet_action_elements().end());
  names.insert(names.end(), parallel_action_elements().begin(), parallel_action_elements().end());
  names.insert(names.end(), {"modbus", "grid", "fault", "mark"});
  return names;
}

void read_target(ElementReader& reader, FaultSpec& fault, const FaultKind& kind, const Stage& stage) {
  const std::string what = "targets of " + fault.kind;
  std::vector<std::string> units_and_lines = stage.units;
  units_and_lines.insert(units_and_lines.end(), stage.lines.begin(), stage.lines.end());
  if (kind.target == FaultTarget::unit || kind.target == FaultTarget::tcp) {
    read_reference(reader, "target", fault.target, stage, stage.units, what);
  } else if (kind.target == FaultTarget::line) {
    read_reference(reader, "target", fault.target, stage, stage.lines, what);
  } else if (kind.target == FaultTarget::unit_or_line) {
    read_reference(reader, "target", fault.target, stage, units_and_lines, what);
  } else if (kind.target == FaultTarget::inverter || kind.target == FaultTarget::dongle) {
    read_reference(reader, "target", fault.target, stage, stage.inverter_names, what);
  } else if (kind.target == FaultTarget::inverter_with_meter) {
    read_reference(reader, "target", fault.target, stage, stage.inverters_with_meter, what);
  } else if (kind.target == FaultTarget::pcs) {
    read_reference(reader, "target", fault.target, stage, stage.pcs_names, what);
  } else if (kind.target == FaultTarget::pws2) {
    read_reference(reader, "target", fault.target, stage, stage.pws2_names, what);
  } else if (kind.target == FaultTarget::solax) {
    // One that stands alone has nothing in its plugs.
    const std::vector<std::string> none;
    read_reference(reader, "target", fault.target, stage, stage.parallel_names.empty() ? none : stage.solax_names,
                   what);
  } else if (kind.target == FaultTarget::parallel) {
    read_reference(reader, "target", fault.target, stage, stage.parallel_names, what);
  } else if (kind.target == FaultTarget::lan_client) {
    if (stage.lan_clients_known) {
      read_reference(reader, "target", fault.target, stage, stage.lan_clients, what);
    } else {
      reader.text("target", fault.target);
    }
  } else if (kind.target == FaultTarget::meter) {
    read_reference(reader, "target", fault.target, stage, {stage.meter}, what);
  } else {
    const auto targets = fixed_targets(kind.target);
    reader.one_of("target", fault.target, {targets.begin(), targets.end()}, what);
  }
}

/// Each but once, however often the fault comes.
void note_assumed(const FaultSpec& fault, const FaultParameter& parameter, std::vector<Assumed>& assumed) {
  const std::string what = fmt::format("{}: {} {}", fault.target, fault.kind, parameter.name);
  const bool known =
      std::any_of(assumed.begin(), assumed.end(), [&](const Assumed& each) { return each.what == what; });
  if (!known) assumed.push_back({what, fmt::format("{}", *parameter.otherwise), std::string{parameter.basis}});
}

void read_parameters(ElementReader& reader, FaultSpec& fault, const FaultKind& kind, std::vector<Assumed>& assumed) {
  for (const FaultParameter& parameter : kind.parameters) {
    const Need need = parameter.otherwise ? Need::optional : Need::required;
    const std::string name{parameter.name};
    double value = parameter.otherwise.value_or(parameter.lowest);
    if (!parameter.words.empty()) {
      std::string word;
      if (reader.one_of(name, word, {parameter.words.begin(), parameter.words.end()}, "words", need)) {
        value = static_cast<double>(std::find(parameter.words.begin(), parameter.words.end(), word) -
                                    parameter.words.begin());
      }
    } else if (parameter.whole) {
      int whole = static_cast<int>(value);
      reader.integer(name, whole, static_cast<int>(parameter.lowest), static_cast<int>(parameter.highest), need);
      value = whole;
    } else {
      reader.number(name, value, {.lowest = parameter.lowest, .highest = parameter.highest}, need);
    }
    fault.parameters[name] = value;
    const bool left_out = reader.element().attribute(name) == nullptr;
    if (left_out && parameter.otherwise && !parameter.basis.empty()) note_assumed(fault, parameter, assumed);
  }
}

/// A fault at one string of a PCS wants one that it has; 0: all.
void check_string(ElementReader& reader, const FaultSpec& fault, const Stage& stage) {
  const auto pcs = std::find(stage.pcs_names.begin(), stage.pcs_names.end(), fault.target);
  if (!stage.site_known || pcs == stage.pcs_names.end()) return;
  const int strings = stage.pcs_strings[static_cast<std::size_t>(pcs - stage.pcs_names.begin())];
  if (fault.parameter("string") <= strings) return;
  reader.fault_of("string", fmt::format("string is {:g}, {} has {}", fault.parameter("string"), fault.target, strings));
}

/// Not all numbers in between are words of faults or alarms.
void check_word(ElementReader& reader, const FaultSpec& fault) {
  const double word = fault.parameter("word");
  if (sim::Pws2Faults::word_of(static_cast<int>(word))) return;
  reader.fault_of("word", fmt::format("word is {:g}, must be 36 to 39, 44, 45 or 47", word));
}

/// Two pins of a plug are two.
void check_pins(ElementReader& reader, const FaultSpec& fault) {
  if (!fault.parameters.contains("other") || fault.parameter("other") != fault.parameter("pin")) return;
  reader.fault_of("other", fmt::format("other is {:g}, the same as pin", fault.parameter("other")));
}

/// Whether anything in the site can have such a fault.
bool fits(const FaultKind& kind, const Stage& stage) {
  if (kind.target == FaultTarget::inverter || kind.target == FaultTarget::dongle) return !stage.inverter_names.empty();
  if (kind.target == FaultTarget::inverter_with_meter) return !stage.inverters_with_meter.empty();
  if (kind.target == FaultTarget::pcs) return !stage.pcs_names.empty();
  if (kind.target == FaultTarget::lan_client) return !stage.lan_clients_known || !stage.lan_clients.empty();
  if (kind.target == FaultTarget::solax || kind.target == FaultTarget::parallel) return !stage.parallel_names.empty();
  return kind.target != FaultTarget::pws2 || !stage.pws2_names.empty();
}

/// Those that only devices of its kind can have first: of a long list the end is not shown. With `wanted`, where it is
/// a kind at all: who cannot have it is said of its target.
std::vector<std::string> kinds_on(const Stage& stage, std::string_view wanted) {
  constexpr std::array own{FaultTarget::pcs,      FaultTarget::pws2,      FaultTarget::solax,
                           FaultTarget::parallel, FaultTarget::inverter,  FaultTarget::inverter_with_meter,
                           FaultTarget::dongle,   FaultTarget::lan_client};
  std::vector<std::string> kinds;
  for (const bool first : {true, false}) {
    for (const FaultKind& kind : fault_kinds()) {
      const bool of_devices = std::find(own.begin(), own.end(), kind.target) != own.end();
      const bool listed = !stage.site_known || fits(kind, stage) || kind.kind == wanted;
      if (of_devices == first && listed) kinds.emplace_back(kind.kind);
    }
  }
  return kinds;
}

Action read_fault(ElementReader& reader, sim::Time delay, ActionReading& reading) {
  const Stage& stage = reading.stage;
  FaultSpec fault;
  sim::Time lasts{0};
  if (reader.seconds("for_s", lasts, positive, Need::optional)) {
    fault.lasts = lasts;
    const sim::Time end = reading.begin.value_or(sim::Time{0}) + delay + lasts;
    if (reading.begin && stage.duration.count() > 0 && end > stage.duration) {
      reader.breaks_rule("S001", "for_s",
                         fmt::format("for_s is {}, so the fault ends at {} s, must be <= duration_s ({})",
                                     in_seconds(lasts), in_seconds(end), in_seconds(stage.duration)));
    }
  }
  const Attribute* given = reader.element().attribute("kind");
  const std::vector<std::string> known = kinds_on(stage, given == nullptr ? "" : given->value);
  if (reader.one_of("kind", fault.kind, known, "faults")) {
    const FaultKind& kind = *find_fault_kind(fault.kind);
    read_target(reader, fault, kind, stage);
    read_parameters(reader, fault, kind, reading.assumed);
    if (kind.target == FaultTarget::pcs) check_string(reader, fault, stage);
    if (kind.target == FaultTarget::pws2) check_word(reader, fault);
    if (kind.target == FaultTarget::solax) check_pins(reader, fault);
  } else {
    reader.text("target", fault.target);
  }
  reader.finish();
  return fault;
}

Action read_mark(ElementReader& reader, sim::Time delay, ActionReading& reading) {
  Mark mark;
  if (reader.name("name", mark.name)) reading.marks.push_back({mark.name, delay, reader.element().place});
  reader.finish();
  return mark;
}

std::optional<Action> read_action(const Element& element, sim::Time delay, ActionReading& reading) {
  ElementReader reader{element, reading.diagnostics};
  if (element.name == "modbus") return read_modbus_action(reader, reading.stage);
  if (element.name == "grid") return read_grid_action(reader, reading.stage);
  if (element.name == "fault") return read_fault(reader, delay, reading);
  if (element.name == "mark") return read_mark(reader, delay, reading);
  const auto& fleet = fleet_action_elements();
  if (std::find(fleet.begin(), fleet.end(), element.name) != fleet.end())
    return read_fleet_action(reader, reading.stage);
  const auto& parallel = parallel_action_elements();
  if (std::find(parallel.begin(), parallel.end(), element.name) != parallel.end()) {
    return read_parallel_action(reader, reading.stage);
  }
  const auto& control = controller_action_elements();
  if (std::find(control.begin(), control.end(), element.name) != control.end()) {
    return read_controller_action(reader, reading.stage, reading.assumed);
  }
  const auto& plant = plant_action_elements();
  if (std::find(plant.begin(), plant.end(), element.name) == plant.end()) {
    return std::nullopt;  // the parent reports the unknown element
  }
  return read_plant_action(reader, reading.stage);
}

/// The wait in a serial group; 0 after a fault.
sim::Time read_wait(const Element& element, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  sim::Time wait{0};
  reader.seconds("s", wait, positive);
  reader.finish();
  return wait;
}

/// Reads the children of `reader`'s element from `begin` on; returns when the last of them is over.
sim::Time read_group(ElementReader& reader, bool serial, sim::Time begin, ActionReading& reading,
                     std::vector<DelayedAction>& actions) {
  std::vector<std::string> known = action_elements();
  known.insert(known.end(), {"serial", "parallel"});
  if (serial) known.emplace_back("wait");
  std::string listed;
  for (const std::string& each : known) {
    reader.children(each);
    listed += (listed.empty() ? "" : ", ") + each;
  }
  if (reader.element().children.empty()) reader.fault("an action is missing, known: " + listed);
  sim::Time at = begin;
  sim::Time end = begin;
  for (const Element& child : reader.element().children) {
    if (child.name == "serial" || child.name == "parallel") {
      ElementReader group{child, reading.diagnostics};
      const sim::Time over = read_group(group, child.name == "serial", at, reading, actions);
      group.finish();
      if (serial) at = over;
      end = std::max(end, over);
    } else if (child.name == "wait" && serial) {
      at = std::min(at + read_wait(child, reading.diagnostics), to_time(longest_s));
      end = std::max(end, at);
    } else if (auto action = read_action(child, at, reading)) {
      actions.push_back({at, std::move(*action)});
    }
  }
  return end;
}

}  // namespace

ActionGroup read_actions(ElementReader& reader, ActionReading& reading) {
  ActionGroup group;
  group.length = read_group(reader, false, sim::Time{0}, reading, group.actions);
  std::stable_sort(group.actions.begin(), group.actions.end(),
                   [](const DelayedAction& left, const DelayedAction& right) { return left.delay < right.delay; });
  return group;
}

}  // namespace hil::harness
