#include "harness/scenario/ems_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>

#include "harness/scenario/device_map.h"
#include "harness/scenario/modbus_order.h"
#include "harness/scenario/names.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr int highest_register = 0xFFFF;
constexpr int lowest_content = -0x8000;
constexpr int most_registers = 125;
constexpr std::size_t most_written = 123;
constexpr std::size_t longest_pdu = 253;
constexpr Bounds timeout_bounds{.lowest = 0.01, .highest = 60.0};
constexpr Bounds period_bounds{.lowest = 0.01, .highest = 86'400.0};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream{text};
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// Decimal or 0x, as a register map says it.
std::optional<int> register_number(std::string_view text) {
  const bool hex = text.starts_with("0x");
  const std::string_view digits = text.substr(hex ? 2 : 0);
  int number = 0;
  const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number, hex ? 16 : 10);
  if (status != std::errc{} || rest != digits.data() + digits.size() || number < 0 || number > highest_register) {
    return std::nullopt;
  }
  return number;
}

/// A number, or the name of what a register carries.
bool read_register(ElementReader& reader, std::string_view attribute, std::string& value, Need need) {
  std::string given;
  if (!reader.text(attribute, given, need)) return false;
  if (register_number(given) || is_lower_snake(given)) {
    value = given;
    return true;
  }
  reader.fault_of(attribute, fmt::format("{} is {}, must be a register 0..65535, decimal or 0x, or what one carries",
                                         attribute, in_quotes(given)));
  return false;
}

/// Which registers a number means; a name finds its own.
void read_table(ElementReader& reader, sim::Table& table) {
  std::string given;
  if (!reader.one_of("table", given, {"holding", "input"}, "tables", Need::optional)) return;
  if (given == "input") table = sim::Table::input;
}

EmsPollSpec read_poll(const Element& element, const std::vector<std::string>& devices, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  EmsPollSpec poll;
  poll.place = element.place;
  reader.one_of("device", poll.device, devices, "devices on its lines");
  read_register(reader, "read", poll.register_name, Need::required);
  read_table(reader, poll.table);
  reader.integer("count", poll.count, 1, most_registers, Need::optional);
  reader.seconds("period_s", poll.period, period_bounds, Need::optional);
  reader.seconds("begin_s", poll.begin, any_time, Need::optional);
  reader.finish();
  return poll;
}

bool name_taken(const std::string& name, const SiteSpec& site, const std::vector<EmsSpec>& others) {
  const auto named = [&name](const auto& each) { return each.name == name; };
  const std::vector<UnitSpec> units = units_of(site);
  return std::any_of(others.begin(), others.end(), named) || std::any_of(units.begin(), units.end(), named) ||
         std::any_of(site.plant.loads.begin(), site.plant.loads.end(), named) || is_reserved_name(name);
}

void read_lines(ElementReader& reader, const SiteSpec& site, const std::vector<EmsSpec>& others, EmsSpec& ems) {
  std::string given;
  if (!reader.text("lines", given)) return;
  std::vector<std::string> known;
  for (const LineSpec& line : site.lines) known.push_back(line.name);
  for (const std::string& line : words_of(given)) {
    const auto has_it = [&line](const EmsSpec& each) {
      return std::find(each.lines.begin(), each.lines.end(), line) != each.lines.end();
    };
    if (std::find(known.begin(), known.end(), line) == known.end()) {
      reader.fault_of("lines", fmt::format("lines has {}, known lines of the site: {}", in_quotes(line),
                                           list_nearest_first(line, known)));
    } else if (has_it(ems) || std::any_of(others.begin(), others.end(), has_it)) {
      reader.fault_of("lines", fmt::format("lines has \"{}\", which an EMS has already", line));
    } else {
      ems.lines.push_back(line);
    }
  }
}

EmsSpec read_one(const Element& element, const SiteSpec& site, const std::vector<EmsSpec>& others,
                 Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  EmsSpec ems;
  ems.place = element.place;
  if (reader.name("name", ems.name) && name_taken(ems.name, site, others)) {
    reader.fault_of("name", fmt::format("name is \"{}\", already taken", ems.name));
  }
  read_lines(reader, site, others, ems);
  std::string over;
  if (reader.one_of("over", over, {"rtu", "tcp"}, "ways to its devices", Need::optional)) {
    ems.over = ems_over_of(over).value_or(EmsOver::rtu);
  }
  reader.seconds("timeout_s", ems.timeout, timeout_bounds, Need::optional);
  std::vector<std::string> devices;
  for (const UnitSpec& unit : units_of(site)) {
    if (std::find(ems.lines.begin(), ems.lines.end(), unit.line) != ems.lines.end()) devices.push_back(unit.name);
  }
  for (const Element* poll : reader.children("poll")) ems.polls.push_back(read_poll(*poll, devices, diagnostics));
  reader.finish();
  return ems;
}

