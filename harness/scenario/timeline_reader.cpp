#include "harness/scenario/timeline_reader.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/scenario/action_reader.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/follow_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/trigger_reader.h"

namespace hil::harness {
namespace {

/// All names of marks below an element, so that a trigger may wait for one further down.
void collect_marks(const Element& element, std::vector<std::string>& names) {
  for (const Element& child : element.children) {
    const Attribute* name = child.name == "mark" ? child.attribute("name") : nullptr;
    if (name != nullptr && is_lower_snake(name->value) &&
        std::find(names.begin(), names.end(), name->value) == names.end()) {
      names.push_back(name->value);
    }
    collect_marks(child, names);
  }
}

/// One trigger, or one `<at>`, with what has to be known of it when all are read.
struct Reader {
  const Stage& stage;
  Diagnostics& diagnostics;
  TimelineReading& timeline;

  void note_mark(const ActionReading::MarkFound& found, std::optional<sim::Time> at, bool exact) const {
    const auto [known, is_new] = timeline.marks.emplace(found.name, MarkTime{at, exact, found.place});
    if (is_new) return;
    const std::string first = seen_from(found.place, known->second.place);
    diagnostics.add(found.place, fmt::format("<mark name=\"{0}\">: name is \"{0}\", already set at {1}: a mark is one "
                                             "instant",
                                             found.name, first));
  }

  void read_at(const Element& at) const {
    ElementReader reader{at, diagnostics};
    sim::Time begin{0};
    const bool timed = reader.seconds("time_s", begin, not_negative);
    const bool has_end = timed && stage.duration.count() > 0;
    if (has_end && begin > stage.duration) {
      reader.breaks_rule(
          "S001", "time_s",
          fmt::format("time_s is {}, must be <= duration_s ({})", in_seconds(begin), in_seconds(stage.duration)));
    }
    ActionReading reading{.stage = stage, .diagnostics = diagnostics, .assumed = timeline.assumed, .begin = begin};
    ActionGroup group = read_actions(reader, reading);
    reader.finish();
    if (has_end && begin <= stage.duration && begin + group.length > stage.duration) {
      reader.breaks_rule("S001", "",
                         fmt::format("its actions last until {} s, must be <= duration_s ({})",
                                     in_seconds(begin + group.length), in_seconds(stage.duration)));
    }
    for (const auto& mark : reading.marks) note_mark(mark, begin + mark.delay, true);
    const std::size_t others = timeline.entries.size();
    for (DelayedAction& delayed : group.actions) {
      const sim::Time instant = begin + delayed.delay;
      if (timeline.entries.size() == others || timeline.entries.back().at != instant) {
        timeline.entries.push_back({instant, {}, at.place});
      }
      timeline.entries.back().actions.push_back(std::move(delayed.action));
    }
  }
};

struct MarkOfTrigger {
  std::string name;
  sim::Time delay;
};
struct ReadTrigger {
  TriggerReading read;
  std::vector<MarkOfTrigger> marks;
  const Element* element;
};

/// When a trigger can fire at the earliest; nothing: never, or not known yet.
std::optional<sim::Time> earliest(const ReadTrigger& trigger, const std::map<std::string, MarkTime>& marks) {
  if (trigger.read.origin.empty()) return trigger.read.earliest_delay;
  const auto mark = marks.find(trigger.read.origin);
  if (mark == marks.end() || !mark->second.at) return std::nullopt;
  return *mark->second.at + trigger.read.earliest_delay;
}

/// A trigger's marks come no earlier than it fires, and others wait for them: as many rounds as there are triggers.
void settle_marks(const std::vector<ReadTrigger>& triggers, std::map<std::string, MarkTime>& marks) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const ReadTrigger& trigger : triggers) {
      const auto begin = earliest(trigger, marks);
      if (!begin) continue;
      for (const MarkOfTrigger& mark : trigger.marks) {
        MarkTime& time = marks.at(mark.name);
        if (time.at) continue;
        time.at = *begin + mark.delay;
        moved = true;
      }
    }
  }
}

/// S001: what can never come.
void require_reachable(const ReadTrigger& trigger, const TimelineReading& timeline, const Stage& stage,
                       Diagnostics& diagnostics) {
  ElementReader reader{*trigger.element, diagnostics};
  const std::string attribute = trigger.read.spec.element == "after" ? "mark" : "after";
  const auto begin = earliest(trigger, timeline.marks);
  if (!begin) {
    if (!timeline.marks.contains(trigger.read.origin)) return;  // unknown marks are reported already
    reader.breaks_rule(
        "S001", attribute,
        fmt::format("{} is \"{}\", which only comes after this trigger has fired", attribute, trigger.read.origin));
  } else if (stage.duration.count() > 0 && *begin > stage.duration) {
    reader.breaks_rule(
        "S001", "",
        fmt::format("cannot fire before {} s, the run ends at {} s", in_seconds(*begin), in_seconds(stage.duration)));
  }
}

}  // namespace

TimelineReading read_timeline(const Element& element, const Stage& stage, Diagnostics& diagnostics) {
  TimelineReading timeline;
  std::vector<std::string> marks;
  collect_marks(element, marks);
  std::vector<ReadTrigger> triggers;
  ElementReader reader{element, diagnostics};
  reader.children("at");
  reader.children("follow");
  for (const std::string& name : trigger_elements()) reader.children(name);
  const Reader each{stage, diagnostics, timeline};
  for (const Element& child : element.children) {
    const auto& known = trigger_elements();
    if (child.name == "at") {
      each.read_at(child);
    } else if (child.name == "follow") {
      for (TimelineEntry& entry : read_follow(child, stage, diagnostics)) timeline.entries.push_back(std::move(entry));
    } else if (std::find(known.begin(), known.end(), child.name) != known.end()) {
      ActionReading reading{.stage = stage, .diagnostics = diagnostics, .assumed = timeline.assumed};
      ReadTrigger trigger{read_trigger(child, marks, reading), {}, &child};
      for (const auto& mark : reading.marks) {
        trigger.marks.push_back({mark.name, mark.delay});
        each.note_mark(mark, std::nullopt, false);
      }
      triggers.push_back(std::move(trigger));
    }
  }
  reader.finish();
  settle_marks(triggers, timeline.marks);
  for (ReadTrigger& trigger : triggers) {
    require_reachable(trigger, timeline, stage, diagnostics);
    timeline.triggers.push_back(std::move(trigger.read.spec));
  }
  std::stable_sort(timeline.entries.begin(), timeline.entries.end(),
                   [](const TimelineEntry& left, const TimelineEntry& right) { return left.at < right.at; });
  return timeline;
}

}  // namespace hil::harness
