#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "controller/solax/solax_ems.h"

namespace hil::controller::test {

/// Parallel inverters at one meter, as simple as an energy manager can be tried on: dead time and first-order lag of
/// 0.2 s each, no losses, batteries of 10 kWh. Statuses come each 100 ms, the meter's mean each 200 ms; both can be
/// made older. Orders count for a secondary as long as they say.
class SmallSystem {
 public:
  struct Unit {
    double soc = 0.5;
    double pv_w = 0.0;
    bool linked = true;  ///< on CAN
    bool dark = false;   ///< and feeds nothing
    double ac_w = 0.0;
    double ordered_w = 0.0;
    double ordered_var = 0.0;
    Time ordered_until{0};
    std::deque<double> path{};  ///< dead time
    std::deque<double> means{};
  };
  static constexpr Time step = std::chrono::milliseconds{20};
  static constexpr double rated_w = 7600.0;
  static constexpr double capacity_wh = 10'000.0;
  static constexpr double floor_soc = 0.1;

  SmallSystem(const SolaxEmsSettings& settings, std::size_t count) : ems{settings}, units(count) {}

  double sum_w() const {
    double sum = 0.0;
    for (const Unit& unit : units) sum += unit.ac_w;
    return sum;
  }
  double import_w() const { return load_w - sum_w(); }
  double room_w(const Unit& unit) const { return unit.soc < 1.0 ? battery_w : 0.0; }

  void run(Time duration) {
    for (const Time end = now + duration; now < end; now += step) advance();
  }

  SolaxEms ems;
  std::vector<Unit> units;
  double load_w = 0.0;
  double battery_w = 7600.0;  ///< most charge and discharge of each
  bool meter_answers = true;
  bool meter_hangs = false;  ///< and answers what it showed last
  double meter_quantum_w = 0.0;
  std::size_t meter_older = 0;   ///< of the meter, in its means of 200 ms
  std::size_t status_older = 0;  ///< likewise, of 100 ms
  Time now{0};
  double most_export_w = 0.0;

 private:
  static constexpr std::size_t dead_steps = 10;

  void advance() {
    for (std::size_t k = 0; k < units.size(); ++k) move(units[k], k);
    most_export_w = std::max(most_export_w, -import_w());
    sum_import_w_ += import_w();
    ++samples_;
    if (now % std::chrono::milliseconds{200} == Time{0}) {
      const double mean_w = sum_import_w_ / static_cast<double>(samples_);
      const double shown_w = meter_quantum_w > 0.0 ? meter_quantum_w * std::round(mean_w / meter_quantum_w) : mean_w;
      if (!meter_hangs) imports_.push_front(shown_w);
      sum_import_w_ = 0.0;
      samples_ = 0;
      if (imports_.size() > 8) imports_.pop_back();
    }
    if (now % SolaxEms::cycle == Time{0}) cycle();
  }

  void move(Unit& unit, std::size_t k) {
    const bool follows = k == 0 || now < unit.ordered_until;
    unit.path.push_back(follows ? unit.ordered_w : 0.0);
    if (unit.path.size() <= dead_steps) return;
    double wanted_w = unit.path.front();
    unit.path.pop_front();
    const double most_w = std::min(rated_w, unit.pv_w + (unit.soc > floor_soc ? battery_w : 0.0));
    wanted_w = unit.dark ? 0.0 : std::clamp(wanted_w, std::max(-rated_w, -room_w(unit)), most_w);
    constexpr double share = 0.1;  // of 20 ms in 0.2 s
    unit.ac_w += share * (wanted_w - unit.ac_w);
    if (unit.dark) unit.ac_w = 0.0;
    const double pv_w = std::min(unit.pv_w, unit.ac_w + room_w(unit));
    const double hours = std::chrono::duration<double, std::ratio<3600>>(step).count();
    unit.soc = std::clamp(unit.soc - (unit.ac_w - pv_w) * hours / capacity_wh, 0.0, 1.0);
  }

  void cycle() {
    for (std::size_t k = 0; k < units.size(); ++k) {
      Unit& unit = units[k];
      unit.means.push_front(unit.ac_w);
      if (unit.means.size() > 8) unit.means.pop_back();
      const SolaxReadings readings = said_by(unit);
      if (k == 0) {
        ems.own_readings(readings, now);
      } else if (unit.linked && !unit.dark) {
        send_status(k, readings);
      }
    }
    if (meter_answers && imports_.size() > meter_older) {
      const std::array<double, 2> legs{imports_[meter_older] / 2.0, imports_[meter_older] / 2.0};
      ems.meter_read(legs, now);
    }
    ems.woken(now);
    units[0].ordered_w = ems.output().own_ac_w;
    units[0].ordered_var = ems.output().own_var;
    for (std::size_t i = 0; i < ems.output().count; ++i) obey(ems.output().frames[i]);
    ems.sent();
  }

  SolaxReadings said_by(const Unit& unit) const {
    const double ac_w = unit.means[std::min(status_older, unit.means.size() - 1)];
    const double pv_w = std::min(unit.pv_w, ac_w + room_w(unit));
    return {.ac_injection_w = ac_w,
            .battery_discharge_w = ac_w - pv_w,
            .pv_w = pv_w,
            .pv_offered_w = unit.pv_w,
            .max_charge_w = room_w(unit),
            .max_discharge_w = unit.soc > floor_soc ? battery_w : 0.0,
            .capacity_wh = capacity_wh,
            .rated_w = rated_w,
            .soc = unit.soc,
            .soc_floor = floor_soc,
            .run_mode = 2};
  }

  static void put(CanMessage& message, double value) {
    const auto word = static_cast<std::uint16_t>(std::lround(value));
    message.data[message.length++] = static_cast<std::uint8_t>(word >> 8);
    message.data[message.length++] = static_cast<std::uint8_t>(word & 0xFF);
  }
  void send_status(std::size_t k, const SolaxReadings& readings) {
    std::array<CanMessage, status_pages> pages{};
    for (std::size_t page = 0; page < pages.size(); ++page) {
      pages[page].id = 0x1850'0000U + 0x1'0000U * static_cast<std::uint32_t>(page) + static_cast<std::uint32_t>(k);
    }
    for (const double value :
         {readings.ac_injection_w, readings.battery_discharge_w, readings.pv_w, readings.pv_offered_w}) {
      put(pages[0], value);
    }
    for (const double value :
         {readings.max_charge_w, readings.max_discharge_w, readings.capacity_wh / 10.0, readings.rated_w / 10.0}) {
      put(pages[1], value);
    }
    put(pages[2], readings.soc * 1000.0);
    put(pages[2], std::round(readings.soc_floor * 100.0) * 256.0 + readings.run_mode);
    put(pages[2], 0.0);
    for (const CanMessage& page : pages) ems.frame_arrived(page, now);
  }
  void obey(const CanMessage& message) {
    const std::size_t to = message.id & 0xFF;
    if ((message.id >> 16) != 0x1840 || to >= units.size() || !units[to].linked || units[to].dark) return;
    Unit& unit = units[to];
    const auto power_w = static_cast<std::int16_t>(message.data[0] << 8 | message.data[1]);
    unit.ordered_w = message.data[4] == 1 ? power_w : 0.0;
    unit.ordered_var = static_cast<std::int16_t>(message.data[5] << 8 | message.data[6]);
    unit.ordered_until = now + std::chrono::milliseconds{100} * message.data[3];
  }

  std::deque<double> imports_{};
  double sum_import_w_ = 0.0;
  int samples_ = 0;
};

}  // namespace hil::controller::test
