#include "controller/hosts/linux/bench_clock.h"

#include <gtest/gtest.h>
#include <pty.h>

#include <array>
#include <stdexcept>
#include <string>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

using namespace std::chrono_literals;

/// The bench's end of the clock's port.
struct Bench {
  Bench() {
    int master = -1;
    int slave = -1;
    std::array<char, 128> name{};
    EXPECT_EQ(::openpty(&master, &slave, name.data(), nullptr, nullptr), 0);
    end = FileDescriptor(master);
    held = FileDescriptor(slave);
    path = name.data();
  }
  void say(const std::string& text) const {
    EXPECT_EQ(::write(end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string heard() const {
    std::array<char, 256> text{};
    const ssize_t count = ::read(end.get(), text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
  }
  FileDescriptor end;
  FileDescriptor held;
  std::string path;
};

TEST(BenchClock, SaysWhenItWantsToBeWokenAndWhatItHasSent) {
  const Bench bench;
  BenchClock clock(bench.path);
  clock.say_done(1500ms, {8, 0, 16, 4294967296});
  EXPECT_EQ(bench.heard(), "d 1500000000 8 0 16 4294967296\n");
}

TEST(BenchClock, TakesATurnOnceItsLineHasComeWhole) {
  const Bench bench;
  BenchClock clock(bench.path);
  EXPECT_FALSE(clock.read());
  bench.say("t 20000");
  EXPECT_FALSE(clock.read());
  bench.say("000 9 0 0 25\n");
  const auto turn = clock.read();
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->now, 20ms);
  EXPECT_EQ(turn->heard, (std::array<std::uint64_t, 4>{9, 0, 0, 25}));
}

TEST(BenchClock, SaysWhatItCannotRead) {
  for (const std::string line : {"t", "t soon 0 0 0 0", "t 5 0 0 0", "t -5 0 0 0 0", "e", "e now", "hello"}) {
    const Bench bench;
    BenchClock clock(bench.path);
    bench.say(line + "\n");
    try {
      clock.read();
      ADD_FAILURE() << line << " is taken";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "the bench's clock says \"" + line +
                                  "\", must be \"t\", the time in ns and four numbers of bytes, or \"e\" and the time");
    }
  }
}

TEST(BenchClock, TakesTheEndOfTheRunThoughTheBenchHasClosedThePortBehindIt) {
  Bench bench;
  BenchClock clock(bench.path);
  bench.say("t 5 0 0 0 0\ne 34000000000\n");
  EXPECT_FALSE(clock.has_line());
  const auto turn = clock.read();
  ASSERT_TRUE(turn);
  EXPECT_FALSE(turn->over);
  EXPECT_TRUE(clock.has_line());
  bench.end.close();
  const auto end = clock.read();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->over);
  EXPECT_EQ(end->now, 34s);
}

TEST(BenchClock, MissesABenchThatIsGone) {
  Bench bench;
  BenchClock clock(bench.path);
  bench.say("t 5 0 0 0 0\nt 6");
  EXPECT_TRUE(clock.read());
  EXPECT_FALSE(clock.read());
  bench.end.close();
  try {
    clock.read();
    ADD_FAILURE() << "it is not missed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(
        error.what(),
        "the bench that says the time is gone without \"e\", its last words are \"t 5 0 0 0 0\" and \"t 6\" of a "
        "line");
  }
  EXPECT_THROW(BenchClock("/nowhere"), BadInput);
}

}  // namespace
}  // namespace hil::hosts
