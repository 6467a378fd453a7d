#include "controller/core/poll_plan.h"

#include <algorithm>

namespace hil::controller {
namespace {

constexpr std::array slow_blocks{EtBlock::bms, EtBlock::battery_settings};
/// PV changes most, so it has every other turn.
constexpr std::array monitoring_blocks{EtBlock::pv,        EtBlock::energies, EtBlock::pv,
                                       EtBlock::bms_words, EtBlock::pv,       EtBlock::errors};
constexpr std::size_t monitoring_each = 3;
constexpr std::size_t monitoring_at_least_each = 6;
constexpr std::size_t orders_that_drop_slow = 2;
constexpr std::size_t most_slow_dropped = 3;
constexpr std::uint8_t most_urgent = 2;  ///< a unit and round

}  // namespace

void PollPlan::next_phase() noexcept {
  position_ = 0;
  orders_this_boundary_ = 0;
  switch (phase_) {
    case Phase::ac_power:
      phase_ = Phase::battery_power;
      break;
    case Phase::battery_power:
      phase_ = Phase::slow;
      break;
    case Phase::slow:
      phase_ = Phase::ac_power;
      orders_this_round_ = 0;
      urgent_done_.fill(0);
      break;
  }
}

std::optional<PollPlan::Job> PollPlan::next_block(std::span<const EtBlock> blocks, std::size_t units,
                                                  std::size_t& position,
                                                  const std::array<UnitOnLine, max_units_per_line>& line) noexcept {
  const std::size_t all = blocks.size() * units;
  for (std::size_t tried = 0; tried < all; ++tried) {
    const std::size_t unit = position % units;
    const EtBlock block = blocks[position / units];
    position = (position + 1) % all;
    if (line[unit].health.sound()) return Job{unit, false, block};
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::slow_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept {
  if (orders_this_round_ >= orders_that_drop_slow && slow_dropped_ < most_slow_dropped) {
    ++slow_dropped_;
    return std::nullopt;
  }
  slow_dropped_ = 0;
  for (std::size_t unit = 0; unit < units_; ++unit) {
    if (line[unit].reactive_waiting && line[unit].health.sound()) return Job{unit, false, EtBlock::ac_power, true};
  }
  ++slow_since_monitoring_;
  const bool has_time = orders_this_round_ == 0 || slow_since_monitoring_ >= monitoring_at_least_each;
  if (slow_since_monitoring_ >= monitoring_each && has_time) {
    slow_since_monitoring_ = 0;
    return next_block(monitoring_blocks, units_, monitoring_position_, line);
  }
  read_back_next_ = !read_back_next_;
  if (read_back_next_) {
    constexpr std::array read_back{EtBlock::order};
    if (const std::optional<Job> job = next_block(read_back, units_, read_back_position_, line)) return job;
  }
  return next_block(slow_blocks, units_, slow_position_, line);
}

std::optional<PollPlan::Job> PollPlan::urgent_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept {
  for (std::size_t k = 0; k < units_; ++k) {
    if (!line[k].health.answering() || !line[k].order_urgent || urgent_done_[k] == most_urgent) continue;
    ++urgent_done_[k];
    ++orders_this_round_;
    return Job{k, true, EtBlock::ac_power};
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::blind_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept {
  for (std::size_t k = 0; k < line.size(); ++k) {
    if (line[k].order_blind) return Job{k, true, EtBlock::ac_power};
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::order_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept {
  // First what lowers a limit, then the rest: the sum of the limits does not rise on the way.
  for (const bool lowering : {true, false}) {
    for (std::size_t k = 0; k < units_; ++k) {
      if (!line[k].health.answering() || !line[k].order_waiting || line[k].order_lowers != lowering) continue;
      if (++orders_this_boundary_ > units_) return std::nullopt;
      ++orders_this_round_;
      return Job{k, true, EtBlock::ac_power};
    }
  }
  return std::nullopt;
}

std::optional<PollPlan::Job> PollPlan::next(const std::array<UnitOnLine, max_units_per_line>& line, Time now) noexcept {
  if (const auto job = urgent_job(line)) return job;
  if (const auto job = blind_job(line)) return job;
  constexpr int phases_to_try = 4;  // a full round and the phase it began in
  for (int tried = 0; tried < phases_to_try; ++tried) {
    if (position_ == 0 && phase_ != Phase::ac_power) {
      if (const auto job = order_job(line)) return job;
    }
    if (phase_ == Phase::slow) {
      const std::optional<Job> job = slow_job(line);
      next_phase();
      if (job) return job;
      continue;
    }
    for (; position_ < units_; ++position_) {
      const UnitHealth& health = line[position_].health;
      const bool ask = phase_ == Phase::ac_power ? health.due(now) : health.sound();
      if (!ask) continue;
      const Job job{position_, false, phase_ == Phase::ac_power ? EtBlock::ac_power : EtBlock::battery_power};
      if (++position_ == units_) next_phase();
      return job;
    }
    next_phase();
  }
  return std::nullopt;
}

Time PollPlan::retry_at(const std::array<UnitOnLine, max_units_per_line>& line, std::size_t units) noexcept {
  Time at = Time::max();
  for (std::size_t k = 0; k < units; ++k) at = std::min(at, line[k].health.next_try());
  return at;
}

}  // namespace hil::controller
