#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "models/generation/sun_position.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {

inline double utc_s(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
  using namespace std::chrono;
  const sys_days date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
  return static_cast<double>(date.time_since_epoch().count()) * 86400.0 + hour * 3600.0 + minute * 60.0 + second;
}

/// The place of P1 and P2.
inline SunSite golden() {
  return {.latitude_deg = 39.742476,
          .longitude_deg = -105.1786,
          .altitude_m = 1830.14,
          .pressure_pa = 82000.0,
          .air_temperature_c = 11.0,
          .delta_t_s = 67.0};
}

/// The place of P3 and P5; pressure of the standard atmosphere at 150 m.
inline SunSite bratislava() {
  return {.latitude_deg = 48.15,
          .longitude_deg = 17.11,
          .altitude_m = 150.0,
          .pressure_pa = 99500.0,
          .air_temperature_c = 12.0,
          .delta_t_s = 69.2};
}

inline std::vector<std::pair<std::string, double>> p3_instants() {
  return {{"mar_20", utc_s(2024, 3, 20, 11)}, {"jun_21", utc_s(2024, 6, 21, 11)}, {"dec_21", utc_s(2024, 12, 21, 11)}};
}

}  // namespace hil::models
