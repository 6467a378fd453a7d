#include "harness/scenario/checks_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/scenario/check_reading.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/requirements.h"

namespace hil::harness {
namespace {

constexpr std::array<std::string_view, 18> check_names{
    "never",    "always",  "eventually", "until",   "responds", "formula", "settles", "step",  "ramp",
    "constant", "follows", "energy",     "reaches", "together", "count",   "bus",     "fresh", "order"};

std::string window_text(const Window& window) {
  const bool from_start = window.from.count() == 0;
  if (!window.after.empty()) {
    std::string text = " after " + window.after;
    if (!from_start) text += fmt::format(" + {} s", in_seconds(window.from));
    if (window.until) text += fmt::format(", until {} s later", in_seconds(*window.until));
    return text;
  }
  std::string text;
  if (!from_start) text += fmt::format(" from {} s", in_seconds(window.from));
  if (window.until) text += fmt::format(" until {} s", in_seconds(*window.until));
  return text;
}

/// Reads one check; its parts share the reader, the window's length and the description.
class CheckReader {
 public:
  CheckReader(const Element& element, const Stage& stage, const TimelineReading& timeline, Diagnostics& diagnostics)
      : reader_(element, diagnostics), stage_(stage), timeline_(timeline), diagnostics_(diagnostics) {}

  CheckSpec read() {
    const std::string& name = reader_.element().name;
    spec_.element = name;
    spec_.place = reader_.element().place;
    for (const char* looks_at : {"signal", "signals"}) {
      const Attribute* given = reader_.element().attribute(looks_at);
      if (given != nullptr) spec_.signal_place = given->place;
    }
    read_window();
    const std::string what = read_kind(name);
    read_requirement();
    reader_.text("why", spec_.why, Need::optional);
    reader_.finish();
    spec_.description = what + window_text(spec_.window);
    return std::move(spec_);
  }

 private:
  std::string read_kind(std::string_view name) {
    if (name == "never") return read_never();
    if (name == "settles") return read_settles();
    if (name == "energy") return read_energy();
    if (name == "reaches") return read_reaches();
    if (name == "together") return read_together();
    if (name == "always") return read_always(reading_);
    if (name == "eventually") return read_eventually(reading_);
    if (name == "until") return read_until(reading_);
    if (name == "responds") return read_responds(reading_);
    if (name == "formula") return read_formula(reading_, diagnostics_);
    if (name == "step") return read_step_shape(reading_);
    if (name == "ramp") return read_ramp_shape(reading_);
    if (name == "constant") return read_constant(reading_);
    if (name == "follows") return read_follows(reading_, diagnostics_);
    if (name == "count") return read_count(reading_);
    if (name == "fresh") return read_fresh(reading_);
    if (name == "order") return read_order(reading_);
    return read_bus(reading_);
  }

  /// Of one of the five documents that the bench is to prove, or a clause of another source.
  void read_requirement() {
    std::string given;
    if (!reader_.text("requirement", given, Need::optional)) return;
    // Joined again from what was understood: anything else between or beside the ids is a fault.
    std::string understood;
    for (const std::string& id : requirement_ids(given)) understood += (understood.empty() ? "" : " ") + id;
    if (!given.empty() && understood == given) {
      spec_.requirement = given;
      return;
    }
    reader_.fault_of(
        "requirement",
        fmt::format("requirement is {}, must be ids of statements with a space between, S000-1 to S004-999: "
                    "the document and its number; or of clauses, 1547.1-volt_var: source and name",
                    in_quotes(given)));
  }

  void read_window() {
    Window& window = spec_.window;
    sim::Time mark{0};
    std::vector<std::string> marks;
    for (const auto& [name, instant] : timeline_.marks) marks.push_back(name);
    const auto given = [&](std::string_view attribute) { return reader_.element().attribute(attribute) != nullptr; };
    bool good =
        reader_.one_of("after", window.after, marks, "marks of the timeline", Need::optional) || !given("after");
    good = (reader_.seconds("from_s", window.from, not_negative, Need::optional) || !given("from_s")) && good;
    sim::Time until{0};
    if (reader_.seconds("until_s", until, positive, Need::optional)) window.until = until;
    good = good && (window.until.has_value() || !given("until_s"));
    if (!good || stage_.duration.count() == 0) return;
    const MarkTime* known = window.after.empty() ? nullptr : &timeline_.marks.at(window.after);
    if (known != nullptr && (!known->at || *known->at > stage_.duration)) return;  // reported at its trigger
    if (known != nullptr) mark = *known->at;

    const std::string counted = known == nullptr ? ""
                                                 : fmt::format(" after {} ({} s{})", window.after, in_seconds(mark),
                                                               known->exact ? "" : " at the earliest");
    if (window.until && mark + *window.until > stage_.duration) {
      reader_.breaks_rule("S002", "until_s",
                          fmt::format("until_s is {}{}, must end by duration_s ({})", in_seconds(*window.until),
                                      counted, in_seconds(stage_.duration)));
      return;
    }
    const sim::Time end = window.until ? *window.until : stage_.duration - mark;
    if (window.from >= end) {
      const char* bound = window.until ? "until_s" : "the end of the run";
      reader_.breaks_rule("S002", "from_s",
                          fmt::format("from_s is {}{}, must be before {} ({})", in_seconds(window.from), counted, bound,
                                      in_seconds(end)));
      return;
    }
    reading_.length = end - window.from;
  }

