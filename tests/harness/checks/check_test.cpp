#include "harness/checks/check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "harness/checks/evaluators.h"
#include "harness/checks/observation_window.h"
#include "harness/checks/untested_text.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using sim::Time;

constexpr Time step = 10ms;
// Margins are one subtraction of numbers of the order of 1000: rounding stays below 1e-9.
constexpr double rounding = 1e-9;

/// Feeds value(k) at step * k for k = 1 .. samples.
void feed(NeverEvaluator& evaluator, int samples, const std::function<double(int)>& value) {
  for (int k = 1; k <= samples; ++k) evaluator.observe(step * k, value(k));
}

NeverEvaluator never_above(double bound, Time longer_than) {
  NeverCheck check;
  check.above = bound;
  check.longer_than = longer_than;
  return {check, step};
}

// 500 steps of 10 ms are 5 s exactly, which is not longer than 5 s: the best window of 501 samples still holds one
// sample at 100 W, so the level kept for longer than 5 s is 100 W and the margin 200 - 100 W.
TEST(NeverEvaluator, HoldsWhenTheBoundIsExceededForExactlyTheTimeAllowed) {
  NeverEvaluator evaluator = never_above(200.0, 5s);
  feed(evaluator, 2000, [](int k) { return k > 1000 && k <= 1500 ? 700.0 : 100.0; });
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_NEAR(evaluator.finding().margin, 100.0, rounding);
}

// One sample more is 5.01 s: the 501st sample above, k = 1501 at 15.01 s, completes the window. Margin 200 - 700 W.
TEST(NeverEvaluator, BreaksWhenTheBoundIsExceededOneStepLonger) {
  NeverEvaluator evaluator = never_above(200.0, 5s);
  feed(evaluator, 2000, [](int k) { return k > 1000 && k <= 1501 ? 700.0 : 100.0; });
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().margin, -500.0, rounding);
  EXPECT_EQ(evaluator.finding().worst_at, Time{15010ms});
}

// The level that lasts counts, not the peak inside it: 6 s of at least 250 W with a second of 900 W.
TEST(NeverEvaluator, TakesTheLevelThatLastedAndNotThePeak) {
  NeverEvaluator evaluator = never_above(200.0, 5s);
  feed(evaluator, 2000, [](int k) {
    if (k > 1200 && k <= 1300) return 900.0;
    return k > 1000 && k <= 1600 ? 250.0 : 0.0;
  });
  EXPECT_NEAR(evaluator.finding().margin, -50.0, rounding);
}

TEST(NeverEvaluator, CountsEverySampleWithoutATimeAllowed) {
  NeverEvaluator evaluator = never_above(200.0, 0s);
  feed(evaluator, 100, [](int k) { return k == 42 ? 200.5 : 0.0; });
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().margin, -0.5, rounding);
  EXPECT_EQ(evaluator.finding().worst_at, Time{420ms});
}

TEST(NeverEvaluator, HoldsAtTheBoundItself) {
  NeverEvaluator evaluator = never_above(200.0, 0s);
  feed(evaluator, 10, [](int) { return 200.0; });
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_EQ(evaluator.finding().margin, 0.0);
}

// Never below 0.1 with a smallest value of 0.08: margin 0.08 - 0.1.
TEST(NeverEvaluator, WatchesALowerBoundToo) {
  NeverCheck check;
  check.below = 0.1;
  NeverEvaluator evaluator(check, step);
  feed(evaluator, 10, [](int k) { return k == 3 ? 0.08 : 0.5; });
  EXPECT_NEAR(evaluator.finding().margin, -0.02, rounding);
  EXPECT_NEAR(evaluator.finding().worst, 0.08, rounding);
}

TEST(NeverEvaluator, IsUntestedWhenItSawLessThanTheTimeAllowed) {
  NeverEvaluator evaluator = never_above(200.0, 5s);
  feed(evaluator, 500, [](int) { return 900.0; });
  EXPECT_EQ(evaluator.finding().state, CheckState::untested);
}

TEST(NeverEvaluator, IsBrokenByWhatIsNotANumber) {
  NeverEvaluator evaluator = never_above(200.0, 0s);
  feed(evaluator, 3, [](int k) { return k == 2 ? std::nan("") : 0.0; });
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
}

// Against the definition itself: max over time of the min over each window of n samples.
TEST(NeverEvaluator, AgreesWithTheDefinitionOnAnIrregularSignal) {
  const auto value = [](int k) { return 100.0 * std::sin(0.37 * k) + 60.0 * std::sin(0.011 * k * k); };
  constexpr int samples = 700;
  for (const int length : {1, 2, 7, 50}) {
    NeverEvaluator evaluator = never_above(0.0, step * (length - 1));
    feed(evaluator, samples, value);
    double worst = -1e9;
    for (int last = length; last <= samples; ++last) {
      double lowest = 1e9;
      for (int k = last - length + 1; k <= last; ++k) lowest = std::min(lowest, value(k));
      worst = std::max(worst, lowest);
    }
    EXPECT_NEAR(evaluator.finding().margin, -worst, rounding) << "window of " << length;
  }
}

