#include "sim/devices/sinexcel_pcs.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "models/grid_code/grid_codes.h"
#include "sim/devices/pcs_require.h"

namespace hil::sim {
namespace {

constexpr double widest_bias_hz = 10.0;
constexpr double longest_delay_s = 3600.0;
constexpr double at_rest_w = 1.0;  // powers below this let the dispatch change
constexpr double no_limit_w = 1e9;
// Where a PCS without a grid code may connect (sinexcel-pcs-modbus 10, the widest of most columns).
constexpr models::EnterService usual_window{0.85, 1.10, -2.5, 0.5, std::chrono::nanoseconds{0}, 1000.0};

double in_s(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>{time}.count();
}

void check(const PcsBattery::Limits& limits, double max_string_a) {
  require(limits.lower_limit_v > 0.0 && limits.lower_limit_v < limits.end_of_discharge_v,
          "end_of_discharge_v must lie above lower_limit_v, that above 0");
  require(limits.end_of_discharge_v < limits.float_v && limits.float_v <= limits.topping_v,
          "float_v must lie above end_of_discharge_v and at most at topping_v");
  const auto within = [max_string_a](double a) { return a >= 0.0 && a <= max_string_a; };
  require(within(limits.max_charge_a) && within(limits.max_discharge_a) && within(limits.end_of_charge_a) &&
              within(limits.topping_to_float_a),
          "currents must lie in 0..max_string_a");
  require(limits.recharge_hysteresis_v >= 0.0, "recharge_hysteresis_v must be >= 0");
}

/// A limit that does not bind need not follow each millivolt: while an order stays the same, the lane has nothing to
/// work out anew.
double settled(double limit_w, double before_w, double flow_w) {
  constexpr double same_within = 0.01;
  constexpr double binds_from = 0.8;
  const bool alike = std::abs(limit_w - before_w) < same_within * limit_w;
  return alike && flow_w < binds_from * std::min(limit_w, before_w) ? before_w : limit_w;
}

double mean_magnitude(const models::PhasePhasors& values) {
  return (std::abs(values[0]) + std::abs(values[1]) + std::abs(values[2])) / 3.0;
}

PcsState::Cause cause_of(models::TripKind kind) {
  switch (kind) {
    case models::TripKind::undervoltage:
      return PcsState::grid_undervoltage;
    case models::TripKind::overfrequency:
    case models::TripKind::rate_of_change_of_frequency:
      return PcsState::grid_overfrequency;
    case models::TripKind::underfrequency:
      return PcsState::grid_underfrequency;
    case models::TripKind::overvoltage:
      break;
  }
  return PcsState::grid_overvoltage;
}

}  // namespace

SinexcelPcs::SinexcelPcs(std::string name, models::Site& site, std::vector<std::size_t> strings, const Rating& rating,
                         const Settings& settings)
    : name_(std::move(name)),
      site_(site),
      rating_(rating),
      settings_(settings),
      state_(strings.size()),
      support_(settings.support) {
  require(!strings.empty() && strings.size() <= max_strings, "it has one to eight strings");
  require(settings_.strings.size() == strings.size(), "limits must be given for each string");
  require(rating_.rated_w > 0.0 && rating_.max_string_a > 0.0, "rated_w and max_string_a must be > 0");
  require(rating_.inputs >= strings.size() && rating_.inputs <= max_strings,
          "it has an input for each string, eight at most");
  require(rating_.model.size() <= 32, "model has at most 32 characters");
  require(std::abs(settings_.frequency_bias_hz) <= widest_bias_hz, "frequency_bias_hz must lie in -10..10");
  strings_.reserve(strings.size());
  for (std::size_t i = 0; i < strings.size(); ++i) {
    require(strings[i] < site.inverter_count(), "a string must be a lane of the site");
    check(settings_.strings[i], rating_.max_string_a);
  }
  settings_.strings.resize(max_strings, settings_.strings.front());
  for (std::size_t i = 0; i < strings.size(); ++i) {
    strings_.push_back({.lane = strings[i], .battery = PcsBattery{settings_.strings[i]}, .power = {}});
  }
  take_over_reconnecting();
  publish_face();
}

void SinexcelPcs::take_over_reconnecting() {
  const models::GridCode* const first = site_.grid_code(strings_.front().lane);
  if (first != nullptr) set_.reconnect_delay_s = in_s(first->protection.after_trip.delay);
  if (settings_.reconnect_delay_s) set_.reconnect_delay_s = *settings_.reconnect_delay_s;
  require(set_.reconnect_delay_s >= 0.0 && set_.reconnect_delay_s <= longest_delay_s,
          "reconnect_delay_s must lie in 0..3600");
  for (const String& string : strings_) {
    const models::GridCode* const code = site_.grid_code(string.lane);
    if (code == nullptr) continue;
    models::InterfaceProtection::Parameters protection = code->protection;
    for (models::EnterService* service : {&protection.first_start, &protection.after_trip}) {
      service->delay = std::chrono::nanoseconds{0};
      service->ramp_pu_per_s = usual_window.ramp_pu_per_s;
    }
    // What supports the grid are laws of this firmware, not those of the code.
    site_.set_grid_code(string.lane, protection, models::without_support());
  }
}

void SinexcelPcs::set_fault(PcsFault fault, std::size_t string, bool present) {
  require(string <= strings_.size(), "a fault is at string 0 (all) or one of its own");
  const auto cause = static_cast<PcsState::Cause>(1U << static_cast<unsigned>(fault));
  if (string == 0) {
    state_.set_cause(cause, present);
  } else {
    state_.set_cause(cause, string - 1, present);
  }
}

void SinexcelPcs::set_supply(bool on) {
  if (on && !has_supply_) boots_ = true;
  has_supply_ = on;
  if (!on) state_.power_down();
}

void SinexcelPcs::set_frequency_bias_hz(double bias_hz) {
  require(std::abs(bias_hz) <= widest_bias_hz, "frequency_bias_hz must lie in -10..10");
  settings_.frequency_bias_hz = bias_hz;
}

bool SinexcelPcs::grid_in_window() const {
  const models::GridCode* const code = site_.grid_code(strings_.front().lane);
  const models::PhasePhasors& terminal_ln_v = site_.lane(strings_.front().lane).terminal_ln_v;
  const double hz = rating_.nominal_hz + above_nominal_hz_;
  const double lowest_hz =
      code != nullptr ? code->protection.after_trip.lowest_hz : rating_.nominal_hz + usual_window.lowest_hz;
  const double highest_hz =
      code != nullptr ? code->protection.after_trip.highest_hz : rating_.nominal_hz + usual_window.highest_hz;
  const models::EnterService& window = code != nullptr ? code->protection.after_trip : usual_window;
  if (hz < lowest_hz || hz > highest_hz) return false;
  return std::all_of(terminal_ln_v.begin(), terminal_ln_v.end(), [&](const models::Phasor& v) {
    const double pu = std::abs(v) / rating_.nominal_ln_v;
    return pu >= window.lowest_pu && pu <= window.highest_pu;
  });
}

void SinexcelPcs::watch_grid(double step_s) {
  const models::Site::LaneView& lane = site_.lane(strings_.front().lane);
  voltage_pu_ = mean_magnitude(lane.terminal_ln_v) / rating_.nominal_ln_v;
  above_nominal_hz_ = lane.frequency_hz - rating_.nominal_hz;
  grid_good_s_ = grid_in_window() ? grid_good_s_ + step_s : 0.0;
}

// What follows the grid by its code alone would be back as soon as the code's window lets it.
void SinexcelPcs::watch_trips() {
  for (String& string : strings_) {
    const bool tripped = site_.lane(string.lane).operation == models::Operation::tripped;
    if (tripped && !string.tripped && !state_.off_grid()) grid_good_s_ = 0.0;
    string.tripped = tripped;
  }
}

void SinexcelPcs::watch_causes() {
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    String& string = strings_[i];
    const models::Site::LaneView& lane = site_.lane(string.lane);
    // Before the first step of the plant there is nothing to read.
    if (lane.battery.terminal_v > 0.0) string.battery.observe(lane.battery.terminal_v, lane.battery.discharge_a);
    state_.set_cause(PcsState::no_battery, i, !site_.battery(string.lane).management().contactor_closed());
    const bool runs_off_grid = state_.off_grid() && state_.phase(i) == PcsState::Phase::running;
    state_.set_cause(PcsState::off_grid_undervoltage, i,
                     runs_off_grid && string.battery.terminal_v() <= settings_.strings[i].end_of_discharge_v);
    const bool tripped = state_.phase(i) == PcsState::Phase::running && !state_.off_grid() &&
                         lane.operation == models::Operation::tripped;
    if (tripped && settings_.latch_grid_faults) {
      state_.latch(lane.trip_cause ? cause_of(lane.trip_cause->kind) : PcsState::grid_overvoltage, i);
    }
    const std::uint32_t grid_latched = state_.latched(i) & PcsState::grid_causes;
    for (const PcsState::Cause cause : {PcsState::grid_overvoltage, PcsState::grid_undervoltage,
                                        PcsState::grid_overfrequency, PcsState::grid_underfrequency}) {
      state_.set_cause(cause, i, (grid_latched & cause) != 0 && grid_good_s_ <= 0.0);
    }
  }
}

