#include "harness/scenario/scenario.h"

#include <string>

namespace hil::harness {

const char* ems_over_word(EmsOver over) {
  return over == EmsOver::tcp ? "tcp" : "rtu";
}

std::optional<EmsOver> ems_over_of(std::string_view word) {
  if (word == "tcp") return EmsOver::tcp;
  if (word == "rtu") return EmsOver::rtu;
  return std::nullopt;
}

std::vector<UnitSpec> units_of(const SiteSpec& site) {
  std::vector<UnitSpec> units;
  for (const InverterSpec& each : site.inverters) units.push_back({each.name, each.line, each.unit, each.register_map});
  for (const PcsSpec& each : site.pcs) units.push_back({each.name, each.line, each.unit, each.register_map});
  for (const SolaxSpec& each : site.solax) units.push_back({each.name, each.line, each.unit, each.register_map});
  if (!site.meter.name.empty()) {
    units.push_back({site.meter.name, site.meter.line, site.meter.unit, site.meter.register_map});
  }
  return units;
}

std::vector<std::string> lane_names(const SiteSpec& site) {
  std::vector<std::string> names;
  for (const InverterSpec& inverter : site.inverters) names.push_back(inverter.name);
  for (const PcsSpec& pcs : site.pcs) {
    for (std::size_t string = 1; string <= pcs.string_count(); ++string) {
      names.push_back(pcs.name + ".string" + std::to_string(string));
    }
  }
  for (const SolaxSpec& solax : site.solax) names.push_back(solax.name);
  for (const PvInverterSpec& inverter : site.pv_inverters) names.push_back(inverter.name);
  return names;
}

Scenario::Scenario() = default;
Scenario::Scenario(const Scenario& other) = default;
Scenario::Scenario(Scenario&& other) noexcept = default;
Scenario& Scenario::operator=(const Scenario& other) = default;
Scenario& Scenario::operator=(Scenario&& other) noexcept = default;
Scenario::~Scenario() = default;

}  // namespace hil::harness
