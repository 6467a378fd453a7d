#include "sim/devices/server_quirks.h"

#include <algorithm>

#include "sim/wire/modbus_rtu.h"

namespace hil::sim {
namespace {

constexpr std::uint8_t read_holding = 0x03;
constexpr std::uint8_t read_input = 0x04;
constexpr std::uint8_t exception_flag = 0x80;

}  // namespace

bool ServerQuirks::too_long(std::span<const std::uint8_t> request_pdu) const {
  if (!parameters_.most_registers || request_pdu.size() != 5) return false;
  if (request_pdu[0] != read_holding && request_pdu[0] != read_input) return false;
  return (request_pdu[3] << 8 | request_pdu[4]) > *parameters_.most_registers;
}

std::size_t ServerQuirks::serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) {
  const bool rushed = parameters_.least_interval && last_request_ && now - *last_request_ < *parameters_.least_interval;
  last_request_ = now;
  if (rushed && last_length_ > 0 && !request_pdu.empty()) {
    std::copy_n(last_reply_.begin(), last_length_, reply.begin());
    reply[0] = request_pdu[0];
    return last_length_;
  }
  std::size_t length = 2;
  if (too_long(request_pdu)) {
    reply[0] = request_pdu[0] | exception_flag;
    reply[1] = static_cast<std::uint8_t>(ModbusException::illegal_address);
  } else {
    length = server_.serve(request_pdu, reply, now);
  }
  if (!parameters_.least_interval) return length;
  last_length_ = std::min(length, last_reply_.size());
  std::copy_n(reply.begin(), last_length_, last_reply_.begin());
  return length;
}

}  // namespace hil::sim
