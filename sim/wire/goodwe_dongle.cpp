#include "sim/wire/goodwe_dongle.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/wire/modbus_rtu.h"

namespace hil::sim {

namespace {

constexpr std::array<std::uint8_t, 2> mark{0xAA, 0x55};
constexpr std::uint8_t client_address = 0xC0;
constexpr std::uint8_t inverter_address = 0x7F;
constexpr std::size_t identity_bytes = 76;
constexpr std::size_t largest_pdu = 253;
/// Byte 63 of the worked identity (goodwe-et-modbus 12), which no document explains; the ARM firmware's name follows.
constexpr std::uint8_t version_mark = 0x03;
constexpr std::string_view discovery_text = "WIFIKIT-214028-READ";

std::uint16_t byte_sum(std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint16_t>(std::accumulate(bytes.begin(), bytes.end(), 0U));
}

/// Filled up with blanks.
void put_text(std::span<std::uint8_t> field, std::string_view text) {
  std::fill(field.begin(), field.end(), static_cast<std::uint8_t>(' '));
  std::copy_n(text.begin(), std::min(text.size(), field.size()), field.begin());
}

}  // namespace

GoodweDongle::GoodweDongle(ModbusServer& server, std::uint8_t unit, DongleIdentity identity)
    : server_(server), unit_(unit), identity_(std::move(identity)) {}

std::size_t GoodweDongle::answer(std::span<const std::uint8_t> datagram, Reply& reply, Time now) {
  if (datagram.size() >= mark.size() && std::equal(mark.begin(), mark.end(), datagram.begin())) {
    return answer_identity(datagram, reply);
  }
  if (datagram.size() > largest_rtu_frame || !has_valid_crc(datagram) || !takes(datagram.front())) return 0;
  std::copy(mark.begin(), mark.end(), reply.begin());
  const std::span<std::uint8_t> frame = std::span(reply).subspan(mark.size());
  const std::size_t pdu_bytes =
      server_.serve(datagram.subspan(1, datagram.size() - 3), frame.subspan(1, largest_pdu), now);
  if (pdu_bytes == 0) return 0;
  frame[0] = datagram.front();
  const std::uint16_t crc = modbus_crc(frame.first(1 + pdu_bytes));
  frame[1 + pdu_bytes] = static_cast<std::uint8_t>(crc & 0xFFU);
  frame[2 + pdu_bytes] = static_cast<std::uint8_t>(crc >> 8);
  return mark.size() + 1 + pdu_bytes + 2;
}

// AA 55, source, destination, control 01, function 02, length, data, sum of all before it.
std::size_t GoodweDongle::answer_identity(std::span<const std::uint8_t> request, Reply& reply) const {
  constexpr std::size_t shortest = 9;
  if (request.size() < shortest || request.size() != shortest + request[6]) return 0;
  const std::uint16_t sum = byte_sum(request.first(request.size() - 2));
  const bool sound = request[request.size() - 2] == sum >> 8 && request[request.size() - 1] == (sum & 0xFF);
  if (!sound || request[2] != client_address || request[3] != inverter_address || request[4] != 0x01 ||
      request[5] != 0x02)
    return 0;
  constexpr std::size_t header = 7;
  std::fill(reply.begin(), reply.end(), std::uint8_t{0});
  std::copy(mark.begin(), mark.end(), reply.begin());
  reply[2] = inverter_address;
  reply[3] = client_address;
  reply[4] = 0x01;
  reply[5] = 0x82;
  reply[6] = identity_bytes;
  const std::span<std::uint8_t> data = std::span(reply).subspan(header, identity_bytes);
  put_text(data.subspan(0, 5), identity_.firmware);
  put_text(data.subspan(5, 10), identity_.model);
  put_text(data.subspan(31, 16), identity_.serial);
  data[63] = version_mark;
  put_text(data.subspan(64), identity_.arm_name);
  const std::uint16_t reply_sum = byte_sum(std::span(reply).first(header + identity_bytes));
  reply[header + identity_bytes] = static_cast<std::uint8_t>(reply_sum >> 8);
  reply[header + identity_bytes + 1] = static_cast<std::uint8_t>(reply_sum & 0xFF);
  return header + identity_bytes + 2;
}

std::string discovery_reply(std::string_view datagram, std::string_view ip, std::string_view serial) {
  if (datagram != discovery_text) return {};
  // Fowler-Noll-Vo hash, 40 bits of it: any well-spread one would do, every machine must make the same.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : serial) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
  const std::string_view end_of_serial = serial.substr(serial.size() - std::min<std::size_t>(serial.size(), 8));
  return fmt::format("{},02{:010X},Solar-WiFi{}", ip, hash & 0xFFFFFFFFFFU, end_of_serial);
}

}  // namespace hil::sim
