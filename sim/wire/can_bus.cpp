#include "sim/wire/can_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace hil::sim {
namespace {

constexpr int slowest_hz = 10'000;
constexpr int fastest_hz = 1'000'000;

// ISO 11898-1, fault confinement.
constexpr int step_of_sender = 8;
constexpr int passive_above = 127;
constexpr int bus_off_above = 255;
constexpr int receiver_back_at = 119;
constexpr std::size_t recovery_bits = std::size_t{128} * 11;
constexpr std::size_t error_flag = 6;
constexpr std::size_t error_delimiter = 8;
constexpr std::size_t suspend_transmission = 8;

}  // namespace

CanBus::CanBus(Kernel& kernel, int bit_rate_hz, std::uint64_t seed)
    : kernel_(kernel), bit_rate_hz_(bit_rate_hz), random_(seed) {
  if (bit_rate_hz < slowest_hz || bit_rate_hz > fastest_hz) {
    throw std::invalid_argument(
        fmt::format("CAN bit rate is {} Hz, must be {}..{} Hz", bit_rate_hz, slowest_hz, fastest_hz));
  }
  nodes_.reserve(most_nodes);
  for (std::size_t piece = 0; piece < most_nodes; ++piece) {
    alarms_.push_back(kernel_.make_alarm([this, piece](Time now) { wake(piece, now); }));
  }
}

Time CanBus::bits(std::size_t count) const {
  constexpr std::int64_t second_ns = 1'000'000'000;
  const auto rate = static_cast<std::int64_t>(bit_rate_hz_);
  return Time{(static_cast<std::int64_t>(count) * second_ns + rate / 2) / rate};
}

std::size_t CanBus::add_node(const std::string& name, Heard heard) {
  if (nodes_.size() == most_nodes) {
    throw std::invalid_argument(fmt::format("CAN node \"{}\" is one too many, a bus has {} at most", name, most_nodes));
  }
  const std::size_t index = nodes_.size();
  Node& node = nodes_.emplace_back();
  node.name = name;
  node.heard = std::move(heard);
  returns_.push_back(kernel_.make_alarm([this, index](Time) {
    forget(nodes_[index]);
    set_alarm(nodes_[index].place.piece);
  }));
  return index;
}

CanBus::State CanBus::state(std::size_t node) const {
  const Node& of = nodes_.at(node);
  if (of.off) return State::bus_off;
  return of.transmit_errors > passive_above || of.receive_errors > passive_above ? State::passive : State::active;
}

void CanBus::set_error_rate(double probability) {
  if (!(probability >= 0.0 && probability <= 1.0)) {
    throw std::invalid_argument(fmt::format("error rate of a CAN bus is {}, must be 0..1", probability));
  }
  error_rate_ = probability;
}

bool CanBus::send(std::size_t node, const CanFrame& frame) {
  if (!frame.is_valid()) {
    throw std::invalid_argument(
        fmt::format("CAN frame with identifier {:#x} and {} bytes is not valid", frame.id, frame.length));
  }
  Node& from = nodes_.at(node);
  if (from.off || !from.place.powered || from.waiting_count == mailboxes) {
    ++from.counters.refused;
    return false;
  }
  from.waiting[from.waiting_count++] = {frame, sent_order_++};
  set_alarm(from.place.piece);
  return true;
}

void CanBus::set_place(std::size_t node, const Place& place) {
  if (place.piece >= most_nodes) {
    throw std::invalid_argument(fmt::format("piece of a CAN bus is {}, must be 0..{}", place.piece, most_nodes - 1));
  }
  Node& moved = nodes_.at(node);
  if (place == moved.place) return;
  const Time now = kernel_.now();
  const std::size_t left = moved.place.piece;
  spoil(left, now);
  if (place.piece != left) spoil(place.piece, now);
  moved.place = place;
  if (!place.powered) {
    returns_[node].cancel();
    forget(moved);
  }
  set_alarm(left);
  set_alarm(place.piece);
}

