#include "sim/devices/generator.h"

#include <gtest/gtest.h>

#include "tests/sim/devices/one_inverter_site.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using State = Generator::State;

/// On the lane of the test site's only inverter.
struct Running {
  State after(Time span, const Generator::Inputs& inputs) {
    for (const Time end = now + span; now < end; now += 10ms) generator.latch(now, inputs);
    return generator.state();
  }
  bool forms() { return site.command(0).form_site && site.command(0).connected; }

  models::Site site{one_inverter_site()};
  Generator generator{{.rated_w = 5000.0, .start_below_soc = 0.3, .stop_above_soc = 0.6, .start_time = 8s}, site, 0};
  Time now{0};
};

TEST(Generator, StartsInAnOutageWhileTheBatteriesAreLow) {
  Running run;
  EXPECT_FALSE(run.forms());
  EXPECT_EQ(run.after(1s, {.grid_gone = false, .grid_good = true, .battery_soc = 0.1}), State::off);
  EXPECT_EQ(run.after(1s, {.grid_gone = true, .grid_good = false, .battery_soc = 0.3}), State::off);
  EXPECT_EQ(run.after(8s, {.grid_gone = true, .grid_good = false, .battery_soc = 0.29}), State::starting);
  EXPECT_FALSE(run.forms());
  EXPECT_EQ(run.after(20ms, {.grid_gone = true, .grid_good = false, .battery_soc = 0.29}), State::running);
  EXPECT_TRUE(run.forms());
  EXPECT_TRUE(run.generator.serves());
}

TEST(Generator, StopsWhenTheBatteriesAreHighEnoughOrTheGridIsBack) {
  for (const Generator::Inputs& end : {Generator::Inputs{.grid_gone = true, .grid_good = false, .battery_soc = 0.61},
                                       Generator::Inputs{.grid_gone = true, .grid_good = true, .battery_soc = 0.3}}) {
    Running run;
    run.after(9s, {.grid_gone = true, .grid_good = false, .battery_soc = 0.2});
    EXPECT_EQ(run.after(1s, {.grid_gone = true, .grid_good = false, .battery_soc = 0.6}), State::running);
    EXPECT_EQ(run.after(10ms, end), State::off);
    EXPECT_FALSE(run.forms());
  }
}

TEST(Generator, GivesUpAStartThatIsNoLongerWanted) {
  Running run;
  EXPECT_EQ(run.after(5s, {.grid_gone = true, .grid_good = false, .battery_soc = 0.2}), State::starting);
  EXPECT_EQ(run.after(10ms, {.grid_gone = false, .grid_good = true, .battery_soc = 0.2}), State::off);
}

}  // namespace
}  // namespace hil::sim