SettlesEvaluator settles_to_zero() {
  SettlesCheck check;
  check.within = 150.0;
  check.in = 20s;
  return SettlesEvaluator(check);
}

// 6000 W decaying with 5 s: exp(-t/5) * 6000 = 150 at t = 5 ln 40 = 18.444 s, inside from 18.45 s on. The largest
// deviation from 20 s on is at 20 s: 6000 exp(-4) = 109.894 W, margin 40.106 W.
TEST(SettlesEvaluator, MeasuresFromTheTimeAllowedOn) {
  SettlesEvaluator evaluator = settles_to_zero();
  for (int k = 0; k <= 6000; ++k) evaluator.observe(step * k, 60s + step * k, 6000.0 * std::exp(-0.01 * k / 5.0));
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_NEAR(evaluator.finding().margin, 150.0 - 6000.0 * std::exp(-4.0), rounding);
  EXPECT_EQ(evaluator.finding().worst_at, Time{80s});
  EXPECT_EQ(evaluator.settled_after(), Time{18450ms});
}

TEST(SettlesEvaluator, BreaksWhenTheSignalLeavesAgain) {
  SettlesEvaluator evaluator = settles_to_zero();
  for (int k = 0; k <= 6000; ++k) evaluator.observe(step * k, step * k, k == 5000 ? -170.0 : 0.0);
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().margin, -20.0, rounding);
  EXPECT_EQ(evaluator.finding().worst_at, Time{50s});
}

TEST(SettlesEvaluator, IsUntestedWhenTheWindowEndsBeforeTheTimeAllowed) {
  SettlesEvaluator evaluator = settles_to_zero();
  for (int k = 0; k < 2000; ++k) evaluator.observe(step * k, step * k, 9999.0);
  EXPECT_EQ(evaluator.finding().state, CheckState::untested);
}

// 3000 W for 300 s are 250 Wh; between 243.9 and 259.1 the lower bound is nearer: 6.1 Wh. 1e-9: sum of 30,000 equal
// terms.
TEST(EnergyEvaluator, IntegratesPowerAndTakesTheNearerBound) {
  EnergyCheck check;
  check.at_least_wh = 243.9;
  check.at_most_wh = 259.1;
  EnergyEvaluator evaluator(check);
  for (int k = 0; k < 30000; ++k) evaluator.observe(step, 3000.0);
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_NEAR(evaluator.finding().worst, 250.0, rounding);
  EXPECT_NEAR(evaluator.finding().margin, 6.1, rounding);
}

TEST(EnergyEvaluator, IsUntestedWithoutAnyTimeInItsWindow) {
  EnergyEvaluator evaluator(EnergyCheck{});
  evaluator.observe(0s, 3000.0);
  EXPECT_EQ(evaluator.finding().state, CheckState::untested);
}

ReachesEvaluator reaches_8700(Time not_before, Time no_later_than) {
  ReachesCheck check;
  check.above = 8700.0;
  check.not_before = not_before;
  check.no_later_than = no_later_than;
  return {check, step};
}

// A ramp of 100 W/s is above 8700 W first at 87.01 s: 2.99 s before the end allowed, 7.01 s after the beginning.
TEST(ReachesEvaluator, MeasuresSecondsToTheNearerTime) {
  ReachesEvaluator evaluator = reaches_8700(80s, 90s);
  for (int k = 0; k <= 10000; ++k) evaluator.observe(step * k, step * k, k);
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_NEAR(evaluator.finding().margin, 2.99, rounding);
}

// Above 8700 W first at the 9th sample, 0.09 s, which without a beginning is 89.91 s before the end allowed.
TEST(ReachesEvaluator, KnowsNoTooEarlyWithoutABeginning) {
  ReachesEvaluator evaluator = reaches_8700(0s, 90s);
  for (int k = 0; k <= 10000; ++k) evaluator.observe(step * k, step * k, 1000.0 * k);
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_NEAR(evaluator.finding().margin, 89.91, rounding);
}

TEST(ReachesEvaluator, BreaksWhenTheLevelComesTooEarly) {
  ReachesEvaluator evaluator = reaches_8700(88s, 95s);
  for (int k = 0; k <= 10000; ++k) evaluator.observe(step * k, step * k, k);
  EXPECT_NEAR(evaluator.finding().margin, -0.99, rounding);
}

