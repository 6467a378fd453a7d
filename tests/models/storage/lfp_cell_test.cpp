#include "models/storage/lfp_cell.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

// Every printed figure, exactly: both sides are the same decimal digits, read by the same rules.
TEST(LfpCell, HoldsTheWholePublishedOpenCircuitTable) {
  const auto rows = tests::reference_table("lfp_cell_sony26650_ocv_hysteresis_entropy.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data are not here";
  ASSERT_EQ(rows.size(), lfp_cell::open_circuit_table.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const lfp_cell::OpenCircuit& row = lfp_cell::open_circuit_table[i];
    EXPECT_NEAR(std::stod(rows[i][0]), static_cast<double>(i) / 100.0, 1e-12);
    EXPECT_EQ(row.open_circuit_v, std::stod(rows[i][1])) << "row " << i;
    EXPECT_EQ(row.hysteresis_half_v, std::stod(rows[i][2])) << "row " << i;
    EXPECT_EQ(row.entropy_v_per_k, std::stod(rows[i][3])) << "row " << i;
  }
}

TEST(LfpCell, HoldsTheWholePublishedResistanceTable) {
  const auto rows = tests::reference_table("lfp_cell_sony26650_resistance.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data are not here";
  ASSERT_EQ(rows.size(), lfp_cell::resistance_table.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_NEAR(std::stod(rows[i][0]), static_cast<double>(i) / 10.0, 1e-12);
    for (std::size_t column = 0; column < 3; ++column) {
      EXPECT_EQ(lfp_cell::resistance_table[i].charge_ohm[column], std::stod(rows[i][1 + column])) << "row " << i;
      EXPECT_EQ(lfp_cell::resistance_table[i].discharge_ohm[column], std::stod(rows[i][4 + column])) << "row " << i;
    }
  }
}

// Half way between the published rows .50 and .51, 10 and 25 deg C, .5 and .6; 1e-12: rounding.
TEST(LfpCell, IsLinearBetweenItsRows) {
  const lfp_cell::OpenCircuit half = lfp_cell::open_circuit(0.505);
  EXPECT_NEAR(half.open_circuit_v, (3.29948 + 3.29992) / 2.0, 1e-12);
  EXPECT_NEAR(half.hysteresis_half_v, (0.01871 + 0.01865) / 2.0, 1e-12);
  EXPECT_NEAR(half.entropy_v_per_k, (0.00011027 + 0.00011211) / 2.0, 1e-12);
  EXPECT_NEAR(lfp_cell::resistance(0.5, 17.5).charge_ohm_ah, 3.0 * (0.062648 + 0.044767) / 2.0, 1e-12);
  EXPECT_NEAR(lfp_cell::resistance(0.5, 32.5).discharge_ohm_ah, 3.0 * (0.047828 + 0.038376) / 2.0, 1e-12);
  EXPECT_NEAR(lfp_cell::resistance(0.55, 25.0).discharge_ohm_ah, 3.0 * (0.047828 + 0.044266) / 2.0, 1e-12);
}

TEST(LfpCell, HoldsItsResistanceOutsideTheTemperaturesAndShowsCellsBeyondTheirEnds) {
  EXPECT_EQ(lfp_cell::resistance(0.5, -30.0).charge_ohm_ah, lfp_cell::resistance(0.5, 10.0).charge_ohm_ah);
  EXPECT_EQ(lfp_cell::resistance(0.5, 60.0).charge_ohm_ah, lfp_cell::resistance(0.5, 40.0).charge_ohm_ah);
  // The last row carried on: 3.53049 + (3.53049 - 3.36180).
  EXPECT_NEAR(lfp_cell::open_circuit(1.01).open_circuit_v, 3.69918, 1e-9);
  EXPECT_NEAR(lfp_cell::open_circuit(-0.01).open_circuit_v, 2.28619 - 0.49715, 1e-9);
}

// .5 * (2.28619 + 2.78334) * .01, and warmer by 10 K at .5: 3.29948 + .0011027.
TEST(LfpCell, IntegratesAndWarmsItsOpenCircuitVoltage) {
  EXPECT_NEAR(lfp_cell::open_circuit_integral_v(0.01), 0.02534765, 1e-12);
  EXPECT_NEAR(lfp_cell::open_circuit_v(0.5, 35.0), 3.3005827, 1e-12);
}

}  // namespace
}  // namespace hil::models
