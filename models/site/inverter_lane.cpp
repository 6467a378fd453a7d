#include "models/site/inverter_lane.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

// Every phase back in here ends the inverter's own stop (assumed: the window of most codes).
constexpr double own_return_lowest_pu = 0.85;
constexpr double own_return_highest_pu = 1.10;
using Seconds = std::chrono::duration<double>;

// A pack that gives all but this gave what it was asked for.
constexpr double least_missing_w = 1e-3;

/// v conj(i), without the look at infinities that std::complex takes.
inline Phasor power_va(Phasor v, Phasor i) {
  return {v.real() * i.real() + v.imag() * i.imag(), v.imag() * i.real() - v.real() * i.imag()};
}

/// What is not a number is `otherwise`.
double within(double value, double lowest, double highest, double otherwise) {
  return std::isnan(value) ? otherwise : std::clamp(value, lowest, highest);
}

/// Adds `power_w * hours` to one of two counters, by its sign.
void integrate(double power_w, double hours, double& positive_wh, double& negative_wh) {
  (power_w >= 0.0 ? positive_wh : negative_wh) += std::abs(power_w) * hours;
}

BatteryPack::State initial_state(const InverterLane::Parameters& parameters) {
  BatteryPack::State state;
  state.soc = parameters.initial_soc;
  state.temperature_c = parameters.initial_battery_c;
  return state;
}

const InverterLane::Parameters& checked(const InverterLane::Parameters& p) {
  require(std::isfinite(p.nominal_ln_v) && p.nominal_ln_v > 0.0, "nominal_ln_v", p.nominal_ln_v, "> 0");
  require(std::isfinite(p.nominal_hz) && p.nominal_hz > 0.0, "nominal_hz", p.nominal_hz, "> 0");
  require(std::isfinite(p.self_protection_pu) && p.self_protection_pu > 1.0, "self_protection_pu", p.self_protection_pu,
          "> 1");
  if (p.backup) {
    const InverterLane::Backup& backup = *p.backup;
    require(backup.transfer_time.count() >= 0, "transfer_time_s", Seconds{backup.transfer_time}.count(), ">= 0");
    require(backup.transfer_below_pu >= 0.0 && backup.transfer_below_pu <= 1.0, "transfer_below_pu",
            backup.transfer_below_pu, "0..1");
    require(backup.relay_ohm.real() > 0.0, "relay_ohm", backup.relay_ohm.real(), "> 0");
    require(!p.site_forming, "number of site_forming", 1.0, "0 beside a backup port");
  }
  return p;
}

}  // namespace

InverterLane::InverterLane(const Parameters& parameters, PvPlanes& planes, std::chrono::nanoseconds step)
    : parameters_(checked(parameters)),
      phases_(phases_of(parameters.split_phase)),
      step_(step),
      step_s_(Seconds{step}.count()),
      step_h_(step_s_ / 3600.0),
      power_stage_(parameters.power_stage, step),
      battery_(parameters.battery, initial_state(parameters), step) {
  for (const PvInput& given : parameters.pv) {
    Input input{MpptTracker(given.array, given.tracker, step), nullptr, given.cell_temperature_c};
    if (given.plane) input.weather = planes.of(*given.plane);
    if (input.weather != nullptr) input.cell_temperature_c = input.weather->cell_temperature_c();
    input.light = {given.irradiance_w_m2, given.irradiance_w_m2, 0.0};
    input.tracker.set_conditions(input.weather != nullptr ? input.weather->irradiance_w_m2() : given.irradiance_w_m2,
                                 input.cell_temperature_c);
    if (parameters.starts_connected) input.tracker.start_at_maximum();
    view_.pv_available_w += input.tracker.array().maximum_power_point().power_w;
    inputs_.push_back(std::move(input));
  }
  if (parameters.grid_code) {
    const GridCode& code = *parameters.grid_code;
    GridSupport::Parameters support = code.support;
    support.apparent_pu = parameters.power_stage.max_ac_va / parameters.power_stage.rated_ac_w;
    GridMeasurement::Parameters measurement = code.measurement;
    measurement.split_phase = parameters.split_phase;
    measurement.positive_sequence = support.voltage == SupportVoltage::positive_sequence;
    interface_.emplace(Interface{GridMeasurement(measurement, step), InterfaceProtection(code.protection, step),
                                 GridSupport(support, step)});
    if (parameters.starts_connected) {
      interface_->measurement.start_in_service();
      interface_->protection.start_in_service();
    }
  }
  if (parameters.island_detection) shift_.emplace(*parameters.island_detection);
  if (parameters.backup) {
    forming_.emplace(forming_on_its_phases(parameters.backup->forming), step);
    BackupReserve::Parameters reserve = parameters.backup->reserve;
    reserve.restart_delay = parameters.backup->forming.restart_delay;
    reserve_.emplace(reserve, step);
  }
  if (parameters.site_forming) {
    forming_.emplace(forming_on_its_phases(*parameters.site_forming), step);
    BackupReserve::Parameters reserve = parameters.site_reserve;
    reserve.restart_delay = parameters.site_forming->restart_delay;
    reserve_.emplace(reserve, step);
  }
  const auto square_of = [&parameters](double pu) {
    const double v = pu * parameters.nominal_ln_v;
    return v * v;
  };
  stop_v2_ = square_of(parameters.self_protection_pu);
  lowest_return_v2_ = square_of(own_return_lowest_pu);
  highest_return_v2_ = square_of(own_return_highest_pu);
  counted_soc_ = parameters.initial_soc;
  view_.frequency_hz = parameters.nominal_hz;
  view_.battery_limits = battery_.limits();
  view_.battery_soc = battery_.state().soc;
  view_.reported_soc = battery_.reported_soc();
}

