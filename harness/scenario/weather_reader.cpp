#include <fmt/core.h>

#include <cmath>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/derived_seed.h"
#include "harness/scenario/names.h"
#include "harness/scenario/site_reader.h"
#include "harness/scenario/time_stamp.h"

namespace hil::harness {
namespace {

constexpr Bounds clear_index{.lowest = 0.0, .highest = 1.5};
constexpr Bounds span{.lowest = 0.1, .highest = 36'000.0};
constexpr double mean_air_c = 12.0;  // of a year; only refraction depends on it
constexpr double delta_t_s = 69.2;   // of 2024; a second of it moves the sun by 0.00004 degrees

/// ISA: p = 101325 Pa (1 - 2.25577e-5 h)^5.25588.
double standard_pressure_pa(double altitude_m) {
  return 101'325.0 * std::pow(1.0 - 2.25577e-5 * altitude_m, 5.25588);
}

void read_span(AssumingReader& reader, ElementReader& element, const std::string& what,
               models::BrokenClouds::Span& span_s) {
  reader.number(what + "_min_s", span_s.min_s, span);
  reader.number(what + "_max_s", span_s.max_s, span);
  if (span_s.max_s < span_s.min_s) {
    element.fault_between(
        {what + "_max_s", what + "_min_s"},
        fmt::format("{0}_max_s is {1}, must be >= {0}_min_s ({2})", what, span_s.max_s, span_s.min_s));
  }
}

models::BrokenClouds::Parameters read_clouds(const Element& element, SiteReading& reading) {
  models::BrokenClouds::Parameters clouds{.seed = derived_seed(reading.seed, "clouds"),
                                          .gap_index = 1.0,
                                          .cloud_min_index = 0.2,
                                          .cloud_max_index = 0.5,
                                          .gap = {20.0, 180.0},
                                          .cloud = {20.0, 120.0},
                                          .edge = {2.0, 15.0}};
  ElementReader reader{element, reading.diagnostics};
  AssumingReader figures{reader, "clouds: ", "assumed: a day of broken clouds", &reading.assumed};
  figures.number("gap_index", clouds.gap_index, clear_index);
  figures.number("cloud_min_index", clouds.cloud_min_index, clear_index);
  figures.number("cloud_max_index", clouds.cloud_max_index, clear_index);
  if (clouds.cloud_max_index < clouds.cloud_min_index) {
    reader.fault_between({"cloud_max_index", "cloud_min_index"},
                         fmt::format("cloud_max_index is {}, must be >= cloud_min_index ({})", clouds.cloud_max_index,
                                     clouds.cloud_min_index));
  }
  read_span(figures, reader, "gap", clouds.gap);
  read_span(figures, reader, "cloud", clouds.cloud);
  read_span(figures, reader, "edge", clouds.edge);
  reader.finish();
  require_buildable(reader, [&] { models::BrokenClouds{clouds, reading.step}; });
  return clouds;
}

}  // namespace

models::WeatherSettings read_weather(const Element& element, SiteReading& reading) {
  models::WeatherSettings weather;
  weather.sun.altitude_m = 0.0;
  weather.sun.air_temperature_c = mean_air_c;
  weather.sun.delta_t_s = delta_t_s;
  weather.linke_turbidity = 3.0;
  weather.air_temperature_c = reading.ambient_c;
  weather.wind_m_s = 1.0;
  ElementReader reader{element, reading.diagnostics};
  reader.number("latitude_deg", weather.sun.latitude_deg, {.lowest = -90.0, .highest = 90.0});
  reader.number("longitude_deg", weather.sun.longitude_deg, {.lowest = -180.0, .highest = 180.0});
  std::string start;
  if (reader.text("start_utc", start)) {
    if (const auto seconds = parse_utc_stamp(start)) {
      weather.start_utc_s = *seconds;
    } else {
      reader.fault_of("start_utc", fmt::format("start_utc is {}, must be a UTC time of 1950..2099 such as {}",
                                               in_quotes(start), time_stamp_form));
    }
  }
  AssumingReader figures{reader, "weather: ", "assumed: sea level, rural air, a light breeze", &reading.assumed};
  figures.number("altitude_m", weather.sun.altitude_m, {.lowest = -500.0, .highest = 9000.0});
  figures.number("linke_turbidity", weather.linke_turbidity, {.lowest = 1.0, .highest = 10.0});
  figures.number("wind_m_s", weather.wind_m_s, {.lowest = 0.0, .highest = 50.0});
  reader.number("air_temperature_c", weather.air_temperature_c, {.lowest = -50.0, .highest = 60.0}, Need::optional);
  reader.number("clear_index", weather.clear_index, clear_index, Need::optional);
  const Element* clouds = reader.child("clouds", Need::optional);
  if (clouds != nullptr && element.attribute("clear_index") != nullptr) {
    reader.fault_between({"clear_index"}, "clear_index has no effect beside <clouds>: their gap_index says it");
  }
  if (clouds != nullptr) weather.clouds = read_clouds(*clouds, reading);
  reader.finish();
  weather.sun.pressure_pa = standard_pressure_pa(weather.sun.altitude_m);
  return weather;
}

}  // namespace hil::harness
