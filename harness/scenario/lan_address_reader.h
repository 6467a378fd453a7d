#pragma once

#include <optional>
#include <string_view>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/settings_change.h"

namespace hil::harness {

/// "192.168.1.200": an IPv4 address that a host may have, in 1.0.0.0 to 223.255.255.255 without 127.x.x.x; no zeros
/// ahead.
std::optional<controller::NetworkSettings::Address> parse_address(std::string_view text);

/// An optional attribute with such an address; false: absent or wrong.
bool read_address(ElementReader& reader, std::string_view attribute,
                  std::optional<controller::NetworkSettings::Address>& address);
/// The optional attribute `address` with such an address, or "dhcp".
bool read_lan_address(ElementReader& reader, std::optional<LanAddress>& address);

}  // namespace hil::harness