GridForming::Parameters InverterLane::forming_on_its_phases(const GridForming::Parameters& given) const {
  GridForming::Parameters forming = given;
  forming.split_phase = parameters_.split_phase;
  return forming;
}

double InverterLane::mean_ln_v(const PhasePhasors& ln_v) const {
  double sum_v = 0.0;
  for (std::size_t k = 0; k < phases_; ++k) sum_v += magnitude(ln_v[k]);
  return sum_v / static_cast<double>(phases_);
}

// Compared as squares: this is asked in every step, and a root takes longer than the rest of it.
void InverterLane::protect_itself() {
  const PhasePhasors& ln_v = view_.terminal_ln_v;
  double lowest_v2 = 1e12;
  double highest_v2 = 0.0;
  for (const Phasor v : {ln_v[0], ln_v[1], ln_v[phases_ - 1]}) {  // of two phases the second counts twice
    const double v2 = v.real() * v.real() + v.imag() * v.imag();
    lowest_v2 = std::min(lowest_v2, v2);
    highest_v2 = std::max(highest_v2, v2);
  }
  if (highest_v2 > stop_v2_) stopped_itself_ = true;
  if (lowest_v2 >= lowest_return_v2_ && highest_v2 <= highest_return_v2_) stopped_itself_ = false;
}

void InverterLane::show_plan() {
  view_.power = power_stage_.outputs();
  active_pu_ = view_.power.ac_injection_w / parameters_.power_stage.rated_ac_w;
}

bool InverterLane::watch_grid(double frequency_hz) {
  const bool was_stopped = stopped_itself_;
  if (flow_moved_) protect_itself();
  if (!interface_) {
    if (stopped_itself_ && !was_stopped && command_.connected) ++view_.overvoltage_stops;
    return command_.connected && !stopped_itself_ && !ordered_to_form();
  }
  Interface& interface = *interface_;
  const GridMeasurement::Outputs& grid = interface.measurement.advance({view_.terminal_ln_v, frequency_hz});
  if (stopped_itself_ && !was_stopped && (interface.protection.outputs().connected || forms_site())) {
    ++view_.overvoltage_stops;
  }
  const InterfaceProtection::Outputs& protection =
      interface.protection.advance({grid, command_.connected && !stopped_itself_ && !ordered_to_form()});
  view_.operation = protection.operation;
  view_.trip_cause = protection.trip_cause;
  view_.time_to_connect_s = protection.time_to_connect.count() == 0 ? 0.0 : Seconds{protection.time_to_connect}.count();
  return protection.connected && !protection.cease;
}

