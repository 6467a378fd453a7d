#include "harness/scenario/lan_address_reader.h"

#include <fmt/core.h>

#include <charconv>
#include <string>

namespace hil::harness {
namespace {

constexpr unsigned loopback = 127;
constexpr unsigned highest_of_hosts = 223;

/// Takes a number 0..255 off the front; nothing: there is none.
std::optional<unsigned> take_byte(std::string_view& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto digits = static_cast<std::size_t>(end - text.data());
  const bool zero_ahead = digits > 1 && text.front() == '0';
  if (error != std::errc{} || value > 255 || zero_ahead) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

}  // namespace

std::optional<controller::NetworkSettings::Address> parse_address(std::string_view text) {
  controller::NetworkSettings::Address address{};
  for (std::size_t k = 0; k < address.size(); ++k) {
    if (k > 0) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    const std::optional<unsigned> value = take_byte(text);
    if (!value) return std::nullopt;
    address[k] = static_cast<std::uint8_t>(*value);
  }
  const bool of_a_host = address[0] != 0 && address[0] != loopback && address[0] <= highest_of_hosts;
  if (!text.empty() || !of_a_host) return std::nullopt;
  return address;
}

bool read_address(ElementReader& reader, std::string_view attribute,
                  std::optional<controller::NetworkSettings::Address>& address) {
  std::string given;
  if (!reader.text(attribute, given, Need::optional)) return false;
  const auto parsed = parse_address(given);
  if (!parsed) {
    reader.fault_of(
        attribute, fmt::format("{} is \"{}\", must be the IPv4 address of a host, as 192.168.1.200", attribute, given));
    return false;
  }
  address = parsed;
  return true;
}

bool read_lan_address(ElementReader& reader, std::optional<LanAddress>& address) {
  std::string given;
  if (!reader.text("address", given, Need::optional)) return false;
  if (given == "dhcp") {
    address = LanAddress{.dhcp = true, .address = {}};
    return true;
  }
  const auto parsed = parse_address(given);
  if (!parsed) {
    reader.fault_of(
        "address",
        fmt::format("address is \"{}\", must be dhcp or the IPv4 address of a host, as 192.168.1.200", given));
    return false;
  }
  address = LanAddress{.dhcp = false, .address = *parsed};
  return true;
}

}  // namespace hil::harness
