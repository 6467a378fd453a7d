#include "sim/devices/solax_counters.h"

#include <string>

namespace hil::sim {
namespace {

constexpr std::array<const char*, SolaxCounters::kinds> names{
    "pv", "battery_charge", "battery_discharge", "exported", "imported", "yield", "ac_charge", "off_grid"};

}  // namespace

void SolaxCounters::publish(DeviceFace& face) const {
  for (std::size_t i = 0; i < kinds; ++i) {
    face.signal(std::string(names[i]) + "_wh", &total_wh_[i]);
    face.signal(std::string(names[i]) + "_today_wh", &today_wh_[i]);
  }
  face.signal("hours_on_grid", &hours_on_grid_);
  face.signal("hours_off_grid", &hours_off_grid_);
}

void SolaxCounters::add(const Energies& step_wh, double step_h, bool islands, std::chrono::sys_days today) {
  if (today != today_) today_wh_ = {};
  today_ = today;
  for (std::size_t i = 0; i < kinds; ++i) {
    total_wh_[i] += step_wh[i];
    today_wh_[i] += step_wh[i];
  }
  (islands ? hours_off_grid_ : hours_on_grid_) += step_h;
}

void SolaxCounters::clear() {
  total_wh_ = {};
  today_wh_ = {};
}

}  // namespace hil::sim
