#include "controller/settings.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {
namespace {

constexpr double largest_limit_w = 100'000.0;     ///< sec1000-lan-protocol 3.4: -100..100 kW
constexpr double largest_capacity_w = 500'000.0;  ///< ten of the largest ET (50 kW)
constexpr double largest_ct_ratio = 10'000.0;
constexpr double least_power_factor = 0.8;

bool same_line(const Settings::Line& a, const Settings::Line& b) {
  return a.addresses == b.addresses && a.count == b.count && a.baud == b.baud &&
         a.bits_per_character == b.bits_per_character;
}

}  // namespace

std::optional<SettingsProblem> problem_in(const Settings& settings) noexcept {
  const std::array checks{
      SettingsProblem{"control_mode", static_cast<double>(settings.control_mode), 0.0, 3.0},
      SettingsProblem{"phase_mode", static_cast<double>(settings.phase_mode), 1.0, 2.0},
      SettingsProblem{"export_limit_w", settings.export_limit_w, -largest_limit_w, largest_limit_w},
      SettingsProblem{"total_capacity_w", settings.total_capacity_w, 1.0, largest_capacity_w},
      SettingsProblem{"ct_ratio", settings.ct_ratio, 0.0, largest_ct_ratio},
      SettingsProblem{"active_power_share", settings.active_power_share, 0.0, 1.0},
      SettingsProblem{"reactive_mode", static_cast<double>(settings.reactive_mode), 0.0, 2.0},
      SettingsProblem{"power_factor (size)", std::abs(settings.power_factor), least_power_factor, 1.0},
      SettingsProblem{"reactive_power_var", settings.reactive_power_var, -largest_capacity_w, largest_capacity_w},
  };
  for (const SettingsProblem& check : checks) {
    // Not a number is in no range.
    if (!(check.value >= check.lowest && check.value <= check.highest)) return check;
  }
  return std::nullopt;
}

bool same_wiring(const Settings& a, const Settings& b) noexcept {
  return std::equal(a.inverter_lines.begin(), a.inverter_lines.end(), b.inverter_lines.begin(), same_line) &&
         a.meter_address == b.meter_address && a.meter_baud == b.meter_baud &&
         a.meter_bits_per_character == b.meter_bits_per_character;
}

}  // namespace hil::controller
