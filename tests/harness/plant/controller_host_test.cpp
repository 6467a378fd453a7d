#include "harness/plant/controller_host.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

const Bytes read_telemetry{0x00, 0x05, 0x01, 0x01, 0x0B, 0x00, 0x0D};
const Bytes read_limit{0x00, 0x05, 0x01, 0x01, 0x43, 0x00, 0x45};
const Bytes value_off{0x00, 0x06, 0x01, 0x01, 0x40, 0x02, 0x00, 0x44};
/// 20.3 kW of capacity, 7 kW of export, sum of the phases (sec1000-lan-protocol 4).
const Bytes write_seven_kw{0x00, 0x0E, 0x01, 0x01, 0x42, 0x00, 0x00, 0x4F,
                           0x4C, 0x00, 0x00, 0x1B, 0x58, 0x02, 0x01, 0x54};

/// Two inverters with 12 kW of PV, a load of 0.8 kW, nothing on the timeline.
Scenario sunny() {
  Scenario scenario = scenario_of_tree("goodwe/heater_step_zero_export.xml");
  scenario.timeline.clear();
  return scenario;
}

/// A bench, things to do at instants, and what its LAN clients got.
struct LanBench {
  explicit LanBench(const Scenario& scenario) : bench(scenario), host(*bench.controller_host()) {}
  void at(sim::Time when, std::function<void()> action) {
    alarms.push_back(std::make_unique<sim::Kernel::Alarm>(
        bench.kernel().make_alarm([action = std::move(action)](sim::Time) { action(); })));
    alarms.back()->set(when);
  }
  std::optional<std::size_t> open() {
    return host.lan_open({[this](std::span<const std::uint8_t> bytes, sim::Time now) {
                            writes.emplace_back(bytes.begin(), bytes.end());
                            write_times.push_back(now);
                          },
                          [this](sim::Time now) { closed_at.push_back(now); }});
  }
  double signal(const std::string& name) { return *bench.signals().find(name)->value; }

  Bench bench;
  ControllerHost& host;
  std::vector<std::unique_ptr<sim::Kernel::Alarm>> alarms;
  std::vector<Bytes> writes;
  std::vector<sim::Time> write_times;
  std::vector<sim::Time> closed_at;
};

// 12 kW of PV less 0.8 kW of load and 2 kW of charging leave 9 kW to export. 150 W: target import, CT and meter error.
TEST(ControllerHost, ALimitWrittenOverTheLanActsOnThePlant) {
  LanBench lan{sunny()};
  double before_w = 0.0;
  double limited_w = 0.0;
  lan.at(40s, [&] {
    before_w = lan.signal("grid.export_w");
    const auto client = lan.open();
    ASSERT_TRUE(client.has_value());
    lan.host.lan_send(*client, write_seven_kw);
    lan.host.lan_close(*client);
  });
  lan.at(70s, [&] {
    limited_w = lan.signal("grid.export_w");
    // The limit once more: who takes it away without having written one gets it back after 5 s.
    const auto client = lan.open();
    lan.host.lan_send(*client, write_seven_kw);
    lan.host.lan_send(*client, value_off);
    lan.host.lan_close(*client);
  });
  lan.bench.kernel().run(90s);
  EXPECT_NEAR(before_w, 0.0, 150.0);
  EXPECT_NEAR(limited_w, 7000.0, 150.0);
  EXPECT_GT(lan.signal("grid.export_w"), 8000.0);
  ASSERT_EQ(lan.writes.size(), 3U);
  EXPECT_EQ(lan.writes[0], (Bytes{4, 'R', 'E', 'V', 'O', 0, 6, 1, 1, 0x42, 6, 0, 0x4A}));
  EXPECT_EQ(lan.write_times[0], 40s);
}

TEST(ControllerHost, TelemetryOverTheLanIsThatOfThePlant) {
  LanBench lan{sunny()};
  lan.at(40s, [&] { lan.host.lan_send(lan.open().value(), read_telemetry); });
  lan.bench.kernel().run(40s);
  ASSERT_EQ(lan.writes.size(), 1U);
  ASSERT_EQ(lan.writes[0].size(), 56U);
  const auto value = [&](std::size_t at) {
    std::uint32_t raw = 0;
    for (std::size_t k = 0; k < 4; ++k) raw = raw << 8 | lan.writes[0][at + k];
    return static_cast<std::int32_t>(raw);
  };
  EXPECT_NEAR(value(10), 2300.0, 100.0);                             // 0.1 V
  EXPECT_NEAR(value(46), lan.signal("grid.export_w"), 50.0);         // meter
  EXPECT_NEAR(value(50), lan.signal("site.ac_injection_w"), 100.0);  // inverters
  const controller::PlantView& view = lan.host.core().view();
  EXPECT_NEAR(view.pv_w.value(), lan.signal("site.pv_w"), 200.0);
  EXPECT_NEAR(view.load_w.value(), lan.signal("site.load_w"), 100.0);
  EXPECT_NEAR(view.mean_soc.value(), 0.5, 0.02);
  EXPECT_EQ(view.devices[0].errors, 0U);
}

