// The EMS on Modbus TCP against a device that answers as the test says, 20 ms after a request.
#include "harness/plant/tcp_master.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>

#include "harness/live/libmodbus_client.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Outcome = EmsMaster::Outcome;
using sim::NetworkFault;
using What = TcpTraffic::What;

class Answering : public sim::ModbusServer {
 public:
  std::size_t serve(std::span<const std::uint8_t> request, std::span<std::uint8_t> reply, sim::Time now) override {
    asked.push_back(now);
    if (silent) return 0;
    std::copy(request.begin(), request.end(), reply.begin());
    return request.size();
  }
  std::vector<sim::Time> asked;
  bool silent = false;
};

struct Ending {
  std::size_t tag = 0;
  Outcome outcome = Outcome::none;
  sim::Time at{0};
  Bytes pdu{};

  bool operator==(const Ending&) const = default;
};

/// An EMS with a timeout of 500 ms, its client libmodbus, and its device of unit 7.
class Rig {
 public:
  Rig() {
    master.emplace(kernel, TcpMaster::Device{7, &supply, &port, 20ms, &supply}, 500ms,
                   std::make_unique<LibmodbusClient>(std::uint8_t{7}),
                   [this](const EmsMaster::Request& request, Outcome outcome, std::span<const std::uint8_t> pdu) {
                     ended.push_back({request.tag, outcome, kernel.now(), {pdu.begin(), pdu.end()}});
                   });
    master->add_monitor([this](const TcpTraffic& traffic) { traffic_of[traffic.what].push_back(traffic.at); });
  }
  /// Writes `tag` to register 100.
  void at(sim::Time when, const std::vector<std::size_t>& tags) {
    do_at(when, [this, tags] {
      for (const std::size_t tag : tags) {
        EmsMaster::Request request;
        request.unit = 7;
        request.tag = tag;
        for (const std::size_t byte : {std::size_t{6}, std::size_t{0}, std::size_t{100}, std::size_t{0}, tag}) {
          request.pdu[request.length++] = static_cast<std::uint8_t>(byte);
        }
        master->ask(request);
      }
    });
  }
  void set(sim::Time when, NetworkFault fault, const sim::NetworkPort::Setting& setting) {
    do_at(when, [this, fault, setting] { port.set(fault, setting); });
  }
  void set_supply(sim::Time when, bool on) {
    do_at(when, [this, on] { supply.set_on(on); });
  }
  void do_at(sim::Time when, std::function<void()> action) {
    kernel.each_step(sim::StepPhase::timeline, [when, action = std::move(action)](sim::Time now) {
      if (now == when) action();
    });
  }
  std::size_t count(What what) { return traffic_of[what].size(); }

  sim::Kernel kernel{10ms};
  Answering device;
  SupplySwitch supply{device};
  sim::NetworkPort port{sim::NetworkPort::Kind::stream, 7};
  std::optional<TcpMaster> master;
  std::vector<Ending> ended;
  std::map<What, std::vector<sim::Time>> traffic_of;
};

Ending echoed(std::size_t tag, sim::Time at) {
  return {tag, Outcome::reply, at, {6, 0, 100, 0, static_cast<std::uint8_t>(tag)}};
}
Ending nothing(std::size_t tag, sim::Time at) {
  return {tag, Outcome::none, at};
}
constexpr sim::NetworkPort::Setting always{.probability = 1.0};
constexpr sim::NetworkPort::Setting off{};

TEST(TcpMaster, AsksOneAfterTheOtherAndHearsAfterTheTurnAround) {
  Rig rig;
  rig.at(100ms, {1, 2});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 120ms), echoed(2, 140ms)}));
  EXPECT_EQ(rig.device.asked, (std::vector<sim::Time>{100ms, 120ms}));
  EXPECT_EQ(rig.count(What::opened), 1U) << "one connection for all";
}

