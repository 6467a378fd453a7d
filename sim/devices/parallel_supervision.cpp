#include "sim/devices/parallel_supervision.h"

#include <algorithm>
#include <stdexcept>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, parallel_fault_count> fault_names{"ParallSystem Fault",   "EPSSyncLost",
                                                                    "Parallel CfgFault",    "ParalCan CommsWarn",
                                                                    "ParallelCAN ComFault", "ParallelRS485 ComFault"};
constexpr std::array<const char*, 4> role_names{"primary", "secondary 1", "secondary 2", "secondary 3"};
constexpr std::uint8_t runs_bit = 1;
constexpr std::uint8_t faulty_bit = 2;
constexpr std::uint8_t count_wrong_bit = 4;
constexpr std::uint32_t most_numbers = 256;

std::uint8_t low_byte(int value) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(value) & 0xFFU);
}

bool is_fresh(const std::optional<Time>& at, Time now, Time freshness) {
  return at && now - *at <= freshness;
}

}  // namespace

const char* name_of(ParallelRole role) {
  return role_names.at(static_cast<std::size_t>(role));
}

const char* name_of(ParallelFault fault) {
  return fault_names.at(static_cast<std::size_t>(fault));
}

CanFrame ParallelHeartbeat::frame() const {
  CanFrame frame;
  frame.id = first_id + static_cast<std::uint32_t>(number);
  frame.extended = true;
  frame.length = CanFrame::most_data;
  const auto state = static_cast<std::uint8_t>((runs ? runs_bit : 0) | (faulty ? faulty_bit : 0) |
                                               (count_wrong ? count_wrong_bit : 0));
  frame.data = {static_cast<std::uint8_t>(identity.role), state,
                low_byte(identity.safety_code),           low_byte(identity.model),
                low_byte(identity.rated_100w >> 8),       low_byte(identity.rated_100w),
                low_byte(identity.battery_count),         low_byte(identity.firmware)};
  return frame;
}

std::optional<ParallelHeartbeat> ParallelHeartbeat::of(const CanFrame& frame) {
  constexpr std::uint8_t roles = 4;
  const bool is_one = frame.extended && !frame.remote && frame.length == CanFrame::most_data && frame.id >= first_id &&
                      frame.id < first_id + most_numbers && frame.data[0] < roles;
  if (!is_one) return std::nullopt;
  ParallelHeartbeat heartbeat;
  heartbeat.number = frame.id - first_id;
  heartbeat.identity = {.role = static_cast<ParallelRole>(frame.data[0]),
                        .safety_code = frame.data[2],
                        .model = frame.data[3],
                        .rated_100w = frame.data[4] << 8 | frame.data[5],
                        .battery_count = frame.data[6],
                        .firmware = frame.data[7]};
  heartbeat.runs = (frame.data[1] & runs_bit) != 0;
  heartbeat.faulty = (frame.data[1] & faulty_bit) != 0;
  heartbeat.count_wrong = (frame.data[1] & count_wrong_bit) != 0;
  return heartbeat;
}

ParallelSupervision::ParallelSupervision(std::size_t number, const Parameters& parameters)
    : number_(number), parameters_(parameters) {
  for (const Time delay : {parameters.system_delay, parameters.sync_delay, parameters.warning_delay,
                           parameters.fault_delay, parameters.clear_delay}) {
    if (delay < Time{0}) throw std::invalid_argument("delays of parallel faults must be >= 0");
  }
  if (number >= most_numbers) throw std::invalid_argument("the number of a parallel inverter must be 0..255");
  others_.reserve(most_others);
}

void ParallelSupervision::restart(const ParallelIdentity& identity, Time now) {
  identity_ = identity;
  others_.clear();
  watches_.fill({});
  for (Watch& each : watches_) each.good_at = each.bad_at = now;
  roles_ = warning_roles_ = warning_can_ = count_ = warning_count_ = watches_.front();
  started_ = sync_seen_ = now;
  asked_.reset();
  asked_complete_.reset();
  complete_ = false;
}

