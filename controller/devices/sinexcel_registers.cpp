#include "controller/devices/sinexcel_registers.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {
namespace {

constexpr double w_per_count = 100.0;  // 0.1 kW and 0.1 kvar
constexpr std::uint16_t running_bit = 1U << 0U;
constexpr std::uint16_t warning_bit = 1U << 9U;
constexpr std::uint16_t fault_bit = 1U << 10U;

constexpr std::uint16_t word_of_states = 53010;
constexpr std::uint16_t word_of_faults = 53011;
constexpr std::uint16_t word_of_active_power = 53027;
constexpr std::uint16_t word_of_reactive_power = 53028;

constexpr std::array<std::uint16_t, pcs_setting_count> setting_addresses{53600, 53601, 53636, 53620, 53622, 53623};
constexpr std::uint16_t first_setting = 53600;
constexpr std::uint16_t setting_span = 37;

constexpr double v_per_count = 0.1;
constexpr std::uint16_t first_limit = 53653;  // of string 1
constexpr std::uint16_t limits_span = 8;
constexpr std::uint16_t limits_stride = 30;
constexpr std::uint16_t first_battery_voltage = 53040;  // of string 1
constexpr std::uint16_t first_string_state = 53043;
constexpr std::uint16_t first_string_start = 53920;
constexpr std::uint16_t string_stride = 10;

/// Register `address` of a block that begins at `first`; 0 beyond its end.
std::uint16_t word_at(std::span<const std::uint8_t> data, std::uint16_t first, std::uint16_t address) {
  const std::size_t at = 2U * (static_cast<std::size_t>(address) - first);
  if (at + 1 >= data.size()) return 0;
  return static_cast<std::uint16_t>(data[at] << 8U | data[at + 1]);
}

double signed_power(std::uint16_t word) {
  return w_per_count * static_cast<double>(static_cast<std::int16_t>(word));
}

std::uint16_t power_word(double power) {
  constexpr double largest = 32767.0;
  const double counts = std::clamp(power / w_per_count, -largest, largest);
  return static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(counts)));
}

std::uint16_t of_string(std::uint16_t first, std::uint16_t stride, std::size_t string) {
  return static_cast<std::uint16_t>(first + stride * (string - 1));
}

Request write_one(std::uint8_t address, std::uint16_t reg, std::uint16_t word) {
  return {.address = address, .function = Function::write_one, .first = reg, .count = 1, .values = {word}};
}

}  // namespace

Request pcs_status_request(std::uint8_t address) noexcept {
  return {.address = address, .function = Function::read, .first = pcs_first_status, .count = pcs_status_count};
}

PcsStatus decode_pcs_status(std::span<const std::uint8_t> data) noexcept {
  const auto word = [data](std::uint16_t address) { return word_at(data, pcs_first_status, address); };
  return {.running = (word(word_of_states) & running_bit) != 0,
          .warning = (word(word_of_faults) & warning_bit) != 0,
          .fault_latched = (word(word_of_faults) & fault_bit) != 0,
          .ac_injection_w = signed_power(word(word_of_active_power)),
          .ac_injection_var = signed_power(word(word_of_reactive_power))};
}

Request pcs_command_request(std::uint8_t address, PcsCommand command) noexcept {
  return write_one(address, static_cast<std::uint16_t>(command), 1);
}

PcsWords encode_pcs_settings(bool off_grid, double ac_injection_w, double ac_injection_var) noexcept {
  constexpr std::uint16_t by_ac_power = 0;
  constexpr std::uint16_t constant_power = 0;
  constexpr std::uint16_t constant_reactive = 1;
  return {static_cast<std::uint16_t>(off_grid ? 1 : 0),
          by_ac_power,
          constant_power,
          constant_reactive,
          power_word(ac_injection_w),
          power_word(ac_injection_var)};
}

double ac_injection_w_of(const PcsWords& words) noexcept {
  return signed_power(words[static_cast<std::size_t>(PcsSetting::active_power)]);
}

Request pcs_setting_request(std::uint8_t address, PcsSetting setting, std::uint16_t word) noexcept {
  return write_one(address, setting_addresses[static_cast<std::size_t>(setting)], word);
}

Request pcs_settings_request(std::uint8_t address) noexcept {
  return {.address = address, .function = Function::read, .first = first_setting, .count = setting_span};
}

PcsWords decode_pcs_settings(std::span<const std::uint8_t> data) noexcept {
  PcsWords words{};
  for (std::size_t k = 0; k < words.size(); ++k) words[k] = word_at(data, first_setting, setting_addresses[k]);
  return words;
}

Request pcs_limits_request(std::uint8_t address, std::size_t string) noexcept {
  return {.address = address,
          .function = Function::read,
          .first = of_string(first_limit, limits_stride, string),
          .count = limits_span};
}

PcsBatteryLimits decode_pcs_limits(std::span<const std::uint8_t> data) noexcept {
  const auto volts = [data](std::uint16_t address) { return v_per_count * word_at(data, first_limit, address); };
  return {.lower_limit_v = volts(53653),
          .end_of_discharge_v = volts(53655),
          .float_v = volts(53659),
          .topping_v = volts(53660)};
}

Request pcs_strings_request(std::uint8_t address, std::size_t strings) noexcept {
  const std::uint16_t last =
      strings == 1 ? first_battery_voltage : of_string(first_string_state, string_stride, strings);
  return {.address = address,
          .function = Function::read,
          .first = first_battery_voltage,
          .count = static_cast<std::uint16_t>(last - first_battery_voltage + 1)};
}

PcsString decode_pcs_string(std::span<const std::uint8_t> data, std::size_t string) noexcept {
  const auto word = [data, string](std::uint16_t first) {
    return word_at(data, first_battery_voltage, of_string(first, string_stride, string));
  };
  return {.battery_v = v_per_count * word(first_battery_voltage),
          .running = (word(first_string_state) & running_bit) != 0,
          .fault_latched = (word(first_string_state) & fault_bit) != 0};
}

Request pcs_string_start_request(std::uint8_t address, std::size_t string) noexcept {
  return write_one(address, of_string(first_string_start, string_stride, string), 1);
}

}  // namespace hil::controller
