#include "sim/devices/backup_interface.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace hil::sim {
namespace {

constexpr double degrees_per_rad = 180.0 / std::numbers::pi;

void require(bool holds, const char* field, double value, const char* allowed) {
  if (!holds) throw std::invalid_argument(fmt::format("backup interface: {} is {}, must be {}", field, value, allowed));
}

void check(const BackupInterface::Parameters& p) {
  require(p.nominal_ln_v > 0.0, "nominal_ln_v", p.nominal_ln_v, "> 0");
  require(p.nominal_hz > 0.0, "nominal_hz", p.nominal_hz, "> 0");
  for (const Time time : {p.transfer_time, p.disturbance_time, p.return_time}) {
    require(time >= Time{0}, "time", std::chrono::duration<double>(time).count(), ">= 0");
  }
  require(p.lost_pu >= 0.0 && p.lost_pu <= 1.0, "lost_pu", p.lost_pu, "0..1");
  require(p.lowest_pu >= p.lost_pu && p.lowest_pu <= 1.0, "lowest_pu", p.lowest_pu, "lost_pu..1");
  require(p.highest_pu > 1.0, "highest_pu", p.highest_pu, "> 1");
  require(p.widest_hz > 0.0, "widest_hz", p.widest_hz, "> 0");
  require(p.sync_v_pu > 0.0, "sync_v_pu", p.sync_v_pu, "> 0");
  require(p.sync_hz > 0.0, "sync_hz", p.sync_hz, "> 0");
  require(p.sync_deg > 0.0 && p.sync_deg <= 180.0, "sync_deg", p.sync_deg, "> 0, up to 180");
}

/// Since when it holds without a break; `at`: the instant of what is looked at.
void follow(std::optional<Time>& since, bool holds, Time at) {
  if (!holds) {
    since.reset();
  } else if (!since) {
    since = at;
  }
}

bool stands_for(const std::optional<Time>& since, Time now, Time span) {
  return since && now - *since >= span;
}

}  // namespace

const char* text_of(BackupInterface::Cause cause) {
  switch (cause) {
    case BackupInterface::Cause::grid_lost:
      return "the grid is lost";
    case BackupInterface::Cause::grid_disturbed:
      return "the grid is out of its window";
    case BackupInterface::Cause::order:
      return "by order of the primary";
    case BackupInterface::Cause::in_step:
      return "the island is in step with the grid";
    case BackupInterface::Cause::home_dead:
      break;
  }
  return "onto a dead home";
}

BackupInterface::BackupInterface(const Parameters& parameters, bool relay_closed)
    : parameters_(parameters),
      legs_(models::phases_of(parameters.split_phase)),
      relay_closed_(relay_closed),
      grid_good_(relay_closed) {
  check(parameters);
  if (relay_closed) good_since_ = -parameters.return_time;
}

std::optional<BackupInterface::Cause> BackupInterface::advance(Time now, const Inputs& inputs) {
  if (!inputs.has_supply) {
    grid_lost_ = grid_good_ = in_step_ = false;
    lost_since_.reset();
    beyond_since_.reset();
    good_since_.reset();
    measured_at_ = now;
    return std::nullopt;
  }
  measure(now, inputs);
  compare(inputs);
  measured_at_ = now;
  if (inputs.barred) return std::nullopt;
  if (relay_closed_) return open(now);
  return inputs.has_can ? close() : std::nullopt;
}

