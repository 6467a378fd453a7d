#include "harness/scenario/timeline_reader.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/faults/fault_kinds.h"
#include "harness/scenario/controller_action_reader.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/grid_action_reader.h"
#include "harness/scenario/plant_action_reader.h"

namespace hil::harness {
namespace {

std::vector<std::string> action_elements() {
  std::vector<std::string> names = plant_action_elements();
  names.insert(names.end(), controller_action_elements().begin(), controller_action_elements().end());
  names.insert(names.end(), {"grid", "fault", "mark"});
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

Action read_fault(ElementReader& reader, sim::Time at, const Stage& stage, std::vector<Assumed>& assumed) {
  FaultSpec fault;
  sim::Time lasts{0};
  if (reader.seconds("for_s", lasts, positive, Need::optional)) {
    fault.lasts = lasts;
    if (stage.duration.count() > 0 && at + lasts > stage.duration) {
      reader.fault_of("for_s", fmt::format("for_s is {}, so the fault ends at {} s, must be <= duration_s ({})",
                                           in_seconds(lasts), in_seconds(at + lasts), in_seconds(stage.duration)));
    }
  }
  std::vector<std::string> known;
  for (const FaultKind& kind : fault_kinds()) known.emplace_back(kind.kind);
  if (reader.one_of("kind", fault.kind, known, "faults")) {
    const FaultKind& kind = *find_fault_kind(fault.kind);
    read_target(reader, fault, kind, stage);
    read_parameters(reader, fault, kind, assumed);
  } else {
    reader.text("target", fault.target);
  }
  reader.finish();
  return fault;
}

Action read_mark(ElementReader& reader, sim::Time at, std::map<std::string, sim::Time>& marks) {
  Mark mark;
  if (reader.name("name", mark.name) && !marks.emplace(mark.name, at).second) {
    reader.fault_of("name", fmt::format("name is \"{}\", already set at {} s: a mark is one instant", mark.name,
                                        in_seconds(marks.at(mark.name))));
  }
  reader.finish();
  return mark;
}

std::optional<Action> read_action(const Element& element, sim::Time at, const Stage& stage, TimelineReading& timeline,
                                  Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  if (element.name == "grid") return read_grid_action(reader, stage);
  if (element.name == "fault") return read_fault(reader, at, stage, timeline.assumed);
  if (element.name == "mark") return read_mark(reader, at, timeline.marks);
  const auto& control = controller_action_elements();
  if (std::find(control.begin(), control.end(), element.name) != control.end()) {
    return read_controller_action(reader, stage, timeline.assumed);
  }
  const auto& plant = plant_action_elements();
  if (std::find(plant.begin(), plant.end(), element.name) == plant.end()) {
    return std::nullopt;  // the parent reports the unknown element
  }
  return read_plant_action(reader, stage);
}

}  // namespace

TimelineReading read_timeline(const Element& element, const Stage& stage, Diagnostics& diagnostics) {
  const std::vector<std::string> actions = action_elements();
  TimelineReading timeline;
  ElementReader reader{element, diagnostics};
  for (const Element* at : reader.children("at")) {
    ElementReader entry_reader{*at, diagnostics};
    TimelineEntry entry;
    entry.place = at->place;
    if (entry_reader.seconds("time_s", entry.at, not_negative) && stage.duration.count() > 0 &&
        entry.at > stage.duration) {
      entry_reader.fault_of("time_s", fmt::format("time_s is {}, must be <= duration_s ({})", in_seconds(entry.at),
                                                  in_seconds(stage.duration)));
    }
    std::string known;
    for (const std::string& action : actions) {
      entry_reader.children(action);
      known += (known.empty() ? "" : ", ") + action;
    }
    entry_reader.finish();
    if (at->children.empty()) entry_reader.fault("an action is missing, known: " + known);
    for (const Element& child : at->children) {
      auto action = read_action(child, entry.at, stage, timeline, diagnostics);
      if (action) entry.actions.push_back(std::move(*action));
    }
    timeline.entries.push_back(std::move(entry));
  }
  reader.finish();
  std::stable_sort(timeline.entries.begin(), timeline.entries.end(),
                   [](const TimelineEntry& left, const TimelineEntry& right) { return left.at < right.at; });
  return timeline;
}

}  // namespace hil::harness
