#include "sim/devices/goodwe_et.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "sim/devices/goodwe_firmware_names.h"

namespace hil::sim {
namespace {

using models::phase_count;

constexpr double highest_setting_a = 100.0;  // 45353, 45355: raw 0..1000 tenths (6.2)
constexpr double idle_battery_w = 10.0;      // below this the battery stands by (assumed)
// Cells of an LFP pack: the battery limits of 6.2 stand there until a master sets others (assumed).
constexpr double highest_cell_v = 3.65;
constexpr double lowest_cell_v = 2.5;
constexpr double cells_in_a_module = 16.0;  // 51.2 V

// 35187 (section 3); 4 flashing is not played.
constexpr double work_mode_wait = 0.0;
constexpr double work_mode_on_grid = 1.0;
constexpr double work_mode_off_grid = 2.0;
constexpr double work_mode_fault = 3.0;
constexpr double work_mode_self_check = 5.0;

void require(bool holds, const std::string& device, const char* what, const std::string& found, const char* allowed) {
  if (!holds) throw std::invalid_argument(fmt::format("{}: {} is {}, must be {}", device, what, found, allowed));
}

/// Part by part: copied as a whole, what was just written in parts would have to reach the memory first.
template <typename Demand>
void take(const Demand& now, Demand& kept) {
  // All of them by name: one more would not compile.
  const auto& [mode, power_w, peak_w, peak_soc, shift_w, scheduled, forced] = now;
  kept.mode = mode;
  kept.power_w = power_w;
  if (peak_w) {
    kept.peak_w = *peak_w;
  } else {
    kept.peak_w.reset();
  }
  kept.peak_soc = peak_soc;
  kept.shift_w = shift_w;
  kept.scheduled = scheduled;
  kept.forced = forced;
}

/// One by one, for the same reason.
EtCounters::Energies energies_wh(const EtCounters::Energies& w, double hours) {
  static_assert(EtCounters::kinds == 6);
  return {w[0] * hours, w[1] * hours, w[2] * hours, w[3] * hours, w[4] * hours, w[5] * hours};
}

/// 45257: the code whose voltage is nearest.
double backup_code_of(double nominal_ln_v) {
  const auto nearest = std::min_element(GoodweEt::backup_voltages_v.begin(), GoodweEt::backup_voltages_v.end(),
                                        [nominal_ln_v](double left, double right) {
                                          return std::abs(left - nominal_ln_v) < std::abs(right - nominal_ln_v);
                                        });
  return static_cast<double>(nearest - GoodweEt::backup_voltages_v.begin());
}

}  // namespace

GoodweEt::GoodweEt(std::string name, models::Site& site, std::size_t lane, const Identity& identity,
                   const Settings& settings, const Quirks& quirks)
    : name_(std::move(name)),
      site_(site),
      lane_(lane),
      lane_view_(site.lane(lane)),
      identity_(identity),
      settings_(settings),
      set_points_expire_(quirks.set_points_expire),
      serial_settings_need_restart_(quirks.serial_settings_need_restart),
      limit_share_(1.0 / quirks.export_limit_shared_by),
      readings_(site, lane, identity.rated_w, settings.own_meter),
      clock_(settings.clock_start),
      demand_response_(settings.ripple_control),
      grid_code_(site, lane),
      dsp_name_(goodwe_dsp_name(identity.serial, identity.dsp_version)),
      arm_name_(goodwe_arm_name(identity.serial, identity.arm_version)),
      serial_port_(settings.serial_port) {
  require(identity.serial.size() == 16, name_, "serial", '"' + identity.serial + '"', "16 characters");
  require(identity.model.size() <= 10, name_, "model", '"' + identity.model + '"', "up to 10 characters");
  require(identity.rated_w > 0.0, name_, "rated_w", fmt::format("{}", identity.rated_w), "above 0");
  require(settings.soc_floor >= 0.0 && settings.soc_floor <= 1.0, name_, "soc_floor",
          fmt::format("{}", settings.soc_floor), "0..1");
  for (const double limit_a : {settings.battery_max_charge_a, settings.battery_max_discharge_a}) {
    require(limit_a >= 0.0 && limit_a <= highest_setting_a, name_, "battery_max_charge_a or battery_max_discharge_a",
            fmt::format("{}", limit_a), "0..100");
  }
  if (quirks.export_limit_freeze) freeze_.emplace(*quirks.export_limit_freeze);
  if (quirks.pv_collapse) pv_collapse_.emplace(*quirks.pv_collapse);
  const double cells = site.battery(lane).parameters().cells_in_series;
  set_.max_charge_v = cells * highest_cell_v;
  set_.min_discharge_v = cells * lowest_cell_v;
  set_.min_off_grid_v = cells * lowest_cell_v;
  battery_.modules = std::round(cells / cells_in_a_module);
  set_.serial_port = settings.serial_port;
  set_.unbalanced_output = unbalanced_output_ = settings.unbalanced_output ? 1.0 : 0.0;
  if (const models::InverterLane::Backup* backup = site.backup(lane)) {
    set_.backup_start_delay_s = std::chrono::duration<double>{backup->forming.restart_delay}.count();
    set_.backup_voltage_code = backup_code_of(backup->forming.nominal_ln_v);
  }
  publish_face();
}

void GoodweEt::latch(Time now) {
  now_ = now;
  supplied_.refresh(now);
  let_set_points_expire(now);
  change_serial_port(now);
  move_load_contact();
  if (!dsp_answers_ && has_supply_) return;  // the lane keeps the orders that it has
  hand_over_backup_supply();
  follow_forced_charge();
  const DemandResponse::Bounds response = demand_response_.bounds();
  take(demand(), demand_);
  running_ = running(response, now);
  const bool island = running_ && demand_.mode == EmsMode::off_grid;
  const double pv_limit_w = pv_ceiling_w(now, demand_, running_);
  const double pv_allowed_w = std::min(lane_view_.pv_offered_w, pv_limit_w);
  const BatteryBounds battery = battery_bounds();
  EmsSituation here = situation(demand_, response, pv_allowed_w);
  here.battery_max_charge_w = battery.charge_w;
  const EmsOrder order = demand_.peak_w ? peak_shaving_order(*demand_.peak_w, soc() > demand_.peak_soc, here)
                                        : ems_order(demand_.mode, here);
  // Demand response bounds what the port draws; the battery's charge is what gives way.
  const double most_import_w = response.import_share * identity_.rated_w;
  const double lowest_discharge_w =
      std::max(-battery.charge_w, response.import_share < 1.0 ? here.loss_w - pv_allowed_w - most_import_w : -1e12);

  const double battery_request_w =
      std::min(std::max(order.battery_discharge_w, lowest_discharge_w), battery.discharge_w);
  asleep_ = sleeps(now, battery, battery_request_w) ? 1.0 : 0.0;

  models::Site::LaneCommand& command = site_.command(lane_);
  command.connected = running_ && !island && asleep_ == 0.0;
  command.supplied = has_supply_;
  command.island = island;
  command.backup_enabled = has_supply_ && set_.backup_enabled != 0.0 && (set_.backup_autostart != 0.0 || island);
  command.pv_ceiling_w = running_ ? pv_limit_w : 0.0;
  if (lane_view_.islanded) {
    command.battery_max_charge_w = battery.charge_w;
    command.battery_max_discharge_w = battery.discharge_w;
  } else {
    command.battery_max_charge_w = settings_.battery_max_charge_a * lane_view_.battery.terminal_v;
    command.battery_max_discharge_w = settings_.battery_max_discharge_a * lane_view_.battery.terminal_v;
  }
  command.battery_discharge_request_w = battery_request_w;
  command.pv_first = order.pv_first;
  command.ac_ceiling_w = order.ac_ceiling_w;
  command.reactive_injection_request_var = reactive_injection_var();
  command.unbalance_w = unbalance_w();
}

void GoodweEt::hand_over_backup_supply() {
  if (!backup_delay_written_ && !backup_voltage_written_) return;
  const models::InverterLane::Backup* backup = site_.backup(lane_);
  if (backup == nullptr) return;
  double nominal_ln_v = backup->forming.nominal_ln_v;
  std::chrono::nanoseconds restart_delay = backup->forming.restart_delay;
  if (backup_voltage_written_) nominal_ln_v = backup_voltages_v[static_cast<std::size_t>(set_.backup_voltage_code)];
  if (backup_delay_written_) {
    restart_delay = std::chrono::nanoseconds{std::llround(set_.backup_start_delay_s * 1e9)};
  }
  site_.set_backup_supply(lane_, nominal_ln_v, restart_delay);
  backup_delay_written_ = backup_voltage_written_ = false;
}

bool GoodweEt::running(const DemandResponse::Bounds& response, Time now) const {
  return has_supply_ && demand_.mode != EmsMode::stopped && response.connected && now >= restarts_until_ &&
         !stopped_by_alarm();
}

bool GoodweEt::stopped_by_alarm() const {
  std::uint32_t all = 0;
  for (const std::uint32_t word : stopping_alarms_) all |= word;
  return all != 0;
}

void GoodweEt::raise_alarm(const EtAlarmBit& bit, bool stops, bool stands) {
  std::uint32_t& word = (stops ? stopping_alarms_ : raised_alarms_).at(static_cast<std::size_t>(bit.word));
  const std::uint32_t mask = 1U << bit.place;
  word = stands ? word | mask : word & ~mask;
}

bool GoodweEt::sleeps(Time now, const BatteryBounds& battery, double battery_request_w) {
  if (!settings_.sleep_after) return false;
  const bool needed = !running_ || lane_view_.islanded || lane_view_.pv_available_w >= wake_pv_w ||
                      battery.discharge_w > 0.0 || std::abs(battery_request_w) > idle_battery_w;
  if (needed) needed_until_ = now;
  return now - needed_until_ >= *settings_.sleep_after && !needed;
}

double GoodweEt::soc() const {
  return supplied_.active() ? supplied_.soc() : lane_view_.reported_soc;
}

double GoodweEt::soc_floor_now() const {
  if (set_.floor_protection_off != 0.0) return -1.0;
  return lane_view_.islanded ? set_.soc_floor_off_grid : settings_.soc_floor;
}

double GoodweEt::settled_ceiling_w() const {
  double ceiling_w = identity_.rated_w * set_.active_power_limit;
  if (set_.export_limit_enabled != 0.0) ceiling_w = std::min(ceiling_w, set_.export_limit_w * limit_share_);
  return ceiling_w;
}

double GoodweEt::ac_ceiling_w(const DemandResponse::Bounds& response) const {
  double ceiling_w = identity_.rated_w * std::min(set_.active_power_limit, response.export_share);
  if (unbalanced_output_ != 0.0) {
    const models::PhaseValues limits_w = phase_limits_w();
    ceiling_w = std::min(ceiling_w, std::accumulate(limits_w.begin(), limits_w.end(), 0.0));
  }
  if (set_.export_limit_enabled == 0.0) return ceiling_w;
  // At the meter more consumption stands behind the port.
  const double behind_w = readings_.load_w().value_or(0.0);
  return std::min(ceiling_w, set_.export_limit_w * limit_share_ + behind_w);
}

double GoodweEt::pv_ceiling_w(Time now, const Demand& demand, bool running) {
  double ceiling_w = FreezeMachine::no_ceiling_w;
  if (freeze_) {
    ceiling_w = freeze_->pv_ceiling_w(now, {set_.export_limit_enabled != 0.0, running, freeze_orders(demand),
                                            lane_view_.power.pv_w, lane_view_.pv_available_w});
  }
  if (pv_collapse_) {
    ceiling_w = std::min(ceiling_w, pv_collapse_->pv_ceiling_w(soc(), lane_view_.pv_available_w, ceiling_w));
  }
  return ceiling_w;
}

FreezeMachine::Orders GoodweEt::freeze_orders(const Demand& demand) const {
  const double ceiling_w = settled_ceiling_w();
  switch (demand.mode) {
    case EmsMode::charge_from_pv:
    case EmsMode::import_ac:
      return {ceiling_w, -demand.power_w, true};
    case EmsMode::export_ac:
      return {ceiling_w, demand.power_w, true};
    case EmsMode::conserve:
      return {ceiling_w, 0.0, true};
    case EmsMode::charge_battery:
      return {ceiling_w, -demand.power_w, false};
    case EmsMode::discharge_and_pv:
    case EmsMode::discharge_battery:
      return {ceiling_w, demand.power_w, false};
    default:
      return {ceiling_w, 0.0, false};
  }
}

EmsSituation GoodweEt::situation(const Demand& demand, const DemandResponse::Bounds& response,
                                 double pv_allowed_w) const {
  EmsSituation here;
  here.power_w = demand.power_w;
  here.pv_w = pv_allowed_w;
  here.loss_w = lane_view_.power.loss_w;
  here.ac_ceiling_w = ac_ceiling_w(response);
  here.load_w = readings_.load_w();
  if (here.load_w) *here.load_w += demand.shift_w;
  return here;
}

GoodweEt::BatteryBounds GoodweEt::battery_bounds() const {
  const double battery_v = lane_view_.battery.terminal_v;
  double charge_a = settings_.battery_max_charge_a;
  double discharge_a = settings_.battery_max_discharge_a;
  if (supplied_.active()) {
    charge_a = std::min(charge_a, supplied_.max_charge_a());
    discharge_a = std::min(discharge_a, supplied_.max_discharge_a());
  }
  BatteryBounds bounds{std::min(lane_view_.battery_limits.charge_w, charge_a * battery_v),
                       std::min(lane_view_.battery_limits.discharge_w, discharge_a * battery_v)};
  const double lowest_v = lane_view_.islanded ? set_.min_off_grid_v : set_.min_discharge_v;
  const double soc_now = soc();
  if (soc_now <= soc_floor_now() || (battery_v > 0.0 && battery_v <= lowest_v)) bounds.discharge_w = 0.0;
  if (soc_now >= set_.soc_ceiling && set_.soc_ceiling < 1.0) bounds.charge_w = 0.0;
  if (battery_v >= set_.max_charge_v) bounds.charge_w = 0.0;
  return bounds;
}

double GoodweEt::reactive_injection_var() const {
  if (set_.reactive_share != 0.0) return set_.reactive_share * identity_.rated_w;
  // 45482: 1..20 is 0.99..0.80 lagging, 80..99 is 0.80..0.99 leading, 0 and 100 are 1.
  const double code = set_.power_factor_code;
  if (code == 0.0 || code == 100.0) return 0.0;
  const double factor = code <= 20.0 ? 1.0 - code / 100.0 : code / 100.0;
  const double share = std::tan(std::acos(factor)) * (code <= 20.0 ? 1.0 : -1.0);
  return std::max(0.0, lane_view_.power.ac_injection_w) * share;
}

void GoodweEt::refresh(Time now) {
  live_.pv_w = lane_view_.power.pv_w;
  live_.pv_available_w = lane_view_.pv_available_w;
  live_.battery_discharge_w = lane_view_.power.battery_discharge_w;
  live_.battery_soc = lane_view_.battery_soc;
  live_.battery_v = lane_view_.battery.terminal_v;
  live_.ac_injection_w = lane_view_.power.ac_injection_w;
  live_.freeze_state = freeze_ ? static_cast<double>(freeze_->state()) : 0.0;
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    live_.voltage_ln_v[phase] = models::magnitude(lane_view_.terminal_ln_v[phase]);
  }

