#include "sim/wire/serial_format.h"

#include <gtest/gtest.h>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

constexpr SerialFormat format_8n1(int baud) {
  return {.baud = baud};
}
constexpr SerialFormat format_8e1(int baud) {
  return {.baud = baud, .parity = Parity::even};
}

TEST(SerialFormat, CountsStartDataParityAndStopBits) {
  EXPECT_EQ(format_8n1(9600).bits_per_character(), 10);
  EXPECT_EQ(format_8e1(9600).bits_per_character(), 11);
  EXPECT_EQ((SerialFormat{.stop_bits = 2}.bits_per_character()), 11);
}

// bits / baud: 10/9600 = 1.0416667 ms, 11/9600 = 1.1458333 ms, and half of each at 19,200; 86.806 and 95.486 us.
TEST(SerialFormat, GivesTheCharacterTimesOfTheTable) {
  EXPECT_EQ(format_8n1(9600).characters(1), 1'041'667ns);
  EXPECT_EQ(format_8e1(9600).characters(1), 1'145'833ns);
  EXPECT_EQ(format_8n1(19'200).characters(1), 520'833ns);
  EXPECT_EQ(format_8e1(19'200).characters(1), 572'917ns);
  EXPECT_EQ(format_8n1(115'200).characters(1), 86'806ns);
  EXPECT_EQ(format_8e1(115'200).characters(1), 95'486ns);
}

// 1.5 characters: 15/9600 = 1.5625 ms, 16.5/9600 = 1.71875 ms, 15/19200 = 0.78125 ms, 16.5/19200 = 0.859375 ms.
TEST(SerialFormat, GivesTheLongestGapInsideAFrameFixedAbove19200Baud) {
  EXPECT_EQ(format_8n1(9600).t1_5(), 1'562'500ns);
  EXPECT_EQ(format_8e1(9600).t1_5(), 1'718'750ns);
  EXPECT_EQ(format_8n1(19'200).t1_5(), 781'250ns);
  EXPECT_EQ(format_8e1(19'200).t1_5(), 859'375ns);
  EXPECT_EQ(format_8n1(115'200).t1_5(), 750us);
  EXPECT_EQ(format_8e1(115'200).t1_5(), 750us);
}

// 3.5 characters: 35/9600 = 3.6458333 ms, 38.5/9600 = 4.0104167 ms, and half of each at 19,200.
TEST(SerialFormat, GivesTheSilenceBetweenFramesFixedAbove19200Baud) {
  EXPECT_EQ(format_8n1(9600).t3_5(), 3'645'833ns);
  EXPECT_EQ(format_8e1(9600).t3_5(), 4'010'417ns);
  EXPECT_EQ(format_8n1(19'200).t3_5(), 1'822'917ns);
  EXPECT_EQ(format_8e1(19'200).t3_5(), 2'005'208ns);
  EXPECT_EQ(format_8n1(38'400).t3_5(), 1750us);
  EXPECT_EQ(format_8n1(115'200).t3_5(), 1750us);
}

// 960 characters of 10 bits at 9600 baud are one second; adding 960 rounded characters would be 320 ns too long.
TEST(SerialFormat, RoundsARunOfCharactersOnce) {
  EXPECT_EQ(format_8n1(9600).characters(960), 1s);
  EXPECT_EQ(format_8n1(9600).characters(24L * 3600 * 960), 24h);
  EXPECT_EQ(format_8n1(9600).characters(0), 0s);
}

TEST(SerialFormat, LastsANanosecondACharacterWithoutTimeAndKeepsItsSilences) {
  constexpr SerialFormat format{.baud = 9600, .takes_time = false};
  EXPECT_EQ(format.characters(1), 1ns);
  EXPECT_EQ(format.characters(256), 256ns);
  EXPECT_EQ(format.t1_5(), format_8n1(9600).t1_5());
  EXPECT_EQ(format.t3_5(), format_8n1(9600).t3_5());
}

}  // namespace
}  // namespace hil::sim
