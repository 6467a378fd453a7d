// Random sequences of commands, faults and waiting against a small model of a PWS2-30K that is written from section 13
// of sinexcel-pcs-modbus alone.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "tests/sim/devices/running_pws2.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::RunningPws2;

/// Between two waits nothing is under way: a start takes 1 s without the check, a stop 1 s, the wait 3 s.
class Model {
 public:
  bool runs = false;
  bool ordered = false;  ///< of a fault that restarts by itself
  bool fan = false;
  bool fan_latched = false;
  bool dc = false;
  bool bms = false;

  bool faulty() const { return fan_latched || dc || bms; }
  void start() {
    if (!faulty()) ordered = true;
  }
  void stop() { ordered = false; }
  void clear() { fan_latched = fan; }
  void settle() {
    fan_latched = fan_latched || fan;
    if (fan_latched || bms) ordered = false;
    runs = ordered && !faulty();
  }
};

class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) {
    pws2_.write(327, 0);
    pws2_.write(797, 0);
    pws2_.run(100ms);
  }
  void step() {
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
        command(650, 1);
        model_.start();
        break;
      case 3:
        command(651, 1);
        model_.stop();
        break;
      case 4:
      case 5:
        command(652, 1);
        model_.clear();
        break;
      case 6:
        model_.fan = pick(3) == 0;
        log_ += model_.fan ? "\nfan stands" : "\nfan turns";
        pws2_.pws2.set_fault(PcsFault::fan, 0, model_.fan);
        break;
      case 7:
        model_.dc = pick(3) == 0;
        log_ += model_.dc ? "\nDC over-voltage" : "\nDC normal";
        pws2_.pws2.set_condition(44, 0, model_.dc);
        break;
      case 8:
        model_.bms = pick(4) == 0;
        log_ += model_.bms ? "\nBMS alarm" : "\nBMS content";
        pws2_.pws2.set_condition(44, 3, model_.bms);
        break;
      default:
        command(static_cast<int>(650 + pick(3)), 0);  // means nothing
        break;
    }
    pws2_.run(3s);
    model_.settle();
  }
  void compare() {
    EXPECT_EQ(pws2_.runs(), model_.runs) << log_;
    EXPECT_EQ(pws2_.faulty(), model_.faulty()) << log_;
    EXPECT_EQ(pws2_.read(653) + pws2_.read(654), 1) << log_;
    visited_.insert(pws2_.read(608));
  }
  const std::set<int>& visited() const { return visited_; }

 private:
  std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_); }
  void command(int address, int value) {
    log_ += "\n" + std::to_string(address) + " = " + std::to_string(value);
    EXPECT_EQ(pws2_.write(address, value), 0) << log_;
  }

  std::mt19937 random_;
  RunningPws2 pws2_;
  Model model_;
  std::string log_;
  std::set<int> visited_;
};

TEST(Pws2Writes, KeepToASmallModelInAnySequence) {
  std::set<int> visited;
  for (unsigned seed = 1; seed <= 12 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Walk walk{seed};
    for (int i = 0; i < 100 && !HasFailure(); ++i) {
      walk.step();
      walk.compare();
    }
    visited.insert(walk.visited().begin(), walk.visited().end());
  }
  EXPECT_EQ(visited, (std::set<int>{1, 7, 9}));
}

TEST(Pws2Writes, InTheWrongStateAreAnExceptionWhereThatIsChosen) {
  SinexcelPws2::Settings settings = test::pws2_settings();
  settings.wrong_state_is_exception = true;
  RunningPws2 pws2{settings};
  pws2.start();
  EXPECT_EQ(pws2.write(654, 1), 4);
  pws2.pws2.set_fault(PcsFault::fan, 0, true);
  pws2.run(100ms);
  EXPECT_EQ(pws2.write(650, 1), 4);
  EXPECT_EQ(pws2.write(651, 1), 0);
}

