#include "controller/core/poll_plan.h"

#include <algorithm>
#include <utility>

#include "controller/devices/goodwe_et_identity.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr std::array slow_blocks{EtBlock::bms, EtBlock::battery_settings};
constexpr std::array read_back{EtBlock::order};
/// PV changes most, so it has every other turn.
constexpr std::array monitoring_blocks{EtBlock::pv,        EtBlock::energies, EtBlock::pv,
                                       EtBlock::bms_words, EtBlock::pv,       EtBlock::errors};
constexpr std::size_t monitoring_each = 3;
constexpr std::size_t monitoring_at_least_each = 6;
constexpr std::size_t orders_that_drop_slow = 2;
constexpr std::size_t most_slow_dropped = 1;
constexpr std::size_t most_slow_dropped_beside_urgent = 3;
constexpr std::uint8_t most_urgent = 2;  ///< a unit and round
constexpr std::size_t full_rounds_endured = 4;

/// Aimed at: 0.35 s with one unit on the line, 1.2 s with four (issue: three and ten inverters on three lines), less
/// what a host may be late.
constexpr Time read_period_of_one = 336ms;
constexpr Time read_period_of_each_more = 284ms;

/// So much of what is above the newest turn-around is forgotten with each reply.
constexpr int forgotten_part = 16;

}  // namespace

Time PollPlan::exchange_time(std::size_t characters) const noexcept {
  return timing_.characters(characters) + 2 * timing_.frame_gap() + turnaround_;
}

Time PollPlan::read_time(EtBlock block) const noexcept {
  const Request request = read_request(0, block);
  return exchange_time(request_size(request) + reply_size(request));
}

Time PollPlan::longest_of(std::span<const EtBlock> blocks) const noexcept {
  Time longest{0};
  for (const EtBlock block : blocks) longest = std::max(longest, read_time(block));
  return longest;
}

Time PollPlan::slow_time() const noexcept {
  // One unit has no time for an order and the longer block in one round: an order that goes out needs no reading back.
  return units_ == 1 ? longest_of(slow_blocks) : longest_of(read_back);
}

Time PollPlan::order_time() const noexcept {
  const Request request = order_request(0, {});
  return exchange_time(request_size(request) + reply_size(request));
}

Time PollPlan::read_period() const noexcept {
  const auto units = static_cast<std::int64_t>(units_);
  const Time with_orders = units * (read_time(EtBlock::ac_power) + read_time(EtBlock::battery_power) + order_time());
  return std::max(read_period_of_one + (units - 1) * read_period_of_each_more, with_orders + order_time());
}

void PollPlan::replied_after(Time turnaround) noexcept {
  const Time sound = std::clamp(turnaround, Time{0}, longest_turnaround);
  turnaround_ = std::max(sound, turnaround_ - (turnaround_ - sound) / forgotten_part);
}

void PollPlan::missed(Time now) noexcept {
  trouble_until_ = now + 2 * read_period();
}

Time PollPlan::battery_reads_left(const Line& line) const noexcept {
  if (phase_ == Phase::slow) return Time{0};
  Time left{0};
  for (std::size_t unit = phase_ == Phase::ac_power ? battery_position_ : position_; unit < units_; ++unit) {
    if (line[unit].health.sound()) left += read_time(EtBlock::battery_power);
  }
  return left;
}

bool PollPlan::fits(Time length, const Line& line, Time now) const noexcept {
  Time at = now + length;
  const std::size_t first = phase_ == Phase::ac_power ? position_ : 0;
  for (std::size_t step = 0; step < units_; ++step) {
    const std::size_t unit = (first + step) % units_;
    if (!line[unit].health.answering()) continue;
    if (at > read_by_[unit]) return false;
    at += read_time(EtBlock::ac_power);
  }
  return true;
}

