#include "harness/report/trace_limits.h"

#include <gtest/gtest.h>

#include <limits>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

CheckSpec spec_of(CheckKind kind, Window window = {}) {
  CheckSpec spec;
  spec.kind = std::move(kind);
  spec.window = std::move(window);
  return spec;
}

/// Five rows, a second apart.
const Trace five_rows{{"time_s", "a.battery_soc", "b.battery_soc", "a.pv_w", "a.load_w"},
                      {{0.0, 1.0, 2.0, 3.0, 4.0},
                       {0.50, 0.51, 0.52, 0.53, 0.54},
                       {0.60, 0.60, 0.50, 0.50, 0.50},
                       {100.0, 100.0, 300.0, 300.0, 300.0},
                       {90.0, 110.0, 120.0, 290.0, 310.0}}};

// The lowest and 0.05: 0.55, 0.56, 0.55, 0.55, 0.55; b is the highest in the first two rows, a then.
TEST(TraceLimits, OfTogetherAreTheLowestSignalAndTheSpread) {
  const auto limits = trace_limits(spec_of(TogetherCheck{"*.battery_soc", 0.05}), {}, 4s, five_rows);
  ASSERT_EQ(limits.size(), 4U);
  EXPECT_EQ(limits[0].signal, "b.battery_soc");
  EXPECT_EQ(limits[2].signal, "a.battery_soc");
  EXPECT_EQ(limits[0].side, CheckLimit::Side::highest);
  EXPECT_NEAR(limits[0].level, 0.55, 1e-12);
  EXPECT_NEAR(limits[0].level_at(1.0), 0.56, 1e-12);
  EXPECT_NEAR(limits[1].level_at(2.0), 0.55, 1e-12);
  EXPECT_EQ(limits[3].until, sim::Time{4s});
}

// 20 W around the load, a second early or late: at 2 s the load was 110 to 290 W around it.
TEST(TraceLimits, OfFollowsAreTheBandAroundItsReference) {
  FollowsCheck check;
  check.signal = "a.pv_w";
  check.reference = "a.load_w";
  check.within = 20.0;
  check.time_tolerance = 1s;
  const auto limits = trace_limits(spec_of(check, Window{2s, 3s, ""}), {}, 4s, five_rows);
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(limits[0].signal, "a.pv_w");
  EXPECT_EQ(limits[0].side, CheckLimit::Side::highest);
  EXPECT_EQ(limits[0].level, 310.0);
  EXPECT_EQ(limits[0].level_at(3.0), 330.0);
  EXPECT_EQ(limits[1].side, CheckLimit::Side::lowest);
  EXPECT_EQ(limits[1].level, 90.0);
  EXPECT_EQ(limits[1].level_at(3.0), 100.0);
}

// Seen from 100 to 300 W; with 150 W to either side it may have been at 400 or at 0 W.
TEST(TraceLimits, OfConstantAreWhatWouldStillHold) {
  ConstantCheck check{"a.pv_w", {}, 150.0};
  const auto limits = trace_limits(spec_of(check), {}, 4s, five_rows);
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(limits[0].level, 400.0);
  EXPECT_EQ(limits[1].level, 0.0);
  check.at = 200.0;
  EXPECT_TRUE(trace_limits(spec_of(check), {}, 4s, five_rows).empty()) << "known without the trace";
}

// A gap of the trace has no level that could be drawn.
TEST(TraceLimits, OfConstantWithoutAValueAreNone) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const Trace gap{{"time_s", "a.pv_w"}, {{0.0, 1.0}, {none, 100.0}}};
  EXPECT_TRUE(trace_limits(spec_of(ConstantCheck{"a.pv_w", {}, 150.0}), {}, 1s, gap).empty());
}

// a.pv_w - 2 a.load_w < 50 W: pv below 50 W and twice the load, wherever it is judged.
TEST(TraceLimits, OfASumInAFormulaAreTheLevelsOfItsFirstSignal) {
  stl::Formula less;
  less.kind = stl::Formula::Kind::predicate;
  less.expression.linear = {{{-1.0, "a.pv_w"}, {2.0, "a.load_w"}}, 50.0};
  stl::Formula always;
  always.kind = stl::Formula::Kind::always;
  always.operands = {less};
  FormulaCheck check;
  check.formula = always;
  auto limits = trace_limits(spec_of(check), {}, 4s, five_rows);
  ASSERT_EQ(limits.size(), 4U);
  EXPECT_EQ(limits[0].signal, "a.pv_w");
  EXPECT_EQ(limits[0].side, CheckLimit::Side::highest);
  EXPECT_EQ(limits[0].level, 230.0);
  EXPECT_EQ(limits[0].level_at(1.0), 270.0);
  EXPECT_EQ(limits[3].level_at(4.0), 670.0);
  // |a.pv_w - a.load_w| < 60 W: 60 W to either side of the load.
  check.formula.operands.front().expression = {
      .linear = {{}, 60.0}, .magnitudes = {{.factor = -1.0, .of = {{{1.0, "a.pv_w"}, {-1.0, "a.load_w"}}, 0.0}}}};
  limits = trace_limits(spec_of(check), {}, 4s, five_rows);
  ASSERT_EQ(limits.size(), 8U);
  EXPECT_EQ(limits[0].level, 150.0);
  EXPECT_EQ(limits[4].level, 30.0);
  EXPECT_EQ(limits[4].side, CheckLimit::Side::lowest);
}

TEST(TraceLimits, AreNoneWithoutMarkSignalOrRows) {
  const TogetherCheck check{"*.battery_soc", 0.05};
  EXPECT_TRUE(trace_limits(spec_of(check, Window{0s, {}, "later"}), {}, 4s, five_rows).empty());
  EXPECT_TRUE(trace_limits(spec_of(TogetherCheck{"*.pv_v", 0.05}), {}, 4s, five_rows).empty());
  EXPECT_TRUE(trace_limits(spec_of(check, Window{4s, {}, ""}), {}, 4s, five_rows).empty()) << "one row";
  EXPECT_TRUE(trace_limits(spec_of(NeverCheck{"a.pv_w", 200.0, {}, 0s}), {}, 4s, five_rows).empty());
  Trace unknown = five_rows;
  for (double& value : unknown.columns[1]) value = std::numeric_limits<double>::quiet_NaN();
  for (double& value : unknown.columns[2]) value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(trace_limits(spec_of(check), {}, 4s, unknown).empty());
}

TEST(TraceLimits, OfALongTraceAreFew) {
  Trace day{{"time_s", "a.battery_soc", "b.battery_soc"}, {{}, {}, {}}};
  for (int row = 0; row < 86'400; ++row) {
    day.columns[0].push_back(row);
    day.columns[1].push_back(0.4);
    day.columns[2].push_back(0.42);
  }
  const auto limits = trace_limits(spec_of(TogetherCheck{"*.battery_soc", 0.05}), {}, 86'400s, day);
  EXPECT_LE(limits.size(), most_trace_pieces);
  EXPECT_GE(limits.size(), most_trace_pieces / 2);
  EXPECT_EQ(limits.back().until, sim::Time{86'399s});
}

}  // namespace
}  // namespace hil::harness
