#include "sim/devices/sinexcel_pws2.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "sim/devices/pcs_require.h"

namespace hil::sim {
namespace {

constexpr double widest_bias_hz = 5.0;
constexpr double no_limit_w = 1e9;
// A trip's bit stands at least so long, though some codes have their window where they trip: for a master that reads
// each second. Assumed; no delay before reconnecting is as short.
constexpr double trip_shown_s = 2.0;
// Trips above 0.125 and 0.2 Hz/s, by register 888.
constexpr std::array rates_of_change_hz_per_s{0.0, 0.125, 0.2};
constexpr std::size_t ten_minute_stage = 2;  // behind the two of the grid code

double in_s(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>{time}.count();
}

double mean_magnitude(const models::PhasePhasors& values) {
  return (std::abs(values[0]) + std::abs(values[1]) + std::abs(values[2])) / 3.0;
}

/// A limit that does not bind need not follow each millivolt: while an order stays the same, the lane has nothing to
/// work out anew.
double settled(double limit_w, double before_w, double flow_w) {
  constexpr double same_within = 0.01;
  constexpr double binds_from = 0.8;
  const bool alike = std::abs(limit_w - before_w) < same_within * limit_w;
  return alike && flow_w < binds_from * std::min(limit_w, before_w) ? before_w : limit_w;
}

Pws2Bit bit_of(const models::TripCause& cause) {
  switch (cause.kind) {
    case models::TripKind::undervoltage:
      return pws2::ac_undervoltage;
    case models::TripKind::overfrequency:
      return pws2::ac_overfrequency;
    case models::TripKind::underfrequency:
      return pws2::ac_underfrequency;
    case models::TripKind::rate_of_change_of_frequency:
      return pws2::rate_of_change;
    case models::TripKind::overvoltage:
      break;
  }
  return cause.stage == ten_minute_stage ? pws2::long_overvoltage : pws2::ac_overvoltage;
}

/// Way from unity, + capacitive: what lies between two power factors of different signs is unity, not zero.
double from_unity(double power_factor) {
  return std::copysign(1.0 - std::abs(power_factor), power_factor);
}

}  // namespace

SinexcelPws2::SinexcelPws2(std::string name, models::Site& site, std::size_t lane, const Rating& rating,
                           const Settings& settings)
    : name_(std::move(name)),
      site_(site),
      lane_(lane),
      rating_(rating),
      settings_(settings),
      support_(settings.support),
      frequency_support_(settings.support),
      battery_(limits_) {
  require(lane < site.inverter_count(), "its lane must be one of the site");
  require(site.grid_code(lane) != nullptr, "its lane must have a grid code");
  require(rating_.rated_w > 0.0 && rating_.max_dc_a > 0.0, "rated_w and max_dc_a must be > 0");
  require(rating_.model.size() <= 32, "model has at most 32 characters");
  require(rating_.serial.size() <= 16, "serial has at most 16 characters");
  require(settings_.modbus_address >= 1 && settings_.modbus_address <= 247, "modbus_address must lie in 1..247");
  require(has_baud(settings_.baud), "baud must be 9600 or 19200");
  const std::string beyond = beyond_registers(settings_.support);
  require(beyond.empty(), beyond);
  require(settings_.grid_code < pws2_grid_code_count, "grid_code must lie in 0..6");
  require(std::abs(settings_.frequency_bias_hz) <= widest_bias_hz, "frequency_bias_hz must lie in -5..5");
  const PcsBattery::Limits& limits = settings_.battery;
  require(limits.lower_limit_v >= lowest_dc_v && settings_.upper_limit_v <= highest_dc_v,
          "limits of the battery must lie in 130..830 V");
  require(limits.lower_limit_v <= limits.float_v && limits.float_v <= limits.topping_v &&
              limits.topping_v <= settings_.upper_limit_v,
          "lower limit, float, topping and upper limit must ascend");
  const auto within = [&](double a) { return a >= 0.0 && a <= rating_.max_dc_a; };
  require(within(limits.max_charge_a) && within(limits.max_discharge_a) && within(limits.topping_to_float_a),
          "currents must lie in 0..max_dc_a");
  shown_.voltage_level = rating_.nominal_ln_v > 250.0 ? 2.0 : rating_.nominal_ln_v < 225.0 ? 0.0 : 1.0;
  shown_.frequency_level = rating_.nominal_hz > 55.0 ? 1.0 : 0.0;
  address_in_force_ = settings_.modbus_address;
  deliver();
  publish_face();
}

std::string SinexcelPws2::beyond_registers(const PcsSupport::Parameters& support) {
  const auto beyond = [](const char* what, double time_s, int address) {
    if (time_s <= longest_response_s) return std::string{};
    return fmt::format("{} is {}, a PWS2 has at most {} s (register {})", what, time_s, longest_response_s, address);
  };
  std::string found = beyond("volt_var: response_s", support.volt_var.response_s, 857);
  if (found.empty()) found = beyond("volt_watt: return_delay_s", support.volt_watt.return_delay_s, 866);
  if (found.empty()) found = beyond("volt_watt: response_s", support.volt_watt.response_s, 867);
  return found;
}

void SinexcelPws2::deliver() {
  set_ = {};
  set_.modbus_address = settings_.modbus_address;
  set_.baud_code = settings_.baud == 9600 ? 1.0 : 0.0;
  set_.frequency_bias_hz = settings_.frequency_bias_hz;
  set_.starts_by_itself = settings_.starts_by_itself ? 1.0 : 0.0;
  set_.grid_code = static_cast<double>(settings_.grid_code);
  const PcsSupport::VoltVar& volt_var = settings_.support.volt_var;
  set_.volt_var_pu = volt_var.voltage_pu;
  set_.volt_var_reactive_pu = volt_var.reactive_pu;
  for (const std::size_t inductive : {2U, 3U}) set_.volt_var_reactive_pu.at(inductive) *= -1.0;
  curves_ = settings_.support;
  limits_ = settings_.battery;
  upper_limit_v_ = settings_.upper_limit_v;
  chosen_code_ = -1.0;
  choose_grid_code();
  if (settings_.reconnect_delay_s) grid_.reconnect_delay_s = *settings_.reconnect_delay_s;
  follow_limits();
  follow_support();
  take_modes(state_.off_grid());
}

void SinexcelPws2::choose_grid_code() {
  if (set_.grid_code == chosen_code_) return;
  chosen_code_ = set_.grid_code;
  grid_ = pws2_grid_settings(static_cast<std::size_t>(set_.grid_code));
  follow_grid_settings();
}

void SinexcelPws2::follow_grid_settings() {
  const Pws2TripSwitches switches{
      .nominal_hz = rating_.nominal_hz,
      .ten_minute_pu = set_.long_overvoltage_detection != 0.0 ? set_.ten_minute_pu : 0.0,
      .rate_of_change_hz_per_s = rates_of_change_hz_per_s.at(static_cast<std::size_t>(set_.rate_of_change))};
  site_.set_grid_code(lane_, pws2_protection(grid_, switches), site_.grid_code(lane_)->support);
}

PcsSupport::Parameters SinexcelPws2::written_support() const {
  PcsSupport::Parameters parameters = curves_;
  PcsSupport::VoltVar& volt_var = parameters.volt_var;
  for (std::size_t i = 0; i < volt_var.voltage_pu.size(); ++i) {
    volt_var.voltage_pu[i] = set_.volt_var_pu[i] * set_.volt_var_reference_pu;
    volt_var.reactive_pu[i] = i < 2 ? set_.volt_var_reactive_pu[i] : -set_.volt_var_reactive_pu[i];
  }
  return parameters;
}

void SinexcelPws2::follow_support() {
  const PcsSupport::Parameters written = written_support();
  support_.set_parameters(written);
  frequency_support_.set_parameters(written);
}

// What the laws need and has no register.
void SinexcelPws2::follow_limits() {
  limits_.end_of_discharge_v = limits_.lower_limit_v;
  limits_.end_of_charge_a = limits_.topping_to_float_a;
}

void SinexcelPws2::take_modes(bool off_grid) {
  set_.off_grid_mode = off_grid ? 1.0 : 0.0;
  set_.grid_tied_mode = off_grid ? 0.0 : 1.0;
}

void SinexcelPws2::set_fault(PcsFault fault, std::size_t string, bool present) {
  require(string <= 1, "a fault is at string 0 (all) or 1");
  constexpr std::array<Pws2Bit, pcs_fault_count> bits{pws2::emergency_stop,  pws2::fan,          pws2::heat_sink,
                                                      pws2::bus_overvoltage, pws2::ground_fault, pws2::dc_relay_open};
  faults_.set_cause(bits.at(static_cast<std::size_t>(fault)), present);
}

void SinexcelPws2::set_condition(int word, unsigned place, bool present) {
  const std::optional<Pws2Word> known = Pws2Faults::word_of(word);
  require(known && place < 16, "its fault and alarm words are 36 to 39, 44, 45 and 47, of 16 bits each");
  const bool is_bms_silence = *known == pws2::bms_timeout.word && place == pws2::bms_timeout.place;
  if (is_bms_silence) {
    if (present && !bms_silent_) bms_silent_since_ = now_;
    bms_silent_ = present;
  } else {
    faults_.set_condition({*known, place}, present);
  }
}

void SinexcelPws2::set_supply(bool on) {
  if (on && !has_supply_) boots_ = true;
  has_supply_ = on;
}

void SinexcelPws2::set_frequency_bias_hz(double bias_hz) {
  require(std::abs(bias_hz) <= widest_bias_hz, "frequency_bias_hz must lie in -5..5");
  set_.frequency_bias_hz = bias_hz;
}

void SinexcelPws2::hear(Time now) {
  heard_at_ = now;
  heard_ = true;
  // The very request that feeds the watchdog may be the one that clears its fault.
  faults_.set_cause(pws2::ems_timeout, false);
}

bool SinexcelPws2::grid_in_window() const {
  if (above_nominal_hz_ < grid_.reconnect_lowest_hz || above_nominal_hz_ > grid_.reconnect_highest_hz) return false;
  const models::PhasePhasors& terminal_ln_v = lane().terminal_ln_v;
  return std::all_of(terminal_ln_v.begin(), terminal_ln_v.end(), [&](const models::Phasor& v) {
    const double pu = std::abs(v) / rating_.nominal_ln_v;
    return pu >= grid_.reconnect_lowest_pu && pu <= grid_.reconnect_highest_pu;
  });
}

void SinexcelPws2::watch_grid(double step_s) {
  voltage_pu_ = mean_magnitude(lane().terminal_ln_v) / rating_.nominal_ln_v;
  above_nominal_hz_ = lane().frequency_hz - rating_.nominal_hz;
  grid_good_s_ = grid_in_window() ? grid_good_s_ + step_s : 0.0;
}

void SinexcelPws2::watch_trips() {
  if (trip_ && (grid_good_s_ >= trip_shown_s || state_.off_grid())) {
    faults_.set_cause(*trip_, false);
    trip_.reset();
  }
  const bool tripped =
      state_.running() && !state_.off_grid() && lane().operation == models::Operation::tripped && lane().trip_cause;
  if (!tripped || trip_) return;
  trip_ = bit_of(*lane().trip_cause);
  faults_.set_cause(*trip_, true);
  grid_good_s_ = 0.0;
}

void SinexcelPws2::watch_dc() {
  const models::BatteryPack::Outputs& battery = lane().battery;
  const bool wanted = state_.phase() != Pws2State::Phase::stopped;
  const bool closed = site_.battery(lane_).management().contactor_closed();
  // Before the first step of the plant there is nothing to read.
  const bool has_reading = battery.terminal_v > 0.0;
  if (has_reading) battery_.observe(battery.terminal_v, battery.discharge_a);
  faults_.set_cause(pws2::dc_undervoltage, (wanted && !closed) || (has_reading && battery.terminal_v < lowest_dc_v));
  faults_.set_cause(pws2::dc_overvoltage, battery.terminal_v > upper_limit_v_);
  faults_.set_cause(pws2::dc_overcurrent, std::abs(battery.discharge_a) > rating_.max_dc_a);
  faults_.set_cause(pws2::overload_alarm, shown_.total.apparent_va > 1.02 * rating_.rated_w);
  const bool feeds_island = state_.off_grid() && state_.running();
  const auto stop = lane().island_stop;
  faults_.set_cause(pws2::overload, feeds_island && stop == models::InverterLane::IslandStop::overload);
  faults_.set_cause(pws2::output_voltage, feeds_island && stop == models::InverterLane::IslandStop::overvoltage);
  faults_.set_cause(pws2::off_grid_energy_low,
                    feeds_island && (stop == models::InverterLane::IslandStop::battery_empty ||
                                     (has_reading && battery.terminal_v <= limits_.lower_limit_v)));
}

void SinexcelPws2::watch_masters(Time now) {
  const auto expired = [now](double limit_s, Time since) { return limit_s > 0.0 && in_s(now - since) > limit_s; };
  faults_.set_cause(pws2::ems_timeout, heard_ && expired(set_.ems_watchdog_s, heard_at_));
  faults_.set_cause(pws2::bms_timeout, bms_silent_ && expired(set_.bms_watchdog_s, bms_silent_since_));
  faults_.set_undetected(pws2::emergency_stop, set_.emergency_input != 1.0);
  faults_.set_undetected(pws2::voltage_unbalance, set_.unbalance_detection == 0.0);
  faults_.set_undetected(pws2::long_overvoltage, set_.long_overvoltage_detection == 0.0);
  faults_.set_undetected(pws2::neutral_open, set_.neutral_detection == 0.0);
}

void SinexcelPws2::boot(Time now) {
  const bool begins_off_grid = set_.begins_off_grid != 0.0;
  state_.power_up(now, begins_off_grid);
  take_modes(begins_off_grid);
  faults_.power_up();
  heard_ = false;
  had_fault_ = false;
  may_autostart_ = true;
  ignored_writes_ = 0.0;
  boots_ = false;
}

void SinexcelPws2::move_state(Time now) {
  faults_.advance(now);
  const bool faulty = faults_.any_fault();
  had_fault_ = had_fault_ || faulty;
  // After a trip the delay counts in any case: the check of a start is another matter.
  const bool delayed = set_.grid_check != 0.0 || lost_grid_;
  const double wanted_s = delayed ? grid_.reconnect_delay_s : 0.0;
  const bool may_follow =
      lane().operation != models::Operation::tripped && lane().operation != models::Operation::waiting;
  state_.advance(now, {.faulty = faulty,
                       .restarts = faults_.restarts_by_itself(),
                       .checks = set_.grid_check != 0.0,
                       .grid_waits = grid_good_s_ <= 0.0 || grid_good_s_ < wanted_s,
                       .in_service = state_.off_grid() ? !lane().forming_blocked : may_follow});
  if (trip_) lost_grid_ = true;
  if (state_.running()) lost_grid_ = false;
  if (!state_.initialising()) restarts_ = false;
  if (set_.starts_by_itself != 0.0 && may_autostart_ && state_.start(faulty)) may_autostart_ = false;
  if (!state_.running()) set_.standby = 0.0;
}

double SinexcelPws2::set_point_w() const {
  double set_w = set_.set_discharge_w;
  if (set_.capacity_limited != 0.0) set_w = std::min(set_w, set_.capacity_pu * rating_.rated_w);
  if (set_w > 0.0 ? battery_.empty() : battery_.full()) return 0.0;
  return std::clamp(set_w, -rating_.rated_w, rating_.rated_w);
}

/// Of the set point while it discharges: what Freq-Watt takes of rated power first, then Volt-Watt's share of the rest.
double SinexcelPws2::active_share() const {
  const double set_w = set_point_w();
  if (set_w <= 0.0) return 1.0;
  const double taken_w = (1.0 - frequency_support_.active_share()) * rating_.rated_w;
  return support_.active_share() * std::max(0.0, set_w - taken_w) / set_w;
}

// In standby it goes on as if it fed, so that its end finds power where it belongs.
void SinexcelPws2::advance_power(double step_s) {
  const bool runs = !state_.off_grid() && state_.running();
  const bool stops = !state_.off_grid() && state_.phase() == Pws2State::Phase::stopping;
  support_.advance(step_s, {.voltage_pu = voltage_pu_,
                            .above_nominal_hz = above_nominal_hz_,
                            .volt_var = runs && set_.reactive_mode == 1.0,
                            .volt_watt = runs && (set_.active_mode == 1.0 || set_.active_mode == 3.0)});
  frequency_support_.advance(step_s,
                             {.above_nominal_hz = above_nominal_hz_, .freq_watt = runs && set_.active_mode >= 2.0});
  const PcsPower::Rates rates{.rated_w = rating_.rated_w,
                              .normal_pu_per_s = grid_.normal_ramp,
                              .soft_pu_per_s = grid_.soft_start_ramp,
                              .ramps = grid_.power_change_mode == 1.0};
  // What stops out of standby has nothing to bring down.
  if (!stops) feeds_ = runs && !state_.rests();
  if (runs != ran_ && !stops) power_.restart();
  ran_ = runs;
  if (runs) {
    power_.advance(step_s, set_point_w(), active_share(), rates);
  } else if (stops) {
    power_.advance(step_s, 0.0, 1.0, rates);
  }
}

double SinexcelPws2::power_factor_var(double factor) const {
  const double pf = std::abs(factor);
  return std::copysign(std::abs(power_.power_w()) * std::sqrt(1.0 - pf * pf) / pf, factor);
}

double SinexcelPws2::watt_pf() const {
  const double at = std::abs(power_.power_w()) / rating_.rated_w;
  const auto& x = set_.watt_pf_power_pu;
  const auto& pf = set_.watt_pf_factor;
  if (at <= x.front()) return pf.front();
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (at >= x[i]) continue;
    const double way = (at - x[i - 1]) / (x[i] - x[i - 1]);
    const double off = from_unity(pf[i - 1]) + way * (from_unity(pf[i]) - from_unity(pf[i - 1]));
    return std::copysign(1.0 - std::abs(off), off);
  }
  return pf.back();
}

