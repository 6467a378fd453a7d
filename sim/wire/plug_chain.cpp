#include "sim/wire/plug_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace hil::sim {
namespace {

constexpr std::size_t most_inverters = 16;
constexpr std::array<const char*, plug_pin_count> pin_names{"SYSR_L",     "SYSR_H",     "CAN_L", "CAN_H",
                                                            "RS485_BI_A", "RS485_BI_B", "+12V",  "GND"};

std::size_t index_of(PlugPin pin) {
  return static_cast<std::size_t>(pin);
}

/// What a contact is for: the two of a pair are for one thing.
std::size_t purpose_of(std::size_t pin) {
  constexpr std::size_t pair_contacts = 2 * plug_pair_count;
  return pin < pair_contacts ? pin / 2 : pin;
}

}  // namespace

const char* name_of(PlugPin pin) {
  return pin_names.at(index_of(pin));
}

PlugChain::PlugChain(std::size_t inverters, bool has_interface)
    : inverters_(inverters), has_interface_(has_interface), plugs_(inverters + 1) {
  if (inverters < 1 || inverters > most_inverters) {
    throw std::invalid_argument(
        fmt::format("a chain of parallel inverters has {}, must have 1..{}", inverters, most_inverters));
  }
  net_.resize(contact(2 * node_count(), 0));
  solve();
}

PlugChain::Contacts& PlugChain::contacts(Plug plug) {
  const bool is_interface = has_interface_ && plug.node == inverters_ && plug.side == Side::in;
  if (plug.node >= inverters_ && !is_interface) {
    throw std::out_of_range(fmt::format("a chain of {} inverters has no such plug at place {}", inverters_, plug.node));
  }
  return plugs_[plug.node][static_cast<std::size_t>(plug.side)];
}

void PlugChain::set_open(Plug plug, PlugPin pin, bool open) {
  contacts(plug).open[index_of(pin)] = open;
  solve();
}

void PlugChain::set_shorted(Plug plug, PlugPin one, PlugPin other, bool shorted) {
  if (one == other) throw std::invalid_argument(fmt::format("{} cannot be shorted to itself", name_of(one)));
  Contacts& at = contacts(plug);
  at.shorted[index_of(one)][index_of(other)] = at.shorted[index_of(other)][index_of(one)] = shorted;
  solve();
}

void PlugChain::set_swapped(Plug plug, PlugPin one, PlugPin other, bool swapped) {
  if (one == other) throw std::invalid_argument(fmt::format("{} cannot be swapped with itself", name_of(one)));
  Contacts& at = contacts(plug);
  const bool stands = at.leads_to[index_of(one)] == index_of(other) && at.leads_to[index_of(other)] == index_of(one);
  if (swapped != stands) std::swap(at.leads_to[index_of(one)], at.leads_to[index_of(other)]);
  solve();
}

void PlugChain::set_end_plug(EndPlug end_plug) {
  end_plug_ = end_plug;
  solve();
}

std::size_t PlugChain::net_of(std::size_t point) const {
  while (net_[point] != point) point = net_[point];
  return point;
}

void PlugChain::join(std::size_t one, std::size_t other) {
  const std::size_t a = net_of(one);
  const std::size_t b = net_of(other);
  net_[std::max(a, b)] = std::min(a, b);
}

void PlugChain::join_plug(Plug plug, std::size_t cable) {
  const Contacts& at = contacts(plug);
  // The sync pair stays among the inverters.
  constexpr std::size_t to_interface = 0;
  const std::size_t first_pin = cable == to_interface ? index_of(PlugPin::can_low) : 0;
  for (std::size_t pin = 0; pin < plug_pin_count; ++pin) {
    if (!at.open[pin] && pin >= first_pin && at.leads_to[pin] >= first_pin) {
      join(contact(plug.node, pin), conductor(cable, at.leads_to[pin]));
    }
    for (std::size_t other = pin + 1; other < plug_pin_count; ++other) {
      if (at.shorted[pin][other]) join(contact(plug.node, pin), contact(plug.node, other));
    }
  }
}

