#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

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

/// The planes of a site, each once however many PV inputs lie in it.
class PvPlanes {
 public:
  /// Without `weather` there are none. Throws InvalidParameter.
  PvPlanes(const std::optional<WeatherSettings>& weather, std::chrono::nanoseconds step)
      : weather_(weather), step_(step) {}

  /// What inputs in this plane see from now on; nullptr without weather. Throws InvalidParameter.
  const PvWeather* of(const Plane& plane);
  void advance(const WeatherNow& now);

 private:
  struct Each {
    Plane plane;
    std::unique_ptr<PvWeather> weather;  ///< stays where it is
  };
  std::optional<WeatherSettings> weather_;
  std::chrono::nanoseconds step_;
  std::vector<Each> planes_;
};

}  // namespace hil::models
