#include "controller/devices/goodwe_et_registers.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hil::controller {
namespace {

std::uint16_t word_at(std::span<const std::uint8_t> data, std::size_t index) {
  return static_cast<std::uint16_t>(data[2 * index] << 8 | data[2 * index + 1]);
}

double raw_at(std::span<const std::uint8_t> data, std::size_t index, Encoding encoding) {
  if (encoding == Encoding::u16) return word_at(data, index);
  const std::uint32_t both = static_cast<std::uint32_t>(word_at(data, index)) << 16 | word_at(data, index + 1);
  return std::bit_cast<std::int32_t>(both);
}

std::uint16_t to_order_w(double value_w) {
  return static_cast<std::uint16_t>(std::clamp(value_w, 0.0, et_largest_order_w));
}

}  // namespace

EtOrder encode_order(bool limit_enabled, double limit_w, std::optional<double> battery_discharge_w) noexcept {
  EtOrder order;
  order.words[0] = limit_enabled ? 1 : 0;
  order.words[1] = to_order_w(limit_enabled ? limit_w : et_largest_order_w);
  EmsMode mode = EmsMode::battery_standby;
  if (battery_discharge_w) {
    mode = *battery_discharge_w < 0.0 ? EmsMode::charge_battery : EmsMode::discharge_battery;
    order.words[3] = to_order_w(std::round(std::abs(*battery_discharge_w)));
  }
  order.words[2] = static_cast<std::uint16_t>(mode);
  return order;
}

bool has_limit(const EtOrder& order) noexcept {
  return order.words[0] != 0;
}

double limit_of(const EtOrder& order) noexcept {
  return order.words[0] == 0 ? et_largest_order_w : static_cast<double>(order.words[1]);
}

double battery_discharge_of(const EtOrder& order) noexcept {
  const double power_w = order.words[3];
  if (order.words[2] == static_cast<std::uint16_t>(EmsMode::charge_battery)) return -power_w;
  return order.words[2] == static_cast<std::uint16_t>(EmsMode::discharge_battery) ? power_w : 0.0;
}

Request read_request(std::uint8_t address, EtBlock block) noexcept {
  const EtRange& range = et_ranges[static_cast<std::size_t>(block)];
  return {address, Function::read, range.first, range.count, {}};
}

Request order_request(std::uint8_t address, const EtOrder& order) noexcept {
  Request request{address, Function::write_several, et_first_order, et_order_registers, {}};
  std::copy(order.words.begin(), order.words.end(), request.values.begin());
  return request;
}

void decode_block(EtBlock block, std::span<const std::uint8_t> data, EtValues& values) noexcept {
  const EtRange& range = et_ranges[static_cast<std::size_t>(block)];
  if (data.size() / 2 != range.count) return;
  for (const EtField& field : et_fields) {
    if (field.address < range.first || field.address + registers_of(field.encoding) > range.first + range.count) {
      continue;
    }
    values.of[static_cast<std::size_t>(field.quantity)] =
        raw_at(data, static_cast<std::size_t>(field.address - range.first), field.encoding) * field.scale;
  }
}

Request meter_request(std::uint8_t address) noexcept {
  return {address, Function::read, meter_first, meter_count, {}};
}

double decode_grid_import_w(std::span<const std::uint8_t> data) noexcept {
  constexpr std::size_t total_index = 0x000C - meter_first;
  return raw_at(data, total_index, Encoding::s32_high_first);
}

}  // namespace hil::controller
