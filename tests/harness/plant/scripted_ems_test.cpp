// The scripted EMS against a unit that answers as the test says, on a line of 9600 baud: a character lasts 10 bits,
// 1.0417 ms, and t3.5 is 3.6458 ms.
#include "harness/plant/scripted_ems.h"

#include <gtest/gtest.h>

#include <functional>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

class Answering : public sim::ModbusServer {
 public:
  explicit Answering(std::function<Bytes(const Bytes&)> answer) : answer_(std::move(answer)) {}
  std::size_t serve(std::span<const std::uint8_t> request, std::span<std::uint8_t> reply, sim::Time now) override {
    asked.emplace_back(now, Bytes{request.begin(), request.end()});
    const Bytes answer = answer_(asked.back().second);
    std::copy(answer.begin(), answer.end(), reply.begin());
    return answer.size();
  }
  std::vector<std::pair<sim::Time, Bytes>> asked;

 private:
  std::function<Bytes(const Bytes&)> answer_;
};

Bytes echo(const Bytes& request) {
  return request;
}

OrderModbus write(int address, int value) {
  OrderModbus order;
  order.device = "pcs1";
  order.register_name = std::to_string(address);
  order.address = static_cast<std::uint16_t>(address);
  order.value = value;
  order.answer = "echo";
  return order;
}

OrderModbus read(int address) {
  OrderModbus order = write(address, 0);
  order.what = OrderModbus::What::read;
  order.value.reset();
  order.answer = "values";
  return order;
}

/// One unit "pcs1" of address 7 on com1, and an EMS there.
class Rig {
 public:
  explicit Rig(std::function<Bytes(const Bytes&)> answer, std::vector<EmsPollSpec> polls = {})
      : kernel(10ms), line(kernel, "com1", {}), unit(std::move(answer)) {
    PcsSpec pcs;
    pcs.name = "pcs1";
    pcs.line = "com1";
    pcs.unit = 7;
    pcs.register_map = "map";
    scenario.site.pcs.push_back(pcs);
    sim::RegisterRow row;
    row.address = 101;
    row.encoding = sim::Encoding::s16;
    scenario.register_maps["map"].rows.push_back(row);
    row.address = 200;
    row.table = sim::Table::input;
    row.scale = -0.1;
    row.binding = "battery_discharge_a";
    scenario.register_maps["map"].rows.push_back(row);
    line.add_unit({.name = "pcs1", .address = 7, .server = &unit, .turnaround = 20ms});
    EmsSpec spec;
    spec.name = "ems";
    spec.lines = {"com1"};
    spec.timeout = 500ms;
    spec.polls = std::move(polls);
    ems.emplace(kernel, spec, std::map<std::string, sim::SerialLine*>{{"com1", &line}}, scenario,
                [this](const Event& event) { events.push_back(event); });
    ems->register_signals(signals);
  }

  void at(sim::Time when, std::vector<OrderModbus> orders) {
    kernel.each_step(sim::StepPhase::timeline, [this, when, orders](sim::Time now) {
      if (now != when) return;
      for (const OrderModbus& order : orders) events.push_back(ems->carry_out(order, now));
    });
  }
  double value(const std::string& signal) const { return *signals.find(signal)->value; }
  std::string last_event() const { return events.empty() ? "" : events.back().text; }

  sim::Kernel kernel;
  sim::SerialLine line;
  Answering unit;
  Scenario scenario;
  sim::SignalRegistry signals;
  std::optional<ScriptedEms> ems;
  std::vector<Event> events;
};

TEST(ScriptedEms, AsksInOrderAndWaitsForTheSilenceBehindEachAnswer) {
  Rig rig{echo};
  rig.at(0ms, {write(100, 1), write(101, -2)});
  rig.kernel.run(1s);
  ASSERT_EQ(rig.unit.asked.size(), 2U);
  EXPECT_EQ(rig.unit.asked[0].second, (Bytes{6, 0, 100, 0, 1}));
  EXPECT_EQ(rig.unit.asked[1].second, (Bytes{6, 0, 101, 0xFF, 0xFE}));
  // Request, silence, turn-around, answer of 8 characters each, silence; the same again up to the unit's hearing it.
  const double gap_s = std::chrono::duration<double>(rig.unit.asked[1].first - rig.unit.asked[0].first).count();
  EXPECT_NEAR(gap_s, 0.020 + 8 * 0.00104167 + 0.00364583 + 8 * 0.00104167 + 0.00364583, 1e-4);
  EXPECT_EQ(rig.value("ems.requests"), 2.0);
  EXPECT_EQ(rig.value("ems.answers"), 2.0);
  EXPECT_EQ(rig.value("ems.unexpected_answers"), 0.0);
  EXPECT_EQ(rig.events.size(), 2U) << "orders are events, what is as said is none";
}

