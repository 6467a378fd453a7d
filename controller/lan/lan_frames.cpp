#include "controller/lan/lan_frames.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace hil::controller {
namespace {

// Offsets in a request.
constexpr std::size_t length_size = 2;
constexpr std::size_t command_at = 4;
constexpr std::size_t data_at = 5;
constexpr std::size_t checksum_size = 2;

constexpr std::uint8_t both_ones = 0x01;  ///< at offsets 2 and 3 of every frame ever seen; meaning unknown
constexpr std::uint8_t switch_on = 0x01;
constexpr std::uint8_t switch_off = 0x02;

/// Plain sum, from the first 01 to the last data byte (section 2.3).
std::uint16_t checksum(std::span<const std::uint8_t> bytes) {
  std::uint16_t sum = 0;
  for (const std::uint8_t byte : bytes) sum = static_cast<std::uint16_t>(sum + byte);
  return sum;
}

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::int32_t s32_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(word_at(bytes, at)) << 16 | word_at(bytes, at + 2));
}

/// Bytes of data; nullopt: nobody knows the command.
std::optional<std::size_t> data_size(std::uint8_t command) {
  switch (static_cast<LanCommand>(command)) {
    case LanCommand::telemetry:
    case LanCommand::read_limit:
      return 0;
    case LanCommand::rcr_switch:
    case LanCommand::dred_switch:
    case LanCommand::value_switch:
      return 1;
    case LanCommand::set_clock:
      return 7;
    case LanCommand::write_limit:
      return 9;
  }
  return std::nullopt;
}

/// False: a data byte that means nothing.
bool decode(std::uint8_t command, std::span<const std::uint8_t> data, LanRequest& request) {
  request.command = static_cast<LanCommand>(command);
  switch (request.command) {
    case LanCommand::telemetry:
    case LanCommand::read_limit:
      return true;
    case LanCommand::rcr_switch:
    case LanCommand::dred_switch:
    case LanCommand::value_switch:
      request.on = data[0] == switch_on;
      return request.on || data[0] == switch_off;
    case LanCommand::set_clock:
      std::copy(data.begin(), data.end(), request.clock.begin());
      return true;
    case LanCommand::write_limit:
      request.capacity_w = s32_at(data, 0);
      request.export_limit_w = s32_at(data, 4);
      request.phase_mode = data[8];
      return true;
  }
  return false;
}

/// Puts a response together, part by part.
class Writer {
 public:
  explicit Writer(std::uint8_t command) {
    constexpr std::array<std::uint8_t, 7> head{0x04, 'R', 'E', 'V', 'O', 0, 0};  // the length comes last
    for (const std::uint8_t byte : head) put(byte);
    put(both_ones);
    put(both_ones);
    put(command);
  }
  void put(std::uint8_t byte) { response_.bytes[response_.count++] = byte; }
  void put_s32(double value) {
    constexpr double lowest = std::numeric_limits<std::int32_t>::min();
    constexpr double highest = std::numeric_limits<std::int32_t>::max();
    const double rounded = std::isnan(value) ? 0.0 : std::clamp(std::round(value), lowest, highest);
    const auto raw = std::bit_cast<std::uint32_t>(static_cast<std::int32_t>(rounded));
    for (const int shift : {24, 16, 8, 0}) put(static_cast<std::uint8_t>(raw >> shift & 0xFF));
  }
  LanResponse finished() {
    const std::span<const std::uint8_t> body = response_.all().subspan(body_at);
    const std::uint16_t sum = checksum(body);
    const std::size_t length = body.size() + checksum_size;
    response_.bytes[length_at] = static_cast<std::uint8_t>(length >> 8);
    response_.bytes[length_at + 1] = static_cast<std::uint8_t>(length & 0xFF);
    put(static_cast<std::uint8_t>(sum >> 8));
    put(static_cast<std::uint8_t>(sum & 0xFF));
    return response_;
  }

 private:
  static constexpr std::size_t length_at = 5;
  static constexpr std::size_t body_at = 7;
  LanResponse response_;
};

}  // namespace

LanFront lan_front(std::span<const std::uint8_t> bytes) noexcept {
  constexpr LanFront noise{LanFront::Kind::noise, 1, 0, {}};
  constexpr std::size_t least_length = smallest_lan_request - length_size;
  constexpr std::size_t most_length = largest_lan_request - length_size;
  // Judged as early as possible: what cannot become a request must not be waited for.
  if (!bytes.empty() && bytes[0] != 0) return noise;
  if (bytes.size() > 1 && (bytes[1] < least_length || bytes[1] > most_length)) return noise;
  for (std::size_t at = length_size; at < command_at && at < bytes.size(); ++at) {
    if (bytes[at] != both_ones) return noise;
  }
  if (bytes.size() < smallest_lan_request || bytes.size() < bytes[1] + length_size) return {};
  const std::size_t size = bytes[1] + length_size;
  const std::uint8_t command = bytes[command_at];
  const auto summed = bytes.subspan(length_size, size - length_size - checksum_size);
  if (checksum(summed) != word_at(bytes, size - checksum_size)) return {LanFront::Kind::malformed, 1, command, {}};
  const auto data = bytes.subspan(data_at, size - data_at - checksum_size);
  LanFront front{LanFront::Kind::request, size, command, {}};
  if (data_size(command) != data.size() || !decode(command, data, front.request)) {
    front.kind = LanFront::Kind::malformed;
  }
  return front;
}

LanResponse lan_response(const LanTelemetry& telemetry) noexcept {
  constexpr double counts_of_a_volt = 10.0;
  constexpr double counts_of_an_ampere = 100.0;
  Writer writer{static_cast<std::uint8_t>(LanCommand::telemetry)};
  for (const double voltage_v : telemetry.voltage_ln_rms_v) writer.put_s32(voltage_v * counts_of_a_volt);
  for (const double current_a : telemetry.current_a) writer.put_s32(std::abs(current_a) * counts_of_an_ampere);
  for (const double export_w : telemetry.phase_export_w) writer.put_s32(export_w);
  writer.put_s32(telemetry.grid_export_w);
  writer.put_s32(telemetry.inverters_w);
  return writer.finished();
}

LanResponse lan_response(const LanLimit& limit) noexcept {
  Writer writer{static_cast<std::uint8_t>(LanCommand::read_limit)};
  writer.put(limit.control_mode);
  writer.put_s32(limit.capacity_w);
  writer.put_s32(limit.ct_ratio);
  writer.put_s32(limit.export_limit_w);
  return writer.finished();
}

LanResponse lan_response(std::uint8_t command_byte, LanStatus status) noexcept {
  Writer writer{command_byte};
  writer.put(static_cast<std::uint8_t>(status));
  return writer.finished();
}

}  // namespace hil::controller
