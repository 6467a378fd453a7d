// Storage converters on the bench: their wires, their network side, their supply, their faults and their lanes.
#include <algorithm>
#include <array>

#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

/// The multi-string site with nobody at the lines.
Scenario unattended(sim::Time duration, std::vector<TimelineEntry> timeline = {}) {
  Scenario scenario = scenario_of_tree("sinexcel/string_dispatch.xml");
  scenario.duration = duration;
  scenario.timeline = std::move(timeline);
  scenario.triggers.clear();
  scenario.checks.clear();
  scenario.ems.clear();
  return scenario;
}

Bench::Wiring nobody() {
  return {.controller = false, .open_lines = {}};
}

double value(const Bench& bench, const std::string& signal) {
  const sim::Signal* found = bench.signals().find(signal);
  return found == nullptr ? -12345.0 : *found->value;
}

Bytes ask(Bench& bench, const Bytes& pdu) {
  std::array<std::uint8_t, 253> reply{};
  const std::size_t length = bench.device("pcs1").serve(pdu, reply, bench.kernel().now());
  return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
}

Bytes write_of(int address, int word) {
  const auto high = [](int number) { return static_cast<std::uint8_t>(number >> 8 & 0xFF); };
  const auto low = [](int number) { return static_cast<std::uint8_t>(number & 0xFF); };
  return {6, high(address), low(address), high(word), low(word)};
}

TEST(StorageConverters, HaveALaneForEachStringBehindThoseOfTheInverters) {
  const Scenario scenario = unattended(1s);
  EXPECT_EQ(lane_names(scenario.site), (std::vector<std::string>{"pcs1.string1", "pcs1.string2", "pcs1.string3"}));
  ASSERT_EQ(scenario.site.plant.inverters.size(), 3U);
  // Eight inputs share 240 kW, whatever number of them is used.
  EXPECT_DOUBLE_EQ(scenario.site.plant.inverters[0].lane.power_stage.rated_ac_w, 30'000.0);
  EXPECT_DOUBLE_EQ(scenario.site.pcs[0].rating.rated_w, 240'000.0);
  EXPECT_EQ(scenario.site.pcs[0].rating.inputs, 8U);
}

TEST(StorageConverters, EfficiencyOfTheirPartsIsThatOfTheReference) {
  // sinexcel-pcs-modbus 5: no-load loss 0.5 % of the rating, peak efficiency 98 %.
  const Scenario scenario = unattended(1s);
  const models::HybridInverter::Parameters& stage = scenario.site.plant.inverters[0].lane.power_stage;
  const models::LossCurve& curve = stage.losses.battery_to_ac;
  EXPECT_NEAR(curve.constant_w / stage.rated_ac_w, 0.005, 1e-6);
  double peak = 0.0;
  for (double x = 0.05; x <= 1.0; x += 0.01) {
    const double loss_w = curve.constant_w + curve.linear_w * x + curve.square_w * x * x;
    peak = std::max(peak, x * curve.reference_w / (x * curve.reference_w + loss_w));
  }
  EXPECT_NEAR(peak, 0.98, 5e-5);
}

TEST(StorageConverters, AnswerOnTheNetworkAsOnTheirLine) {
  Bench bench{unattended(20s), nobody()};
  bench.kernel().run(1s);
  EXPECT_EQ(ask(bench, write_of(53601, 2)), write_of(53601, 2));
  EXPECT_EQ(ask(bench, write_of(55600, 100)), write_of(55600, 100));
  EXPECT_EQ(ask(bench, write_of(53920, 1)), write_of(53920, 1));
  bench.kernel().run(20s);
  EXPECT_NEAR(value(bench, "pcs1.string1.ac_injection_w"), 10'000.0, 200.0);
  EXPECT_EQ(value(bench, "pcs1.string2.state"), 0.0);
  EXPECT_NEAR(value(bench, "pcs1.string1.battery_true_soc"), 0.5, 0.01) << "the lane's own details are there, too";
}

TEST(StorageConverters, SayNothingWithoutSupply) {
  Scenario scenario = unattended(5s, {{1s, {SwitchDevice{"pcs1", false}}, {}}});
  Bench bench{scenario, nobody()};
  bench.kernel().run(500ms);
  EXPECT_EQ(ask(bench, {3, 0xCF, 0x12, 0, 1}).size(), 4U);
  bench.kernel().run(2s);
  EXPECT_TRUE(ask(bench, {3, 0xCF, 0x12, 0, 1}).empty());
}

TEST(StorageConverters, HaveFaultsAtOneStringAndLoseThemAtTheEnd) {
  FaultSpec fault{"pcs_dc_contactor", "pcs1", 1s};
  fault.parameters["string"] = 2.0;
  Bench bench{unattended(20s, {{12s, {fault}, {}}}), nobody()};
  bench.kernel().run(1s);
  ask(bench, write_of(53601, 2));
  ask(bench, write_of(53920, 1));
  ask(bench, write_of(53930, 1));
  bench.kernel().run(12500ms);
  EXPECT_EQ(value(bench, "pcs1.string2.state"), 2.0);
  EXPECT_EQ(value(bench, "pcs1.string1.state"), 1.0) << "the other string goes on";
  EXPECT_EQ(value(bench, "pcs1.fault_latched"), 1.0);
  ask(bench, write_of(53933, 1));
  bench.kernel().run(12800ms);
  EXPECT_EQ(value(bench, "pcs1.string2.state"), 2.0) << "its cause is still there";
  bench.kernel().run(14s);
  ask(bench, write_of(53933, 1));
  bench.kernel().run(15s);
  EXPECT_EQ(value(bench, "pcs1.string2.state"), 0.0);
}

TEST(StorageConverters, TellWhatTheyDoAsEvents) {
  Bench bench{scenario_of_tree("sinexcel/fault_latch.xml")};
  std::vector<std::string> states;
  bench.on_event([&states](const Event& event) {
    if (event.subject == "pcs1.state") states.push_back(event.text);
  });
  bench.run();
  const std::vector<std::string> expected{"0 (init) -> 1 (stopped)",     "1 (stopped) -> 2 (starting)",
                                          "2 (starting) -> 3 (grid AC)", "3 (grid AC) -> 8 (fault)",
                                          "8 (fault) -> 1 (stopped)",    "1 (stopped) -> 2 (starting)",
                                          "2 (starting) -> 3 (grid AC)"};
  EXPECT_EQ(states, expected);
}

}  // namespace
}  // namespace hil::harness
