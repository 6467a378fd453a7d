#include "harness/plant/controller_host.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace hil::harness {
namespace {

/// A controller that asks for the present instant more often than this is stuck.
constexpr int most_wakes_at_one_instant = 10'000;
constexpr sim::Time bounce_period = std::chrono::milliseconds{1};  // assumed: small relays chatter at about a kilohertz

}  // namespace

ControllerHost::ControllerHost(sim::Kernel& kernel, const controller::Settings& settings,
                               const std::array<sim::SerialLine*, controller::max_lines>& lines)
    : kernel_(kernel),
      settings_(settings),
      lines_(lines),
      wake_(kernel.make_alarm([this](sim::Time now) {
        if (!controller_) return;
        count_wake(now);
        controller_->woken(core_time(now));
        carry_out();
      })),
      bounce_(kernel.make_alarm([this](sim::Time now) { bounce(now); })) {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    if (lines_[line] == nullptr) continue;
    lines_[line]->set_far_side([this, line](std::span<const std::uint8_t> bytes, sim::Time now) {
      if (!controller_) return;
      controller_->bytes_arrived(line, bytes, core_time(now));
      carry_out();
    });
  }
  start(sim::Time{0});
}

void ControllerHost::register_signals(sim::SignalRegistry& registry) const {
  registry.add("controller.powered", "1 while the controller has power", &powered_);
  registry.add("controller.export_limit_w", "its export limit in force, entered or sent to it", &export_limit_w_);
  registry.add("controller.control_mode", "its mode in force: 0 off, 1 DRED, 2 RCR, 3 value", &control_mode_);
  for (std::size_t input = 0; input < contacts_.size(); ++input) {
    registry.add("controller.contact." + std::string{contact_names[input]}, "1 while this contact is closed",
                 &contacts_[input].closed);
  }
}

void ControllerHost::start(sim::Time now) {
  controller_.emplace(controller::StorageImage{storage_[0], storage_[1]}, settings_);
  started_ = now;
  powered_ = 1.0;
  publish_settings();
  wake_.set(now);
}

void ControllerHost::set_power(bool on, sim::Time now) {
  if (on == powered()) return;
  if (!on) {
    controller_.reset();
    for (std::shared_ptr<LanClient>& client : lan_clients_) client.reset();
    powered_ = 0.0;
    wake_.cancel();
    return;
  }
  start(now);
  for (std::size_t input = 0; input < contacts_.size(); ++input) {
    if (contacts_[input].closed == 0.0) continue;
    controller_->input_changed(input, true, core_time(now));
    carry_out();
  }
}

bool ControllerHost::change_settings(const ChangeSettings& change, sim::Time now) {
  if (!controller_) return false;
  controller::Settings changed = controller_->settings();
  change.apply_to(changed);
  if (!controller::same_wiring(changed, controller_->settings())) {
    if (controller::problem_in(changed)) return false;
    settings_ = changed;
    storage_ = {};
    set_power(false, now);
    set_power(true, now);
    return true;
  }
  const bool taken = controller_->change_settings(changed, core_time(now));
  carry_out();
  return taken;
}

bool ControllerHost::starts_anew_with(const ChangeSettings& change) const {
  controller::Settings changed = controller_->settings();
  change.apply_to(changed);
  return !controller::same_wiring(changed, controller_->settings()) && !controller::problem_in(changed);
}

std::optional<controller::NetworkSettings::Address> ControllerHost::lan_address(
    const std::optional<controller::NetworkSettings::Address>& given) const {
  const controller::NetworkSettings& network = controller_->settings().network;
  return network.dhcp ? given : network.address;
}

bool ControllerHost::scan(sim::Time now) {
  if (!controller_) return false;
  controller_->scan(core_time(now));
  carry_out();
  return true;
}

bool ControllerHost::check_cts(sim::Time now) {
  if (!controller_) return false;
  controller_->check_cts(core_time(now));
  carry_out();
  return true;
}

void ControllerHost::set_contact(controller::Input input, bool closed, sim::Time bounce, sim::Time now) {
  Contact& contact = contacts_[static_cast<std::size_t>(input)];
  contact.ordered = closed;
  contact.settled_at = now + bounce;
  contact.next_bounce = bounce >= bounce_period ? now + bounce_period : sim::Time::max();
  move_contact(static_cast<std::size_t>(input), closed, now);
  set_bounce_alarm();
}