// Never reached in 100 s, allowed until 90 s: the next sample would have been at 100.01 s, 10.01 s too late.
TEST(ReachesEvaluator, BreaksWhenTheLevelNeverComes) {
  ReachesEvaluator evaluator = reaches_8700(80s, 90s);
  for (int k = 0; k <= 10000; ++k) evaluator.observe(step * k, step * k, 0.0);
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().margin, -10.01, rounding);
}

TEST(ReachesEvaluator, IsUntestedWhileThereWasStillTime) {
  ReachesEvaluator evaluator = reaches_8700(80s, 90s);
  for (int k = 0; k < 9000; ++k) evaluator.observe(step * k, step * k, 0.0);
  EXPECT_EQ(evaluator.finding().state, CheckState::untested);
  evaluator.observe(90s, 90s, 0.0);
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
}

TEST(TogetherEvaluator, KeepsTheLargestSpread) {
  TogetherEvaluator evaluator(TogetherCheck{"*.battery_soc", 0.02});
  evaluator.observe(1s, 0.50, 0.51);
  evaluator.observe(2s, 0.50, 0.53);
  evaluator.observe(3s, 0.50, 0.52);
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().margin, -0.01, rounding);
  EXPECT_EQ(evaluator.finding().worst_at, Time{2s});
}

TEST(ObservationWindow, CountsFromTheFirstComingOfItsMark) {
  Window window;
  window.after = "heater_on";
  window.from = 5s;
  window.until = 10s;
  ObservationWindow observed(window);
  EXPECT_FALSE(observed.contains(65s));
  observed.marked("heater_off", 10s);
  observed.marked("heater_on", 60s);
  observed.marked("heater_on", 100s);
  EXPECT_FALSE(observed.contains(64990ms));
  EXPECT_TRUE(observed.contains(65s));
  EXPECT_TRUE(observed.contains(70s));
  EXPECT_FALSE(observed.contains(70010ms));
}

TEST(ObservationWindow, CutsAStepThatReachesOverItsEdges) {
  Window window;
  window.from = 1005ms;
  window.until = 2003ms;
  const ObservationWindow observed(window);
  EXPECT_EQ(observed.overlap(990ms, 1000ms), Time{0});
  EXPECT_EQ(observed.overlap(1000ms, 1010ms), Time{5ms});
  EXPECT_EQ(observed.overlap(1010ms, 1020ms), Time{10ms});
  EXPECT_EQ(observed.overlap(2000ms, 2010ms), Time{3ms});
  EXPECT_EQ(observed.overlap(2010ms, 2020ms), Time{0});
}