bool InverterLane::repeats(double frequency_hz, bool same_offer) {
  if (flow_moved_ || !same_offer || frequency_hz != planned_hz_ || !(command_ == planned_command_)) return false;
  if (interface_) {
    if (interface_->protection.outputs().active_power_ceiling_pu < 1.0 ||
        !interface_->support.rests(interface_->measurement.outputs(), active_pu_)) {
      return false;
    }
  }
  return power_stage_.repeats(std::min(view_.battery_limits.charge_w, command_.battery_max_charge_w),
                              std::min(view_.battery_limits.discharge_w, command_.battery_max_discharge_w));
}

InverterLane::Allowance InverterLane::ask_grid_code() {
  Allowance allowance;
  if (!interface_) return allowance;
  Interface& interface = *interface_;
  const GridMeasurement::Outputs& grid = interface.measurement.outputs();
  const InterfaceProtection::Outputs& protection = interface.protection.outputs();
  const double rated_w = parameters_.power_stage.rated_ac_w;
  const GridSupport::Outputs& support = interface.support.advance(
      {.grid = grid,
       .active_power_pu = active_pu_,
       .available_power_pu = std::min(1.0, (view_.pv_offered_w + view_.battery_limits.discharge_w) / rated_w),
       .active_limit_pu = command_.active_limit_pu,
       .service_ceiling_pu = protection.active_power_ceiling_pu});
  allowance.ac_ceiling_w = std::min(support.active_ceiling_pu, protection.active_power_ceiling_pu) * rated_w;
  allowance.lowest_ac_w = -std::min(support.import_ceiling_pu, protection.active_power_ceiling_pu) * rated_w;
  allowance.reactive_var = support.reactive_injection_pu * rated_w;
  if (support.active_wanted_pu && support.active_droop_pu) {
    const double wanted_w = *support.active_wanted_pu * rated_w;
    if (*support.active_droop_pu < 0.0) {
      allowance.ac_ceiling_w = std::min(allowance.ac_ceiling_w, wanted_w);
    } else {
      allowance.least_ac_w = wanted_w;
    }
  }
  return allowance;
}

void InverterLane::transfer(bool may_follow, double terminal_pu) {
  const Backup& backup = *parameters_.backup;
  if (!view_.islanded && terminal_pu >= backup.transfer_below_pu) healthy_angle_rad_ = std::arg(view_.terminal_ln_v[0]);
  const bool grid_serves =
      (may_follow || !command_.connected) && !command_.island && terminal_pu >= backup.transfer_below_pu;
  if (!view_.islanded) {
    const bool lost = terminal_pu < backup.transfer_below_pu ||
                      (!may_follow && command_.connected && (stopped_itself_ || view_.operation == Operation::tripped));
    if (command_.backup_enabled && (command_.island || lost)) {
      view_.islanded = true;
      since_transfer_ = std::chrono::nanoseconds{0};
    }
  } else if (!command_.backup_enabled || grid_serves) {
    view_.islanded = false;
    forming_->stop();
    reserve_->reset();
  } else {
    since_transfer_ += step_;
  }
  if (view_.islanded && reserve_->waits()) {
    if (reserve_->restarts(reserve_now())) forming_->start(healthy_angle_rad_, false);
  } else if (view_.islanded && forming_->state() == GridForming::State::off &&
             since_transfer_ >= backup.transfer_time) {
    if (reserve_->may_start(reserve_now())) {
      forming_->start(healthy_angle_rad_, true);
    } else {
      end_island();
    }
  }
}

void InverterLane::hear_forming_order() {
  const bool ordered = command_.form_site && command_.connected && command_.supplied;
  if (ordered && !forming_ordered_) {
    stopped_itself_ = false;
    flow_moved_ = true;  // so that the voltage is looked at anew
  }
  forming_ordered_ = ordered;
}

void InverterLane::form_site(BusFeed feed) {
  const bool wanted = forming_ordered_ && !stopped_itself_;
  view_.forming_blocked = wanted && feed == BusFeed::foreign;
  if (!wanted || view_.forming_blocked) {
    forming_->stop();
    reserve_->reset();
    return;
  }
  const double voltage_pu = within(command_.forming_voltage_pu, 0.5, 1.5, 1.0);
  forming_->set_point(voltage_pu, within(command_.forming_frequency_bias_hz, -10.0, 10.0, 0.0));
  const bool first = forming_->state() == GridForming::State::off && !reserve_->waits();
  if (first && !reserve_->may_start(reserve_now())) return end_island();
  const bool again = reserve_->waits() ? reserve_->restarts(reserve_now()) : forming_->restart_due();
  if (!first && !again) return;
  if (feed == BusFeed::formed) {
    const double nominal_ln_v = voltage_pu * parameters_.site_forming->nominal_ln_v;
    forming_->join(std::arg(view_.terminal_ln_v[0]), mean_ln_v(view_.terminal_ln_v) / nominal_ln_v);
  } else {
    forming_->start(0.0, first && !command_.forming_soft_start);
  }
}

