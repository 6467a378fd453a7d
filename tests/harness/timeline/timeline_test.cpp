#include "harness/timeline/timeline.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

using Done = std::vector<std::pair<std::string, sim::Time>>;

/// A timeline over one signal, `x`, that follows a function of time; what it does are marks.
class Stage {
 public:
  explicit Stage(std::function<double(sim::Time)> x) : x_(std::move(x)) { signals_.add("x.level_w", "", &value_); }

  Done run(std::vector<TimelineEntry> entries, const std::vector<TriggerSpec>& triggers, sim::Time end) {
    Done done;
    Timeline timeline{std::move(entries), [&](const Action& action, sim::Time now) {
                        done.emplace_back(std::get<Mark>(action).name, now);
                      }};
    timeline.add_triggers(triggers, signals_, step, [](const TriggerSpec&, int, sim::Time) {});
    for (sim::Time now = 0ms; now <= end; now += step) {
      timeline.step(now);
      value_ = x_(now);  // the plant comes after the timeline
    }
    return done;
  }

  static constexpr sim::Time step = 10ms;

 private:
  std::function<double(sim::Time)> x_;
  double value_ = 0.0;
  sim::SignalRegistry signals_;
};

TriggerSpec trigger(TriggerKind kind, std::vector<DelayedAction> actions, int times = 1) {
  TriggerSpec spec;
  spec.element = "when";
  spec.kind = std::move(kind);
  spec.times = times;
  spec.actions = std::move(actions);
  for (const DelayedAction& delayed : spec.actions) spec.length = std::max(spec.length, delayed.delay);
  return spec;
}

WhenTrigger above(double bound) {
  WhenTrigger when;
  when.signal = "x.level_w";
  when.above = bound;
  return when;
}

/// 1 in [from, to), else 0.
double pulse(sim::Time now, sim::Time from, sim::Time to) {
  return now >= from && now < to ? 1.0 : 0.0;
}

TEST(Timeline, CarriesOutEachEntryOnceInTheFirstStepAtOrAfterItsTime) {
  Stage stage{[](sim::Time) { return 0.0; }};
  const Done done = stage.run({{15ms, {Mark{"a"}}, {}}, {20ms, {Mark{"b"}, Mark{"c"}}, {}}}, {}, 50ms);
  EXPECT_EQ(done, (Done{{"a", 20ms}, {"b", 20ms}, {"c", 20ms}}));
}

// The value of 100 ms is seen in the step of 110 ms: the timeline comes before the plant.
TEST(Timeline, FiresOneStepAfterTheSignalWentBeyondTheBound) {
  Stage stage{[](sim::Time now) { return pulse(now, 100ms, 1s); }};
  EXPECT_EQ(stage.run({}, {trigger(above(0.5), {{0ms, Mark{"a"}}})}, 300ms), (Done{{"a", 110ms}}));
}

// The value at 0 is of a plant that nobody has solved yet; that of the first step, 10 ms, counts.
TEST(Timeline, SeesNoLevelBeforeThePlantIsSolved) {
  Stage stage{[](sim::Time) { return 1.0; }};
  EXPECT_EQ(stage.run({}, {trigger(above(0.5), {{0ms, Mark{"a"}}})}, 300ms), (Done{{"a", 20ms}}));
}

// 50 ms held: 100..140 ms is too short by one step, 200..250 ms is enough; seen one step later.
TEST(Timeline, WaitsUntilTheLevelWasHeldWithoutABreak) {
  Stage stage{[](sim::Time now) { return pulse(now, 100ms, 150ms) + pulse(now, 200ms, 260ms); }};
  WhenTrigger held = above(0.5);
  held.held = 50ms;
  EXPECT_EQ(stage.run({}, {trigger(held, {{0ms, Mark{"a"}}})}, 400ms), (Done{{"a", 260ms}}));
}

TEST(Timeline, FiresAgainOnlyAfterTheSignalWasOnTheOtherSide) {
  Stage stage{
      [](sim::Time now) { return pulse(now, 100ms, 200ms) + pulse(now, 300ms, 310ms) + pulse(now, 400ms, 1s); }};
  const Done twice = stage.run({}, {trigger(above(0.5), {{0ms, Mark{"a"}}}, 2)}, 600ms);
  EXPECT_EQ(twice, (Done{{"a", 110ms}, {"a", 310ms}}));
}