/// Function and data in hexadecimal, as a protocol manual prints them.
void read_pdu(ElementReader& reader, OrderModbus& order) {
  std::string given;
  if (!reader.text("pdu", given)) return;
  for (const std::string& word : words_of(given)) {
    unsigned byte = 0;
    const auto [rest, status] = std::from_chars(word.data(), word.data() + word.size(), byte, 16);
    if (word.size() != 2 || status != std::errc{} || rest != word.data() + word.size()) {
      reader.fault_of("pdu", fmt::format("pdu has {}, must be bytes of two hexadecimal digits, as \"04 D2 8C 00 01\"",
                                         in_quotes(word)));
      return;
    }
    order.pdu.push_back(static_cast<std::uint8_t>(byte));
  }
  if (order.pdu.size() > longest_pdu) {
    reader.fault_of("pdu", fmt::format("pdu has {} bytes, must have at most {}", order.pdu.size(), longest_pdu));
  } else if (order.pdu.empty() || order.pdu.front() == 0 || order.pdu.front() > 0x7F) {
    reader.fault_of("pdu", "pdu must begin with a function 01..7F");
  }
}

/// Raw contents, a blank between.
void read_values(ElementReader& reader, OrderModbus& order) {
  std::string given;
  if (!reader.text("values", given)) return;
  for (const std::string& word : words_of(given)) {
    const std::optional<long> value = parse_integer(word);
    if (!value || *value < lowest_content || *value > highest_register) {
      reader.fault_of("values", fmt::format("values has {}, must be numbers {}..{} with blanks between",
                                            in_quotes(word), lowest_content, highest_register));
      return;
    }
    order.values.push_back(static_cast<int>(*value));
  }
  if (order.values.empty() || order.values.size() > most_written) {
    reader.fault_of("values", fmt::format("values has {} numbers, must have 1..{}", order.values.size(), most_written));
  }
}

void read_what(ElementReader& reader, OrderModbus& order) {
  const bool writes = reader.element().attribute("write") != nullptr;
  const bool reads = reader.element().attribute("read") != nullptr;
  const bool sends = reader.element().attribute("pdu") != nullptr;
  const bool is_block = writes && reader.element().attribute("values") != nullptr;
  if (static_cast<int>(writes) + static_cast<int>(reads) + static_cast<int>(sends) != 1) {
    reader.fault("must have exactly one of write, read and pdu");
    for (const char* ignored : {"write", "read", "pdu", "value", "values", "count", "table"}) {
      std::string text;
      reader.text(ignored, text, Need::optional);
    }
    return;
  }
  int value = 0;
  if (is_block) {
    order.what = OrderModbus::What::block;
    read_register(reader, "write", order.register_name, Need::required);
    read_values(reader, order);
  } else if (writes) {
    read_register(reader, "write", order.register_name, Need::required);
    if (reader.integer("value", value, lowest_content, highest_register)) order.value = value;
  } else if (reads) {
    order.what = OrderModbus::What::read;
    read_register(reader, "read", order.register_name, Need::required);
    read_table(reader, order.table);
    reader.integer("count", order.count, 1, most_registers, Need::optional);
    if (reader.integer("value", value, lowest_content, highest_register, Need::optional)) order.value = value;
    if (order.value && order.count != 1) {
      reader.fault_of("value", fmt::format("value is {}, but {} registers are read", value, order.count));
    }
  } else {
    order.what = OrderModbus::What::pdu;
    read_pdu(reader, order);
  }
}

void read_answer(ElementReader& reader, OrderModbus& order) {
  order.answer = usual_answer(order.what);
  std::string given;
  if (!reader.text("answer", given, Need::optional)) return;
  const bool of_another = given == "echo" || given == "values" || given == "reply";
  if (!is_answer(given) || (of_another && given != order.answer)) {
    reader.fault_of("answer", fmt::format("answer is {}, must be {}, exception_1 to exception_255, none or garbled",
                                          in_quotes(given), order.answer));
    return;
  }
  order.answer = given;
}

/// Who names a register.
struct Naming {
  const char* element;
  const Place& place;
};

bool has_table(const sim::RegisterMap& map, sim::Table table) {
  return std::any_of(map.blocks.begin(), map.blocks.end(),
                     [table](const sim::RegisterBlock& block) { return block.table == table; });
}

