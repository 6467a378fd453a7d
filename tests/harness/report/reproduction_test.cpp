#include "harness/report/reproduction.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

RunResult run_of(const std::string& scenario) {
  RunResult run;
  run.scenario = scenario;
  run.file = "my scenarios/heater's.xml";
  run.seed = 7;
  return run;
}

TEST(Reproduction, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(reproduction_command(run_of("heater")), "hilbench run 'my scenarios/heater'\\''s.xml' --seed 7");
}

TEST(Reproduction, NamesTheCaseOfASweepAndALibraryOfOnesOwn) {
  RunResult run = run_of("heater@soc=0.1,load_w=5");
  run.file = "h.xml";
  run.library = "/own";
  EXPECT_EQ(reproduction_command(run), "hilbench run h.xml --seed 7 --case heater@soc=0.1,load_w=5 --library /own");
}

TEST(Reproduction, GoesTheWayThatTheRunWasTold) {
  RunResult run = run_of("dispatch");
  run.file = "d.xml";
  run.ems_over = "tcp";
  EXPECT_EQ(reproduction_command(run), "hilbench run d.xml --seed 7 --ems-over tcp");
}

TEST(Reproduction, OfAnAttachedControllerIsTheCommandThatWasGiven) {
  RunResult run = run_of("heater");
  run.command_line = "hilbench attach h.xml --com1 pty --clock pty";
  run.stepped = true;
  EXPECT_EQ(reproduction_command(run), run.command_line);
}

}  // namespace
}  // namespace hil::harness
