#include "harness/lan/sec1000_frames.h"

#include <algorithm>
#include <initializer_list>
#include <numeric>

namespace hil::harness::sec1000 {
namespace {

constexpr std::array<std::uint8_t, 5> preamble{0x04, 'R', 'E', 'V', 'O'};
constexpr std::uint8_t mark = 0x01;          // twice ahead of each command; its meaning is not known
constexpr std::size_t header_size = 7;       // preamble and length
constexpr std::size_t longest_length = 256;  // of an answer that is taken for one; the longest known is 49
constexpr std::size_t shortest_length = 5;   // marks, command, checksum

constexpr std::size_t telemetry_length = 49;
constexpr std::size_t settings_length = 18;
constexpr std::size_t status_length = 6;

unsigned sum_of(std::span<const std::uint8_t> bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), 0U) & 0xFFFFU;
}

std::int32_t signed_32(std::span<const std::uint8_t> data, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t k = 0; k < 4; ++k) value = (value << 8U) | data[at + k];
  return static_cast<std::int32_t>(value);
}

class Writer {
 public:
  Writer(Command command, std::size_t reply_length) {
    request_.command = command;
    request_.reply_length = reply_length;
    request_.count = 2;  // the length is known at the end
    for (const std::uint8_t byte : {mark, mark, static_cast<std::uint8_t>(command)}) add(byte);
  }
  void add(std::uint8_t byte) { request_.bytes.at(request_.count++) = byte; }
  void add_32(std::int32_t value) {
    const auto bits = static_cast<std::uint32_t>(value);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) add(static_cast<std::uint8_t>(bits >> shift));
  }
  Request finished() {
    const unsigned sum = sum_of(request_.view().subspan(2));
    add(static_cast<std::uint8_t>(sum >> 8U));
    add(static_cast<std::uint8_t>(sum));
    request_.bytes[1] = static_cast<std::uint8_t>(request_.count - 2);
    return request_;
  }

 private:
  Request request_;
};

}  // namespace

Request telemetry_request() {
  return Writer{Command::telemetry, telemetry_length}.finished();
}

Request read_settings_request() {
  return Writer{Command::read_settings, settings_length}.finished();
}

Request write_settings_request(std::int32_t capacity_w, std::int32_t limit_w, bool sum_of_phases) {
  Writer writer{Command::write_settings, status_length};
  writer.add_32(capacity_w);
  writer.add_32(limit_w);
  writer.add(sum_of_phases ? 2 : 1);
  return writer.finished();
}

Request switch_request(Command command, bool on) {
  Writer writer{command, status_length};
  writer.add(on ? 1 : 2);
  return writer.finished();
}

Request clock_request(const ClockTime& time) {
  Writer writer{Command::set_clock, status_length};
  for (const int part : {time.year % 100, time.month, 0, time.day, time.hour, time.minute, time.second}) {
    writer.add(static_cast<std::uint8_t>(part));
  }
  return writer.finished();
}

std::array<Request, 3> mode_requests(Mode mode) {
  const auto off = [](Command command) { return switch_request(command, false); };
  const auto on = [](Command command) { return switch_request(command, true); };
  switch (mode) {
    case Mode::value:
      return {off(Command::dred), off(Command::rcr), on(Command::value)};
    case Mode::rcr:
      return {off(Command::value), off(Command::dred), on(Command::rcr)};
    case Mode::dred:
      return {off(Command::value), off(Command::rcr), on(Command::dred)};
    case Mode::off:
      break;
  }
  return {off(Command::value), off(Command::dred), off(Command::rcr)};
}

std::optional<Telemetry> decode_telemetry(std::span<const std::uint8_t> data) {
  constexpr std::size_t fields = 11;
  if (data.size() < 4 * fields) return std::nullopt;
  const auto field = [data](std::size_t number) { return static_cast<double>(signed_32(data, 4 * number)); };
  Telemetry telemetry;
  for (std::size_t phase = 0; phase < 3; ++phase) {
    telemetry.voltage_ln_v[phase] = field(phase) / 10.0;
    telemetry.current_a[phase] = field(3 + phase) / 100.0;
    telemetry.phase_grid_export_w[phase] = field(6 + phase);
  }
  telemetry.grid_export_w = field(9);
  telemetry.inverter_output_w = field(10);
  return telemetry;
}

