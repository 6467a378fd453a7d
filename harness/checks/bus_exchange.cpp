#include "harness/checks/bus_exchange.h"

#include <algorithm>

#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

constexpr std::uint8_t exception_bit = 0x80;
/// Function and first register, and the unit before them.
constexpr std::size_t pdu_head = 3;
constexpr std::size_t rtu_head = 4;

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

/// Function, first register and how many, where it has them.
void take_pdu(BusExchange& exchange, std::span<const std::uint8_t> pdu) {
  exchange.function = pdu[0];
  constexpr std::size_t with_address = 5;  // function, address, count or value
  if (pdu.size() < with_address) return;
  exchange.address = word_at(pdu, 1);
  const bool one = exchange.function == 5 || exchange.function == 6;
  exchange.count = one ? std::uint16_t{1} : word_at(pdu, 3);
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

bool FormerRequest::repeated_by(std::span<const std::uint8_t> head) {
  const bool repeated = unanswered_ && std::equal(head.begin(), head.end(), bytes_.begin(), bytes_.begin() + size_);
  size_ = std::min(head.size(), bytes_.size());
  std::copy_n(head.begin(), size_, bytes_.begin());
  unanswered_ = false;
  return repeated;
}

void ExchangeFollower::request(const sim::SerialLine::FrameRecord& record) {
  if (open_) {
    open_ = false;
    former_.stayed_unanswered();
    listener_.concluded(present_);
  }
  const auto bytes = record.bytes;
  if (!sim::has_valid_crc(bytes) || bytes.front() == sim::broadcast_address) {
    former_.forget();
    return;
  }
  constexpr std::size_t crc_bytes = 2;
  present_ = {};
  present_.unit = bytes[0];
  present_.begin = record.begin;
  take_pdu(present_, bytes.subspan(1, bytes.size() - 1 - crc_bytes));
  present_.repeated = former_.repeated_by(bytes.first(std::min(bytes.size() - crc_bytes, rtu_head)));
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

void TcpExchangeFollower::exchange(const TcpExchange& part) {
  if (!part.over) {
    present_ = {};
    present_.unit = part.unit;
    present_.on_network = true;
    present_.begin = part.at;
    take_pdu(present_, part.request);
    present_.repeated = former_.repeated_by(std::span(part.request).first(std::min(part.request.size(), pdu_head)));
    listener_.requested(present_);
    return;
  }
  present_.answered = part.outcome == EmsMaster::Outcome::reply;
  present_.refused = present_.answered && (part.reply[0] & exception_bit) != 0;
  present_.answered_at = part.at;
  if (!present_.answered) former_.stayed_unanswered();
  listener_.concluded(present_);
}

}  // namespace hil::harness
