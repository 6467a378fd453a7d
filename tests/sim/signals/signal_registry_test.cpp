#include "sim/signals/signal_registry.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace hil::sim {
namespace {

using Names = std::vector<std::string>;

std::string refusal(SignalRegistry& registry, const std::string& name) {
  static const double value = 0.0;
  try {
    registry.add(name, "again", &value);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

Names names(const std::vector<const Signal*>& signals) {
  Names result;
  for (const Signal* signal : signals) result.push_back(signal->name);
  return result;
}

class ThreeSignals : public testing::Test {
 protected:
  ThreeSignals() {
    registry_.add("meter.grid_import_w", "what the meter reads", &import_w_);
    registry_.add("et1.battery_soc", "state of charge", &soc_);
    registry_.add("et1.battery_discharge_w", "battery terminal", &discharge_w_);
  }
  double import_w_ = 12.5;
  double soc_ = 0.6;
  double discharge_w_ = 0.0;
  SignalRegistry registry_;
};

TEST_F(ThreeSignals, FindsASignalAndReadsItsPresentValue) {
  const Signal* signal = registry_.find("meter.grid_import_w");
  ASSERT_NE(signal, nullptr);
  import_w_ = 80.0;
  EXPECT_EQ(*signal->value, 80.0);
  EXPECT_EQ(signal->unit, "W");
  EXPECT_EQ(signal->description, "what the meter reads");
  EXPECT_EQ(registry_.find("meter.grid_import"), nullptr);
}

TEST_F(ThreeSignals, KeepsTheOrderOfRegistration) {
  EXPECT_EQ(names(registry_.all()), (Names{"meter.grid_import_w", "et1.battery_soc", "et1.battery_discharge_w"}));
}

TEST_F(ThreeSignals, MatchesPatternsInTheOrderOfRegistration) {
  EXPECT_EQ(names(registry_.matching("*")), names(registry_.all()));
  EXPECT_EQ(names(registry_.matching("*_w")), (Names{"meter.grid_import_w", "et1.battery_discharge_w"}));
  EXPECT_EQ(names(registry_.matching("et1.*")), (Names{"et1.battery_soc", "et1.battery_discharge_w"}));
  EXPECT_EQ(names(registry_.matching("*.battery_*_w")), (Names{"et1.battery_discharge_w"}));
  EXPECT_EQ(names(registry_.matching("et1.battery_soc")), (Names{"et1.battery_soc"}));
  EXPECT_EQ(names(registry_.matching("et1.battery_soc*")), (Names{"et1.battery_soc"}));
  EXPECT_EQ(names(registry_.matching("et1")), Names{});
  EXPECT_EQ(names(registry_.matching("")), Names{});
}

TEST_F(ThreeSignals, NamesTheSignalThatHasTheNameAlready) {
  const std::string message = refusal(registry_, "et1.battery_soc");
  EXPECT_NE(message.find("et1.battery_soc"), std::string::npos) << message;
  EXPECT_NE(message.find("state of charge"), std::string::npos) << message;
}

TEST(SignalRegistry, RefusesNamesThatAreNotLowerSnakeWithDots) {
  SignalRegistry registry;
  for (const char* name : {"", "Et1.pv_w", "et1..pv_w", ".et1", "et1.", "et1.pv__w", "et1._pv", "et1.pv_", "1.pv_w",
                           "et1.pv w", "et1.pv-w", "et1.*"}) {
    EXPECT_NE(refusal(registry, name).find("lower_snake"), std::string::npos) << name;
  }
  EXPECT_EQ(refusal(registry, "et1.l1_2_current_a"), "");
}

TEST(SignalRegistry, RefusesASignalWithoutAValue) {
  SignalRegistry registry;
  EXPECT_THROW(registry.add("et1.pv_w", "", nullptr), std::invalid_argument);
}

TEST(UnitOf, ReadsTheSuffixOfTheName) {
  EXPECT_EQ(unit_of("et1.pv_w"), "W");
  EXPECT_EQ(unit_of("et1.l1_voltage_ln_rms_v"), "V");
  EXPECT_EQ(unit_of("et1.l1_current_a"), "A");
  EXPECT_EQ(unit_of("et1.ac_injection_var"), "var");
  EXPECT_EQ(unit_of("meter.apparent_va"), "VA");
  EXPECT_EQ(unit_of("grid.frequency_hz"), "Hz");
  EXPECT_EQ(unit_of("feeder.resistance_ohm"), "ohm");
  EXPECT_EQ(unit_of("et1.moved_ah"), "Ah");
  EXPECT_EQ(unit_of("meter.imported_wh"), "Wh");
  EXPECT_EQ(unit_of("meter.imported_kwh"), "kWh");
  EXPECT_EQ(unit_of("et1.cell_temperature_c"), "degC");
  EXPECT_EQ(unit_of("com1.busy_s"), "s");
  EXPECT_EQ(unit_of("et1.irradiance_w_m2"), "W/m2");
  EXPECT_EQ(unit_of("et1.pv_ramp_w_per_s"), "W/s");
}

TEST(UnitOf, IsEmptyForRatiosAndFlags) {
  EXPECT_EQ(unit_of("et1.battery_soc"), "");
  EXPECT_EQ(unit_of("et1.ems_mode"), "");
  EXPECT_EQ(unit_of("w"), "");
  EXPECT_EQ(unit_of(""), "");
}

}  // namespace
}  // namespace hil::sim