BackupReserve::Inputs InverterLane::reserve_now() const {
  return {.soc = view_.reported_soc,
          .max_discharge_w = std::min(view_.battery_limits.discharge_w, command_.battery_max_discharge_w),
          .battery_discharge_w = view_.power.battery_discharge_w,
          .missing = view_.dc_link_w > 0.0,
          .pv_available_w = view_.pv_available_w};
}

void InverterLane::end_island() {
  forming_->stop();
  const LimitCause cause = battery_.discharge_cause();
  const bool low = reserve_->low(view_.reported_soc);
  reserve_->end(reserve_now(), cause == LimitCause::empty || (cause == LimitCause::none && low));
  ++view_.battery_empty_stops;
}

void InverterLane::plan(double frequency_hz, BusFeed feed) {
  BatteryPack::Limits limits = battery_.limits();
  // The inverter sees an open contactor at its DC link, before the BMS reports anything.
  if (!battery_.management().contactor_closed()) limits = {};
  double pv_offered_w = 0.0;
  double pv_available_w = 0.0;
  for (Input& input : inputs_) {
    if (input.weather != nullptr) {
      input.tracker.set_conditions(input.weather->irradiance_w_m2(), input.weather->cell_temperature_c());
    } else if (input.light.moving()) {
      input.light.advance();
      input.tracker.set_conditions(input.light.value, input.cell_temperature_c);
    }
    pv_offered_w += input.tracker.offered_w();
    pv_available_w += input.tracker.array().maximum_power_point().power_w;
  }
  const bool same_offer = pv_offered_w == view_.pv_offered_w;
  view_.pv_offered_w = pv_offered_w;
  view_.pv_available_w = pv_available_w;
  if (parameters_.site_forming) hear_forming_order();
  bool may_follow = watch_grid(frequency_hz);
  view_.battery_limits = limits;  // not sooner: see settle()
  repeated_ = may_follow && repeats(frequency_hz, same_offer);
  flow_moved_ = false;
  if (repeated_) {
    battery_.foresee(power_stage_.outputs().battery_discharge_w);
    return;
  }
  const Allowance allowance = ask_grid_code();
  if (parameters_.backup) {
    transfer(may_follow, mean_ln_v(view_.terminal_ln_v) / parameters_.nominal_ln_v);
    emf_ln_v_ = forming_->plan();
    may_follow = may_follow && !view_.islanded;
  } else if (parameters_.site_forming) {
    form_site(feed);
    emf_ln_v_ = forming_->plan();
  }
  view_.duty = may_follow                     ? HybridInverter::Duty::following
               : forming_ && forming_->live() ? HybridInverter::Duty::forming
                                              : HybridInverter::Duty::off;
  view_.frequency_hz = forming() ? forming_->frequency_hz() : frequency_hz;

  double request_w = command_.battery_discharge_request_w;
  if ((view_.islanded || ordered_to_form()) && view_.island_stop != IslandStop::none) {
    // Nobody else uses the sun: a stopped island asks for all of it.
    request_w = std::min(request_w, -pv_available_w);
  } else if (allowance.least_ac_w > no_least_ac_w) {
    const double pv_w = std::max(0.0, std::min(pv_offered_w, command_.pv_ceiling_w));
    request_w = std::max(request_w, power_stage_.battery_for_ac_w(allowance.least_ac_w, pv_w));
  }
  double reactive_var = command_.reactive_injection_request_var + allowance.reactive_var;
  if (shift_ && command_.seeks_islands)
    reactive_var += shift_->reactive_injection(frequency_hz, power_stage_.outputs().ac_injection_w);
  power_stage_.plan(
      {.terminal_ln_v = view_.terminal_ln_v,
       .duty = view_.duty,
       .supplied = command_.supplied,
       .pv_offered_w = pv_offered_w,
       .pv_ceiling_w = command_.pv_ceiling_w,
       .battery_discharge_request_w = request_w,
       .battery_max_charge_w = std::min(view_.battery_limits.charge_w, command_.battery_max_charge_w),
       .battery_max_discharge_w = std::min(view_.battery_limits.discharge_w, command_.battery_max_discharge_w),
       .pv_first = command_.pv_first,
       .ac_ceiling_w = command_.ac_ceiling_w,
       .ac_ceiling_now_w = allowance.ac_ceiling_w,
       .lowest_ac_w = allowance.lowest_ac_w,
       .reactive_injection_request_var = reactive_var,
       .reactive_first = interface_ && interface_->support.parameters().priority == PowerPriority::reactive,
       .unbalance_w = command_.unbalance_w});
  battery_.foresee(power_stage_.outputs().battery_discharge_w);
  planned_command_ = command_;
  // A backup port and island detection have states of their own: then each step is planned.
  planned_hz_ = parameters_.backup || shift_ ? -1.0 : frequency_hz;
}

