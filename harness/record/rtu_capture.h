#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "harness/record/pcapng_file.h"

namespace hil::harness {

/// A pcapng file of one serial line: link type 250 (RTAC serial), to be decoded as Modbus RTU
/// (`tshark -r com1.pcapng -d rtacser.data,mbrtu`).
class RtuCapture {
 public:
  static constexpr std::size_t longest_frame = 1024;  ///< of a longer one the rest is left out
  static constexpr std::size_t longest_comment = PcapngFile::longest_comment;

  struct Packet {
    std::span<const std::uint8_t> bytes;
    sim::Time at{0};
    bool request = false;
    bool bad_checksum = false;
    std::string_view comment;  ///< empty: none
  };

  /// Throws std::runtime_error naming the file.
  RtuCapture(const std::filesystem::path& file, const std::string& line);

  /// Allocates nothing.
  void write(const Packet& packet);
  void flush() noexcept { file_.flush(); }
  std::string failure() const { return file_.failure(); }

 private:
  PcapngFile file_;
};

}  // namespace hil::harness
