#include "sim/devices/et_counters.h"

#include <string>

namespace hil::sim {
namespace {

constexpr std::array<const char*, EtCounters::kinds> names{"pv",   "exported",       "imported",
                                                           "load", "battery_charge", "battery_discharge"};
constexpr double highest_wh = 429496729500.0;  // 32 bits of 0.1 kWh
constexpr double highest_h = 4294967295.0;

}  // namespace

void EtCounters::publish(DeviceFace& face) {
  for (std::size_t i = 0; i < kinds; ++i) {
    face.setting(std::string(names[i]) + "_wh", &total_wh_[i], 0.0, highest_wh);
    face.setting(std::string(names[i]) + "_today_wh", &today_wh_[i], 0.0, highest_wh);
  }
  face.setting("operating_h", &operating_h_, 0.0, highest_h);
}

void EtCounters::add(const Energies& step_wh, double step_h, std::chrono::sys_days today) {
  if (today != today_) today_wh_ = {};
  today_ = today;
  for (std::size_t i = 0; i < kinds; ++i) {
    total_wh_[i] += step_wh[i];
    today_wh_[i] += step_wh[i];
  }
  operating_h_ += step_h;
}

void EtCounters::clear() {
  total_wh_ = {};
  today_wh_ = {};
}

}  // namespace hil::sim
