#include "controller/fleet/fleet_controller.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "controller/core/power_share.h"
#include "controller/devices/meter_blocks.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time longest_between_steps = 250ms;

double number_or_zero(double value) {
  return std::isfinite(value) ? value : 0.0;
}

}  // namespace

FleetController::FleetController(const FleetSettings& settings) noexcept : FleetController(Start{settings, {}}) {}

FleetController::FleetController(const StorageImage& image, const FleetSettings& when_empty) noexcept
    : FleetController(started(image, when_empty)) {}

FleetController::Start FleetController::started(const StorageImage& image, const FleetSettings& when_empty) noexcept {
  Start start{when_empty, {}};
  if (const std::optional<StoredFleet> record = start.store.load(image)) {
    start.settings = record->settings;
    start.settings.transfer_switch_closed = when_empty.transfer_switch_closed;
  }
  return start;
}

FleetController::FleetController(const Start& start) noexcept
    : settings_(start.settings),
      meter_master_({settings_.meter_baud, settings_.meter_bits_per_character}),
      switch_closed_(settings_.transfer_switch_closed),
      store_(start.store) {
  double known_wh = 0.0;
  double known = 0.0;
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const Settings::Line& given = settings_.lines[line];
    std::destroy_at(&lines_[line]);
    std::construct_at(&lines_[line], given, settings_.strings_per_unit);
    for (std::size_t unit = 0; unit < lines_[line].count() && count_ < max_inverters; ++unit) {
      place_[count_++] = {line, unit};
      if (given.capacity_wh[unit] > 0.0) {
        known_wh += given.capacity_wh[unit];
        known += 1.0;
      }
    }
  }
  constexpr double hours_without_capacity = 1.0;
  const double mean_wh = known > 0.0 ? known_wh / known : hours_without_capacity * settings_.unit_rating_w;
  for (std::size_t k = 0; k < count_; ++k) {
    const double given_wh = settings_.lines[place_[k].line].capacity_wh[place_[k].unit];
    energy_[k] = EnergyCount(given_wh > 0.0 ? given_wh : mean_wh, settings_.initial_soc);
  }
  output_.next_wake = Time{0};
}

void FleetController::order(FleetMode mode, double ac_injection_w, double ac_injection_var, double grid_import_w,
                            Time now) noexcept {
  settings_.mode = mode;
  settings_.ac_injection_w = number_or_zero(ac_injection_w);
  settings_.ac_injection_var = number_or_zero(ac_injection_var);
  settings_.grid_import_w = number_or_zero(grid_import_w);
  store_.save({.settings = settings_});
  next_step_ = now;
  step(now);
  ask(now);
}

void FleetController::release() noexcept {
  for (std::size_t k = 0; k < count_; ++k) led(k).release();
}

bool FleetController::meter_lost(Time now) const noexcept {
  return !grid_import_w_ || now - grid_import_at_ > meter_patience;
}

bool FleetController::rests() const noexcept {
  return settings_.mode == FleetMode::stop || (settings_.mode == FleetMode::off_grid && !settings_.has_transfer_switch);
}

bool FleetController::wants_off_grid() const noexcept {
  if (!settings_.has_transfer_switch || settings_.mode == FleetMode::stop) return false;
  return settings_.mode == FleetMode::off_grid || (settings_.islands_by_itself && grid_.lost());
}

bool FleetController::switch_is_right() const noexcept {
  return !settings_.has_transfer_switch || switch_closed_ != wants_off_grid();
}

bool FleetController::all_rest() const noexcept {
  for (std::size_t k = 0; k < count_; ++k) {
    if (unit(k).may_run(wants_off_grid())) return false;
  }
  return true;
}

void FleetController::decide_who_runs(Time now, std::array<bool, max_inverters>& run) const noexcept {
  using Phase = PcsUnit::Phase;
  if (!rests() && switch_is_right()) {
    bool those_before_are_done = true;
    for (std::size_t k = 0; k < count_; ++k) {
      const Phase phase = unit(k).phase();
      run[k] = those_before_are_done || phase == Phase::running || wants_off_grid();
      const bool hopeless =
          phase == Phase::unknown || phase == Phase::faulted || phase == Phase::left_alone || unit(k).start_failed(now);
      those_before_are_done = those_before_are_done && (unit(k).connected(now) || hopeless);
    }
    return;
  }
  bool those_behind_are_done = true;
  for (std::size_t k = count_; k-- > 0;) {
    const Phase phase = unit(k).phase();
    const bool runs = phase == Phase::running || phase == Phase::starting || phase == Phase::stopping;
    run[k] = runs && !those_behind_are_done;
    those_behind_are_done = those_behind_are_done && !runs;
  }
}

