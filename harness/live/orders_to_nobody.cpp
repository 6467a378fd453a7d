#include "harness/live/orders_to_nobody.h"

#include <fmt/format.h>

#include <type_traits>
#include <variant>

#include "harness/faults/fault_kinds.h"
#include "harness/record/number_text.h"
#include "harness/scenario/fleet_order.h"
#include "harness/scenario/modbus_order.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_told = 10;

/// What is ordered, and what is left to do; `what` is empty when the bench itself carries it out.
struct Order {
  std::string what;
  std::string instead;
};

Order order_of(const Action& action) {
  return std::visit(
      [](const auto& order) -> Order {
        using Kind = std::decay_t<decltype(order)>;
        if constexpr (std::is_same_v<Kind, MoveContact>) {
          return {fmt::format("contact {} {}", contact_names[static_cast<std::size_t>(order.input)],
                              order.closed ? "closes" : "opens"),
                  fmt::format("the bench drives none, {} it by hand", order.closed ? "close" : "open")};
        } else if constexpr (std::is_same_v<Kind, ChangeSettings>) {
          return {"settings " + order.text(), "set the controller by hand"};
        } else if constexpr (std::is_same_v<Kind, StartCommissioning>) {
          return {order.what == StartCommissioning::What::scan ? "scan of the lines" : "CT check",
                  "start it at the controller"};
        } else if constexpr (std::is_same_v<Kind, SwitchController>) {
          return {fmt::format("controller's power {}", order.on ? "on" : "off"), "switch it by hand"};
        } else if constexpr (std::is_same_v<Kind, OrderLanClient> || std::is_same_v<Kind, SwitchLanClient>) {
          return {fmt::format("order to the LAN client {}", order.client), "it does not reach this controller"};
        } else if constexpr (std::is_same_v<Kind, FaultSpec>) {
          const FaultKind* const kind = find_fault_kind(order.kind);
          if (kind == nullptr || kind->target != FaultTarget::lan_client) return {};
          return {fmt::format("fault {} of the LAN client {}", order.kind, order.target),
                  "it does not reach this controller"};
        } else if constexpr (std::is_same_v<Kind, OrderModbus>) {
          if (order.ems.empty()) return {};  // the maker's program, at the device itself
          return {fmt::format("{} to {}", request_text(order), order.device), "its line is another master's"};
        } else if constexpr (std::is_same_v<Kind, OrderFleet>) {
          return {"order to the leader: " + text_of(order), "tell it to the one that is attached"};
        } else if constexpr (std::is_same_v<Kind, ReleaseFleet>) {
          return {"release of converters by the leader", "tell it to the one that is attached"};
        } else {
          return {};
        }
      },
      action);
}

}  // namespace

std::vector<std::string> orders_to_nobody(const Scenario& scenario) {
  std::vector<std::string> lines;
  std::size_t more = 0;
  const auto tell = [&](const Action& action, const std::string& when) {
    const Order order = order_of(action);
    if (order.what.empty()) return;
    if (lines.size() == most_told) {
      ++more;
    } else {
      lines.push_back(fmt::format("{} {}: {}", order.what, when, order.instead));
    }
  };
  if (scenario.leader && !scenario.leader->transfer_switch.empty()) {
    lines.push_back(fmt::format("the leader's orders to {}: the bench hears none, nobody moves it",
                                scenario.leader->transfer_switch));
  }
  for (const TimelineEntry& entry : scenario.timeline) {
    for (const Action& action : entry.actions) tell(action, "at " + time_text(entry.at));
  }
  for (const TriggerSpec& trigger : scenario.triggers) {
    for (const DelayedAction& delayed : trigger.actions) {
      const std::string delay = delayed.delay > sim::Time{0} ? ", " + time_text(delayed.delay) + " later" : "";
      tell(delayed.action, fmt::format("{} {}{}", trigger.element, trigger.description, delay));
    }
  }
  if (more > 0) lines.push_back(fmt::format("and {} more such orders", more));
  return lines;
}

}  // namespace hil::harness