  std::string read_never() {
    NeverCheck check;
    reading_.read_signal("signal", check.signal);
    reader_.one_bound(check.above, check.below);
    if (reader_.seconds("longer_than_s", check.longer_than, not_negative, Need::optional)) {
      reading_.require_inside("longer_than_s", check.longer_than);
    }
    std::string text = fmt::format("{} never {}", check.signal, side_text(check.above, check.below, check.signal));
    if (check.longer_than.count() > 0) text += fmt::format(" for longer than {} s", in_seconds(check.longer_than));
    spec_.kind = check;
    return text;
  }

  std::string read_settles() {
    SettlesCheck check;
    reading_.read_signal("signal", check.signal);
    reader_.number("to", check.to, any_number);
    reader_.number("within", check.within, positive);
    if (reader_.seconds("in_s", check.in, not_negative)) reading_.require_inside("in_s", check.in);
    spec_.kind = check;
    return fmt::format("{} settles to {} +- {} in {} s", check.signal, bound_text(check.to, check.signal), check.within,
                       in_seconds(check.in));
  }

  std::string read_energy() {
    EnergyCheck check;
    reading_.read_signal("signal", check.signal);
    if (!check.signal.empty() && !check.signal.ends_with("_w")) {
      reader_.fault_of("signal", fmt::format("signal is \"{}\", must be a power (its name ends in _w)", check.signal));
    }
    const bool has_least = reader_.number("at_least_wh", check.at_least_wh, any_number);
    if (reader_.number("at_most_wh", check.at_most_wh, any_number) && has_least &&
        check.at_most_wh < check.at_least_wh) {
      reader_.fault_of("at_most_wh", fmt::format("at_most_wh is {}, must be >= at_least_wh ({})", check.at_most_wh,
                                                 check.at_least_wh));
    }
    spec_.kind = check;
    return fmt::format("energy of {} between {} and {} Wh", check.signal, check.at_least_wh, check.at_most_wh);
  }

  std::string read_reaches() {
    ReachesCheck check;
    reading_.read_signal("signal", check.signal);
    reader_.one_bound(check.above, check.below);
    reader_.seconds("not_before_s", check.not_before, not_negative, Need::optional);
    if (reader_.seconds("no_later_than_s", check.no_later_than, not_negative)) {
      reading_.require_inside("no_later_than_s", check.no_later_than);
      if (check.not_before > check.no_later_than) {
        reader_.fault_of("not_before_s", fmt::format("not_before_s is {}, must be <= no_later_than_s ({})",
                                                     in_seconds(check.not_before), in_seconds(check.no_later_than)));
      }
    }
    spec_.kind = check;
    const std::string side = side_text(check.above, check.below, check.signal);
    if (check.not_before.count() == 0) {
      return fmt::format("{} is {} within {} s", check.signal, side, in_seconds(check.no_later_than));
    }
    return fmt::format("{} is {} after {} to {} s", check.signal, side, in_seconds(check.not_before),
                       in_seconds(check.no_later_than));
  }

  std::string read_together() {
    TogetherCheck check;
    std::string given;
    if (reader_.text("signals", given)) {
      if (is_signal_pattern(given)) {
        check.signals = given;
      } else {
        reader_.fault_of("signals",
                         fmt::format("signals is {}, must be a pattern such as *.battery_soc", in_quotes(given)));
      }
    }
    reader_.number("spread", check.spread, positive);
    spec_.kind = check;
    return fmt::format("{} together within {}", check.signals, bound_text(check.spread, check.signals));
  }

  ElementReader reader_;
  const Stage& stage_;
  const TimelineReading& timeline_;
  Diagnostics& diagnostics_;
  CheckSpec spec_;
  CheckReading reading_{reader_, stage_, spec_};
};

}  // namespace

std::vector<CheckSpec> read_checks(const Element& element, const Stage& stage, const TimelineReading& timeline,
                                   Diagnostics& diagnostics) {
  std::vector<CheckSpec> checks;
  ElementReader reader{element, diagnostics};
  for (const std::string_view name : check_names) reader.children(name);
  reader.finish();
  for (const Element& child : element.children) {
    if (std::find(check_names.begin(), check_names.end(), child.name) == check_names.end()) continue;
    checks.push_back(CheckReader{child, stage, timeline, diagnostics}.read());
  }
  if (element.children.empty()) {
    reader.fault(fmt::format("a check is missing, known: {}", fmt::join(check_names, ", ")));
  }
  return checks;
}

}  // namespace hil::harness
