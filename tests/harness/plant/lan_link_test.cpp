#include "harness/plant/lan_link.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "tests/harness/lan/fake_sec1000.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// The far end of the link as a script: answers each request at once and writes down what it is asked.
struct ScriptedServer {
  explicit ScriptedServer(sim::Kernel& its_kernel) : kernel(its_kernel) {}

  LanServer seam() {
    LanServer server;
    server.there = [this] { return there; };
    server.open = [this](LanReceiver receiver) -> std::optional<std::size_t> {
      note("open");
      if (full) return std::nullopt;
      receivers.push_back(std::move(receiver));
      return receivers.size() - 1;
    };
    server.send = [this](std::size_t client, std::span<const std::uint8_t> bytes) {
      note("bytes of " + std::to_string(client) + ": " + tests::hex_of(bytes.subspan(4, 1)));
      if (closes) receivers[client].closed(kernel.now());
      if (closes || !answers) return;
      for (const auto& segment : device.answer(bytes, tests::FakeSec1000::Trouble::none)) {
        receivers[client].bytes(segment, kernel.now());
      }
    };
    server.close = [this](std::size_t client) { note("close of " + std::to_string(client)); };
    return server;
  }
  void note(const std::string& what) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(kernel.now()).count();
    log.push_back(std::to_string(ms) + " ms: " + what);
  }

  sim::Kernel& kernel;
  tests::FakeSec1000 device;
  std::vector<LanReceiver> receivers;
  std::vector<std::string> log;
  bool there = true;
  bool full = false;
  bool answers = true;
  bool closes = false;
};

class LanLinkTest : public ::testing::Test {
 protected:
  void make(sim::Time start = 1s) {
    LanClient::Settings settings;
    settings.refresh = 30s;
    link = std::make_unique<LanLink>(
        kernel, "ha", settings, 5ms, start, [](sim::Time) { return sec1000::ClockTime{}; }, server.seam(),
        [this](const Event& event) { events.push_back(event.subject + " " + event.text); });
    link->register_signals(signals);
    kernel.each_step(sim::StepPhase::timeline, [this](sim::Time now) {
      if (on_step) on_step(now);
    });
  }
  double value(const std::string& name) const {
    const sim::Signal* signal = signals.find(name);
    if (signal == nullptr) throw std::out_of_range(name);
    return *signal->value;
  }

  sim::Kernel kernel{100ms};
  ScriptedServer server{kernel};
  sim::SignalRegistry signals;
  std::unique_ptr<LanLink> link;
  std::vector<std::string> events;
  std::function<void(sim::Time)> on_step;
};

// 5 ms one way: a connection stands after 10 ms, its request is there after 15, the answer back after 20; the close
// that follows takes 5 more, the next connection the same.
TEST_F(LanLinkTest, CarriesEachExchangeWithTheTimeOfItsWay) {
  make();
  kernel.run(10s);
  const std::vector<std::string> expected{"1005 ms: open", "1015 ms: bytes of 0: 0B", "1025 ms: close of 0",
                                          "1025 ms: open", "1035 ms: bytes of 1: 43", "1045 ms: close of 1"};
  EXPECT_EQ(server.log, expected);
}

TEST_F(LanLinkTest, PublishesWhatTheClientShows) {
  make();
  server.device.limit_w = 7250;
  kernel.run(10s);
  EXPECT_EQ(value("ha.grid_export_w"), -351.0);
  EXPECT_EQ(value("ha.inverter_output_w"), 3386.0);
  EXPECT_EQ(value("ha.load_w"), 3737.0);
  EXPECT_EQ(value("ha.l2_voltage_ln_rms_v"), 240.4);
  EXPECT_EQ(value("ha.l3_current_a"), 5.08);
  EXPECT_EQ(value("ha.l1_grid_export_w"), 295.0);
  EXPECT_EQ(value("ha.export_limit_w"), 7250.0);
  EXPECT_EQ(value("ha.total_capacity_w"), 20300.0);
  EXPECT_EQ(value("ha.control_mode"), 3.0);
  EXPECT_EQ(value("ha.export_on"), 1.0);
  EXPECT_EQ(value("ha.ready"), 1.0);
  EXPECT_EQ(value("ha.exchanges"), 2.0);
  EXPECT_EQ(value("ha.failed_exchanges"), 0.0);
  EXPECT_EQ(value("ha.feedback_get_telemetry"), 1.0);
  EXPECT_EQ(signals.find("ha.feedback_set_control_mode"), nullptr);
}

TEST_F(LanLinkTest, CarriesOutAnOrderAndTellsWhatCameOfIt) {
  make();
  on_step = [this](sim::Time now) {
    if (now == 3s) {
      EXPECT_TRUE(link->order({.service = LanService::set_export_limit, .limit_kw = 7.25}, now));
    }
    if (now == 3s) {
      EXPECT_EQ(value("ha.feedback_set_export_limit"), 0.0);
    }
  };
  kernel.run(10s);
  EXPECT_EQ(server.device.limit_w, 7250);
  EXPECT_EQ(value("ha.feedback_set_export_limit"), 1.0);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back(), "ha.set_export_limit OK");
}

