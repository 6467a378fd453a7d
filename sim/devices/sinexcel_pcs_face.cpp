// What a master sees of a storage converter and may change, and what a run records of it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/devices/sinexcel_pcs.h"

namespace hil::sim {
namespace {

constexpr double highest_v = 2000.0;  // of a battery; the maker's bounds are not public: assumed
constexpr double longest_s = 3600.0;
constexpr double longest_precharge_s = 60.0 * 1440.0;
constexpr double slowest_ramp = 0.001;  // of rated power per second; profile B: 10..30000 of 1e-4 (876, 877)
constexpr double fastest_ramp = 3.0;
constexpr double least_power_factor = 0.8;  // assumed

constexpr unsigned running_bit = 0;
constexpr unsigned warning_bit = 9;
constexpr unsigned fault_bit = 10;

double bit(bool on, unsigned place) {
  return on ? static_cast<double>(1U << place) : 0.0;
}

/// Bits of a bench-assigned fault word, in the order of profile B.
struct FaultBit {
  PcsState::Cause cause;
  std::size_t word;
  unsigned place;
};
constexpr std::array fault_bits{
    FaultBit{PcsState::grid_overvoltage, 0, 0},
    FaultBit{PcsState::grid_undervoltage, 0, 1},
    FaultBit{PcsState::grid_overfrequency, 0, 2},
    FaultBit{PcsState::grid_underfrequency, 0, 3},
    FaultBit{PcsState::ground_fault, 0, 8},
    FaultBit{PcsState::emergency_stop, 1, 0},
    FaultBit{PcsState::fan, 1, 7},
    FaultBit{PcsState::bus_overvoltage, 1, 8},
    FaultBit{PcsState::off_grid_undervoltage, 1, 9},
    FaultBit{PcsState::overtemperature, 1, 15},
};

std::string string_name(std::size_t index) {
  return "string" + std::to_string(index + 1);
}

/// What a command takes.
bool is_one(double value) {
  return value == 1.0;
}

}  // namespace

DeviceFace::Reception SinexcelPcs::receive_order(bool carried_out) {
  if (carried_out) return DeviceFace::Reception::take;
  ignored_writes_ += 1.0;
  return settings_.wrong_state_is_exception ? DeviceFace::Reception::fail : DeviceFace::Reception::ignore;
}

DeviceFace::Reception SinexcelPcs::receive(PcsWrite write, std::size_t string) {
  return receive_order(takes(write, {.state = state_.state(),
                                     .off_grid = state_.off_grid(),
                                     .dispatch = state_.dispatch(),
                                     .reactive_mode = static_cast<int>(set_.reactive_mode),
                                     .dc_mode = static_cast<int>(string_set_[string].dc_mode),
                                     .string_reactive = settings_.string_reactive}));
}

void SinexcelPcs::guard(PcsWrite write, std::size_t string) {
  face_.receive_by([this, write, string] { return receive(write, string); });
}

void SinexcelPcs::publish_face() {
  face_.text("model", &rating_.model);
  publish_operation();
  publish_functions();
  publish_commands();
  for (std::size_t i = 0; i < max_strings; ++i) {
    publish_string(i);
    publish_limits(i);
    publish_string_commands(i);
  }
  publish_readings();
}

void SinexcelPcs::publish_operation() {
  face_.choice("grid_mode", &set_.off_grid, {0.0, 1.0});
  guard(PcsWrite::grid_mode);
  face_.choice("dispatch", &set_.dispatch, {0.0, 1.0, 2.0});
  guard(PcsWrite::dispatch);
  face_.choice("reactive_mode", &set_.reactive_mode, {0.0, 1.0, 2.0});
  guard(PcsWrite::reactive_mode);
  face_.setting("power_factor_set", &set_.power_factor, -1.0, 1.0);
  face_.accept_if([](double value) { return std::abs(value) >= least_power_factor - 1e-9; });
  guard(PcsWrite::power_factor);
  face_.setting("set_discharge_w", &set_.set_discharge_w, -rating_.rated_w, rating_.rated_w);
  guard(PcsWrite::set_discharge);
  face_.setting("set_injection_var", &set_.reactive_power_var, -rating_.rated_w, rating_.rated_w);
  guard(PcsWrite::reactive_power);
  face_.choice("active_mode", &set_.active_mode, {0.0, 1.0, 2.0, 3.0});
  guard(PcsWrite::active_mode);
  face_.choice("off_grid_start", &set_.off_grid_start, {0.0, 1.0});
  guard(PcsWrite::off_grid_start);
  face_.setting("voltage_factor", &set_.voltage_factor, 0.9, 1.1);
  guard(PcsWrite::off_grid_voltage);
}

void SinexcelPcs::publish_functions() {
  face_.setting("reconnect_delay_s", &set_.reconnect_delay_s, 0.0, longest_s);
  face_.setting("normal_ramp", &set_.normal_ramp, slowest_ramp, fastest_ramp);
  face_.setting("soft_start_ramp", &set_.soft_start_ramp, slowest_ramp, fastest_ramp);
  face_.choice("ride_through", &set_.ride_through, {0.0, 1.0});
  face_.choice("power_change_mode", &set_.power_change_mode, {0.0, 1.0});
  face_.choice("ground_fault_detection", &set_.ground_fault_detection, {0.0, 1.0});
  face_.choice("anti_islanding", &set_.anti_islanding, {0.0, 1.0});
}

void SinexcelPcs::publish_commands() {
  face_.action("start", [this](double) { state_.start(set_.off_grid != 0.0, written_dispatch()); });
  face_.accept_if(is_one);
  face_.receive_by([this] { return receive_order(state_.may_start()); });
  face_.action("stop", [this](double) { state_.stop(); });
  face_.accept_if(is_one);
  face_.receive_by([this] { return receive_order(state_.may_stop()); });
  face_.action("clear_faults", [this](double) { state_.clear(); });
  face_.accept_if(is_one);
  // With nothing to clear at rest the order is as good as carried out.
  face_.receive_by([this] {
    const bool nothing_to_clear = state_.state() == PcsState::State::stopped;
    return receive_order(state_.may_clear() || nothing_to_clear);
  });
}

void SinexcelPcs::publish_string_commands(std::size_t index) {
  const std::string prefix = string_name(index);
  face_.action(prefix + "_start",
               [this, index](double) { state_.start(index, set_.off_grid != 0.0, written_dispatch()); });
  face_.accept_if(is_one);
  face_.receive_by([this, index] { return receive_order(has_string(index) && state_.may_start(index)); });
  face_.action(prefix + "_stop", [this, index](double) { state_.stop(index); });
  face_.accept_if(is_one);
  face_.receive_by([this, index] { return receive_order(has_string(index) && state_.may_stop(index)); });
  face_.action(prefix + "_clear_fault", [this, index](double) { state_.clear(index); });
  face_.accept_if(is_one);
  face_.receive_by([this, index] {
    const bool nothing_to_clear = state_.state() != PcsState::State::init &&
                                  state_.phase(index) == PcsState::Phase::stopped && state_.latched(index) == 0;
    return receive_order(has_string(index) && (state_.may_clear(index) || nothing_to_clear));
  });
}

void SinexcelPcs::publish_string(std::size_t index) {
  StringRegisters& set = string_set_[index];
  const std::string prefix = string_name(index);
  const double most_a = rating_.max_string_a;
  face_.choice(prefix + "_dc_mode", &set.dc_mode, {0.0, 1.0});
  guard(PcsWrite::dc_mode, index);
  face_.setting(prefix + "_dc_set_discharge_a", &set.dc_current_a, -most_a, most_a);
  guard(PcsWrite::dc_current, index);
  face_.setting(prefix + "_dc_set_discharge_w", &set.dc_power_w, -rating_.rated_w, rating_.rated_w);
  guard(PcsWrite::dc_power, index);
  face_.setting(prefix + "_set_discharge_w", &set.set_discharge_w, -rating_.rated_w, rating_.rated_w);
  guard(PcsWrite::string_set_discharge, index);
  face_.setting(prefix + "_start_of_discharge_v", &set.start_of_discharge_v, 0.0, highest_v);
  face_.setting(prefix + "_precharge_v", &set.precharge_v, 0.0, highest_v);
  face_.setting(prefix + "_precharge_to_fast_v", &set.precharge_to_fast_v, 0.0, highest_v);
  face_.setting(prefix + "_precharge_time_s", &set.precharge_time_s, 0.0, longest_precharge_s);
  face_.setting(prefix + "_max_precharge_a", &set.max_precharge_a, 0.0, most_a);
}

// Rule of profile B (813, 814): topping >= float >= lower limit; end of discharge above the lower limit, and below
// float, so that there is something in between.
void SinexcelPcs::publish_limits(std::size_t index) {
  StringLimits& limits = settings_.strings[index];
  const std::string prefix = string_name(index);
  const double most_a = rating_.max_string_a;
  face_.setting(prefix + "_lower_limit_v", &limits.lower_limit_v, 0.0, highest_v);
  face_.accept_if([&limits](double value) { return value < limits.end_of_discharge_v; });
  face_.setting(prefix + "_end_of_discharge_v", &limits.end_of_discharge_v, 0.0, highest_v);
  face_.accept_if([&limits](double value) { return value > limits.lower_limit_v && value < limits.float_v; });
  face_.setting(prefix + "_float_v", &limits.float_v, 0.0, highest_v);
  face_.accept_if([&limits](double value) { return value > limits.end_of_discharge_v && value <= limits.topping_v; });
  face_.setting(prefix + "_topping_v", &limits.topping_v, 0.0, highest_v);
  face_.accept_if([&limits](double value) { return value >= limits.float_v; });
  face_.setting(prefix + "_topping_to_float_a", &limits.topping_to_float_a, 0.0, most_a);
  face_.setting(prefix + "_end_of_charge_a", &limits.end_of_charge_a, 0.0, most_a);
  face_.setting(prefix + "_max_charge_a", &limits.max_charge_a, 0.0, most_a);
  face_.setting(prefix + "_max_discharge_a", &limits.max_discharge_a, 0.0, most_a);
}

void SinexcelPcs::publish_readings() {
  face_.signal("status_word", &shown_.status_word);
  face_.signal("event_word", &shown_.event_word);
  face_.signal("fault_word_1", &shown_.fault_words[0]);
  face_.signal("fault_word_2", &shown_.fault_words[1]);
  constexpr std::array lines{"l12", "l23", "l31"};
  for (std::size_t k = 0; k < lines.size(); ++k) {
    face_.signal(std::string{lines[k]} + "_voltage_ll_rms_v", &shown_.voltage_ll_rms_v[k]);
    face_.signal(fmt::format("l{}_current_a", k + 1), &shown_.current_a[k]);
  }
  face_.signal("frequency_hz", &shown_.frequency_hz);
  face_.signal("ac_injection_w", &shown_.ac_injection_w);
  face_.signal("ac_injection_var", &shown_.ac_injection_var);
  face_.signal("ac_injection_va", &shown_.ac_injection_va);
  face_.signal("power_factor", &shown_.power_factor);
  for (std::size_t i = 0; i < max_strings; ++i) {
    const StringReadings& shown = string_shown_[i];
    const std::string prefix = string_name(i);
    face_.signal(prefix + "_battery_v", &shown.battery_v);
    face_.signal(prefix + "_discharge_a", &shown.battery_discharge_a);
    face_.signal(prefix + "_discharge_w", &shown.battery_discharge_w);
    face_.signal(prefix + "_state_bits", &shown.state_bits);
    face_.signal(prefix + "_temperature_c", &shown.battery_c);
  }
}

void SinexcelPcs::show_string(std::size_t index) {
  const String& string = strings_[index];
  const models::Site::LaneView& lane = site_.lane(string.lane);
  StringReadings& shown = string_shown_[index];
  const bool latched = state_.latched(index) != 0;
  const bool runs = state_.phase(index) == PcsState::Phase::running;
  shown.state = latched ? 2.0 : runs ? 1.0 : 0.0;
  shown.full = string.battery.full() ? 1.0 : 0.0;
  shown.ac_injection_w = lane.power.ac_injection_w;
  shown.battery_discharge_w = lane.battery.discharge_w;
  shown.battery_discharge_a = lane.battery.discharge_a;
  shown.battery_v = lane.battery.terminal_v;
  shown.battery_soc = lane.battery_soc;
  shown.battery_c = site_.battery(string.lane).state().temperature_c;
  shown.state_bits =
      bit(runs, running_bit) + bit(string.battery.below_lower_limit(), warning_bit) + bit(latched, fault_bit);
}

void SinexcelPcs::show_faults() {
  std::uint32_t latched = 0;
  for (std::size_t i = 0; i < strings_.size(); ++i) latched |= state_.latched(i);
  shown_.fault_words = {};
  for (const FaultBit& known : fault_bits) {
    if ((latched & known.cause) != 0) shown_.fault_words[known.word] += bit(true, known.place);
  }
}

void SinexcelPcs::refresh(Time) {
  shown_.ac_injection_w = 0.0;
  shown_.ac_injection_var = 0.0;
  shown_.battery_discharge_w = 0.0;
  models::PhasePhasors current_a{};
  bool low = false;
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    show_string(i);
    const models::Site::LaneView& lane = site_.lane(strings_[i].lane);
    shown_.ac_injection_w += lane.power.ac_injection_w;
    shown_.ac_injection_var += lane.power.ac_injection_var;
    shown_.battery_discharge_w += lane.battery.discharge_w;
    for (std::size_t k = 0; k < models::phase_count; ++k) current_a[k] += lane.injection_a[k];
    low = low || strings_[i].battery.below_lower_limit();
  }
  const models::Site::LaneView& first = site_.lane(strings_.front().lane);
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    shown_.voltage_ll_rms_v[k] = std::abs(first.terminal_ln_v[k] - first.terminal_ln_v[(k + 1) % models::phase_count]);
    shown_.current_a[k] = std::abs(current_a[k]);
  }
  shown_.frequency_hz = first.frequency_hz;
  shown_.ac_injection_va = std::hypot(shown_.ac_injection_w, shown_.ac_injection_var);
  shown_.power_factor =
      shown_.ac_injection_va > 0.0
          ? std::copysign(std::abs(shown_.ac_injection_w) / shown_.ac_injection_va, shown_.ac_injection_var)
          : 1.0;
  shown_.state = has_supply_ ? static_cast<double>(state_.state()) : 0.0;
  shown_.running = state_.switched_on() ? 1.0 : 0.0;
  shown_.fault_latched = state_.anything_latched() ? 1.0 : 0.0;
  shown_.warning = low || state_.waits() ? 1.0 : 0.0;
  shown_.status_word = bit(state_.switched_on(), running_bit);
  shown_.event_word = bit(shown_.warning != 0.0, warning_bit) + bit(shown_.fault_latched != 0.0, fault_bit);
  show_faults();
}