bool PollPlan::order_fits(std::size_t unit, Time kept_for_slow, const Line& line, Time now) const noexcept {
  if (now < trouble_until_ && !ordered_since_read_[unit]) return true;
  return fits(order_time() + battery_reads_left(line) + kept_for_slow, line, now);
}

bool PollPlan::has_time_for_question(bool to_known, const Line& line, Time now) noexcept {
  if (questioned_ || cut_ || position_ != 0 || phase_ == Phase::slow) return false;
  std::size_t characters = 0;
  for (const Request& request : {identity_request(0), firmware_request(0), own_meter_request(0)}) {
    characters = std::max(characters, request_size(request) + reply_size(request));
  }
  const Time waits = to_known ? turnaround_ : probed_turnaround;
  const bool in_time = fits(exchange_time(characters) - turnaround_ + waits, line, now);
  if (phase_ == Phase::battery_power) return in_time && (units_ == 1 || full_rounds_ >= full_rounds_endured);
  if (!in_time) ++full_rounds_;
  return in_time;
}

bool PollPlan::slow_forced() const noexcept {
  return slow_dropped_ >= most_slow_dropped;
}

void PollPlan::begin_round() noexcept {
  phase_ = Phase::ac_power;
  position_ = 0;
  orders_this_round_ = 0;
  urgent_done_.fill(0);
  questioned_ = false;
}

void PollPlan::next_phase() noexcept {
  orders_this_boundary_ = 0;
  boundary_ = phase_ != Phase::slow;
  switch (phase_) {
    case Phase::ac_power:
      phase_ = Phase::battery_power;
      position_ = std::exchange(battery_position_, 0);
      break;
    case Phase::battery_power:
      phase_ = Phase::slow;
      position_ = 0;
      cut_ = false;
      break;
    case Phase::slow:
      begin_round();
      break;
  }
}