void SinexcelPcs::move_state(Time now) {
  PcsState::Inputs inputs;
  inputs.grid_waits = grid_good_s_ < set_.reconnect_delay_s;
  if (set_.ground_fault_detection == 0.0) inputs.undetected = PcsState::ground_fault;
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    const models::Site::LaneView& lane = site_.lane(strings_[i].lane);
    const bool may_follow =
        lane.operation != models::Operation::tripped && lane.operation != models::Operation::waiting;
    const bool may_form = !lane.forming_blocked && lane.island_stop == models::InverterLane::IslandStop::none;
    inputs.in_service[i] = state_.off_grid() ? may_form : may_follow;
  }
  state_.advance(now, inputs);
  if (may_autostart_ && !state_.initialising()) {
    may_autostart_ = false;
    if (settings_.starts_by_itself && state_.may_start()) state_.start(set_.off_grid != 0.0, written_dispatch());
  }
  if (!state_.switched_on()) state_.set_dispatch(written_dispatch());
}

void SinexcelPcs::change_dispatch() {
  changes_dispatch_ = !state_.off_grid() && state_.switched_on() && written_dispatch() != state_.dispatch();
  if (!changes_dispatch_) return;
  // What one that is stopped was last told stands still.
  bool at_rest = true;
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    const bool flows = state_.phase(i) == PcsState::Phase::running || state_.phase(i) == PcsState::Phase::stopping;
    at_rest = at_rest && !(flows && std::abs(strings_[i].power.power_w()) >= at_rest_w);
  }
  if (!at_rest) return;
  state_.set_dispatch(written_dispatch());
  changes_dispatch_ = false;
}