TEST(TcpMaster, HangsUpAtItsTimeoutAndAsksTheNextOnANewConnection) {
  Rig rig;
  rig.device.silent = true;
  rig.at(0ms, {1, 2});
  rig.do_at(300ms, [&rig] { rig.device.silent = false; });
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{nothing(1, 500ms), echoed(2, 520ms)}));
  EXPECT_EQ(rig.count(What::opened), 2U);
  EXPECT_EQ(rig.count(What::closed), 1U);
}

TEST(TcpMaster, HearsALateReplyNoMore) {
  Rig rig;
  rig.set(0ms, NetworkFault::delay, {.probability = 1.0, .time = 600ms});
  rig.at(10ms, {1, 2});
  rig.set(20ms, NetworkFault::delay, off);
  rig.kernel.run(2s);
  EXPECT_EQ(rig.ended, (std::vector{nothing(1, 510ms), echoed(2, 530ms)}));
}

TEST(TcpMaster, WaitsForTheLastPieceOfAReply) {
  Rig rig;
  // 12 bytes in pieces of 5: three of them, the last 60 ms behind the first.
  rig.set(0ms, NetworkFault::split, {.probability = 1.0, .number = 5, .time = 30ms});
  rig.at(10ms, {1});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 10ms + 20ms + 60ms)}));
  EXPECT_EQ(rig.count(What::reply), 3U);
}

TEST(TcpMaster, LeavesAReplyThatStallsToItsTimeout) {
  Rig rig;
  rig.set(0ms, NetworkFault::stall, always);
  rig.at(10ms, {1});
  rig.set(300ms, NetworkFault::stall, off);
  rig.at(310ms, {2});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 300ms), echoed(2, 330ms)}));
}

TEST(TcpMaster, CallsGarbledAtOnceWhatLibmodbusRefuses) {
  Rig rig;
  rig.set(0ms, NetworkFault::wrong_transaction, {.probability = 1.0, .number = 1});
  rig.at(10ms, {1});
  rig.set(20ms, NetworkFault::wrong_transaction, off);
  rig.at(100ms, {2});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{Ending{1, Outcome::garbled, 30ms}, echoed(2, 120ms)}));
  EXPECT_EQ(rig.count(What::opened), 2U) << "what else comes on that connection is not to be trusted";
}

TEST(TcpMaster, HearsNothingFromWhoRefusesItsConnection) {
  Rig rig;
  rig.set(0ms, NetworkFault::refused, always);
  rig.at(10ms, {1, 2});
  rig.set(100ms, NetworkFault::refused, off);
  rig.at(200ms, {3});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{nothing(1, 10ms), nothing(2, 10ms), echoed(3, 220ms)}));
  EXPECT_EQ(rig.count(What::refused), 2U);
  EXPECT_EQ(rig.device.asked.size(), 1U);
}

TEST(TcpMaster, KeepsAConnectionThatStandsWhenNewOnesAreRefused) {
  Rig rig;
  rig.at(10ms, {1});
  rig.set(100ms, NetworkFault::refused, always);
  rig.at(200ms, {2});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 30ms), echoed(2, 220ms)}));
}

TEST(TcpMaster, LosesARequestWithAConnectionThatIsReset) {
  Rig rig;
  rig.at(10ms, {1});
  rig.set(20ms, NetworkFault::reset, {.probability = 1.0, .number = 1});   // connections
  rig.set(100ms, NetworkFault::reset, {.probability = 1.0, .number = 0});  // each request
  rig.at(200ms, {2});
  rig.set(300ms, NetworkFault::reset, off);
  rig.at(400ms, {3});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{nothing(1, 20ms), nothing(2, 200ms), echoed(3, 420ms)}));
  EXPECT_EQ(rig.count(What::reset), 2U);
  EXPECT_EQ(rig.device.asked.size(), 2U) << "the first was heard, its reply was lost";
}

TEST(TcpMaster, MeetsADeviceThatWasGoneAndKnowsItsConnectionsNoMore) {
  Rig rig;
  rig.at(10ms, {1});
  rig.set(100ms, NetworkFault::half_open, always);
  rig.at(200ms, {2});  // nobody hears it; it hangs up and has a new connection, which nobody takes
  rig.at(800ms, {3});
  rig.set(900ms, NetworkFault::half_open, off);
  rig.at(1500ms, {4});
  rig.kernel.run(2s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 30ms), nothing(2, 700ms), nothing(3, 1300ms), echoed(4, 1520ms)}));
  EXPECT_EQ(rig.device.asked.size(), 2U);
}