bool FleetController::island_may_start(Time now) const noexcept {
  if (island_began_ == Time::max()) return false;
  if (now - island_began_ >= PcsUnit::start_patience) return true;
  for (std::size_t k = 0; k < count_; ++k) {
    const PcsUnit::Phase phase = unit(k).phase();
    const bool comes = phase == PcsUnit::Phase::stopped || phase == PcsUnit::Phase::setting_up;
    if (comes && !unit(k).is_set_up(now)) return false;
  }
  return true;
}

void FleetController::count_energy() noexcept {
  for (std::size_t k = 0; k < count_; ++k) {
    const std::optional<PcsStatus>& status = unit(k).status();
    if (!status || unit(k).status_at() == counted_at_[k]) continue;
    counted_at_[k] = unit(k).status_at();
    // In an island the load decides; with a fault the converter gives what it can, unless it is known which strings
    // can.
    const Time at = unit(k).status_at();
    const bool fault_hides = status->fault_latched && unit(k).able_share(at) == 1.0;
    const bool able = unit(k).connected(at) && !status->warning && !fault_hides && !unit(k).runs_off_grid();
    energy_[k].set_running_share(unit(k).able_share(at));
    energy_[k].see(status->ac_injection_w, unit(k).acknowledged_w().value_or(0.0), able, counted_at_[k]);
  }
}

std::optional<double> FleetController::total_wanted_w(Time now) const noexcept {
  if (rests()) return 0.0;
  double lost_w = 0.0;
  double flowing_w = 0.0;
  bool all_spoke = grid_import_at_ > Time{0};
  for (std::size_t k = 0; k < count_; ++k) {
    if (unit(k).health().state() == UnitHealth::State::lost) lost_w += shares_w_[k];
  }
  if (wants_off_grid()) return std::nullopt;
  if (settings_.mode == FleetMode::power) return settings_.ac_injection_w - lost_w;
  if (meter_lost(now)) return 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    if (unit(k).phase() != PcsUnit::Phase::running) continue;
    const Time settled = unit(k).acknowledged_at() + settling;
    all_spoke = all_spoke && unit(k).status_at() > settled && grid_import_at_ > settled;
    flowing_w += unit(k).status()->ac_injection_w;
  }
  if (!all_spoke) return std::nullopt;
  return flowing_w + *grid_import_w_ - settings_.grid_import_w;
}

bool FleetController::rescued(std::size_t k) const noexcept {
  return unit(k).phase() == PcsUnit::Phase::running && unit(k).must_charge();
}

void FleetController::share(double total_w, Time now) noexcept {
  std::array<double, max_inverters> weights{};
  std::array<double, max_inverters> limits_w{};
  std::array<double, max_inverters> shares_w{};
  // What has to be charged is, whoever pays for it.
  double rescue_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    if (rescued(k)) rescue_w += rescue_share * settings_.unit_rating_w;
  }
  const double others_w = total_w + rescue_w;
  const bool discharge = others_w > 0.0;
  std::size_t running = 0;
  for (std::size_t k = 0; k < count_; ++k) {
    // Who warns waits for the grid, who is not connected yet cannot: what they are told they do not give.
    shared_among_[k] = unit(k).connected(now) && (!unit(k).status()->warning || rescued(k));
    if (!shared_among_[k]) continue;
    ++running;
    if (rescued(k)) continue;
    const EnergyCount& energy = energy_[k];
    const double usable_soc = discharge ? energy.soc() - settings_.lowest_soc : settings_.highest_soc - energy.soc();
    if (usable_soc <= 0.0 || (discharge ? energy.empty() : energy.full())) continue;
    const double able = unit(k).able_share(now);
    weights[k] = usable_soc * energy.capacity_wh() * able;
    limits_w[k] = settings_.unit_rating_w * able;
  }
  share_power(std::abs(others_w), {weights.data(), count_}, {limits_w.data(), count_}, {shares_w.data(), count_});
  // All or none: shares of different moments would not add up to the total.
  bool moved = false;
  const auto lost = [this](std::size_t k) { return unit(k).health().state() == UnitHealth::State::lost; };
  for (std::size_t k = 0; k < count_; ++k) {
    if (!discharge) shares_w[k] = -shares_w[k];
    if (rescued(k)) shares_w[k] = -rescue_share * settings_.unit_rating_w;
    const bool comes_to_rest = shares_w[k] == 0.0 && shares_w_[k] != 0.0;
    moved = moved || (!lost(k) && (comes_to_rest || std::abs(shares_w[k] - shares_w_[k]) >= dead_band_w));
  }
  for (std::size_t k = 0; k < count_; ++k) {
    // What a lost one was told stands in it still.
    if (lost(k)) continue;
    if (moved) shares_w_[k] = shares_w[k];
    PcsOrder order = unit(k).order();
    order.ac_injection_w = shares_w_[k];
    order.ac_injection_var =
        shared_among_[k] ? settings_.ac_injection_var / static_cast<double>(std::max<std::size_t>(running, 1)) : 0.0;
    led(k).set_order(order);
  }
  total_w_ = total_w;
}