  clock_.refresh(now);
  using Hours = std::chrono::duration<double, std::ratio<3600>>;
  const double step_h = Hours{now - counted_until_}.count();
  counted_until_ = now;
  if (dsp_answers_) counters_.add(energies_wh(readings_.powers_w(), step_h), step_h, clock_.day());
  if (dsp_answers_ && readings_.refresh(now, live_.voltage_ln_v)) publish_state(now);
}

void GoodweEt::set_supply(bool on) {
  if (on == has_supply_) return;
  has_supply_ = on;
  if (!on) return;
  boots_until_ = now_ + boot_time;
  restarts_until_ = now_ + restart_time;
  serial_change_at_ = restarts_until_;
  unbalanced_output_ = set_.unbalanced_output;
  const Registers delivered;
  set_.ems_mode = delivered.ems_mode;
  set_.ems_power_w = delivered.ems_power_w;
  last_order_ = now_;
}

void GoodweEt::set_dsp_link(bool answers) {
  dsp_answers_ = answers;
  if (!answers) alarm_words_.tell_dsp_link_lost();  // until the next word is made up
}

void GoodweEt::publish_state(Time now) {
  publish_battery();
  const double to_connect_s = lane_view_.time_to_connect_s;
  grid_returns_ = to_connect_s < to_connect_s_;
  to_connect_s_ = to_connect_s;
  work_mode_ = work_mode_now();
  grid_mode_ = work_mode_ == work_mode_on_grid ? 1.0 : work_mode_ == work_mode_fault ? 2.0 : 0.0;
  alarm_words_.refresh(lane_view_, site_.battery(lane_), firmware_state(), now);
}