TEST(ControllerHost, RefusesAThirdClientAndClosesASilentOne) {
  Scenario scenario = sunny();
  scenario.controller.lan.idle_timeout = 5s;
  LanBench lan{scenario};
  lan.at(1s, [&] {
    EXPECT_EQ(lan.open(), 0U);
    EXPECT_EQ(lan.open(), 1U);
    EXPECT_FALSE(lan.open().has_value());
  });
  lan.at(4s, [&] { lan.host.lan_send(1, read_limit); });
  lan.at(7s, [&] { EXPECT_EQ(lan.open(), 0U); });
  lan.bench.kernel().run(8s);
  EXPECT_EQ(lan.closed_at, std::vector<sim::Time>{6s});
  EXPECT_EQ(lan.writes.size(), 1U);
}

TEST(ControllerHost, AReceiverMayAskOpenAndCloseAtOnce) {
  LanBench lan{sunny()};
  int answers = 0;
  std::size_t client = 0;
  std::function<void()> connect;
  const auto on_answer = [&](std::span<const std::uint8_t>, sim::Time) {
    // As the public clients: one exchange, then a new connection. The fourth asks twice on its own.
    if (++answers == 4) return lan.host.lan_send(client, read_limit);
    lan.host.lan_close(client);
    if (answers < 5) connect();
  };
  connect = [&] {
    client = lan.host.lan_open({on_answer, {}}).value();
    lan.host.lan_send(client, read_limit);
  };
  lan.at(1s, connect);
  lan.bench.kernel().run(2s);
  EXPECT_EQ(answers, 5);
  EXPECT_EQ(lan.host.lan_open({}), 0U);
  EXPECT_EQ(lan.host.lan_open({}), 1U);
}

TEST(ControllerHost, MergedRequestsAreAnsweredAtTheSameInstantEachByItself) {
  LanBench lan{sunny()};
  Bytes three;
  for (int k = 0; k < 3; ++k) three.insert(three.end(), read_limit.begin(), read_limit.end());
  lan.at(1s, [&] { lan.host.lan_send(lan.open().value(), three); });
  lan.bench.kernel().run(2s);
  ASSERT_EQ(lan.writes.size(), 3U);
  for (const Bytes& write : lan.writes) EXPECT_EQ(write.size(), 25U);
  for (const sim::Time at : lan.write_times) EXPECT_EQ(at, 1s);
}

TEST(ControllerHost, ThePlantIsControlledWhileItsLanIsFlooded) {
  LanBench lan{sunny()};
  const Bytes garbage(4096, 0x00);
  for (int k = 0; k < 400; ++k) {
    lan.at(20s + k * 50ms, [&lan, &garbage, k] {
      if (k == 0) {
        EXPECT_EQ(lan.open(), 0U);
      }
      lan.host.lan_send(0, garbage);
    });
  }
  lan.bench.kernel().run(41s);
  EXPECT_NEAR(lan.signal("grid.export_w"), 0.0, 150.0);
  EXPECT_LT(lan.bench.longest_poll_period_s("com1"), 0.7);
  lan.host.lan_send(0, read_limit);
  ASSERT_EQ(lan.writes.size(), 1U);
}

TEST(ControllerHost, AnOverloadedLanLeavesThePlantAlone) {
  Scenario scenario = sunny();
  scenario.controller.lan.overload = controller::LanSettings::Overload{};
  LanBench lan{scenario};
  for (int k = 0; k < 20; ++k) {
    lan.at(30s + k * 100ms, [&lan] {
      const std::size_t client = lan.open().value();
      lan.host.lan_send(client, read_telemetry);
      lan.host.lan_close(client);
    });
  }
  lan.at(40s, [&lan] { lan.host.lan_send(lan.open().value(), value_off); });
  lan.bench.kernel().run(60s);
  EXPECT_EQ(lan.writes.size(), 12U + 5U);  // then silence
  EXPECT_EQ(lan.writes[12].size(), 13U);
  EXPECT_NEAR(lan.signal("grid.export_w"), 0.0, 150.0);  // the limit was not switched off
}

}  // namespace
}  // namespace hil::harness
