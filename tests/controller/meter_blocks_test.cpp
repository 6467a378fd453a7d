#include "controller/devices/meter_blocks.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace hil::controller {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The protocol description of the SDM630-Modbus V2: 30001 is asked for as 0, with function 04.
TEST(MeterBlocks, AreAskedForAsInputRegistersFromZero) {
  const Request powers = meter_request(7, MeterBlock::powers);
  std::array<std::uint8_t, 8> frame{};
  ASSERT_EQ(build_request(powers, frame), 8U);
  EXPECT_EQ((Bytes{frame.begin(), frame.begin() + 6}), (Bytes{7, 4, 0, 12, 0, 6}));
  EXPECT_EQ(reply_size(powers), 17U);
  EXPECT_EQ(meter_request(7, MeterBlock::phases).first, 0);
  EXPECT_EQ(meter_request(7, MeterBlock::powers_and_reactive).count, 18);
}

// IEEE 754, big-endian: 1000 is 447A 0000, -1500 C4BB 8000, 0.5 3F00 0000, 230 4366 0000, -2 C000 0000.
TEST(MeterBlocks, PowersAreSummedOverThePhases) {
  Bytes data{0x44, 0x7A, 0, 0, 0xC4, 0xBB, 0x80, 0, 0x3F, 0, 0, 0};
  const MeterPowers powers = decode_meter_powers(data);
  EXPECT_EQ(powers.phase_import_w, (std::array{1000.0, -1500.0, 0.5}));
  EXPECT_DOUBLE_EQ(powers.grid_import_w, -499.5);
  EXPECT_DOUBLE_EQ(powers.grid_import_var, 0.0);
  data.resize(24, 0x11);  // apparent powers, not looked at
  for (int phase = 0; phase < 3; ++phase) data.insert(data.end(), {0xC0, 0, 0, 0});
  EXPECT_DOUBLE_EQ(decode_meter_powers(data).grid_import_var, -6.0);
}

TEST(MeterBlocks, PhasesAreVoltagesThenCurrents) {
  Bytes data{0x43, 0x66, 0, 0, 0x43, 0x66, 0, 0, 0x43, 0x66, 0, 0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x44, 0x7A, 0, 0};
  const MeterPhases phases = decode_meter_phases(data);
  EXPECT_EQ(phases.voltage_ln_rms_v, (std::array{230.0, 230.0, 230.0}));
  EXPECT_EQ(phases.current_a, (std::array{0.5, 0.0, 1000.0}));
}

TEST(MeterBlocks, WhatIsNoNumberIsSeen) {
  Bytes data{0x44, 0x7A, 0, 0, 0x7F, 0xC0, 0, 0};
  EXPECT_FALSE(holds_numbers(data));  // not a number
  data[5] = 0x80;
  EXPECT_FALSE(holds_numbers(data));  // infinite
  data[5] = 0x7F;
  EXPECT_FALSE(holds_numbers(data));  // 3.4e38
  data[4] = 0x4B;
  data[5] = 0x18;
  EXPECT_TRUE(holds_numbers(data));  // 4B18 0000: 9961472
}

// 1234.5 W is 449A 5000; with its words swapped 5000 449A, 8.6e9 W.
TEST(MeterBlocks, SwappedWordsAreNoNumber) {
  EXPECT_TRUE(holds_numbers(Bytes{0x44, 0x9A, 0x50, 0x00}));
  EXPECT_FALSE(holds_numbers(Bytes{0x50, 0x00, 0x44, 0x9A}));
}

}  // namespace
}  // namespace hil::controller
