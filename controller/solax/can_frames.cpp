#include "controller/solax/can_frames.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {
namespace {

constexpr std::uint32_t order_id = 0x1840'0000;
constexpr std::uint32_t interface_order_id = 0x1848'0000;
constexpr std::uint32_t status_id = 0x1850'0000;
constexpr std::uint32_t status_page_step = 0x0001'0000;
constexpr std::uint32_t interface_status_id = 0x1858'0000;
constexpr std::uint32_t most_numbers = 16;
constexpr std::uint32_t sender_shift = 8;

constexpr std::uint8_t follow_bit = 1;
constexpr std::uint8_t off_grid_bit = 2;
constexpr std::uint8_t fallback_bit = 1;
constexpr std::uint8_t grid_good_bit = 1;
constexpr std::uint8_t closed_bit = 2;

constexpr double ten = 10.0;
constexpr double thousand = 1000.0;
constexpr double hundred = 100.0;
constexpr Time tenth_of_a_second = std::chrono::milliseconds{100};

constexpr std::uint8_t normal = 2;
constexpr std::uint8_t off_grid_waiting = 6;
constexpr std::uint8_t off_grid_mode = 7;
constexpr std::uint8_t idle = 9;
constexpr std::uint8_t remote_control = 20;

double unsigned_at(const CanMessage& message, std::size_t place) {
  return static_cast<double>(message.data[place] << 8 | message.data[place + 1]);
}

double signed_at(const CanMessage& message, std::size_t place) {
  return static_cast<double>(static_cast<std::int16_t>(message.data[place] << 8 | message.data[place + 1]));
}

void put_signed(CanMessage& message, std::size_t place, double value) {
  constexpr double largest = 32767.0;
  const auto word = static_cast<std::uint16_t>(std::lround(std::clamp(value, -largest, largest)));
  message.data[place] = static_cast<std::uint8_t>(word >> 8);
  message.data[place + 1] = static_cast<std::uint8_t>(word);
}

std::uint8_t tenths(Time time) {
  constexpr std::int64_t most = 255;
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(time / tenth_of_a_second, 1, most));
}

}  // namespace

bool SolaxReadings::feeds() const {
  return run_mode == normal || run_mode == idle || run_mode == remote_control;
}

bool SolaxReadings::off_grid() const {
  return run_mode == off_grid_waiting || run_mode == off_grid_mode;
}

std::optional<StatusHeard> status_in(const CanMessage& message) noexcept {
  constexpr std::uint8_t page_length = 8;
  constexpr std::uint8_t last_page_length = 6;
  if (message.id < status_id) return std::nullopt;
  const std::uint32_t page = (message.id - status_id) / status_page_step;
  const std::uint32_t number = (message.id - status_id) % status_page_step;
  if (page >= status_pages || number >= most_numbers) return std::nullopt;
  if (message.length < (page + 1 == status_pages ? last_page_length : page_length)) return std::nullopt;
  return StatusHeard{number, page};
}

void decode_status(const CanMessage& message, std::size_t page, SolaxReadings& readings) noexcept {
  if (page == 0) {
    readings.ac_injection_w = signed_at(message, 0);
    readings.battery_discharge_w = signed_at(message, 2);
    readings.pv_w = unsigned_at(message, 4);
    readings.pv_offered_w = unsigned_at(message, 6);
  } else if (page == 1) {
    readings.max_charge_w = unsigned_at(message, 0);
    readings.max_discharge_w = unsigned_at(message, 2);
    readings.capacity_wh = ten * unsigned_at(message, 4);
    readings.rated_w = ten * unsigned_at(message, 6);
  } else {
    readings.soc = unsigned_at(message, 0) / thousand;
    readings.soc_floor = message.data[2] / hundred;
    readings.run_mode = message.data[3];
    readings.order_followed = message.data[4];
    readings.in_fallback = (message.data[5] & fallback_bit) != 0;
  }
}

std::optional<InterfaceReadings> decode_interface(const CanMessage& message) noexcept {
  if (message.id != interface_status_id || message.length < 1) return std::nullopt;
  return InterfaceReadings{.grid_good = (message.data[0] & grid_good_bit) != 0,
                           .closed = (message.data[0] & closed_bit) != 0};
}

CanMessage encode_order(std::size_t from, std::size_t to, const SolaxUnitOrder& order) noexcept {
  CanMessage message;
  message.id = order_id + (static_cast<std::uint32_t>(from) << sender_shift) + static_cast<std::uint32_t>(to);
  message.length = 7;
  put_signed(message, 0, order.ac_injection_w);
  message.data[2] = order.sequence;
  message.data[3] = tenths(order.valid_for);
  message.data[4] = static_cast<std::uint8_t>((order.follow ? follow_bit : 0) | (order.off_grid ? off_grid_bit : 0));
  put_signed(message, 5, order.injection_var);
  return message;
}

CanMessage encode_interface_order(std::size_t from, const InterfaceOrder& order) noexcept {
  CanMessage message;
  message.id = interface_order_id + (static_cast<std::uint32_t>(from) << sender_shift);
  message.length = 3;
  message.data[0] = order.connect ? 1 : 0;
  message.data[1] = order.sequence;
  message.data[2] = tenths(order.valid_for);
  return message;
}

}  // namespace hil::controller