void ControllerHost::move_contact(std::size_t input, bool closed, sim::Time now) {
  double& level = contacts_[input].closed;
  if ((level != 0.0) == closed) return;
  level = closed ? 1.0 : 0.0;
  if (!controller_) return;
  controller_->input_changed(input, closed, core_time(now));
  carry_out();
}

void ControllerHost::bounce(sim::Time now) {
  for (std::size_t input = 0; input < contacts_.size(); ++input) {
    Contact& contact = contacts_[input];
    if (now < contact.next_bounce) continue;
    const bool over = now >= contact.settled_at;
    contact.next_bounce = over ? sim::Time::max() : now + bounce_period;
    move_contact(input, over ? contact.ordered : contact.closed == 0.0, now);
  }
  set_bounce_alarm();
}

void ControllerHost::set_bounce_alarm() {
  sim::Time next = sim::Time::max();
  for (const Contact& contact : contacts_) next = std::min(next, contact.next_bounce);
  if (next == sim::Time::max()) {
    bounce_.cancel();
  } else {
    bounce_.set(next);
  }
}

void ControllerHost::deliver(Delivery& delivery) {
  LanClient& client = *delivery.client;
  if (client.open && delivery.port.count != 0 && client.receiver.bytes) {
    client.receiver.bytes(delivery.port.pending(), kernel_.now());
  }
  if (!delivery.port.close || !std::exchange(client.open, false)) return;
  if (client.receiver.closed) client.receiver.closed(kernel_.now());
}

std::optional<std::size_t> ControllerHost::lan_open(LanReceiver receiver) {
  if (!controller_) return std::nullopt;
  const auto free = std::find(lan_clients_.begin(), lan_clients_.end(), nullptr);
  const auto client = static_cast<std::size_t>(free - lan_clients_.begin());
  if (!controller_->lan_opened(client, core_time(kernel_.now()))) return std::nullopt;
  *free = std::make_shared<LanClient>(LanClient{std::move(receiver)});
  carry_out();
  return client;
}

void ControllerHost::lan_send(std::size_t client, std::span<const std::uint8_t> bytes) {
  if (!controller_) return;
  controller_->lan_bytes_arrived(client, bytes, core_time(kernel_.now()));
  carry_out();
}

void ControllerHost::lan_close(std::size_t client) {
  if (client >= lan_clients_.size() || lan_clients_[client] == nullptr) return;
  lan_clients_[client]->open = false;
  lan_clients_[client].reset();
  controller_->lan_closed(client, core_time(kernel_.now()));
  carry_out();
}

void ControllerHost::count_wake(sim::Time now) {
  wakes_at_instant_ = now == last_wake_ ? wakes_at_instant_ + 1 : 1;
  last_wake_ = now;
  if (wakes_at_instant_ > most_wakes_at_one_instant) {
    throw std::runtime_error("the controller asks to be woken at once again and again: it is stuck");
  }
}

void ControllerHost::carry_out() {
  const controller::Output& output = controller_->output();
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const auto pending = output.lines[line].pending();
    if (!pending.empty() && lines_[line] != nullptr) lines_[line]->send(pending);
  }
  std::array<Delivery, controller::max_lan_clients> deliveries;
  for (std::size_t client = 0; client < deliveries.size(); ++client) {
    const controller::LanPort& port = output.lan[client];
    if (port.count == 0 && !port.close) continue;
    deliveries[client] = {lan_clients_[client], port};
    if (port.close) lan_clients_[client].reset();
  }
  const bool stored = output.storage.count > 0;
  if (stored) {
    const auto record = output.storage.pending();
    storage_[output.storage.slot].assign(record.begin(), record.end());
  }
  const sim::Time next_wake = output.next_wake;
  controller_->sent();
  publish_settings();
  if (next_wake == sim::Time::max()) {
    wake_.cancel();
  } else {
    wake_.set(started_ + next_wake);
  }
  for (Delivery& delivery : deliveries) {
    if (delivery.client != nullptr) deliver(delivery);
  }
  if (!stored || !controller_) return;
  controller_->storage_written(true, core_time(kernel_.now()));
  carry_out();
}

void ControllerHost::publish_settings() {
  const double limit_w = controller_->settings().export_limit_w;
  export_limit_w_ = std::isnan(limit_w) ? 0.0 : limit_w;  // not entered yet
  control_mode_ = static_cast<double>(controller_->settings().control_mode);
}

}  // namespace hil::harness
