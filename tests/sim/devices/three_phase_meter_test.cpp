#include "sim/devices/three_phase_meter.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/sim/devices/one_inverter_site.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

/// Only the base load: 200 W on L1, 100 W each on L2 and L3; the inverter is off.
class MeterOfASite : public testing::Test {
 protected:
  MeterOfASite() : site_{one_inverter_site()}, meter_{"meter", site_} {
    site_.command(0).connected = false;
    run(1s);
  }
  void run(Time duration) {
    for (Time now{0}; now < duration; now += 10ms) {
      site_.advance();
      meter_.refresh(now);
    }
  }
  double shown(const char* signal) const { return *meter_.face().find(signal)->value; }

  models::Site site_;
  ThreePhaseMeter meter_;
};

// Constant-power load behind 0.02 ohm: at 0.87 A the cable takes 0.02 W; the meter counts whole watts.
TEST_F(MeterOfASite, ShowsImportOfEachPhaseAndTheSum) {
  EXPECT_NEAR(shown("l1_import_w"), 200.0, 1.0);
  EXPECT_NEAR(shown("l2_import_w"), 100.0, 1.0);
  EXPECT_NEAR(shown("l3_import_w"), 100.0, 1.0);
  EXPECT_NEAR(shown("grid_import_w"), 400.0, 1.5);
  EXPECT_EQ(shown("grid_export_w"), -shown("grid_import_w"));
  EXPECT_NEAR(shown("l1_current_a"), 200.0 / 230.0, 0.002);  // voltage within 0.1 V of 230 V
  EXPECT_NEAR(shown("l1_voltage_ln_rms_v"), 230.0, 0.2);
  EXPECT_EQ(shown("frequency_hz"), 50.0);
}

// 400 W for 36 s are 4 Wh; the first second of the fixture adds 0.11 Wh.
TEST_F(MeterOfASite, CountsImportedEnergy) {
  run(35s);
  EXPECT_NEAR(shown("imported_wh"), 4.0, 0.03);
  EXPECT_EQ(shown("exported_wh"), 0.0);
}

// The inverter feeds 3 kW into 400 W of load: 2600 W out, 2600 / 3 - 66.7.. less per phase.
TEST_F(MeterOfASite, ShowsExportAsNegativeImport) {
  site_.command(0) = {};
  site_.command(0).ac_ceiling_w = 3000.0;
  run(1s);
  EXPECT_NEAR(shown("grid_import_w"), -2600.0, 5.0);  // cable loss below 2 W, meter's quantum 1 W a phase
  EXPECT_NEAR(shown("grid_export_w"), 2600.0, 5.0);
  EXPECT_NEAR(shown("l1_import_w"), 200.0 - 1000.0, 3.0);
}

TEST_F(MeterOfASite, RegistersEverySignalUnderItsName) {
  SignalRegistry registry;
  meter_.register_signals(registry);
  for (const char* name :
       {"grid_import_w", "grid_export_w", "l1_import_w", "l2_import_w", "l3_import_w", "l1_voltage_ln_rms_v",
        "l2_voltage_ln_rms_v", "l3_voltage_ln_rms_v", "l1_current_a", "l2_current_a", "l3_current_a", "grid_import_var",
        "frequency_hz", "imported_wh", "exported_wh"}) {
    const Signal* signal = registry.find(std::string("meter.") + name);
    ASSERT_NE(signal, nullptr) << name;
    EXPECT_EQ(*signal->value, shown(name)) << name;
  }
}

}  // namespace
}  // namespace hil::sim
