#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "harness/scenario/check_reading.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr int most_requests = 1'000'000;

/// One of the site's units; all without.
void read_unit(CheckReading& reading, std::string& unit) {
  if (reading.reader.element().attribute("unit") == nullptr) {
    reading.reader.name("unit", unit, Need::optional);
  } else {
    read_reference(reading.reader, "unit", unit, reading.stage, reading.stage.units, "units of the site");
  }
}

std::string of_whom(const AnswersCheck& check) {
  return check.unit.empty() ? "on " + check.line : fmt::format("to {} on {}", check.unit, check.line);
}

/// UNIT.REGISTER, the unit by its name in the site; whether its map has the register is known when the bench is built.
void read_register(CheckReading& reading, std::string_view attribute, RegisterName& name) {
  std::string given;
  if (!reading.reader.text(attribute, given)) return;
  const std::size_t dot = given.find('.');
  if (dot == std::string::npos || !is_signal_name(given)) {
    reading.reader.fault_of(
        attribute, fmt::format("{} is {}, must be a unit and a register of it by the name of what that carries, "
                               "such as et1.export_limit_w",
                               attribute, in_quotes(given)));
    return;
  }
  name = {given.substr(0, dot), given.substr(dot + 1)};
  const std::vector<std::string>& units = reading.stage.units;
  if (!reading.stage.site_known || std::find(units.begin(), units.end(), name.unit) != units.end()) return;
  reading.reader.fault_of(attribute, fmt::format("{} is {}, known units: {}", attribute, in_quotes(given),
                                                 list_nearest_first(name.unit, units)));
}

std::string read_answers(CheckReading& reading, AnswersCheck check) {
  ElementReader& reader = reading.reader;
  read_unit(reading, check.unit);
  int most = 0;
  std::string text;
  if (reader.element().attribute("unanswered_at_most") != nullptr) {
    reader.integer("unanswered_at_most", most, 0, most_requests);
    text = fmt::format("at most {} requests {} unanswered", most, of_whom(check));
  } else if (reader.element().attribute("retries_at_most") != nullptr) {
    check.measure = AnswersCheck::Measure::retries;
    reader.integer("retries_at_most", most, 0, most_requests);
    text = fmt::format("no request {} repeated more than {} times", of_whom(check), most);
  } else {
    check.measure = AnswersCheck::Measure::share;
    reader.number("answered_share_at_least", check.bound, ratio);
    reader.seconds("answered_in_s", check.answered_in, positive);
    text = fmt::format("{} of the requests {} answered in {} s", check.bound, of_whom(check),
                       in_seconds(check.answered_in));
  }
  if (check.measure != AnswersCheck::Measure::share) check.bound = most;
  reading.spec.kind = check;
  return text;
}

}  // namespace

std::string read_bus(CheckReading& reading) {
  ElementReader& reader = reading.reader;
  constexpr std::array<std::string_view, 4> wanted{"poll_period_below_s", "unanswered_at_most", "retries_at_most",
                                                   "answered_share_at_least"};
  BusCheck check;
  read_reference(reader, "line", check.line, reading.stage, reading.stage.lines, "lines of the site");
  const auto given = std::count_if(wanted.begin(), wanted.end(), [&reader](std::string_view attribute) {
    return reader.element().attribute(attribute) != nullptr;
  });
  if (given != 1) {
    const std::string all = "poll_period_below_s, unanswered_at_most, retries_at_most, answered_share_at_least";
    for (const std::string_view attribute : wanted) {
      std::string ignored;
      reader.text(attribute, ignored, Need::optional);
    }
    reader.fault(given == 0 ? "what to look for is missing, one of: " + all : "must look for one only of: " + all);
    reading.spec.kind = check;
    return "";
  }
  if (reader.element().attribute(wanted[0]) == nullptr) return read_answers(reading, {check.line});
  read_unit(reading, check.unit);
  reader.name("read", check.read, Need::optional);
  if (reader.seconds(wanted[0], check.poll_period_below, positive)) {
    reading.require_inside(wanted[0], check.poll_period_below);
  }
  reading.spec.kind = check;
  const std::string whom = check.unit.empty() ? "every unit" : check.unit;
  const std::string asked = check.read.empty() ? "polled" : "asked for " + check.read;
  return fmt::format("{} on {} {} in less than {} s", whom, check.line, asked, in_seconds(check.poll_period_below));
}

std::string read_fresh(CheckReading& reading) {
  FreshCheck check;
  read_register(reading, "write", check.write);
  if (reading.reader.seconds("age_below_s", check.age_below, positive)) {
    reading.require_inside("age_below_s", check.age_below);
  }
  reading.spec.kind = check;
  return fmt::format("{} at the unit never older than {} s", check.write.text(), in_seconds(check.age_below));
}

std::string read_order(CheckReading& reading) {
  OrderCheck check;
  read_register(reading, "read", check.read);
  read_register(reading, "before_write", check.before_write);
  reading.reader.integer("at_least", check.at_least, 1, most_requests, Need::optional);
  reading.spec.kind = check;
  return fmt::format("{} read {} before each write of {}", check.read.text(),
                     check.at_least == 1 ? "anew" : fmt::format("{} times", check.at_least), check.before_write.text());
}

}  // namespace hil::harness
