#include "harness/live/can_endpoint.h"

#include <gtest/gtest.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <sys/socket.h>

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "harness/live/socketcan_frame.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// Two simulated nodes, and behind the endpoint a socket whose other end the test holds. 10,000 bit/s: a frame of 8
/// bytes takes more than 11 ms.
struct Joined {
  struct Heard {
    std::size_t node = 0;
    std::uint32_t id = 0;
    bool operator==(const Heard&) const = default;
  };

  explicit Joined(double speed = 1.0, int sockets = 1) : loop(kernel, speed) {
    for (int i = 0; i < sockets; ++i) {
      std::array<int, 2> ends{};
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()), 0);
      near_ends.emplace_back(ends[0]);
      far_ends.emplace_back(ends[1]);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      can.add_node("node" + std::to_string(i), [this, i](const sim::CanFrame& frame, sim::Time) {
        heard.push_back({i, frame.id});
      });
    }
    endpoint = std::make_unique<CanEndpoint>("test0", [this] { return open(); });
    endpoint->on_event([this](sim::Time, const std::string& text) { told.push_back(text); });
    node = can.add_node("test0", [this](const sim::CanFrame& frame, sim::Time now) { endpoint->hear(frame, now); });
    endpoint->connect(loop, kernel, can, node);
  }
  FileDescriptor open() {
    if (near_ends.empty()) throw std::runtime_error("none is left");
    FileDescriptor next = std::move(near_ends.front());
    near_ends.pop_front();
    return next;
  }
  void write(const sim::CanFrame& frame) { write_raw(socketcan_frame(frame)); }
  void write_raw(const can_frame& raw) {
    EXPECT_EQ(::send(far_ends.front().get(), &raw, sizeof raw, 0), static_cast<ssize_t>(sizeof raw));
  }
  /// What the other end of the present socket can read.
  std::vector<can_frame> read() {
    std::vector<can_frame> frames;
    can_frame frame{};
    while (::recv(far_ends.front().get(), &frame, sizeof frame, 0) == static_cast<ssize_t>(sizeof frame)) {
      frames.push_back(frame);
    }
    return frames;
  }
  void at(sim::Time when, std::function<void()> action) {
    alarms.push_back(kernel.make_alarm([action = std::move(action)](sim::Time) { action(); }));
    alarms.back().set(when);
  }
  std::vector<std::uint32_t> heard_by(std::size_t which) const {
    std::vector<std::uint32_t> ids;
    for (const Heard& each : heard) {
      if (each.node == which) ids.push_back(each.id);
    }
    return ids;
  }
  const CanEndpoint::Counters& counters() const { return endpoint->counters(); }

  sim::Kernel kernel{10ms};
  sim::CanBus can{kernel, 10'000, 7};
  std::deque<FileDescriptor> near_ends;
  std::deque<FileDescriptor> far_ends;
  PacedLoop loop;
  std::vector<Heard> heard;
  std::vector<std::string> told;
  std::vector<sim::Kernel::Alarm> alarms;
  std::size_t node = 0;
  std::unique_ptr<CanEndpoint> endpoint;
};

using Ids = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;