TEST(Timeline, TakesALevelThatIsThereAlreadyButNoEdge) {
  const auto x = [](sim::Time now) { return 1.0 - pulse(now, 200ms, 300ms); };
  WhenTrigger edge = above(0.5);
  edge.crossing = true;
  EXPECT_EQ(Stage{x}.run({}, {trigger(above(0.5), {{0ms, Mark{"a"}}})}, 600ms), (Done{{"a", 20ms}}));
  EXPECT_EQ(Stage{x}.run({}, {trigger(edge, {{0ms, Mark{"a"}}})}, 600ms), (Done{{"a", 310ms}}));
}

// The mark is set at 100 ms; the value of 100 ms, not that of 90 ms, is the first that counts.
TEST(Timeline, LooksFromAMarkOn) {
  Stage stage{[](sim::Time) { return 1.0; }};
  WhenTrigger after_mark = above(0.5);
  after_mark.after = "begin";
  WhenTrigger later = after_mark;
  later.not_before = 50ms;
  const Done done = stage.run({{100ms, {Mark{"begin"}}, {}}},
                              {trigger(after_mark, {{0ms, Mark{"a"}}}), trigger(later, {{0ms, Mark{"b"}}})}, 600ms);
  EXPECT_EQ(done, (Done{{"begin", 100ms}, {"a", 110ms}, {"b", 160ms}}));
}

TEST(Timeline, FollowsMarksInOneStepWhereverTheyStandInTheFile) {
  Stage stage{[](sim::Time) { return 0.0; }};
  const Done done = stage.run(
      {{100ms, {Mark{"a"}}, {}}},
      {trigger(AfterTrigger{"c", 30ms}, {{0ms, Mark{"d"}}}), trigger(AfterTrigger{"b", 0ms}, {{0ms, Mark{"c"}}}),
       trigger(AfterTrigger{"a", 0ms}, {{0ms, Mark{"b"}}})},
      600ms);
  EXPECT_EQ(done, (Done{{"a", 100ms}, {"b", 100ms}, {"c", 100ms}, {"d", 130ms}}));
}

// from + n period: 5, 30, 55, 80 ms, each in the first step at or after; 105 ms lies beyond until.
TEST(Timeline, RepeatsWithoutDriftUntilItsEnd) {
  Stage stage{[](sim::Time) { return 0.0; }};
  const EveryTrigger every{25ms, 5ms, 100ms};
  const Done all = stage.run({}, {trigger(every, {{0ms, Mark{"a"}}}, TriggerSpec::any_times)}, 300ms);
  EXPECT_EQ(all, (Done{{"a", 10ms}, {"a", 30ms}, {"a", 60ms}, {"a", 80ms}}));
  EXPECT_EQ(Stage{[](sim::Time) { return 0.0; }}.run({}, {trigger(every, {{0ms, Mark{"a"}}}, 2)}, 300ms).size(), 2U);
}

TEST(Timeline, CarriesOutDelayedActionsAndDoesNotFireMeanwhile) {
  Stage stage{
      [](sim::Time now) { return pulse(now, 100ms, 110ms) + pulse(now, 150ms, 160ms) + pulse(now, 300ms, 400ms); }};
  const Done done = stage.run({}, {trigger(above(0.5), {{0ms, Mark{"a"}}, {105ms, Mark{"b"}}}, 9)}, 600ms);
  EXPECT_EQ(done, (Done{{"a", 110ms}, {"b", 220ms}, {"a", 310ms}, {"b", 420ms}}));
}

TEST(Timeline, NamesTheTriggerWhoseSignalDoesNotExist) {
  Timeline timeline{{}, [](const Action&, sim::Time) {}};
  TriggerSpec spec = trigger(above(0.5), {});
  spec.place = {"case.xml", 7, 5};
  try {
    timeline.add_triggers({spec}, sim::SignalRegistry{}, 10ms, {});
    FAIL() << "accepted";
  } catch (const std::invalid_argument& refused) {
    EXPECT_STREQ(refused.what(), "case.xml:7:5: <when>: signal \"x.level_w\" is unknown");
  }
}

}  // namespace
}  // namespace hil::harness
