// Storage converters on the bench: their wires, their network side, their supply, their faults and their lanes.
#include <algorithm>
#include <array>

#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

/// The site of this scenario, without another the multi-string one, with nobody at the lines.
Scenario unattended(sim::Time duration, std::vector<TimelineEntry> timeline = {},
                    const std::string& path = "sinexcel/string_dispatch.xml") {
  Scenario scenario = scenario_of_tree(path);
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

/// The answer to a read of one register.
Bytes word_at(Bench& bench, int address) {
  const Bytes write = write_of(address, 1);
  return ask(bench, {3, write[1], write[2], write[3], write[4]});
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

/// What scenarios/README.md says of device_power. `start`: the register that starts it; `setting`: one that takes 0.
void expect_self_test_after_power_up(const std::string& path, int start, int setting) {
  Bench bench{unattended(20s, {{1s, {SwitchDevice{"pcs1", false}}, {}}, {3s, {SwitchDevice{"pcs1", true}}, {}}}, path),
              nobody()};
  bench.kernel().run(500ms);
  EXPECT_EQ(ask(bench, write_of(setting, 0)), write_of(setting, 0));
  bench.kernel().run(3100ms);
  EXPECT_EQ(ask(bench, write_of(start, 1)), write_of(start, 1)) << "it answers at once";
  EXPECT_EQ(value(bench, "pcs1.state"), 0.0);
  bench.kernel().run(12900ms);
  EXPECT_EQ(value(bench, "pcs1.state"), 0.0);
  bench.kernel().run(20s);
  EXPECT_EQ(value(bench, "pcs1.state"), 1.0) << "10 s after power-up it stands: the order is forgotten";
  EXPECT_EQ(value(bench, "pcs1.ignored_writes"), 1.0);
  EXPECT_EQ(word_at(bench, setting), (Bytes{3, 2, 0, 0})) << "settings stay";
}

TEST(StorageConverters, OfTheFirstWorldTestThemselvesAfterPowerUp) {
  expect_self_test_after_power_up("sinexcel/string_dispatch.xml", 53900, 53629);
}

TEST(StorageConverters, OfTheSecondWorldTestThemselvesAfterPowerUp) {
  expect_self_test_after_power_up("sinexcel/pws2_openems_client.xml", 650, 327);
}

TEST(StorageConverters, TakeNoConnectionWithoutSupply) {
  Scenario scenario = scenario_of_tree("sinexcel/two_ways.xml");  // polls pcs2 each 0.5 s
  scenario.duration = 20s;
  scenario.timeline = {{5s, {SwitchDevice{"pcs2", false}}, {}}, {12s, {SwitchDevice{"pcs2", true}}, {}}};
  Bench bench{scenario};
  std::vector<sim::Time> opened;
  int refused = 0;
  bench.on_tcp([&](const std::string&, const TcpTraffic& traffic) {
    if (traffic.what == TcpTraffic::What::opened) opened.push_back(traffic.at);
    if (traffic.what == TcpTraffic::What::refused) ++refused;
  });
  bench.run();
  ASSERT_EQ(opened.size(), 2U);
  EXPECT_LT(opened[0], 1s);
  EXPECT_GE(opened[1], 12s);
  EXPECT_LE(opened[1], 13500ms) << "with the first poll behind the timeout of 1 s that runs when supply comes back";
  EXPECT_EQ(refused, 0) << "a dead host does not even refuse";
}

TEST(StorageConverters, ShowTheirUnitAndTheBaudOfTheirLine) {
  Scenario scenario = unattended(1s, {}, "sinexcel/pws2_openems_client.xml");
  scenario.site.pcs.at(0).unit = 5;
  scenario.site.lines.at(0).format.baud = 9600;
  Bench bench{scenario, nobody()};
  bench.kernel().run(100ms);
  EXPECT_EQ(word_at(bench, 316), (Bytes{3, 2, 0, 5}));
  EXPECT_EQ(word_at(bench, 320), (Bytes{3, 2, 0, 1})) << "0 is 19200";
  EXPECT_EQ(word_at(bench, 568), (Bytes{3, 2, 0, 5}));
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