// The sheet says what a 1 to 650..655 means: a 0 to what does not hold orders nothing, so nothing is forbidden or
// ignored.
TEST(Pws2Writes, OfAZeroAreNoFaultWhateverTheState) {
  SinexcelPws2::Settings settings = test::pws2_settings();
  settings.wrong_state_is_exception = true;
  RunningPws2 pws2{settings};
  SignalRegistry signals;
  pws2.pws2.register_signals(signals);
  const double& ignored = *signals.find("pcs1.ignored_writes")->value;
  pws2.run(20ms);
  EXPECT_EQ(pws2.write(655, 0), 0) << "it stands";
  pws2.start();
  ASSERT_TRUE(pws2.runs());
  EXPECT_EQ(pws2.write(654, 0), 0) << "it runs on the grid";
  EXPECT_EQ(pws2.read(653), 1);
  EXPECT_EQ(pws2.read(654), 0);
  pws2.pws2.set_fault(PcsFault::fan, 0, true);
  pws2.run(100ms);
  EXPECT_EQ(pws2.write(650, 0), 0);
  EXPECT_EQ(ignored, 0.0);
  EXPECT_EQ(pws2.write(650, 1), 4);
  EXPECT_EQ(ignored, 1.0) << "a 1 is an order";
}

// Illegal words anywhere: each write is taken and reads back, or is refused and leaves the value alone.
TEST(Pws2Writes, OfAnyWordReadBackOrChangeNothing) {
  RunningPws2 pws2;
  pws2.run(20ms);
  std::mt19937 random{7};
  std::uniform_int_distribution<int> any{0, 0xFFFF};
  for (const RegisterRow& row : pws2.server.map().rows) {
    const bool pair = row.address == 653 || row.address == 654;
    if (row.access != Access::read_write || row.count != 1 || pair) continue;
    for (int i = 0; i < 20; ++i) {
      const int before = pws2.read(row.address);
      const int value = i % 2 == 0 ? any(random) : any(random) % 1000;
      const int refusal = pws2.write(row.address, value);
      const bool ignored = row.address == 655;  // nothing runs
      if (refusal == 0 && !ignored) {
        EXPECT_EQ(pws2.read(row.address), value) << row.address;
      } else {
        EXPECT_EQ(pws2.read(row.address), before) << row.address << " = " << value;
      }
    }
  }
  pws2.run(100ms);
}

using State = Pws2State::State;

/// The state that it is then in.
void bring_to(RunningPws2& pws2, State state) {
  pws2.run(20ms);
  if (state == State::init) {
    pws2.pws2.set_supply(false);
    pws2.run(20ms);
    pws2.pws2.set_supply(true);
    pws2.run(20ms);
  }
  if (state == State::fault) {
    pws2.pws2.set_fault(PcsFault::fan, 0, true);
    pws2.run(20ms);
  }
  if (state == State::off_grid) pws2.write(654, 1);
  if (state == State::starting) {
    pws2.write(650, 1);
    pws2.run(20ms);
  }
  if (state == State::grid_tied || state == State::off_grid || state == State::standby || state == State::stopping) {
    pws2.start();
  }
  if (state == State::standby) pws2.write(655, 1);
  if (state == State::stopping) pws2.write(651, 1);
  pws2.run(20ms);
}

/// Legal and illegal words to one register: taken in any state or exception 03; what may not be written 02.
void write_in(State state, const RegisterRow& row, std::mt19937& random) {
  RunningPws2 pws2;
  bring_to(pws2, state);
  ASSERT_EQ(pws2.pws2.state(), state);
  SCOPED_TRACE(testing::Message() << row.address << " in state " << static_cast<int>(state));
  if (row.access == Access::read) {
    EXPECT_EQ(pws2.write(row.address, 0), 2);
    return;
  }
  for (int i = 0; i < 6; ++i) {
    const int before = pws2.read(row.address);
    const int drawn = static_cast<int>(random() % 0x10000);
    const int value = i == 0 ? before : i % 2 == 0 ? drawn : drawn % 1000;
    const int refusal = pws2.write(row.address, value);
    EXPECT_TRUE(refusal == 0 || refusal == 3) << value << ": " << refusal;
    if (i == 0) {
      EXPECT_EQ(refusal, 0) << "what it holds";
    }
    EXPECT_EQ(pws2.read(row.address), refusal == 0 ? value : before) << value;
  }
  pws2.run(50ms);
  EXPECT_TRUE(pws2.site.invariants().finite);
}

// Section 12 knows no state that forbids a set point or a setting; the commands of section 13 have tests of their own.
TEST(Pws2Writes, OfSetPointsAndSettingsAreTakenInEachState) {
  std::mt19937 random{11};
  const RunningPws2 any;
  for (const State state : {State::init, State::stopped, State::starting, State::grid_tied, State::off_grid,
                            State::stopping, State::fault, State::standby}) {
    for (const RegisterRow& row : any.server.map().rows) {
      const bool command = row.address >= 650 && row.address <= 658;
      if (command || row.count != 1 || row.access == Access::write) continue;
      write_in(state, row, random);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace hil::sim
