#include "harness/scenario/serial_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace hil::harness {
namespace {

constexpr std::size_t counting_digits = 4;
constexpr std::size_t numbers = 10'000;

/// The number so many behind `serial`; empty: it does not end in a number.
std::string counted_on(const std::string& serial, std::size_t by) {
  if (serial.size() < counting_digits) return {};
  const std::size_t head = serial.size() - counting_digits;
  if (serial.find_first_not_of("0123456789", head) != std::string::npos) return {};
  return fmt::format("{}{:0{}}", serial.substr(0, head), (std::stoul(serial.substr(head)) + by) % numbers,
                     counting_digits);
}

}  // namespace

void give_serial_numbers(Element& site, const Catalog& catalog) {
  const std::vector<const Element*> parts = catalog.parts("inverter");
  std::size_t place = 0;
  for (Element& inverter : site.children) {
    if (inverter.name != "inverter") continue;
    const std::size_t by = place++;
    const Attribute* name = inverter.attribute("part");
    if (inverter.attribute("serial") != nullptr || name == nullptr) continue;
    const auto part = std::find_if(parts.begin(), parts.end(), [name](const Element* each) {
      const Attribute* known = each->attribute("part");
      return known != nullptr && known->value == name->value;
    });
    const Attribute* serial = part == parts.end() ? nullptr : (*part)->attribute("serial");
    if (serial == nullptr) continue;
    const std::string own = counted_on(serial->value, by);
    if (own.empty()) continue;
    inverter.attributes.push_back(*serial);
    inverter.attributes.back().value = own;
  }
}

}  // namespace hil::harness
