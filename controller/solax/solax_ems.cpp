#include "controller/solax/solax_ems.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {
namespace {

double number_or_zero(double value) {
  return std::isfinite(value) ? value : 0.0;
}

}  // namespace

SolaxEms::SolaxEms(const SolaxEmsSettings& settings) noexcept : settings_(settings) {
  settings_.number = std::min(settings.number, max_inverters - 1);
  set(settings_);
}

void SolaxEms::set(const SolaxEmsSettings& settings) noexcept {
  const bool counts_otherwise = settings.phase_mode != settings_.phase_mode;
  const std::size_t number = settings_.number;
  const Time order_valid = settings_.order_valid;
  const Time reconnection = settings_.reconnection;
  settings_ = settings;
  settings_.number = number;
  settings_.order_valid = order_valid;
  settings_.reconnection = reconnection;
  for (double* value : {&settings_.export_limit_w, &settings_.import_limit_w, &settings_.battery_discharge_w,
                        &settings_.total_ac_w, &settings_.injection_var, &settings_.reserve_soc}) {
    *value = number_or_zero(*value);
  }
  if (counts_otherwise) load_.reset();
}

void SolaxEms::frame_arrived(const CanMessage& message, Time now) noexcept {
  if (const auto readings = decode_interface(message)) interface_.heard(*readings, now);
  const std::optional<StatusHeard> status = status_in(message);
  if (!status || status->number >= max_inverters || status->number == settings_.number) return;
  Unit& unit = units_[status->number];
  decode_status(message, status->page, unit.readings);
  unit.heard_at[status->page] = now;
}

void SolaxEms::own_readings(const SolaxReadings& readings, Time now) noexcept {
  Unit& own = units_[settings_.number];
  own.readings = readings;
  own.heard_at.fill(now);
}

void SolaxEms::meter_read(std::span<const double> import_w, Time now) noexcept {
  legs_ = std::min(import_w.size(), import_w_.size());
  for (std::size_t leg = 0; leg < legs_; ++leg) import_w_[leg] = number_or_zero(import_w[leg]);
  metered_at_ = now;
  watch_.heard(std::span{import_w_}.first(legs_), now);
}

bool SolaxEms::is_heard(std::size_t number, Time now) const noexcept {
  const auto& heard_at = units_[std::min(number, max_inverters - 1)].heard_at;
  return std::all_of(heard_at.begin(), heard_at.end(),
                     [now](const std::optional<Time>& at) { return at && now - *at < lost_after; });
}

std::size_t SolaxEms::members() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(units_.begin(), units_.end(), [](const Unit& unit) { return unit.member; }));
}

double SolaxEms::unheard_w(Time now) const noexcept {
  double sum_w = 0.0;
  for (std::size_t k = 0; k < units_.size(); ++k) {
    const Unit& unit = units_[k];
    const bool runs_on = unit.known && !is_heard(k, now) && now - unit.ordered_at < settings_.order_valid;
    if (runs_on && !unit.readings.in_fallback) sum_w += unit.ordered_w;
  }
  return sum_w;
}

SolaxEms::State SolaxEms::find_state(Time now) const noexcept {
  const bool meter_answers = legs_ > 0 && now - metered_at_ <= meter_patience && !watch_.stale();
  if (interface_.off_grid()) return State::off_grid;
  if (!units_[settings_.number].readings.feeds()) return State::resting;
  if (now - *started_ < gathering || legs_ == 0) return State::starting;
  return meter_answers ? State::regulating : State::meter_lost;
}

bool SolaxEms::find_members(Time now) noexcept {
  bool changed = false;
  const bool gathers = now - *started_ <= gathering;
  for (std::size_t k = 0; k < units_.size(); ++k) {
    Unit& unit = units_[k];
    const bool heard = is_heard(k, now);
    unit.known = unit.known || heard;
    const bool member = heard && unit.readings.feeds();
    if (member == unit.member) continue;
    unit.member = member;
    if (member) unit.ordered_w = unit.ordered_var = 0.0;
    unit.not_ordered_w = RecentMaximum{};
    unit.gives_w.reset();
    if (!gathers) unit.gives_w = std::max(0.0, unit.readings.ac_injection_w);
    changed = true;
  }
  return changed;
}

SystemMember SolaxEms::member(const Unit& unit) noexcept {
  SystemMember member{.readings = &unit.readings, .ceiling_w = unit.readings.rated_w};
  if (unit.gives_w && *unit.gives_w < member.ceiling_w) {
    member.ceiling_w = *unit.gives_w;
    member.probe_w = probe_w;
  }
  return member;
}

void SolaxEms::watch_delivery(Unit& unit, Time now) noexcept {
  const double given_w = std::max(0.0, unit.readings.ac_injection_w);
  unit.not_ordered_w.add(-unit.ordered_w, now);
  const bool is_short = -unit.not_ordered_w.value() > given_w + short_w;
  // It is asked for more than it gave as long as it is the ceiling that binds.
  const bool bound = unit.gives_w && unit.ordered_w >= *unit.gives_w;
  if (is_short || bound) {
    unit.gives_w = given_w;
  } else {
    unit.gives_w.reset();
  }
}