Scenario heater_step() {
  const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";
  Diagnostics diagnostics;
  auto scenario = read_scenario(library / "goodwe/heater_step_zero_export.xml", library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value();
}

TEST(SignalFaults, NameThePlaceTheSignalAndTheNearestKnownOne) {
  Scenario scenario = heater_step();
  Bench bench(scenario);
  EXPECT_TRUE(signal_faults(scenario, bench).empty());

  CheckSpec& check = scenario.checks.front();
  std::get<NeverCheck>(check.kind).signal = "grid.exprot_w";
  scenario.plots.front().signals = {"et9.*"};
  std::vector<std::string> faults;
  for (const Fault& fault : signal_faults(scenario, bench)) faults.push_back(fault.text());
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_TRUE(faults[0].starts_with(check.place.file + ":" + std::to_string(check.place.line) + ":")) << faults[0];
  EXPECT_NE(faults[0].find("<never>: signal \"grid.exprot_w\" is unknown; known: grid.export_w, "), std::string::npos)
      << faults[0];
  EXPECT_NE(faults[1].find("<signal>: signal \"et9.*\" is unknown"), std::string::npos) << faults[1];
}

TEST(MakeCheck, LeavesACheckUntestedWhoseMarkNeverComes) {
  Scenario scenario = heater_step();
  CheckSpec spec = scenario.checks.front();
  spec.window.after = "never_marked";
  Bench bench(scenario);
  const auto check = make_check(spec, bench);
  for (int k = 1; k <= 1000; ++k) check->step(step * k);
  EXPECT_EQ(check->result().state, CheckState::untested);
  check->marked("never_marked", 11s);
  for (int k = 1100; k <= 2000; ++k) check->step(step * k);
  EXPECT_EQ(check->result().state, CheckState::holds);
}

TEST(MakeCheck, NamesThoseWhoAreFarthestApart) {
  Scenario scenario = heater_step();
  ASSERT_GE(scenario.site.plant.inverters.size(), 2U);
  scenario.site.plant.inverters[0].lane.initial_soc = 0.6;
  scenario.site.plant.inverters[1].lane.initial_soc = 0.4;
  CheckSpec spec = scenario.checks.front();
  spec.window = {};
  spec.kind = TogetherCheck{"*.battery_soc", 0.02};
  Bench bench(scenario);
  const auto check = make_check(spec, bench);
  bench.kernel().run(1s);
  check->step(1s);
  const CheckResult result = check->result();
  EXPECT_EQ(result.state, CheckState::broken);
  EXPECT_TRUE(result.worst_text.starts_with("spread 0.")) << result.worst_text;
  const std::size_t lowest = result.worst_text.find(": et2.battery_soc has 0.");
  const std::size_t highest = result.worst_text.find(", et1.battery_soc has 0.");
  EXPECT_NE(lowest, std::string::npos) << result.worst_text;
  EXPECT_NE(highest, std::string::npos) << result.worst_text;
}

TEST(MakeCheck, NamesNobodyWhereAllAreAlike) {
  Scenario scenario = heater_step();
  for (auto& inverter : scenario.site.plant.inverters) inverter.lane.initial_soc = 0.5;
  CheckSpec spec = scenario.checks.front();
  spec.window = {};
  spec.kind = TogetherCheck{"*.battery_soc", 0.02};
  Bench bench(scenario);
  const auto check = make_check(spec, bench);
  bench.kernel().run(10ms);
  check->step(10ms);
  EXPECT_NE(check->result().worst_text.find(": each has 0.5"), std::string::npos) << check->result().worst_text;
}

/// Broken for ever, or until more comes.
class Broken final : public Check {
 public:
  explicit Broken(bool may_mend) : may_mend_(may_mend) {}
  void step(Time /*now*/) override {}
  void marked(std::string_view /*mark*/, Time /*now*/) override {}
  std::optional<Time> broken_at() const override { return std::nullopt; }
  CheckResult result() const override {
    CheckResult result;
    result.spec.description = "it";
    result.state = CheckState::broken;
    result.margin = -3.0;
    result.margin_unit = "W";
    result.worst_text = "there";
    return result;
  }
  bool may_mend_after(Time /*now*/) const override { return may_mend_; }

 private:
  bool may_mend_;
};

TEST(ResultAt, LeavesOpenWhatTheRestOfAStoppedRunCouldHaveMended) {
  EXPECT_EQ(result_at(Broken{true}, 5s, false).state, CheckState::broken);
  EXPECT_EQ(result_at(Broken{false}, 5s, true).state, CheckState::broken);
  const CheckResult open = result_at(Broken{true}, 5s, true);
  EXPECT_EQ(open.state, CheckState::untested);
  EXPECT_EQ(open.margin, 0.0);
  EXPECT_EQ(open.worst_text, "its window never came, held too few steps, or the run ended inside it");
  EXPECT_EQ(open.spec.description, "it");
}

TEST(EnergyEvaluator, KnowsThatMoreMendsTooLittle) {
  EnergyCheck check;
  check.at_least_wh = 1.0;
  check.at_most_wh = 2.0;
  EnergyEvaluator evaluator(check);
  evaluator.observe(1s, 1800.0);
  EXPECT_TRUE(evaluator.may_still_mend());  // 0.5 Wh
  evaluator.observe(4s, 1800.0);
  EXPECT_FALSE(evaluator.may_still_mend());  // 2.5 Wh
}

TEST(EnergyEvaluator, KnowsThatMoreMendsWhatIsNotYetFarEnoughBelowNothing) {
  EnergyCheck check;
  check.at_least_wh = -3.0;
  check.at_most_wh = -1.0;
  EnergyEvaluator evaluator(check);
  evaluator.observe(1s, -1800.0);
  EXPECT_TRUE(evaluator.may_still_mend());  // -0.5 Wh
  evaluator.observe(2s, -1800.0);
  EXPECT_FALSE(evaluator.may_still_mend());  // -1.5 Wh
}

// What a bus check waits for is a request, not its window.
TEST(UntestedText, SaysWhatABusCheckWaitsFor) {
  CheckSpec spec;
  spec.kind = AnswersCheck{.line = "com1"};
  EXPECT_EQ(why_untested(spec), "no request on com1 began in its window, or none came to its end");
  spec.kind = AnswersCheck{.line = "com1", .unit = "et2"};
  EXPECT_EQ(why_untested(spec), "no request to et2 on com1 began in its window, or none came to its end");
  spec.kind = OrderCheck{.read = {"meter", "grid_import_w"}, .before_write = {"et1", "export_limit_w"}};
  EXPECT_EQ(why_untested(spec), "no write of et1.export_limit_w began in its window");
}

}  // namespace
}  // namespace hil::harness
