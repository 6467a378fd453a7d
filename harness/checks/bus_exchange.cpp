#include "harness/checks/bus_exchange.h"

#include <algorithm>

#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

constexpr std::uint8_t exception_bit = 0x80;

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

}  // namespace

bool BusExchange::reads(sim::Table table) const {
  switch (table) {
    case sim::Table::coils:
      return function == 1;
    case sim::Table::discrete:
      return function == 2;
    case sim::Table::holding:
      return function == 3;
    case sim::Table::input:
      return function == 4;
    case sim::Table::single_write:
    case sim::Table::block_write:
      break;
  }
  return false;
}

bool BusExchange::writes(sim::Table table) const {
  if (table == sim::Table::holding) return function == 6 || function == 16;
  if (table == sim::Table::single_write) return function == 6;
  if (table == sim::Table::block_write) return function == 16;
  return table == sim::Table::coils && (function == 5 || function == 15);
}

bool BusExchange::covers(std::uint16_t first, int registers) const {
  return address <= first && int{address} + int{count} >= int{first} + registers;
}

void ExchangeFollower::request(const sim::SerialLine::FrameRecord& record) {
  if (open_) {
    open_ = false;
    former_unanswered_ = true;
    listener_.concluded(present_);
  }
  const auto bytes = record.bytes;
  if (!sim::has_valid_crc(bytes) || bytes.front() == sim::broadcast_address) {
    former_size_ = 0;
    return;
  }
  present_ = {};
  present_.unit = bytes[0];
  present_.function = bytes[1];
  present_.begin = record.begin;
  constexpr std::size_t with_address = 8;  // unit, function, address, count or value, CRC
  if (bytes.size() >= with_address) {
    present_.address = word_at(bytes, 2);
    const bool one = present_.function == 5 || present_.function == 6;
    present_.count = one ? std::uint16_t{1} : word_at(bytes, 4);
  }
  present_.repeated =
      former_unanswered_ && bytes.size() == former_size_ && std::equal(bytes.begin(), bytes.end(), former_.begin());
  former_size_ = std::min(bytes.size(), former_.size());
  std::copy_n(bytes.begin(), former_size_, former_.begin());
  former_unanswered_ = false;
  open_ = true;
  listener_.requested(present_);
}

void ExchangeFollower::frame(const sim::SerialLine::FrameRecord& record) {
  if (record.bytes.empty()) return;
  if (record.from_far_side) return request(record);
  if (!open_ || !sim::has_valid_crc(record.bytes) || record.bytes[0] != present_.unit) return;
  const std::uint8_t function = record.bytes[1];
  if ((function & ~exception_bit) != present_.function) return;
  open_ = false;
  present_.answered = true;
  present_.refused = (function & exception_bit) != 0;
  present_.answered_at = record.end;
  listener_.concluded(present_);
}

}  // namespace hil::harness
