#include "controller/lan/off_guard.h"

#include <gtest/gtest.h>

#include "tests/controller/lan_rig.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::hex;
using tests::LanRig;

const tests::Bytes value_off = hex("00 06 01 01 40 02 00 44");
const tests::Bytes value_on = hex("00 06 01 01 40 01 00 43");
const tests::Bytes write_limit = hex("00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 02 01 54");

const tests::Bytes dred_off = hex("00 06 01 01 33 02 00 37");
const tests::Bytes rcr_off = hex("00 06 01 01 28 02 00 2C");

ControlMode mode(const LanRig& rig) {
  return rig.controller.settings().control_mode;
}

/// The reset of the public client (sec1000-lan-protocol 7), 50 ms an exchange, until it dies after `exchanges`.
void begin_reset(LanRig& rig, int exchanges) {
  const std::array begin{value_off, dred_off, rcr_off};
  const std::array end{dred_off, rcr_off, value_on};
  for (int k = 0; k < exchanges; ++k) {
    if (k == 3) rig.run_until(rig.now + 5s);
    rig.exchange(k < 3 ? begin[static_cast<std::size_t>(k)] : end[static_cast<std::size_t>(k - 3)]);
    rig.run_until(rig.now + 50ms);
  }
}

TEST(OffGuard, BringsTheLimitBackAtWhateverExchangeOfAResetTheClientDies) {
  for (int exchanges = 1; exchanges <= 6; ++exchanges) {
    SCOPED_TRACE(exchanges);
    LanRig rig;
    const Time began = rig.now;
    rig.exchange(value_off);
    EXPECT_EQ(mode(rig), ControlMode::off);
    rig.run_until(began + 50ms);
    if (exchanges > 1) begin_reset(rig, exchanges);
    if (exchanges <= 3) {
      rig.run_until(began + 4900ms);
      EXPECT_EQ(mode(rig), ControlMode::off) << "the reset needs its five seconds";
    }
    rig.run_until(std::max(rig.now, began + 5s));
    EXPECT_EQ(mode(rig), ControlMode::value);
    rig.run_until(rig.now + 60s);
    EXPECT_EQ(mode(rig), ControlMode::value);
  }
}

TEST(OffGuard, LeavesItOffForWhoHasWrittenALimitBefore) {
  LanRig rig;
  rig.exchange(write_limit);
  rig.run_until(rig.now + 1s);
  rig.exchange(value_off);
  rig.run_until(rig.now + 600s);
  EXPECT_EQ(mode(rig), ControlMode::off);
}

TEST(OffGuard, IsOfNoEffectWhenItIsSwitchedOffAsInTheOriginal) {
  LanRig rig{{.off_guard = false}};
  begin_reset(rig, 3);
  rig.run_until(rig.now + 600s);
  EXPECT_EQ(mode(rig), ControlMode::off);
}

TEST(OffGuard, StoresTheLimitSoThatALossOfPowerEndsTheResetToo) {
  LanRig rig;
  ASSERT_TRUE(rig.controller.lan_opened(0, rig.now));
  rig.controller.lan_bytes_arrived(0, value_off, rig.now);
  EXPECT_EQ(mode(rig), ControlMode::off);
  for (int k = 0; k < 3; ++k) {
    StoredRecord stored;
    if (decode_record(rig.controller.output().storage.pending(), stored)) {
      EXPECT_EQ(stored.settings.control_mode, ControlMode::value);
    }
    rig.controller.sent();
    rig.controller.storage_written(true, rig.now);
  }
}

TEST(OffGuard, WaitsForTheInvertersToLetGoButNoLongerThanSixSeconds) {
  OffGuard guard;
  guard.switched_off(ControlMode::value, 10s);
  EXPECT_FALSE(guard.due(false, 11s));
  EXPECT_FALSE(guard.due(true, 11s));  // five from here would be the six anyway
  EXPECT_TRUE(guard.due(true, 16s));
  guard.over();
  guard.switched_off(ControlMode::rcr, 30s);
  EXPECT_FALSE(guard.due(true, 30'200ms));
  EXPECT_FALSE(guard.due(true, 35'100ms));
  EXPECT_TRUE(guard.due(true, 35'200ms));
  EXPECT_EQ(guard.pending(), ControlMode::rcr);
}

}  // namespace
}  // namespace hil::controller
