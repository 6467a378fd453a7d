#include "harness/report/check_limits.h"
#include "harness/scenario/check_signals.h"

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

// 100 to 140 Wh in half an hour are 200 to 280 W on the mean.
TEST(CheckLimits, OfAnEnergyAreItsBoundsAsMeanPower) {
  const auto limits = limits_of(spec_of(EnergyCheck{"load_w", 100.0, 140.0}, Window{0s, 1800s, ""}), {}, 3600s);
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(limits[0].level, 200.0);
  EXPECT_EQ(limits[1].level, 280.0);
  EXPECT_EQ(limits[0].side, CheckLimit::Side::level);
  EXPECT_EQ(limits[0].note, "mean ");
}

TEST(CheckLimits, AreNoneWhileTheMarkHasNotCome) {
  EXPECT_TRUE(limits_of(spec_of(NeverCheck{"x_w", 1.0, {}, 0s}, Window{0s, {}, "later"}), heater_at_60, 600s).empty());
}

TEST(CheckLimits, OfABusAreNoneAndItHasNoSignal) {
  const CheckSpec bus = spec_of(BusCheck{"com1", 1500ms});
  EXPECT_TRUE(limits_of(bus, {}, 600s).empty());
  EXPECT_TRUE(signals_of(bus).empty());
  EXPECT_EQ(margin_scale(bus), 1.5);
}

TEST(CheckLimits, MakeMarginsComparable) {
  EXPECT_EQ(margin_scale(spec_of(NeverCheck{"x_w", -200.0, {}, 0s})), 200.0);
  EXPECT_EQ(margin_scale(spec_of(NeverCheck{"x_w", 0.0, {}, 0s})), std::nullopt);
  EXPECT_EQ(margin_scale(spec_of(EnergyCheck{"x_w", 100.0, 140.0})), 20.0);  // the middle is 20 Wh from either bound
  EXPECT_EQ(margin_scale(spec_of(TogetherCheck{"*.battery_soc", 0.02})), 0.02);
}

// always (49.9 < f < 50.1), judged over the whole window.
TEST(CheckLimits, OfAlwaysAreItsBounds) {
  const FormulaCheck always{
      stl::temporal(stl::Formula::Kind::always, {},
                    stl::combined(stl::Formula::Kind::conjunction, stl::beyond("grid.frequency_hz", true, 49.9),
                                  stl::beyond("grid.frequency_hz", false, 50.1)))};
  const auto limits = limits_of(spec_of(always, Window{10s, {}, ""}), {}, 60s);
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_DOUBLE_EQ(limits[0].level, 49.9);
  EXPECT_EQ(limits[0].side, CheckLimit::Side::lowest);
  EXPECT_DOUBLE_EQ(limits[1].level, 50.1);
  EXPECT_EQ(limits[1].side, CheckLimit::Side::highest);
  EXPECT_EQ(limits[1].from, sim::Time{10s});
  EXPECT_EQ(limits[1].until, sim::Time{60s});
  EXPECT_NEAR(margin_scale(spec_of(always)).value_or(0.0), 0.1, 1e-9);  // the middle is 0.1 Hz from either bound
}

// always (import > 2000 implies eventually[0,5] import < 500): nothing of it must hold by itself.
TEST(CheckLimits, OfWhatMayBeMadeUpForAreLevels) {
  const auto formula = stl::temporal(
      stl::Formula::Kind::always, {},
      stl::combined(
          stl::Formula::Kind::implication, stl::beyond("grid.import_w", true, 2000.0),
          stl::temporal(stl::Formula::Kind::eventually, {0s, 5s}, stl::beyond("grid.import_w", false, 500.0))));
  const auto limits = limits_of(spec_of(FormulaCheck{formula}), {}, 60s);
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(limits[0].level, 2000.0);
  EXPECT_EQ(limits[0].side, CheckLimit::Side::level);
  EXPECT_EQ(limits[1].side, CheckLimit::Side::level);
  EXPECT_EQ(margin_scale(spec_of(FormulaCheck{formula})), 500.0);
  EXPECT_EQ(signals_of(spec_of(FormulaCheck{formula})), (std::vector<std::string>{"grid.import_w"}));
}

