#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/live/serial_device.h"
#include "sim/wire/serial_format.h"

namespace hil::harness {

/// Where a line of a scenario comes out, as the command line says it.
struct PortSpec {
  std::string line;
  std::string path;            ///< of a serial device; empty: a new pseudo-terminal
  std::filesystem::path link;  ///< that shall lead to the pseudo-terminal; empty: none
  sim::SerialFormat format;    ///< of a serial device: as given, else the line's
  SerialDevice::Direction direction = SerialDevice::Direction::by_adapter;  ///< who turns the transceiver
};

/// Reads "pty", "pty:LINK", "tcp:ADDRESS:PORT" (a serial server, its path stays as it is) or
/// "PATH[:BAUD[,FORMAT[,rs485|rs485low]]]", as /dev/ttyUSB0:19200,8E1, for a line of format `of_line`. What follows a
/// path's last colon is a format when it begins with a digit and holds letters, digits and commas only. nullopt and the
/// reason in `fault` when it is neither.
std::optional<PortSpec> read_port_spec(const std::string& text, const std::string& line,
                                       const sim::SerialFormat& of_line, std::string& fault);

}  // namespace hil::harness