TEST_F(LanLinkTest, TakesNoOrderBeforeItsStart) {
  make(5s);
  on_step = [this](sim::Time now) {
    if (now == 3s) {
      EXPECT_FALSE(link->order({.service = LanService::set_datetime}, now));
    }
  };
  kernel.run(10s);
  EXPECT_EQ(value("ha.exchanges"), 2.0);
}

TEST_F(LanLinkTest, AServerThatIsFullRefuses) {
  make();
  server.full = true;
  kernel.run(5s);
  EXPECT_EQ(value("ha.feedback_get_telemetry"), 64.0);
  EXPECT_EQ(value("ha.failed_exchanges"), 2.0);
}

TEST_F(LanLinkTest, AServerWithoutPowerAnswersNothingUntilTheClientGivesUp) {
  make();
  server.there = false;
  kernel.run(10s);
  EXPECT_EQ(value("ha.feedback_get_telemetry"), 0.0);
  kernel.run(12s);
  EXPECT_EQ(value("ha.feedback_get_telemetry"), 8.0);
  EXPECT_TRUE(server.log.empty());
}

TEST_F(LanLinkTest, AClosedConnectionIsNotClosedAgain) {
  make();
  server.closes = true;
  kernel.run(5s);
  EXPECT_EQ(value("ha.feedback_get_telemetry"), 64.0);
  for (const std::string& line : server.log) EXPECT_EQ(line.find("close of"), std::string::npos) << line;
}

TEST_F(LanLinkTest, AConnectionWhoseServerLostPowerIsNeverTouchedAgain) {
  make();
  server.answers = false;
  on_step = [this](sim::Time now) {
    if (now == 2s) link->server_lost_power();
  };
  kernel.run(11s);
  EXPECT_EQ(server.log.size(), 2U);
  kernel.run(13s);
  // The timeout of the first exchange; its close reaches nobody.
  EXPECT_EQ(server.log.back(), "11025 ms: bytes of 1: 43");
}

TEST_F(LanLinkTest, ADeadClientLeavesItsConnectionStandingAndStartsOnNewOnes) {
  make();
  server.answers = false;
  on_step = [this](sim::Time now) {
    if (now == 2s) link->die({.leaves_connections = true}, now);
    if (now == 3s) {
      EXPECT_FALSE(link->order({.service = LanService::set_datetime}, now));
    }
    if (now == 4s) server.receivers[0].bytes(tests::bytes_of("04 52"), now);
    if (now == 5s) server.answers = true;
    if (now == 5s) link->switch_on(now);
  };
  kernel.run(4s);
  EXPECT_EQ(value("ha.powered"), 0.0);
  EXPECT_EQ(events.back(), "ha dead");
  kernel.run(10s);
  EXPECT_EQ(value("ha.ready"), 1.0);
  for (const std::string& line : server.log) EXPECT_EQ(line.find("close of 0"), std::string::npos) << line;
  EXPECT_EQ(server.receivers.size(), 3U);
}

TEST_F(LanLinkTest, AClientThatDiesInTheMidstSendsPartOfItsRequestAndHangsUp) {
  make();
  on_step = [this](sim::Time now) {
    if (now == 3s) link->die({.exchange = 1, .request_bytes = 7}, now);
    if (now == 3s) link->order({.service = LanService::set_export_limit, .limit_kw = 1.0}, now);
  };
  kernel.run(4s);
  const std::size_t last_bytes = server.log.size();
  ASSERT_GE(last_bytes, 3U);
  EXPECT_EQ(server.log[last_bytes - 2], "3015 ms: bytes of 2: 42");
  EXPECT_EQ(server.log[last_bytes - 1], "3015 ms: close of 2");
  EXPECT_EQ(value("ha.powered"), 0.0);
}

// What the manual's client makes of it: an answer in pieces is put together, one with a bad checksum is 32.
TEST_F(LanLinkTest, SpoilsAndSplitsAnswersWhileToldTo) {
  make();
  kernel.run(10s);
  on_step = [this](sim::Time now) {
    if (now != 12s) return;
    link->split_answers(true);
    link->order({LanService::get_export_limit, {}}, now);
  };
  kernel.run(20s);
  EXPECT_DOUBLE_EQ(value("ha.feedback_get_export_limit"), feedback::ok);
  on_step = [this](sim::Time now) {
    if (now != 22s) return;
    link->split_answers(false);
    link->spoil_checksums(true);
    link->order({LanService::get_export_limit, {}}, now);
  };
  kernel.run(30s);
  EXPECT_DOUBLE_EQ(value("ha.feedback_get_export_limit"), feedback::checksum_error);
}

}  // namespace
}  // namespace hil::harness