/// Where a request finds a register, the first that has it: some makers give functions 06 and 16 addresses of their
/// own.
std::vector<sim::Table> tables_for(const sim::RegisterMap& map, OrderModbus::What what) {
  using sim::Table;
  if (what == OrderModbus::What::read) return {Table::holding, Table::input};
  const Table own = what == OrderModbus::What::block ? Table::block_write : Table::single_write;
  return {has_table(map, own) ? own : Table::holding};
}

bool fits(const sim::RegisterRow& row, OrderModbus::What what) {
  if (what == OrderModbus::What::read) return row.access != sim::Access::write;
  return row.access != sim::Access::read && (what == OrderModbus::What::block || row.count == 1);
}

/// The row that carries `name`; nullptr, and the fault, when there is none that fits.
const sim::RegisterRow* named_row(const sim::RegisterMap& map, const std::string& name, OrderModbus::What what,
                                  const Naming& of, Diagnostics& diagnostics) {
  std::vector<std::string> known;
  for (const sim::Table table : tables_for(map, what)) {
    for (const sim::RegisterRow& row : map.rows) {
      if (row.table != table || !fits(row, what) || row.binding.empty()) continue;
      if (row.binding == name) return &row;
      if (std::find(known.begin(), known.end(), row.binding) == known.end()) known.push_back(row.binding);
    }
  }
  const bool is_there = std::any_of(map.rows.begin(), map.rows.end(),
                                    [&name](const sim::RegisterRow& row) { return row.binding == name; });
  const bool reads = what == OrderModbus::What::read;
  diagnostics.add(of.place,
                  fmt::format("<{}>: register {} {} in {}, known to {}: {}", of.element, in_quotes(name),
                              is_there ? (reads ? "cannot be read" : "cannot be written") : "is not", map.name,
                              reads ? "read" : "write", list_nearest_first(name, std::move(known))));
  return nullptr;
}

/// What a request says of its register, and, once the map is known, where that is.
struct Wanted {
  const std::string& device;
  const std::string& name;
  OrderModbus::What what;
  Naming of;
  std::uint16_t& address;
  int& count;  ///< becomes that of the row unless more than one is asked for
  sim::Table& table;
};

/// The row of one by its name; nullptr: it is a number, or was not found, which `found` tells.
const sim::RegisterRow* find_register(const Scenario& scenario, const Wanted& wanted, bool& found,
                                      Diagnostics& diagnostics) {
  found = false;
  if (const auto number = register_number(wanted.name)) {
    wanted.address = static_cast<std::uint16_t>(*number);
    constexpr int addresses = 65536;
    found = *number + wanted.count <= addresses;
    if (!found) {
      diagnostics.add(wanted.of.place,
                      fmt::format("<{}>: {} {} registers from {} on, the last one is {}", wanted.of.element,
                                  wanted.what == OrderModbus::What::read ? "reads" : "writes", wanted.count, *number,
                                  addresses - 1));
    }
    return nullptr;
  }
  const sim::RegisterMap* map = map_of(scenario, wanted.device);
  if (map == nullptr || wanted.name.empty()) return nullptr;  // reported
  const sim::RegisterRow* row = named_row(*map, wanted.name, wanted.what, wanted.of, diagnostics);
  if (row == nullptr) return nullptr;
  found = true;
  wanted.address = row->address;
  wanted.table = row->table;
  if (wanted.count == 1) wanted.count = row->count;
  return row;
}

/// A poll that leaves the block which it begins in is refused each time.
void require_readable(const Scenario& scenario, const EmsPollSpec& poll, Diagnostics& diagnostics) {
  const sim::RegisterMap* map = map_of(scenario, poll.device);
  if (map == nullptr) return;
  const auto block_of = [map, &poll](int address) {
    return std::find_if(map->blocks.begin(), map->blocks.end(), [address, &poll](const sim::RegisterBlock& block) {
      return block.table == poll.table && block.first <= address && address <= block.last;
    });
  };
  const auto block = block_of(poll.address);
  const int last = poll.address + poll.count - 1;
  if (block != map->blocks.end() && last <= block->last) return;
  const int missing = block == map->blocks.end() ? poll.address : block->last + 1;
  const std::string range = poll.count == 1 ? fmt::format("{}", last) : fmt::format("{}..{}", poll.address, last);
  const std::string why = block_of(missing) == map->blocks.end()
                              ? fmt::format("{} has no register {}", map->name, missing)
                              : fmt::format("in {} another block begins with {}", map->name, missing);
  diagnostics.add(poll.place,
                  fmt::format("<poll>: reads {} of {}, but {}: each answer would be exception 2, which a <modbus> can "
                              "expect by its answer",
                              range, poll.device, why));
}

