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
    mode = *battery_discharge_w < 0.0 ? EmsMode::charge_battery : EmsMode::discharge_and_pv;
    order.words[3] = to_order_w(std::round(std::abs(*battery_discharge_w)));
  }
  order.words[2] = static_cast<std::uint16_t>(mode);
  return order;
}

EtOrder encode_draw(double draw_w) noexcept {
  return {{1, 0, static_cast<std::uint16_t>(EmsMode::import_ac), to_order_w(std::round(draw_w))}};
}

EtOrder encode_stop() noexcept {
  return {{1, 0, static_cast<std::uint16_t>(EmsMode::stopped), 0}};
}

EtReactive encode_reactive(double power_factor, double reactive_share) noexcept {
  constexpr double lowest_factor = 0.8;
  constexpr double largest_share = 0.6;
  const double percent = std::round(100.0 * std::clamp(std::abs(power_factor), lowest_factor, 1.0));
  // 80..99 is 0.80..0.99 leading, 1..20 is 0.99..0.80 lagging, 100 is 1.
  const double code = power_factor < 0.0 && percent < 100.0 ? 100.0 - percent : percent;
  const double share = std::round(1000.0 * std::clamp(reactive_share, -largest_share, largest_share));
  return {{static_cast<std::uint16_t>(code), static_cast<std::uint16_t>(static_cast<std::int16_t>(share))}};
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
  return order.words[2] == static_cast<std::uint16_t>(EmsMode::discharge_and_pv) ? power_w : 0.0;
}

Request read_request(std::uint8_t address, EtBlock block, bool again) noexcept {
  const EtRange range = again ? repeated_range(block) : et_ranges[static_cast<std::size_t>(block)];
  return {address, Function::read, range.first, range.count, {}};
}

Request order_request(std::uint8_t address, const EtOrder& order, OrderForm form) noexcept {
  const std::uint16_t skipped = form == OrderForm::whole ? 0 : 1;
  Request request{address,
                  Function::write_several,
                  static_cast<std::uint16_t>(et_first_order + skipped),
                  static_cast<std::uint16_t>(et_order_registers - skipped),
                  {}};
  std::copy(order.words.begin() + skipped, order.words.end(), request.values.begin());
  return request;
}

Request reactive_request(std::uint8_t address, const EtReactive& reactive) noexcept {
  Request request{address, Function::write_several, et_first_reactive, 2, {}};
  std::copy(reactive.words.begin(), reactive.words.end(), request.values.begin());
  return request;
}

std::optional<EtOrder> decode_order(std::span<const std::uint8_t> data) noexcept {
  const EtRange& range = et_ranges[static_cast<std::size_t>(EtBlock::order)];
  if (data.size() / 2 != range.count) return std::nullopt;
  EtOrder order;
  for (std::size_t k = 0; k < order.words.size(); ++k) {
    order.words[k] = word_at(data, static_cast<std::size_t>(et_first_order - range.first) + k);
  }
  return order;
}

void decode_block(EtBlock block, std::span<const std::uint8_t> data, EtValues& values) noexcept {
  const EtRange& range = et_ranges[static_cast<std::size_t>(block)];
  if (data.size() / 2 != range.count && data.size() / 2 != repeated_range(block).count) return;
  for (const EtField& field : et_fields) {
    if (field.address < range.first || field.address + registers_of(field.encoding) > range.first + range.count) {
      continue;
    }
    values.of[static_cast<std::size_t>(field.quantity)] =
        raw_at(data, static_cast<std::size_t>(field.address - range.first), field.encoding) * field.scale;
  }
}

}  // namespace hil::controller
