#include "models/grid_code/interface_protection.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();  // beyond no threshold, within no range

using Seconds = std::chrono::duration<double>;
using std::chrono::nanoseconds;

void check_stages(const InterfaceProtection::Stages& stages, const char* threshold, const char* delay) {
  for (const TripStage& stage : stages) {
    require(std::isfinite(stage.threshold) && stage.threshold > 0.0, threshold, stage.threshold, "> 0");
    require(stage.delay.count() >= 0, delay, Seconds{stage.delay}.count(), ">= 0");
  }
}

void check_window(const EnterService& window) {
  require(std::isfinite(window.lowest_pu) && window.lowest_pu >= 0.0, "lowest_pu", window.lowest_pu, ">= 0");
  require(std::isfinite(window.highest_pu) && window.highest_pu > window.lowest_pu, "highest_pu", window.highest_pu,
          "> lowest_pu");
  require(std::isfinite(window.lowest_hz) && window.lowest_hz >= 0.0, "lowest_hz", window.lowest_hz, ">= 0");
  require(std::isfinite(window.highest_hz) && window.highest_hz > window.lowest_hz, "highest_hz", window.highest_hz,
          "> lowest_hz");
  require(window.delay.count() >= 0, "enter_service_delay_s", Seconds{window.delay}.count(), ">= 0");
  require(std::isfinite(window.ramp_pu_per_s) && window.ramp_pu_per_s > 0.0, "ramp_pu_per_s", window.ramp_pu_per_s,
          "> 0");
}

InterfaceProtection::Parameters checked(const InterfaceProtection::Parameters& p, nanoseconds step) {
  check_stages(p.overvoltage, "overvoltage_pu", "overvoltage_delay_s");
  check_stages(p.undervoltage, "undervoltage_pu", "undervoltage_delay_s");
  check_stages(p.overfrequency, "overfrequency_hz", "overfrequency_delay_s");
  check_stages(p.underfrequency, "underfrequency_hz", "underfrequency_delay_s");
  check_stages(p.rate_of_change_of_frequency, "rate_of_change_of_frequency_hz_per_s",
               "rate_of_change_of_frequency_delay_s");
  for (const RideThroughRegion& region : p.voltage_ride_through) {
    require(std::isfinite(region.from) && region.from >= 0.0, "ride_through_from_pu", region.from, ">= 0");
    require(std::isfinite(region.to) && region.to >= region.from, "ride_through_to_pu", region.to,
            ">= ride_through_from_pu");
    require(region.stay_s >= 0.0, "ride_through_stay_s", region.stay_s, ">= 0");
    require(std::isfinite(region.stay_s_per_unit), "ride_through_stay_s_per_unit", region.stay_s_per_unit, "finite");
  }
  check_window(p.first_start);
  check_window(p.after_trip);
  require(p.restore_time.count() >= 0, "restore_time_s", Seconds{p.restore_time}.count(), ">= 0");
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step_s", Seconds{step}.count(),
          "0.001..1");
  return p;
}

bool inside(const EnterService& window, const GridMeasurement::Outputs& grid, bool needs_phase) {
  if (needs_phase && !grid.valid) return false;
  if (!(grid.frequency_hz >= window.lowest_hz && grid.frequency_hz <= window.highest_hz)) return false;
  return std::all_of(grid.voltage_pu.begin(), grid.voltage_pu.end(),
                     [&](double pu) { return pu >= window.lowest_pu && pu <= window.highest_pu; });
}

}  // namespace

RideThroughDemand ride_through_demand(const RideThroughTable& table, double value) {
  for (const RideThroughRegion& region : table) {
    if (value < region.from || value > region.to) continue;
    return {region.mode, region.stay_s + region.stay_s_per_unit * (value - region.from)};
  }
  return {};
}

InterfaceProtection::InterfaceProtection(const Parameters& parameters, nanoseconds step)
    : parameters_(checked(parameters, step)), step_(step) {
  outputs_.time_to_connect = parameters_.first_start.delay;
  follow_parameters();
}

void InterfaceProtection::set_parameters(const Parameters& parameters) {
  parameters_ = checked(parameters, step_);
  timers_at_rest_ = false;  // what was calm may now count
  follow_parameters();
}

