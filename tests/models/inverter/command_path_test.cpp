#include "models/inverter/command_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

double after(CommandPath& path, int steps, double command) {
  for (int i = 0; i < steps; ++i) path.advance(command);
  return path.value();
}

// 0.2 s are 20 steps of 10 ms: through them the old value stands, the 21st step ends at 0.21 s with the new one.
TEST(CommandPath, HoldsTheOldValueForExactlyTheDeadTime) {
  CommandPath path{200ms, 0ms, 10ms, 7.0};
  EXPECT_EQ(after(path, 20, 3.0), 7.0);
  EXPECT_EQ(after(path, 1, 3.0), 3.0);
}

// By hand: 0.2 s of dead time, then one time constant of 0.2 s: 1 - 1/e of the way. 1e-12: rounding of 20 products.
TEST(CommandPath, CoversSixtyThreePercentOneTimeConstantAfterTheDeadTime) {
  CommandPath path{200ms, 200ms, 10ms, 0.0};
  EXPECT_NEAR(after(path, 40, 1000.0), 1000.0 * (1.0 - std::exp(-1.0)), 1e-9);
}

// Dead time of 1.5 steps: at 30 ms the command has worked for 15 ms. Exact for a constant command, so rounding only.
TEST(CommandPath, IsExactWhenTheDeadTimeIsNoMultipleOfTheStep) {
  CommandPath path{15ms, 20ms, 10ms, 0.0};
  EXPECT_EQ(after(path, 1, 1.0), 0.0);
  EXPECT_NEAR(after(path, 1, 1.0), 1.0 - std::exp(-5.0 / 20.0), 1e-12);
  EXPECT_NEAR(after(path, 1, 1.0), 1.0 - std::exp(-15.0 / 20.0), 1e-12);
}

// With the measured dead time and time constant of each unit (2.1) a step is there at the settling time that was
// measured beside them, and nothing of it before the dead time is over.
TEST(CommandPath, SettlesWhenTheMeasuredInvertersDo) {
  struct Unit {
    const char* name;
    std::chrono::milliseconds dead_time, time_constant;
    const char* settling;
    const char* dead;
  };
  tests::ValidationCase expected("inverter/measured_settling");
  for (const Unit& unit :
       {Unit{"plenticore_10", 610ms, 580ms, "2.74", "0.61"}, Unit{"plenticore_5_5", 630ms, 600ms, "2.79", "0.63"},
        Unit{"gen24_10", 1600ms, 4070ms, "14.2", "1.6"}}) {
    for (const char* time_s : {unit.settling, unit.dead}) {
      CommandPath path{unit.dead_time, unit.time_constant, 10ms, 0.0};
      const double share = after(path, static_cast<int>(std::lround(100.0 * std::stod(time_s))), 1.0);
      expected.check(std::string(unit.name) + "_at_" + time_s + "_s", share);
    }
  }
}

/// An integrator of gain `k_td` / Td that sees its own output by the dead time Td later, on a step of 1.
struct Loop {
  double overshoot = 0.0;   ///< of the step
  double settled_td = 0.0;  ///< when it last was 5 % away, in Td
  double late_swing = 0.0;  ///< largest distance in the last 5 of 300 Td
};

Loop closed_loop(double k_td) {
  constexpr int steps_each_td = 2000;
  CommandPath path{2s, 0s, 1ms, 0.0};
  Loop loop;
  double order = 0.0;
  for (int i = 1; i <= 300 * steps_each_td; ++i) {
    order += k_td / steps_each_td * (1.0 - path.advance(order));
    const double off = 1.0 - order;
    loop.overshoot = std::max(loop.overshoot, -off);
    if (std::abs(off) > 0.05) loop.settled_td = static_cast<double>(i) / steps_each_td;
    if (i > 295 * steps_each_td) loop.late_swing = std::max(loop.late_swing, std::abs(off));
  }
  return loop;
}

// What an export limiter can reach that integrates over a dead time.
TEST(CommandPath, AnIntegratorOverADeadTimeBehavesAsTheReferenceGivesIt) {
  tests::ValidationCase expected("inverter/loop_facts");
  expected.check("overshoot_at_1_over_e", 100.0 * closed_loop(std::exp(-1.0)).overshoot);
  expected.check("settling_at_1_over_e_td", closed_loop(std::exp(-1.0)).settled_td);
  expected.check("overshoot_at_0.6", 100.0 * closed_loop(0.6).overshoot);
  expected.check("overshoot_at_1.0", 100.0 * closed_loop(1.0).overshoot);
  expected.check("overshoot_at_1.3", 100.0 * closed_loop(1.3).overshoot);
  // Stable below pi / 2.
  EXPECT_LT(closed_loop(1.5).late_swing, 0.01);
  EXPECT_GT(closed_loop(1.62).late_swing, 1.0);
}

TEST(CommandPath, GivesTheSameAnswerWithSmallAndLargeSteps) {
  CommandPath fine{630ms, 600ms, 1ms, 0.0};
  CommandPath coarse{630ms, 600ms, 100ms, 0.0};
  for (int second = 0; second < 5; ++second) {
    const double command = 100.0 * (second % 3);
    EXPECT_NEAR(after(fine, 1000, command), after(coarse, 10, command), 1e-9) << "in second " << second;
  }
}

TEST(CommandPath, PassesCommandsAtOnceWithoutDeadTimeAndTimeConstant) {
  CommandPath path{0ms, 0ms, 10ms, 5.0};
  EXPECT_EQ(path.advance(-2.0), -2.0);
}

TEST(CommandPath, KeepsCommandsInOrderWhileTheyAreUnderWay) {
  CommandPath path{30ms, 0ms, 10ms, 0.0};
  for (int command = 1; command <= 10; ++command) {
    EXPECT_EQ(path.advance(command), command > 3 ? command - 3 : 0);
  }
}

TEST(CommandPath, ForgetsWhatIsUnderWayOnReset) {
  CommandPath path{50ms, 20ms, 10ms, 0.0};
  after(path, 5, 900.0);
  path.reset(10.0);
  EXPECT_EQ(after(path, 20, 10.0), 10.0);
}

TEST(CommandPath, RefusesNegativeTimesAndAZeroStepByName) {
  const auto refused_field = [](auto dead_time, auto time_constant, auto step) -> std::string {
    try {
      CommandPath path{dead_time, time_constant, step, 0.0};
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  EXPECT_EQ(refused_field(-1ns, 0ns, 1ms), "dead_time_s");
  EXPECT_EQ(refused_field(0ns, -1ns, 1ms), "time_constant_s");
  EXPECT_EQ(refused_field(0ns, 0ns, 0ms), "step_s");
}

}  // namespace
}  // namespace hil::models
