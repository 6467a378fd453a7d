#include "controller/devices/goodwe_et_identity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hil::controller {
namespace {

/// Registers 35000..35032 of the reference's worked reply (goodwe-et-modbus 12).
const std::vector<std::uint8_t> device_information{
    0x00, 0x02, 0x27, 0x10, 0x00, 0xFE, 0x39, 0x30, 0x31, 0x30, 0x4B, 0x45, 0x54, 0x55, 0x32, 0x32, 0x41,
    0x57, 0x30, 0x30, 0x30, 0x31, 0x47, 0x57, 0x31, 0x30, 0x4B, 0x2D, 0x45, 0x54, 0x20, 0x20, 0x00, 0x0A,
    0x00, 0x0A, 0x00, 0xA7, 0x00, 0x17, 0x00, 0xED, 0x30, 0x34, 0x30, 0x32, 0x39, 0x2D, 0x31, 0x30, 0x2D,
    0x53, 0x31, 0x31, 0x30, 0x32, 0x30, 0x34, 0x31, 0x2D, 0x32, 0x33, 0x2D, 0x53, 0x30, 0x30};

std::span<const std::uint8_t> registers(const Request& request) {
  return std::span(device_information).subspan(2U * (request.first - 35000U), 2U * request.count);
}

TEST(GoodweEtIdentity, ReadsRatingAndSerialNumberOfTheReferencesReply) {
  const EtIdentity identity = decode_identity(registers(identity_request(247)));
  EXPECT_TRUE(identity.is_inverter);
  EXPECT_DOUBLE_EQ(identity.rated_w, 10000.0);
  EXPECT_EQ(std::string(identity.serial.begin(), identity.serial.end()), "9010KETU22AW0001");
}

TEST(GoodweEtIdentity, ReadsTheFirmwareOfTheReferencesReply) {
  const EtFirmware firmware = decode_firmware(registers(firmware_request(247)));
  EXPECT_EQ(firmware.dsp_version, 10);
  EXPECT_EQ(firmware.arm_version, 23);
}

TEST(GoodweEtIdentity, TakesZerosAndShortRepliesForNoInverter) {
  EXPECT_FALSE(decode_identity(std::vector<std::uint8_t>(20, 0)).is_inverter);
  EXPECT_FALSE(decode_identity(std::span(device_information).first(18)).is_inverter);
  EXPECT_EQ(decode_firmware({}).arm_version, 0);
}

TEST(GoodweEtIdentity, SeesAMeterOfItsOwnIn36004) {
  std::vector<std::uint8_t> data(18, 0);
  EXPECT_FALSE(decode_own_meter(data));
  data[2 * 3 + 1] = 1;
  EXPECT_TRUE(decode_own_meter(data));
}

}  // namespace
}  // namespace hil::controller
