#include "models/storage/lfp_cell.h"

#include <algorithm>

namespace hil::models::lfp_cell {

namespace {

constexpr double cold_c = 10.0;
constexpr double middle_c = 25.0;
constexpr double warm_c = 40.0;

/// Row below `soc` of a table with `rows` rows over 0..1, such that there is a row above.
int row_below(double soc, int rows) {
  return std::clamp(static_cast<int>(std::clamp(soc, 0.0, 1.0) * (rows - 1)), 0, rows - 2);
}

double between(double low, double high, double share) {
  return low + (high - low) * share;
}

/// Between the columns 10, 25 and 40 deg C, flat outside.
double over_temperature(const std::array<double, 3>& ohm, double temperature_c) {
  const double held_c = std::clamp(temperature_c, cold_c, warm_c);
  if (held_c < middle_c) return between(ohm[0], ohm[1], (held_c - cold_c) / (middle_c - cold_c));
  return between(ohm[1], ohm[2], (held_c - middle_c) / (warm_c - middle_c));
}

}  // namespace

OpenCircuit open_circuit(double soc) {
  const int row = row_below(soc, open_circuit_rows);
  const OpenCircuit& low = open_circuit_table[static_cast<std::size_t>(row)];
  const OpenCircuit& high = open_circuit_table[static_cast<std::size_t>(row) + 1];
  const double share = soc * (open_circuit_rows - 1) - row;
  return {between(low.open_circuit_v, high.open_circuit_v, share),
          between(low.hysteresis_half_v, high.hysteresis_half_v, std::clamp(share, 0.0, 1.0)),
          between(low.entropy_v_per_k, high.entropy_v_per_k, std::clamp(share, 0.0, 1.0))};
}

double open_circuit_v(double soc, double temperature_c) {
  const OpenCircuit at = open_circuit(soc);
  return at.open_circuit_v + (temperature_c - table_c) * at.entropy_v_per_k;
}

Resistance resistance(double soc, double temperature_c) {
  const int row = row_below(soc, resistance_rows);
  const ResistanceRow& low = resistance_table[static_cast<std::size_t>(row)];
  const ResistanceRow& high = resistance_table[static_cast<std::size_t>(row) + 1];
  const double share = std::clamp(soc, 0.0, 1.0) * (resistance_rows - 1) - row;
  const auto at = [&](const std::array<double, 3>& below, const std::array<double, 3>& above) {
    return table_cell_ah *
           between(over_temperature(below, temperature_c), over_temperature(above, temperature_c), share);
  };
  return {at(low.charge_ohm, high.charge_ohm), at(low.discharge_ohm, high.discharge_ohm)};
}

double open_circuit_integral_v(double soc) {
  const int row = row_below(soc, open_circuit_rows);
  const double width = 1.0 / (open_circuit_rows - 1);
  double integral = 0.0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(row); ++i) {
    integral += width * (open_circuit_table[i].open_circuit_v + open_circuit_table[i + 1].open_circuit_v) / 2.0;
  }
  const double low_v = open_circuit_table[static_cast<std::size_t>(row)].open_circuit_v;
  return integral + (soc - row * width) * (low_v + open_circuit(soc).open_circuit_v) / 2.0;
}

}  // namespace hil::models::lfp_cell
