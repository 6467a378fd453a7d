#include "sim/devices/supplied_battery.h"

namespace hil::sim {
namespace {

constexpr double highest_word = 65535.0;
constexpr double highest_double_word = 4294967295.0;
constexpr double tenths = 6553.5;  // of one word

}  // namespace

void SuppliedBattery::publish(DeviceFace& face) {
  const auto supplied = [&](const char* name, double* value, double lowest, double highest) {
    face.setting(name, value, lowest, highest);
    face.when_written([this] { written_ = now_; });
  };
  face.setting("battery_protocol", &protocol_, 0.0, highest_word);
  face.when_written([this] { written_ = now_; });
  supplied("supplied_version", &version_, 0.0, highest_word);
  supplied("supplied_modules", &modules_, 0.0, highest_word);
  supplied("supplied_max_charge_v", &max_charge_v_, 0.0, tenths);
  supplied("supplied_max_charge_a", &max_charge_a_, 0.0, tenths);
  supplied("supplied_min_discharge_v", &min_discharge_v_, 0.0, tenths);
  supplied("supplied_max_discharge_a", &max_discharge_a_, 0.0, tenths);
  supplied("supplied_battery_v", &battery_v_, 0.0, tenths);
  supplied("supplied_battery_a", &battery_a_, 0.0, tenths);
  supplied("supplied_soc", &soc_, 0.0, 1.0);
  supplied("supplied_soh", &soh_, 0.0, 1.0);
  supplied("supplied_battery_c", &temperature_c_, -3276.8, 3276.7);
  supplied("supplied_warnings", &warnings_, 0.0, highest_double_word);
  supplied("supplied_alarms", &alarms_, 0.0, highest_double_word);
  supplied("supplied_status", &status_, 0.0, highest_word);
  supplied("supply_detection_off", &detection_off_, 0.0, 1.0);
}

bool SuppliedBattery::silent() const {
  return active() && detection_off_ == 0.0 && now_ - written_ > silence_limit;
}

}  // namespace hil::sim