void InverterLane::take_flow(const Flow& flow) {
  view_.terminal_ln_v = flow.terminal_ln_v;
  view_.injection_a = flow.port_a;
  PhasePhasors port_va{};
  for (std::size_t k = 0; k < phase_count; ++k) port_va[k] = power_va(flow.terminal_ln_v[k], flow.port_a[k]);

  const HybridInverter::Outputs& power = power_stage_.outputs();
  // Summed apart from the power stage, for the invariant.
  flowed_w_ = port_va[0].real() + port_va[1].real() + port_va[2].real();
  if (forming()) {
    const PhasePhasors& supply_a = parameters_.site_forming ? flow.source_a : flow.backup_a;
    PhasePhasors supply_va{};
    for (std::size_t k = 0; k < phase_count; ++k) supply_va[k] = power_va(emf_ln_v_[k], supply_a[k]);
    flowed_w_ += supply_va[0].real() + supply_va[1].real() + supply_va[2].real();
    power_stage_.serve(supply_va);
    forming_->settle(supply_a, supply_va, power.overloaded);
    if (parameters_.site_forming) view_.injection_a = supply_a;
    view_.overload_trips = forming_->overload_trips();
  } else {
    power_stage_.settle(port_va);
  }
  active_pu_ = power.ac_injection_w / parameters_.power_stage.rated_ac_w;
  if (interface_) interface_->support.foresee(active_pu_);
  if (parameters_.backup) {
    view_.backup_ln_v = flow.backup_ln_v;
    view_.backup_a = flow.backup_a;
    view_.backup_w = 0.0;
    for (std::size_t k = 0; k < phase_count; ++k)
      view_.backup_w += power_va(flow.backup_ln_v[k], flow.backup_a[k]).real();
    view_.backup_wh += std::max(0.0, view_.backup_w) * step_h_;
  }

  view_.dc_link_w = 0.0;
}