double SinexcelPcs::dc_set_point_w(std::size_t string) const {
  const StringRegisters& set = string_set_[string];
  return set.dc_mode == 0.0 ? set.dc_current_a * strings_[string].battery.terminal_v() : set.dc_power_w;
}

SinexcelPcs::Powers SinexcelPcs::set_points_w() const {
  Powers set_w{};
  if (changes_dispatch_) return set_w;
  const double rated_w = string_rated_w();
  if (state_.dispatch() == PcsState::Dispatch::ac) {
    Flags takes{};
    for (std::size_t i = 0; i < strings_.size(); ++i) {
      const PcsBattery& battery = strings_[i].battery;
      const bool has_pv = site_.pv_input_count(strings_[i].lane) > 0;
      const bool able = set_.set_discharge_w > 0.0 ? !battery.empty() || has_pv : !battery.full();
      takes[i] = state_.phase(i) == PcsState::Phase::running && able;
    }
    share_equally(set_.set_discharge_w, rated_w, std::span{takes}.first(strings_.size()),
                  std::span{set_w}.first(strings_.size()));
    return set_w;
  }
  const bool dc = state_.dispatch() == PcsState::Dispatch::dc;
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    const double wanted_w = dc ? dc_set_point_w(i) : string_set_[i].set_discharge_w;
    set_w[i] = std::clamp(wanted_w, -rated_w, rated_w);
  }
  return set_w;
}

void SinexcelPcs::advance_powers(double step_s) {
  const bool supports = grid_support_acts() && state_.running() > 0;
  support_.advance(step_s, {.voltage_pu = voltage_pu_,
                            .above_nominal_hz = above_nominal_hz_,
                            .volt_var = supports && set_.reactive_mode == 2.0,
                            .volt_watt = supports && (set_.active_mode == 1.0 || set_.active_mode == 3.0),
                            .freq_watt = supports && set_.active_mode >= 2.0});
  const Powers set_w = set_points_w();
  const double raise_w = changes_dispatch_ ? 0.0 : support_.active_raise_pu() * string_rated_w();
  const PcsPower::Rates rates{.rated_w = string_rated_w(),
                              .normal_pu_per_s = set_.normal_ramp,
                              .soft_pu_per_s = set_.soft_start_ramp,
                              .ramps = set_.power_change_mode == 1.0 || changes_dispatch_};
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    String& string = strings_[i];
    const PcsState::Phase phase = state_.phase(i);
    const bool runs = !state_.off_grid() && phase == PcsState::Phase::running;
    if (runs != string.ran && !(phase == PcsState::Phase::stopping)) string.power.restart();
    string.ran = runs;
    if (runs) {
      const double wanted_w = std::min(set_w[i] + raise_w, std::max(set_w[i], string_rated_w()));
      string.power.advance(step_s, wanted_w, support_.active_share(), rates);
    } else if (phase == PcsState::Phase::stopping && !state_.off_grid()) {
      string.power.advance(step_s, 0.0, 1.0, rates);
    }
  }
}

