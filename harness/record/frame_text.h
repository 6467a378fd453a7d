#pragma once

#include <span>
#include <string_view>

#include "sim/wire/serial_line.h"

namespace hil::harness {

/// Room that a line of write_frame() needs.
inline constexpr std::size_t longest_frame_text = 4096;

/// A frame for people, without a line break:
///
///   12.345678 com1 request unit 1: read holding registers 35180 x5; crc ok
///   12.409012 com1 reply   unit 1: read holding registers 254 65526 0; crc bad; noise
///
/// Time of the first bit, cut to the microsecond; registers as unsigned words; marks of the wire at the end. What is
/// no Modbus by its length, and what fails its CRC, comes as bytes. This decoder is the bench's own: it shares nothing
/// with the controller's. Allocates nothing; what does not fit into `room` is cut.
std::string_view write_frame(std::span<char> room, std::string_view line, const sim::SerialLine::FrameRecord& record);

/// "collision, noise"; empty without a mark.
std::string_view write_marks(std::span<char> room, sim::WireMarks marks);

}  // namespace hil::harness
