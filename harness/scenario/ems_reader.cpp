#include "harness/scenario/ems_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>
#include <string>
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

EmsPollSpec read_poll(const Element& element, const std::vector<std::string>& devices, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  EmsPollSpec poll;
  poll.place = element.place;
  reader.one_of("device", poll.device, devices, "devices on its lines");
  read_register(reader, "read", poll.register_name, Need::required);
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

void read_what(ElementReader& reader, OrderModbus& order) {
  const bool writes = reader.element().attribute("write") != nullptr;
  const bool reads = reader.element().attribute("read") != nullptr;
  const bool sends = reader.element().attribute("pdu") != nullptr;
  if (static_cast<int>(writes) + static_cast<int>(reads) + static_cast<int>(sends) != 1) {
    reader.fault("must have exactly one of write, read and pdu");
    for (const char* ignored : {"write", "read", "pdu", "value", "count"}) {
      std::string text;
      reader.text(ignored, text, Need::optional);
    }
    return;
  }
  int value = 0;
  if (writes) {
    read_register(reader, "write", order.register_name, Need::required);
    if (reader.integer("value", value, lowest_content, highest_register)) order.value = value;
  } else if (reads) {
    order.what = OrderModbus::What::read;
    read_register(reader, "read", order.register_name, Need::required);
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

/// The row that carries `name`; nullptr, and the fault, when there is none that fits.
const sim::RegisterRow* named_row(const sim::RegisterMap& map, const std::string& name, bool to_write, const Naming& of,
                                  Diagnostics& diagnostics) {
  std::vector<std::string> known;
  bool is_there = false;
  for (const sim::RegisterRow& row : map.rows) {
    is_there = is_there || row.binding == name;
    const sim::Access other = to_write ? sim::Access::read : sim::Access::write;
    const bool fits = row.table == sim::Table::holding && row.access != other && (!to_write || row.count == 1);
    if (!fits || row.binding.empty()) continue;
    if (row.binding == name) return &row;
    if (std::find(known.begin(), known.end(), row.binding) == known.end()) known.push_back(row.binding);
  }
  diagnostics.add(of.place,
                  fmt::format("<{}>: register {} {} in {}, known to {}: {}", of.element, in_quotes(name),
                              is_there ? (to_write ? "cannot be written" : "cannot be read") : "is not", map.name,
                              to_write ? "write" : "read", list_nearest_first(name, std::move(known))));
  return nullptr;
}

/// `count` becomes that of the row unless more than one is asked for. False when it was not found.
bool find_register(const Scenario& scenario, const std::string& device, const std::string& name, bool to_write,
                   const Naming& of, std::uint16_t& address, int& count, Diagnostics& diagnostics) {
  if (const auto number = register_number(name)) {
    address = static_cast<std::uint16_t>(*number);
    constexpr int addresses = 65536;
    if (!to_write && *number + count > addresses) {
      diagnostics.add(of.place, fmt::format("<{}>: reads {} registers from {} on, the last one is {}", of.element,
                                            count, *number, addresses - 1));
      return false;
    }
    return true;
  }
  const sim::RegisterMap* map = map_of(scenario, device);
  if (map == nullptr || name.empty()) return false;  // reported
  const sim::RegisterRow* row = named_row(*map, name, to_write, of, diagnostics);
  if (row == nullptr) return false;
  address = row->address;
  if (count == 1) count = row->count;
  return true;
}

/// A poll that leaves the block which it begins in is refused each time.
void require_readable(const Scenario& scenario, const EmsPollSpec& poll, Diagnostics& diagnostics) {
  const sim::RegisterMap* map = map_of(scenario, poll.device);
  if (map == nullptr) return;
  const auto block_of = [map](int address) {
    return std::find_if(map->blocks.begin(), map->blocks.end(), [address](const sim::RegisterBlock& block) {
      return block.table == sim::Table::holding && block.first <= address && address <= block.last;
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
  find_register(scenario, order->device, order->register_name, order->what == OrderModbus::What::write,
                {"modbus", order->place}, order->address, order->count, diagnostics);
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
  if (stage.ems_known && names.empty()) reader.fault("needs an <ems>");
  if (stage.ems_known && !names.empty()) {
    reader.one_of("ems", order.ems, names, "EMSs", Need::optional);
  } else {
    reader.name("ems", order.ems, Need::optional);
  }
  const bool known = read_reference(reader, "device", order.device, stage, stage.units, "devices");
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
    std::set<std::pair<std::string, int>> polled;
    for (EmsPollSpec& poll : ems.polls) {
      if (find_register(scenario, poll.device, poll.register_name, false, {"poll", poll.place}, poll.address,
                        poll.count, diagnostics)) {
        require_readable(scenario, poll, diagnostics);
      }
      for (int k = 0; k < poll.count; ++k) {
        if (polled.emplace(poll.device, poll.address + k).second) continue;
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