// Nobody answers its SYN: neither a connection nor a refusal.
TEST(TcpMaster, HasNoConnectionWithADeviceWithoutSupply) {
  Rig rig;
  rig.set_supply(0ms, false);
  rig.at(10ms, {1, 2});
  rig.set_supply(1200ms, true);
  rig.at(1300ms, {3});
  rig.kernel.run(2s);
  EXPECT_EQ(rig.ended, (std::vector{nothing(1, 510ms), nothing(2, 1010ms), echoed(3, 1320ms)}));
  EXPECT_EQ(rig.count(What::opened), 1U);
  EXPECT_EQ(rig.count(What::refused), 0U);
  EXPECT_EQ(rig.device.asked.size(), 1U);
}

TEST(TcpMaster, HangsUpOnADeviceThatLostItsSupply) {
  Rig rig;
  rig.at(10ms, {1});
  rig.set_supply(100ms, false);
  rig.at(200ms, {2, 3});
  rig.kernel.run(2s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 30ms), nothing(2, 700ms), nothing(3, 1200ms)}));
  EXPECT_EQ(rig.count(What::closed), 1U) << "that of the first request";
  EXPECT_EQ(rig.count(What::opened), 1U);
}

TEST(TcpMaster, IsResetByADeviceThatHadNoSupplyMeanwhile) {
  Rig rig;
  rig.at(10ms, {1});
  rig.set_supply(100ms, false);
  rig.set_supply(200ms, true);
  rig.at(300ms, {2, 3});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 30ms), nothing(2, 300ms), echoed(3, 320ms)}));
  EXPECT_EQ(rig.count(What::reset), 1U);
}

TEST(TcpMaster, IsResetByADeviceThatCameBackBeforeItsTimeout) {
  Rig rig;
  rig.at(10ms, {1});
  rig.set(100ms, NetworkFault::half_open, always);
  rig.set(200ms, NetworkFault::half_open, off);
  rig.at(300ms, {2, 3});
  rig.kernel.run(2s);
  EXPECT_EQ(rig.ended, (std::vector{echoed(1, 30ms), nothing(2, 300ms), echoed(3, 320ms)}));
}

// One that is answered, one that a stall leaves without an answer, one that no connection takes, one to a dead host:
// who watches requests is told of each, and of its end, whether or not anything went over the network.
TEST(TcpMaster, TellsOfEachRequestAndItsEnd) {
  Rig rig;
  std::vector<std::pair<sim::Time, std::optional<Outcome>>> told;
  rig.master->add_exchange_monitor([&](const TcpExchange& exchange) {
    EXPECT_EQ(exchange.unit, 7);
    EXPECT_EQ(exchange.request.size(), 5U);
    told.emplace_back(exchange.at, exchange.over ? std::optional(exchange.outcome) : std::nullopt);
  });
  rig.at(1s, {1});
  rig.set(1900ms, NetworkFault::stall, always);
  rig.at(2s, {2});
  rig.set(2900ms, NetworkFault::stall, off);
  rig.set(2900ms, NetworkFault::refused, always);
  rig.at(3s, {3});
  rig.set(3900ms, NetworkFault::refused, off);
  rig.set_supply(3900ms, false);
  rig.at(4s, {4});
  rig.kernel.run(6s);
  const auto none = std::optional(Outcome::none);
  EXPECT_EQ(told, (std::vector<std::pair<sim::Time, std::optional<Outcome>>>{{1s, {}},
                                                                             {1020ms, Outcome::reply},
                                                                             {2s, {}},
                                                                             {2500ms, none},
                                                                             {3s, {}},
                                                                             {3s, none},
                                                                             {4s, {}},
                                                                             {4500ms, none}}));
}

}  // namespace
}  // namespace hil::harness
