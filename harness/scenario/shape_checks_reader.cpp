#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "harness/scenario/check_reading.h"
#include "harness/scenario/event_kinds.h"
#include "harness/scenario/names.h"
#include "harness/scenario/reference_text.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

using Point = FollowsCheck::Point;

constexpr int most_counted = 1'000'000'000;

std::string tolerance_text(const FollowsCheck& check) {
  std::string text = fmt::format(" +- {}", bound_text(check.within, check.signal));
  if (check.time_tolerance.count() > 0) text += fmt::format(", {} s early or late", in_seconds(check.time_tolerance));
  return text;
}

void read_tolerances(CheckReading& reading, FollowsCheck& check) {
  reading.reader.number("within", check.within, positive);
  if (reading.reader.seconds("time_tolerance_s", check.time_tolerance, not_negative, Need::optional)) {
    reading.require_inside("time_tolerance_s", check.time_tolerance);
  }
}

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return trimmed(line);
}

std::string_view unit_text(std::string_view name) {
  const std::string_view unit = sim::unit_of(name);
  return unit.empty() ? "none" : unit;
}

/// What is wrong with the header of a reference for `signal`; empty: nothing.
std::string header_fault(std::string_view header, std::string_view signal) {
  const std::size_t comma = header.find(',');
  const std::string_view name = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
  if (header.substr(0, comma) != "time_s" || !is_signal_name(name)) {
    return fmt::format("header is {}, must be time_s and a name that ends in its unit: time_s,grid_import_w",
                       in_quotes(header));
  }
  if (sim::unit_of(name) == sim::unit_of(signal)) return {};
  return fmt::format("{} has the unit {}, must have that of the signal ({})", in_quotes(name), unit_text(name),
                     unit_text(signal));
}

/// One row behind the header; what is wrong with it, or nothing.
std::string add_row(std::string_view line, bool steps, std::vector<Point>& points) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos || line.find(',', comma + 1) != std::string_view::npos) {
    return fmt::format("{} is no row of a time and a value", in_quotes(line));
  }
  const std::optional<double> at_s = parse_number(line.substr(0, comma));
  const std::optional<double> value = parse_number(line.substr(comma + 1));
  if (!at_s || !value) return fmt::format("{} is no row of two decimal numbers", in_quotes(line));
  if (!any_time.contain(*at_s)) return fmt::format("time_s is {}, must be {}", *at_s, any_time.text());
  const sim::Time at = to_time(*at_s);
  if (!points.empty() && at <= points.back().at) {
    return fmt::format("time_s is {}, must be > the one before ({})", *at_s, in_seconds(points.back().at));
  }
  if (steps && !points.empty()) points.push_back({at, points.back().value});
  points.push_back({at, *value});
  return {};
}

/// `where` tells place and beginning of the message for a row, from 1, the header, on.
template <typename Where>
std::vector<Point> points_of(std::string_view text, std::string_view signal, bool steps, const Where& where,
                             Diagnostics& diagnostics) {
  std::vector<Point> points;
  const auto refuse = [&](int row, const std::string& message) {
    const auto [place, prefix] = where(row);
    diagnostics.add(place, prefix + message);
  };
  if (const std::string fault = header_fault(next_line(text), signal); !fault.empty()) {
    refuse(1, fault);
    return points;
  }
  constexpr int most_faults = 10;
  int faults = 0;
  for (int row = 2; !trimmed(text).empty() && faults < most_faults; ++row) {
    const std::string fault = add_row(next_line(text), steps, points);
    if (fault.empty()) continue;
    refuse(row, fault);
    ++faults;
  }
  if (points.empty() && faults == 0) refuse(1, "has no row below its header");
  return points;
}

/// From the file, or the text inside.
void read_points(CheckReading& reading, FollowsCheck& check, Diagnostics& diagnostics) {
  std::string interpolation = "linear";
  reading.reader.one_of("interpolation", interpolation, {"step", "linear"}, "interpolations", Need::optional);
  const bool steps = interpolation == "step";
  const Element& element = reading.reader.element();
  const Attribute* file = element.attribute("file");
  if (file == nullptr) {
    std::string text;
    if (!reading.reader.content(text)) return;
    const auto where = [&](int row) {
      return std::pair{element.place, fmt::format("{}: line {}: ", element.label(), row)};
    };
    check.points = points_of(text, check.signal, steps, where, diagnostics);
  } else if (std::string trouble; const auto text = reference_text(*file, trouble)) {
    const std::string path = reference_path(*file).string();
    const auto where = [&](int row) { return std::pair{Place{path, row, 1}, std::string{}}; };
    check.points = points_of(*text, check.signal, steps, where, diagnostics);
  } else {
    reading.reader.fault_of("file", fmt::format("file is {}, {}", in_quotes(file->value), trouble));
  }
  if (check.points.empty()) reading.reader.mark_unsound();
}

void read_event(CheckReading& reading, CountCheck& check) {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> names(event_kinds.begin(), event_kinds.end());
    std::sort(names.begin(), names.end());
    return names;
  }();
  reading.reader.one_of("event", check.event, kinds, "kinds of events");
  reading.reader.text("subject", check.subject, Need::optional);
  reading.reader.text("text", check.text, Need::optional);
}

std::string counted_text(const CountCheck& check) {
  if (check.event.empty()) return check.signal + " goes " + side_text(check.above, check.below, check.signal);
  std::string text = "event " + check.event;
  if (!check.subject.empty()) text += " of " + check.subject;
  if (!check.text.empty()) text += " with " + in_quotes(check.text);
  return text;
}

}  // namespace