void ParallelSupervision::Watch::follow(bool is_good, Time at, Time now, Time delay, Time clear) {
  good_at = std::max(good_at, at);
  if (!is_good) bad_at = now;
  active = active ? !is_good || now - bad_at < clear : !is_good && now - good_at >= delay;
}

ParallelSupervision::Other* ParallelSupervision::other(std::size_t number) {
  if (number == number_) return nullptr;
  const auto found = std::find_if(others_.begin(), others_.end(),
                                  [number](const Other& each) { return each.heartbeat.number == number; });
  if (found != others_.end()) return &*found;
  if (others_.size() == most_others) return nullptr;
  Other& added = others_.emplace_back();
  added.heartbeat.number = number;
  return &added;
}

void ParallelSupervision::hear(const ParallelHeartbeat& heartbeat, Time now) {
  Other* const from = other(heartbeat.number);
  if (from == nullptr) return;
  from->heartbeat = heartbeat;
  from->heard = now;
}

void ParallelSupervision::asked(bool complete, Time now) {
  asked_ = now;
  if (complete) asked_complete_ = now;
}

void ParallelSupervision::answered(std::size_t number, Time now) {
  if (Other* const from = other(number)) from->answered = now;
}

bool ParallelSupervision::differs(const ParallelIdentity& its) const {
  return its.safety_code != identity_.safety_code || its.model != identity_.model ||
         its.rated_100w != identity_.rated_100w ||
         (parameters_.compares_firmware && its.firmware != identity_.firmware) ||
         (parameters_.compares_batteries && its.battery_count != identity_.battery_count);
}

const ParallelSupervision::Other* ParallelSupervision::primary() const {
  const auto found = std::find_if(others_.begin(), others_.end(), [](const Other& each) {
    return each.heard && each.heartbeat.identity.role == ParallelRole::primary;
  });
  return found == others_.end() ? nullptr : &*found;
}

// The primary compares itself with all, a secondary with the primary alone: the rest is not its matter.
bool ParallelSupervision::has_unequal() const {
  return std::any_of(others_.begin(), others_.end(), [this](const Other& each) {
    const bool is_compared = is_primary() || each.heartbeat.identity.role == ParallelRole::primary;
    return each.heard && is_compared && differs(each.heartbeat.identity);
  });
}

// Of its own role, or, as the primary looks at all, two others of one.
bool ParallelSupervision::has_twin() const {
  const auto of_role = [this](ParallelRole role) {
    return std::count_if(others_.begin(), others_.end(),
                         [role](const Other& each) { return each.heard && each.heartbeat.identity.role == role; });
  };
  return std::any_of(others_.begin(), others_.end(), [&](const Other& each) {
    const ParallelRole role = each.heartbeat.identity.role;
    return each.heard && (role == identity_.role || (is_primary() && of_role(role) > 1));
  });
}

// Who has once been asked by a primary, or heard one, has one: that it is silent now is no matter of roles.
bool ParallelSupervision::has_wrong_primaries() const {
  const auto primaries = std::count_if(others_.begin(), others_.end(), [](const Other& each) {
    return each.heard && each.heartbeat.identity.role == ParallelRole::primary;
  });
  const auto all = primaries + (is_primary() ? 1 : 0);
  const bool hears_others =
      std::any_of(others_.begin(), others_.end(), [](const Other& each) { return bool{each.heard}; });
  return all > 1 || (all == 0 && hears_others && !asked_);
}

// Those that fall silent later are there all the same: theirs are other faults.
bool ParallelSupervision::count_wrong() const {
  const auto heard = std::count_if(others_.begin(), others_.end(), [](const Other& each) { return bool{each.heard}; });
  return is_primary() && heard + 1 != identity_.count;
}

bool ParallelSupervision::hears_of_wrong_count(Time now) const {
  if (is_primary()) return count_wrong();
  const Other* const first = primary();
  return first != nullptr && is_fresh(first->heard, now, can_freshness) && first->heartbeat.count_wrong;
}

