#include "controller/devices/goodwe_et_monitoring.h"

#include <array>
#include <optional>

#include "controller/core/plant_view.h"

namespace hil::controller {
namespace {

using Value = const std::optional<double>&;

struct MonitoredField {
  std::uint16_t address = 0;
  std::uint8_t registers = 1;  ///< 2: high word first
  bool is_signed = false;
  double scale = 1.0;  ///< value = raw * scale
  void (*put)(DeviceView& device, Value value) = nullptr;
};

std::uint32_t bits(Value value) {
  return value ? static_cast<std::uint32_t>(*value) : 0U;
}
std::uint32_t with_low(std::uint32_t word, Value value) {
  return (word & 0xFFFF0000U) | bits(value);
}
std::uint32_t with_high(std::uint32_t word, Value value) {
  return (word & 0xFFFFU) | bits(value) << 16;
}

constexpr double tenth = 0.1;
constexpr double percent = 0.01;
constexpr double tenth_kwh = 100.0;  ///< in Wh

// clang-format off
/// Source: goodwe-et-modbus 3 and 5 (platform 205); all rows certain (C).
constexpr std::array monitored{
    //             address  n  signed  scale      quantity
    MonitoredField{35103, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[0].voltage_v = value; }},
    MonitoredField{35104, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[0].current_a = value; }},
    MonitoredField{35105, 2, false, 1.0,       [](DeviceView& device, Value value) { device.pv_inputs[0].power_w = value; }},
    MonitoredField{35107, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[1].voltage_v = value; }},
    MonitoredField{35108, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[1].current_a = value; }},
    MonitoredField{35109, 2, false, 1.0,       [](DeviceView& device, Value value) { device.pv_inputs[1].power_w = value; }},
    MonitoredField{35111, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[2].voltage_v = value; }},
    MonitoredField{35112, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[2].current_a = value; }},
    MonitoredField{35113, 2, false, 1.0,       [](DeviceView& device, Value value) { device.pv_inputs[2].power_w = value; }},
    MonitoredField{35115, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[3].voltage_v = value; }},
    MonitoredField{35116, 1, false, tenth,     [](DeviceView& device, Value value) { device.pv_inputs[3].current_a = value; }},
    MonitoredField{35117, 2, false, 1.0,       [](DeviceView& device, Value value) { device.pv_inputs[3].power_w = value; }},
    MonitoredField{35137, 2, true,  1.0,       [](DeviceView& device, Value value) { device.ac_injection_w = value; }},
    MonitoredField{35180, 1, false, tenth,     [](DeviceView& device, Value value) { device.battery_v = value; }},
    MonitoredField{35182, 2, true,  1.0,       [](DeviceView& device, Value value) { device.battery_discharge_w = value; }},
    MonitoredField{35187, 1, false, 1.0,       [](DeviceView& device, Value value) { device.work_mode = value; }},
    MonitoredField{35189, 2, false, 1.0,       [](DeviceView& device, Value value) { device.errors = bits(value); }},
    MonitoredField{35193, 2, false, tenth_kwh, [](DeviceView& device, Value value) { device.pv_today_wh = value; }},
    MonitoredField{35199, 1, false, tenth_kwh, [](DeviceView& device, Value value) { device.exported_today_wh = value; }},
    MonitoredField{35202, 1, false, tenth_kwh, [](DeviceView& device, Value value) { device.imported_today_wh = value; }},
    MonitoredField{35205, 1, false, tenth_kwh, [](DeviceView& device, Value value) { device.load_today_wh = value; }},
    MonitoredField{35208, 1, false, tenth_kwh, [](DeviceView& device, Value value) { device.battery_charge_today_wh = value; }},
    MonitoredField{35211, 1, false, tenth_kwh, [](DeviceView& device, Value value) { device.battery_discharge_today_wh = value; }},
    MonitoredField{37006, 1, false, 1.0,       [](DeviceView& device, Value value) { device.battery_alarms = with_low(device.battery_alarms, value); }},
    MonitoredField{37007, 1, false, percent,   [](DeviceView& device, Value value) { device.soc = value; }},
    MonitoredField{37010, 1, false, 1.0,       [](DeviceView& device, Value value) { device.battery_warnings = with_low(device.battery_warnings, value); }},
    MonitoredField{37012, 1, false, 1.0,       [](DeviceView& device, Value value) { device.battery_alarms = with_high(device.battery_alarms, value); }},
    MonitoredField{37013, 1, false, 1.0,       [](DeviceView& device, Value value) { device.battery_warnings = with_high(device.battery_warnings, value); }},
};
// clang-format on

constexpr bool ascending(std::span<const MonitoredField> fields) {
  for (std::size_t k = 1; k < fields.size(); ++k) {
    if (fields[k].address < fields[k - 1].address + fields[k - 1].registers) return false;
  }
  return true;
}
static_assert(ascending(monitored));

std::optional<double> value_of(const MonitoredField& field, std::span<const std::uint8_t> bytes) {
  std::uint32_t raw = 0;
  bool all_ones = true;
  for (const std::uint8_t byte : bytes) {
    raw = raw << 8 | byte;
    all_ones = all_ones && byte == 0xFF;
  }
  // -1 of a signed one is a value.
  if (field.is_signed) return static_cast<double>(static_cast<std::int32_t>(raw)) * field.scale;
  if (all_ones) return std::nullopt;
  return static_cast<double>(raw) * field.scale;
}

}  // namespace

void decode_monitoring(EtBlock block, std::span<const std::uint8_t> data, DeviceView& device) noexcept {
  const EtRange& range = et_ranges[static_cast<std::size_t>(block)];
  if (data.size() != std::size_t{2} * range.count) return;
  for (const MonitoredField& field : monitored) {
    if (field.address < range.first || field.address + field.registers > range.first + range.count) continue;
    const auto at = static_cast<std::size_t>(field.address - range.first);
    field.put(device, value_of(field, data.subspan(2 * at, std::size_t{2} * field.registers)));
  }
}

}  // namespace hil::controller
