#include "harness/scenario/check_reading.h"

#include <fmt/core.h>

#include "harness/scenario/names.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

void CheckReading::read_signal(std::string_view attribute, std::string& signal) {
  std::string given;
  if (!reader.text(attribute, given)) return;
  if (!is_signal_name(given)) {
    reader.fault_of(
        attribute, fmt::format("{} is {}, must be a signal's name such as grid.import_w", attribute, in_quotes(given)));
    return;
  }
  signal = given;
}

void CheckReading::require_inside(std::string_view attribute, sim::Time value) {
  if (!length || value <= *length) return;
  reader.breaks_rule("S002", attribute,
                     fmt::format("{} is {}, must be <= the window's length ({} s)", attribute, in_seconds(value),
                                 in_seconds(*length)));
}

std::string bound_text(double value, std::string_view signal) {
  const std::string_view unit = sim::unit_of(signal);
  return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

std::string side_text(const std::optional<double>& above, const std::optional<double>& below, std::string_view signal) {
  return above ? "above " + bound_text(*above, signal) : "below " + bound_text(below.value_or(0.0), signal);
}

}  // namespace hil::harness
