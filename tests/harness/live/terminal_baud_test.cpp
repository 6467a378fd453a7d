#include "harness/live/terminal_baud.h"

#include <gtest/gtest.h>
#include <termios.h>

#include <algorithm>

#include "harness/live/pseudo_terminal.h"

namespace hil::harness {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes copied(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

/// As a program does at its end.
void set_speed(int fd, speed_t speed) {
  termios settings{};
  ASSERT_EQ(::tcgetattr(fd, &settings), 0);
  ASSERT_EQ(::cfsetspeed(&settings, speed), 0);
  ASSERT_EQ(::tcsetattr(fd, TCSANOW, &settings), 0);
}

const Bytes frame{1, 3, 0x88, 0xB8, 0, 1, 0x2F, 0x8F};

TEST(TerminalBaud, IsTheLinesUntilAProgramSetsAnother) {
  const auto pair = PseudoTerminalPair::open("a test", 9600);
  termios settings{};
  ASSERT_EQ(::tcgetattr(pair.slave.get(), &settings), 0);
  EXPECT_EQ(::cfgetospeed(&settings), static_cast<speed_t>(B9600));
  TerminalBaud baud(pair.master.get(), {});
  EXPECT_FALSE(baud.has_changed());
  EXPECT_EQ(copied(baud.sent(frame)), frame);
  EXPECT_EQ(copied(baud.heard(frame)), frame);
}

TEST(TerminalBaud, ThatIsAnotherMakesGarbageBothWays) {
  const auto pair = PseudoTerminalPair::open("a test", 9600);
  TerminalBaud baud(pair.master.get(), {});
  for (const speed_t speed : std::initializer_list<speed_t>{B1200, B4800, B19200, B38400, B115200}) {
    set_speed(pair.slave.get(), speed);
    EXPECT_TRUE(baud.has_changed());
    EXPECT_FALSE(baud.has_changed()) << "it was told";
    EXPECT_NE(copied(baud.sent(frame)), frame) << baud.baud();
    EXPECT_NE(copied(baud.heard(frame)), frame) << baud.baud();
  }
  EXPECT_EQ(baud.baud(), 115200);
  EXPECT_EQ(baud.text("com1"), "set to 115200 baud, com1 has 9600: neither understands the other");
  set_speed(pair.slave.get(), B9600);
  EXPECT_TRUE(baud.has_changed());
  EXPECT_EQ(baud.text("com1"), "set to 9600 baud, as com1 is");
  EXPECT_EQ(copied(baud.sent(frame)), frame);
}

// Of the longest that is read at one go not a byte is written beyond the room for it.
TEST(TerminalBaud, BearsWhateverComes) {
  const auto pair = PseudoTerminalPair::open("a test", 115200);
  TerminalBaud baud(pair.master.get(), {.baud = 115200});
  set_speed(pair.slave.get(), B1200);
  ASSERT_TRUE(baud.has_changed());
  const Bytes much(4096, 0x55);
  EXPECT_GT(baud.sent(much).size(), 512u);
  EXPECT_LT(baud.heard(much).size(), 512u);
}

// Speed 0 hangs up a modem; what came at which baud nobody knows.
TEST(TerminalBaud, OfAProgramThatSetsNoneIsTheLines) {
  const auto pair = PseudoTerminalPair::open("a test", 19200);
  TerminalBaud baud(pair.master.get(), {.baud = 19200});
  set_speed(pair.slave.get(), B0);
  EXPECT_FALSE(baud.has_changed());
  EXPECT_EQ(copied(baud.sent(frame)), frame);
}

TEST(TerminalBaud, DoesNotMatterWithoutWireTime) {
  const auto pair = PseudoTerminalPair::open("a test", 9600);
  TerminalBaud baud(pair.master.get(), {.takes_time = false});
  set_speed(pair.slave.get(), B115200);
  EXPECT_FALSE(baud.has_changed());
  EXPECT_EQ(copied(baud.sent(frame)), frame);
}

}  // namespace
}  // namespace hil::harness