std::string read_step_shape(CheckReading& reading) {
  FollowsCheck check;
  Point before;
  Point after;
  reading.read_signal("signal", check.signal);
  reading.reader.number("from", before.value, any_number);
  reading.reader.number("to", after.value, any_number);
  if (reading.reader.seconds("at_s", after.at, not_negative)) reading.require_inside("at_s", after.at);
  before.at = after.at;
  read_tolerances(reading, check);
  check.points = {before, after};
  reading.spec.kind = check;
  return fmt::format("{} steps from {} to {} at {} s{}", check.signal, before.value,
                     bound_text(after.value, check.signal), in_seconds(after.at), tolerance_text(check));
}

std::string read_ramp_shape(CheckReading& reading) {
  FollowsCheck check;
  Point first;
  Point last;
  reading.read_signal("signal", check.signal);
  reading.reader.number("from", first.value, any_number);
  reading.reader.number("to", last.value, any_number);
  const bool begins = reading.reader.seconds("begin_s", first.at, not_negative);
  if (reading.reader.seconds("end_s", last.at, positive)) {
    reading.require_inside("end_s", last.at);
    if (begins && last.at <= first.at) {
      reading.reader.fault_of(
          "end_s", fmt::format("end_s is {}, must be > begin_s ({})", in_seconds(last.at), in_seconds(first.at)));
    }
  }
  read_tolerances(reading, check);
  check.points = {first, last};
  reading.spec.kind = check;
  return fmt::format("{} ramps from {} at {} s to {} at {} s{}", check.signal, first.value, in_seconds(first.at),
                     bound_text(last.value, check.signal), in_seconds(last.at), tolerance_text(check));
}

std::string read_constant(CheckReading& reading) {
  ConstantCheck check;
  reading.read_signal("signal", check.signal);
  reading.reader.number("at", check.at, any_number);
  reading.reader.number("within", check.within, positive);
  reading.spec.kind = check;
  const std::string level = check.at ? " at " + bound_text(*check.at, check.signal) : "";
  return fmt::format("{} constant{} +- {}", check.signal, level, bound_text(check.within, check.signal));
}

std::string read_follows(CheckReading& reading, Diagnostics& diagnostics) {
  FollowsCheck check;
  reading.read_signal("signal", check.signal);
  const Element& element = reading.reader.element();
  const bool has_file = element.attribute("file") != nullptr;
  const int sources =
      (element.attribute("reference") != nullptr ? 1 : 0) + (has_file ? 1 : 0) + (element.text.empty() ? 0 : 1);
  std::string ignored;
  reading.reader.text("file", ignored, Need::optional);
  if (sources != 1) {
    reading.reader.text("reference", ignored, Need::optional);
    if (!element.text.empty()) reading.reader.content(ignored);
    reading.reader.fault("must have one of: reference (a signal), file (CSV), the text of such a file inside");
  } else if (element.attribute("reference") != nullptr) {
    reading.read_signal("reference", check.reference);
    if (sim::unit_of(check.reference) != sim::unit_of(check.signal)) {
      reading.reader.fault_of(
          "reference", fmt::format("reference {} has the unit {}, must have that of the signal ({})",
                                   in_quotes(check.reference), unit_text(check.reference), unit_text(check.signal)));
    }
  } else {
    read_points(reading, check, diagnostics);
  }
  read_tolerances(reading, check);
  reading.spec.kind = check;
  const std::string reference = !check.reference.empty() ? check.reference : has_file ? ignored : "a reference";
  return fmt::format("{} follows {}{}", check.signal, reference, tolerance_text(check));
}

std::string read_count(CheckReading& reading) {
  CountCheck check;
  ElementReader& reader = reading.reader;
  const bool has_signal = reader.element().attribute("signal") != nullptr;
  const bool has_event = reader.element().attribute("event") != nullptr;
  if (has_signal == has_event) {
    reader.fault("must have one of: signal, event");
    std::string ignored;
    for (const std::string_view attribute : {"signal", "event", "above", "below", "subject", "text"}) {
      reader.text(attribute, ignored, Need::optional);
    }
  } else if (has_signal) {
    reading.read_signal("signal", check.signal);
    reader.one_bound(check.above, check.below);
  } else {
    read_event(reading, check);
  }
  int at_least = 0;
  int at_most = 0;
  const bool has_least = reader.integer("at_least", at_least, 0, most_counted, Need::optional);
  const bool has_most = reader.integer("at_most", at_most, 0, most_counted, Need::optional);
  check.at_least = at_least;
  if (has_most) check.at_most = at_most;
  const auto& element = reader.element();
  if (element.attribute("at_least") == nullptr && element.attribute("at_most") == nullptr) {
    reader.fault("at_least or at_most is missing");
  }
  if (check.at_most && *check.at_most < check.at_least) {
    reader.fault_of("at_most", fmt::format("at_most is {}, must be >= at_least ({})", *check.at_most, check.at_least));
  }
  reading.spec.kind = check;
  const std::string most = check.at_most ? fmt::format("at most {} times", *check.at_most) : "";
  const std::string least = has_least ? fmt::format("at least {} times", check.at_least) : "";
  return fmt::format("{} {}{}{}", counted_text(check), least, least.empty() || most.empty() ? "" : ", ", most);
}

}  // namespace hil::harness