void FleetController::step(Time now) noexcept {
  next_step_ = now + longest_between_steps;
  count_energy();
  std::array<bool, max_inverters> run{};
  decide_who_runs(now, run);
  const bool islands = wants_off_grid() && switch_is_right();
  island_began_ = islands ? std::min(island_began_, now) : Time::max();
  const bool waits = islands && !island_may_start(now);
  for (std::size_t k = 0; k < count_; ++k) {
    PcsOrder order = unit(k).order();
    order.run = run[k];
    order.waits = waits;
    // While the switch stands wrong, whoever runs goes on as it does until it is its turn to stop.
    if (switch_is_right() || !unit(k).status() || !unit(k).status()->running) order.off_grid = wants_off_grid();
    led(k).set_order(order);
  }
  if (settings_.has_transfer_switch && all_rest()) {
    output_.close_transfer_switch = !wants_off_grid();
  }
  if (const std::optional<double> total_w = total_wanted_w(now)) share(*total_w, now);
}

void FleetController::bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, Time now) noexcept {
  if (line >= max_lines) return;
  bool news = false;
  if (line == meter_line) {
    news = meter_master_.heard(bytes, now) == BusMaster::Outcome::answered && holds_numbers(meter_master_.data());
    if (news) {
      meter_plan_.answered(now);
      if (meter_plan_.open() == MeterBlock::phases) {
        grid_.see(decode_meter_phases(meter_master_.data()), settings_.nominal_ln_v, meter_master_.asked_at());
      } else {
        grid_import_w_ = decode_meter_powers(meter_master_.data()).grid_import_w;
        grid_import_at_ = meter_master_.asked_at();
      }
    }
  } else {
    news = lines_[line].heard(bytes, now);
  }
  if (news) step(now);
  ask(now);
}

void FleetController::transfer_switch_moved(bool closed, Time now) noexcept {
  switch_closed_ = closed;
  step(now);
  ask(now);
}

void FleetController::woken(Time now) noexcept {
  meter_master_.woken(now);
  bool news = false;
  for (PcsLine& line : lines_) news = line.woken(now) || news;
  if (news || now >= next_step_) step(now);
  ask(now);
}

void FleetController::sent() noexcept {
  for (Output::Line& line : output_.lines) line.count = 0;
  output_.close_transfer_switch.reset();
  output_.storage.count = 0;
}

void FleetController::storage_written(bool good, Time now) noexcept {
  store_.written(good, now);
  output_.next_wake = std::min(output_.next_wake, store_.next_wake());
}

void FleetController::ask(Time now) noexcept {
  Time next_wake = next_step_;
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    Output::Line& line = output_.lines[k];
    if (line.count == 0) line.count = lines_[k].ask(now, line.bytes);
    next_wake = std::min(next_wake, lines_[k].next_wake());
  }
  if (settings_.meter_address != 0) {
    Output::Line& meter = output_.lines[meter_line];
    if (meter.count == 0 && meter_master_.free(now)) {
      meter.count =
          meter_master_.send(meter_request(settings_.meter_address, meter_plan_.next(now, false)), now, meter.bytes);
    }
    next_wake = std::min(next_wake, meter_master_.next_wake());
  }
  store_.ask(now, output_.storage);
  output_.next_wake = std::min(next_wake, store_.next_wake());
}

}  // namespace hil::controller
