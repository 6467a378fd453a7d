#include "harness/live/pseudo_terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/sim/wire/line_rig.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using sim::test::Bytes;
using sim::test::ConstantServer;
using sim::test::read_request;

/// A line with one unit behind a terminal, and the master's end of it.
struct Served {
  explicit Served(const sim::SerialFormat& format) : line(kernel, "com1", format) {
    line.add_unit({.name = "et1", .address = 11, .server = &server});
    port = FileDescriptor(::open(terminal.path().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK));
    EXPECT_TRUE(port.is_open());
  }
  void write(const Bytes& bytes) {
    EXPECT_EQ(::write(port.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  std::size_t waiting_bytes() {
    std::array<std::uint8_t, 1024> bytes{};
    const ssize_t got = ::read(port.get(), bytes.data(), bytes.size());
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

  sim::Kernel kernel{10ms};
  sim::SerialLine line;
  ConstantServer server;
  PacedLoop loop{kernel, 1.0};
  PseudoTerminal terminal{loop, line};
  FileDescriptor port;
};

// 125 registers take 277.6 ms at 9600 baud, t3.5 included: a run of 200 ms ends before the reply does, unless the
// machine lets it oversleep by that much.
TEST(PseudoTerminal, GivesTheBytesTheTimeOfTheLine) {
  Served served{{}};
  served.write(read_request(11, 125));
  served.loop.run(200ms);
  EXPECT_EQ(served.server.served, 1);
  const std::size_t early = served.kernel.now() < 277ms ? served.waiting_bytes() : 0;
  EXPECT_EQ(early, 0u);
  served.loop.run(600ms);
  EXPECT_EQ(served.waiting_bytes(), 255u);
}

TEST(PseudoTerminal, AnswersAtOnceOnALineWithoutWireTime) {
  Served served{{.takes_time = false}};
  served.write(read_request(11, 125));
  served.loop.run(200ms);
  EXPECT_EQ(served.waiting_bytes(), 255u);
  EXPECT_EQ(served.terminal.dropped_bytes(), 0u);
}

// A controller that is set up for 19200 baud would be deaf and dumb on a wire of 9600: here it is, too, and that is
// told.
TEST(PseudoTerminal, IsNotUnderstoodAtAnotherBaud) {
  Served served{{}};
  std::vector<int> told;
  served.terminal.on_baud([&told](sim::Time, const TerminalBaud& baud) { told.push_back(baud.baud()); });
  set_terminal_baud(served.port.get(), 19200);
  served.write(read_request(11, 1));
  served.loop.run(300ms);
  EXPECT_EQ(served.server.served, 0);
  EXPECT_EQ(served.line.counters().bad_crc, 1.0);
  EXPECT_EQ(served.waiting_bytes(), 0u);
  set_terminal_baud(served.port.get(), 9600);
  served.write(read_request(11, 1));
  served.loop.run(600ms);
  EXPECT_EQ(served.server.served, 1);
  EXPECT_EQ(served.waiting_bytes(), 7u);
  EXPECT_EQ(told, (std::vector<int>{19200, 9600}));
}

}  // namespace
}  // namespace hil::harness
