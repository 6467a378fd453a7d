#include "harness/plant/controller_host.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hil::harness {
namespace {

/// A controller that asks for the present instant more often than this is stuck.
constexpr int most_wakes_at_one_instant = 10'000;

}  // namespace

ControllerHost::ControllerHost(sim::Kernel& kernel, const controller::Settings& settings,
                               const std::array<sim::SerialLine*, controller::max_lines>& lines)
    : kernel_(kernel), controller_(settings), lines_(lines), wake_(kernel.make_alarm([this](sim::Time now) {
        count_wake(now);
        controller_.woken(now);
        carry_out();
      })) {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    if (lines_[line] == nullptr) continue;
    lines_[line]->set_far_side([this, line](std::span<const std::uint8_t> bytes, sim::Time now) {
      controller_.bytes_arrived(line, bytes, now);
      carry_out();
    });
  }
  wake_.set(sim::Time{0});
}

void ControllerHost::count_wake(sim::Time now) {
  wakes_at_instant_ = now == last_wake_ ? wakes_at_instant_ + 1 : 1;
  last_wake_ = now;
  if (wakes_at_instant_ > most_wakes_at_one_instant) {
    throw std::runtime_error("the controller asks to be woken at once again and again: it is stuck");
  }
}

void ControllerHost::carry_out() {
  const controller::Output& output = controller_.output();
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
  const sim::Time next_wake = output.next_wake;
  controller_.sent();
  if (next_wake == sim::Time::max()) {
    wake_.cancel();
  } else {
    wake_.set(next_wake);
  }
  for (Delivery& delivery : deliveries) {
    if (delivery.client != nullptr) deliver(delivery);
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
  const auto free = std::find(lan_clients_.begin(), lan_clients_.end(), nullptr);
  const auto client = static_cast<std::size_t>(free - lan_clients_.begin());
  if (!controller_.lan_opened(client, kernel_.now())) return std::nullopt;
  *free = std::make_shared<LanClient>(LanClient{std::move(receiver)});
  carry_out();
  return client;
}

void ControllerHost::lan_send(std::size_t client, std::span<const std::uint8_t> bytes) {
  controller_.lan_bytes_arrived(client, bytes, kernel_.now());
  carry_out();
}

void ControllerHost::lan_close(std::size_t client) {
  if (client >= lan_clients_.size() || lan_clients_[client] == nullptr) return;
  lan_clients_[client]->open = false;
  lan_clients_[client].reset();
  controller_.lan_closed(client, kernel_.now());
  carry_out();
}

}  // namespace hil::harness
