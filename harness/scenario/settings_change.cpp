#include "harness/scenario/settings_change.h"

#include <fmt/format.h>

namespace hil::harness {
namespace {

template <typename Value>
void take(const std::optional<Value>& given, Value& value) {
  if (given) value = *given;
}

}  // namespace

bool ChangeSettings::empty() const {
  return !export_limit_w && !mode && !phases && !active_power_share && !power_factor && !reactive_power_var &&
         !total_capacity_w && !ct_ratio && !freeze_cure;
}

void ChangeSettings::apply_to(controller::Settings& settings) const {
  take(export_limit_w, settings.export_limit_w);
  take(mode, settings.control_mode);
  take(phases, settings.phase_mode);
  take(active_power_share, settings.active_power_share);
  take(total_capacity_w, settings.total_capacity_w);
  take(ct_ratio, settings.ct_ratio);
  take(freeze_cure, settings.freeze_cure_enabled);
  if (power_factor) {
    settings.reactive_mode = controller::ReactiveMode::power_factor;
    settings.power_factor = *power_factor;
  }
  if (reactive_power_var) {
    settings.reactive_mode = controller::ReactiveMode::reactive_power;
    settings.reactive_power_var = *reactive_power_var;
  }
}

std::string ChangeSettings::text() const {
  std::string all;
  const auto add = [&all](std::string_view name, const std::string& value) {
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", name, value);
  };
  const auto add_number = [&add](std::string_view name, const std::optional<double>& value) {
    if (value) add(name, fmt::format("{:g}", *value));
  };
  add_number("export_limit_w", export_limit_w);
  if (mode) add("mode", std::string{control_mode_names[static_cast<std::size_t>(*mode)]});
  if (phases) add("phases", *phases == controller::PhaseMode::sum ? "sum" : "each");
  add_number("active_power_share", active_power_share);
  add_number("power_factor", power_factor);
  add_number("reactive_power_var", reactive_power_var);
  add_number("total_capacity_w", total_capacity_w);
  add_number("ct_ratio", ct_ratio);
  if (freeze_cure) add("freeze_cure", *freeze_cure ? "true" : "false");
  return all;
}

}  // namespace hil::harness
