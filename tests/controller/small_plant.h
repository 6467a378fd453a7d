#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <deque>
#include <vector>

namespace hil::controller::tests {

/// A few difference equations that stand in for a site, 10 ms a step: what an order meets on its way to the meter.
/// Dead time 0.2 s, lag 0.2 s, PV rises with 0.7 s and falls at once; at the AC limit PV gives way first, the battery
/// after it; losses 25 W + 2 % of the AC power. A draw (EMS mode 4) holds the AC power at -X; PV gives way to it.
inline constexpr double plant_step_s = 0.01;

class SmallInverter {
 public:
  double pv_available_w = 0.0;
  double max_charge_w = 0.0;
  double max_discharge_w = 0.0;
  double soc = 0.5;
  double capacity_wh = 0.0;      ///< 0: SOC stays
  double soc_floor = 0.1;        ///< below it the inverter discharges no more, when SOC moves
  double backup_w = 0.0;         ///< load on its backup port; the AC power is all its power, this included
  bool islanded = false;         ///< its port is off the grid: it carries its backup load only
  bool stopped = false;          ///< EMS mode 255
  double ordered_limit_w = 0.0;  ///< as the registers stand
  double ordered_discharge_w = 0.0;
  double ordered_draw_w = 0.0;
  bool pv_first = false;  ///< EMS modes 3 and 11: a discharge takes what PV leaves of the limit

  double pv_w = 0.0;
  double battery_discharge_w = 0.0;
  double ac_w = 0.0;

  /// What leaves through the port on the grid.
  double port_w() const { return islanded ? 0.0 : ac_w - backup_w; }

  void advance() {
    follow_orders();
    const double most_discharge_w = capacity_wh > 0.0 && soc <= soc_floor ? 0.0 : max_discharge_w;
    const double loss_w = 25.0 + 0.02 * std::abs(ac_w);
    if (islanded || stopped) {
      pv_w = 0.0;
      ac_w = islanded ? backup_w : 0.0;
      battery_discharge_w = islanded ? backup_w + loss_w : 0.0;
    } else if (draw_w_ > 1.0) {
      pv_w = std::clamp(max_charge_w + loss_w - draw_w_, 0.0, pv_available_w);
      battery_discharge_w = -std::min(max_charge_w, draw_w_ + pv_w - loss_w);
      ac_w = pv_w + battery_discharge_w - loss_w;
    } else {
      battery_discharge_w = std::clamp(discharge_w_, -max_charge_w, most_discharge_w);
      const double before_w = pv_first ? std::min(battery_discharge_w, 0.0) : battery_discharge_w;
      const double target_w = std::clamp(limit_w_ + loss_w - before_w, 0.0, pv_available_w);
      pv_w = target_w < pv_w ? target_w : pv_w + pv_gain * (target_w - pv_w);
      battery_discharge_w = std::min(battery_discharge_w, limit_w_ + loss_w - pv_w);
      ac_w = pv_w + battery_discharge_w - loss_w;
    }
    if (capacity_wh > 0.0) soc -= battery_discharge_w * plant_step_s / 3600.0 / capacity_wh;
  }

 private:
  void follow_orders() {
    limit_path_.push_back(ordered_limit_w);
    discharge_path_.push_back(ordered_discharge_w);
    draw_path_.push_back(ordered_draw_w);
    if (limit_path_.size() > dead_steps) {
      limit_w_ += lag_gain * (limit_path_.front() - limit_w_);
      discharge_w_ += lag_gain * (discharge_path_.front() - discharge_w_);
      draw_w_ += lag_gain * (draw_path_.front() - draw_w_);
      limit_path_.pop_front();
      discharge_path_.pop_front();
      draw_path_.pop_front();
    }
  }

  static constexpr std::size_t dead_steps = 20;
  static constexpr double lag_gain = plant_step_s / 0.2;
  static constexpr double pv_gain = plant_step_s / 0.7;
  std::deque<double> limit_path_;
  std::deque<double> discharge_path_;
  double limit_w_ = 0.0;  ///< an ET that was at rest before the start
  std::deque<double> draw_path_;
  double discharge_w_ = 0.0;
  double draw_w_ = 0.0;
};

class SmallSite {
 public:
  explicit SmallSite(std::size_t count) : inverters(count) {}
  std::vector<SmallInverter> inverters;
  double load_w = 0.0;                     ///< on the grid side, the same on every phase
  std::array<double, 3> phase_load_w{};    ///< besides
  double grid_import_w = 0.0;              ///< sum of the phases
  std::array<double, 3> phase_import_w{};  ///< the inverters feed their phases alike

  void advance() {
    double port_w = 0.0;
    for (SmallInverter& inverter : inverters) {
      inverter.advance();
      port_w += inverter.port_w();
    }
    grid_import_w = load_w - port_w;
    for (std::size_t phase = 0; phase < 3; ++phase) {
      phase_import_w[phase] = (load_w - port_w) / 3.0 + phase_load_w[phase];
      grid_import_w += phase_load_w[phase];
    }
  }
  double lowest_phase_import_w() const { return *std::min_element(phase_import_w.begin(), phase_import_w.end()); }
  double ac_w() const {
    return sum([](const SmallInverter& unit) { return unit.ac_w; });
  }
  double pv_w() const {
    return sum([](const SmallInverter& unit) { return unit.pv_w; });
  }
  double battery_discharge_w() const {
    return sum([](const SmallInverter& unit) { return unit.battery_discharge_w; });
  }
  double limits_w() const {
    return sum([](const SmallInverter& unit) { return unit.ordered_limit_w; });
  }

 private:
  template <typename Value>
  double sum(Value value) const {
    double total = 0.0;
    for (const SmallInverter& inverter : inverters) total += value(inverter);
    return total;
  }
};

/// Longest time without a break that a value stays beyond a bound, and when it was last outside a band.
class Watch {
 public:
  void see(double grid_import_w, double at_s) {
    exporting_s_ = grid_import_w < -200.0 ? exporting_s_ + plant_step_s : 0.0;
    longest_export_s = std::max(longest_export_s, exporting_s_);
    if (std::abs(grid_import_w) > band_w) last_outside_s = at_s;
    if (grid_import_w < lowest_import_w) lowest_import_w = grid_import_w;
  }
  double longest_export_s = 0.0;  ///< above 200 W
  double last_outside_s = 0.0;    ///< outside 0 +- band_w
  double band_w = 150.0;
  double lowest_import_w = 0.0;

 private:
  double exporting_s_ = 0.0;
};

}  // namespace hil::controller::tests