void find_register(const Scenario& scenario, Action& action, Diagnostics& diagnostics) {
  auto* order = std::get_if<OrderModbus>(&action);
  if (order == nullptr || order->what == OrderModbus::What::pdu) return;
  const bool is_block = order->what == OrderModbus::What::block;
  int count = is_block ? static_cast<int>(order->values.size()) : order->count;
  bool found = false;
  find_register(
      scenario,
      {order->device, order->register_name, order->what, {"modbus", order->place}, order->address, count, order->table},
      found, diagnostics);
  order->count = count;
}

void find_register(const Scenario& scenario, EmsPollSpec& poll, Diagnostics& diagnostics) {
  bool found = false;
  const sim::RegisterRow* const row = find_register(scenario,
                                                    {poll.device,
                                                     poll.register_name,
                                                     OrderModbus::What::read,
                                                     {"poll", poll.place},
                                                     poll.address,
                                                     poll.count,
                                                     poll.table},
                                                    found, diagnostics);
  if (row != nullptr && row->count == poll.count) poll.encoding = row->encoding;
  if (found) require_readable(scenario, poll, diagnostics);
}

}  // namespace

std::vector<EmsSpec> read_ems(const std::vector<const Element*>& elements, const SiteSpec& site,
                              Diagnostics& diagnostics) {
  std::vector<EmsSpec> all;
  all.reserve(elements.size());
  for (const Element* element : elements) all.push_back(read_one(*element, site, all, diagnostics));
  return all;
}

Action read_modbus_action(ElementReader& reader, const Stage& stage) {
  OrderModbus order;
  order.place = reader.element().place;
  std::vector<std::string> names;
  names.reserve(stage.ems.size());
  for (const Stage::Ems& ems : stage.ems) names.push_back(ems.name);
  const bool by_service = stage.ems_known && names.empty() && stage.has_controller;
  if (stage.ems_known && names.empty() && !by_service) reader.fault("needs an <ems>");
  if (stage.ems_known && !names.empty()) {
    reader.one_of("ems", order.ems, names, "EMSs", Need::optional);
  } else {
    reader.name("ems", order.ems, Need::optional);
  }
  const bool known =
      read_reference(reader, "device", order.device, stage, by_service ? stage.inverter_names : stage.units,
                     by_service ? "inverters, which the maker's program beside a controller can reach" : "devices");
  read_what(reader, order);
  read_answer(reader, order);
  reader.finish();
  if (!known || !stage.site_known || !stage.ems_known || names.empty()) return order;
  const auto unit = std::find(stage.units.begin(), stage.units.end(), order.device) - stage.units.begin();
  const std::string& line = stage.unit_lines[static_cast<std::size_t>(unit)];
  const auto owner = std::find_if(stage.ems.begin(), stage.ems.end(), [&line](const Stage::Ems& each) {
    return std::find(each.lines.begin(), each.lines.end(), line) != each.lines.end();
  });
  if (owner == stage.ems.end() || (!order.ems.empty() && owner->name != order.ems)) {
    reader.fault_of("device", fmt::format("device is \"{}\", whose line {} is not one of {}", order.device, line,
                                          order.ems.empty() ? "an EMS" : order.ems));
    return order;
  }
  order.ems = owner->name;
  return order;
}

void find_named_registers(Scenario& scenario, Diagnostics& diagnostics) {
  for (EmsSpec& ems : scenario.ems) {
    std::set<std::tuple<std::string, sim::Table, int>> polled;
    for (EmsPollSpec& poll : ems.polls) {
      find_register(scenario, poll, diagnostics);
      for (int k = 0; k < poll.count; ++k) {
        if (polled.emplace(poll.device, poll.table, poll.address + k).second) continue;
        diagnostics.add(poll.place, fmt::format("<poll>: reads {}, which another poll of {} reads already",
                                                poll.address + k, poll.device));
        break;
      }
    }
  }
  for (TimelineEntry& entry : scenario.timeline) {
    for (Action& action : entry.actions) find_register(scenario, action, diagnostics);
  }
  for (TriggerSpec& trigger : scenario.triggers) {
    for (DelayedAction& delayed : trigger.actions) find_register(scenario, delayed.action, diagnostics);
  }
}

}  // namespace hil::harness
