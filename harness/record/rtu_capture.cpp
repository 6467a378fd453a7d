#include "harness/record/rtu_capture.h"

#include <algorithm>
#include <array>

namespace hil::harness {
namespace {

// Blocks and options: IETF draft-ietf-opsawg-pcapng. The 12 bytes before each frame: LINKTYPE_RTAC_SERIAL.
constexpr std::uint32_t section_header_block = 0x0A0D0D0A;
constexpr std::uint32_t byte_order_magic = 0x1A2B3C4D;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t packet_block = 6;
constexpr std::uint16_t link_type_rtac_serial = 250;
constexpr std::uint16_t option_end = 0;
constexpr std::uint16_t option_comment = 1;
constexpr std::uint16_t option_interface_name = 2;
constexpr std::uint16_t option_packet_flags = 2;
constexpr std::uint16_t option_application = 4;
constexpr std::uint16_t option_time_resolution = 9;
constexpr char nanoseconds = 9;
constexpr std::uint32_t flag_inbound = 1;
constexpr std::uint32_t flag_outbound = 2;
constexpr std::uint32_t flag_bad_checksum = 1U << 24;
constexpr std::uint8_t event_sent = 1;
constexpr std::uint8_t event_received = 2;
constexpr std::size_t rtac_header_bytes = 12;
constexpr std::size_t block_frame_bytes = 128;  // all of a block but frame, comment and names

/// One block, little endian; its length is filled in at the end.
class Block {
 public:
  explicit Block(std::uint32_t type) {
    number(type);
    number(std::uint32_t{0});
  }

  template <typename Unsigned>
  void number(Unsigned value) {
    for (std::size_t i = 0; i < sizeof value; ++i) bytes_[size_++] = static_cast<char>(value >> (8 * i));
  }
  void big_endian(std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes_[size_++] = static_cast<char>(value >> shift);
  }
  void byte(std::uint8_t value) { bytes_[size_++] = static_cast<char>(value); }
  void text(std::string_view text) {
    size_ = static_cast<std::size_t>(std::copy(text.begin(), text.end(), at()) - bytes_.begin());
  }
  void frame(std::span<const std::uint8_t> frame) {
    for (const std::uint8_t each : frame) byte(each);
  }
  void pad() {
    while (size_ % 4 != 0) bytes_[size_++] = 0;
  }
  void option(std::uint16_t code, std::string_view value) {
    number(code);
    number(static_cast<std::uint16_t>(value.size()));
    text(value);
    pad();
  }
  void option(std::uint16_t code, std::uint32_t value) {
    number(code);
    number(static_cast<std::uint16_t>(sizeof value));
    number(value);
  }

  std::string_view finished() {
    option(option_end, std::string_view{});
    const std::size_t length = size_ + sizeof(std::uint32_t);
    number(static_cast<std::uint32_t>(length));
    size_ = sizeof(std::uint32_t);
    number(static_cast<std::uint32_t>(length));
    return {bytes_.data(), length};
  }

 private:
  using Bytes = std::array<char, RtuCapture::longest_frame + RtuCapture::longest_comment + block_frame_bytes>;
  Bytes::iterator at() { return bytes_.begin() + static_cast<std::ptrdiff_t>(size_); }

  Bytes bytes_;
  std::size_t size_ = 0;
};

}  // namespace

RtuCapture::RtuCapture(const std::filesystem::path& file, const std::string& line)
    : file_(file, longest_frame + longest_comment + block_frame_bytes) {
  Block section{section_header_block};
  section.number(byte_order_magic);
  section.number(std::uint16_t{1});  // version
  section.number(std::uint16_t{0});
  section.number(~std::uint64_t{0});  // length not told
  section.option(option_application, "hilbench");
  file_.append(section.finished());
  Block interface { interface_block };
  interface.number(link_type_rtac_serial);
  interface.number(std::uint16_t{0});
  interface.number(std::uint32_t{rtac_header_bytes + longest_frame});
  interface.option(option_interface_name, std::string_view(line).substr(0, longest_comment));
  interface.option(option_time_resolution, std::string_view(&nanoseconds, 1));
  file_.append(interface.finished());
  file_.flush();
}

void RtuCapture::write(const Packet& packet) {
  const auto bytes = packet.bytes.first(std::min(packet.bytes.size(), longest_frame));
  const auto at = static_cast<std::uint64_t>(packet.at.count());
  constexpr std::uint64_t second = 1'000'000'000;
  Block block{packet_block};
  block.number(std::uint32_t{0});  // interface
  block.number(static_cast<std::uint32_t>(at >> 32));
  block.number(static_cast<std::uint32_t>(at));
  block.number(static_cast<std::uint32_t>(rtac_header_bytes + bytes.size()));
  block.number(static_cast<std::uint32_t>(rtac_header_bytes + packet.bytes.size()));
  block.big_endian(static_cast<std::uint32_t>(at / second));
  block.big_endian(static_cast<std::uint32_t>(at % second / 1000));
  block.byte(packet.request ? event_sent : event_received);
  block.byte(0);                   // control lines
  block.number(std::uint16_t{0});  // footer
  block.frame(bytes);
  block.pad();
  if (!packet.comment.empty()) block.option(option_comment, packet.comment.substr(0, longest_comment));
  block.option(option_packet_flags,
               (packet.request ? flag_outbound : flag_inbound) | (packet.bad_checksum ? flag_bad_checksum : 0));
  file_.append(block.finished());
}

}  // namespace hil::harness
