#include "sim/devices/solax_can.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace hil::sim {
namespace {

constexpr std::uint32_t orders = 0x1840;
constexpr std::uint32_t interface_orders = 0x1848;
constexpr std::uint32_t statuses = 0x1850'0000;
constexpr std::uint32_t next_page = 0x1'0000;
constexpr std::uint32_t interface_status = 0x1858'0000;
constexpr Time tenth = std::chrono::milliseconds{100};

CanFrame frame_of(std::uint32_t id, std::initializer_list<long> words) {
  CanFrame frame;
  frame.id = id;
  frame.extended = true;
  for (const long word : words) {
    frame.data[frame.length++] = static_cast<std::uint8_t>(word >> 8 & 0xFF);
    frame.data[frame.length++] = static_cast<std::uint8_t>(word & 0xFF);
  }
  return frame;
}

long positive(double value) {
  return std::lround(std::clamp(value, 0.0, 65535.0));
}
long either(double value) {
  return std::lround(std::clamp(value, -32767.0, 32767.0));
}
long bytes(double high, double low) {
  return std::lround(std::clamp(high, 0.0, 255.0)) * 256 + std::lround(std::clamp(low, 0.0, 255.0));
}

bool is_data(const CanFrame& frame, std::uint32_t high_part, std::uint8_t length) {
  return frame.extended && !frame.remote && frame.id >> 16 == high_part && frame.length >= length;
}

}  // namespace

std::array<CanFrame, SolaxStatus::pages> SolaxStatus::frames(std::size_t number) const {
  const auto page = [number](std::uint32_t index) {
    return statuses + index * next_page + static_cast<std::uint32_t>(number);
  };
  return {
      frame_of(page(0), {either(ac_injection_w), either(battery_discharge_w), positive(pv_w), positive(pv_offered_w)}),
      frame_of(page(1), {positive(max_charge_w), positive(max_discharge_w), positive(capacity_wh / 10.0),
                         positive(rated_w / 10.0)}),
      frame_of(page(2), {positive(soc * 1000.0), bytes(soc_floor * 100.0, run_mode),
                         bytes(order_followed, in_fallback ? 1.0 : 0.0)})};
}

std::optional<SolaxCanOrder> SolaxCanOrder::of(const CanFrame& frame, std::size_t number) {
  if (!is_data(frame, orders, 7) || (frame.id & 0xFF) != number) return std::nullopt;
  SolaxCanOrder order;
  order.ac_injection_w = static_cast<std::int16_t>(frame.data[0] * 256 + frame.data[1]);
  order.sequence = frame.data[2];
  order.valid_for = frame.data[3] * tenth;
  order.follow = frame.data[4] % 2 == 1;
  order.off_grid = frame.data[4] / 2 % 2 == 1;
  order.injection_var = static_cast<std::int16_t>(frame.data[5] * 256 + frame.data[6]);
  return order;
}

CanFrame SolaxInterfaceStatus::frame() const {
  CanFrame frame;
  frame.id = interface_status;
  frame.extended = true;
  frame.length = 1;
  frame.data[0] = static_cast<std::uint8_t>((grid_good ? 1 : 0) + (closed ? 2 : 0));
  return frame;
}

std::optional<SolaxInterfaceOrder> SolaxInterfaceOrder::of(const CanFrame& frame) {
  if (!is_data(frame, interface_orders, 3)) return std::nullopt;
  return SolaxInterfaceOrder{
      .connect = frame.data[0] == 1, .sequence = frame.data[1], .valid_for = frame.data[2] * tenth};
}

bool SolaxFollower::in_fallback(Time now) const {
  return !order_ || now - heard_at_ >= std::min(patience_, order_->valid_for);
}

std::optional<double> SolaxFollower::ordered_ac_w(Time now) const {
  if (in_fallback(now) || !order_->follow) return std::nullopt;
  return order_->ac_injection_w;
}

}  // namespace hil::sim