TEST(ScriptedEms, CountsAndTellsAnAnswerThatIsNotWhatWasSaid) {
  Rig rig{[](const Bytes& request) { return Bytes{static_cast<std::uint8_t>(request[0] | 0x80U), 3}; }};
  OrderModbus refused = write(100, 9);
  refused.answer = "exception_3";
  rig.at(0ms, {refused, write(100, 1)});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.value("ems.unexpected_answers"), 1.0);
  EXPECT_EQ(rig.last_event(), "write 100 = 1: unexpected answer exception_3, must be echo");
  EXPECT_EQ(rig.events.back().kind, "modbus");
  EXPECT_EQ(rig.events.back().subject, "pcs1");
}

TEST(ScriptedEms, AsksNoMoreThanOnceAndGoesOnAtTheTimeout) {
  Rig rig{[](const Bytes& request) { return request[2] == 100 ? Bytes{} : request; }};
  OrderModbus silent = write(100, 1);
  silent.answer = "none";
  rig.at(0ms, {silent, write(101, 1), write(100, 2)});
  rig.kernel.run(3s);
  ASSERT_EQ(rig.unit.asked.size(), 3U);
  // From the last bit of the first request on; the unit hears the second 8 characters and a silence later.
  const double gap_s = std::chrono::duration<double>(rig.unit.asked[1].first - rig.unit.asked[0].first).count();
  EXPECT_NEAR(gap_s, 0.5 + 8 * 0.00104167, 1e-4);
  EXPECT_EQ(rig.value("ems.unexpected_answers"), 1.0);
  EXPECT_EQ(rig.last_event(), "write 100 = 2: unexpected answer none, must be echo");
}

TEST(ScriptedEms, TakesNoOtherRegisterForTheEchoAndNoOtherLengthForValues) {
  Rig rig{[](const Bytes& request) { return request[0] == 6 ? Bytes{6, 0, 99, 0, 1} : Bytes{3, 4, 0, 1, 0, 2}; }};
  rig.at(0ms, {write(100, 1), read(100)});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.value("ems.unexpected_answers"), 2.0);
  EXPECT_EQ(rig.last_event(), "read 100: unexpected answer garbled, must be values");
}

TEST(ScriptedEms, CallsAnAnswerInPiecesGarbledAndTellsItAtTheTimeout) {
  Rig rig{echo};
  sim::UnitCondition condition;
  condition.replies[sim::ReplyFault::split] = {.probability = 1.0, .number = 3, .time = 20ms};
  rig.line.set_condition("pcs1", condition);
  OrderModbus order = write(100, 1);
  order.answer = "garbled";
  rig.at(0ms, {order, write(101, 1)});
  rig.kernel.run(2s);
  EXPECT_EQ(rig.value("ems.answers"), 0.0);
  EXPECT_EQ(rig.value("ems.unexpected_answers"), 1.0);
  ASSERT_EQ(rig.unit.asked.size(), 2U);
  EXPECT_GT(rig.unit.asked[1].first - rig.unit.asked[0].first, 500ms);
}

TEST(ScriptedEms, HoldsWhatItReadsAgainstTheValueThatWasSaid) {
  Rig rig{[](const Bytes&) { return Bytes{3, 2, 0x04, 0x00}; }};
  OrderModbus right = read(100);
  right.value = 1024;
  OrderModbus wrong = read(100);
  wrong.value = -1;
  rig.at(0ms, {right, wrong});
  rig.kernel.run(1s);
  EXPECT_EQ(rig.value("ems.unexpected_answers"), 1.0);
  EXPECT_EQ(rig.last_event(), "read 100: unexpected answer has 1024, must have 65535");
}

TEST(ScriptedEms, PollsBecomeSignalsWithTheSignThatTheMapGives) {
  EmsPollSpec poll;
  poll.device = "pcs1";
  poll.register_name = "100";
  poll.address = 100;
  poll.count = 2;
  poll.period = 200ms;
  poll.begin = 100ms;
  bool answers = true;
  Rig rig{[&answers](const Bytes&) { return answers ? Bytes{3, 4, 0xFF, 0xFE, 0xFF, 0xFE} : Bytes{0x83, 4}; }, {poll}};
  rig.kernel.each_step(sim::StepPhase::timeline, [&answers](sim::Time now) { answers = now < 1s || now > 2s; });
  rig.kernel.run(1s);
  EXPECT_EQ(rig.value("ems.pcs1_100"), 65534.0);
  EXPECT_EQ(rig.value("ems.pcs1_101"), -2.0);
  EXPECT_EQ(rig.value("ems.requests"), 5.0) << "at 0.1, 0.3, 0.5, 0.7 and 0.9 s";
  rig.kernel.run(3s);
  EXPECT_EQ(rig.value("ems.failed_polls"), 5.0) << "those between 1 s and 2 s";
  ASSERT_EQ(rig.events.size(), 2U);
  EXPECT_EQ(rig.events[0].text, "poll of 100: exception_4");
  EXPECT_EQ(rig.events[1].text, "poll of 100: values again");
  EXPECT_EQ(rig.value("ems.unexpected_answers"), 0.0) << "these are of the timeline";
}

