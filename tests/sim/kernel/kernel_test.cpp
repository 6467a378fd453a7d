#include "sim/kernel/kernel.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

std::string at(const char* what, Time now) {
  return std::string(what) + "@" + std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

// By hand: 0, 10, 20, ... 100 ms are eleven steps, the one at the end included.
TEST(Kernel, StepsFromZeroToTheEndIncluded) {
  Kernel kernel{10ms};
  std::vector<Time> seen;
  kernel.each_step(StepPhase::plant, [&](Time now) { seen.push_back(now); });
  kernel.run(100ms);
  ASSERT_EQ(seen.size(), 11u);
  EXPECT_EQ(seen.front(), 0ms);
  EXPECT_EQ(seen.back(), 100ms);
  EXPECT_EQ(kernel.steps(), 11u);
  EXPECT_EQ(kernel.now(), 100ms);
}

TEST(Kernel, RunsPhasesInTheirOrderAndActionsOfAPhaseInOrderOfRegistration) {
  Kernel kernel{10ms};
  Log log;
  const auto say = [&log](const char* what) { return [&log, what](Time) { log.emplace_back(what); }; };
  kernel.each_step(StepPhase::record, say("record"));
  kernel.each_step(StepPhase::checks, say("checks"));
  kernel.each_step(StepPhase::plant, say("plant 1"));
  kernel.each_step(StepPhase::refresh, say("refresh"));
  kernel.each_step(StepPhase::plant, say("plant 2"));
  kernel.each_step(StepPhase::latch, say("latch"));
  kernel.each_step(StepPhase::timeline, say("timeline"));
  kernel.run(0ms);
  EXPECT_EQ(log, (Log{"timeline", "latch", "plant 1", "plant 2", "refresh", "checks", "record"}));
}

// What a pacer sleeps for: the step at 20 ms, an alarm before it, and one that was set for the present.
TEST(Kernel, TellsBetweenRunsWhenSomethingIsDueNext) {
  Kernel kernel{10ms};
  Kernel::Alarm alarm = kernel.make_alarm([](Time) {});
  EXPECT_EQ(kernel.next_activity(), 0ms);
  kernel.run(12ms);
  EXPECT_EQ(kernel.next_activity(), 20ms);
  alarm.set(15ms);
  EXPECT_EQ(kernel.next_activity(), 15ms);
  alarm.cancel();
  EXPECT_EQ(kernel.next_activity(), 20ms);
  alarm.set(12ms);
  EXPECT_EQ(kernel.next_activity(), 12ms);
  kernel.run(12ms);
  EXPECT_EQ(kernel.alarms_fired(), 1u);
  EXPECT_EQ(kernel.next_activity(), 20ms);
}

TEST(Kernel, FiresAlarmsAtTheirExactInstantBetweenTheSteps) {
  Kernel kernel{10ms};
  std::vector<Time> fired;
  Kernel::Alarm alarm = kernel.make_alarm([&](Time now) {
    EXPECT_EQ(now, kernel.now());
    fired.push_back(now);
  });
  alarm.set(3'645'833ns);
  EXPECT_TRUE(alarm.is_set());
  kernel.run(20ms);
  EXPECT_EQ(fired, (std::vector<Time>{3'645'833ns}));
  EXPECT_FALSE(alarm.is_set());
  EXPECT_EQ(kernel.alarms_fired(), 1u);
}

// The instant 10 ms has a step and three alarms; they were set last to first, from different instants before.
TEST(Kernel, PutsTheStepBeforeAlarmsAndAlarmsInOrderOfCreationHoweverTheyWereSet) {
  Kernel kernel{10ms};
  Log log;
  std::vector<Kernel::Alarm> alarms;
  for (const char* name : {"first", "second", "third"}) {
    alarms.push_back(kernel.make_alarm([&log, name](Time now) { log.push_back(at(name, now)); }));
  }
  Kernel::Alarm setter = kernel.make_alarm([&](Time) {
    alarms[1].set(10ms);
    alarms[0].set(10ms);
  });
  kernel.each_step(StepPhase::record, [&](Time now) { log.push_back(at("step", now)); });
  alarms[2].set(10ms);
  setter.set(4ms);
  kernel.run(10ms);
  EXPECT_EQ(log, (Log{"step@0", "step@10000", "first@10000", "second@10000", "third@10000"}));
}

TEST(Kernel, PutsTheStepBeforeAlarmsAtTheStartToo) {
  Kernel kernel{10ms};
  Log log;
  Kernel::Alarm alarm = kernel.make_alarm([&](Time now) { log.push_back(at("alarm", now)); });
  kernel.each_step(StepPhase::timeline, [&](Time now) { log.push_back(at("step", now)); });
  alarm.set(0ms);
  kernel.run(0ms);
  EXPECT_EQ(log, (Log{"step@0", "alarm@0"}));
}

// The second alarm is due at 5 ms anyway; what the first one sets for now, or for the past, comes after it.
TEST(Kernel, FiresAnAlarmSetForNowAfterEverythingElseOfTheInstant) {
  Kernel kernel{10ms};
  Log log;
  std::vector<Kernel::Alarm> alarms;
  alarms.push_back(kernel.make_alarm([&](Time now) {
    log.push_back(at("first", now));
    if (log.size() == 1) {
      alarms[2].set(now);
      alarms[0].set(1ms);
    }
  }));
  alarms.push_back(kernel.make_alarm([&](Time now) { log.push_back(at("second", now)); }));
  alarms.push_back(kernel.make_alarm([&](Time now) { log.push_back(at("third", now)); }));
  alarms[0].set(5ms);
  alarms[1].set(5ms);
  kernel.run(5ms);
  EXPECT_EQ(log, (Log{"first@5000", "second@5000", "first@5000", "third@5000"}));
}

TEST(Kernel, LetsAStepSetAndCancelAlarmsOfItsOwnInstant) {
  Kernel kernel{10ms};
  Log log;
  Kernel::Alarm cancelled = kernel.make_alarm([&](Time now) { log.push_back(at("cancelled", now)); });
  Kernel::Alarm postponed = kernel.make_alarm([&](Time now) { log.push_back(at("postponed", now)); });
  Kernel::Alarm added = kernel.make_alarm([&](Time now) { log.push_back(at("added", now)); });
  kernel.each_step(StepPhase::timeline, [&](Time now) {
    if (now != 10ms) return;
    cancelled.cancel();
    postponed.set(12ms);
    added.set(10ms);
  });
  cancelled.set(10ms);
  postponed.set(10ms);
  kernel.run(20ms);
  EXPECT_EQ(log, (Log{"added@10000", "postponed@12000"}));
}

TEST(Kernel, ReplacesTheTimeOfAnAlarmThatIsSetAgain) {
  Kernel kernel{10ms};
  Log log;
  Kernel::Alarm earlier = kernel.make_alarm([&](Time now) { log.push_back(at("earlier", now)); });
  Kernel::Alarm later = kernel.make_alarm([&](Time now) { log.push_back(at("later", now)); });
  Kernel::Alarm setter = kernel.make_alarm([&](Time) {
    earlier.set(3ms);
    later.set(9ms);
  });
  earlier.set(6ms);
  later.set(6ms);
  setter.set(2ms);
  kernel.run(20ms);
  EXPECT_EQ(log, (Log{"earlier@3000", "later@9000"}));
}

// The step of 20 ms asks for the end; an alarm of 20 ms and what that one sets for now still belong to the instant.
TEST(Kernel, StopsAfterThePresentInstantIsComplete) {
  Kernel kernel{10ms};
  Log log;
  Kernel::Alarm second = kernel.make_alarm([&](Time now) { log.push_back(at("second", now)); });
  Kernel::Alarm first = kernel.make_alarm([&](Time now) {
    log.push_back(at("first", now));
    second.set(now);
  });
  kernel.each_step(StepPhase::checks, [&](Time now) {
    if (now == 20ms) kernel.stop();
  });
  first.set(20ms);
  kernel.run(1s);
  EXPECT_EQ(kernel.now(), 20ms);
  EXPECT_EQ(kernel.steps(), 3u);
  EXPECT_EQ(log, (Log{"first@20000", "second@20000"}));
}

TEST(Kernel, GoesOnWhereItEnded) {
  Kernel kernel{10ms};
  Log log;
  Kernel::Alarm alarm = kernel.make_alarm([&](Time now) { log.push_back(at("alarm", now)); });
  kernel.run(15ms);
  EXPECT_EQ(kernel.now(), 15ms);
  EXPECT_EQ(kernel.steps(), 2u);
  alarm.set(15ms);
  kernel.run(15ms);
  kernel.run(40ms);
  EXPECT_EQ(kernel.steps(), 5u);
  EXPECT_EQ(log, (Log{"alarm@15000"}));
  EXPECT_THROW(kernel.run(39ms), std::invalid_argument);
}

struct BrokenModel : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST(Kernel, EndsTheRunWithTheExceptionOfAStepAndDoesNothingAfterIt) {
  Kernel kernel{10ms};
  Log log;
  Kernel::Alarm alarm = kernel.make_alarm([&](Time now) { log.push_back(at("alarm", now)); });
  kernel.each_step(StepPhase::plant, [](Time now) {
    if (now == 20ms) throw BrokenModel("energy does not close");
  });
  kernel.each_step(StepPhase::record, [&](Time now) { log.push_back(at("record", now)); });
  alarm.set(20ms);
  EXPECT_THROW(kernel.run(1s), BrokenModel);
  EXPECT_EQ(kernel.now(), 20ms);
  EXPECT_EQ(log, (Log{"record@0", "record@10000"}));
  EXPECT_THROW(kernel.run(2s), std::logic_error);
}

TEST(Kernel, EndsTheRunWithTheExceptionOfAnAlarm) {
  Kernel kernel{10ms};
  Kernel::Alarm alarm = kernel.make_alarm([](Time) { throw BrokenModel("server"); });
  alarm.set(12ms);
  EXPECT_THROW(kernel.run(1s), BrokenModel);
  EXPECT_EQ(kernel.now(), 12ms);
}

// By hand: 86,400 s at 10 ms are 8,640,000 steps after the one at 0; 86,400e9 ns are far inside 64 bits.
TEST(Kernel, CountsADayOfTenMillisecondStepsWithoutDrift) {
  Kernel kernel{10ms};
  Time last{-1};
  kernel.each_step(StepPhase::plant, [&](Time now) { last = now; });
  kernel.run(24h);
  EXPECT_EQ(kernel.steps(), 8'640'001u);
  EXPECT_EQ(last, 24h);
}

TEST(Kernel, PrintsNothing) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  {
    Kernel kernel{10ms};
    Kernel::Alarm alarm = kernel.make_alarm([&](Time) { kernel.stop(); });
    alarm.set(15ms);
    kernel.run(1s);
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Kernel, RefusesAStepThatIsNotPositive) {
  EXPECT_THROW(Kernel{0ms}, std::invalid_argument);
  EXPECT_THROW(Kernel{-1ms}, std::invalid_argument);
}

TEST(Kernel, RefusesToBeASecondOneInItsProcess) {
  const Kernel kernel{10ms};
  EXPECT_THROW(Kernel{10ms}, std::logic_error);
}

TEST(Kernel, RefusesNewActionsAndAlarmsOnceItRuns) {
  Kernel kernel{10ms};
  kernel.run(0ms);
  EXPECT_THROW(kernel.each_step(StepPhase::plant, [](Time) {}), std::logic_error);
  EXPECT_THROW(kernel.make_alarm([](Time) {}), std::logic_error);
}

}  // namespace
}  // namespace hil::sim
