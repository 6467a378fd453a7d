#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

constexpr const char* heater_step = "goodwe/heater_step_zero_export.xml";

TEST(Bench, TellsTheTimelineInOrderAtItsInstants) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.duration = 61s;
  Bench bench{scenario};
  std::vector<std::string> told;
  bench.on_event([&](const Event& event) {
    if (event.kind != "state") told.push_back(event.kind + " " + event.subject + " " + event.text);
    if (event.kind == "switch") {
      EXPECT_EQ(event.at, 60s);
    }
  });
  bench.run();
  EXPECT_EQ(told, (std::vector<std::string>{"switch heater on", "mark heater_on "}));
}

TEST(Bench, PollsEachInverterOnTheLineWhileOneOfThemIsSilent) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.duration = 40s;
  scenario.timeline = {{10s, {FaultSpec{"silence", "et2", 10s}}, {}}};
  Bench bench{scenario};
  const double* unanswered = bench.signals().find("com1.unanswered")->value;
  const double* replies = bench.signals().find("com1.replies")->value;
  double unanswered_before = -1.0;
  double replies_at_15s = 0.0;
  double unanswered_at_30s = 0.0;
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 9s) unanswered_before = *unanswered;
    if (now == 15s) replies_at_15s = *replies;
    if (now == 30s) unanswered_at_30s = *unanswered;
  });
  double replies_at_19s = 0.0;
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now == 19s) replies_at_19s = *replies;
  });
  bench.run();
  EXPECT_EQ(unanswered_before, 0.0);
  EXPECT_GT(unanswered_at_30s, 0.0);
  EXPECT_GT(replies_at_19s, replies_at_15s + 4.0) << "et1 is answered on while et2 is silent";
  EXPECT_EQ(*unanswered, unanswered_at_30s) << "et2 answers again";
}

TEST(Bench, ReadsAReversedCtAsExportWhereTheSiteImports) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.duration = 2s;
  scenario.timeline = {{1s, {FaultSpec{"ct_reversed", "ct_l1", std::nullopt}}, {}}};
  for (auto& inverter : scenario.site.plant.inverters) inverter.irradiance_w_m2 = 0.0;
  Bench bench{scenario};
  bench.run();
  const double true_w = *bench.signals().find("grid.l1_import_w")->value;
  const double metered_w = *bench.signals().find("meter.l1_import_w")->value;
  ASSERT_NE(true_w, 0.0);
  EXPECT_LT(true_w * metered_w, 0.0) << true_w << " W is read as " << metered_w << " W";
}

TEST(Bench, ClosesItsInvariantsThroughTheWholeHeaterScenario) {
  Bench bench{scenario_of_tree(heater_step)};
  bench.on_invariant_broken([](sim::Time, const std::string& text) { FAIL() << text; });
  bench.run();
  EXPECT_EQ(bench.kernel().now(), 600s);
}

TEST(Bench, RefusesToMeasureALineThatDoesNotExist) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.site.inverters.front().line = "com2";
  EXPECT_THROW(Bench{scenario}, std::invalid_argument);
}

}  // namespace
}  // namespace hil::harness
