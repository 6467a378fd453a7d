#include "harness/record/pcapng_file.h"

#include <algorithm>
#include <array>

namespace hil::harness {
namespace {

// Blocks and options: IETF draft-ietf-opsawg-pcapng.
constexpr std::uint32_t section_header_block = 0x0A0D0D0A;
constexpr std::uint32_t byte_order_magic = 0x1A2B3C4D;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t packet_block = 6;
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
constexpr std::size_t block_frame_bytes = 128;  // all of a block but packet, comment and names
constexpr std::size_t longest_block = PcapngFile::longest_packet + PcapngFile::longest_comment + block_frame_bytes;

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
  void text(std::string_view text) {
    size_ = static_cast<std::size_t>(std::copy(text.begin(), text.end(), at()) - bytes_.begin());
  }
  void bytes(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t each : bytes) bytes_[size_++] = static_cast<char>(each);
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
  using Bytes = std::array<char, longest_block>;
  Bytes::iterator at() { return bytes_.begin() + static_cast<std::ptrdiff_t>(size_); }

  Bytes bytes_;
  std::size_t size_ = 0;
};

}  // namespace

PcapngFile::PcapngFile(const std::filesystem::path& file, std::uint16_t link_type, const std::string& interface_name,
                       std::size_t longest_captured)
    : file_(file, longest_block) {
  Block section{section_header_block};
  section.number(byte_order_magic);
  section.number(std::uint16_t{1});  // version
  section.number(std::uint16_t{0});
  section.number(~std::uint64_t{0});  // length not told
  section.option(option_application, "hilbench");
  file_.append(section.finished());
  Block interface { interface_block };
  interface.number(link_type);
  interface.number(std::uint16_t{0});
  interface.number(static_cast<std::uint32_t>(longest_captured));
  interface.option(option_interface_name, std::string_view(interface_name).substr(0, longest_comment));
  interface.option(option_time_resolution, std::string_view(&nanoseconds, 1));
  file_.append(interface.finished());
  file_.flush();
}

void PcapngFile::write(const Packet& packet) {
  const auto at = static_cast<std::uint64_t>(packet.at.count());
  const auto bytes = packet.bytes.first(std::min(packet.bytes.size(), longest_packet - packet.header.size()));
  const std::size_t original = packet.header.size() + packet.bytes.size() + packet.left_out;
  Block block{packet_block};
  block.number(std::uint32_t{0});  // interface
  block.number(static_cast<std::uint32_t>(at >> 32));
  block.number(static_cast<std::uint32_t>(at));
  block.number(static_cast<std::uint32_t>(packet.header.size() + bytes.size()));
  block.number(static_cast<std::uint32_t>(original));
  block.bytes(packet.header);
  block.bytes(bytes);
  block.pad();
  if (!packet.comment.empty()) block.option(option_comment, packet.comment.substr(0, longest_comment));
  block.option(option_packet_flags,
               (packet.request ? flag_outbound : flag_inbound) | (packet.bad_checksum ? flag_bad_checksum : 0));
  file_.append(block.finished());
}

}  // namespace hil::harness
