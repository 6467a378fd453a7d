#include "controller/devices/modbus_frames.h"

#include <array>

namespace hil::controller {
namespace {

/// What eight shifts make of each byte: 512 bytes of flash for a check that runs over every byte heard.
constexpr std::array<std::uint16_t, 256> crc_of_byte = [] {
  constexpr std::uint16_t polynomial = 0xA001;
  std::array<std::uint16_t, 256> shifted{};
  for (std::size_t byte = 0; byte < shifted.size(); ++byte) {
    auto crc = static_cast<std::uint16_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      const bool carry = (crc & 1) != 0;
      crc = static_cast<std::uint16_t>(crc >> 1);
      if (carry) crc = static_cast<std::uint16_t>(crc ^ polynomial);
    }
    shifted[byte] = crc;
  }
  return shifted;
}();

constexpr std::size_t exception_size = 5;

std::uint8_t high(std::uint16_t word) {
  return static_cast<std::uint8_t>(word >> 8);
}
std::uint8_t low(std::uint16_t word) {
  return static_cast<std::uint8_t>(word & 0xFF);
}

bool crc_fits(std::span<const std::uint8_t> frame) {
  const std::uint16_t crc = frame_crc(frame.first(frame.size() - 2));
  return frame[frame.size() - 2] == low(crc) && frame[frame.size() - 1] == high(crc);
}

/// A write is answered by its own first register and its value (06) or count (16).
bool echo_fits(const Request& request, std::span<const std::uint8_t> frame) {
  const std::uint16_t last_word = request.function == Function::write_one ? request.values[0] : request.count;
  return frame[2] == high(request.first) && frame[3] == low(request.first) && frame[4] == high(last_word) &&
         frame[5] == low(last_word);
}

bool is_answer(const Request& request, std::span<const std::uint8_t> frame) {
  if (frame[1] != static_cast<std::uint8_t>(request.function)) return false;
  const bool body_fits = reads(request.function) ? frame[2] == 2 * request.count : echo_fits(request, frame);
  return body_fits && crc_fits(frame);
}

bool is_exception(const Request& request, std::span<const std::uint8_t> frame) {
  return frame[1] == (static_cast<std::uint8_t>(request.function) | exception_flag) && crc_fits(frame);
}

}  // namespace

std::uint16_t frame_crc(std::span<const std::uint8_t> bytes) noexcept {
  std::uint16_t crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    crc = static_cast<std::uint16_t>(crc >> 8 ^ crc_of_byte[(crc ^ byte) & 0xFF]);
  }
  return crc;
}

std::size_t request_size(const Request& request) noexcept {
  return request.function == Function::write_several ? 9U + 2U * request.count : 8U;
}

std::size_t reply_size(const Request& request) noexcept {
  return reads(request.function) ? 5U + 2U * request.count : 8U;
}

std::size_t build_request(const Request& request, std::span<std::uint8_t> frame) noexcept {
  const std::size_t size = request_size(request);
  const bool too_many = !reads(request.function) && request.count > max_written_registers;
  if (size > frame.size() || too_many) return 0;
  frame[0] = request.address;
  frame[1] = static_cast<std::uint8_t>(request.function);
  frame[2] = high(request.first);
  frame[3] = low(request.first);
  const std::uint16_t word = request.function == Function::write_one ? request.values[0] : request.count;
  frame[4] = high(word);
  frame[5] = low(word);
  if (request.function == Function::write_several) {
    frame[6] = static_cast<std::uint8_t>(2 * request.count);
    for (std::size_t k = 0; k < request.count; ++k) {
      frame[7 + 2 * k] = high(request.values[k]);
      frame[8 + 2 * k] = low(request.values[k]);
    }
  }
  const std::uint16_t crc = frame_crc(frame.first(size - 2));
  frame[size - 2] = low(crc);
  frame[size - 1] = high(crc);
  return size;
}

Reply find_reply(const Request& request, std::span<const std::uint8_t> heard) noexcept {
  const std::size_t answer_size = reply_size(request);
  for (std::size_t at = 0; at + exception_size <= heard.size(); ++at) {
    if (heard[at] != request.address) continue;
    const auto rest = heard.subspan(at);
    if (rest.size() >= answer_size && is_answer(request, rest.first(answer_size))) {
      const std::size_t data = reads(request.function) ? 2U * request.count : 0U;
      return {Reply::Kind::answer, 0, rest.subspan(3, data)};
    }
    if (is_exception(request, rest.first(exception_size))) return {Reply::Kind::exception, rest[2], {}};
  }
  return {};
}

}  // namespace hil::controller
