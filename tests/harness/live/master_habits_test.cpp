#include "harness/live/master_habits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/wire/modbus_rtu.h"
#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// com1 with et1 and et2 behind it, and masters as the test plays them.
struct Attached {
  Attached()
      : bench(scenario_of_tree("goodwe/heater_step_short.xml"),
              {.controller = false, .open_lines = {"com1"}, .lines_without_time = {}, .lines_on_a_real_wire = {}}),
        habits(bench, {"com1"}) {}

  /// A read of one register.
  void ask(sim::Time at, std::uint8_t unit) {
    bench.kernel().run(at);
    std::vector<std::uint8_t> request{unit, 3, 0x88, 0xB8, 0, 1};
    sim::append_crc(request);
    bench.line("com1").send(request);
  }

  Bench bench;
  MasterHabits habits;
};

/// Whether one of the texts holds this.
bool tells(const std::vector<std::string>& texts, const std::string& wanted) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(wanted) != std::string::npos; });
}

// A request takes 8.3 ms, its reply begins 53.6 ms later and is there 7.3 ms after that: 100 ms apart nothing meets.
TEST(MasterHabits, AreNoneOfAMasterThatWaitsForItsReplies) {
  Attached attached;
  for (int i = 0; i < 20; ++i) attached.ask(i * 100ms, i % 2 == 0 ? 1 : 2);
  attached.bench.kernel().run(3s);
  EXPECT_TRUE(attached.habits.notes(3s).empty());
  ASSERT_EQ(attached.habits.counts().size(), 1u);
  EXPECT_EQ(
      attached.habits.counts()[0],
      "com1: 20 requests, 20 replies, 0 requests without one; 0 came before the reply to an earlier one, 0 ran into "
      "another frame, 0 were broken");
}

// The second master asks while the first one's unit turns round: 20 ms after the end of the first request.
TEST(MasterHabits, TellOfASecondMaster) {
  Attached attached;
  for (int i = 0; i < 10; ++i) {
    attached.ask(i * 200ms, 1);
    attached.ask(i * 200ms + 30ms, 2);
  }
  attached.bench.kernel().run(3s);
  const auto notes = attached.habits.notes(3s);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_TRUE(tells(notes,
                    "com1: of 20 frames that came from outside 10 came before the reply to an earlier one, 0 ran "
                    "into another frame, 0 were broken, from 0.0"))
      << notes[0];
  EXPECT_TRUE(tells(notes, ": are two masters on the line")) << notes[0];
}

// 65 ms after the first, when the reply to that is on the wire.
TEST(MasterHabits, TellOfWhoTalksIntoAReply) {
  Attached attached;
  for (int i = 0; i < 10; ++i) {
    attached.ask(i * 200ms, 1);
    attached.ask(i * 200ms + 65ms, 2);
  }
  attached.bench.kernel().run(3s);
  const auto notes = attached.habits.notes(3s);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_TRUE(tells(notes,
                    "0 came before the reply to an earlier one, 10 ran into another frame, 0 were broken, from "
                    "0.065 s to 1.865 s: are two masters on the line"))
      << notes[0];
}

// Two requests back to back are one frame to the units, without a good CRC.
TEST(MasterHabits, TellOfFramesThatNobodyUnderstands) {
  Attached attached;
  for (int i = 0; i < 3; ++i) {
    attached.ask(i * 200ms, 1);
    attached.ask(i * 200ms, 2);
  }
  attached.bench.kernel().run(3s);
  const auto notes = attached.habits.notes(3s);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_TRUE(tells(notes,
                    "of 3 frames that came from outside 0 came before the reply to an earlier one, 0 ran into "
                    "another frame, 3 were broken"))
      << notes[0];
}

// Who gives a silent unit up and asks the next is sound.
TEST(MasterHabits, AreNoneOfAMasterThatGivesUpASilentUnit) {
  Attached attached;
  sim::UnitCondition silent;
  silent.silent = true;
  attached.bench.line("com1").set_condition("et1", silent);
  for (int i = 0; i < 20; ++i) attached.ask(i * 250ms, i % 2 == 0 ? 1 : 2);
  attached.bench.kernel().run(6s);
  EXPECT_TRUE(attached.habits.notes(6s).empty());
}

// One reply is missing; the master asks again after 200 ms and goes on. Each reply is that to its newest request, so
// that none of those before it passes for one that was still waited for.
TEST(MasterHabits, AreNoneOfAMasterThatRepeatsWhatStayedUnanswered) {
  Attached attached;
  for (int i = 0; i < 20; ++i) {
    const bool is_missed = i % 5 == 0;
    sim::UnitCondition condition;
    condition.silent = is_missed;
    attached.bench.line("com1").set_condition("et1", condition);
    attached.ask(i * 200ms, 1);
    attached.bench.kernel().run(i * 200ms + 190ms);
  }
  attached.bench.kernel().run(6s);
  EXPECT_TRUE(attached.habits.notes(6s).empty());
  EXPECT_NE(attached.habits.counts().at(0).find("20 requests, 16 replies, 4 requests without one; 0 came before"),
            std::string::npos)
      << attached.habits.counts().at(0);
}

TEST(MasterHabits, AreNotThoseOfAFaultOfTheWire) {
  Attached attached;
  for (int i = 0; i < 10; ++i) {
    attached.ask(i * 200ms, 1);
    if (i == 0) attached.bench.line("com1").set_condition(sim::LineCondition{.byte_error_rate = 1.0});
  }
  attached.bench.kernel().run(3s);
  EXPECT_TRUE(attached.habits.notes(3s).empty());
}

// Ten seconds are what a controller may take to look for a lost unit.
TEST(MasterHabits, TellWhenTheControllerFellSilent) {
  Attached attached;
  attached.ask(1s, 1);
  attached.bench.kernel().run(12s);
  EXPECT_TRUE(attached.habits.notes(10'900ms).empty());
  const auto notes = attached.habits.notes(12s);
  EXPECT_TRUE(tells(notes, "com1: after 1 s nothing was asked until the end at 12 s"));
}

TEST(MasterHabits, AreUnknownOfALineThatNobodyUsed) {
  Attached attached;
  attached.bench.kernel().run(12s);
  EXPECT_TRUE(attached.habits.notes(12s).empty());
}

}  // namespace
}  // namespace hil::harness
