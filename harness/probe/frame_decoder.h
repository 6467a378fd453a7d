#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/devices/register_map.h"

namespace hil::harness {

/// Says what frames of Modbus RTU mean, one after the other as they were on a line: which unit is asked for what, and
/// what the registers of a request to write, or of the reply to a request to read, hold by a register map.
class FrameDecoder {
 public:
  explicit FrameDecoder(const sim::RegisterMap& map) : map_(map) {}

  /// A line for the frame, and one for each row of the map in it. A frame is a reply when the one before asked for it.
  std::string decode(const std::vector<std::uint8_t>& frame);

 private:
  bool answers_the_request(std::span<const std::uint8_t> body) const;
  std::string rows_in(sim::Table table, int first, const std::vector<std::uint16_t>& words) const;

  const sim::RegisterMap& map_;
  std::vector<std::uint8_t> request_;  ///< waits for its reply; empty: none does
};

/// "01 03 88 b8 ...", blanks, colons and 0x as one likes. Empty: these are no bytes.
std::vector<std::uint8_t> bytes_of_hex(const std::string& text);

}  // namespace hil::harness
