#include "sim/devices/pws2_grid_code.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "models/grid_code/sinexcel_codes.h"

namespace hil::sim {
namespace {

namespace codes = models::sinexcel;

static_assert(codes::columns.size() == pws2_grid_code_count);

// How long a rate of change must last; no source.
constexpr std::chrono::milliseconds rate_of_change_delay{500};

/// Rows of the table that the models do not hold: power change mode, and ramps in 0.0001 of rated power per second.
struct Ramps {
  int power_change_mode = 0;
  int soft_start = 0;
  int normal = 0;
};
constexpr std::array<Ramps, pws2_grid_code_count> ramps{
    {{1, 200, 30000}, {1, 16, 65}, {1, 27, 30000}, {0, 30000, 30000}, {1, 33, 30000}, {1, 16, 65}, {1, 16, 65}}};

int steps(double value, double step) {
  return static_cast<int>(std::lround(value / step));
}

}  // namespace

Pws2GridSettings pws2_grid_settings(std::size_t code) {
  const codes::Column& column = codes::columns.at(code);
  Pws2GridSettings settings;
  const auto voltage = [](codes::Row row) { return Pws2GridSettings::VoltageStage{row.level * 0.01, row.time * 0.01}; };
  const auto frequency = [](codes::Row row) {
    return Pws2GridSettings::FrequencyStage{row.level * 0.01, row.time * 0.1};
  };
  std::transform(column.overvoltage.begin(), column.overvoltage.end(), settings.overvoltage.begin(), voltage);
  std::transform(column.undervoltage.begin(), column.undervoltage.end(), settings.undervoltage.begin(), voltage);
  std::transform(column.overfrequency.begin(), column.overfrequency.end(), settings.overfrequency.begin(), frequency);
  std::transform(column.underfrequency.begin(), column.underfrequency.end(), settings.underfrequency.begin(),
                 frequency);
  settings.reconnect_delay_s = column.reconnect_delay_s;
  settings.ride_through = column.rides_through ? 1.0 : 0.0;
  settings.power_change_mode = ramps[code].power_change_mode;
  settings.soft_start_ramp = ramps[code].soft_start * 1e-4;
  settings.normal_ramp = ramps[code].normal * 1e-4;
  settings.reconnect_highest_pu = column.reconnect_high * 0.001;
  settings.reconnect_lowest_pu = column.reconnect_low * 0.001;
  settings.reconnect_highest_hz = column.reconnect_high_offset * 0.01;
  settings.reconnect_lowest_hz = column.reconnect_low_offset * 0.01;
  return settings;
}

std::optional<std::size_t> pws2_grid_code_number(std::string_view name) {
  const auto found = std::find_if(codes::columns.begin(), codes::columns.end(),
                                  [&](const codes::Column& column) { return column.name == name; });
  if (found == codes::columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - codes::columns.begin());
}

models::InterfaceProtection::Parameters pws2_protection(const Pws2GridSettings& settings,
                                                        const Pws2TripSwitches& switches) {
  codes::Column column;
  column.nominal_frequency_hz = switches.nominal_hz;
  const auto voltage = [](const Pws2GridSettings::VoltageStage& stage) {
    return codes::Row{steps(stage.level_pu, 0.01), steps(stage.time_s, 0.01)};
  };
  const auto frequency = [](const Pws2GridSettings::FrequencyStage& stage) {
    return codes::Row{steps(stage.above_nominal_hz, 0.01), steps(stage.time_s, 0.1)};
  };
  std::transform(settings.overvoltage.begin(), settings.overvoltage.end(), column.overvoltage.begin(), voltage);
  std::transform(settings.undervoltage.begin(), settings.undervoltage.end(), column.undervoltage.begin(), voltage);
  std::transform(settings.overfrequency.begin(), settings.overfrequency.end(), column.overfrequency.begin(), frequency);
  std::transform(settings.underfrequency.begin(), settings.underfrequency.end(), column.underfrequency.begin(),
                 frequency);
  column.rides_through = settings.ride_through != 0.0;
  column.reconnect_high = steps(settings.reconnect_highest_pu, 0.001);
  column.reconnect_low = steps(settings.reconnect_lowest_pu, 0.001);
  column.reconnect_high_offset = steps(settings.reconnect_highest_hz, 0.01);
  column.reconnect_low_offset = steps(settings.reconnect_lowest_hz, 0.01);
  models::InterfaceProtection::Parameters protection = codes::code(column).protection;
  if (switches.ten_minute_pu > 0.0) {
    auto& stages = protection.overvoltage;
    stages.entries.at(stages.count++) = {switches.ten_minute_pu, std::chrono::nanoseconds{0}, true};
  }
  if (switches.rate_of_change_hz_per_s > 0.0) {
    protection.rate_of_change_of_frequency = {
        models::TripStage{switches.rate_of_change_hz_per_s, rate_of_change_delay}};
  }
  return protection;
}

}  // namespace hil::sim
