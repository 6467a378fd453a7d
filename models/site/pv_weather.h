#pragma once

#include <chrono>
#include <optional>

#include "models/generation/cell_temperature.h"
#include "models/generation/clouds.h"
#include "models/generation/plane_irradiance.h"

namespace hil::models {

/// Sun and air over a site.
struct WeatherSettings {
  SunSite sun;
  double linke_turbidity = 0.0;    ///< 1..10
  double start_utc_s = -1e18;      ///< seconds since 1970 at the start of the run
  double air_temperature_c = 1e9;  ///< -50..60
  double wind_m_s = -1.0;          ///< 0..50
  double clear_index = 1.0;        ///< 0..1.5, of the cloudless sky
  std::optional<BrokenClouds::Parameters> clouds{};
};

/// What every PV input of a site sees in a step.
struct WeatherNow {
  double clear_index = 1.0;
  double air_temperature_c = 20.0;
  double wind_m_s = 0.0;
};

/// Irradiance and cell temperature of one plane: clear sky times clear index, Faiman with thermal lag.
class PvWeather {
 public:
  /// Throws InvalidParameter.
  PvWeather(const WeatherSettings& weather, const Plane& plane, std::chrono::nanoseconds step);

  void advance(const WeatherNow& now);
  double irradiance_w_m2() const { return irradiance_.irradiance_w_m2(); }
  double cell_temperature_c() const { return cell_.cell_c(); }

 private:
  PlaneIrradiance irradiance_;
  CellTemperature cell_;
};

}  // namespace hil::models
