// Which write acts in which state (sinexcel-pcs-modbus 4.1): every row in every state, at every string.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/sim/devices/pcs_writes_table.h"
#include "tests/sim/devices/running_pcs.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::RunningPcs;

using test::all_written;
using test::column_count;
using test::column_names;
using test::fault;
using test::grid_ac;
using test::grid_dc;
using test::grid_string;
using test::of_string;
using test::off_grid;
using test::stopped;
using test::taken;
using test::with_switches;
using test::Written;

constexpr std::size_t string_count = 2;

using State = PcsState::State;

/// When in the life of what a column stands for: settled, or on the way to it or from it.
enum class Moment { settled, starting, stopping, self_test };

/// Starts without waiting for anything.
void order_start(RunningPcs& pcs, int column) {
  if (column == off_grid) pcs.write(53600, 1);
  if (column == grid_dc) pcs.write(53601, 1);
  if (column == grid_string) pcs.write(53601, 2);
  pcs.write(53900, 1);
}

/// The state that it is then in.
State bring_to(RunningPcs& pcs, int column, Moment moment) {
  if (column == fault) {
    pcs.pcs.set_fault(PcsFault::fan, 0, true);
    pcs.run(20ms);
    return State::fault;
  }
  if (moment == Moment::self_test) {
    pcs.pcs.set_supply(false);
    pcs.run(20ms);
    pcs.pcs.set_supply(true);
    pcs.run(20ms);
    return State::init;
  }
  if (column == stopped) return State::stopped;
  order_start(pcs, column);
  if (moment == Moment::starting) {
    pcs.run(20ms);
    return State::starting;
  }
  pcs.run(9500ms);
  if (moment == Moment::stopping) {
    pcs.write(53901, 1);
    pcs.run(20ms);
    return State::stopping;
  }
  return static_cast<State>(3 + column - grid_ac);
}

int other_than(int value, const std::vector<int>& legal) {
  return legal[0] != value ? legal[0] : legal[1];
}

struct Case {
  int column;
  bool string_reactive;
  bool strict;
  int reactive_mode;
  int dc_mode;
  Moment moment = Moment::settled;
};

std::string text_of(const Written& written, const Case& now) {
  constexpr std::array moments{"", ", starting", ", stopping", ", in its self test"};
  return std::string{written.row} + " at " + std::to_string(written.address) + " while " +
         column_names.at(static_cast<std::size_t>(now.column)) + moments.at(static_cast<std::size_t>(now.moment)) +
         ", reactive mode " + std::to_string(now.reactive_mode) + ", DC mode " + std::to_string(now.dc_mode) +
         (now.string_reactive ? ", string_reactive" : "") + (now.strict ? ", strict" : "");
}

/// Of a converter that is there already: one legal value, then the illegal ones.
void write_to(RunningPcs& pcs, const Written& written, const Case& now, const std::map<int, int>& modes) {
  SCOPED_TRACE(text_of(written, now));
  const int before = pcs.read(written.address);
  const int value = other_than(before, written.legal);
  const bool takes = taken(written, now.column, now.string_reactive, modes);
  EXPECT_EQ(pcs.write(written.address, value), takes || !now.strict ? 0 : 4);
  EXPECT_EQ(pcs.read(written.address), takes ? value : before);
  pcs.run(20ms);
  EXPECT_EQ(pcs.read(written.address), takes ? value : before);
  for (const int illegal : written.illegal) {
    EXPECT_EQ(pcs.write(written.address, illegal), 3) << illegal;
    EXPECT_EQ(pcs.read(written.address), takes ? value : before) << illegal;
  }
}

void write_one(const Written& written, const Case& now) {
  RunningPcs pcs{string_count, with_switches(now.string_reactive, now.strict)};
  pcs.run(20ms);
  pcs.write(53620, now.reactive_mode);
  pcs.write(53650, now.dc_mode);
  pcs.write(53680, now.dc_mode);
  const State state = bring_to(pcs, now.column, now.moment);
  ASSERT_EQ(pcs.pcs.state(), state) << text_of(written, now);
  write_to(pcs, written, now, {{53620, now.reactive_mode}, {53650, now.dc_mode}, {53680, now.dc_mode}});
}

TEST(PcsWrites, ActInEachStateAsTabled) {
  for (const Written& written : all_written(string_count)) {
    for (int column = 0; column < column_count; ++column) {
      write_one(written, {column, false, false, 0, 0});
      write_one(written, {column, false, true, 1, 1});
    }
  }
}

// The table has no columns for them: as PcsWrites says.
TEST(PcsWrites, ActOnTheWayToAStateAndFromItAsInIt) {
  for (const Written& written : all_written(string_count)) {
    for (const Moment moment : {Moment::starting, Moment::stopping}) {
      for (int column = grid_ac; column < column_count; ++column) {
        write_one(written, {column, false, false, 0, 0, moment});
        write_one(written, {column, false, true, 1, 1, moment});
      }
    }
    write_one(written, {stopped, false, false, 0, 0, Moment::self_test});
    write_one(written, {stopped, false, true, 1, 1, Moment::self_test});
  }
}

// Illegal and legal words to all registers of all eight strings of one that stays as it is.
TEST(PcsWrites, ActAtEachOfEightStringsInEachStateAsTabled) {
  constexpr int all_strings = 8;
  for (int column = 0; column < column_count; ++column) {
    for (const int mode : {0, 1}) {
      const Case now{column, false, mode == 1, 0, mode};
      RunningPcs pcs{all_strings, with_switches(now.string_reactive, now.strict)};
      pcs.run(20ms);
      std::map<int, int> modes;
      for (int n = 1; n <= all_strings; ++n) pcs.write(53620 + 30 * n, mode);
      const State state = bring_to(pcs, column, Moment::settled);
      for (int n = 1; n <= all_strings; ++n) {
        for (const Written& written : of_string(n, 1000 * all_strings)) {
          if (written.mode_address >= 0) modes[written.mode_address] = pcs.read(written.mode_address);
          write_to(pcs, written, now, modes);
          ASSERT_EQ(pcs.pcs.state(), state) << text_of(written, now);
        }
      }
    }
  }
}

TEST(PcsWrites, OfCommandsDoNothingInTheSelfTest) {
  for (const bool strict : {false, true}) {
    RunningPcs pcs{string_count, with_switches(false, strict)};
    pcs.run(20ms);
    bring_to(pcs, stopped, Moment::self_test);
    for (const int command : {53900, 53901, 53903, 53920, 53921, 53923, 53930, 53931, 53933, 53990}) {
      EXPECT_EQ(pcs.write(command, 1), strict ? 4 : 0) << command;
      EXPECT_EQ(pcs.write(command, 0), 3) << command;
    }
    pcs.run(9s);
    EXPECT_EQ(pcs.pcs.state(), State::init);
    pcs.run(20s);
    EXPECT_EQ(pcs.pcs.state(), State::stopped) << "what was ordered meanwhile is forgotten";
    pcs.start();
    EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  }
}

TEST(PcsWrites, ActOnReactivePowerOfStringsWithTheSwitchOnly) {
  for (const Written& written : all_written(string_count)) {
    if (written.address < 53620 || written.address > 53623) continue;
    for (const int reactive_mode : {0, 1, 2}) write_one(written, {grid_string, true, false, reactive_mode, 0});
    for (const int reactive_mode : {0, 1, 2}) write_one(written, {grid_ac, true, false, reactive_mode, 0});
  }
}

}  // namespace
}  // namespace hil::sim
