#include "models/storage/cell_spread.h"

#include <gtest/gtest.h>

namespace hil::models {
namespace {

// At rest, soc .10 +- .01: published 3.18105 V and 3.20265 V around 3.19666 V.
TEST(CellSpread, ShowsTheLowestAndHighestCell) {
  const CellSpread spread{{.start_spread_soc = 0.02, .temperature_spread_k = 3.0}};
  const CellSpread::Cells cells = spread.evaluate(3.19666, 0.10, 25.0);
  EXPECT_NEAR(cells.cell_min_v, 3.18105, 1e-9);
  EXPECT_NEAR(cells.cell_max_v, 3.20265, 1e-9);
  EXPECT_EQ(cells.cell_min_c, 23.5);
  EXPECT_EQ(cells.cell_max_c, 26.5);
}

// 4.2: 5 mV on the plateau hide 10 % of soc. .55 +- .05 reads 3.30347 - 3.29948 = 3.99 mV.
TEST(CellSpread, HidesTenPercentInFiveMillivoltsOnThePlateau) {
  const CellSpread spread{{.start_spread_soc = 0.10}};
  const CellSpread::Cells cells = spread.evaluate(3.30137, 0.55, 25.0);
  EXPECT_NEAR(cells.cell_max_v - cells.cell_min_v, 0.00399, 1e-9);
}

// Strong to weak 4 %: discharged by .5 of the mean, the weak cell lost .5 / .98, the strong one .5 / 1.02.
TEST(CellSpread, EmptiesTheWeakCellFaster) {
  CellSpread spread{{.capacity_spread = 0.04}};
  spread.advance(1.0, -0.5, 100.0, {});
  EXPECT_NEAR(spread.low_cell_soc_offset(), 0.5 - 0.5 / 0.98, 1e-12);
  EXPECT_NEAR(spread.high_cell_soc_offset(), 0.5 - 0.5 / 1.02, 1e-12);
}

// 50 mA for 20 hours are 1 Ah: 1 % of 100 Ah. Nothing below 3.40 V or within 10 mV.
TEST(CellSpread, BleedsTheHighCellOnlyWhenItIsHighAndApart) {
  const CellSpread::Parameters parameters{.start_spread_soc = 0.02, .balancing_a = 0.05};
  const auto offset_after_20_h = [&](double cell_min_v, double cell_max_v) {
    CellSpread spread{parameters};
    spread.advance(72000.0, 0.0, 100.0, {.cell_min_v = cell_min_v, .cell_max_v = cell_max_v});
    return spread.high_cell_soc_offset();
  };
  EXPECT_NEAR(offset_after_20_h(3.40, 3.45), 0.0, 1e-12);
  EXPECT_EQ(offset_after_20_h(3.35, 3.39), 0.01);
  EXPECT_EQ(offset_after_20_h(3.44, 3.449), 0.01);
}

}  // namespace
}  // namespace hil::models
