#include "sim/devices/parallel_group.h"

#include <algorithm>

namespace hil::sim {

ParallelGroup::ParallelGroup(Kernel& kernel, const std::vector<Unit>& units, bool has_interface,
                             const Parameters& parameters, std::uint64_t seed)
    : kernel_(kernel),
      parameters_(parameters),
      chain_(units.size(), has_interface),
      can_(kernel, parameters.can_bit_rate_hz, seed),
      random_(~seed),
      beat_(kernel.make_alarm([this](Time now) {
        beat();
        beat_.set(now + heartbeat_period);
      })),
      ask_(kernel.make_alarm([this](Time now) {
        ask_next(now);
        ask_.set(now + question_round / static_cast<std::int64_t>(units_.size()));
      })) {
  units_.reserve(units.size());
  listeners_.resize(units.size() + 1);
  for (std::size_t i = 0; i < units.size(); ++i) {
    units_.push_back({ParallelSupervision{i, parameters.supervision}, units[i].identity});
    units_[i].supervision.restart(units[i].identity, Time{0});
    can_.add_node(units[i].name, [this, i](const CanFrame& frame, Time now) {
      if (const auto heartbeat = ParallelHeartbeat::of(frame)) units_[i].supervision.hear(*heartbeat, now);
      if (listeners_[i]) listeners_[i](frame, now);
    });
  }
  if (has_interface) {
    can_.add_node("interface", [this](const CanFrame& frame, Time now) {
      const auto heartbeat = ParallelHeartbeat::of(frame);
      if (heartbeat && heartbeat->identity.role == ParallelRole::primary) interface_heard_ = now;
      if (listeners_.back()) listeners_.back()(frame, now);
    });
  }
  find_links();
  kernel_.each_step(StepPhase::latch, [this](Time now) { advance(now); });
  beat_.set(Time{0});
  ask_.set(Time{0});
}

void ParallelGroup::rewire(const std::function<void(PlugChain&)>& change) {
  change(chain_);
  find_links();
}

void ParallelGroup::find_links() {
  const std::size_t first = primary_place();
  for (std::size_t i = 0; i < units_.size(); ++i) {
    units_[i].in_sync = first < units_.size() && chain_.link(PlugPair::sync, first, i) == PlugChain::Link::whole;
  }
  interface_supply_ = false;
  for (std::size_t i = 0; chain_.has_interface() && i < units_.size(); ++i) {
    interface_supply_ =
        interface_supply_ || (units_[i].powered && chain_.leads(PlugPin::supply_12v, i, chain_.interface_node()) &&
                              chain_.leads(PlugPin::ground, i, chain_.interface_node()));
  }
  place_nodes();
}

std::size_t ParallelGroup::join_can(const std::string& name, CanBus::Heard heard) {
  const std::size_t node = can_.add_node(name, std::move(heard));
  place_nodes();
  return node;
}

void ParallelGroup::place_nodes() {
  const std::vector<std::size_t> pieces = chain_.pieces(PlugPair::can);
  bool can_is_sound = true;
  bool rs485_is_sound = true;
  for (std::size_t node = 0; node < pieces.size(); ++node) {
    // Whether a pair is swapped is seen from the first node of its piece.
    const auto first = static_cast<std::size_t>(std::find(pieces.begin(), pieces.end(), pieces[node]) - pieces.begin());
    const PlugChain::Link link = chain_.link(PlugPair::can, first, node);
    const bool has_power = node < units_.size() ? units_[node].powered : interface_supply_;
    can_.set_place(node, {.piece = pieces[node],
                          .powered = has_power,
                          .swapped = link == PlugChain::Link::swapped,
                          .shorted = link == PlugChain::Link::shorted});
    const bool has_ground = chain_.leads(PlugPin::ground, 0, node);
    can_is_sound = can_is_sound && has_ground && chain_.terminated(PlugPair::can, node);
    rs485_is_sound = rs485_is_sound && has_ground && chain_.terminated(PlugPair::rs485, node);
  }
  for (std::size_t joined = pieces.size(); joined < can_.node_count(); ++joined) {
    CanBus::Place place = can_.place(units_.size() - 1);
    place.powered = can_.place(joined).powered;
    can_.set_place(joined, place);
  }
  can_.set_error_rate(can_is_sound ? 0.0 : parameters_.unterminated_error_rate);
  rs485_error_rate_ = rs485_is_sound ? 0.0 : parameters_.unterminated_error_rate;
}

bool ParallelGroup::is_lost() {
  return rs485_error_rate_ > 0.0 && random_.uniform() < rs485_error_rate_;
}

void ParallelGroup::set_powered(std::size_t unit, bool powered) {
  Member& member = units_.at(unit);
  if (powered && !member.powered) member.supervision.restart(member.identity, kernel_.now());
  member.powered = powered;
  find_links();
}

void ParallelGroup::set_identity(std::size_t unit, const ParallelIdentity& identity) {
  Member& member = units_.at(unit);
  member.identity = identity;
  member.supervision.restart(identity, kernel_.now());
  find_links();
}

void ParallelGroup::set_faulty(std::size_t unit, bool faulty) {
  units_.at(unit).faulty = faulty;
}

bool ParallelGroup::interface_linked() const {
  return interface_supply_ && kernel_.now() - interface_heard_ <= ParallelSupervision::can_freshness;
}

bool ParallelGroup::runs(std::size_t unit) const {
  const Member& member = units_.at(unit);
  return member.powered && !member.faulty && !member.supervision.stops();
}

std::size_t ParallelGroup::primary_place() const {
  const auto found = std::find_if(units_.begin(), units_.end(), [](const Member& member) {
    return member.powered && member.identity.role == ParallelRole::primary;
  });
  return static_cast<std::size_t>(found - units_.begin());
}

void ParallelGroup::beat() {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (!units_[i].powered) continue;
    const ParallelHeartbeat heartbeat{i, units_[i].identity, runs(i), units_[i].faulty,
                                      units_[i].supervision.count_wrong()};
    can_.send(i, heartbeat.frame());
  }
}

