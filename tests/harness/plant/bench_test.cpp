#include <map>

#include "harness/faults/fault_kinds.h"
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

TEST(Bench, KeepsAnsweringOnTheLineWhileOneUnitIsSilentAndHearsItAgainAfterwards) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.duration = 40s;
  scenario.timeline = {{10s, {FaultSpec{"silence", "et2", 10s}}, {}}};
  Bench bench{scenario};
  struct Heard {
    int before = 0;  ///< 0..10 s
    int during = 0;  ///< 10..20 s
    int after = 0;   ///< 30..40 s
  };
  std::map<int, Heard> replies;
  bench.on_frame("com1", [&](const sim::SerialLine::FrameRecord& frame) {
    if (frame.from_far_side) return;
    Heard& heard = replies[frame.bytes.front()];
    if (frame.begin < 10s) {
      ++heard.before;
    } else if (frame.begin < 20s) {
      ++heard.during;
    } else if (frame.begin >= 30s) {
      ++heard.after;
    }
  });
  bench.run();
  EXPECT_EQ(replies[2].during, 0);
  EXPECT_GT(replies[2].after, replies[2].before * 8 / 10) << "et2 is back";
  EXPECT_GT(replies[1].during, replies[1].before * 8 / 10) << "et1 is not held up by its neighbour";
}

/// Baud and format of the lines, and the longest poll period that the loop may then have.
struct Wire {
  sim::SerialFormat format;
  double longest_poll_s;
};
class BenchOnWire : public testing::TestWithParam<Wire> {};

// A round over two units is ten exchanges at the most, 25 characters of request and reply each in the mean, with 57 ms
// of turn-around and silences: 4800 baud 1.1 s, 9600 baud 0.83 s, above that the turn-arounds decide. 8E2 adds a fifth
// to the characters.
TEST_P(BenchOnWire, PollsBothUnitsInTimeWhateverTheFormat) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.duration = 20s;
  scenario.timeline.clear();
  const sim::SerialFormat& format = GetParam().format;
  for (LineSpec& line : scenario.site.lines) line.format = format;
  scenario.controller.inverter_lines[0].baud = scenario.controller.meter_baud = format.baud;
  scenario.controller.inverter_lines[0].bits_per_character = scenario.controller.meter_bits_per_character =
      format.bits_per_character();
  Bench bench{scenario};
  bench.run();
  EXPECT_LT(bench.longest_poll_period_s("com1"), GetParam().longest_poll_s);
  EXPECT_LT(bench.longest_poll_period_s("com4"), GetParam().longest_poll_s);
  // The scan also asks addresses where nobody is; those count on the line, not here.
  for (const char* name : {"et1.unanswered_polls", "et2.unanswered_polls"}) {
    EXPECT_EQ(*bench.signals().find(name)->value, 0.0) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, BenchOnWire,
    testing::Values(Wire{{4800, 8, sim::Parity::none, 1}, 1.3}, Wire{{9600, 8, sim::Parity::none, 1}, 1.0},
                    Wire{{9600, 8, sim::Parity::even, 1}, 1.0}, Wire{{9600, 8, sim::Parity::none, 2}, 1.0},
                    Wire{{9600, 8, sim::Parity::even, 2}, 1.0}, Wire{{19200, 8, sim::Parity::odd, 1}, 1.0},
                    Wire{{38400, 8, sim::Parity::none, 1}, 1.0}));

TEST(Bench, ReadsAReversedCtAsExportWhereTheSiteImports) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.duration = 2s;
  scenario.timeline = {{1s, {FaultSpec{"ct_reversed", "ct_l1", std::nullopt}}, {}}};
  for (auto& inverter : scenario.site.plant.inverters) inverter.lane.pv[0].irradiance_w_m2 = 0.0;
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

Scenario good_scenario(const char* file) {
  const std::filesystem::path folder = std::filesystem::path(HILBENCH_SOURCE_DIR) / "tests/harness/scenario";
  Diagnostics diagnostics;
  auto scenario = read_scenario(folder / "good" / file, folder / "library", diagnostics);
  EXPECT_TRUE(scenario.has_value());
  return std::move(*scenario);
}

bool is_of_plugs(const FaultKind& kind) {
  return kind.target == FaultTarget::solax || kind.target == FaultTarget::parallel;
}

/// Runs it; each kind for which `wanted` holds begins, and ends as often.
void expect_faults(Bench& bench, bool (*wanted)(const FaultKind&)) {
  std::map<std::string, int> told;
  bench.on_event([&](const Event& event) {
    // "noise (byte_error_rate 0.001) begins"
    const std::string kind = event.text.substr(0, event.text.find(' '));
    if (event.kind == "fault") ++told[kind + event.text.substr(event.text.rfind(' '))];
  });
  bench.run();
  for (const FaultKind& kind : fault_kinds()) {
    if (!wanted(kind)) continue;
    const std::string name{kind.kind};
    EXPECT_GE(told[name + " begins"], 1) << name;
    EXPECT_EQ(told[name + " begins"], told[name + " ends"]) << name;
  }
}

TEST(Bench, LetsEveryKindOfFaultOfPlugsHappenAndTakesItBack) {
  Bench bench{good_scenario("parallel_solax.xml")};
  expect_faults(bench, is_of_plugs);
}

TEST(Bench, LetsEveryKindOfFaultHappenAndTakesItBack) {
  Bench bench{good_scenario("faults_of_every_kind.xml")};
  expect_faults(bench, [](const FaultKind& kind) { return !is_of_plugs(kind); });
  const auto polls = [&](const char* signal) { return *bench.signals().find(signal)->value; };
  EXPECT_GT(polls("right.unanswered_polls"), 20.0);
  EXPECT_GT(polls("meter.unanswered_polls"), 20.0);
}

TEST(Bench, RefusesToMeasureALineThatDoesNotExist) {
  Scenario scenario = scenario_of_tree(heater_step);
  scenario.site.inverters.front().line = "com2";
  EXPECT_THROW(Bench{scenario}, std::invalid_argument);
}

}  // namespace
}  // namespace hil::harness
