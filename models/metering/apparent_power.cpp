#include "models/metering/apparent_power.h"

namespace hil::models {

double arithmetic_va(const PhasePhasors& import_va) {
  return magnitude(import_va[0]) + magnitude(import_va[1]) + magnitude(import_va[2]);
}

double vector_va(const PhasePhasors& import_va) {
  return magnitude(import_va[0] + import_va[1] + import_va[2]);
}

double effective_va(const PhasePhasors& v, const PhasePhasors& i, double neutral_resistance_ratio) {
  const double line_neutral = std::norm(v[0]) + std::norm(v[1]) + std::norm(v[2]);
  const double line_line = std::norm(v[0] - v[1]) + std::norm(v[1] - v[2]) + std::norm(v[2] - v[0]);
  const double phases = std::norm(i[0]) + std::norm(i[1]) + std::norm(i[2]);
  const double neutral = std::norm(i[0] + i[1] + i[2]);
  const double voltage_square = (3.0 * line_neutral + line_line) / 18.0;
  const double current_square = (phases + neutral_resistance_ratio * neutral) / 3.0;
  return 3.0 * std::sqrt(voltage_square * current_square);
}

}  // namespace hil::models