void CanBus::forget(Node& node) {
  node.off = false;
  node.transmit_errors = 0;
  node.receive_errors = 0;
  node.waiting_count = 0;
}

bool CanBus::dead(std::size_t piece) const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [piece](const Node& node) { return node.place.piece == piece && node.place.shorted; });
}

bool CanBus::sends(std::size_t node) const {
  const Piece& on = pieces_[nodes_[node].place.piece];
  const auto end = on.senders.begin() + static_cast<std::ptrdiff_t>(on.sender_count);
  return on.busy && std::find(on.senders.begin(), end, node) != end;
}

bool CanBus::listens(std::size_t node, std::size_t piece) const {
  const Node& of = nodes_[node];
  return of.place.piece == piece && of.place.powered && !of.place.swapped && !of.off && !sends(node) && !dead(piece);
}

std::size_t CanBus::first_waiting(const Node& node) const {
  const auto end = node.waiting.begin() + static_cast<std::ptrdiff_t>(node.waiting_count);
  const auto first = std::min_element(node.waiting.begin(), end, [](const Waiting& a, const Waiting& b) {
    return std::pair{a.frame.arbitration_key(), a.order} < std::pair{b.frame.arbitration_key(), b.order};
  });
  return static_cast<std::size_t>(first - node.waiting.begin());
}

void CanBus::set_alarm(std::size_t piece) {
  const Piece& on = pieces_[piece];
  if (on.busy) {
    alarms_[piece].set(on.end);
    return;
  }
  Time next = Time::max();
  for (const Node& node : nodes_) {
    if (node.place.piece == piece && node.waiting_count > 0) next = std::min(next, node.rests_until);
  }
  if (next == Time::max()) return;
  alarms_[piece].set(std::max(next, on.idle_from));
}

void CanBus::wake(std::size_t piece, Time now) {
  Piece& on = pieces_[piece];
  if (on.busy && now >= on.end) end_frame(piece, now);
  if (!on.busy && now >= on.idle_from) begin_frame(piece, now);
  set_alarm(piece);
}

void CanBus::begin_frame(std::size_t piece, Time now) {
  Piece& on = pieces_[piece];
  on.sender_count = 0;
  std::uint32_t lowest = std::numeric_limits<std::uint32_t>::max();
  const auto competes = [&](const Node& node) {
    return node.place.piece == piece && node.waiting_count > 0 && now >= node.rests_until;
  };
  for (Node& node : nodes_) {
    if (!competes(node)) continue;
    node.under_way = first_waiting(node);
    lowest = std::min(lowest, node.waiting[node.under_way].frame.arbitration_key());
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!competes(nodes_[i])) continue;
    if (nodes_[i].waiting[nodes_[i].under_way].frame.arbitration_key() == lowest) {
      on.senders[on.sender_count++] = i;
    } else {
      ++nodes_[i].counters.arbitration_lost;
    }
  }
  if (on.sender_count == 0) return;
  on.busy = true;
  on.begin = now;
  on.end = now + bits(choose_outcome(on, piece));
}

/// Returns how many bits the attempt takes.
std::size_t CanBus::choose_outcome(Piece& on, std::size_t piece) {
  const Node& first = nodes_[on.senders[0]];
  const CanFrame& frame = first.waiting[first.under_way].frame;
  const CanBits sent{frame};
  const auto failed = [&on](Outcome outcome, std::size_t last_bit) {
    on.outcome = outcome;
    return last_bit + 1 + error_flag + error_delimiter;
  };
  std::size_t differs = sent.size();
  bool reads_itself = !dead(piece);
  for (std::size_t i = 0; i < on.sender_count; ++i) {
    const Node& other = nodes_[on.senders[i]];
    const CanFrame& its = other.waiting[other.under_way].frame;
    if (!its.same_on_wire(frame)) differs = std::min(differs, sent.first_difference(CanBits{its}));
    reads_itself = reads_itself && !other.place.swapped;
  }
  if (!reads_itself) return failed(Outcome::bit_error, 0);
  if (differs < sent.size()) return failed(Outcome::bit_error, differs);
  bool is_heard = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) is_heard = is_heard || listens(i, piece);
  if (!is_heard) return failed(Outcome::no_acknowledge, sent.size() + CanBits::acknowledge_slot);
  const std::size_t whole = sent.size() + CanBits::tail;
  if (error_rate_ > 0.0 && random_.uniform() < error_rate_) return failed(Outcome::noise, whole - 1);
  on.outcome = Outcome::sent;
  return whole;
}