void GoodweEt::publish_battery() {
  const models::BatteryPack& pack = site_.battery(lane_);
  const double battery_w = readings_.battery_discharge_w();
  battery_.mode = std::abs(battery_w) <= idle_battery_w ? 1.0 : (battery_w > 0.0 ? 2.0 : 3.0);
  battery_.soc = soc();
  battery_.max_charge_a = lane_view_.battery_limits.charge_a;
  battery_.max_discharge_a = lane_view_.battery_limits.discharge_a;
  battery_.soh = pack.ageing().capacity_factor();
  battery_.temperature_c = pack.state().temperature_c;
  if (supplied_.active()) {
    battery_.max_charge_a = supplied_.max_charge_a();
    battery_.max_discharge_a = supplied_.max_discharge_a();
    battery_.soh = supplied_.soh();
    battery_.temperature_c = supplied_.temperature_c();
  }
  const auto cells = pack.cells();
  battery_.cell_max_v = cells.cell_max_v;
  battery_.cell_min_v = cells.cell_min_v;
  battery_.cell_max_c = cells.cell_max_c;
  battery_.cell_min_c = cells.cell_min_c;
}

double GoodweEt::work_mode_now() const {
  if (stopped_by_alarm()) return work_mode_fault;
  if (lane_view_.islanded) return work_mode_off_grid;
  if (!running_ || asleep_ != 0.0) return work_mode_wait;
  const bool tripped = lane_view_.operation == models::Operation::tripped;
  if (!tripped && lane_view_.operation != models::Operation::waiting) return work_mode_on_grid;
  if (grid_returns_) {
    const double check_s = std::chrono::duration<double>{self_check}.count();
    return lane_view_.time_to_connect_s <= check_s ? work_mode_self_check : work_mode_wait;
  }
  return tripped ? work_mode_fault : work_mode_wait;
}

