#include "harness/scenario/timeline_reader.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/scenario/element_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds irradiance{.lowest = 0.0, .highest = 1500.0};  // as models::PvArray
constexpr Bounds grid_voltage{.lowest = 0.0, .highest = 1000.0};

FaultSpec read_fault(ElementReader& reader, sim::Time at, const Stage& stage) {
  FaultSpec fault;
  sim::Time lasts{0};
  if (reader.seconds("for_s", lasts, positive, Need::optional)) {
    fault.lasts = lasts;
    if (stage.duration.count() > 0 && at + lasts > stage.duration) {
      reader.fault_of("for_s", fmt::format("for_s is {}, so the fault ends at {} s, must be <= duration_s ({})",
                                           in_seconds(lasts), in_seconds(at + lasts), in_seconds(stage.duration)));
    }
  }
  const bool known_kind = reader.one_of("kind", fault.kind, {"silence", "ct_reversed"}, "faults");
  if (known_kind && fault.kind == "silence") {
    read_reference(reader, "target", fault.target, stage, stage.units, "targets of silence");
  } else if (known_kind) {
    reader.one_of("target", fault.target, {"ct_l1", "ct_l2", "ct_l3"}, "targets of ct_reversed");
  } else {
    reader.text("target", fault.target);
  }
  return fault;
}

std::optional<Action> read_action(const Element& element, sim::Time at, const Stage& stage,
                                  std::map<std::string, sim::Time>& marks, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  std::optional<Action> action;
  if (element.name == "switch") {
    SwitchLoad change;
    read_reference(reader, "load", change.load, stage, stage.loads, "loads");
    reader.flag("on", change.on);
    action = change;
  } else if (element.name == "irradiance") {
    SetIrradiance change;
    read_reference(reader, "inverter", change.inverter, stage, stage.inverters, "inverters");
    reader.number("irradiance_w_m2", change.irradiance_w_m2, irradiance);
    action = change;
  } else if (element.name == "grid") {
    SetGridVoltage change;
    reader.number("ln_v", change.ln_v, grid_voltage);
    action = change;
  } else if (element.name == "fault") {
    action = read_fault(reader, at, stage);
  } else if (element.name == "mark") {
    Mark mark;
    if (reader.name("name", mark.name) && !marks.emplace(mark.name, at).second) {
      reader.fault_of("name", fmt::format("name is \"{}\", already set at {} s: a mark is one instant", mark.name,
                                          in_seconds(marks.at(mark.name))));
    }
    action = mark;
  } else {
    return std::nullopt;  // the parent reports the unknown element
  }
  reader.finish();
  return action;
}

}  // namespace

Stage stage_of(const SiteSpec& site, sim::Time duration) {
  Stage stage;
  stage.duration = duration;
  stage.site_known = site.plant.step.count() > 0;
  for (const InverterSpec& inverter : site.inverters) {
    stage.inverters.push_back(inverter.name);
    stage.units.push_back(inverter.name);
  }
  if (!site.meter.name.empty()) stage.units.push_back(site.meter.name);
  for (const models::Site::Load& load : site.plant.loads) stage.loads.push_back(load.name);
  for (const LineSpec& line : site.lines) stage.lines.push_back(line.name);
  return stage;
}

bool read_reference(ElementReader& reader, std::string_view attribute, std::string& value, const Stage& stage,
                    const std::vector<std::string>& known, std::string_view what) {
  return stage.site_known ? reader.one_of(attribute, value, known, what) : reader.name(attribute, value);
}

Timeline read_timeline(const Element& element, const Stage& stage, Diagnostics& diagnostics) {
  Timeline timeline;
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
    for (const char* action : {"switch", "irradiance", "grid", "fault", "mark"}) entry_reader.children(action);
    entry_reader.finish();
    if (at->children.empty()) entry_reader.fault("an action is missing, known: switch, irradiance, grid, fault, mark");
    for (const Element& child : at->children) {
      auto action = read_action(child, entry.at, stage, timeline.marks, diagnostics);
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
