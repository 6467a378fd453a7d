#include "harness/record/can_recorder.h"

#include <fmt/format.h>
#include <linux/can.h>
#include <linux/can/error.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/record/number_text.h"

namespace hil::harness {
namespace {

using Outcome = sim::CanBus::Outcome;
using Record = sim::CanBus::Record;

constexpr std::uint16_t link_type_socketcan = 227;
constexpr std::size_t header_bytes = 8;  // identifier with flags, big endian; length; FD flags and two reserved bytes

constexpr const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::sent:
      return "sent";
    case Outcome::bit_error:
      return "bit error";
    case Outcome::no_acknowledge:
      return "no acknowledge";
    case Outcome::form_error:
      return "form error";
    case Outcome::noise:
      break;
  }
  return "noise";
}

/// Identifier with flags, and data: of a failure the error frame that an interface would give.
struct Packet {
  std::uint32_t id = 0;
  std::uint8_t length = 0;
  std::array<std::uint8_t, sim::CanFrame::most_data> data{};
};

Packet packet_of(const Record& record) {
  const sim::CanFrame& frame = record.frame;
  if (record.outcome == Outcome::sent) {
    return {frame.id | (frame.extended ? CAN_EFF_FLAG : 0U) | (frame.remote ? CAN_RTR_FLAG : 0U),
            frame.remote ? std::uint8_t{0} : frame.length, frame.data};
  }
  Packet error{CAN_ERR_FLAG, CAN_ERR_DLC, {}};
  error.id |= record.outcome == Outcome::no_acknowledge ? CAN_ERR_ACK : CAN_ERR_PROT;
  if (record.outcome == Outcome::bit_error) error.data[2] = CAN_ERR_PROT_BIT;
  if (record.outcome == Outcome::form_error) error.data[2] = CAN_ERR_PROT_FORM;
  return error;
}

}  // namespace

CanRecorder::CanRecorder(const std::filesystem::path& folder, const std::string& name, const sim::CanBus& bus)
    : name_(name),
      bus_(bus),
      capture_(made_folder(folder) / (name + ".pcapng"), link_type_socketcan, name,
               header_bytes + sim::CanFrame::most_data),
      text_(folder / (name + ".txt"), longest_line) {}

bool CanRecorder::knows(const std::string& node) const {
  for (std::size_t i = 0; i < bus_.node_count(); ++i) {
    if (bus_.name(i) == node) return true;
  }
  return false;
}

template <typename... Arguments>
void CanRecorder::line(sim::Time at, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  std::array<char, longest_line> room{};
  char* const begin = write_time(room.data(), at);
  const auto left = static_cast<std::size_t>(room.data() + room.size() - 1 - begin);
  const auto written = fmt::format_to_n(begin, left, format, std::forward<Arguments>(arguments)...);
  char* const end = begin + std::min(left, written.size);
  *end = '\n';
  text_.append({room.data(), static_cast<std::size_t>(end + 1 - room.data())});
}

void CanRecorder::attempt(const Record& record) {
  Last& last = last_.at(record.sender);
  const std::uint32_t key = record.frame.arbitration_key();
  latest_ = std::max(latest_, record.begin);
  if (record.outcome != Outcome::sent && record.outcome == last.outcome && key == last.key) {
    ++last.repeats;
  } else {
    write_repeats(record.sender);
    last = {record.outcome, key, 0};
    write_line(record);
    write_packet(record);
  }
  if (record.end < next_flush_) return;
  next_flush_ = record.end + flush_each;
  flush();
}

void CanRecorder::write_repeats(std::size_t sender) {
  const std::uint64_t repeats = std::exchange(last_.at(sender).repeats, 0);
  if (repeats > 0) line(latest_, " {} {} has failed {} more times", name_, bus_.name(sender), repeats);
}

void CanRecorder::write_line(const Record& record) {
  const sim::CanFrame& frame = record.frame;
  const std::string& sender = bus_.name(record.sender);
  std::array<char, 8> identifier{};
  const auto written =
      fmt::format_to_n(identifier.data(), identifier.size(), "{:0{}X}", frame.id, frame.extended ? 8 : 3);
  const std::string_view id{identifier.data(), std::min(identifier.size(), written.size)};
  if (record.outcome != Outcome::sent) {
    line(record.begin, " {} {} fails with {}: {}", name_, sender, id, name_of(record.outcome));
  } else if (frame.remote) {
    line(record.begin, " {} {} sends {} [{}] remote", name_, sender, id, frame.length);
  } else {
    const auto* const data = frame.data.data();
    line(record.begin, " {} {} sends {} [{}]{}{:02X}", name_, sender, id, frame.length, frame.length > 0 ? " " : "",
         fmt::join(data, data + frame.length, " "));
  }
}

void CanRecorder::write_packet(const Record& record) {
  const Packet packet = packet_of(record);
  const std::array<std::uint8_t, header_bytes> header{
      static_cast<std::uint8_t>(packet.id >> 24), static_cast<std::uint8_t>(packet.id >> 16),
      static_cast<std::uint8_t>(packet.id >> 8), static_cast<std::uint8_t>(packet.id), packet.length};
  std::array<char, PcapngFile::longest_comment> comment{};
  const bool sent = record.outcome == Outcome::sent;
  const auto written =
      fmt::format_to_n(comment.data(), comment.size(), "{}{}{}{}{}", notes_, notes_.empty() ? "" : "; ",
                       bus_.name(record.sender), sent ? "" : ": ", sent ? "" : name_of(record.outcome));
  notes_.clear();
  capture_.write({.at = record.begin,
                  .header = header,
                  .bytes = std::span(packet.data).first(packet.length),
                  .left_out = 0,
                  .request = false,
                  .bad_checksum = false,
                  .comment = {comment.data(), std::min(comment.size(), written.size)}});
}

void CanRecorder::note(sim::Time at, std::string_view what) {
  latest_ = std::max(latest_, at);
  line(at, " {} {}", name_, what);
  notes_.append(notes_.empty() ? "" : "; ").append(what);
}

void CanRecorder::flush() {
  for (std::size_t node = 0; node < bus_.node_count(); ++node) write_repeats(node);
  capture_.flush();
  text_.flush();
}

std::string CanRecorder::failure() const {
  const std::string of_capture = capture_.failure();
  return of_capture.empty() ? text_.failure() : of_capture;
}

}  // namespace hil::harness
