#include "harness/cli/register_bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/plant/made_converters.h"
#include "harness/record/number_text.h"
#include "harness/scenario/catalog.h"
#include "harness/scenario/reader.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;
using Entry = sim::DeviceFace::Entry;

/// A scenario that reads, with that site and somebody on its first line.
std::string scenario_with(const std::string& site) {
  return fmt::format(
      "<scenario schema=\"1\" name=\"registers\" duration_s=\"1\" seed=\"1\"><purpose>What does its converter hold?"
      "</purpose><site extends=\"sites/{}.xml\"/><ems name=\"ems\" lines=\"com1\"/>"
      "<expect><never signal=\"site.load_w\" above=\"1e9\"/></expect></scenario>",
      site);
}

std::string_view unit_of_row(const sim::RegisterRow& row) {
  return row.unit.empty() ? sim::unit_of(row.binding) : std::string_view{row.unit};
}

bool within(const sim::RegisterRow& row, double value) {
  return value >= row.lowest.value_or(value) && value <= row.highest.value_or(value);
}

/// "0, 1 or 2"
std::string one_of_text(const std::vector<double>& values, std::string_view unit) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += i + 1 == values.size() ? " or " : ", ";
    text += with_unit(values[i], unit);
  }
  return text;
}

std::string range_text(std::optional<double> lowest, std::optional<double> highest, std::string_view unit) {
  if (!lowest && !highest) return {};
  if (!lowest) return "at most " + with_unit(*highest, unit);
  if (!highest) return "at least " + with_unit(*lowest, unit);
  if (*lowest == *highest) return with_unit(*lowest, unit);
  return with_unit(*lowest, unit) + " to " + with_unit(*highest, unit);
}

/// An action says of a value only whether it takes it.
std::vector<double> taken_by(const Entry& action, const sim::RegisterRow& row) {
  constexpr int most_tried = 9;
  std::vector<double> taken;
  for (int value = 0; value <= most_tried; ++value) {
    if (within(row, value) && action.accepts(value)) taken.push_back(value);
  }
  return taken;
}

std::string bounds_text(const sim::RegisterRow& row, const Entry* entry) {
  const std::string_view unit = unit_of_row(row);
  if (entry != nullptr && entry->kind == Entry::Kind::action && entry->accepts) {
    return one_of_text(taken_by(*entry, row), unit);
  }
  if (entry == nullptr || entry->kind != Entry::Kind::setting) return range_text(row.lowest, row.highest, unit);
  std::string text;
  if (entry->allowed.empty()) {
    text = range_text(std::max(entry->lowest, row.lowest.value_or(entry->lowest)),
                      std::min(entry->highest, row.highest.value_or(entry->highest)), unit);
  } else {
    std::vector<double> allowed = entry->allowed;
    std::erase_if(allowed, [&row](double value) { return !within(row, value); });
    text = one_of_text(allowed, unit);
  }
  return entry->accepts ? text + " *" : text;
}

}  // namespace

RegisterBounds::RegisterBounds(const sim::RegisterMap& map, const fs::path& library) {
  for (const std::string& site : xml_stems(library / "sites")) {
    Diagnostics others;  // a site without such a line or converter is another's
    std::optional<Scenario> read = read_scenario_text(scenario_with(site), library / "registers.xml", library, others);
    if (!read) continue;
    scenario_ = std::move(read);
    if (!make_device(map.name)) continue;
    device_ += fmt::format(" of sites/{}.xml", site);
    return;
  }
}

/// The first of the site with this map; false: it has none.
bool RegisterBounds::make_device(const std::string& map) {
  const auto has_map = [&map](const auto& each) { return each.register_map == map; };
  const SiteSpec& site = scenario_->site;
  const auto pcs = std::find_if(site.pcs.begin(), site.pcs.end(), has_map);
  const auto solax = std::find_if(site.solax.begin(), site.solax.end(), has_map);
  if (pcs == site.pcs.end() && solax == site.solax.end()) return false;
  plant_ = std::make_unique<models::Site>(site.plant);
  if (pcs == site.pcs.end()) {
    solax_ = std::make_unique<sim::SolaxHybrid>(solax->name, *plant_, solax->lane, solax->identity, solax->settings);
    face_ = &solax_->face();
    device_ = solax->name;
    return true;
  }
  const auto line = std::find_if(site.lines.begin(), site.lines.end(),
                                 [&pcs](const LineSpec& each) { return each.name == pcs->line; });
  converter_ = made_converter(*pcs, *plant_, line->format.baud);
  face_ = &converter_->face();
  device_ = pcs->name;
  return true;
}

std::string RegisterBounds::of(const sim::RegisterRow& row) const {
  if (row.access == sim::Access::read) return {};
  const Entry* entry = face_ != nullptr && !row.binding.empty() ? face_->find(row.binding) : nullptr;
  std::string text = bounds_text(row, entry);
  if (!text.empty()) text.insert(0, "takes ");
  if (entry == nullptr || entry->kind != Entry::Kind::setting) return text;
  return fmt::format("{}{}at first {}", text, text.empty() ? "" : ", ", with_unit(*entry->value, unit_of_row(row)));
}

}  // namespace hil::harness
