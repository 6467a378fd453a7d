#include "harness/report/check_limits.h"

#include <gtest/gtest.h>

#include "harness/report/violations.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

CheckSpec spec_of(CheckKind kind, Window window = {}) {
  CheckSpec spec;
  spec.kind = std::move(kind);
  spec.window = std::move(window);
  return spec;
}

const std::vector<Event> heater_at_60{{60s, "switch", "heater", "on"}, {60s, "mark", "heater_on", ""}};

TEST(CheckLimits, OfNeverAreItsBoundsOverItsWindow) {
  const auto limits =
      limits_of(spec_of(NeverCheck{"grid.export_w", 200.0, {}, 5s}, Window{10s, 400s, ""}), heater_at_60, 600s);
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0].signal, "grid.export_w");
  EXPECT_EQ(limits[0].level, 200.0);
  EXPECT_EQ(limits[0].side, CheckLimit::Side::highest);
  EXPECT_EQ(limits[0].from, sim::Time{10s});
  EXPECT_EQ(limits[0].until, sim::Time{400s});
  EXPECT_EQ(limits[0].longer_than, sim::Time{5s});
}

// Settled within 150 of 0 from 20 s after the mark at 60 s to the run's end.
TEST(CheckLimits, OfSettlesAreABandFromItsTimeOn) {
  const auto limits = limits_of(spec_of(SettlesCheck{"grid.import_w", 0.0, 150.0, 20s}, Window{0s, {}, "heater_on"}),
                                heater_at_60, 600s);
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(limits[0].level, 150.0);
  EXPECT_EQ(limits[1].level, -150.0);
  EXPECT_EQ(limits[0].from, sim::Time{80s});
  EXPECT_EQ(limits[1].until, sim::Time{600s});
}

TEST(CheckLimits, AreNoneWhileTheMarkHasNotCome) {
  EXPECT_TRUE(limits_of(spec_of(NeverCheck{"x_w", 1.0, {}, 0s}, Window{0s, {}, "later"}), heater_at_60, 600s).empty());
}

TEST(CheckLimits, OfABusAreNoneAndItHasNoSignal) {
  const CheckSpec bus = spec_of(BusCheck{"com1", 1500ms});
  EXPECT_TRUE(limits_of(bus, {}, 600s).empty());
  EXPECT_EQ(signals_of(bus), "");
  EXPECT_EQ(margin_scale(bus), 1.5);
}

TEST(CheckLimits, MakeMarginsComparable) {
  EXPECT_EQ(margin_scale(spec_of(NeverCheck{"x_w", -200.0, {}, 0s})), 200.0);
  EXPECT_EQ(margin_scale(spec_of(NeverCheck{"x_w", 0.0, {}, 0s})), std::nullopt);
  EXPECT_EQ(margin_scale(spec_of(EnergyCheck{"x_w", 100.0, 140.0})), 20.0);  // the middle is 20 Wh from either bound
  EXPECT_EQ(margin_scale(spec_of(TogetherCheck{"*.battery_soc", 0.02})), 0.02);
}

const std::vector<double> each_second{1, 2, 3, 4, 5, 6, 7, 8};

// Beyond 10 from 3 s to before 5 s, that is for 2 s, and from 7 s to the end.
const std::vector<double> beyond_twice{0, 10, 11, 12, 9, 0, 50, 60};

TEST(Violations, AreTheSamplesBeyondALimit) {
  CheckLimit limit{"x_w", 10.0, CheckLimit::Side::highest, 0s, 8s, 0s};
  const auto found = violations(limit, each_second, beyond_twice);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].points, (std::vector<PlotPoint>{{3, 11}, {4, 12}}));
  EXPECT_EQ(found[1].points, (std::vector<PlotPoint>{{7, 50}, {8, 60}}));
}

TEST(Violations, AreNoneForAsLongAsIsAllowedNorOutsideTheWindow) {
  CheckLimit limit{"x_w", 10.0, CheckLimit::Side::highest, 0s, 6s, 2s};
  EXPECT_TRUE(violations(limit, each_second, beyond_twice).empty());
  limit.longer_than = 1s;
  EXPECT_EQ(violations(limit, each_second, beyond_twice).size(), 1U);
}

TEST(Violations, OfALowestLevelAreBelowItAndOfALevelNone) {
  CheckLimit limit{"x_w", 1.0, CheckLimit::Side::lowest, 0s, 8s, 0s};
  EXPECT_EQ(violations(limit, each_second, beyond_twice).size(), 2U);
  limit.side = CheckLimit::Side::level;
  EXPECT_TRUE(violations(limit, each_second, beyond_twice).empty());
}

}  // namespace
}  // namespace hil::harness