std::optional<PollPlan::Job> PollPlan::next_block(std::span<const EtBlock> blocks, std::size_t units,
                                                  std::size_t& position, const Line& line) noexcept {
  const std::size_t all = blocks.size() * units;
  for (std::size_t tried = 0; tried < all; ++tried) {
    const std::size_t unit = position % units;
    const EtBlock block = blocks[position / units];
    position = (position + 1) % all;
    if (line[unit].health.sound()) return Job{unit, false, block};
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::slow_job(const Line& line, Time now) noexcept {
  const bool full_of_orders = orders_this_round_ >= std::max(orders_that_drop_slow, units_) && !slow_forced();
  if (full_of_orders || !fits(longest_of(slow_blocks), line, now)) {
    ++slow_dropped_;
    return std::nullopt;
  }
  slow_dropped_ = 0;
  for (std::size_t unit = 0; unit < units_; ++unit) {
    if (line[unit].reactive_waiting && line[unit].health.sound()) return Job{unit, false, EtBlock::ac_power, true};
  }
  ++slow_since_monitoring_;
  const bool overdue = slow_since_monitoring_ >= monitoring_at_least_each;
  const bool due = slow_since_monitoring_ >= monitoring_each && (orders_this_round_ == 0 || overdue);
  if (due && fits(longest_of(monitoring_blocks), line, now)) {
    slow_since_monitoring_ = 0;
    return next_block(monitoring_blocks, units_, monitoring_position_, line);
  }
  if (read_back_next_ && fits(longest_of(read_back), line, now)) {
    read_back_next_ = false;
    if (const std::optional<Job> job = next_block(read_back, units_, read_back_position_, line)) return job;
  }
  read_back_next_ = true;
  return next_block(slow_blocks, units_, slow_position_, line);
}

PollPlan::Job PollPlan::order_to(std::size_t unit) noexcept {
  ++orders_this_round_;
  ordered_since_read_[unit] = true;
  next_ordered_ = (unit + 1) % units_;
  return Job{unit, true, EtBlock::ac_power};
}

std::optional<PollPlan::Job> PollPlan::urgent_job(const Line& line, Time now) noexcept {
  const bool slow_owed = slow_dropped_ >= most_slow_dropped_beside_urgent;
  Time kept = slow_owed ? slow_time() : Time{0};
  if (slow_owed || cut_) kept += battery_reads_left(line);
  const bool lowering_waits = std::any_of(line.begin(), line.end(), [](const UnitOnLine& unit) {
    return unit.health.answering() && unit.order_waiting && unit.order_lowers;
  });
  for (std::size_t turn = 0; turn < units_; ++turn) {
    const std::size_t k = (next_ordered_ + turn) % units_;
    if (!line[k].health.answering() || !line[k].order_urgent || urgent_done_[k] == most_urgent) continue;
    if (lowering_waits && !line[k].order_lowers) continue;
    const bool owed = now < trouble_until_ && !ordered_since_read_[k];
    if (!owed && !fits(order_time() + kept, line, now)) continue;
    ++urgent_done_[k];
    return order_to(k);
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::blind_job(const Line& line) noexcept {
  for (std::size_t k = 0; k < line.size(); ++k) {
    if (line[k].order_blind) return Job{k, true, EtBlock::ac_power};
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::order_job(const Line& line, Time now) noexcept {
  const bool overdue = slow_since_monitoring_ + 1 >= monitoring_at_least_each;
  const Time kept = overdue ? longest_of(monitoring_blocks) : slow_forced() ? slow_time() : Time{0};
  // First what lowers a limit, then the rest: the sum of the limits does not rise on the way. What lowers one and finds
  // no time yet holds up the rest.
  bool lowering_waits = false;
  for (const bool lowering : {true, false}) {
    if (lowering_waits) return std::nullopt;
    for (std::size_t turn = 0; turn < units_; ++turn) {
      const std::size_t k = (next_ordered_ + turn) % units_;
      if (!line[k].health.answering() || !line[k].order_waiting || line[k].order_lowers != lowering) continue;
      lowering_waits = lowering;
      if (!order_fits(k, kept, line, now)) continue;
      if (++orders_this_boundary_ > units_) return std::nullopt;
      return order_to(k);
    }
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::fast_job(const Line& line, Time now) noexcept {
  const bool is_ac = phase_ == Phase::ac_power;
  for (; position_ < units_; ++position_) {
    const UnitHealth& health = line[position_].health;
    if (!(is_ac ? health.due(now) : health.sound())) continue;
    if (!is_ac && !cut_ && !fits(read_time(EtBlock::battery_power), line, now)) {
      battery_position_ = position_;
      cut_ = true;
      begin_round();
      return std::nullopt;
    }
    const Job job{position_++, false, is_ac ? EtBlock::ac_power : EtBlock::battery_power};
    if (is_ac) {
      read_by_[job.unit] = now + read_period();
      ordered_since_read_[job.unit] = false;
    }
    return job;
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::next(const Line& line, Time now) noexcept {
  if (const auto job = urgent_job(line, now)) return job;
  if (const auto job = blind_job(line)) return job;
  constexpr int phases_to_try = 4;  // a full round and the phase it began in
  for (int tried = 0; tried < phases_to_try; ++tried) {
    // Behind a question the units have waited long enough: orders go out behind the battery powers.
    if (boundary_ && !(questioned_ && phase_ == Phase::battery_power)) {
      if (const auto job = order_job(line, now)) return job;
    }
    boundary_ = false;
    const bool slow = phase_ == Phase::slow;
    const std::optional<Job> job = slow ? slow_job(line, now) : fast_job(line, now);
    if (slow || position_ == units_) next_phase();
    if (job) return job;
  }
  return std::nullopt;
}

Time PollPlan::retry_at(const Line& line, std::size_t units) noexcept {
  Time at = Time::max();
  for (std::size_t k = 0; k < units; ++k) at = std::min(at, line[k].health.next_try());
  return at;
}

}  // namespace hil::controller
