// What a master sees of a PWS2-30K and may change, and what a run records of it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "sim/devices/sinexcel_pws2.h"

namespace hil::sim {
namespace {

constexpr double longest_watchdog_s = 3600.0;  // bounds without a source: assumed
constexpr double longest_delay_s = 3600.0;
constexpr double longest_trip_s = 327.67;
constexpr double longest_frequency_trip_s = 3276.7;
constexpr double widest_trip_hz = 20.0;
constexpr double least_power_factor = 0.8;
constexpr double highest_counter = 4294967295.0 * 100.0;
constexpr double slowest_ramp = 0.001;
constexpr double fastest_ramp = 3.0;
constexpr double least_hysteresis_v = 5.0;
constexpr double most_hysteresis_v = 80.0;
constexpr double flows_from_a = 0.1;  // charging and discharging are shown from the register's resolution on
constexpr double tiny = 1e-9;

double bit(bool on, unsigned place) {
  return on ? static_cast<double>(1U << place) : 0.0;
}

std::string numbered(const char* name, std::size_t index, const char* unit) {
  return fmt::format("{}_{}_{}", name, index + 1, unit);
}

bool is_power_factor(double value) {
  return std::abs(value) >= least_power_factor - tiny;
}

}  // namespace

DeviceFace::Reception SinexcelPws2::receive_order(bool carried_out) {
  if (carried_out) return DeviceFace::Reception::take;
  ignored_writes_ += 1.0;
  return settings_.wrong_state_is_exception ? DeviceFace::Reception::fail : DeviceFace::Reception::ignore;
}

bool SinexcelPws2::may_start() const {
  const bool stops = state_.phase() == Pws2State::Phase::stopping;
  return !state_.initialising() && !faults_.any_fault() && !stops;
}

void SinexcelPws2::start() {
  state_.start(faults_.any_fault());
}

void SinexcelPws2::clear_faults() {
  faults_.clear();
}

void SinexcelPws2::stop_on_grid() {
  if (!state_.off_grid()) state_.stop();
}

void SinexcelPws2::publish_face() {
  face_.text("model", &rating_.model);
  face_.text("serial", &rating_.serial);
  publish_port();
  publish_set_points();
  publish_watchdogs();
  publish_commands();
  publish_modes();
  publish_trips();
  publish_grid_choices();
  publish_battery();
  publish_curves();
  publish_power_factors();
  publish_status();
  publish_readings();
  publish_counters();
}

void SinexcelPws2::publish_port() {
  face_.setting("modbus_address", &set_.modbus_address, 1.0, 247.0);
  face_.choice("baud_code", &set_.baud_code, {0.0, 1.0});
  face_.signal("modbus_address_in_force", &address_in_force_);
}

void SinexcelPws2::publish_set_points() {
  face_.setting("set_discharge_w", &set_.set_discharge_w, -rating_.rated_w, rating_.rated_w);
  face_.setting("set_injection_var", &set_.reactive_power_var, -rating_.rated_w, rating_.rated_w);
  face_.setting("voltage_bias", &set_.voltage_bias, -0.20, 0.20);
  face_.setting("frequency_bias_hz", &set_.frequency_bias_hz, -5.0, 5.0);
}

void SinexcelPws2::publish_watchdogs() {
  face_.setting("ems_watchdog_s", &set_.ems_watchdog_s, 0.0, longest_watchdog_s);
  face_.setting("bms_watchdog_s", &set_.bms_watchdog_s, 0.0, longest_watchdog_s);
  face_.choice("emergency_input", &set_.emergency_input, {0.0, 1.0, 2.0});
  face_.choice("begins_off_grid", &set_.begins_off_grid, {0.0, 1.0});
}

/// A 0 means nothing, so that no state forbids it. The value stands where accept_if() is asked, ahead of receive_by().
void SinexcelPws2::receive_where(std::function<bool()> may) {
  face_.accept_if([this](double value) {
    asked_ = value;
    return value == 0.0 || value == 1.0;
  });
  face_.receive_by([this, may = std::move(may)] { return receive_order(asked_ == 0.0 || may()); });
}

void SinexcelPws2::publish_command(const std::string& name, bool (SinexcelPws2::*may)() const,
                                   void (SinexcelPws2::*act)()) {
  face_.action(name, [this, act](double value) {
    if (value != 0.0) (this->*act)();
  });
  receive_where([this, may] { return (this->*may)(); });
}

void SinexcelPws2::publish_commands() {
  publish_command("start", &SinexcelPws2::may_start, &SinexcelPws2::start);
  publish_command("stop", &SinexcelPws2::may_always, &SinexcelPws2::stop);
  publish_command("clear_faults", &SinexcelPws2::may_always, &SinexcelPws2::clear_faults);
  publish_command("reset", &SinexcelPws2::may_always, &SinexcelPws2::restart);
  publish_command("grid_stop", &SinexcelPws2::may_always, &SinexcelPws2::stop_on_grid);
  publish_command("factory_reset", &SinexcelPws2::may_deliver, &SinexcelPws2::deliver);
}

// Writing 0 to the one that holds, or to the other, changes nothing: the pair has always one of them set.
void SinexcelPws2::publish_modes() {
  const auto publish = [this](const char* name, double* value, bool off_grid) {
    face_.choice(name, value, {0.0, 1.0});
    receive_where([this, off_grid] {
      const bool stands = state_.phase() == Pws2State::Phase::stopped && !state_.initialising();
      return stands || state_.off_grid() == off_grid;
    });
    face_.when_written([this, value, off_grid] {
      if (*value != 0.0) state_.set_off_grid(off_grid);
      take_modes(state_.off_grid());
    });
    face_.moves_others();
  };
  publish("grid_tied_mode", &set_.grid_tied_mode, false);
  publish("off_grid_mode", &set_.off_grid_mode, true);
  face_.choice("standby", &set_.standby, {0.0, 1.0});
  receive_where([this] { return state_.running(); });
}

// Levels keep their order, so that bands between them exist.
void SinexcelPws2::publish_trips() {
  const auto follow = [this] { face_.when_written([this] { follow_grid_settings(); }); };
  for (std::size_t i = 0; i < grid_.overvoltage.size(); ++i) {
    auto& stage = grid_.overvoltage[i];
    face_.setting(numbered("overvoltage", i, "pu"), &stage.level_pu, 1.0, 1.5);
    face_.accept_if([this, i](double value) {
      return i == 0 ? value <= grid_.overvoltage[1].level_pu + tiny : value >= grid_.overvoltage[0].level_pu - tiny;
    });
    follow();
    face_.setting(numbered("overvoltage", i, "s"), &stage.time_s, 0.0, longest_trip_s);
    follow();
  }
  for (std::size_t i = 0; i < grid_.undervoltage.size(); ++i) {
    auto& stage = grid_.undervoltage[i];
    face_.setting(numbered("undervoltage", i, "pu"), &stage.level_pu, 0.05, 1.0);
    face_.accept_if([this, i](double value) {
      const auto& stages = grid_.undervoltage;
      const bool below_slower = i == 0 || value <= stages[i - 1].level_pu + tiny;
      return below_slower && (i + 1 == stages.size() || value >= stages[i + 1].level_pu - tiny);
    });
    follow();
    face_.setting(numbered("undervoltage", i, "s"), &stage.time_s, 0.0, longest_trip_s);
    follow();
  }
  for (std::size_t i = 0; i < grid_.overfrequency.size(); ++i) {
    face_.setting(numbered("overfrequency", i, "hz"), &grid_.overfrequency[i].above_nominal_hz, 0.01, widest_trip_hz);
    follow();
    face_.setting(numbered("overfrequency", i, "s"), &grid_.overfrequency[i].time_s, 0.0, longest_frequency_trip_s);
    follow();
    face_.setting(numbered("underfrequency", i, "hz"), &grid_.underfrequency[i].above_nominal_hz, -widest_trip_hz,
                  -0.01);
    follow();
    face_.setting(numbered("underfrequency", i, "s"), &grid_.underfrequency[i].time_s, 0.0, longest_frequency_trip_s);
    follow();
  }
  face_.setting("ten_minute_overvoltage_pu", &set_.ten_minute_pu, 1.0, 1.5);
  follow();
  face_.choice("rate_of_change_trip", &set_.rate_of_change, {0.0, 1.0, 2.0});
  follow();
  face_.choice("long_overvoltage_detection", &set_.long_overvoltage_detection, {0.0, 1.0});
  follow();
  face_.choice("ride_through", &grid_.ride_through, {0.0, 1.0});
  follow();
  face_.setting("reconnect_highest_pu", &grid_.reconnect_highest_pu, 1.0, 1.5);
  follow();
  face_.setting("reconnect_lowest_pu", &grid_.reconnect_lowest_pu, 0.0, 0.99);
  follow();
  face_.setting("reconnect_highest_hz", &grid_.reconnect_highest_hz, 0.01, widest_trip_hz);
  follow();
  face_.setting("reconnect_lowest_hz", &grid_.reconnect_lowest_hz, -widest_trip_hz, -0.01);
  follow();
}

void SinexcelPws2::publish_grid_choices() {
  face_.choice("grid_code", &set_.grid_code, {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0});
  face_.when_written([this] { choose_grid_code(); });
  face_.moves_others();
  face_.setting("reconnect_delay_s", &grid_.reconnect_delay_s, 0.0, longest_delay_s);
  face_.choice("anti_islanding", &set_.anti_islanding, {0.0, 1.0});
  face_.choice("reactive_mode", &set_.reactive_mode, {0.0, 1.0, 2.0, 3.0});
  face_.choice("power_change_mode", &grid_.power_change_mode, {0.0, 1.0});
  face_.choice("active_mode", &set_.active_mode, {0.0, 1.0, 2.0, 3.0});
  face_.choice("unbalance_detection", &set_.unbalance_detection, {0.0, 1.0});
  face_.choice("grid_check", &set_.grid_check, {0.0, 1.0});
  face_.choice("neutral_detection", &set_.neutral_detection, {0.0, 1.0});
  face_.choice("capacity_limited", &set_.capacity_limited, {0.0, 1.0});
  face_.setting("capacity_pu", &set_.capacity_pu, 0.0, 1.0);
  face_.choice("starts_by_itself", &set_.starts_by_itself, {0.0, 1.0});
  face_.setting("soft_start_ramp", &grid_.soft_start_ramp, slowest_ramp, fastest_ramp);
  face_.setting("normal_ramp", &grid_.normal_ramp, slowest_ramp, fastest_ramp);
}

// Upper limit >= topping >= float >= lower limit (814 >= 809 >= 808 >= 813).
void SinexcelPws2::publish_battery() {
  const auto voltage = [this](const char* name, double* value, std::function<bool(double)> fits) {
    face_.setting(name, value, lowest_dc_v, highest_dc_v);
    face_.accept_if(std::move(fits));
    face_.when_written([this] { follow_limits(); });
  };
  voltage("float_v", &limits_.float_v,
          [this](double value) { return value >= limits_.lower_limit_v - tiny && value <= limits_.topping_v + tiny; });
  voltage("topping_v", &limits_.topping_v,
          [this](double value) { return value >= limits_.float_v - tiny && value <= upper_limit_v_ + tiny; });
  voltage("lower_limit_v", &limits_.lower_limit_v, [this](double value) { return value <= limits_.float_v + tiny; });
  voltage("upper_limit_v", &upper_limit_v_, [this](double value) { return value >= limits_.topping_v - tiny; });
  face_.setting("topping_to_float_a", &limits_.topping_to_float_a, 0.0, rating_.max_dc_a);
  face_.when_written([this] { follow_limits(); });
  face_.setting("max_charge_a", &limits_.max_charge_a, 0.0, rating_.max_dc_a);
  face_.setting("max_discharge_a", &limits_.max_discharge_a, 0.0, rating_.max_dc_a);
  face_.setting("limit_hysteresis_v", &limits_.recharge_hysteresis_v, least_hysteresis_v, most_hysteresis_v);
}

// Points keep the order that a curve needs.
void SinexcelPws2::publish_curves() {
  const auto follow = [this] { face_.when_written([this] { follow_support(); }); };
  face_.setting("volt_var_reference_pu", &set_.volt_var_reference_pu, 0.8, 1.2);
  follow();
  for (std::size_t i = 0; i < set_.volt_var_pu.size(); ++i) {
    face_.setting(numbered("volt_var_v", i, "pu"), &set_.volt_var_pu[i], 0.5, 1.5);
    face_.accept_if([this, i](double value) {
      const auto& points = set_.volt_var_pu;
      const bool above = i == 0 || value > points[i - 1] + tiny;
      return above && (i + 1 == points.size() || value < points[i + 1] - tiny);
    });
    follow();
  }
  for (std::size_t i = 0; i < set_.volt_var_reactive_pu.size(); ++i) {
    face_.setting(numbered("volt_var_q", i, "pu"), &set_.volt_var_reactive_pu[i], 0.0, 1.0);
    follow();
  }
  face_.setting("volt_var_response_s", &curves_.volt_var.response_s, 0.0, longest_response_s);
  follow();
  PcsSupport::VoltWatt& volt_watt = curves_.volt_watt;
  face_.setting("volt_watt_start_pu", &volt_watt.start_pu, 1.0, 1.5);
  face_.accept_if([this](double value) { return value < curves_.volt_watt.stop_pu - tiny; });
  follow();
  face_.setting("volt_watt_stop_pu", &volt_watt.stop_pu, 1.0, 1.5);
  face_.accept_if([this](double value) { return value > curves_.volt_watt.start_pu + tiny; });
  follow();
  face_.setting("volt_watt_stop_share", &volt_watt.stop_share, 0.0, 1.0);
  follow();
  face_.setting("volt_watt_return_delay_s", &volt_watt.return_delay_s, 0.0, longest_response_s);
  follow();
  face_.setting("volt_watt_response_s", &volt_watt.response_s, 0.0, longest_response_s);
  follow();
  face_.setting("freq_watt_start_hz", &curves_.freq_watt.start_hz, 0.01, widest_trip_hz);
  follow();
  face_.setting("freq_watt_slope_per_hz", &curves_.freq_watt.slope_per_hz, 0.01, 10.0);
  follow();
}

void SinexcelPws2::publish_power_factors() {
  face_.setting("power_factor_set", &set_.power_factor, -1.0, 1.0);
  face_.accept_if(is_power_factor);
  for (std::size_t i = 0; i < set_.watt_pf_power_pu.size(); ++i) {
    face_.setting(numbered("watt_pf_p", i, "pu"), &set_.watt_pf_power_pu[i], 0.0, 1.0);
    face_.accept_if([this, i](double value) {
      const auto& points = set_.watt_pf_power_pu;
      const bool above = i == 0 || value > points[i - 1] + tiny;
      return above && (i + 1 == points.size() || value < points[i + 1] - tiny);
    });
  }
  for (std::size_t i = 0; i < set_.watt_pf_factor.size(); ++i) {
    face_.setting(fmt::format("watt_pf_factor_{}", i + 1), &set_.watt_pf_factor[i], -1.0, 1.0);
    face_.accept_if(is_power_factor);
  }
}

void SinexcelPws2::publish_status() {
  face_.signal("status_bits", &shown_.status_bits);
  face_.signal("system_bits", &shown_.system_bits);
  face_.signal("dc_bits", &shown_.dc_bits);
  constexpr std::array<const char*, Pws2Faults::word_count> names{
      "grid_faults", "hardware_faults", "operation_faults", "alarms", "dc_faults", "dc_hardware_faults", "dc_alarms"};
  for (std::size_t i = 0; i < names.size(); ++i) face_.signal(names.at(i), &shown_.words.at(i));
  face_.signal("sunspec_state", &shown_.sunspec_state);
  face_.signal("voltage_level", &shown_.voltage_level);
  face_.signal("frequency_level", &shown_.frequency_level);
  face_.signal("power_level", &shown_.power_level);
}

void SinexcelPws2::publish_readings() {
  constexpr std::array lines{"l12", "l23", "l31"};
  for (std::size_t k = 0; k < shown_.phases.size(); ++k) {
    const Phase& phase = shown_.phases[k];
    const std::string prefix = fmt::format("l{}_", k + 1);
    face_.signal(std::string{lines.at(k)} + "_voltage_ll_rms_v", &phase.voltage_ll_rms_v);
    face_.signal(prefix + "voltage_ln_rms_v", &phase.voltage_ln_rms_v);
    face_.signal(prefix + "current_a", &phase.current_a);
    face_.signal(prefix + "injection_w", &phase.active_w);
    face_.signal(prefix + "injection_var", &phase.reactive_var);
    face_.signal(prefix + "injection_va", &phase.apparent_va);
    face_.signal(prefix + "power_factor", &phase.power_factor);
  }
  face_.signal("ac_injection_w", &shown_.total.active_w);
  face_.signal("ac_injection_var", &shown_.total.reactive_var);
  face_.signal("ac_injection_va", &shown_.total.apparent_va);
  face_.signal("power_factor", &shown_.total.power_factor);
  face_.signal("current_a", &shown_.total.current_a);
  face_.signal("frequency_hz", &shown_.frequency_hz);
  face_.signal("battery_discharge_w", &shown_.battery_discharge_w);
  face_.signal("battery_discharge_a", &shown_.battery_discharge_a);
  face_.signal("battery_v", &shown_.battery_v);
  face_.signal("behind_dc_relay_v", &shown_.behind_dc_relay_v);
  face_.signal("allowed_charge_a", &shown_.allowed_charge_a);
  face_.signal("allowed_discharge_a", &shown_.allowed_discharge_a);
}

void SinexcelPws2::publish_counters() {
  const auto publish = [this](const char* name, Counter& counter) {
    face_.setting(name, &counter.shown, 0.0, highest_counter);
    face_.when_written([&counter] { counter.reset(); });
  };
  publish("discharged_wh", counters_.ac_discharge_wh);
  publish("charged_wh", counters_.ac_charge_wh);
  publish("reactive_varh", counters_.reactive_varh);
  publish("dc_charged_wh", counters_.dc_charge_wh);
  publish("dc_discharged_wh", counters_.dc_discharge_wh);
}

void SinexcelPws2::show_power() {
  Phase& total = shown_.total;
  total = {};
  const auto factor = [](const Phase& of) {
    return of.apparent_va > 0.0 ? std::copysign(std::abs(of.active_w) / of.apparent_va, of.reactive_var) : 1.0;
  };
  for (std::size_t k = 0; k < shown_.phases.size(); ++k) {
    Phase& phase = shown_.phases[k];
    const models::Phasor voltage = lane().terminal_ln_v[k];
    const models::Phasor current = lane().injection_a[k];
    const models::Phasor power = voltage * std::conj(current);
    phase.active_w = power.real();
    phase.reactive_var = power.imag();
    phase.apparent_va = std::abs(power);
    phase.power_factor = factor(phase);
    phase.current_a = std::abs(current);
    phase.voltage_ln_rms_v = std::abs(voltage);
    phase.voltage_ll_rms_v = std::abs(voltage - lane().terminal_ln_v[(k + 1) % models::phase_count]);
    total.current_a += phase.current_a;
  }
  total.active_w = lane().power.ac_injection_w;
  total.reactive_var = lane().power.ac_injection_var;
  total.apparent_va = std::hypot(total.active_w, total.reactive_var);
  total.power_factor = factor(total);
  shown_.frequency_hz = lane().frequency_hz;
}

void SinexcelPws2::show_battery() {
  const models::BatteryPack::Outputs& battery = lane().battery;
  shown_.battery_discharge_w = battery.discharge_w;
  shown_.battery_discharge_a = battery.discharge_a;
  shown_.battery_v = battery.terminal_v;
  shown_.behind_dc_relay_v = state_.connects() ? battery.terminal_v : 0.0;
  shown_.battery_soc = lane().battery_soc;
  shown_.full = battery_.full() ? 1.0 : 0.0;
  shown_.allowed_charge_a = std::min(limits_.max_charge_a, lane().battery_limits.charge_a);
  shown_.allowed_discharge_a = std::min(limits_.max_discharge_a, lane().battery_limits.discharge_a);
  const bool dc_fault = faults_.word(Pws2Word::dc) != 0 || faults_.word(Pws2Word::dc_hardware) != 0;
  shown_.dc_bits = bit(battery.discharge_a < -flows_from_a, 0) + bit(battery.discharge_a > flows_from_a, 1) +
                   bit(battery_.full(), 2) + bit(battery_.empty(), 3) + bit(dc_fault, 4) +
                   bit(faults_.word(Pws2Word::dc_alarm) != 0, 5);
}

void SinexcelPws2::show_status() {
  const bool faulty = faults_.any_fault();
  const bool runs = state_.running();
  const bool allowed = !faulty && grid_good_s_ > 0.0 && grid_good_s_ >= grid_.reconnect_delay_s;
  shown_.state = has_supply_ ? static_cast<double>(state_.state()) : 0.0;
  shown_.running = runs ? 1.0 : 0.0;
  shown_.faulty = faulty ? 1.0 : 0.0;
  shown_.warning = faults_.any_alarm() || state_.waits() ? 1.0 : 0.0;
  shown_.status_bits = bit(faulty, 0) + bit(faults_.any_alarm(), 1) + bit(runs, 2) +
                       bit(runs && !state_.off_grid(), 3) + bit(runs && state_.off_grid(), 4) + bit(derates_, 5) +
                       bit(allowed, 6) + bit(state_.standby(), 7);
  shown_.system_bits = bit(had_fault_, 0) + bit(state_.initialising(), 2) + bit(true, 3);
  for (std::size_t i = 0; i < shown_.words.size(); ++i) shown_.words.at(i) = faults_.word(static_cast<Pws2Word>(i));
  constexpr double off = 1.0;
  constexpr double throttled = 5.0;
  constexpr double fault = 7.0;
  constexpr double standby = 8.0;
  constexpr double started = 9.0;
  shown_.sunspec_state = faulty ? fault : state_.standby() ? standby : !runs ? off : derates_ ? throttled : started;
}

void SinexcelPws2::count_energy(double step_s) {
  counters_.ac_discharge_wh.total = lane().ac_out_wh;
  counters_.ac_charge_wh.total = lane().ac_in_wh;
  counters_.reactive_varh.total += std::abs(shown_.total.reactive_var) * step_s / 3600.0;
  counters_.dc_charge_wh.total = lane().battery_charge_wh;
  counters_.dc_discharge_wh.total = lane().battery_discharge_wh;
  for (Counter* counter : {&counters_.ac_discharge_wh, &counters_.ac_charge_wh, &counters_.reactive_varh,
                           &counters_.dc_charge_wh, &counters_.dc_discharge_wh}) {
    counter->count();
  }
}

void SinexcelPws2::refresh(Time now) {
  show_power();
  show_battery();
  show_status();
  count_energy(std::chrono::duration<double>{now - shown_at_}.count());
  shown_at_ = now;
}

void SinexcelPws2::register_signals(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(name_ + "." + signal, description, value);
  };
  constexpr const char* states =
      "0 init, 1 stopped, 2 starting, 3 grid-tied, 6 off-grid, 7 stopping, 8 fault, 9 standby";
  add("state", states, &shown_.state);
  add("running", "register 32 bit 2", &shown_.running);
  add("fault_latched", "register 32 bit 0", &shown_.faulty);
  add("warning", "an alarm, or a start that waits for the grid", &shown_.warning);
  add("ac_injection_w", "AC power into the site", &shown_.total.active_w);
  add("ac_injection_var", "reactive power into the site, + capacitive", &shown_.total.reactive_var);
  add("battery_discharge_w", "battery power; negative: charge", &shown_.battery_discharge_w);
  add("ignored_writes", "writes that the state forbade, since power-up", &ignored_writes_);
  add("string1.state", states, &shown_.state);
  add("string1.full", "1: charged to its end, until it may be charged again", &shown_.full);
  add("string1.ac_injection_w", "AC power into the site", &shown_.total.active_w);
  add("string1.battery_discharge_w", "battery power; negative: charge", &shown_.battery_discharge_w);
  add("string1.battery_discharge_a", "battery current; negative: charge", &shown_.battery_discharge_a);
  add("string1.battery_v", "battery terminal voltage", &shown_.battery_v);
  add("string1.battery_soc", "state of charge, 0..1", &shown_.battery_soc);
  add("grid_faults", "fault word 36", &shown_.words[0]);
  add("hardware_faults", "fault word 37", &shown_.words[1]);
  add("operation_faults", "fault word 38", &shown_.words[2]);
  add("alarms", "alarm word 39", &shown_.words[3]);
  add("dc_faults", "fault word 44", &shown_.words[4]);
  add("dc_hardware_faults", "fault word 45", &shown_.words[5]);
  add("dc_alarms", "alarm word 47", &shown_.words[6]);
}

void SinexcelPws2::register_details(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(name_ + "." + signal, description, value);
  };
  add("off_grid_mode", "register 654", &set_.off_grid_mode);
  add("set_discharge_w", "register 135 as written", &set_.set_discharge_w);
  add("set_injection_var", "register 136 as written", &set_.reactive_power_var);
  add("active_mode", "register 794 as written", &set_.active_mode);
  add("reactive_mode", "register 792 as written", &set_.reactive_mode);
}

}  // namespace hil::sim
