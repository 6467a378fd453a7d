#include "harness/plant/service_program.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "harness/plant/modbus_codes.h"
#include "harness/plant/order_words.h"
#include "harness/scenario/device_map.h"
#include "harness/scenario/modbus_order.h"

namespace hil::harness {
namespace {

constexpr std::size_t longest_reply = 253;
constexpr int low_word = 0xFFFF;

void put_word(std::vector<std::uint8_t>& pdu, int word) {
  pdu.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(word) >> 8U & 0xFFU));
  pdu.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(word) & 0xFFU));
}

std::vector<std::uint8_t> pdu_of(const OrderModbus& order) {
  using What = OrderModbus::What;
  if (order.what == What::pdu) return order.pdu;
  const bool reads = order.what == What::read;
  const std::uint8_t reading = order.table == sim::Table::input ? read_input : read_holding;
  std::vector<std::uint8_t> pdu{reads ? reading : order.what == What::block ? write_block : write_single};
  put_word(pdu, order.address);
  if (reads) put_word(pdu, order.count);
  if (order.what == What::write) put_word(pdu, order.value.value_or(0));
  if (order.what == What::block) {
    put_word(pdu, static_cast<int>(order.values.size()));
    pdu.push_back(static_cast<std::uint8_t>(2 * order.values.size()));
    for (const int value : order.values) put_word(pdu, value);
  }
  return pdu;
}

/// What came back, in the words of a scenario.
std::string answer_word(const OrderModbus& order, std::span<const std::uint8_t> reply) {
  if (reply.empty()) return "none";
  if ((reply[0] & exception_bit) != 0) return exception_word(reply.size() > 1 ? reply[1] : 0);
  return usual_answer(order.what);
}

/// What is wrong with it; empty: nothing.
std::string fault_of(const OrderModbus& order, std::span<const std::uint8_t> reply) {
  const std::string answer = answer_word(order, reply);
  if (answer != order.answer) return fmt::format("{}, must be {}", answer, order.answer);
  if (answer != "values" || !order.value || reply.size() < 4) return "";
  const int word = reply[2] << 8U | reply[3];
  const int wanted = *order.value & low_word;
  return word == wanted ? "" : fmt::format("has {}, must have {}", word, wanted);
}

}  // namespace

ServiceProgram::ServiceProgram(const Scenario& scenario, UnitLines& lines, EventSink tell)
    : scenario_(scenario), lines_(lines), tell_(std::move(tell)) {}

void ServiceProgram::register_signals(sim::SignalRegistry& registry) const {
  registry.add("service.requests", "of the maker's program at a device", &requests_);
  registry.add("service.unexpected_answers", "other than the timeline says", &unexpected_answers_);
}

void ServiceProgram::carry_out(const OrderModbus& order, sim::Time now) {
  ++requests_;
  const std::string words = order_words(order, map_of(scenario_, order.device));
  tell_({now, "modbus", order.device, words});
  std::array<std::uint8_t, longest_reply> reply{};
  const std::size_t length = lines_.server(order.device).serve(pdu_of(order), reply, now);
  const std::string fault = fault_of(order, std::span{reply}.first(length));
  if (fault.empty()) return;
  ++unexpected_answers_;
  tell_({now, "modbus", order.device, fmt::format("{}: unexpected answer {}", words, fault)});
}

bool has_service_orders(const Scenario& scenario) {
  bool any = false;
  for_each_action(scenario, [&any](const Action& action) {
    const auto* order = std::get_if<OrderModbus>(&action);
    any = any || (order != nullptr && order->ems.empty());
  });
  return any;
}

}  // namespace hil::harness
