#include "models/generation/cell_temperature.h"

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

double faiman_cell_c(double air_c, double irradiance_w_m2, double wind_m_s) {
  return air_c + irradiance_w_m2 / (25.0 + 6.84 * wind_m_s);
}

double noct_cell_c(double air_c, double irradiance_w_m2, double noct_c) {
  return air_c + irradiance_w_m2 * (noct_c - 20.0) / 800.0;
}

CellTemperature::CellTemperature(const Parameters& parameters, const State& initial, std::chrono::nanoseconds step)
    : state_(initial) {
  require(std::isfinite(parameters.time_constant_s) && parameters.time_constant_s > 0.0, "time_constant_s",
          parameters.time_constant_s, "> 0");
  require(initial.cell_c >= -60.0 && initial.cell_c <= 150.0, "cell_c", initial.cell_c, "-60..150");
  const double step_s = std::chrono::duration<double>(step).count();
  require(step_s > 0.0, "step_s", step_s, "> 0");
  share_ = -std::expm1(-step_s / parameters.time_constant_s);
}

}  // namespace hil::models