double SinexcelPcs::reactive_var(std::size_t string, std::size_t running) const {
  const bool ac = state_.dispatch() == PcsState::Dispatch::ac;
  const bool by_string = state_.dispatch() == PcsState::Dispatch::string && settings_.string_reactive;
  if (!(ac || by_string) || changes_dispatch_ || running == 0) return 0.0;
  const PcsPower& power = strings_[string].power;
  const double rated_w = string_rated_w();
  double wanted_var = 0.0;
  if (set_.reactive_mode == 0.0) {
    const double pf = std::abs(set_.power_factor);
    wanted_var = std::copysign(std::abs(power.power_w()) * std::sqrt(1.0 - pf * pf) / pf, set_.power_factor);
  } else if (set_.reactive_mode == 1.0) {
    wanted_var = set_.reactive_power_var / static_cast<double>(running);
  } else {
    wanted_var = support_.reactive_pu() * rated_w;
  }
  const double ceiling = power.soft_ceiling() * rated_w;
  const double room_var = std::sqrt(std::max(0.0, ceiling * ceiling - power.power_w() * power.power_w()));
  return std::clamp(wanted_var, -room_var, room_var);
}

void SinexcelPcs::order_off_grid(const String& string, models::Site::LaneCommand& command) const {
  command.battery_max_charge_w = string.battery.max_charge_w();
  command.battery_max_discharge_w = string.battery.max_discharge_w();
  command.battery_discharge_request_w = 0.0;
  command.reactive_injection_request_var = 0.0;
  command.ac_ceiling_w = no_limit_w;
  command.forming_voltage_pu = set_.voltage_factor;
  command.forming_frequency_bias_hz = settings_.frequency_bias_hz;
  command.forming_soft_start = set_.off_grid_start == 1.0;
}

void SinexcelPcs::order(std::size_t index) {
  const String& string = strings_[index];
  models::Site::LaneCommand& command = site_.command(string.lane);
  command.supplied = has_supply_;
  command.connected = has_supply_ && state_.connects(index);
  command.form_site = command.connected && state_.off_grid();
  command.seeks_islands = set_.anti_islanding != 0.0;
  if (state_.off_grid()) {
    order_off_grid(string, command);
    return;
  }
  const bool flows = command.connected && state_.phase(index) != PcsState::Phase::starting;
  const double wanted_w = flows ? string.power.power_w() : 0.0;
  const bool has_pv = site_.pv_input_count(string.lane) > 0;
  const double pv_w = has_pv ? site_.lane(string.lane).pv_offered_w : 0.0;
  const double flow_w = std::max(std::abs(string.power.power_w()), std::abs(command.battery_discharge_request_w));
  command.battery_max_charge_w = settled(string.battery.max_charge_w(), command.battery_max_charge_w, flow_w);
  command.battery_max_discharge_w = settled(string.battery.max_discharge_w(), command.battery_max_discharge_w, flow_w);
  command.ac_ceiling_w = no_limit_w;
  command.reactive_injection_request_var = flows ? reactive_var(index, state_.running()) : 0.0;
  if (!flows) {
    command.battery_discharge_request_w = 0.0;
    if (has_pv) command.ac_ceiling_w = 0.0;
  } else if (state_.dispatch() == PcsState::Dispatch::dc) {
    command.battery_discharge_request_w = wanted_w;
  } else {
    command.battery_discharge_request_w = site_.battery_for_ac_w(string.lane, wanted_w, pv_w);
    // PV that neither the set point nor the battery takes is held back.
    if (has_pv) command.ac_ceiling_w = wanted_w;
  }
}

void SinexcelPcs::latch(Time now) {
  const double step_s = in_s(now - now_);
  now_ = now;
  if (boots_) {
    state_.power_up(now);
    boots_ = false;
    may_autostart_ = true;
    ignored_writes_ = 0.0;
  }
  watch_grid(step_s);
  watch_trips();
  watch_causes();
  if (has_supply_) {
    move_state(now);
    change_dispatch();
    advance_powers(step_s);
  }
  for (std::size_t i = 0; i < strings_.size(); ++i) order(i);
}

}  // namespace hil::sim
