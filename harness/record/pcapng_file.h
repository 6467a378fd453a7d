#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "harness/record/output_file.h"
#include "sim/kernel/kernel.h"

namespace hil::harness {

/// A pcapng file of one interface that Wireshark and tshark read.
///
/// Written here and not by libpcap, whose format has no room for a packet's comment, direction and checksum flag.
/// Times are virtual, from 1970-01-01 on, exact to the nanosecond. Bytes are the same on every machine. What a kill
/// leaves ends with a whole packet, unless it falls into a write.
class PcapngFile {
 public:
  static constexpr std::size_t longest_packet = 1600;  ///< header and bytes
  static constexpr std::size_t longest_comment = 512;

  struct Packet {
    sim::Time at{0};
    std::span<const std::uint8_t> header;
    std::span<const std::uint8_t> bytes;
    std::size_t left_out = 0;  ///< bytes behind them that were on the wire too
    bool request = false;      ///< outbound
    bool bad_checksum = false;
    std::string_view comment;  ///< empty: none; a longer one is cut
  };

  /// `link_type` as the registry of tcpdump.org has it. Throws std::runtime_error naming the file.
  PcapngFile(const std::filesystem::path& file, std::uint16_t link_type, const std::string& interface_name,
             std::size_t longest_captured);

  /// Allocates nothing.
  void write(const Packet& packet);
  void flush() noexcept { file_.flush(); }
  std::string failure() const { return file_.failure(); }

 private:
  OutputFile file_;
};

}  // namespace hil::harness