void BackupInterface::measure(Time now, const Inputs& inputs) {
  double lowest_v = 1e12;
  double highest_v = 0.0;
  double highest_home_v = 0.0;
  for (std::size_t leg = 0; leg < legs_; ++leg) {
    lowest_v = std::min(lowest_v, models::magnitude(inputs.grid.ln_v[leg]));
    highest_v = std::max(highest_v, models::magnitude(inputs.grid.ln_v[leg]));
    highest_home_v = std::max(highest_home_v, models::magnitude(inputs.home.ln_v[leg]));
  }
  const double nominal_v = parameters_.nominal_ln_v;
  grid_lost_ = lowest_v < parameters_.lost_pu * nominal_v;
  home_dead_ = highest_home_v < parameters_.lost_pu * nominal_v;
  const bool within = lowest_v >= parameters_.lowest_pu * nominal_v &&
                      highest_v <= parameters_.highest_pu * nominal_v &&
                      std::abs(inputs.grid.frequency_hz - parameters_.nominal_hz) <= parameters_.widest_hz;
  follow(lost_since_, grid_lost_, measured_at_);
  follow(beyond_since_, !within, measured_at_);
  follow(good_since_, within, measured_at_);
  grid_good_ = stands_for(good_since_, now, parameters_.return_time);
}

void BackupInterface::compare(const Inputs& inputs) {
  in_step_ = false;
  angle_deg_ = slip_hz_ = voltage_gap_pu_ = 0.0;
  if (grid_lost_ || home_dead_) return;
  double widest_gap_v = 0.0;
  for (std::size_t leg = 0; leg < legs_; ++leg) {
    const double gap_v = models::magnitude(inputs.grid.ln_v[leg]) - models::magnitude(inputs.home.ln_v[leg]);
    widest_gap_v = std::max(widest_gap_v, std::abs(gap_v));
    voltage_gap_pu_ += gap_v / (static_cast<double>(legs_) * parameters_.nominal_ln_v);
  }
  angle_deg_ = degrees_per_rad * std::arg(inputs.grid.ln_v[0] * std::conj(inputs.home.ln_v[0]));
  slip_hz_ = inputs.home.frequency_hz - inputs.grid.frequency_hz;
  in_step_ = widest_gap_v <= parameters_.sync_v_pu * parameters_.nominal_ln_v &&
             std::abs(slip_hz_) <= parameters_.sync_hz && std::abs(angle_deg_) <= parameters_.sync_deg;
}

std::optional<BackupInterface::Cause> BackupInterface::open(Time now) {
  std::optional<Cause> cause;
  if (stands_for(lost_since_, now, parameters_.transfer_time)) {
    cause = Cause::grid_lost;
  } else if (!order_.connect_grid) {
    cause = Cause::order;
  } else if (stands_for(beyond_since_, now, parameters_.disturbance_time)) {
    cause = Cause::grid_disturbed;
  }
  if (!cause) return cause;
  relay_closed_ = false;
  // Whoever opened it knew better than these measurements: what is good counts anew from here.
  grid_good_ = false;
  good_since_.reset();
  return cause;
}

std::optional<BackupInterface::Cause> BackupInterface::close() {
  if (!order_.connect_grid || !grid_good_ || !(home_dead_ || in_step_)) return std::nullopt;
  relay_closed_ = true;
  return home_dead_ ? Cause::home_dead : Cause::in_step;
}

bool SmartLoadChannel::advance(Time now, const Inputs& inputs) {
  const Parameters& p = parameters_;
  bool wanted = true;
  if (inputs.islanded && closed_) {
    const bool too_much = p.shed_above_w && inputs.inverters_w > *p.shed_above_w;
    const bool too_low = p.shed_below_soc && inputs.battery_soc < *p.shed_below_soc;
    wanted = !too_much && !too_low;
  } else if (inputs.islanded) {
    const bool little = !p.shed_above_w || (p.restore_below_w && inputs.inverters_w < *p.restore_below_w);
    const bool high = !p.shed_below_soc || (p.restore_above_soc && inputs.battery_soc > *p.restore_above_soc);
    wanted = little && high;
  }
  follow(since_, wanted != closed_, now);
  const Time delay = closed_ ? p.shed_after : inputs.islanded ? p.restore_after : Time{0};
  if (!stands_for(since_, now, delay)) return false;
  since_.reset();
  closed_ = wanted;
  return true;
}

}  // namespace hil::sim