// A tenth of an ampere a count, and the other way round than the name says.
TEST(ScriptedEms, PollsByNameHaveTheUnitAndSignOfTheName) {
  EmsPollSpec poll;
  poll.device = "pcs1";
  poll.register_name = "battery_discharge_a";
  poll.address = 200;
  poll.table = sim::Table::input;
  poll.encoding = sim::Encoding::s16;
  poll.period = 200ms;
  Rig rig{[](const Bytes&) { return Bytes{4, 2, 0xFF, 0x85}; }, {poll}};
  rig.kernel.run(1s);
  EXPECT_EQ(rig.value("ems.pcs1_input_200"), -123.0) << "raw";
  EXPECT_NEAR(rig.value("ems.pcs1_battery_discharge_a"), 12.3, 1e-9);
}

/// The same unit in a connection, and an EMS there.
class NetworkRig {
 public:
  explicit NetworkRig(std::function<Bytes(const Bytes&)> answer) : unit(std::move(answer)) {
    PcsSpec pcs;
    pcs.name = "pcs1";
    pcs.line = "com1";
    pcs.unit = 7;
    scenario.site.pcs.push_back(pcs);
    EmsSpec spec;
    spec.name = "ems";
    spec.lines = {"com1"};
    spec.over = EmsOver::tcp;
    spec.timeout = 500ms;
    ems.emplace(kernel, spec, scenario, std::map<std::string, TcpMaster::Device>{{"pcs1", {7, &unit, &port, 20ms}}},
                make_tcp_client, [this](const Event& event) { events.push_back(event); });
  }
  /// What it told of the answers to these, each a second after the other.
  std::vector<std::string> told_of(const std::vector<OrderModbus>& orders) {
    kernel.each_step(sim::StepPhase::timeline, [this, orders](sim::Time now) {
      if (now % 1s != 0s) return;
      const auto next = static_cast<std::size_t>(now / 1s);
      if (next < orders.size()) ems->carry_out(orders[next], now);
    });
    kernel.run(std::chrono::seconds{orders.size()});
    std::vector<std::string> texts;
    for (const Event& event : events) texts.push_back(event.kind + " " + event.text);
    return texts;
  }

  sim::Kernel kernel{10ms};
  sim::NetworkPort port{sim::NetworkPort::Kind::stream, 7};
  Answering unit;
  Scenario scenario;
  std::optional<ScriptedEms> ems;
  std::vector<Event> events;
};

TEST(ScriptedEms, OnTheNetworkSaysOfAnswersWhatItSaysOnALine) {
  NetworkRig rig{[](const Bytes& request) {
    switch (request[4]) {
      case 1:
        return request;
      case 2:
        return Bytes{6, 0, 99, 0, 2};  // which libmodbus 3.1.6 takes for the echo
      case 3:
        return Bytes{0x86, 200};
      default:
        return Bytes{};
    }
  }};
  OrderModbus raw = write(100, 1);
  raw.what = OrderModbus::What::pdu;
  raw.pdu = {0x2B, 0x0E, 1, 0, 3};
  EXPECT_EQ(
      rig.told_of({write(100, 1), write(100, 2), write(100, 3), write(100, 4), raw}),
      (std::vector<std::string>{
          "client ems over Modbus TCP: connected", "modbus write 100 = 2: unexpected answer garbled, must be echo",
          "modbus write 100 = 3: unexpected answer exception_200, must be echo", "client ems over Modbus TCP: hung up",
          "modbus write 100 = 4: unexpected answer none, must be echo", "client ems over Modbus TCP: connected",
          "client ems over Modbus TCP: hung up",
          "modbus send 2B 0E 01 00 03: unexpected answer garbled, must be echo"}))
      << "an exception to another function is no answer to the last";
}

TEST(ScriptedEms, OfALineThatAnotherHasItOnlyTells) {
  Rig rig{echo};
  EmsSpec spec;
  spec.name = "other";
  spec.lines = {"com1"};
  ScriptedEms other{rig.kernel, spec, {}, rig.scenario, [](const Event&) {}};
  EXPECT_EQ(other.carry_out(write(100, 1), 0ms).text, "write 100 = 1 (somebody else has the line)");
}

}  // namespace
}  // namespace hil::harness