void PlugChain::solve() {
  std::iota(net_.begin(), net_.end(), std::size_t{0});
  for (std::size_t node = 0; node < inverters_; ++node) {
    join_plug({node, Side::out}, node);
    join_plug({node, Side::in}, node + 1);
  }
  if (has_interface_) join_plug({interface_node(), Side::in}, 0);
  if (end_plug_ != EndPlug::shorted) return;
  const auto short_pair = [this](PlugPin low, PlugPin high) {
    join(conductor(inverters_, index_of(low)), conductor(inverters_, index_of(high)));
  };
  short_pair(PlugPin::can_low, PlugPin::can_high);
  short_pair(PlugPin::rs485_a, PlugPin::rs485_b);
}

PlugChain::Nets PlugChain::nets(PlugPair pair, std::size_t node) const {
  const std::size_t low = 2 * static_cast<std::size_t>(pair);
  return {net_of(contact(node, low)), net_of(contact(node, low + 1))};
}

/// Contacts of several purposes are on it.
bool PlugChain::is_foul(std::size_t net) const {
  std::size_t purpose = plug_pin_count;
  for (std::size_t node = 0; node < node_count(); ++node) {
    for (std::size_t pin = 0; pin < plug_pin_count; ++pin) {
      if (net_of(contact(node, pin)) != net) continue;
      if (purpose != plug_pin_count && purpose != purpose_of(pin)) return true;
      purpose = purpose_of(pin);
    }
  }
  return false;
}

bool PlugChain::is_shorted(PlugPair pair, std::size_t node) const {
  const Nets own = nets(pair, node);
  if (is_foul(own.low) || is_foul(own.high)) return true;
  for (std::size_t other = 0; other < node_count(); ++other) {
    const Nets its = nets(pair, other);
    if (its.low == its.high && (its.low == own.low || its.low == own.high)) return true;
  }
  return false;
}

PlugChain::Link PlugChain::link(PlugPair pair, std::size_t from, std::size_t to) const {
  const Nets a = nets(pair, from);
  const Nets b = nets(pair, to);
  const bool shares = a.low == b.low || a.high == b.high || a.low == b.high || a.high == b.low;
  if (!shares) return Link::open;
  if (is_shorted(pair, from) || is_shorted(pair, to)) return Link::shorted;
  if (a.low == b.low && a.high == b.high) return Link::whole;
  if (a.low == b.high && a.high == b.low) return Link::swapped;
  return Link::open;
}

bool PlugChain::leads(PlugPin pin, std::size_t from, std::size_t to) const {
  return net_of(contact(from, index_of(pin))) == net_of(contact(to, index_of(pin)));
}

bool PlugChain::terminated(PlugPair pair, std::size_t node) const {
  if (end_plug_ != EndPlug::fitted || pair == PlugPair::sync) return false;
  const Nets own = nets(pair, node);
  const std::size_t low = 2 * static_cast<std::size_t>(pair);
  const Nets end{net_of(conductor(inverters_, low)), net_of(conductor(inverters_, low + 1))};
  return (own.low == end.low && own.high == end.high) || (own.low == end.high && own.high == end.low);
}

std::vector<std::size_t> PlugChain::pieces(PlugPair pair) const {
  const std::size_t nodes = has_interface_ ? node_count() : inverters_;
  std::vector<std::size_t> piece(nodes, nodes);
  std::size_t count = 0;
  for (std::size_t node = 0; node < nodes; ++node) {
    if (piece[node] != nodes) continue;
    piece[node] = count++;
    for (std::size_t other = node + 1; other < nodes; ++other) {
      if (link(pair, node, other) != Link::open) piece[other] = piece[node];
    }
  }
  return piece;
}

}  // namespace hil::sim
