#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/live/socket_address.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// A device of a scenario as those see it who open it to the outside.
struct OpenableDevice {
  std::string name;
  std::string line;
  int unit = 0;
  sim::GoodweEt::Identity identity;  ///< of an inverter
  bool has_dongle = false;
};

/// Inverters, storage converters, then the meter.
std::vector<OpenableDevice> devices_of(const SiteSpec& site);

/// A device and where it listens.
struct OpenDevice {
  OpenableDevice device;
  SocketAddress address;
};

/// Reads DEVICE=ADDRESS:PORT of the option of that name. nullopt, and why in `fault`, when it is none.
std::optional<OpenDevice> read_open_device(const std::string& option, const std::string& word,
                                           const std::vector<OpenableDevice>& devices, std::string& fault);

/// Why nobody else can have the device on Modbus TCP beside the scenario's EMS in process; empty: they can.
std::string taken_by_ems(const OpenableDevice& device, const Scenario& scenario);

/// "et1 unit 1, et2 unit 2"
std::string units_on(const std::string& line, const std::vector<OpenableDevice>& devices);

/// Why the site has no CAN that could come out at an interface; empty: it has.
std::string can_fault(const SiteSpec& site);
/// Of a site that has: "500 kbit/s: a1, a2, system.interface"
std::string can_text(const SiteSpec& site);

/// "9600 8N1"
std::string character_format(const sim::SerialFormat& format);

/// "com1, com4"
template <typename Items>
std::string names_of(const Items& items) {
  std::string names;
  for (const auto& item : items) names += (names.empty() ? "" : ", ") + item.name;
  return names;
}

}  // namespace hil::harness