// never[5,10] |x| > 3 is always[5,10] of -3 <= x <= 3.
TEST(CheckLimits, OfNeverInAFormulaAreOnTheOtherSide) {
  stl::Formula beyond_three;
  beyond_three.expression.linear.constant = -3.0;
  beyond_three.expression.magnitudes = {{1.0, {{{1.0, "x_w"}}}}};
  stl::Formula not_once{stl::Formula::Kind::negation};
  not_once.operands = {stl::temporal(stl::Formula::Kind::eventually, {5s, 10s}, beyond_three)};
  const auto limits = limits_of(spec_of(FormulaCheck{not_once}, Window{1s, {}, ""}), {}, 60s);
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(limits[0].level, 3.0);
  EXPECT_EQ(limits[0].side, CheckLimit::Side::highest);
  EXPECT_EQ(limits[1].level, -3.0);
  EXPECT_EQ(limits[1].side, CheckLimit::Side::lowest);
  EXPECT_EQ(limits[0].from, sim::Time{6s});
  EXPECT_EQ(limits[0].until, sim::Time{11s});
}

// From 800 to 6800 at 8 s, +-200, half a second early or late: above 1000 only from 7.5 s on, below 6600 until 8.5 s.
TEST(CheckLimits, OfAStepAreItsBand) {
  FollowsCheck step{.signal = "site.load_w", .reference = "", .points = {{8s, 800.0}, {8s, 6800.0}}, .within = 200.0};
  step.time_tolerance = 500ms;
  const auto limits = limits_of(spec_of(step), {}, 20s);
  ASSERT_EQ(limits.size(), 6U);
  EXPECT_EQ(limits[0].level, 1000.0);
  EXPECT_EQ(limits[0].until, sim::Time{7500ms});
  EXPECT_EQ(limits[1].level, 600.0);
  EXPECT_EQ(limits[2].level, 7000.0);
  EXPECT_EQ(limits[3].level, 600.0);
  EXPECT_EQ(limits[3].until, sim::Time{8500ms});
  EXPECT_EQ(limits[5].level, 6600.0);
  EXPECT_EQ(limits[5].until, sim::Time{20s});
}

// 0 to 100 between 10 s and 20 s: 10 W/s.
TEST(CheckLimits, OfARampRiseWithIt) {
  const FollowsCheck ramp{.signal = "x_w", .reference = "", .points = {{10s, 0.0}, {20s, 100.0}}, .within = 5.0};
  const auto limits = limits_of(spec_of(ramp), {}, 30s);
  ASSERT_EQ(limits.size(), 6U);
  EXPECT_NEAR(limits[2].level_at(15.0), 55.0, 1e-4);  // the pieces begin a microsecond inside
  EXPECT_NEAR(limits[3].level_at(15.0), 45.0, 1e-4);
  EXPECT_NEAR(limits[4].level_at(25.0), 105.0, 1e-4);
  const std::vector<double> time_s{12, 14, 16, 18};
  const std::vector<double> lagging{20, 40, 50, 80};  // at 16 s 60 +- 5 is wanted
  const auto beyond = violations(limits[3], time_s, lagging);
  ASSERT_EQ(beyond.size(), 1U);
  EXPECT_EQ(beyond[0].points, (std::vector<PlotPoint>{{16, 50}}));
}

TEST(CheckLimits, MakeEveryKindOfMarginComparable) {
  EXPECT_EQ(margin_scale(spec_of(ConstantCheck{"x_hz", 50.0, 0.05})), 0.05);
  CountCheck one_to_five;
  one_to_five.at_least = 1.0;
  one_to_five.at_most = 5.0;
  EXPECT_EQ(margin_scale(spec_of(one_to_five)), 2.0);
  EXPECT_EQ(margin_scale(spec_of(AnswersCheck{.measure = AnswersCheck::Measure::share, .bound = 0.75})), 0.25);
  EXPECT_EQ(margin_scale(spec_of(AnswersCheck{.measure = AnswersCheck::Measure::unanswered})), std::nullopt);
  EXPECT_EQ(margin_scale(spec_of(FreshCheck{{"et1", "export_limit_w"}, 12s})), 12.0);
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