EtAlarmWords::Firmware GoodweEt::firmware_state() const {
  EtAlarmWords::Firmware state;
  const EmsMode mode = demand_.mode;
  const bool from_outside = mode == EmsMode::stopped || demand_response_.disconnects() || now_ < restarts_until_;
  state.stopped = stopped_by_alarm() ? from_outside : !running_;
  state.grid_returns = grid_returns_;
  state.soc_low = !lane_view_.islanded && soc() <= soc_floor_now();
  state.soc_low_off_grid = lane_view_.islanded && soc() <= soc_floor_now();
  state.charge_schedule = demand_.scheduled && mode == EmsMode::charge_battery;
  state.discharge_schedule = demand_.scheduled && mode == EmsMode::discharge_battery;
  state.discharge_forbidden_by_mode = mode == EmsMode::charge_from_pv || mode == EmsMode::import_ac ||
                                      mode == EmsMode::conserve || mode == EmsMode::battery_standby;
  state.has_meter = readings_.has_meter();
  state.meter_lost = !readings_.meter_answers();
  state.meter_reversed = readings_.meter_reversed();
  state.export_limited = set_.export_limit_enabled != 0.0;
  state.power_factor_set = set_.power_factor_code != 0.0 && set_.power_factor_code != 100.0;
  state.active_power_limited = set_.active_power_limit < 1.0;
  state.floor_protection_off = set_.floor_protection_off != 0.0;
  state.emergency_charge = demand_.forced;
  state.battery_data_lost = supplied_.silent();
  state.battery_data_supplied = supplied_.active();
  state.self_use = mode == EmsMode::automatic && !demand_.peak_w && !demand_.scheduled;
  state.load_light = state.self_use && readings_.load_w() && *readings_.load_w() <= lane_view_.pv_available_w;
  state.soc = battery_.soc;
  state.discharge_setting_a = settings_.battery_max_discharge_a;
  state.max_charge_a = battery_.max_charge_a;
  state.max_discharge_a = battery_.max_discharge_a;
  state.supplied_alarms = supplied_.active() ? supplied_.alarms() : 0.0;
  state.supplied_warnings = supplied_.active() ? supplied_.warnings() : 0.0;
  for (std::size_t word = 0; word < et_alarm_word_count; ++word) {
    state.raised[word] = raised_alarms_[word] | stopping_alarms_[word];
  }
  return state;
}

}  // namespace hil::sim
