#include "sim/wire/modbus_tcp.h"

#include <algorithm>

namespace hil::sim {

namespace {

constexpr std::size_t shortest_length = 2;                      // unit and function
constexpr std::size_t longest_length = 1 + largest_modbus_pdu;  // unit and PDU
constexpr std::size_t bytes_before_length = 6;                  // what the length field does not count

std::size_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at] << 8 | bytes[at + 1]);
}

}  // namespace

std::span<std::uint8_t> ModbusTcpFramer::room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (buffer_.size() - end_ < largest_tcp_frame) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(buffer_).subspan(end_);
}

ModbusTcpFramer::Next ModbusTcpFramer::next(Request& request) {
  const std::span<const std::uint8_t> waiting = std::span(buffer_).subspan(begin_, end_ - begin_);
  if (waiting.size() < mbap_header_bytes) return Next::incomplete;
  const std::size_t length = word_at(waiting, 4);
  if (word_at(waiting, 2) != 0 || length < shortest_length || length > longest_length) return Next::broken;
  if (waiting.size() < bytes_before_length + length) return Next::incomplete;
  request.transaction = static_cast<std::uint16_t>(word_at(waiting, 0));
  request.unit = waiting[bytes_before_length];
  request.pdu = waiting.subspan(mbap_header_bytes, length - 1);
  begin_ += bytes_before_length + length;
  return Next::request;
}

void put_word(std::span<std::uint8_t> bytes, std::size_t at, std::size_t word) {
  bytes[at] = static_cast<std::uint8_t>(word >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(word);
}

std::size_t complete_tcp_reply(const ModbusTcpFramer::Request& request, std::size_t pdu_bytes,
                               std::span<std::uint8_t> frame) {
  put_word(frame, 0, request.transaction);
  put_word(frame, 2, 0);
  put_word(frame, 4, 1 + pdu_bytes);
  frame[bytes_before_length] = request.unit;
  return mbap_header_bytes + pdu_bytes;
}

}  // namespace hil::sim
