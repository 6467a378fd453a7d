#include "controller/hosts/linux/port_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "controller/hosts/linux/bad_input.h"
#include "controller/hosts/linux/serial_port.h"

namespace hil::hosts {
namespace {

/// What stands behind a path's last colon is a format when it begins with a digit and holds nothing else than a format
/// can: names below /dev/serial/by-path hold colons, too, but points and dashes behind them.
bool looks_like_format(const std::string& text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == ','; });
}

bool is_character_format(const std::string& text) {
  return text.size() == 3 && text[0] == '8' && (text[1] == 'N' || text[1] == 'E' || text[1] == 'O') &&
         (text[2] == '1' || text[2] == '2');
}

}  // namespace

std::string SerialFormat::text() const {
  return fmt::format("{},8{}{}", baud, parity, stop_bits);
}

PortOption read_port_option(const std::string& option, const std::string& text) {
  PortOption port{text, {}};
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos && looks_like_format(text.substr(colon + 1))) {
    const std::string format = text.substr(colon + 1);
    port.path = text.substr(0, colon);
    const std::size_t comma = std::min(format.find(','), format.size());
    const auto [end, error] = std::from_chars(format.data(), format.data() + comma, port.format.baud);
    if (error != std::errc{} || end != format.data() + comma || !is_known_baud(port.format.baud)) {
      throw BadInput(fmt::format("{} {}: baud is \"{}\", must be one of {}", option, text, format.substr(0, comma),
                                 known_bauds()));
    }
    if (comma < format.size()) {
      const std::string characters = format.substr(comma + 1);
      if (!is_character_format(characters)) {
        throw BadInput(
            fmt::format("{} {}: format is \"{}\", must be 8N1, 8E1, 8O1, 8N2, 8E2 or 8O2", option, text, characters));
      }
      port.format.parity = characters[1];
      port.format.stop_bits = characters[2] - '0';
    }
  }
  if (port.path.empty()) {
    throw BadInput(fmt::format("{} {}: no path, must be PATH[:BAUD[,FORMAT]], as /dev/ttyUSB0:9600,8N1", option, text));
  }
  return port;
}

}  // namespace hil::hosts
