#include "harness/plant/controller_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace hil::harness {
namespace {

constexpr const char* nobody = " (no controller here)";

}  // namespace

Event ControllerActions::carry_out(const SwitchController& order, sim::Time now) {
  const std::string text = order.on ? "power on" : "power off";
  if (host_ == nullptr) return {now, "switch", "controller", text + nobody};
  if (!order.on) {
    for (LanLink& client : clients_) client.server_lost_power();
  }
  host_->set_power(order.on, now);
  return {now, "switch", "controller", text};
}

Event ControllerActions::carry_out(const MoveContact& order, sim::Time now) {
  const std::string subject = "controller.contact." + std::string{contact_names[static_cast<std::size_t>(order.input)]};
  const std::string text = order.closed ? "closed" : "open";
  if (host_ == nullptr) return {now, "contact", subject, text + " (no controller here: by hand)"};
  host_->set_contact(order.input, order.closed, order.bounce, now);
  return {now, "contact", subject, text};
}

Event ControllerActions::carry_out(const ChangeSettings& order, sim::Time now) {
  if (host_ == nullptr) return {now, "settings", "controller", order.text() + nobody};
  if (!host_->powered()) return {now, "settings", "controller", order.text() + " (no power)"};
  const bool starts_anew = host_->starts_anew_with(order);
  if (starts_anew) {
    for (LanLink& client : clients_) client.server_lost_power();
  }
  const bool taken = host_->change_settings(order, now);
  const char* ending = !taken ? " (refused)" : starts_anew ? " (starts anew)" : "";
  return {now, "settings", "controller", order.text() + ending};
}

Event ControllerActions::carry_out(const StartCommissioning& order, sim::Time now) {
  const bool scan = order.what == StartCommissioning::What::scan;
  const std::string text = scan ? "scan" : "CT check";
  if (host_ == nullptr) return {now, "commissioning", "controller", text + nobody};
  const bool begun = scan ? host_->scan(now) : host_->check_cts(now);
  return {now, "commissioning", "controller", text + (begun ? "" : " (no power)")};
}

Event ControllerActions::carry_out(const OrderLanClient& order, sim::Time now) {
  std::string text{name_of(order.order.service)};
  if (order.order.limit_kw) text += fmt::format(" {:g} kW", *order.order.limit_kw);
  if (!client(order.client).order(order.order, now)) text += " (it is not up)";
  return {now, "lan", order.client, text};
}

Event ControllerActions::carry_out(const SwitchLanClient& order, sim::Time now) {
  LanLink& link = client(order.client);
  if (order.on) {
    link.switch_on(now);
    return {now, "switch", order.client, "power on"};
  }
  link.die(order.death, now);
  if (order.death.exchange == 0) return {now, "switch", order.client, "power off"};
  return {now, "switch", order.client, fmt::format("power off in exchange {} from now", order.death.exchange)};
}

LanLink& ControllerActions::client(const std::string& name) {
  const auto found =
      std::find_if(clients_.begin(), clients_.end(), [&name](const LanLink& each) { return each.name() == name; });
  if (found == clients_.end()) throw std::invalid_argument(fmt::format("LAN client \"{}\" does not exist", name));
  return *found;
}

}  // namespace hil::harness
