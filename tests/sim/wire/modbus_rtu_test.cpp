#include "sim/wire/modbus_rtu.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace hil::sim {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The check value that catalogues of CRCs publish for CRC-16/MODBUS: 4B37 for "123456789".
TEST(ModbusCrc, GivesThePublishedCheckValue) {
  constexpr std::string_view digits = "123456789";
  const Bytes text(digits.begin(), digits.end());
  EXPECT_EQ(modbus_crc(text), 0x4B37);
}

// Published frames: "Modbus application protocol" examples as wire bytes, low byte of the CRC first.
TEST(ModbusCrc, CompletesPublishedFramesLowByteFirst) {
  const std::vector<Bytes> frames{{0x01, 0x03, 0x00, 0x00, 0x00, 0x0A, 0xC5, 0xCD},
                                  {0x11, 0x03, 0x00, 0x6B, 0x00, 0x03, 0x76, 0x87},
                                  {0x11, 0x06, 0x00, 0x01, 0x00, 0x03, 0x9A, 0x9B}};
  for (const Bytes& whole : frames) {
    Bytes frame(whole.begin(), whole.end() - 2);
    append_crc(frame);
    EXPECT_EQ(frame, whole);
    EXPECT_TRUE(has_valid_crc(whole));
  }
}

TEST(ModbusCrc, IsTheStartValueForNothing) {
  EXPECT_EQ(modbus_crc({}), 0xFFFF);
}

// A 16-bit CRC finds every single-bit error: all 64 bits of the frame, one by one.
TEST(ModbusCrc, FailsForEveryFlippedBit) {
  const Bytes good{0x01, 0x03, 0x00, 0x00, 0x00, 0x0A, 0xC5, 0xCD};
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(has_valid_crc(bad)) << "bit " << bit;
  }
}

// Two bytes FF FF are their own CRC over nothing, and three a frame without a function: neither is a frame.
TEST(ModbusCrc, IsNeverValidBelowFourBytes) {
  EXPECT_FALSE(has_valid_crc({}));
  EXPECT_FALSE(has_valid_crc(Bytes{0xFF, 0xFF}));
  Bytes three{0x01};
  append_crc(three);
  EXPECT_FALSE(has_valid_crc(three));
}

}  // namespace
}  // namespace hil::sim
