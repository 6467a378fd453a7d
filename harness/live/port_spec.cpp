#include "harness/live/port_spec.h"

#include <algorithm>
#include <charconv>

#include "harness/live/serial_device.h"

namespace hil::harness {
namespace {

constexpr const char* digits = "0123456789";

bool is_format(const std::string& text) {
  return text.find_first_of(digits) == 0 && std::all_of(text.begin(), text.end(), [](char c) {
           return c == ',' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

/// False for anything but 8N1, 8E1, ...
bool read_characters(const std::string& text, sim::SerialFormat& format) {
  if (text.size() != 3 || text[0] != '8' || (text[2] != '1' && text[2] != '2')) return false;
  switch (text[1]) {
    case 'N':
      format.parity = sim::Parity::none;
      break;
    case 'E':
      format.parity = sim::Parity::even;
      break;
    case 'O':
      format.parity = sim::Parity::odd;
      break;
    default:
      return false;
  }
  format.stop_bits = text[2] - '0';
  return true;
}

}  // namespace

std::optional<PortSpec> read_port_spec(const std::string& text, const std::string& line,
                                       const sim::SerialFormat& of_line, std::string& fault) {
  PortSpec port{line, text, {}, of_line};
  const std::size_t colon = text.rfind(':');
  if (text == "pty" || text.starts_with("pty:")) {
    port.path.clear();
    port.link = text == "pty" ? "" : text.substr(4);
    if (text == "pty:") fault = "no link behind the colon, must be pty, pty:LINK or PATH[:BAUD[,FORMAT]]";
  } else if (colon != std::string::npos && is_format(text.substr(colon + 1))) {
    port.path = text.substr(0, colon);
    const std::string format = text.substr(colon + 1);
    const std::size_t comma = std::min(format.find(','), format.size());
    const auto [end, error] = std::from_chars(format.data(), format.data() + comma, port.format.baud);
    if (error != std::errc{} || end != format.data() + comma) port.format.baud = 0;
    if (comma < format.size() && !read_characters(format.substr(comma + 1), port.format)) {
      fault = "format is \"" + format.substr(comma + 1) + "\", must be 8N1, 8E1, 8O1, 8N2, 8E2 or 8O2";
    }
  }
  if (fault.empty() && !port.path.empty() && !is_baud_of_a_port(port.format.baud)) {
    fault = "baud is none that a serial port has, must be 1200, 2400, 4800, 9600, 19200, ... 921600";
  }
  if (fault.empty() && port.path.empty() && !text.starts_with("pty")) {
    fault = "no path, must be pty, pty:LINK or PATH[:BAUD[,FORMAT]], as /dev/ttyUSB0:9600,8N1";
  }
  if (!fault.empty()) return std::nullopt;
  return port;
}

}  // namespace hil::harness
