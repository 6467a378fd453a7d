#pragma once

#include <pugixml.hpp>

#include <map>
#include <stdexcept>
#include <string>

#include "sim/devices/register_map.h"

namespace hil::sim {

/// Reads a map of scenarios/registers for tests of the devices alone; stops at the first fault. Scenarios are read by
/// the harness, with places and known names in its messages.
inline RegisterMap read_register_map(const std::string& file) {
  static const std::map<std::string, Encoding> encodings{
      {"u16", Encoding::u16},
      {"s16", Encoding::s16},
      {"u32_high_first", Encoding::u32_high_first},
      {"s32_high_first", Encoding::s32_high_first},
      {"float32_high_first", Encoding::float32_high_first},
      {"u64_high_first", Encoding::u64_high_first},
      {"ascii", Encoding::ascii},
      {"bit", Encoding::bit},
      {"u32_low_first", Encoding::u32_low_first},
      {"s32_low_first", Encoding::s32_low_first},
  };
  static const std::map<std::string, Table> tables{{"", Table::holding},
                                                   {"holding", Table::holding},
                                                   {"input", Table::input},
                                                   {"coils", Table::coils},
                                                   {"discrete", Table::discrete},
                                                   {"single_write", Table::single_write},
                                                   {"block_write", Table::block_write}};
  static const std::map<std::string, Access> accesses{
      {"read", Access::read}, {"write", Access::write}, {"read_write", Access::read_write}};
  static const std::map<std::string, Certainty> certainties{{"C", Certainty::certain},
                                                            {"S", Certainty::single_source},
                                                            {"I", Certainty::inferred},
                                                            {"U", Certainty::unknown}};
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_file(file.c_str());
  if (!parsed) throw std::runtime_error(file + ": " + parsed.description());
  const pugi::xml_node root = document.child("register_map");
  RegisterMap map;
  map.name = root.attribute("name").as_string();
  map.file = file;
  map.single_writes = root.attribute("single_writes").as_bool();
  for (const pugi::xml_node node : root.children("block")) {
    RegisterBlock block;
    block.first = static_cast<std::uint16_t>(node.attribute("first").as_uint());
    block.last = static_cast<std::uint16_t>(node.attribute("last").as_uint());
    if (node.attribute("fill")) block.fill = static_cast<std::uint16_t>(node.attribute("fill").as_uint());
    block.refresh_ms = node.attribute("refresh_ms").as_int();
    block.table = tables.at(node.attribute("table").as_string());
    block.behind_dsp = node.attribute("behind_dsp").as_bool();
    map.blocks.push_back(block);
  }
  for (const pugi::xml_node node : root.children("row")) {
    RegisterRow row;
    row.address = static_cast<std::uint16_t>(node.attribute("address").as_uint());
    row.count = node.attribute("count").as_int();
    row.encoding = encodings.at(node.attribute("encoding").as_string());
    row.scale = node.attribute("scale").as_double();
    row.access = accesses.at(node.attribute("access").as_string());
    int kinds = 0;
    for (const char* kind : {"signal", "setting", "action", "text"}) {
      if (!node.attribute(kind)) continue;
      row.binding = node.attribute(kind).as_string();
      ++kinds;
    }
    if (node.attribute("constant")) {
      row.constant = node.attribute("constant").as_double();
      row.constant_text = row.encoding == Encoding::ascii ? node.attribute("constant").as_string() : "";
      ++kinds;
    }
    row.table = tables.at(node.attribute("table").as_string());
    row.unit = node.attribute("unit").as_string();
    if (node.attribute("lowest")) row.lowest = node.attribute("lowest").as_double();
    if (node.attribute("highest")) row.highest = node.attribute("highest").as_double();
    row.name = node.attribute("name").as_string();
    row.source = node.attribute("source").as_string();
    row.certainty = certainties.at(node.attribute("certainty").as_string());
    if (kinds != 1) throw std::runtime_error(file + ": row " + std::to_string(row.address) + " needs one binding");
    map.rows.push_back(std::move(row));
  }
  if (const pugi::xml_attribute base = root.attribute("extends")) {
    const std::string folder = file.substr(0, file.rfind('/') + 1);
    return extended(read_register_map(folder + base.as_string() + ".xml"), std::move(map));
  }
  return map;
}

}  // namespace hil::sim
