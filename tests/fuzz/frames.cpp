#include "tests/fuzz/frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hil::fuzz {

namespace {

constexpr std::size_t largest_pdu = 253;

int word_at(Frame bytes, std::size_t at) {
  return bytes[at] * 256 + bytes[at + 1];
}

bool is_known(unsigned function) {
  return (function >= 1 && function <= 6) || function == 15 || function == 16;
}

bool is_exception_code(unsigned code) {
  return (code >= 1 && code <= 6) || code == 0x0A || code == 0x0B;
}

/// Bytes of a read's data or of a write's values.
std::size_t data_bytes(unsigned function, int count) {
  const auto items = static_cast<std::size_t>(count);
  const bool bits = function == 1 || function == 2 || function == 15;
  return bits ? (items + 7) / 8 : 2 * items;
}

int largest_count(unsigned function) {
  switch (function) {
    case 1:
    case 2:
      return 2000;
    case 3:
    case 4:
      return 125;
    case 15:
      return 1968;
    default:
      return 123;
  }
}

}  // namespace

std::uint16_t crc_of(Frame bytes) {
  unsigned crc = 0xFFFF;
  for (const unsigned byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      const bool carry = crc % 2 == 1;
      crc /= 2;
      if (carry) crc ^= 0xA001;
    }
  }
  return static_cast<std::uint16_t>(crc);
}

bool is_sound_rtu(Frame frame) {
  if (frame.size() < 4 || frame.size() > 256) return false;
  const unsigned crc = crc_of(frame.first(frame.size() - 2));
  return frame[frame.size() - 2] + 256U * frame[frame.size() - 1] == crc;
}

std::vector<std::uint8_t> with_crc(std::vector<std::uint8_t> frame) {
  const unsigned crc = crc_of(frame);
  frame.push_back(static_cast<std::uint8_t>(crc % 256));
  frame.push_back(static_cast<std::uint8_t>(crc / 256));
  return frame;
}

Request request_of(Frame pdu) {
  Request request;
  if (pdu.size() < 5 || !is_known(pdu[0])) return request;
  const unsigned function = pdu[0];
  request.writes = function > 4;
  request.first = word_at(pdu, 1);
  if (function == 5 || function == 6) {
    request.count = 1;
    request.sound = pdu.size() == 5 && (function == 6 || word_at(pdu, 3) == 0xFF00 || word_at(pdu, 3) == 0);
    return request;
  }
  request.count = word_at(pdu, 3);
  request.sound = request.count >= 1 && request.count <= largest_count(function);
  if (function <= 4) {
    request.sound = request.sound && pdu.size() == 5;
  } else {
    const std::size_t data = data_bytes(function, request.count);
    request.sound = request.sound && pdu.size() == 6 + data && pdu[5] == data;
  }
  return request;
}

std::string fault_of_reply(Frame request_pdu, Frame reply_pdu) {
  const unsigned function = request_pdu[0];
  if (reply_pdu.size() < 2 || reply_pdu.size() > largest_pdu) return fmt::format("{} bytes of PDU", reply_pdu.size());
  if (reply_pdu.size() == 2 && reply_pdu[0] == (function | 0x80U)) {
    const unsigned code = reply_pdu[1];
    if (!is_exception_code(code)) return fmt::format("exception code {}", code);
    if (!is_known(function) && code != 1) return fmt::format("exception {} to an unknown function", code);
    return {};
  }
  if (reply_pdu[0] != function) return fmt::format("function {} to function {}", reply_pdu[0], function);
  const Request request = request_of(request_pdu);
  if (!request.sound) return "carries out an unsound request";
  if (request.writes) {
    const bool echoes = reply_pdu.size() == 5 && std::equal(reply_pdu.begin(), reply_pdu.end(), request_pdu.begin());
    return echoes ? "" : "does not echo the head of the write";
  }
  const std::size_t data = data_bytes(function, request.count);
  if (reply_pdu.size() != 2 + data || reply_pdu[1] != data) return "length does not fit the count";
  const int bits_over = function <= 2 ? request.count % 8 : 0;
  if (bits_over != 0 && reply_pdu.back() >> bits_over != 0) return "bits beyond the count are set";
  return {};
}

std::string fault_of_rtu_reply(Frame request, Frame reply) {
  if (!is_sound_rtu(reply)) return "length or CRC";
  if (reply[0] != request[0]) return fmt::format("unit {} to unit {}", reply[0], request[0]);
  return fault_of_reply(request.subspan(1, request.size() - 3), reply.subspan(1, reply.size() - 3));
}

std::vector<std::uint8_t> read_pdu(int first, int count) {
  return {3, static_cast<std::uint8_t>(first / 256), static_cast<std::uint8_t>(first % 256), 0,
          static_cast<std::uint8_t>(count)};
}

std::string hex(Frame bytes) {
  return fmt::format("{:02X}", fmt::join(bytes, " "));
}

}  // namespace hil::fuzz
