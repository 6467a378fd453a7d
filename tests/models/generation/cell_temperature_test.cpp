#include "models/generation/cell_temperature.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

TEST(CellTemperature, MeetsTheHandCalculation) {
  tests::ValidationCase expected{"generation/cell_temperature_hand"};
  expected.check("faiman_20c_800w_1m_s_c", faiman_cell_c(20.0, 800.0, 1.0));
  expected.check("faiman_0c_1000w_calm_c", faiman_cell_c(0.0, 1000.0, 0.0));
  expected.check("noct_45_20c_800w_c", noct_cell_c(20.0, 800.0, 45.0));
  expected.check("noct_47_30c_1000w_c", noct_cell_c(30.0, 1000.0, 47.0));
  CellTemperature cell{{.time_constant_s = 420.0}, {.cell_c = 10.0}, 20ms};
  for (int step = 0; step < 420 * 50; ++step) cell.advance(50.0);
  expected.check("lag_after_one_time_constant_c", cell.cell_c());
}

// First order is exact at any step: 420 steps of 1 s end where 21000 steps of 20 ms do. 1e-9: rounding.
TEST(CellTemperature, DoesNotDependOnTheStep) {
  CellTemperature fine{{.time_constant_s = 300.0}, {.cell_c = 10.0}, 20ms};
  CellTemperature coarse{{.time_constant_s = 300.0}, {.cell_c = 10.0}, 1s};
  for (int step = 0; step < 420 * 50; ++step) fine.advance(50.0);
  for (int step = 0; step < 420; ++step) coarse.advance(50.0);
  EXPECT_NEAR(fine.cell_c(), coarse.cell_c(), 1e-9);
}

TEST(CellTemperature, RefusesParametersOutOfRange) {
  EXPECT_THROW(CellTemperature({}, {.cell_c = 20.0}, 1s), InvalidParameter);
  EXPECT_THROW(CellTemperature({.time_constant_s = 420.0}, {}, 1s), InvalidParameter);
  EXPECT_THROW(CellTemperature({.time_constant_s = std::nan("")}, {.cell_c = 20.0}, 1s), InvalidParameter);
  EXPECT_THROW(CellTemperature({.time_constant_s = 420.0}, {.cell_c = 20.0}, 0s), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
