#include "controller/devices/sinexcel_registers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace hil::controller {
namespace {

std::vector<std::uint8_t> frame_of(const Request& request) {
  std::vector<std::uint8_t> frame(256);
  frame.resize(build_request(request, frame));
  return frame;
}

// sinexcel-pcs-modbus 17.
TEST(SinexcelRegisters, FramesOfTheReference) {
  EXPECT_EQ(frame_of(pcs_command_request(1, PcsCommand::start)),
            (std::vector<std::uint8_t>{0x01, 0x06, 0xD2, 0x8C, 0x00, 0x01, 0xB0, 0x99}));
  EXPECT_EQ(frame_of(pcs_setting_request(1, PcsSetting::energy_dispatching, 0)),
            (std::vector<std::uint8_t>{0x01, 0x06, 0xD1, 0x61, 0x00, 0x00, 0xE1, 0x28}));
}

TEST(SinexcelRegisters, StatusBitsAndPowers) {
  std::vector<std::uint8_t> data(2 * pcs_status_count);
  data[1] = 0x01;   // 53010.0
  data[2] = 0x06;   // 53011.9 and .10
  data[34] = 0xFE;  // 53027: -500 counts
  data[35] = 0x0C;
  data[37] = 0x64;  // 53028: 100 counts
  const PcsStatus status = decode_pcs_status(data);
  EXPECT_TRUE(status.running);
  EXPECT_TRUE(status.warning);
  EXPECT_TRUE(status.fault_latched);
  EXPECT_EQ(status.ac_injection_w, -50000.0);
  EXPECT_EQ(status.ac_injection_var, 10000.0);
}

TEST(SinexcelRegisters, PowersAreRoundedAndHeldWithinARegister) {
  EXPECT_EQ(ac_injection_w_of(encode_pcs_settings(false, 12349.0, 0.0)), 12300.0);
  EXPECT_EQ(ac_injection_w_of(encode_pcs_settings(false, -12351.0, 0.0)), -12400.0);
  EXPECT_EQ(ac_injection_w_of(encode_pcs_settings(false, 1e9, 0.0)), 3276700.0);
}

TEST(SinexcelRegisters, SettingsComeOutOfOneRead) {
  std::vector<std::uint8_t> data(2 * 37);
  data[1] = 1;      // 53600
  data[3] = 2;      // 53601
  data[41] = 2;     // 53620
  data[44] = 0x03;  // 53622: 1000
  data[45] = 0xE8;
  data[73] = 3;  // 53636
  const PcsWords words = decode_pcs_settings(data);
  EXPECT_EQ(words, (PcsWords{1, 2, 3, 2, 1000, 0}));
}

// sinexcel-pcs-modbus 11: 53040 + 10 (n - 1), + 3 its state bits; 2.2: starts at 53920 + 10 (n - 1).
TEST(SinexcelRegisters, StringsComeOutOfOneRead) {
  EXPECT_EQ(pcs_strings_request(7, 1).count, 1);
  const Request three = pcs_strings_request(7, 3);
  EXPECT_EQ(three.first, 53040);
  EXPECT_EQ(three.count, 24) << "53040 to 53063";
  std::vector<std::uint8_t> data(48);
  data[0] = 0x1E;   // 53040: 7680
  data[7] = 0x01;   // 53043.0
  data[26] = 0x04;  // 53053.10
  EXPECT_NEAR(decode_pcs_string(data, 1).battery_v, 768.0, 1e-9);
  EXPECT_TRUE(decode_pcs_string(data, 1).running);
  EXPECT_FALSE(decode_pcs_string(data, 1).fault_latched);
  EXPECT_FALSE(decode_pcs_string(data, 2).running);
  EXPECT_TRUE(decode_pcs_string(data, 2).fault_latched);
  EXPECT_EQ(pcs_string_start_request(7, 8).first, 53990);
}

}  // namespace
}  // namespace hil::controller
