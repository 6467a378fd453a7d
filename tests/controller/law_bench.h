#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>

#include "controller/core/energy_controller.h"
#include "tests/controller/small_plant.h"

namespace hil::controller::tests {

using namespace std::chrono_literals;

/// The law alone against SmallSite: no bytes. The meter is read every 50 ms, every unit every 400 ms, an order takes
/// 100 ms to be acknowledged.
class LawBench {
 public:
  explicit LawBench(std::size_t units, double export_limit_w = 0.0)
      : site(units), settings(settings_for(units, export_limit_w)), law(settings, units) {
    for (std::size_t k = 0; k < units; ++k) measurements.inverters[k].answering = true;
  }

  SmallSite site;
  Settings settings;
  EnergyController law;
  Measurements measurements;
  bool meter_alive = true;
  std::function<void(double now_s)> before_step;

  void run_until(double end_s) {
    for (; now_s_ < end_s - 1e-9; now_s_ += plant_step_s, ++steps_) {
      if (before_step) before_step(now_s_);
      site.advance();
      watch.see(site.grid_import_w, now_s_);
      if (steps_ % 5 == 0) cycle();
    }
  }
  Commands commands() const { return last_; }
  /// Takes `settings` over, as a client's change does.
  void configure() { law.configure(settings); }
  double now_s() const { return now_s_; }
  Watch watch;

 private:
  static Settings settings_for(std::size_t units, double export_limit_w) {
    Settings chosen;
    chosen.inverter_lines[0].count = units;
    chosen.export_limit_w = export_limit_w;
    chosen.total_capacity_w = 10000.0 * static_cast<double>(units);
    return chosen;
  }

  double counted_import_w() const {
    return settings.phase_mode == PhaseMode::each ? 3.0 * site.lowest_phase_import_w() : site.grid_import_w;
  }

  void cycle() {
    const Time now{static_cast<std::int64_t>(steps_) * 10'000'000};
    measurements.now = now;
    if (meter_alive) {
      measurements.grid_import_w = site.grid_import_w;
      measurements.counted_import_w = counted_import_w();
      measurements.grid_import_at = now;
    }
    for (std::size_t k = 0; k < site.inverters.size(); ++k) {
      const SmallInverter& plant = site.inverters[k];
      InverterMeasurement& unit = measurements.inverters[k];
      if (!unit.answering) continue;
      acknowledge(k, now);
      if (steps_ % 40 != 0) continue;
      if (measurements.counted_import_w) {
        unit.ac_injection = PairedSample{plant.ac_w, *measurements.counted_import_w, now};
        unit.battery_discharge = PairedSample{plant.battery_discharge_w, *measurements.counted_import_w, now};
      }
      unit.on_grid = !plant.islanded && !plant.stopped;
      unit.soc = std::round(100.0 * plant.soc) / 100.0;  // whole percent on the wire
      unit.soc_floor = plant.soc_floor;
      unit.max_charge_w = plant.max_charge_w;
      unit.max_discharge_w = *unit.soc <= unit.soc_floor ? 0.0 : plant.max_discharge_w;
    }
    last_ = law.step(measurements);
    expect_sum_rule();
  }

  void acknowledge(std::size_t k, Time now) {
    InverterMeasurement& unit = measurements.inverters[k];
    const InverterOrder& order = last_.inverters[k];
    if (steps_ % 10 != 0) return;
    const double discharge_w = order.battery_discharge_w.value_or(0.0);
    if (std::abs(discharge_w - site.inverters[k].ordered_discharge_w) > 50.0) {
      unit.battery_before_w = site.inverters[k].battery_discharge_w;
      unit.battery_order_since = now;
    }
    if (site.inverters[k].ordered_limit_w - order.ac_limit_w > 200.0) unit.limit_lowered_at = now;
    const double limit_w = last_.limit_enabled && !order.limit_off ? order.ac_limit_w : 10000.0;
    site.inverters[k].ordered_limit_w = limit_w;
    site.inverters[k].ordered_discharge_w = discharge_w;
    site.inverters[k].pv_first = true;
    site.inverters[k].ordered_draw_w = order.draw_w;
    site.inverters[k].stopped = order.stopped;
    unit.limit_in_force_w = limit_w;
    unit.limit_off = limit_w != order.ac_limit_w;
    unit.battery_order_in_force_w = discharge_w;
  }

  /// With the freshest reading: what the site can take is at most what is imported now plus the limits of the last
  /// 1.5 s together. 1 W: rounding.
  void expect_sum_rule() {
    double limits_w = 0.0;
    for (std::size_t k = 0; k < site.inverters.size(); ++k) {
      if (!measurements.inverters[k].answering) return;  // what a lost unit does is not the law's to say
    }
    for (std::size_t k = 0; k < site.inverters.size(); ++k) limits_w += last_.inverters[k].ac_limit_w;
    limits_history_.push_back(site.limits_w());
    if (limits_history_.size() > 31) limits_history_.pop_front();
    if (law.state() != EnergyController::State::regulating || !last_.limit_enabled) return;
    if (settings.control_mode != ControlMode::value) return;
    const double highest_w = *std::max_element(limits_history_.begin(), limits_history_.end());
    const double limit_w = settings.export_limit_w * (settings.phase_mode == PhaseMode::each ? 3.0 : 1.0);
    EXPECT_LE(limits_w, std::max(*measurements.counted_import_w + highest_w + limit_w, 0.0) + 1.0)
        << "at " << now_s_ << " s";
  }

  double now_s_ = 0.0;
  std::uint64_t steps_ = 0;
  Commands last_;
  std::deque<double> limits_history_;
};

/// Two inverters of case F1: 12 kW of PV, 1 kW of charging each, base load 0.8 kW.
inline void sunny_site(LawBench& bench) {
  for (SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 6000.0;
    unit.max_charge_w = 1000.0;
    unit.max_discharge_w = 10000.0;
  }
  bench.site.load_w = 800.0;
}

}  // namespace hil::controller::tests
