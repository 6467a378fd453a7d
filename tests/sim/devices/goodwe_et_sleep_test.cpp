// What an ET draws at night: its own conversion's loss while it is awake, standby once it sleeps.
#include <gtest/gtest.h>

#include "models/grid_code/grid_codes.h"
#include "tests/sim/devices/asked_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::AskedEt;

/// No sun, a battery at the floor of 10 %, 25 W lost by the conversion at no power, 8 W in standby.
models::Site::Parameters night() {
  models::Site::Parameters site = one_inverter_site(0.1);
  models::InverterLane::Parameters& lane = site.inverters[0].lane;
  const models::LossCurve idle{10000.0, 0.0, 0.0, 25.0};
  lane.power_stage.losses = {idle, idle, idle, idle};
  lane.power_stage.standby_w = 8.0;
  lane.pv[0].irradiance_w_m2 = 0.0;
  return site;
}

GoodweEt::Settings sleeper() {
  GoodweEt::Settings settings;
  settings.sleep_after = 60s;
  return settings;
}

double drawn_w(const AskedEt& et) {
  return -et.lane().power.ac_injection_w;
}

TEST(EtSleep, BeginsAfterSoLongWithoutSunAndBattery) {
  AskedEt et{night(), sleeper()};
  et.run(58s);
  EXPECT_NEAR(drawn_w(et), 25.0, 1e-6);
  EXPECT_EQ(et.read(35187), 1);
  et.run(2s);
  EXPECT_NEAR(drawn_w(et), 8.0, 1e-6);
  EXPECT_EQ(et.read(35187), 0) << "it waits, and still answers";
}

TEST(EtSleep, NeverComesUnlessAskedFor) {
  AskedEt et{night()};
  et.run(120s);
  EXPECT_NEAR(drawn_w(et), 25.0, 1e-6);
}

TEST(EtSleep, EndsWithTheSun) {
  AskedEt et{night(), sleeper()};
  et.run(65s);
  et.et.site.set_irradiance(0, 974.0);
  et.run(5s);
  EXPECT_GT(et.lane().power.ac_injection_w, 5000.0);
}

// Its grid code makes it wait as after any other stop: EN 50549-1 a minute.
TEST(EtSleep, EndsWithTheDelayOfItsGridCode) {
  models::Site::Parameters site = night();
  site.inverters[0].lane.grid_code = *models::find_grid_code("en50549_1");
  AskedEt et{site, sleeper()};
  et.run(65s);
  et.et.site.set_irradiance(0, 974.0);
  et.run(50s);
  EXPECT_NEAR(drawn_w(et), 8.0, 1e-6);
  et.run(20s);
  EXPECT_GT(et.lane().power.ac_injection_w, 100.0);
}

TEST(EtSleep, EndsWithAnOrderToCharge) {
  AskedEt et{night(), sleeper()};
  et.run(65s);
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0B 03 E8")).at(0), 0x10);  // charge 1000 W
  et.run(2s);
  EXPECT_NEAR(drawn_w(et), 1025.0, 1.0);
}

TEST(EtSleep, DoesNotComeWhileTheBatteryMayDischarge) {
  models::Site::Parameters site = night();
  site.inverters[0].lane.initial_soc = 0.5;
  AskedEt et{site, sleeper()};
  et.run(120s);
  EXPECT_NEAR(drawn_w(et), 25.0, 1e-6);
}

TEST(EtSleep, DrawsNothingWithoutSupply) {
  AskedEt et{night(), sleeper()};
  et.run(65s);
  et.et.et.set_supply(false);
  et.run(1s);
  EXPECT_EQ(drawn_w(et), 0.0);
}

TEST(EtSleep, DrawsStandbyWhileItIsStoppedToo) {
  AskedEt et{night(), sleeper()};
  ASSERT_EQ(et.write(47511, 255), 0);
  et.run(2s);
  EXPECT_NEAR(drawn_w(et), 8.0, 1e-6);
}

}  // namespace
}  // namespace hil::sim
