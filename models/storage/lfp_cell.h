#pragma once

#include <array>

namespace hil::models {

/// The LFP cell of physics-and-standards 4.1 [simses 2769f80, BSD-3]: published tables, linear between rows.
///
/// A row is found by its number (1 % and 10 % of soc apart), never by search. Resistances are those of a long pulse,
/// carried in ohm times ampere hour: divide by the pack's Ah, multiply by its cells in series.
///
/// Left out: resistance below 10 and above 40 deg C, held flat as the reference says; a cell at -10 deg C has more.
/// Valid:    soc 0..1. Outside of it the last row is carried on: a cell beyond its pack's ends has to show it.
/// Checked against: every printed figure of both files, see tests/models/storage/lfp_cell_test.cpp.
namespace lfp_cell {

inline constexpr double table_c = 25.0;       ///< of the open-circuit table
inline constexpr double table_cell_ah = 3.0;  ///< of the cell whose ohms are tabulated
inline constexpr double absolute_zero_c = -273.15;
inline constexpr int open_circuit_rows = 101;  ///< soc 0, .01 .. 1
inline constexpr int resistance_rows = 11;     ///< soc 0, .1 .. 1

struct OpenCircuit {
  double open_circuit_v = 0.0;     ///< mean of charge and discharge
  double hysteresis_half_v = 0.0;  ///< added after a charge, taken off after a discharge
  double entropy_v_per_k = 0.0;    ///< d(open_circuit_v)/dT
};
struct ResistanceRow {
  std::array<double, 3> charge_ohm;  ///< at 10, 25, 40 deg C
  std::array<double, 3> discharge_ohm;
};
struct Resistance {
  double charge_ohm_ah = 0.0;
  double discharge_ohm_ah = 0.0;
};

extern const std::array<OpenCircuit, open_circuit_rows> open_circuit_table;
extern const std::array<ResistanceRow, resistance_rows> resistance_table;

/// All three figures at 25 deg C.
OpenCircuit open_circuit(double soc);
/// open_circuit_v + (temperature_c - 25) entropy_v_per_k.
double open_circuit_v(double soc, double temperature_c);
/// Linear over soc and, between 10, 25 and 40 deg C, over temperature.
Resistance resistance(double soc, double temperature_c);
/// Integral of the open-circuit voltage from soc 0, at 25 deg C; soc 0..1.
double open_circuit_integral_v(double soc);

}  // namespace lfp_cell
}  // namespace hil::models