void ParallelGroup::ask_next(Time now) {
  const std::size_t asking = primary_place();
  next_asked_ = (next_asked_ + 1) % units_.size();
  const bool asks_interface = asking < units_.size() && chain_.has_interface() && interface_supply_ &&
                              chain_.link(PlugPair::rs485, asking, chain_.interface_node()) == PlugChain::Link::whole;
  if (asks_interface && !is_lost()) interface_asked_ = now;
  if (asking == units_.size() || next_asked_ == asking) return;
  Member& asked = units_[next_asked_];
  if (!asked.powered || chain_.link(PlugPair::rs485, asking, next_asked_) != PlugChain::Link::whole) return;
  if (is_lost()) return;
  asked.supervision.asked(units_[asking].supervision.complete(), now);
  if (asked.identity.role != ParallelRole::primary) units_[asking].supervision.answered(next_asked_, now);
}

void ParallelGroup::advance(Time now) {
  for (Member& member : units_) {
    if (member.powered) member.supervision.advance(now, member.in_sync);
  }
  if (!chain_.has_interface()) return;
  if (interface_supply_) interface_supplied_ = now;
  interface_lost_supply_ = now - interface_supplied_ >= parameters_.interface_delay;
  interface_lost_rs485_ = now - interface_asked_ >= parameters_.interface_delay;
  interface_lost_can_ = now - interface_heard_ >= parameters_.interface_delay;
  for (Member& member : units_) {
    const bool is_primary = member.identity.role == ParallelRole::primary;
    member.supervision.set_interface_lost(parameters_.interface_can_is_fault && is_primary && interface_lost_can_);
  }
}

}  // namespace hil::sim
