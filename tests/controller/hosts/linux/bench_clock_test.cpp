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
  for (const std::string line : {"t", "t soon 0 0 0 0", "t 5 0 0 0", "t -5 0 0 0 0", "hello"}) {
    const Bench bench;
    BenchClock clock(bench.path);
    bench.say(line + "\n");
    try {
      clock.read();
      ADD_FAILURE() << line << " is taken";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(),
                "the bench's clock says \"" + line + "\", must be \"t\", the time in ns and four numbers of bytes");
    }
  }
}

TEST(BenchClock, MissesABenchThatIsGone) {
  Bench bench;
  BenchClock clock(bench.path);
  bench.end.close();
  EXPECT_THROW(clock.read(), std::runtime_error);
  EXPECT_THROW(BenchClock("/nowhere"), BadInput);
}

}  // namespace
}  // namespace hil::hosts
