#include "sim/wire/modbus_tcp_answer.h"

#include "sim/wire/goodwe_dongle.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::sim {

std::size_t answer_on_tcp(ModbusServer& server, std::uint8_t unit, const ModbusTcpFramer::Request& request,
                          std::span<std::uint8_t> frame, Time now) {
  constexpr std::uint8_t exception_bit = 0x80;
  const std::span<std::uint8_t> reply = frame.subspan(mbap_header_bytes, largest_modbus_pdu);
  std::size_t length = 0;
  if (request.unit == unit || request.unit == dongle_unit) {
    length = server.serve(request.pdu, reply, now);
  } else {
    reply[0] = static_cast<std::uint8_t>(request.pdu.front() | exception_bit);
    reply[1] = static_cast<std::uint8_t>(ModbusException::gateway_target);
    length = 2;
  }
  return length == 0 ? 0 : complete_tcp_reply(request, length, frame);
}

}  // namespace hil::sim
