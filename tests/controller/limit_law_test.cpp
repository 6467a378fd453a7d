#include "controller/core/limit_law.h"

#include <gtest/gtest.h>

#include <array>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

// Every unit rests at its limit and charges, so PV waits everywhere: shares drift towards each other, and give together
// what they gave before. 1600 W falls by 30 W; 700 W each would rise by as much, 30 W more than the budget.
TEST(LimitLaw, EveningKeepsTheBudget) {
  constexpr std::array limits_w{1600.0, 700.0, 700.0};
  Measurements measurements;
  measurements.now = 100s;
  Commands commands;
  for (std::size_t k = 0; k < limits_w.size(); ++k) {
    InverterMeasurement& unit = measurements.inverters[k];
    unit.answering = true;
    unit.ac_injection = PairedSample{limits_w[k], 0.0, 100s};
    unit.battery_discharge = PairedSample{-500.0, 0.0, 100s};
    unit.battery_order_in_force_w = -500.0;
    unit.limit_in_force_w = limits_w[k];
    commands.inverters[k].ac_limit_w = limits_w[k];
    commands.inverters[k].battery_discharge_w = -500.0;
  }
  const Fleet fleet{measurements, commands, limits_w.size(), 10000.0, 20.0, std::nullopt};
  LimitLaw law;
  PvProbe probe;
  law.plan(fleet, {3010.0, 3000.0}, 60.0, probe);
  double sum_w = 0.0;
  for (std::size_t k = 0; k < limits_w.size(); ++k) sum_w += commands.inverters[k].ac_limit_w;
  EXPECT_NEAR(sum_w, 3000.0, 1e-9);
  EXPECT_LT(commands.inverters[0].ac_limit_w, 1570.0);
  EXPECT_GT(commands.inverters[1].ac_limit_w, 710.0);
  EXPECT_LT(commands.inverters[1].ac_limit_w, 730.0);
}

}  // namespace
}  // namespace hil::controller