void InverterLane::settle(const Flow& flow, bool moved) {
  flow_moved_ = moved;
  const bool power_moved = moved || !repeated_;
  if (power_moved) take_flow(flow);
  const HybridInverter::Outputs& power = power_stage_.outputs();

  // Each input gives its share of what was taken, mostly all of it.
  const double share = power.pv_w == view_.pv_offered_w && power.pv_w > 0.0 ? 1.0
                       : view_.pv_offered_w > 0.0                           ? power.pv_w / view_.pv_offered_w
                                                                            : 0.0;
  for (Input& input : inputs_) input.tracker.settle(share * input.tracker.offered_w());
  const double capacity_ah = battery_.capacity_ah();
  const BatteryPack::Outputs& battery = battery_.advance(power.battery_discharge_w);
  view_.battery_soc = battery_.state().soc;
  view_.reported_soc = battery_.reported_soc();
  const double missing_w = power.battery_discharge_w - battery.discharge_w;
  // Copied at once, what was just written would have to reach the memory first: hence as late as may be.
  if (power_moved) view_.power = power;
  if (forming()) {
    // Below zero: a flood that the pack cannot take.
    const bool missing = missing_w > least_missing_w || (power.overloaded && missing_w < -least_missing_w);
    if (missing) {
      view_.dc_link_w = missing_w;
      view_.power.overloaded = true;
    }
    if (reserve_->exhausted(reserve_now())) {
      end_island();
    } else if (missing) {
      forming_->drop();
      view_.overload_trips = forming_->overload_trips();
    }
  }
  if (forming_) {
    view_.island_stop = reserve_->waits()                                  ? IslandStop::battery_empty
                        : forming_->state() == GridForming::State::tripped ? IslandStop::overload
                        : forming_ordered_ && stopped_itself_              ? IslandStop::overvoltage
                                                                           : IslandStop::none;
  }
  const double stored_share = battery.discharge_a < 0.0 ? battery_.parameters().coulombic_efficiency : 1.0;
  if (capacity_ah != counted_capacity_ah_) {
    counted_capacity_ah_ = capacity_ah;
    counted_soc_per_a_ = step_s_ / (3600.0 * capacity_ah);
  }
  counted_soc_ -= (battery.discharge_a * stored_share + battery.drain_a) * counted_soc_per_a_;

  view_.pv_wh += power.pv_w * step_h_;
  integrate(battery.discharge_w, step_h_, view_.battery_discharge_wh, view_.battery_charge_wh);
  integrate(power.ac_injection_w, step_h_, view_.ac_out_wh, view_.ac_in_wh);
  view_.battery = battery;
}

void InverterLane::set_irradiance(double irradiance_w_m2, double ramp_s) {
  for (Input& input : inputs_) {
    if (input.weather != nullptr) continue;
    input.light.aim(irradiance_w_m2, ramp_s / step_s_);
    if (input.light.per_step > 0.0) continue;
    input.light.advance();
    input.tracker.set_conditions(irradiance_w_m2, input.cell_temperature_c);
  }
}

void InverterLane::set_string_shading(std::size_t input, std::size_t string, double factor) {
  inputs_.at(input).tracker.set_string_shading(string, factor);
}

void InverterLane::set_grid_code(const InterfaceProtection::Parameters& protection,
                                 const GridSupport::Parameters& support) {
  GridSupport::Parameters own = support;
  own.apparent_pu = interface_->support.parameters().apparent_pu;
  own.voltage = interface_->support.parameters().voltage;
  static_cast<void>(GridSupport(own, step_));  // throws before the protection has changed
  interface_->protection.set_parameters(protection);
  interface_->support.set_parameters(own);
  planned_hz_ = -1.0;
  parameters_.grid_code->protection = protection;
  parameters_.grid_code->support = support;
}

void InverterLane::set_backup_supply(double nominal_ln_v, std::chrono::nanoseconds restart_delay) {
  forming_->set_supply(nominal_ln_v, restart_delay);  // asks of the delay all that the reserve asks
  reserve_->set_restart_delay(restart_delay);
  parameters_.backup->forming.nominal_ln_v = nominal_ln_v;
  parameters_.backup->forming.restart_delay = restart_delay;
}

bool InverterLane::finite() const {
  const double orders = command_.active_limit_pu + command_.battery_max_charge_w + command_.battery_max_discharge_w +
                        command_.forming_voltage_pu + command_.forming_frequency_bias_hz;
  // Infinities of both signs make a sum that is not a number, too: then each has to be looked at.
  const bool orders_are_numbers =
      !std::isnan(orders) ||
      !(std::isnan(command_.active_limit_pu) || std::isnan(command_.battery_max_charge_w) ||
        std::isnan(command_.battery_max_discharge_w) || std::isnan(command_.forming_voltage_pu) ||
        std::isnan(command_.forming_frequency_bias_hz));
  return view_.power.inputs_finite && orders_are_numbers && std::isfinite(view_.battery.terminal_v) &&
         std::isfinite(view_.battery_soc);
}

double InverterLane::soc_residual() const {
  return std::abs(view_.battery_soc - counted_soc_);
}

double InverterLane::energy_residual_w() const {
  const double residual_w =
      std::abs(view_.power.pv_w + view_.battery.discharge_w + view_.dc_link_w - flowed_w_ - view_.power.loss_w);
  // The loss is what the balance leaves, so power from nowhere would show as a gain.
  return view_.power.overloaded ? residual_w : std::max(residual_w, -view_.power.loss_w);
}

}  // namespace hil::models
