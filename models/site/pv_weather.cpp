#include "models/site/pv_weather.h"

#include <algorithm>

namespace hil::models {

namespace {

PlaneIrradiance::Parameters irradiance_of(const WeatherSettings& weather, const Plane& plane) {
  return {weather.sun, plane, weather.linke_turbidity, weather.start_utc_s};
}

double steady_c(const PlaneIrradiance& irradiance, const WeatherNow& now) {
  return faiman_cell_c(now.air_temperature_c, irradiance.irradiance_w_m2(), now.wind_m_s);
}

}  // namespace

// The run begins with cells as warm as the sky at its start makes them in the long run.
PvWeather::PvWeather(const WeatherSettings& weather, const Plane& plane, std::chrono::nanoseconds step)
    : irradiance_(irradiance_of(weather, plane), step),
      cell_(
          {CellTemperature::assumed_time_constant_s},
          {faiman_cell_c(weather.air_temperature_c, weather.clear_index * irradiance_.clear_w_m2(), weather.wind_m_s)},
          step) {}

void PvWeather::advance(const WeatherNow& now) {
  irradiance_.advance(now.clear_index);
  cell_.advance(steady_c(irradiance_, now));
}

const PvWeather* PvPlanes::of(const Plane& plane) {
  if (!weather_) return nullptr;
  const auto known =
      std::find_if(planes_.begin(), planes_.end(), [&](const Each& each) { return each.plane == plane; });
  if (known != planes_.end()) return known->weather.get();
  planes_.push_back({plane, std::make_unique<PvWeather>(*weather_, plane, step_)});
  return planes_.back().weather.get();
}

void PvPlanes::advance(const WeatherNow& now) {
  for (Each& each : planes_) each.weather->advance(now);
}

}  // namespace hil::models