void InterfaceProtection::follow_parameters() {
  const double restore_s = Seconds{parameters_.restore_time}.count();
  restore_step_pu_ = restore_s > 0.0 ? std::min(1.0, Seconds{step_}.count() / restore_s) : 1.0;
  find_calm_ranges();
}

void InterfaceProtection::find_calm_ranges() {
  calm_pu_ = calm_mean_pu_ = calm_hz_ = calm_rocof_hz_per_s_ = {};
  const auto restrict = [this](const Stages& stages, Side side, Range& of_value) {
    for (const TripStage& stage : stages) {
      Range& range = stage.on_ten_minute_mean ? calm_mean_pu_ : of_value;
      if (side == Side::above) range.highest = std::min(range.highest, stage.threshold);
      if (side == Side::below) range.lowest = std::max(range.lowest, stage.threshold);
    }
  };
  restrict(parameters_.overvoltage, Side::above, calm_pu_);
  restrict(parameters_.undervoltage, Side::below, calm_pu_);
  restrict(parameters_.overfrequency, Side::above, calm_hz_);
  restrict(parameters_.underfrequency, Side::below, calm_hz_);
  restrict(parameters_.rate_of_change_of_frequency, Side::above, calm_rocof_hz_per_s_);
  // The first region that holds a voltage counts: those before the one of nominal voltage cut it short.
  for (const RideThroughRegion& region : parameters_.voltage_ride_through) {
    if (region.from > 1.0) {
      calm_pu_.highest = std::min(calm_pu_.highest, std::nextafter(region.from, 0.0));
    } else if (region.to < 1.0) {
      calm_pu_.lowest = std::max(calm_pu_.lowest, std::nextafter(region.to, 2.0));
    } else {
      const bool asks = region.mode != RideThroughMode::continuous;
      calm_pu_.lowest = asks ? nowhere : std::max(calm_pu_.lowest, region.from);
      calm_pu_.highest = std::min(calm_pu_.highest, region.to);
      return;
    }
  }
  if (!parameters_.voltage_ride_through.empty()) calm_pu_.lowest = nowhere;
}

bool InterfaceProtection::calm(const GridMeasurement::Outputs& grid) const {
  if (grid.valid && !(calm_hz_.holds(grid.frequency_hz) && calm_rocof_hz_per_s_.holds(std::abs(grid.rocof_hz_per_s)))) {
    return false;
  }
  const double mean_pu =
      std::max(std::max(grid.ten_minute_mean_pu[0], grid.ten_minute_mean_pu[1]), grid.ten_minute_mean_pu[2]);
  return calm_pu_.holds(grid.voltage_pu[0]) && calm_pu_.holds(grid.voltage_pu[1]) &&
         calm_pu_.holds(grid.voltage_pu[2]) && calm_mean_pu_.holds(mean_pu);
}

const InterfaceProtection::Outputs& InterfaceProtection::advance(const Inputs& inputs) {
  if (outputs_.connected) {
    supervise(inputs);
  } else {
    wait(inputs);
  }
  return outputs_;
}

void InterfaceProtection::start_in_service() {
  timers_ = {};
  timers_at_rest_ = true;
  ramp_pu_ = 1.0;
  restore_pu_ = 1.0;
  outputs_ = {};
  outputs_.operation = Operation::running;
  outputs_.connected = true;
  outputs_.cease = false;
  outputs_.active_power_ceiling_pu = 1.0;
}

void InterfaceProtection::wait(const Inputs& inputs) {
  const EnterService& window =
      outputs_.operation == Operation::tripped ? parameters_.after_trip : parameters_.first_start;
  const bool good = inputs.permit_service && inside(window, inputs.grid, parameters_.cease_without_phase);
  window_kept_for_ = good ? window_kept_for_ + step_ : nanoseconds{0};
  outputs_.time_to_connect = std::max(nanoseconds{0}, window.delay - window_kept_for_);
  if (!good || window_kept_for_ < window.delay) return;

  timers_ = {};
  timers_at_rest_ = true;
  ramp_step_pu_ = window.ramp_pu_per_s * Seconds{step_}.count();
  ramp_pu_ = 0.0;
  restore_pu_ = 1.0;
  outputs_.connected = true;
  outputs_.trip_cause.reset();
  supervise(inputs);
}

