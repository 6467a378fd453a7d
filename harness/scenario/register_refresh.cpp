#include "harness/scenario/register_refresh.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/scenario/element_reader.h"

namespace hil::harness {
namespace {

constexpr double shortest_period_s = 0.001;  // maps have whole milliseconds
constexpr double longest_period_s = 3600.0;

/// Decimal or 0x, as in the maps.
std::optional<int> register_of(std::string_view text) {
  const bool hex = text.starts_with("0x");
  const std::string_view digits = text.substr(hex ? 2 : 0);
  int number = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number, hex ? 16 : 10);
  if (status != std::errc{} || end != digits.data() + digits.size() || number < 0 || number > 0xFFFF) {
    return std::nullopt;
  }
  return number;
}

std::string firsts_of(const sim::RegisterMap& map, sim::Table table) {
  std::string firsts;
  for (const sim::RegisterBlock& block : map.blocks) {
    if (block.table == table) firsts += fmt::format("{}{}", firsts.empty() ? "" : ", ", block.first);
  }
  return firsts.empty() ? "none" : firsts;
}

void read_one(const Element& element, Scenario& scenario, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  std::vector<std::string> maps;
  maps.reserve(scenario.register_maps.size());
  for (const auto& [name, map] : scenario.register_maps) maps.push_back(name);
  std::string map_name;
  std::string first_text;
  std::string table_name = "holding";
  double period_s = 0.0;
  reader.one_of("map", map_name, maps, "maps of the site");
  reader.text("first", first_text);
  reader.one_of("table", table_name, {"holding", "input"}, "tables", Need::optional);
  if (reader.number("period_s", period_s, {.lowest = 0.0, .highest = longest_period_s}) && period_s != 0.0 &&
      period_s < shortest_period_s) {
    reader.fault_of("period_s", fmt::format("period_s is {}, must be 0 (every step) or {}..{}", period_s,
                                            shortest_period_s, longest_period_s));
  }
  reader.finish();
  if (!reader.sound()) return;
  sim::RegisterMap& map = scenario.register_maps.at(map_name);
  const sim::Table table = table_name == "input" ? sim::Table::input : sim::Table::holding;
  const std::optional<int> first = register_of(first_text);
  const auto block = std::find_if(map.blocks.begin(), map.blocks.end(), [&](const sim::RegisterBlock& each) {
    return each.table == table && first && each.first == *first;
  });
  if (block == map.blocks.end()) {
    reader.fault_of("first", fmt::format("first is \"{}\", blocks of {} begin at: {}", first_text, map_name,
                                         firsts_of(map, table)));
    return;
  }
  block->refresh_ms = static_cast<int>(std::lround(period_s * 1000.0));
}

}  // namespace

void read_register_refresh(const std::vector<const Element*>& elements, Scenario& scenario, Diagnostics& diagnostics) {
  for (const Element* element : elements) read_one(*element, scenario, diagnostics);
}

void note_refresh_periods(Scenario& scenario) {
  for (const auto& [name, map] : scenario.register_maps) {
    std::map<int, std::string> firsts_by_period;
    for (const sim::RegisterBlock& block : map.blocks) {
      if (block.table != sim::Table::holding && block.table != sim::Table::input) continue;
      std::string& firsts = firsts_by_period[block.refresh_ms];
      firsts += fmt::format("{}{}", firsts.empty() ? "" : ", ", block.first);
    }
    for (const auto& [period_ms, firsts] : firsts_by_period) {
      scenario.assumed.push_back({fmt::format("{}: registers renewed, blocks from {}", name, firsts),
                                  period_ms == 0 ? "every step" : fmt::format("every {:g} s", period_ms / 1000.0),
                                  "hardly any source tells how often; <register_refresh> sets another period"});
    }
  }
}

}  // namespace hil::harness
