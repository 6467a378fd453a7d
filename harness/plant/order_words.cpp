#include "harness/plant/order_words.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "harness/plant/state_names.h"
#include "harness/probe/register_access.h"
#include "harness/scenario/modbus_order.h"
#include "sim/devices/register_codec.h"

namespace hil::harness {
namespace {

constexpr std::uint8_t write_one = 6;

/// The scenario may have said it by its name already.
std::string named(const sim::RegisterRow& row, const OrderModbus& order) {
  const std::string name = name_of(row);
  return name == order.register_name ? "" : name;
}

std::string written(const OrderModbus& order, const sim::RegisterMap& map) {
  const std::array words{static_cast<std::uint16_t>(order.value.value_or(0))};
  for (const sim::RegisterRow& row : map.rows) {
    const bool is_it = row.table == written_by(map, write_one) && row.address == order.address && row.count == 1;
    if (!is_it || row.binding.empty()) continue;
    const std::string name = named(row, order);
    return fmt::format("{}{}{}{}", name, name.empty() ? "" : " ", value_text(row, words),
                       StateNames(row.name).in_brackets(sim::from_bits(words.front(), row)));
  }
  return "";
}

std::string read(const OrderModbus& order, const sim::RegisterMap& map) {
  std::string text;
  for (const sim::RegisterRow& row : map.rows) {
    const bool inside = row.table == sim::Table::holding && row.address >= order.address &&
                        row.address + row.count <= order.address + order.count;
    if (!inside || row.binding.empty()) continue;
    const std::string name = named(row, order);
    if (!name.empty()) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

std::string order_words(const OrderModbus& order, const sim::RegisterMap* map) {
  std::string meaning;
  if (map != nullptr && order.what == OrderModbus::What::write) meaning = written(order, *map);
  if (map != nullptr && order.what == OrderModbus::What::read) meaning = read(order, *map);
  return meaning.empty() ? request_text(order) : fmt::format("{} ({})", request_text(order), meaning);
}

}  // namespace hil::harness
