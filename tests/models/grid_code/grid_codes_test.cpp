#include "models/grid_code/grid_codes.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "models/grid_code/demand_response.h"
#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;

TEST(GridCodes, AreFoundByNameAndAcceptedByTheirModels) {
  std::set<std::string_view> names;
  for (const GridCode& grid_code : grid_codes()) {
    EXPECT_TRUE(names.insert(grid_code.name).second) << grid_code.name;
    EXPECT_EQ(find_grid_code(grid_code.name), &grid_code);
    EXPECT_NO_THROW(GridMeasurement(grid_code.measurement, bench_step)) << grid_code.name;
    EXPECT_NO_THROW(InterfaceProtection(grid_code.protection, bench_step)) << grid_code.name;
    EXPECT_NO_THROW(GridSupport(grid_code.support, bench_step)) << grid_code.name;
  }
  EXPECT_EQ(find_grid_code("none"), &grid_codes().front());
  EXPECT_EQ(find_grid_code("ieee1547"), nullptr);
}

/// As the maker prints them: a window from 0.85 pu, one of them from 2.5 Hz below nominal, and a trip at 0.88 pu (1.5
/// Hz).
bool connects_beyond_its_slow_trips(const GridCode& grid_code) {
  const bool does = grid_code.name == "sinexcel_1741sa" || grid_code.name == "sinexcel_hawaii";
  if (does) {
    EXPECT_EQ(grid_code.protection.after_trip.lowest_pu, 0.85);
    EXPECT_EQ(grid_code.protection.undervoltage[0].threshold, 0.88);
    EXPECT_EQ(grid_code.protection.undervoltage[0].delay, std::chrono::seconds{21});
  }
  return does;
}

// Else an inverter would connect only to trip, or never connect on a nominal grid.
TEST(GridCodes, ConnectOnANominalGridAndInsideTheirOwnTrips) {
  for (const GridCode& grid_code : grid_codes()) {
    for (const EnterService& window : {grid_code.protection.first_start, grid_code.protection.after_trip}) {
      EXPECT_LT(window.lowest_pu, 1.0) << grid_code.name;
      EXPECT_GT(window.highest_pu, 1.0) << grid_code.name;
      EXPECT_LT(window.lowest_hz, grid_code.nominal_frequency_hz) << grid_code.name;
      EXPECT_GT(window.highest_hz, grid_code.nominal_frequency_hz) << grid_code.name;
      if (connects_beyond_its_slow_trips(grid_code)) continue;
      for (const TripStage& stage : grid_code.protection.undervoltage) EXPECT_GE(window.lowest_pu, stage.threshold);
      for (const TripStage& stage : grid_code.protection.overfrequency) EXPECT_LE(window.highest_hz, stage.threshold);
      for (const TripStage& stage : grid_code.protection.underfrequency) EXPECT_GE(window.lowest_hz, stage.threshold);
      for (const TripStage& stage : grid_code.protection.overvoltage) {
        if (!stage.on_ten_minute_mean) {
          EXPECT_LE(window.highest_pu, stage.threshold) << grid_code.name;
        }
      }
    }
  }
}

TEST(DemandResponse, LimitsImportAndGenerationByMode) {
  ValidationCase rows("grid_code/demand_response");
  for (const std::string& quantity : rows.quantities()) {
    // "drm" and the asserted modes by their digits, then the quantity: "drm56_generation".
    const auto split = quantity.find('_');
    DemandResponseModes asserted;
    for (const char digit : quantity.substr(3, split - 3)) asserted.set(static_cast<std::size_t>(digit - '0'));
    const DemandResponse response = demand_response(asserted);
    const std::string what = quantity.substr(split + 1);
    double computed = -1.0;
    if (what == "import") computed = response.import_ceiling;
    if (what == "generation") computed = response.generation_ceiling;
    if (what == "disconnect") computed = response.disconnect;
    if (what == "absorb") computed = response.absorb_reactive;
    if (what == "increase_import") computed = response.increase_import;
    if (what == "increase_generation") computed = response.increase_generation;
    rows.check(quantity, computed);
  }
}

TEST(DemandResponse, AsksForNothingWithoutAnAssertedMode) {
  EXPECT_EQ(demand_response({}), DemandResponse{});
}

TEST(DemandResponse, LetsALimitWinOverARequestForMore) {
  EXPECT_FALSE(demand_response(DemandResponseModes{0b0'0001'0010}).increase_import);  // DRM1 and DRM4
  EXPECT_TRUE(demand_response(DemandResponseModes{0b0'0001'0000}).increase_import);
}

TEST(RippleControl, TakesTheClosedContactAndTheLowestOfSeveralWithAWarning) {
  const auto fraction = [](unsigned closed) { return ripple_control(std::bitset<4>{closed}).feed_in_ceiling; };
  EXPECT_EQ(fraction(0b0001), 1.0);
  EXPECT_EQ(fraction(0b0010), 0.6);
  EXPECT_EQ(fraction(0b0100), 0.3);
  EXPECT_EQ(fraction(0b1000), 0.0);
  EXPECT_EQ(fraction(0b0110), 0.3);
  EXPECT_FALSE(ripple_control(std::bitset<4>{0b0010}).unclear);
  EXPECT_TRUE(ripple_control(std::bitset<4>{0b0110}).unclear);
  EXPECT_TRUE(ripple_control({}).unclear);
  EXPECT_EQ(ripple_control({}, 1.0).feed_in_ceiling, 1.0);
}

}  // namespace hil::tests
