#include "harness/scenario/settings_change.h"

#include <fmt/format.h>

#include <algorithm>

namespace hil::harness {
namespace {

template <typename Value>
void take(const std::optional<Value>& given, Value& value) {
  if (given) value = *given;
}

bool any(const std::array<std::optional<int>, controller::max_lines - 1>& counts) {
  return std::any_of(counts.begin(), counts.end(), [](const std::optional<int>& count) { return count.has_value(); });
}

void enter_counts(const std::array<std::optional<int>, controller::max_lines - 1>& counts,
                  controller::Settings& settings) {
  int highest = 0;
  for (const controller::Settings::Line& line : settings.inverter_lines) {
    for (std::size_t k = 0; k < line.count; ++k) highest = std::max<int>(highest, line.addresses[k]);
  }
  for (std::size_t port = 0; port < counts.size(); ++port) {
    if (!counts[port]) continue;
    controller::Settings::Line& line = settings.inverter_lines[port];
    const auto wanted = static_cast<std::size_t>(*counts[port]);
    for (std::size_t k = line.count; k < wanted; ++k) line.addresses[k] = static_cast<std::uint8_t>(++highest);
    line.count = wanted;
  }
}

}  // namespace

std::string text_of(const LanAddress& address) {
  return address.dhcp ? "dhcp" : fmt::format("{}", fmt::join(address.address, "."));
}

bool ChangeSettings::empty() const {
  return !export_limit_w && !mode && !phases && !active_power_share && !power_factor && !reactive_power_var &&
         !total_capacity_w && !ct_ratio && !freeze_cure && !address && !any(inverters);
}

void ChangeSettings::apply_to(controller::Settings& settings) const {
  take(export_limit_w, settings.export_limit_w);
  take(mode, settings.control_mode);
  take(phases, settings.phase_mode);
  take(active_power_share, settings.active_power_share);
  take(total_capacity_w, settings.total_capacity_w);
  take(ct_ratio, settings.ct_ratio);
  take(freeze_cure, settings.freeze_cure_enabled);
  enter_counts(inverters, settings);
  if (address) {
    settings.network.dhcp = address->dhcp;
    if (!address->dhcp) settings.network.address = address->address;
  }
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
  if (address) add("address", text_of(*address));
  for (std::size_t port = 0; port < inverters.size(); ++port) {
    if (inverters[port]) add(fmt::format("com{}_inverters", port + 1), fmt::format("{}", *inverters[port]));
  }
  return all;
}

}  // namespace hil::harness
