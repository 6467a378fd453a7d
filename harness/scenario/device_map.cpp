#include "harness/scenario/device_map.h"

namespace hil::harness {

const sim::RegisterMap* map_of(const Scenario& scenario, const std::string& device) {
  for (const UnitSpec& unit : units_of(scenario.site)) {
    const auto map = scenario.register_maps.find(unit.register_map);
    if (unit.name == device && map != scenario.register_maps.end()) return &map->second;
  }
  return nullptr;
}

}  // namespace hil::harness