double SolaxEms::counted_import_w() const noexcept {
  const auto end = import_w_.begin() + static_cast<std::ptrdiff_t>(legs_);
  if (settings_.phase_mode == PhaseMode::each) {
    return static_cast<double>(legs_) * *std::min_element(import_w_.begin(), end);
  }
  double sum_w = 0.0;
  for (auto leg = import_w_.begin(); leg != end; ++leg) sum_w += *leg;
  return sum_w;
}

double SolaxEms::counted_limit_w() const noexcept {
  const double limit_w = std::max(0.0, settings_.export_limit_w);
  return settings_.phase_mode == PhaseMode::each ? static_cast<double>(legs_) * limit_w : limit_w;
}

void SolaxEms::regulate(Time now) noexcept {
  SystemShare::Members members{};
  for (std::size_t k = 0; k < units_.size(); ++k) {
    if (!units_[k].member) continue;
    watch_delivery(units_[k], now);
    members[k] = member(units_[k]);
  }
  SystemShare::Powers orders_w =
      SystemShare::orders_w(settings_, members, *load_.load_w(), counted_limit_w(), unheard_w(now));
  dip(orders_w);
  const SystemShare::Powers orders_var = SystemShare::orders_var(members, orders_w, settings_.injection_var);
  total_w_ = 0.0;
  for (std::size_t k = 0; k < units_.size(); ++k) {
    if (!units_[k].member) continue;
    units_[k].ordered_w = orders_w[k];
    units_[k].ordered_var = orders_var[k];
    total_w_ += orders_w[k];
  }
}

void SolaxEms::dip(SystemShare::Powers& orders_w) const noexcept {
  double rated_w = 0.0;
  for (const Unit& unit : units_) rated_w += unit.member ? unit.readings.rated_w : 0.0;
  if (rated_w <= 0.0) return;
  for (std::size_t k = 0; k < units_.size(); ++k) {
    const double part_w = units_[k].member ? units_[k].readings.rated_w / rated_w * watch_.dip_w() : 0.0;
    orders_w[k] = std::max(orders_w[k] - part_w, -units_[k].readings.rated_w);
  }
}

void SolaxEms::rest(Time now) noexcept {
  total_w_ = 0.0;
  for (std::size_t k = 0; k < units_.size(); ++k) {
    if (is_heard(k, now)) units_[k].ordered_w = units_[k].ordered_var = 0.0;
  }
}

void SolaxEms::woken(Time now) noexcept {
  if (now < output_.next_wake) return;
  output_.next_wake = now + cycle;
  if (!started_) started_ = now;
  const bool anew = find_members(now) || state_ != State::regulating;
  state_ = find_state(now);
  if (state_ == State::regulating) {
    double ac_w = 0.0;
    for (const Unit& unit : units_) ac_w += unit.member ? unit.readings.ac_injection_w : 0.0;
    load_.observe(counted_import_w(), ac_w, anew, now);
    watch_.observe(ac_w, anew, ac_w > counted_limit_w(), now);
    regulate(now);
    load_.ordered(total_w_, now);
  } else {
    load_.reset();
    rest(now);
  }
  const Unit& own = units_[settings_.number];
  output_.own_ac_w = own.member ? own.ordered_w : 0.0;
  output_.own_var = own.member ? own.ordered_var : 0.0;
  tell_units(now);
  tell_interface(now);
}

void SolaxEms::tell_units(Time now) noexcept {
  ++sequence_;
  output_.count = 0;
  for (std::size_t k = 0; k < units_.size(); ++k) {
    Unit& unit = units_[k];
    if (!unit.known || k == settings_.number) continue;
    // One that is not heard may hear: it is told to rest, and what it did before counts until that order has run out.
    const bool heard = is_heard(k, now);
    const SolaxUnitOrder order{.ac_injection_w = heard ? unit.ordered_w : 0.0,
                               .injection_var = heard ? unit.ordered_var : 0.0,
                               .sequence = sequence_,
                               .valid_for = settings_.order_valid,
                               .follow = heard && state_ == State::regulating && unit.member,
                               .off_grid = state_ == State::off_grid};
    if (heard) unit.ordered_at = now;
    output_.frames[output_.count++] = encode_order(settings_.number, k, order);
  }
}

void SolaxEms::tell_interface(Time now) noexcept {
  interface_.own_mode(units_[settings_.number].readings, now);
  interface_order_ = interface_.connect(settings_.reconnection, now);
  if (!interface_order_) return;
  output_.frames[output_.count++] = encode_interface_order(
      settings_.number, {.connect = *interface_order_, .sequence = sequence_, .valid_for = settings_.order_valid});
}

}  // namespace hil::controller
