#include "harness/live/clock_port.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <thread>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// The port, and the controller's end of it.
struct Clock {
  Clock() {
    auto pair = PseudoTerminalPair::open("a test");
    controller = FileDescriptor(::open(pair.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK));
    EXPECT_TRUE(controller.is_open());
    port = ClockPort(std::move(pair), "clock");
  }
  void say(const std::string& text) const {
    EXPECT_EQ(::write(controller.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// What the port says against the controller; empty: nothing.
  std::string fault() {
    try {
      while (port.next_line()) {
      }
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }
  ClockPort port;
  FileDescriptor controller;
};

std::string fault_of(const std::string& line) {
  try {
    read_turn(line);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

TEST(ControllerTurn, IsTheWakeUpAndTheBytesOfEachPort) {
  const ControllerTurn turn = read_turn("d 1500000000 8 0 16 4294967296");
  EXPECT_EQ(turn.wake_at, 1500ms);
  EXPECT_EQ(turn.sent, (std::array<std::int64_t, 4>{8, 0, 16, 4294967296}));
  EXPECT_EQ(read_turn("d -1 0 0 0 0").wake_at, sim::Time{-1});  // over means at once
}

TEST(ControllerTurn, SaysWhatIsNone) {
  for (const std::string line : {"d ", "d soon", "d 1 2 3 4", "d 1 2 3 4 5 6", "d 1 0 -1 0 0", "t 1 0 0 0 0", ""}) {
    EXPECT_EQ(fault_of(line), "the controller says \"" + line +
                                  "\" on its clock's port, must be \"d\", the time to be woken at and the bytes sent "
                                  "on 4 ports, 0 or more");
  }
  EXPECT_TRUE(is_turn("d soon"));
  EXPECT_FALSE(is_turn("done"));
}

TEST(AsSeen, ShowsWhatCannotBePrintedAndCutsWhatIsLong) {
  EXPECT_EQ(as_seen(std::string_view("d\0\r~\xff", 5)), "d\\x00\\x0d~\\xff");
  EXPECT_EQ(as_seen("abcdef", 3), "abc...");
  EXPECT_EQ(as_seen("abc", 3), "abc");
}

TEST(ClockPort, GivesWholeLinesOnly) {
  Clock clock;
  EXPECT_FALSE(clock.port.next_line());
  clock.say("hello\r\nd 5 0 ");
  EXPECT_EQ(clock.port.next_line(), "hello");
  EXPECT_FALSE(clock.port.next_line());
  EXPECT_EQ(clock.port.begun_line(), "d 5 0 ");
  EXPECT_EQ(clock.port.last_turn(), "");
  clock.say("0 0 0\n");
  EXPECT_EQ(clock.port.next_line(), "d 5 0 0 0 0");
  EXPECT_EQ(clock.port.last_turn(), "d 5 0 0 0 0");
  clock.port.put_back("d 5 0 0 0 0");
  EXPECT_EQ(clock.port.next_line(), "d 5 0 0 0 0");
}

TEST(ClockPort, RefusesALineWithoutEnd) {
  Clock clock;
  const std::string piece(512, 'x');
  for (std::size_t sent = 0; sent <= ClockPort::longest_line; sent += piece.size()) {
    EXPECT_EQ(clock.fault(), "");
    clock.say(piece);
  }
  EXPECT_EQ(clock.fault(),
            "4608 bytes without a line feed came on the clock's port clock, a line may have 4096; they begin \"" +
                std::string(80, 'x') + "...\"");
}

TEST(ClockPort, SeesOnlyTheOneLeaveThatHasTakenATurn) {
  Clock clock;
  const std::string path = ::ttyname(clock.controller.get());
  clock.controller.close();
  EXPECT_EQ(clock.fault(), "");
  EXPECT_FALSE(clock.port.has_hung_up());
  clock.controller = FileDescriptor(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK));
  clock.say("d 5 0 0 0 0\n");
  EXPECT_TRUE(clock.port.next_line());
  clock.port.watch_hang_up();
  EXPECT_FALSE(clock.port.has_hung_up());
  clock.say("d 6");
  clock.controller.close();
  EXPECT_TRUE(clock.port.has_hung_up());
  EXPECT_EQ(clock.fault(),
            "the controller has closed the clock's port clock before the run was over, after its turn \"d 5 0 0 0 0\" "
            "and \"d 6\" of the next: it must stay until the bench says \"e\"");
}

// A terminal's end takes with it what was not read.
TEST(ClockPort, WaitsUntilTheEndIsTaken) {
  Clock clock;
  clock.port.watch_hang_up();
  std::string heard;
  std::thread controller([&] {
    std::this_thread::sleep_for(100ms);
    std::array<char, 64> text{};
    const ssize_t got = ::read(clock.controller.get(), text.data(), text.size());
    heard.assign(text.data(), static_cast<std::size_t>(got > 0 ? got : 0));
  });
  clock.port.say_end(34s);
  clock.port = ClockPort();
  controller.join();
  EXPECT_EQ(heard, "e 34000000000\n");
}

TEST(ClockPort, TellsTheEndToNobodyWhoIsGone) {
  Clock clock;
  clock.port.watch_hang_up();
  clock.controller.close();
  const auto began = std::chrono::steady_clock::now();
  clock.port.say_end(34s);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 500ms);
}

}  // namespace
}  // namespace hil::harness
