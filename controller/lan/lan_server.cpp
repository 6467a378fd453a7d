#include "controller/lan/lan_server.h"

#include <algorithm>

namespace hil::controller {

LanServer::LanServer(const LanSettings& settings) noexcept : settings_(settings) {
  if (settings_.overload) overload_.emplace(*settings_.overload);
  if (settings_.stale_inverters_power) inverters_w_.emplace(*settings_.stale_inverters_power);
}

bool LanServer::opened(std::size_t client, Time now) noexcept {
  if (client >= max_lan_clients || clients_[client].open) return false;
  clients_[client].open = true;
  clients_[client].heard_at = now;
  clients_[client].begin = clients_[client].end = 0;
  return true;
}

void LanServer::closed(std::size_t client) noexcept {
  if (client < max_lan_clients) clients_[client].open = false;
}

std::size_t LanServer::take(std::size_t client, std::span<const std::uint8_t> bytes, Time now) noexcept {
  if (!is_open(client)) return 0;
  Client& from = clients_[client];
  const bool stale = now - from.heard_at >= settings_.request_timeout;
  // Of a request that nobody went on with: it would swallow the beginning of the next one.
  if (stale && front_of(from).kind == LanFront::Kind::unfinished) from.begin = from.end = 0;
  if (!bytes.empty()) from.heard_at = now;
  std::copy(from.bytes.begin() + static_cast<std::ptrdiff_t>(from.begin),
            from.bytes.begin() + static_cast<std::ptrdiff_t>(from.end), from.bytes.begin());
  from.end -= from.begin;
  from.begin = 0;
  const std::size_t count = std::min(bytes.size(), from.bytes.size() - from.end);
  std::copy_n(bytes.begin(), count, from.bytes.begin() + static_cast<std::ptrdiff_t>(from.end));
  from.end += count;
  return count;
}

LanFront LanServer::front_of(Client& client) noexcept {
  for (;;) {
    const LanFront front = lan_front(client.waiting());
    if (front.kind != LanFront::Kind::noise) return front;
    client.begin += front.size;
  }
}

bool LanServer::full(std::size_t client) noexcept {
  return has_more(client) && clients_[client].waiting().size() == clients_[client].bytes.size();
}

bool LanServer::has_more(std::size_t client) noexcept {
  return is_open(client) && front_of(clients_[client]).kind != LanFront::Kind::unfinished;
}

std::optional<LanServer::Task> LanServer::next(std::size_t client, Time now) noexcept {
  while (is_open(client)) {
    const LanFront front = front_of(clients_[client]);
    if (front.kind == LanFront::Kind::unfinished) break;
    clients_[client].begin += front.size;
    if (const std::optional<Task> task = task_of(front, now)) return task;
  }
  return std::nullopt;
}

std::optional<LanServer::Task> LanServer::task_of(const LanFront& front, Time now) noexcept {
  const Task refusal{true, front.command_byte, {}};
  const LanOverload::State state = overload_ ? overload_->asked(now) : LanOverload::State::well;
  if (state == LanOverload::State::silent) return std::nullopt;
  if (state == LanOverload::State::wrong_answers) return refusal;
  if (front.kind == LanFront::Kind::malformed) {
    return settings_.answers_malformed ? std::optional{refusal} : std::nullopt;
  }
  if (front.request.command == LanCommand::telemetry && settings_.short_answer_every != 0 &&
      ++telemetry_asked_ % settings_.short_answer_every == 0) {
    return refusal;
  }
  return Task{false, front.command_byte, front.request};
}

bool LanServer::idle(std::size_t client, Time now) noexcept {
  if (!is_open(client) || settings_.idle_timeout == Time{0}) return false;
  if (now - clients_[client].heard_at < settings_.idle_timeout) return false;
  closed(client);
  return true;
}

Time LanServer::next_wake() const noexcept {
  Time at = Time::max();
  if (settings_.idle_timeout == Time{0}) return at;
  for (const Client& client : clients_) {
    if (client.open) at = std::min(at, client.heard_at + settings_.idle_timeout);
  }
  return at;
}

void LanServer::see_inverters_w(double present_w, Time now) noexcept {
  if (inverters_w_) inverters_w_->see(present_w, now);
}

double LanServer::shown_inverters_w(double present_w) const noexcept {
  return inverters_w_ ? inverters_w_->shown() : present_w;
}

}  // namespace hil::controller