TEST(CanEndpoint, WritesWhatSimulatedNodesSend) {
  Joined joined;
  joined.at(0ms, [&] { joined.can.send(0, {.id = 0x123, .length = 2, .data = {0xAB, 0xCD}}); });
  joined.at(0ms, [&] { joined.can.send(1, {.id = 0x1860'0001, .extended = true}); });
  joined.loop.run(100ms);
  const std::vector<can_frame> written = joined.read();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0].can_id, 0x123u) << "it wins the arbitration";
  EXPECT_EQ(written[0].can_dlc, 2);
  EXPECT_EQ(written[0].data[0], 0xAB);
  EXPECT_EQ(written[1].can_id, 0x1860'0001u | CAN_EFF_FLAG);
  EXPECT_EQ(joined.counters().sent, 2u);
  EXPECT_EQ(joined.loop.lateness_of_what_left().instants, 2u);
}

TEST(CanEndpoint, WritesAFrameAtItsEndAndNoEarlier) {
  Joined joined;
  joined.at(0ms, [&] { joined.can.send(0, {.length = 8}); });
  bool early = false;
  // By hand: 118 bits before stuffing and 10 behind it take 12.8 ms or more less the 20 of a base identifier, 10.8 ms.
  joined.at(10ms, [&] { early = !joined.read().empty(); });
  joined.loop.run(50ms);
  EXPECT_FALSE(early);
  EXPECT_EQ(joined.read().size(), 1u);
}

TEST(CanEndpoint, LetsSimulatedNodesHearWhatItReads) {
  Joined joined;
  joined.write({.id = 0x100, .extended = true, .length = 1, .data = {0x42}});
  joined.loop.run(100ms);
  EXPECT_EQ(joined.heard_by(0), Ids{0x100});
  EXPECT_EQ(joined.heard_by(1), Ids{0x100});
  EXPECT_TRUE(joined.read().empty()) << "it is not written back";
  EXPECT_EQ(joined.counters().received, 1u);
  EXPECT_EQ(joined.counters().on_bus, 1u);
  EXPECT_EQ(joined.endpoint->counts(), "0 frames sent, 1 received");
}

// The first node has 16 frames of 11 ms and more, all of a low identifier: what is read while they are on the wire
// waits for them, and then goes before the higher identifier of the second node, which waits too.
TEST(CanEndpoint, CompetesForTheBusAsANodeOfItsOwn) {
  Joined joined;
  joined.at(0ms, [&] {
    for (int i = 0; i < 16; ++i) joined.can.send(0, {.id = 0x010, .length = 8});
    joined.can.send(1, {.id = 0x300});
  });
  joined.write({.id = 0x200});
  joined.write({.id = 0x400});
  joined.loop.run(400ms);
  const Ids all = joined.heard_by(0);
  EXPECT_EQ(all, (Ids{0x200, 0x300, 0x400}));
  EXPECT_GE(joined.can.counters(joined.node).arbitration_lost, 2.0) << "0x200 to 0x010, 0x400 to 0x300";
  EXPECT_EQ(joined.read().size(), 17u);
}

TEST(CanEndpoint, KeepsTheOrderInWhichFramesCame) {
  Joined joined(20.0);
  const Ids ids{0x300, 0x200, 0x100, 0x200};
  for (const std::uint32_t id : ids) joined.write({.id = id});
  joined.loop.run(1s);
  EXPECT_EQ(joined.heard_by(0), ids);
}

TEST(CanEndpoint, LosesWhatTheBusCannotTake) {
  Joined joined(100.0);
  // Nobody else has power: frames are sent again and again, and none arrives.
  for (std::size_t i = 0; i < 2; ++i) joined.can.set_place(i, {.powered = false});
  const std::size_t more = 10;
  const std::size_t all = CanEndpoint::most_waiting + 1 + more;
  std::size_t written = 0;
  while (joined.counters().received < all && joined.kernel.now() < 1000s) {
    // No more than fits into the socket.
    for (; written < all && written < joined.counters().received + 20; ++written) joined.write({.id = 1});
    joined.loop.run(joined.kernel.now() + 100ms);
  }
  EXPECT_EQ(joined.counters().received, all);
  EXPECT_EQ(joined.counters().on_bus, 0u);
  EXPECT_EQ(joined.counters().lost, more) << "all but the one at the bus and those that wait";
  EXPECT_EQ(joined.told, Texts{"more than 1024 frames wait for the bus: the newest are lost"});
}

// One identifier and other data, 32 times: bus-off for both, until 1408 bits have gone by, 141 ms. Until then 15 frames
// of 12 ms keep the bus from both.
TEST(CanEndpoint, LosesTheFrameOfABusOffAndGoesOn) {
  Joined joined;
  joined.at(0ms, [&] {
    for (int i = 0; i < 15; ++i) joined.can.send(1, {.id = 0x001, .length = 8});
    joined.can.send(0, {.id = 0x010, .length = 1, .data = {0x00}});
  });
  joined.write({.id = 0x010, .length = 1, .data = {0x80}});
  joined.write({.id = 0x055});
  joined.loop.run(1s);
  EXPECT_EQ(joined.can.counters(joined.node).bus_off, 1.0);
  EXPECT_EQ(joined.counters().lost, 1u);
  EXPECT_EQ(joined.counters().on_bus, 1u);
  EXPECT_EQ(joined.heard_by(1), Ids{0x055});
  EXPECT_EQ(joined.told, Texts{"is bus-off: the frame that it was sending is lost"});
}

TEST(CanEndpoint, DropsAndCountsWhatAFullQueueDoesNotTake) {
  Joined joined(100.0);
  // The smallest room that Linux gives holds a few frames.
  const int smallest = 1;
  ASSERT_EQ(::setsockopt(joined.endpoint->fd(), SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
  for (int i = 0; i < 100; ++i) {
    joined.at(i * 20ms, [&] { joined.can.send(0, {.id = 1}); });
  }
  joined.loop.run(3s);
  EXPECT_GT(joined.counters().no_room, 0u);
  EXPECT_EQ(joined.counters().sent + joined.counters().no_room, 100u);
  EXPECT_EQ(joined.told, Texts{"its queue is full: frames are lost, and counted"}) << "once";
  EXPECT_EQ(joined.read().size(), joined.counters().sent);
  EXPECT_EQ(joined.counters().times_down, 0u);
}

TEST(CanEndpoint, CountsWhatIsNoFrame) {
  Joined joined;
  const std::array<char, 200> bytes{};
  for (const std::size_t length : {std::size_t{1}, sizeof(can_frame) - 1, std::size_t{CANFD_MTU}, bytes.size()}) {
    EXPECT_EQ(::send(joined.far_ends.front().get(), bytes.data(), length, 0), static_cast<ssize_t>(length));
  }
  can_frame too_long{};
  too_long.can_dlc = 9;
  joined.write_raw(too_long);
  joined.write({.id = 0x77});
  joined.loop.run(100ms);
  EXPECT_EQ(joined.counters().malformed, 5u);
  EXPECT_EQ(joined.heard_by(0), Ids{0x77}) << "and goes on";
  EXPECT_EQ(joined.told, Texts{"carries what is no frame of classical CAN"});
}

TEST(CanEndpoint, TellsErrorFramesOfTheInterface) {
  Joined joined;
  can_frame error{};
  error.can_id = CAN_ERR_FLAG | CAN_ERR_BUSOFF;
  error.can_dlc = CAN_ERR_DLC;
  for (std::size_t i = 0; i < CanEndpoint::most_errors_told + 5; ++i) joined.write_raw(error);
  joined.loop.run(100ms);
  EXPECT_EQ(joined.counters().error_frames, CanEndpoint::most_errors_told + 5);
  EXPECT_EQ(joined.counters().received, 0u);
  ASSERT_EQ(joined.told.size(), CanEndpoint::most_errors_told);
  EXPECT_EQ(joined.told.front(), "error frame: bus-off");
  EXPECT_EQ(joined.told.back(), "error frame: bus-off; further ones are only counted");
  EXPECT_TRUE(joined.heard_by(0).empty());
}

TEST(CanEndpoint, HasNoPowerWhileTheInterfaceIsGone) {
  Joined joined(20.0, 2);
  bool powered_without = true;
  joined.at(100ms, [&] { joined.far_ends.pop_front(); });
  joined.at(600ms, [&] {
    powered_without = joined.can.place(joined.node).powered;
    joined.can.send(0, {.id = 0x11});
  });
  joined.at(3s, [&] { joined.can.send(0, {.id = 0x22}); });
  joined.loop.run(4s);
  EXPECT_FALSE(powered_without);
  EXPECT_EQ(joined.told, (Texts{"is gone (closed)", "is there again"}));
  EXPECT_EQ(joined.counters().times_down, 1u);
  const std::vector<can_frame> written = joined.read();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0].can_id, 0x22u);
  EXPECT_TRUE(joined.can.place(joined.node).powered);
}

TEST(CanEndpoint, LosesItsDescriptorWhenAWriteFails) {
  Joined joined(20.0);
  joined.at(100ms, [&] {
    // It still reads, and nobody reads what it writes.
    EXPECT_EQ(::shutdown(joined.far_ends.front().get(), SHUT_RD), 0);
    joined.can.send(0, {.id = 0x11});
  });
  joined.loop.run(3s);
  EXPECT_LT(joined.endpoint->fd(), 0);
  EXPECT_EQ(joined.told, Texts{"is gone (Broken pipe)"});
  EXPECT_EQ(joined.counters().not_there, 1u);
  EXPECT_EQ(joined.endpoint->counts(), "0 frames sent, 0 received; 1 not sent while it was gone; 1 times gone");
}

TEST(CanEndpoint, KnowsBeforeTheRunWhetherAFrameWaits) {
  Joined joined;
  EXPECT_FALSE(joined.endpoint->frame_waits());
  can_frame error{};
  error.can_id = CAN_ERR_FLAG | CAN_ERR_RESTARTED;
  joined.write_raw(error);
  EXPECT_FALSE(joined.endpoint->frame_waits()) << "what the interface says is none of a controller";
  EXPECT_EQ(joined.counters().error_frames, 1u);
  joined.write({.id = 0x33});
  EXPECT_TRUE(joined.endpoint->frame_waits());
  joined.loop.run(50ms);
  EXPECT_EQ(joined.heard_by(1), Ids{0x33}) << "it was left for the run";
}

}  // namespace
}  // namespace hil::harness
