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

// Lengths from the requests of the Modbus application protocol 1.1b3, chapter 6, with address and CRC.
TEST(WholeRtuRequest, IsToldByTheLengthOfItsFunction) {
  const std::vector<Bytes> requests{{1, 1, 0, 0, 0, 9},
                                    {1, 2, 0, 0, 0, 9},
                                    {1, 3, 0, 0, 0, 9},
                                    {1, 4, 0, 0, 0, 9},
                                    {1, 5, 0, 0, 0xFF, 0},
                                    {1, 6, 0, 0, 0, 9},
                                    {1, 7},
                                    {1, 8, 0, 0, 0xA5, 0x37},
                                    {1, 0x0B},
                                    {1, 0x0C},
                                    {1, 0x0F, 0, 0, 0, 9, 2, 0xFF, 1},
                                    {1, 0x10, 0, 0, 0, 2, 4, 0, 1, 0, 2},
                                    {1, 0x11},
                                    {1, 0x14, 7, 6, 0, 4, 0, 1, 0, 2},
                                    {1, 0x15, 9, 6, 0, 4, 0, 7, 0, 1, 6, 0xAF},
                                    {1, 0x16, 0, 4, 0, 0xF2, 0, 0x25},
                                    {1, 0x17, 0, 3, 0, 6, 0, 14, 0, 1, 2, 0, 0xFF},
                                    {1, 0x18, 4, 0xDE}};
  for (const Bytes& bare : requests) {
    Bytes frame = bare;
    append_crc(frame);
    SCOPED_TRACE(static_cast<int>(frame[1]));
    EXPECT_TRUE(is_whole_rtu_request(frame));
    for (std::size_t length = 0; length < frame.size(); ++length) {
      EXPECT_FALSE(is_whole_rtu_request(std::span(frame).first(length)));
    }
    Bytes longer = bare;
    longer.push_back(0);
    append_crc(longer);
    EXPECT_FALSE(is_whole_rtu_request(longer));
    frame.back() ^= 1;
    EXPECT_FALSE(is_whole_rtu_request(frame));
  }
}

// 2B has a length of its own for each transport behind it; from 41 on they are the maker's.
TEST(WholeRtuRequest, IsUnknownOfOtherFunctions) {
  for (const int function : {0x00, 0x09, 0x2B, 0x41, 0x83, 0xFF}) {
    Bytes frame{1, static_cast<std::uint8_t>(function), 0, 0, 0, 1};
    append_crc(frame);
    EXPECT_FALSE(is_whole_rtu_request(frame)) << function;
  }
}

}  // namespace
}  // namespace hil::sim
