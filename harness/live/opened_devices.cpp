#include "harness/live/opened_devices.h"

#include <fmt/format.h>

namespace hil::harness {

std::vector<OpenableDevice> devices_of(const SiteSpec& site) {
  std::vector<OpenableDevice> devices;
  for (const InverterSpec& spec : site.inverters) {
    devices.push_back({spec.name, spec.line, spec.unit, spec.identity, true});
  }
  devices.push_back({site.meter.name, site.meter.line, site.meter.unit, {}, false});
  return devices;
}

std::string units_on(const std::string& line, const std::vector<OpenableDevice>& devices) {
  std::string units;
  for (const OpenableDevice& device : devices) {
    if (device.line == line) units += fmt::format("{}{} unit {}", units.empty() ? "" : ", ", device.name, device.unit);
  }
  return units;
}

std::string character_format(const sim::SerialFormat& format) {
  if (!format.takes_time) return "without wire time";
  const char parity = format.parity == sim::Parity::none ? 'N' : format.parity == sim::Parity::even ? 'E' : 'O';
  return fmt::format("{} {}{}{}", format.baud, format.data_bits, parity, format.stop_bits);
}

}  // namespace hil::harness
