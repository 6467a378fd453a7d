#include "harness/live/opened_devices.h"

#include <fmt/format.h>

#include <algorithm>

namespace hil::harness {

std::vector<OpenableDevice> devices_of(const SiteSpec& site) {
  std::vector<OpenableDevice> devices;
  for (const InverterSpec& spec : site.inverters) {
    devices.push_back({spec.name, spec.line, spec.unit, spec.identity, true});
  }
  for (const PcsSpec& spec : site.pcs) devices.push_back({spec.name, spec.line, spec.unit, {}, false});
  for (const SolaxSpec& spec : site.solax) devices.push_back({spec.name, spec.line, spec.unit, {}, false});
  devices.push_back({site.meter.name, site.meter.line, site.meter.unit, {}, false});
  return devices;
}

std::optional<OpenDevice> read_open_device(const std::string& option, const std::string& word,
                                           const std::vector<OpenableDevice>& devices, std::string& fault) {
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&name](const OpenableDevice& device) { return device.name == name; });
  const auto address = equals == std::string::npos ? std::nullopt : socket_address(word.substr(equals + 1));
  if (found == devices.end()) {
    fault = fmt::format("{} {}: unknown device, known: {}", option, word, names_of(devices));
  } else if (!address) {
    const std::string form = fmt::format("must be DEVICE=ADDRESS:PORT, as {}=127.0.0.1:1502", name);
    const std::string where = equals == std::string::npos ? "" : word.substr(equals + 1);
    fault = fmt::format("{} {}: {}", option, word, address_fault(where, form));
  } else {
    return OpenDevice{*found, *address};
  }
  return std::nullopt;
}

std::string taken_by_ems(const OpenableDevice& device, const Scenario& scenario) {
  for (const EmsSpec& ems : scenario.ems) {
    const bool has_it = std::find(ems.lines.begin(), ems.lines.end(), device.line) != ems.lines.end();
    if (!has_it || ems.over != EmsOver::tcp) continue;
    return fmt::format("--tcp {}: {} in process has it on Modbus TCP, and for itself: leave one of them out",
                       device.name, ems.name);
  }
  return {};
}

std::string units_on(const std::string& line, const std::vector<OpenableDevice>& devices) {
  std::string units;
  for (const OpenableDevice& device : devices) {
    if (device.line == line) units += fmt::format("{}{} unit {}", units.empty() ? "" : ", ", device.name, device.unit);
  }
  return units;
}

std::string can_fault(const SiteSpec& site) {
  return site.parallel ? "" : "the scenario has no CAN, must be one with SolaX inverters in <parallel>";
}

std::string can_text(const SiteSpec& site) {
  constexpr double k = 1000.0;
  return fmt::format("{:g} kbit/s: {}{}", site.parallel->parameters.can_bit_rate_hz / k, names_of(site.solax),
                     site.parallel->has_interface ? ", interface" : "");
}

std::string character_format(const sim::SerialFormat& format) {
  if (!format.takes_time) return "without wire time";
  const char parity = format.parity == sim::Parity::none ? 'N' : format.parity == sim::Parity::even ? 'E' : 'O';
  return fmt::format("{} {}{}{}", format.baud, format.data_bits, parity, format.stop_bits);
}

}  // namespace hil::harness
