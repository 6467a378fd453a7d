#include "harness/record/rtu_capture.h"

#include <algorithm>
#include <array>

namespace hil::harness {
namespace {

// The 12 bytes before each frame: LINKTYPE_RTAC_SERIAL, big endian.
constexpr std::uint16_t link_type_rtac_serial = 250;
constexpr std::uint8_t event_sent = 1;
constexpr std::uint8_t event_received = 2;
using RtacHeader = std::array<std::uint8_t, 12>;  // seconds, microseconds, event, control lines, footer of 2

void put_word32(RtacHeader& header, std::size_t at, std::uint64_t value) {
  for (std::size_t i = 0; i < 4; ++i) header[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

}  // namespace

RtuCapture::RtuCapture(const std::filesystem::path& file, const std::string& line)
    : file_(file, link_type_rtac_serial, line, RtacHeader{}.size() + longest_frame) {}

void RtuCapture::write(const Packet& packet) {
  constexpr std::uint64_t second = 1'000'000'000;
  const auto at = static_cast<std::uint64_t>(packet.at.count());
  const auto bytes = packet.bytes.first(std::min(packet.bytes.size(), longest_frame));
  RtacHeader header{};
  put_word32(header, 0, at / second);
  put_word32(header, 4, at % second / 1000);
  header[8] = packet.request ? event_sent : event_received;
  file_.write({.at = packet.at,
               .header = header,
               .bytes = bytes,
               .left_out = packet.bytes.size() - bytes.size(),
               .request = packet.request,
               .bad_checksum = packet.bad_checksum,
               .comment = packet.comment});
}

}  // namespace hil::harness
