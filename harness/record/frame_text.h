#pragma once

#include <span>
#include <string_view>

#include "sim/wire/network_faults.h"
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

/// Unit and PDU alone: "unit 1: read holding registers 35180 x5". `frame` is without what is around them, at least two
/// bytes.
std::string_view write_unit_frame(std::span<char> room, std::span<const std::uint8_t> frame, bool request);

/// What one segment or datagram carried between a client and a device on the network.
struct NetworkFrame {
  std::span<const std::uint8_t> bytes;
  std::string_view client;  ///< its address; empty: left out
  sim::Time at{0};
  bool request = false;
  bool stream = false;  ///< Modbus TCP, else a dongle's datagram
  sim::NetworkMarks marks = 0;
};

/// The same for the network; what is not a whole frame comes as bytes:
///
///   12.345678 et1_tcp 127.0.0.1:40222 request #7 unit 247: read holding registers 35100 x1
///   12.345800 et1_udp 127.0.0.1:40222 request 8 bytes: F7 03 89 1C 00 01 00 00; crc bad
///   12.345901 et1_tcp 127.0.0.1:40222 reply   5 bytes: 00 07 00 00 00; split
std::string_view write_network_frame(std::span<char> room, std::string_view name, const NetworkFrame& frame);

/// Whether a datagram of a dongle is an RTU frame, by itself or behind AA 55, with a bad CRC; the AA55 set has none.
bool fails_its_crc(std::span<const std::uint8_t> datagram, bool request);

/// Length of the whole frame of Modbus TCP that `bytes` begin with; 0: they do not.
std::size_t whole_tcp_frame(std::span<const std::uint8_t> bytes);

/// "delay, split"; empty without a mark.
std::string_view write_network_marks(std::span<char> room, sim::NetworkMarks marks);

/// "collision, noise"; empty without a mark.
std::string_view write_marks(std::span<char> room, sim::WireMarks marks);

}  // namespace hil::harness
