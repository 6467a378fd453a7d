#include "harness/scenario/modbus_order.h"

#include <fmt/format.h>

#include <charconv>

namespace hil::harness {
namespace {

constexpr std::string_view exception_prefix = "exception_";
constexpr int most_code = 255;

}  // namespace

bool is_answer(std::string_view word) {
  if (!word.starts_with(exception_prefix)) {
    return word == "echo" || word == "values" || word == "reply" || word == "none" || word == "garbled";
  }
  const std::string_view digits = word.substr(exception_prefix.size());
  int code = 0;
  const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  const bool whole = status == std::errc{} && rest == digits.data() + digits.size();
  return whole && digits.front() != '0' && digits.front() != '-' && code <= most_code;
}

std::string exception_word(int code) {
  return fmt::format("{}{}", exception_prefix, code);
}

std::string usual_answer(OrderModbus::What what) {
  switch (what) {
    case OrderModbus::What::write:
    case OrderModbus::What::block:
      return "echo";
    case OrderModbus::What::read:
      return "values";
    case OrderModbus::What::pdu:
      break;
  }
  return "reply";
}

std::string request_text(const OrderModbus& order) {
  if (order.what == OrderModbus::What::write) {
    return fmt::format("write {} = {}", order.register_name, order.value.value_or(0));
  }
  if (order.what == OrderModbus::What::block) {
    return fmt::format("write {} = {}", order.register_name, fmt::join(order.values, " "));
  }
  if (order.what == OrderModbus::What::read) {
    return fmt::format("read {}{}", order.register_name,
                       order.count == 1 ? "" : fmt::format(", {} registers", order.count));
  }
  std::string text = "send";
  for (const std::uint8_t byte : order.pdu) text += fmt::format(" {:02X}", byte);
  return text;
}

}  // namespace hil::harness
