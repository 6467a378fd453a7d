#include "harness/plant/scripted_ems.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "harness/plant/modbus_codes.h"
#include "harness/plant/order_words.h"
#include "harness/plant/rtu_master.h"
#include "harness/scenario/device_map.h"
#include "harness/scenario/modbus_order.h"

namespace hil::harness {
namespace {

/// Tags of requests: those of polls count up from here, those of orders from 0.
constexpr std::size_t first_poll = 1'000'000'000;

void put_word(EmsMaster::Request& request, int word) {
  request.pdu[request.length++] = static_cast<std::uint8_t>(static_cast<unsigned>(word) >> 8U & 0xFFU);
  request.pdu[request.length++] = static_cast<std::uint8_t>(static_cast<unsigned>(word) & 0xFFU);
}

EmsMaster::Request request_of(std::uint8_t unit, std::size_t tag, std::uint8_t function, int first, int second) {
  EmsMaster::Request request;
  request.unit = unit;
  request.tag = tag;
  request.pdu[request.length++] = function;
  put_word(request, first);
  put_word(request, second);
  return request;
}

/// Registers of the reply to a read; nothing: it has another length than that many.
std::optional<std::span<const std::uint8_t>> registers_in(std::span<const std::uint8_t> pdu, int count) {
  const std::size_t bytes = std::size_t{2} * static_cast<std::size_t>(count);
  if (pdu.size() != bytes + 2 || pdu[1] != bytes) return std::nullopt;
  return pdu.subspan(2);
}

int word_at(std::span<const std::uint8_t> registers, std::size_t index) {
  return registers[2 * index] << 8U | registers[2 * index + 1];
}

double as_number(int word, bool is_signed) {
  constexpr int sign_bit = 0x8000;
  constexpr int words = 0x10000;
  return is_signed && (word & sign_bit) != 0 ? word - words : word;
}

std::uint8_t function_of(sim::Table table) {
  return table == sim::Table::input ? read_input : read_holding;
}

/// An input register or two registers of one number, which have a signal by their name.
bool is_whole(const EmsPollSpec& poll) {
  using sim::Encoding;
  if (!poll.encoding) return false;
  switch (*poll.encoding) {
    case Encoding::u16:
    case Encoding::s16:
      return poll.table == sim::Table::input;
    case Encoding::u32_high_first:
    case Encoding::s32_high_first:
    case Encoding::u32_low_first:
    case Encoding::s32_low_first:
      return true;
    case Encoding::u64_high_first:
    case Encoding::float32_high_first:
    case Encoding::ascii:
    case Encoding::bit:
      break;
  }
  return false;
}

double whole_of(const EmsPollSpec& poll, std::span<const std::uint8_t> registers) {
  using sim::Encoding;
  const int first = word_at(registers, 0);
  if (poll.count == 1) return as_number(first, poll.encoding == Encoding::s16);
  const bool low_first = poll.encoding == Encoding::u32_low_first || poll.encoding == Encoding::s32_low_first;
  const int second = word_at(registers, 1);
  const auto high = static_cast<std::uint32_t>(low_first ? second : first);
  const auto low = static_cast<std::uint32_t>(low_first ? first : second);
  const std::uint32_t raw = high << 16U | low;
  const bool is_signed = poll.encoding == Encoding::s32_high_first || poll.encoding == Encoding::s32_low_first;
  return is_signed ? static_cast<double>(static_cast<std::int32_t>(raw)) : static_cast<double>(raw);
}

/// What came back, in the words of a scenario.
std::string word_of(const EmsMaster::Request& request, EmsMaster::Outcome outcome, std::span<const std::uint8_t> pdu) {
  if (outcome == EmsMaster::Outcome::none) return "none";
  if (outcome == EmsMaster::Outcome::garbled) return "garbled";
  if ((pdu[0] & exception_bit) != 0) return exception_word(pdu.size() > 1 ? pdu[1] : 0);
  constexpr std::size_t read_length = 5;
  const bool reads = request.pdu[0] == read_holding || (request.pdu[0] == read_input && !request.raw);
  // One of another length was sent as it stands, and is answered as it may be.
  if (reads && request.length == read_length) {
    const int count = word_at(request.bytes().subspan(1), 1);
    return registers_in(pdu, count) ? "values" : "garbled";
  }
  if (request.pdu[0] != write_single && (request.pdu[0] != write_block || request.raw)) return "reply";
  // Of several registers come back where and how many.
  const auto sent = request.pdu[0] == write_single ? request.bytes() : request.bytes().first(read_length);
  return std::equal(sent.begin(), sent.end(), pdu.begin(), pdu.end()) ? "echo" : "garbled";
}

bool carries_sign(const Scenario& scenario, const EmsPollSpec& poll, int address) {
  const sim::RegisterMap* const map = map_of(scenario, poll.device);
  if (map == nullptr) return false;
  return std::any_of(map->rows.begin(), map->rows.end(), [address, &poll](const sim::RegisterRow& row) {
    return row.table == poll.table && row.address == address && row.encoding == sim::Encoding::s16;
  });
}

/// What the map makes of the words of such a register.
double scale_of(const Scenario& scenario, const EmsPollSpec& poll) {
  const sim::RegisterMap* const map = map_of(scenario, poll.device);
  if (map == nullptr || !is_whole(poll)) return 1.0;
  const auto row = std::find_if(map->rows.begin(), map->rows.end(), [&poll](const sim::RegisterRow& each) {
    return each.table == poll.table && each.address == poll.address && each.count == poll.count;
  });
  return row == map->rows.end() ? 1.0 : row->scale;
}

}  // namespace

ScriptedEms::ScriptedEms(sim::Kernel& kernel, const EmsSpec& spec, const std::map<std::string, sim::SerialLine*>& lines,
                         const Scenario& scenario, EventSink tell)
    : kernel_(kernel),
      spec_(spec),
      tell_(std::move(tell)),
      next_poll_(kernel.make_alarm([this](sim::Time now) { ask_polls(now); })) {
  std::map<std::string, EmsMaster*> of_line;
  for (const auto& [name, line] : lines) {
    masters_.push_back(std::make_unique<RtuMaster>(kernel_, *line, spec_.timeout, done()));
    of_line[name] = masters_.back().get();
  }
  std::map<std::string, EmsMaster*> master_of;
  for (const UnitSpec& unit : units_of(scenario.site)) {
    const auto found = of_line.find(unit.line);
    if (found != of_line.end()) master_of[unit.name] = found->second;
  }
  begin(scenario, master_of);
}

ScriptedEms::ScriptedEms(sim::Kernel& kernel, const EmsSpec& spec, const Scenario& scenario,
                         const std::map<std::string, TcpMaster::Device>& devices, const TcpClientMaker& make_client,
                         EventSink tell)
    : kernel_(kernel),
      spec_(spec),
      tell_(std::move(tell)),
      next_poll_(kernel.make_alarm([this](sim::Time now) { ask_polls(now); })) {
  std::map<std::string, EmsMaster*> master_of;
  for (const auto& [name, device] : devices) {
    auto master = std::make_unique<TcpMaster>(kernel_, device, spec_.timeout, make_client(device.unit), done());
    master->add_monitor([this, device = name](const TcpTraffic& traffic) { tell_of(device, traffic); });
    connections_[name] = master.get();
    master_of[name] = master.get();
    masters_.push_back(std::move(master));
  }
  begin(scenario, master_of);
}

EmsMaster::Done ScriptedEms::done() {
  return [this](const EmsMaster::Request& request, EmsMaster::Outcome outcome, std::span<const std::uint8_t> pdu) {
    answered(request, outcome, pdu);
  };
}

/// `master_of`: each device that it can ask.
void ScriptedEms::begin(const Scenario& scenario, const std::map<std::string, EmsMaster*>& master_of) {
  for (const UnitSpec& unit : units_of(scenario.site)) {
    if (std::find(spec_.lines.begin(), spec_.lines.end(), unit.line) == spec_.lines.end()) continue;
    const auto found = master_of.find(unit.name);
    units_[unit.name] = {static_cast<std::uint8_t>(unit.unit), found == master_of.end() ? nullptr : found->second,
                         map_of(scenario, unit.name)};
  }
  for (const EmsPollSpec& poll : spec_.polls) {
    Poll made;
    made.spec = poll;
    made.unit = units_.at(poll.device);
    made.next = poll.begin;
    made.values.resize(static_cast<std::size_t>(poll.count));
    for (int k = 0; k < poll.count; ++k) made.is_signed.push_back(carries_sign(scenario, poll, poll.address + k));
    made.scale = scale_of(scenario, poll);
    polls_.push_back(std::move(made));
  }
  set_alarm();
}

/// Connections come and go seldom, what they carry is in captures.
void ScriptedEms::tell_of(const std::string& device, const TcpTraffic& traffic) {
  using What = TcpTraffic::What;
  const char* what = nullptr;
  if (traffic.what == What::opened) what = "connected";
  if (traffic.what == What::refused) what = "refused";
  if (traffic.what == What::closed) what = "hung up";
  if (traffic.what == What::reset) what = "reset by the device";
  if (what != nullptr) tell_({traffic.at, "client", device, fmt::format("{} over Modbus TCP: {}", name(), what)});
}

void ScriptedEms::register_signals(sim::SignalRegistry& registry) const {
  registry.add(name() + ".requests", "requests that this EMS has put on its lines", &requests_);
  registry.add(name() + ".answers", "sound answers to them, exceptions too", &answers_);
  registry.add(name() + ".unexpected_answers", "answers to orders of the timeline that are not what was said",
               &unexpected_answers_);
  registry.add(name() + ".failed_polls", "polls that gave no values", &failed_polls_);
  for (const Poll& poll : polls_) {
    for (std::size_t k = 0; k < poll.values.size(); ++k) {
      registry.add(fmt::format("{}.{}_{}{}", name(), poll.spec.device,
                               poll.spec.table == sim::Table::input ? "input_" : "", poll.spec.address + k),
                   "raw content of this register as last read; 0 before", &poll.values[k]);
    }
    if (!is_whole(poll.spec)) continue;
    registry.add(fmt::format("{}.{}_{}", name(), poll.spec.device, poll.spec.register_name),
                 "what these registers stand for by the device's map, as last read; 0 before", &poll.whole);
  }
}

void ScriptedEms::ask_polls(sim::Time now) {
  for (std::size_t index = 0; index < polls_.size(); ++index) {
    Poll& poll = polls_[index];
    if (poll.unit.master == nullptr || now < poll.next) continue;
    poll.next += poll.spec.period;
    if (poll.waits) continue;
    poll.waits = true;
    ++requests_;
    poll.unit.master->ask(request_of(poll.unit.address, first_poll + index, function_of(poll.spec.table),
                                     poll.spec.address, poll.spec.count));
  }
  set_alarm();
}

void ScriptedEms::set_alarm() {
  sim::Time next = sim::Time::max();
  for (const Poll& poll : polls_) {
    if (poll.unit.master != nullptr) next = std::min(next, poll.next);
  }
  if (next != sim::Time::max()) next_poll_.set(next);
}

Event ScriptedEms::carry_out(const OrderModbus& order, sim::Time now) {
  const auto unit = units_.find(order.device);
  if (unit == units_.end()) throw std::invalid_argument(fmt::format("device \"{}\" does not exist", order.device));
  if (unit->second.master == nullptr) {
    return {now, "modbus", order.device, words_of(order) + " (somebody else has the line)"};
  }
  auto free = std::find(orders_.begin(), orders_.end(), std::nullopt);
  if (free == orders_.end()) free = orders_.emplace(orders_.end());
  const auto tag = static_cast<std::size_t>(free - orders_.begin());
  *free = order;
  EmsMaster::Request request;
  if (order.what == OrderModbus::What::pdu) {
    request.raw = true;
    request.unit = unit->second.address;
    request.tag = tag;
    request.length = order.pdu.size();
    std::copy(order.pdu.begin(), order.pdu.end(), request.pdu.begin());
  } else if (order.what == OrderModbus::What::write) {
    request = request_of(unit->second.address, tag, write_single, order.address, order.value.value_or(0));
  } else if (order.what == OrderModbus::What::block) {
    request = request_of(unit->second.address, tag, write_block, order.address, static_cast<int>(order.values.size()));
    request.pdu[request.length++] = static_cast<std::uint8_t>(2 * order.values.size());
    for (const int value : order.values) put_word(request, value);
  } else {
    request = request_of(unit->second.address, tag, function_of(order.table), order.address, order.count);
  }
  ++requests_;
  unit->second.master->ask(request);
  return {now, "modbus", order.device, words_of(order)};
}

std::string ScriptedEms::words_of(const OrderModbus& order) const {
  return order_words(order, units_.at(order.device).map);
}

void ScriptedEms::answered(const EmsMaster::Request& request, EmsMaster::Outcome outcome,
                           std::span<const std::uint8_t> pdu) {
  if (outcome == EmsMaster::Outcome::reply) ++answers_;
  const std::string answer = word_of(request, outcome, pdu);
  if (request.tag >= first_poll) {
    take(polls_[request.tag - first_poll], answer, pdu);
    return;
  }
  const OrderModbus order = *std::exchange(orders_[request.tag], std::nullopt);
  judge(order, answer, pdu);
}

void ScriptedEms::take(Poll& poll, const std::string& answer, std::span<const std::uint8_t> pdu) {
  poll.waits = false;
  const bool fails = answer != "values";
  if (fails) {
    ++failed_polls_;
  } else {
    const auto registers = *registers_in(pdu, poll.spec.count);
    for (std::size_t k = 0; k < poll.values.size(); ++k) {
      poll.values[k] = as_number(word_at(registers, k), poll.is_signed[k]);
    }
    if (is_whole(poll.spec)) poll.whole = poll.scale * whole_of(poll.spec, registers);
  }
  if (fails == std::exchange(poll.fails, fails)) return;
  tell_({kernel_.now(), "modbus", poll.spec.device,
         fmt::format("poll of {}: {}", poll.spec.register_name, fails ? answer : "values again")});
}

void ScriptedEms::judge(const OrderModbus& order, const std::string& answer, std::span<const std::uint8_t> pdu) {
  std::string wrong;
  if (answer != order.answer) {
    wrong = fmt::format("{}, must be {}", answer, order.answer);
  } else if (answer == "values" && order.value) {
    const int word = word_at(pdu.subspan(2), 0);
    constexpr int low_word = 0xFFFF;
    if (word != (*order.value & low_word)) wrong = fmt::format("has {}, must have {}", word, *order.value & low_word);
  }
  if (wrong.empty()) return;
  ++unexpected_answers_;
  tell_({kernel_.now(), "modbus", order.device, fmt::format("{}: unexpected answer {}", words_of(order), wrong)});
}

}  // namespace hil::harness