void CanBus::end_frame(std::size_t piece, Time now) {
  Piece& on = pieces_[piece];
  for (std::size_t i = 0; i < on.sender_count; ++i) {
    const Node& sender = nodes_[on.senders[i]];
    const Record record{sender.waiting[sender.under_way].frame, on.senders[i], on.outcome, on.begin, now};
    for (const Monitor& monitor : monitors_) monitor(record);
  }
  // What ends in its midst has its flag and delimiter yet to come.
  const std::size_t flag = on.outcome == Outcome::form_error ? error_flag + error_delimiter : 0;
  on.idle_from = now + bits(flag + CanBits::intermission);
  on.outcome == Outcome::sent ? succeed(piece, now) : fail(piece, now);
}

void CanBus::succeed(std::size_t piece, Time now) {
  Piece& on = pieces_[piece];
  const Node& first = nodes_[on.senders[0]];
  const CanFrame frame = first.waiting[first.under_way].frame;
  std::array<bool, most_nodes> hears{};
  for (std::size_t i = 0; i < nodes_.size(); ++i) hears[i] = listens(i, piece);
  for (std::size_t i = 0; i < on.sender_count; ++i) {
    const std::size_t index = on.senders[i];
    Node& sender = nodes_[index];
    if (state(index) == State::passive) sender.rests_until = on.idle_from + bits(suspend_transmission);
    ++sender.counters.sent;
    sender.transmit_errors = std::max(0, sender.transmit_errors - 1);
    sender.waiting[sender.under_way] = sender.waiting[--sender.waiting_count];
  }
  on.busy = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!hears[i]) continue;
    Node& node = nodes_[i];
    ++node.counters.heard;
    node.receive_errors = node.receive_errors > passive_above ? receiver_back_at : std::max(0, node.receive_errors - 1);
    if (node.heard) node.heard(frame, now);
  }
}

void CanBus::fail(std::size_t piece, Time now) {
  Piece& on = pieces_[piece];
  // Of a frame that nobody could make out as one, nobody notices the end.
  const bool is_seen = !nodes_[on.senders[0]].place.swapped;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (is_seen && listens(i, piece)) nodes_[i].receive_errors = std::min(nodes_[i].receive_errors + 1, bus_off_above);
  }
  on.busy = false;
  for (std::size_t i = 0; i < on.sender_count; ++i) count_transmit_error(on.senders[i], on.outcome, now);
}

void CanBus::count_transmit_error(std::size_t node, Outcome outcome, Time now) {
  Node& sender = nodes_[node];
  ++sender.counters.errors;
  const bool passive = state(node) == State::passive;
  if (passive) sender.rests_until = pieces_[sender.place.piece].idle_from + bits(suspend_transmission);
  if (passive && outcome == Outcome::no_acknowledge) return;
  sender.transmit_errors += step_of_sender;
  if (sender.transmit_errors <= bus_off_above) return;
  sender.off = true;
  sender.waiting_count = 0;
  ++sender.counters.bus_off;
  returns_[node].set(now + bits(recovery_bits));
}

void CanBus::spoil(std::size_t piece, Time now) {
  Piece& on = pieces_[piece];
  if (!on.busy) return;
  on.outcome = Outcome::form_error;
  end_frame(piece, now);
}

}  // namespace hil::sim