void ParallelSupervision::watch_configuration(Time now) {
  const bool twin = has_twin();
  const bool primaries = has_wrong_primaries();
  roles_.follow(!twin && !primaries, twin || primaries ? started_ : now, now, parameters_.fault_delay, Time::max());
  const bool warns = twin || (primaries && parameters_.warns_of_primaries);
  warning_roles_.follow(!warns, warns ? started_ : now, now, parameters_.warning_delay, 0s);
  const bool count = hears_of_wrong_count(now);
  const bool is_fault = count && parameters_.count_is_configuration;
  const bool is_warning = count && parameters_.warns_of_count;
  count_.follow(!is_fault, is_fault ? started_ : now, now, parameters_.fault_delay, Time::max());
  warning_count_.follow(!is_warning, is_warning ? started_ : now, now, parameters_.warning_delay, 0s);
  Watch& configuration = watch(ParallelFault::configuration);
  configuration.active = configuration.active || has_unequal() || roles_.active || count_.active || miswired_;
}

Time ParallelSupervision::all_heard_at(Time now) const {
  Time at = now;
  if (!is_primary()) {
    const Other* const first = primary();
    if (first != nullptr) return *first->heard;
    // Asked on RS485, so that there is one, and never heard on CAN.
    return asked_ ? started_ : now;
  }
  for (const Other& each : others_) at = std::min(at, each.heard.value_or(started_));
  return at;
}

void ParallelSupervision::watch_can(Time now) {
  const Time at = all_heard_at(now);
  const bool is_good = now - at <= can_freshness;
  Watch& can = watch(ParallelFault::can);
  can.follow(is_good && !interface_lost_, at, now, parameters_.fault_delay, parameters_.clear_delay);
  can.active = can.active || interface_lost_;  // its delay has passed
  warning_can_.follow(is_good, at, now, parameters_.warning_delay, parameters_.clear_delay);
  watch(ParallelFault::can_warning).active = warning_can_.active || warning_roles_.active || warning_count_.active;
}

void ParallelSupervision::watch_rs485(Time now) {
  Time at = asked_complete_.value_or(started_);
  bool is_good = is_fresh(asked_complete_, now, rs485_freshness);
  if (is_primary()) {
    const auto answering = std::count_if(others_.begin(), others_.end(), [now](const Other& each) {
      return is_fresh(each.answered, now, rs485_freshness);
    });
    complete_ = is_good = answering + 1 == identity_.count;
    at = is_good ? now : started_;
  }
  watch(ParallelFault::rs485).follow(is_good, at, now, parameters_.fault_delay, parameters_.clear_delay);
}

void ParallelSupervision::watch_primary(Time now, bool sync) {
  if (is_primary()) return;
  if (sync) sync_seen_ = now;
  const Other* const first = primary();
  const bool on_can = first != nullptr && is_fresh(first->heard, now, can_freshness);
  // A primary that is gone takes its sync signal along: that is its own fault's matter.
  const bool is_in_step = sync || !on_can || *first->heard < sync_seen_;
  watch(ParallelFault::sync_lost).follow(is_in_step, sync_seen_, now, parameters_.sync_delay, parameters_.clear_delay);
  const bool was_there = first != nullptr || asked_;
  const bool is_there = on_can || sync || is_fresh(asked_, now, rs485_freshness);
  const bool is_well = !was_there || (is_there && !(on_can && first->heartbeat.faulty));
  Time well_at = is_well ? now : started_;
  if (!is_there)
    well_at = std::max({well_at, sync_seen_, asked_.value_or(started_), first != nullptr ? *first->heard : started_});
  // It clears when the primary runs again, and not before.
  Watch& system = watch(ParallelFault::system);
  const bool runs = on_can && first->heartbeat.runs;
  system.follow(system.active ? runs : is_well, well_at, now, parameters_.system_delay, 0s);
}

void ParallelSupervision::advance(Time now, bool sync) {
  watch_configuration(now);
  watch_can(now);
  watch_rs485(now);
  watch_primary(now, sync);
}

bool ParallelSupervision::stops() const {
  for (std::size_t fault = 0; fault < parallel_fault_count; ++fault) {
    if (watches_[fault].active && static_cast<ParallelFault>(fault) != ParallelFault::can_warning) return true;
  }
  return false;
}

}  // namespace hil::sim