std::optional<DeviceSettings> decode_settings(std::span<const std::uint8_t> data) {
  if (data.size() < 13) return std::nullopt;
  return DeviceSettings{data[0], signed_32(data, 1), signed_32(data, 5), signed_32(data, 9)};
}

ReplyReader::ReplyReader(Reading reading, const Request& request)
    : reading_(reading), command_(request.command), reply_length_(request.reply_length) {}

ReplyReader::State ReplyReader::take(std::span<const std::uint8_t> segment) {
  if (state_ != State::waiting) return state_;
  state_ = reading_ == Reading::strict ? take_strict(segment) : take_one_shot(segment);
  return state_;
}

ReplyReader::State ReplyReader::take_one_shot(std::span<const std::uint8_t> segment) {
  if (bytes_.size() < header_size) {
    const std::size_t wanted = std::min(header_size - bytes_.size(), segment.size());
    bytes_.insert(bytes_.end(), segment.begin(), segment.begin() + static_cast<std::ptrdiff_t>(wanted));
    segment = segment.subspan(wanted);
    if (bytes_.size() < header_size) return State::waiting;
    if (bytes_[header_size - 1] != reply_length_) return State::wrong_length;
    if (segment.empty()) return State::waiting;
  }
  segment = segment.first(std::min(segment.size(), reply_length_));
  bytes_.insert(bytes_.end(), segment.begin(), segment.end());
  return checksum_good() ? State::good : State::bad_checksum;
}

ReplyReader::State ReplyReader::take_strict(std::span<const std::uint8_t> segment) {
  bytes_.insert(bytes_.end(), segment.begin(), segment.end());
  const std::size_t known = std::min(bytes_.size(), preamble.size());
  if (!std::equal(preamble.begin(), preamble.begin() + static_cast<std::ptrdiff_t>(known), bytes_.begin())) {
    return State::unexpected;
  }
  if (bytes_.size() < header_size) return State::waiting;
  const std::size_t length = static_cast<std::size_t>(bytes_[5]) << 8U | bytes_[6];
  if (length < shortest_length || length > longest_length) return State::unexpected;
  if (bytes_.size() < header_size + length) return State::waiting;
  bytes_.resize(header_size + length);
  if (!checksum_good()) return State::bad_checksum;
  const bool fits = length == reply_length_ && bytes_[7] == mark && bytes_[8] == mark &&
                    bytes_[9] == static_cast<std::uint8_t>(command_);
  return fits ? State::good : State::unexpected;
}

ReplyReader::State ReplyReader::closed() {
  // With the header alone the receive gives nothing, and nothing has a wrong checksum.
  if (state_ == State::waiting && reading_ == Reading::one_shot && bytes_.size() == header_size) {
    state_ = State::bad_checksum;
  }
  return state_;
}

bool ReplyReader::checksum_good() const {
  const std::span<const std::uint8_t> counted = std::span{bytes_}.subspan(preamble.size());
  if (counted.size() < 4) return false;
  const unsigned sum = sum_of(counted.subspan(2, counted.size() - 4));
  return counted[counted.size() - 2] == (sum >> 8U) && counted.back() == (sum & 0xFFU);
}

std::span<const std::uint8_t> ReplyReader::data() const {
  constexpr std::size_t ahead = header_size + 3;
  if (state_ != State::good || bytes_.size() < ahead + 2) return {};
  return std::span{bytes_}.subspan(ahead, bytes_.size() - ahead - 2);
}

std::optional<std::uint8_t> ReplyReader::status() const {
  const std::span<const std::uint8_t> content = data();
  const bool fits = content.size() == 1 && bytes_[5] == 0 && bytes_[7] == mark && bytes_[8] == mark &&
                    bytes_[9] == static_cast<std::uint8_t>(command_);
  if (!fits) return std::nullopt;
  return content[0];
}

}  // namespace hil::harness::sec1000
