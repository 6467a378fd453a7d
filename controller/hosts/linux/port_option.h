#pragma once

#include <cstdint>
#include <string>

namespace hil::hosts {

/// Characters of a serial port: 8 data bits, baud 1200..921600 of those that Linux names.
struct SerialFormat {
  std::int32_t baud = 9600;
  char parity = 'N';  ///< N, E or O
  int stop_bits = 1;  ///< 1 or 2

  std::int32_t bits_per_character() const { return 1 + 8 + (parity == 'N' ? 0 : 1) + stop_bits; }
  std::string text() const;  ///< "9600,8N1"
};

/// A serial port as the command line names it.
struct PortOption {
  std::string path;
  SerialFormat format;
};

/// Reads PATH[:BAUD[,FORMAT]], as /dev/ttyUSB0:19200,8E1; without a format 9600,8N1. A colon inside the path, as in
/// /dev/serial/by-path, stays part of it. Throws BadInput that names `option`.
PortOption read_port_option(const std::string& option, const std::string& text);

}  // namespace hil::hosts
