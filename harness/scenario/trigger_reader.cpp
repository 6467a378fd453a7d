#include "harness/scenario/trigger_reader.h"

#include <fmt/core.h>

#include <stdexcept>

#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

constexpr int most_times = 1'000'000;

std::string with_unit(double value, std::string_view signal) {
  const std::string_view unit = sim::unit_of(signal);
  return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

void read_edge(ElementReader& reader, WhenTrigger& when) {
  std::string edge;
  if (!reader.one_of("edge", edge, {"rising", "falling"}, "edges", Need::optional)) return;
  when.crossing = true;
  const bool rising = edge == "rising";
  if ((rising && when.below) || (!rising && when.above)) {
    reader.fault_of("edge", fmt::format("edge is {}, goes with {}", edge, rising ? "above" : "below"));
  }
}

std::string text_of(const WhenTrigger& when) {
  const double bound = when.above ? *when.above : when.below.value_or(0.0);
  const char* side = when.above ? "above" : "below";
  const char* verb = when.crossing ? (when.above ? "rises " : "falls ") : "";
  std::string text = fmt::format("{} {}{} {}", when.signal, verb, side, with_unit(bound, when.signal));
  if (when.held.count() > 0) text += fmt::format(" for {} s", in_seconds(when.held));
  if (when.not_before.count() > 0) {
    text += fmt::format(", not before {} s", in_seconds(when.not_before));
  }
  if (!when.after.empty()) text += " after " + when.after;
  return text;
}

void read_when(ElementReader& reader, const std::vector<std::string>& marks, const Stage& stage,
               TriggerReading& trigger) {
  WhenTrigger when;
  reader.signal("signal", when.signal);
  if (const Attribute* given = reader.element().attribute("signal")) trigger.spec.signal_place = given->place;
  reader.one_bound(when.above, when.below);
  read_edge(reader, when);
  reader.seconds("for_s", when.held, not_negative, Need::optional);
  reader.one_of("after", when.after, marks, "marks of the timeline", Need::optional);
  reader.seconds("not_before_s", when.not_before, not_negative, Need::optional);
  reader.integer("times", trigger.spec.times, 1, most_times, Need::optional);
  trigger.origin = when.after;
  trigger.earliest_delay = when.not_before + when.held + stage.step;  // it sees the values of the step before
  trigger.spec.description = text_of(when);
  trigger.spec.kind = when;
}

void read_after(ElementReader& reader, const std::vector<std::string>& marks, TriggerReading& trigger) {
  AfterTrigger after;
  reader.one_of("mark", after.mark, marks, "marks of the timeline");
  reader.seconds("delay_s", after.delay, not_negative, Need::optional);
  trigger.origin = after.mark;
  trigger.earliest_delay = after.delay;
  trigger.spec.description =
      after.delay.count() > 0 ? fmt::format("{} s after {}", in_seconds(after.delay), after.mark) : "at " + after.mark;
  trigger.spec.kind = after;
}

void read_every(ElementReader& reader, const Stage& stage, TriggerReading& trigger) {
  EveryTrigger every;
  const bool has_duration = stage.duration.count() > 0;
  every.until = has_duration ? stage.duration : to_time(longest_s);
  const bool has_period = reader.seconds("period_s", every.period, positive);
  if (has_period && every.period < stage.step) {
    reader.fault_of("period_s", fmt::format("period_s is {}, must be >= the step ({} s)", in_seconds(every.period),
                                            in_seconds(stage.step)));
  }
  reader.seconds("from_s", every.from, not_negative, Need::optional);
  const bool has_until = reader.seconds("until_s", every.until, positive, Need::optional);
  if (has_until && has_duration && every.until > stage.duration) {
    reader.breaks_rule(
        "S001", "until_s",
        fmt::format("until_s is {}, must be <= duration_s ({})", in_seconds(every.until), in_seconds(stage.duration)));
  }
  if (has_until && every.from > every.until) {
    reader.fault_of("from_s", fmt::format("from_s is {}, must be <= until_s ({})", in_seconds(every.from),
                                          in_seconds(every.until)));
  }
  trigger.spec.times = TriggerSpec::any_times;
  reader.integer("times", trigger.spec.times, 1, most_times, Need::optional);
  trigger.earliest_delay = every.from;
  trigger.spec.description = fmt::format("every {} s from {} s", in_seconds(every.period), in_seconds(every.from));
  if (has_until) trigger.spec.description += fmt::format(" until {} s", in_seconds(every.until));
  trigger.spec.kind = every;
}

/// Its next firing would come while its actions last.
void require_short(ElementReader& reader, const TriggerSpec& spec) {
  const auto* every = std::get_if<EveryTrigger>(&spec.kind);
  if (every == nullptr || every->period.count() == 0 || spec.times == 1 || spec.length < every->period) return;
  reader.fault_of("period_s", fmt::format("period_s is {}, must be > the time that its actions take ({} s)",
                                          in_seconds(every->period), in_seconds(spec.length)));
}

}  // namespace

const std::vector<std::string>& trigger_elements() {
  static const std::vector<std::string> elements{"when", "after", "every"};
  return elements;
}

TriggerReading read_trigger(const Element& element, const std::vector<std::string>& marks, ActionReading& reading) {
  ElementReader reader{element, reading.diagnostics};
  TriggerReading trigger;
  trigger.spec.element = element.name;
  trigger.spec.place = element.place;
  if (element.name == "when") {
    read_when(reader, marks, reading.stage, trigger);
  } else if (element.name == "after") {
    read_after(reader, marks, trigger);
  } else if (element.name == "every") {
    read_every(reader, reading.stage, trigger);
  } else {
    throw std::logic_error("<" + element.name + "> is no trigger");
  }
  reader.flag("optional", trigger.spec.optional, Need::optional);
  ActionGroup group = read_actions(reader, reading);
  reader.finish();
  trigger.spec.actions = std::move(group.actions);
  trigger.spec.length = group.length;
  require_short(reader, trigger.spec);
  return trigger;
}

}  // namespace hil::harness
