#include "harness/scenario/parallel_order.h"

#include <fmt/format.h>

namespace hil::harness {

std::string text_of(const SetParallel& order) {
  std::string text;
  const auto add = [&text](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (order.role) add(fmt::format("role {}", sim::name_of(*order.role)));
  if (order.inverters_in_parallel) add(fmt::format("{} inverters in parallel", *order.inverters_in_parallel));
  if (order.safety_code) add(fmt::format("safety code {}", *order.safety_code));
  if (order.firmware) add(fmt::format("firmware {}", *order.firmware));
  if (order.battery_count) add(fmt::format("{} batteries", *order.battery_count));
  return text;
}

std::string text_of(const WireCombiner& order) {
  return order.inputs == 0 ? order.parallel + ": no combiner box"
                           : fmt::format("{}: combiner box with {} AC inputs", order.parallel, order.inputs);
}

}  // namespace hil::harness