void SinexcelPcs::register_signals(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(name_ + "." + signal, description, value);
  };
  add("state", "0 init, 1 stopped, 2 starting, 3 grid AC, 4 grid DC, 5 grid string, 6 off-grid, 7 stopping, 8 fault",
      &shown_.state);
  add("running", "register 53010 bit 0", &shown_.running);
  add("fault_latched", "register 53011 bit 10", &shown_.fault_latched);
  add("warning", "register 53011 bit 9", &shown_.warning);
  add("ac_injection_w", "AC power into the site", &shown_.ac_injection_w);
  add("ac_injection_var", "reactive power into the site, + capacitive", &shown_.ac_injection_var);
  add("battery_discharge_w", "of all batteries; negative: charge", &shown_.battery_discharge_w);
  add("ignored_writes", "writes that the state forbade, since power-up", &ignored_writes_);
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    const StringReadings& shown = string_shown_[i];
    const std::string prefix = string_name(i) + ".";
    add(prefix + "state", "0 stopped, 1 running, 2 fault", &shown.state);
    add(prefix + "full", "1: charged to its end, until it may be charged again", &shown.full);
    add(prefix + "ac_injection_w", "AC power into the site", &shown.ac_injection_w);
    add(prefix + "battery_discharge_w", "battery power; negative: charge", &shown.battery_discharge_w);
    add(prefix + "battery_discharge_a", "battery current; negative: charge", &shown.battery_discharge_a);
    add(prefix + "battery_v", "battery terminal voltage", &shown.battery_v);
    add(prefix + "battery_soc", "state of charge, 0..1", &shown.battery_soc);
  }
}

void SinexcelPcs::register_details(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(name_ + "." + signal, description, value);
  };
  add("dispatch", "register 53601 as written", &set_.dispatch);
  add("set_discharge_w", "register 53622 as written", &set_.set_discharge_w);
  add("set_injection_var", "register 53623 as written", &set_.reactive_power_var);
  add("active_mode", "register 53636 as written", &set_.active_mode);
  add("reactive_mode", "register 53620 as written", &set_.reactive_mode);
}

}  // namespace hil::sim
