#include "sim/wire/network_port.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sim/wire/modbus_tcp.h"

namespace hil::sim {
namespace {

constexpr NetworkMarks marks_of_requests =
    mark_of(NetworkFault::reset) | mark_of(NetworkFault::silent) | mark_of(NetworkFault::request_dropped);
constexpr NetworkMarks marks_of_replies =
    ((NetworkMarks{1} << network_fault_count) - 1) & ~(mark_of(NetworkFault::reply_dropped) - 1);

bool hit(NetworkMarks hits, NetworkFault fault) {
  return (hits & mark_of(fault)) != 0;
}

}  // namespace

NetworkPort::NetworkPort(Kind kind, std::uint64_t seed, Time reply_delay)
    : kind_(kind), reply_delay_(reply_delay), random_(seed), clear_(reply_delay == Time{0}) {}

void NetworkPort::open(std::function<void()> changed) {
  changed_ = std::move(changed);
  replies_.resize(most_waiting);
  free_.clear();
  waiting_.clear();
  free_.reserve(most_waiting);
  waiting_.reserve(most_waiting);
  for (std::size_t place = most_waiting; place > 0; --place) free_.push_back(place - 1);
}

void NetworkPort::set(NetworkFault fault, const Setting& setting) {
  settings_[static_cast<std::size_t>(fault)] = setting;
  clear_ = reply_delay_ == Time{0} &&
           std::all_of(settings_.begin(), settings_.end(), [](const Setting& each) { return each.probability == 0.0; });
  if (changed_) changed_();
}

/// Once for each that is on, and only for those.
NetworkMarks NetworkPort::draw(NetworkMarks candidates) {
  NetworkMarks hits = 0;
  for (std::size_t i = 0; i < network_fault_count; ++i) {
    const NetworkMarks mark = mark_of(static_cast<NetworkFault>(i));
    const double probability = settings_[i].probability;
    if ((candidates & mark) != 0 && probability > 0.0 && random_.uniform() < probability) hits |= mark;
  }
  return hits;
}

/// 0 .. count - 1.
std::size_t NetworkPort::draw_below(std::size_t count) {
  return std::min(static_cast<std::size_t>(random_.uniform() * static_cast<double>(count)), count - 1);
}

NetworkMarks NetworkPort::request(Client client, Time now) {
  drop_kept_too_long(now);
  const NetworkMarks of_connections = resets_connections() ? mark_of(NetworkFault::reset) : 0;
  const NetworkMarks hits = draw(marks_of_requests & ~of_connections);
  if (hits != 0) return hits;
  for (const std::size_t place : waiting_) {
    Reply& reply = replies_[place];
    if (reply.client != client || reply.kept != Kept::for_next_request) continue;
    reply.kept = Kept::no;
    reply.due = now;
  }
  return hits;
}

void NetworkPort::head_faults(Reply& reply, NetworkMarks hits) const {
  if (reply.size < mbap_header_bytes) return;
  const std::span<std::uint8_t> bytes = reply.bytes;
  const auto number = [this](NetworkFault fault) { return static_cast<std::size_t>(setting(fault).number); };
  if (hit(hits, NetworkFault::wrong_transaction)) {
    put_word(bytes, 0, static_cast<std::size_t>(bytes[0] << 8 | bytes[1]) + number(NetworkFault::wrong_transaction));
  }
  if (hit(hits, NetworkFault::wrong_protocol)) put_word(bytes, 2, number(NetworkFault::wrong_protocol));
  if (hit(hits, NetworkFault::wrong_length)) put_word(bytes, 4, number(NetworkFault::wrong_length));
  if (hit(hits, NetworkFault::wrong_unit)) bytes[6] = static_cast<std::uint8_t>(number(NetworkFault::wrong_unit));
}

/// Its bytes and the pieces in which they leave.
void NetworkPort::shape(Reply& reply, NetworkMarks hits) {
  head_faults(reply, hits);
  if (hit(hits, NetworkFault::truncated)) {
    const auto wanted = static_cast<std::size_t>(setting(NetworkFault::truncated).number);
    reply.size = wanted == 0 ? 1 + draw_below(reply.size - 1) : std::min(wanted, reply.size - 1);
  }
  if (hit(hits, NetworkFault::doubled)) {
    const auto end = reply.bytes.begin() + static_cast<std::ptrdiff_t>(reply.size);
    std::copy(reply.bytes.begin(), end, end);
    reply.size *= 2;
  }
  reply.piece = reply.size;
  if (hit(hits, NetworkFault::split)) {
    const auto wanted = static_cast<std::size_t>(setting(NetworkFault::split).number);
    reply.piece = wanted == 0 ? (reply.size + 1) / 2 : wanted;
    reply.pause = setting(NetworkFault::split).time;
  }
  if (hit(hits, NetworkFault::duplicated)) {
    reply.again = true;
    reply.again_after = setting(NetworkFault::duplicated).time;
  }
}

void NetworkPort::keep(Reply& reply, NetworkMarks hits, Time now) const {
  if (hit(hits, NetworkFault::late)) {
    reply.kept = Kept::for_next_request;
    reply.kept_from = now;
  } else if (hit(hits, NetworkFault::merged)) {
    reply.kept = Kept::for_next_reply;
    reply.due += setting(NetworkFault::merged).time;
  }
}

/// Onto the end of one that was kept for it; false: there is none.
bool NetworkPort::merge(Client client, const Reply& with) {
  for (const std::size_t place : waiting_) {
    Reply& kept = replies_[place];
    if (kept.client != client || kept.kept != Kept::for_next_reply || kept.sent > 0) continue;
    std::copy_n(with.bytes.begin(), with.size, kept.bytes.begin() + static_cast<std::ptrdiff_t>(kept.size));
    kept.size += with.size;
    kept.piece = std::max(kept.piece, kept.size);
    kept.kept = Kept::no;
    kept.marks |= with.marks;
    kept.due = with.due;
    return true;
  }
  return false;
}

NetworkPort::Fate NetworkPort::reply(Client client, std::span<const std::uint8_t> frame, Time now) {
  if (frame.empty() || frame.size() > largest_reply) throw std::length_error("reply of a network port");
  const auto of_client = std::count_if(waiting_.begin(), waiting_.end(),
                                       [&](std::size_t place) { return replies_[place].client == client; });
  if (static_cast<std::size_t>(of_client) == most_of_one_client || !make_room()) return Fate::no_room;
  const NetworkMarks hits = draw(marks_of_replies);
  if (hit(hits, NetworkFault::reply_dropped)) return Fate::dropped;

  const std::size_t place = free_.back();
  Reply& reply = replies_[place];
  reply.client = client;
  reply.due = now + reply_delay_;
  if (hit(hits, NetworkFault::delay)) reply.due += setting(NetworkFault::delay).time;
  if (hit(hits, NetworkFault::jitter)) {
    const auto most = static_cast<double>(setting(NetworkFault::jitter).time.count());
    reply.due += Time{static_cast<Time::rep>(most * random_.uniform())};
  }
  reply.kept = Kept::no;
  reply.size = frame.size();
  reply.sent = 0;
  reply.pause = Time{0};
  reply.again = false;
  reply.marks = hits | (has(NetworkFault::stall) ? mark_of(NetworkFault::stall) : 0);
  std::copy(frame.begin(), frame.end(), reply.bytes.begin());
  shape(reply, hits);
  if (merge(client, reply)) return Fate::waits;
  keep(reply, hits, now);
  free_.pop_back();
  waiting_.push_back(place);
  return Fate::waits;
}

/// In a stream, one of the same client that came before it.
bool NetworkPort::behind_another(std::size_t place) const {
  if (kind_ == Kind::datagram) return false;
  for (const std::size_t earlier : waiting_) {
    if (earlier == place) return false;
    if (replies_[earlier].client == replies_[place].client) return true;
  }
  return false;
}

bool NetworkPort::is_ready(std::size_t place) const {
  return replies_[place].kept != Kept::for_next_request && !behind_another(place);
}

Time NetworkPort::next_due() const {
  Time due = never;
  if (has(NetworkFault::stall)) return due;
  for (const std::size_t place : waiting_) {
    if (is_ready(place)) due = std::min(due, replies_[place].due);
  }
  return due;
}

void NetworkPort::release(std::size_t place) {
  std::erase(waiting_, place);
  free_.push_back(place);
}

void NetworkPort::lose(std::size_t place) {
  if (lost_) lost_(replies_[place].client);
  release(place);
}

/// Their clients ask no more: they would hold their places for good.
void NetworkPort::drop_kept_too_long(Time now) {
  for (std::size_t i = 0; i < waiting_.size();) {
    const Reply& reply = replies_[waiting_[i]];
    if (reply.kept == Kept::for_next_request && now - reply.kept_from > longest_kept) {
      lose(waiting_[i]);
    } else {
      ++i;
    }
  }
}

/// For one more, if need be at the cost of the one kept longest for a request; false: there is none.
bool NetworkPort::make_room() {
  if (!free_.empty()) return true;
  const auto oldest = std::find_if(waiting_.begin(), waiting_.end(), [this](std::size_t place) {
    return replies_[place].kept == Kept::for_next_request;
  });
  if (oldest == waiting_.end()) return false;
  lose(*oldest);
  return true;
}

std::optional<NetworkPort::Piece> NetworkPort::next(Time now) {
  const Time due = next_due();
  if (due == never || due > now) return std::nullopt;
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](std::size_t place) { return replies_[place].due == due && is_ready(place); });
  const std::size_t place = *found;
  Reply& reply = replies_[place];
  reply.kept = Kept::no;
  const std::size_t length = std::min(reply.piece, reply.size - reply.sent);
  const Piece piece{reply.client, std::span(reply.bytes).subspan(reply.sent, length), reply.marks};
  reply.sent += length;
  if (reply.sent < reply.size) {
    reply.due = now + reply.pause;
  } else if (reply.again) {
    reply.again = false;
    reply.sent = 0;
    reply.due = now + reply.again_after;
  } else {
    release(place);
  }
  return piece;
}

void NetworkPort::forget(Client client) {
  for (std::size_t i = 0; i < waiting_.size();) {
    if (replies_[waiting_[i]].client == client) {
      release(waiting_[i]);
    } else {
      ++i;
    }
  }
}

}  // namespace hil::sim
