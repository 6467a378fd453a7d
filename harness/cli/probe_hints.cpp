#include "harness/cli/probe_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/live/opened_devices.h"
#include "harness/probe/register_access.h"
#include "harness/scenario/catalog.h"

namespace hil::harness {

std::string other_maps_hint(const sim::RegisterMap& map, const std::filesystem::path& library) {
  std::string others;
  for (const std::string& name : xml_stems(library / "registers")) {
    if (name != map.name) others += (others.empty() ? "" : ", ") + name;
  }
  return fmt::format("asked with the registers of {}; is it another device, give its register map, --map NAME: {}",
                     map.name, others);
}

std::string unlock_hint(const sim::RegisterMap& map, const sim::RegisterRow& refused) {
  constexpr std::string_view unlocks = "unlock";
  const auto key = std::find_if(map.rows.begin(), map.rows.end(), [&](const sim::RegisterRow& row) {
    return row.access == sim::Access::write && row.binding.starts_with(unlocks);
  });
  if (key == map.rows.end() || &*key == &refused) return {};
  return fmt::format("is it locked? Write {} first: {}", name_of(*key), key->name);
}

std::string nobody_hint(const sim::SerialFormat& format) {
  return fmt::format(
      "nobody answers at {}: another baud or format (--port PATH:BAUD,FORMAT), another address, A and B swapped, no "
      "ground?",
      character_format(format));
}

}  // namespace hil::harness