void InterfaceProtection::supervise(const Inputs& inputs) {
  const bool nothing_to_count = timers_at_rest_ && calm(inputs.grid);
  if (!nothing_to_count && trips(inputs.grid)) return open(Operation::tripped);
  if (!inputs.permit_service) return open(Operation::waiting);

  if (nothing_to_count) {
    outputs_.ride_through = RideThroughMode::continuous;
    outputs_.cease = !inputs.grid.valid && parameters_.cease_without_phase;
  } else {
    ride_through(inputs.grid);
  }
  if (outputs_.cease) {
    restore_pu_ = 0.0;
    outputs_.operation = Operation::momentary_cessation;
    outputs_.active_power_ceiling_pu = 0.0;
    return;
  }
  ramp_pu_ = std::min(1.0, ramp_pu_ + ramp_step_pu_);
  restore_pu_ = std::min(1.0, restore_pu_ + restore_step_pu_);
  outputs_.operation = ramp_pu_ < 1.0 ? Operation::ramping : Operation::running;
  outputs_.active_power_ceiling_pu = std::min(ramp_pu_, restore_pu_);
}

void InterfaceProtection::ride_through(const GridMeasurement::Outputs& grid) {
  outputs_.ride_through = RideThroughMode::continuous;
  if (!parameters_.voltage_ride_through.empty()) {
    for (const double voltage_pu : grid.voltage_pu) {
      outputs_.ride_through =
          std::max(outputs_.ride_through, ride_through_demand(parameters_.voltage_ride_through, voltage_pu).mode);
    }
  }
  const bool permissive = outputs_.ride_through == RideThroughMode::permissive && parameters_.cease_in_permissive;
  const bool no_phase = !grid.valid && parameters_.cease_without_phase;
  outputs_.cease = permissive || no_phase || outputs_.ride_through >= RideThroughMode::momentary_cessation;
}

bool InterfaceProtection::trips(const GridMeasurement::Outputs& grid) {
  const double highest_pu = *std::max_element(grid.voltage_pu.begin(), grid.voltage_pu.end());
  const double lowest_pu = *std::min_element(grid.voltage_pu.begin(), grid.voltage_pu.end());
  const double mean_pu = *std::max_element(grid.ten_minute_mean_pu.begin(), grid.ten_minute_mean_pu.end());
  const double frequency_hz = grid.valid ? grid.frequency_hz : nowhere;
  const double rocof_hz_per_s = grid.valid ? std::abs(grid.rocof_hz_per_s) : nowhere;
  const Parameters& p = parameters_;
  timers_at_rest_ = true;  // until one counts
  // Every list is counted, whichever trips first.
  bool trip = count(p.overvoltage, Side::above, highest_pu, mean_pu, TripKind::overvoltage);
  trip |= count(p.undervoltage, Side::below, lowest_pu, mean_pu, TripKind::undervoltage);
  trip |= count(p.overfrequency, Side::above, frequency_hz, mean_pu, TripKind::overfrequency);
  trip |= count(p.underfrequency, Side::below, frequency_hz, mean_pu, TripKind::underfrequency);
  trip |=
      count(p.rate_of_change_of_frequency, Side::above, rocof_hz_per_s, mean_pu, TripKind::rate_of_change_of_frequency);
  return trip;
}

bool InterfaceProtection::count(const Stages& stages, Side side, double value, double mean, TripKind kind) {
  Timers& timers = timers_[static_cast<std::size_t>(kind)];
  bool trip = false;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const double measured = stages[i].on_ten_minute_mean ? mean : value;
    const bool beyond = side == Side::above ? measured > stages[i].threshold : measured < stages[i].threshold;
    timers[i] = beyond ? timers[i] + step_ : nanoseconds{0};
    timers_at_rest_ = timers_at_rest_ && !beyond;
    if (!beyond || timers[i] < stages[i].delay) continue;
    if (!outputs_.trip_cause) outputs_.trip_cause = TripCause{kind, i};
    trip = true;
  }
  return trip;
}

void InterfaceProtection::open(Operation operation) {
  outputs_.operation = operation;
  outputs_.connected = false;
  outputs_.cease = true;
  outputs_.active_power_ceiling_pu = 0.0;
  outputs_.ride_through = RideThroughMode::cease;
  window_kept_for_ = nanoseconds{0};
  const bool tripped = operation == Operation::tripped;
  outputs_.time_to_connect = tripped ? parameters_.after_trip.delay : parameters_.first_start.delay;
}

}  // namespace hil::models
