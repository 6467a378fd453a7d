#include "harness/live/port_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "harness/live/serial_device.h"
#include "harness/live/socket_address.h"

namespace hil::harness {
namespace {

constexpr const char* digits = "0123456789";

bool is_format(const std::string& text) {
  return text.find_first_of(digits) == 0 && std::all_of(text.begin(), text.end(), [](char c) {
           return c == ',' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

/// Takes the word off the end of a format.
SerialDevice::Direction take_direction(std::string& format) {
  using Direction = SerialDevice::Direction;
  constexpr std::array<std::pair<std::string_view, Direction>, 2> words{
      {{",rs485", Direction::by_driver}, {",rs485low", Direction::by_low_rts}}};
  for (const auto& [word, direction] : words) {
    if (!format.ends_with(word)) continue;
    format.resize(format.size() - word.size());
    return direction;
  }
  return Direction::by_adapter;
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

/// "BAUD" or "BAUD,FORMAT".
void read_format(const std::string& text, sim::SerialFormat& format, std::string& fault) {
  const std::size_t comma = std::min(text.find(','), text.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + comma, format.baud);
  if (error != std::errc{} || end != text.data() + comma) format.baud = 0;
  if (comma < text.size() && !read_characters(text.substr(comma + 1), format)) {
    fault = "format is \"" + text.substr(comma + 1) + "\", must be 8N1, 8E1, 8O1, 8N2, 8E2 or 8O2";
  }
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
  } else if (is_serial_server(text)) {
    const std::string_view server = std::string_view(text).substr(serial_server_prefix.size());
    const auto address = socket_address(server);
    const char* const form = "must be tcp:ADDRESS:PORT, as tcp:192.168.1.60:4001";
    if (!address) fault = address_fault(server, form);
    if (address && address->raw.sin_port == 0) fault = form;
  } else if (colon != std::string::npos && is_format(text.substr(colon + 1))) {
    port.path = text.substr(0, colon);
    std::string format = text.substr(colon + 1);
    port.direction = take_direction(format);
    read_format(format, port.format, fault);
  }
  if (fault.empty() && !port.path.empty() && !is_serial_server(text) && !is_baud_of_a_port(port.format.baud)) {
    fault = "baud is none that a serial port has, must be 1200, 2400, 4800, 9600, 19200, ... 921600";
  }
  if (fault.empty() && port.path.empty() && !text.starts_with("pty")) {
    fault = "no path, must be pty, pty:LINK or PATH[:BAUD[,FORMAT]], as /dev/ttyUSB0:9600,8N1";
  }
  if (!fault.empty()) return std::nullopt;
  return port;
}

}  // namespace hil::harness