double SinexcelPws2::reactive_var() const {
  double wanted_var = set_.reactive_power_var;
  if (set_.reactive_mode == 1.0) wanted_var = support_.reactive_pu() * rating_.rated_w;
  if (set_.reactive_mode == 2.0) wanted_var = power_factor_var(set_.power_factor);
  if (set_.reactive_mode == 3.0) wanted_var = power_factor_var(watt_pf());
  const double ceiling_va = power_.soft_ceiling() * rating_.rated_w;
  const double room_var = std::sqrt(std::max(0.0, ceiling_va * ceiling_va - power_.power_w() * power_.power_w()));
  return std::clamp(wanted_var, -room_var, room_var);
}

void SinexcelPws2::order_off_grid(models::Site::LaneCommand& command) const {
  command.form_site = command.connected && !state_.rests();
  command.battery_max_charge_w = battery_.max_charge_w();
  command.battery_max_discharge_w = battery_.max_discharge_w();
  command.battery_discharge_request_w = 0.0;
  command.reactive_injection_request_var = 0.0;
  command.ac_ceiling_w = no_limit_w;
  command.forming_voltage_pu = 1.0 + set_.voltage_bias;
  command.forming_frequency_bias_hz = set_.frequency_bias_hz;
}

void SinexcelPws2::order() {
  models::Site::LaneCommand& command = site_.command(lane_);
  command.supplied = has_supply_;
  command.connected = has_supply_ && state_.connects();
  command.form_site = false;
  command.seeks_islands = set_.anti_islanding != 0.0;
  derates_ = false;
  if (state_.off_grid()) {
    order_off_grid(command);
    return;
  }
  const bool flows = command.connected && feeds_;
  const double flow_w = std::max(std::abs(power_.power_w()), std::abs(command.battery_discharge_request_w));
  command.battery_max_charge_w = settled(battery_.max_charge_w(), command.battery_max_charge_w, flow_w);
  command.battery_max_discharge_w = settled(battery_.max_discharge_w(), command.battery_max_discharge_w, flow_w);
  command.ac_ceiling_w = no_limit_w;
  command.reactive_injection_request_var = flows ? reactive_var() : 0.0;
  command.battery_discharge_request_w = flows ? site_.battery_for_ac_w(lane_, power_.power_w(), 0.0) : 0.0;
  const double asked_w = command.battery_discharge_request_w;
  const bool held_back = asked_w > command.battery_max_discharge_w || -asked_w > command.battery_max_charge_w;
  derates_ = flows && (held_back || active_share() < 1.0 ||
                       (set_.set_discharge_w != 0.0 && set_point_w() != set_.set_discharge_w));
}

void SinexcelPws2::latch(Time now) {
  const double step_s = in_s(now - now_);
  now_ = now;
  if (boots_) boot(now);
  watch_grid(step_s);
  watch_trips();
  watch_dc();
  watch_masters(now);
  if (has_supply_) {
    move_state(now);
    state_.set_standby(set_.standby != 0.0);
    advance_power(step_s);
  }
  order();
}

}  // namespace hil::sim
