#include "sim/wire/can_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "models/split_mix64.h"

namespace hil::sim {
namespace {

// The check value of CRC-15/CAN in the published catalogues of checksums: the nine characters, highest bit first.
TEST(CanChecksum, OfTheNineDigitsIsThePublishedOne) {
  std::uint16_t checksum = 0;
  for (const char character : std::string_view{"123456789"}) {
    for (int bit = 7; bit >= 0; --bit) checksum = can_checksum(checksum, (character >> bit & 1) != 0);
  }
  EXPECT_EQ(checksum, 0x059E);
}

/// Brackets are for people.
void expect_begin(const CanBits& bits, const std::string& expected) {
  std::size_t at = 0;
  for (const char character : expected) {
    if (character != '0' && character != '1') continue;
    EXPECT_EQ(bits[at], character == '1') << at;
    ++at;
  }
}

// By hand: start, 11 identifier, remote, extension, reserved, 4 length and 15 checksum bits are 34 zeros, and after
// each five of them a one.
TEST(CanBits, OfAnEmptyFrameAreZerosWithAOneAfterEachFive) {
  const CanBits bits{CanFrame{}};
  ASSERT_EQ(bits.size(), 34u + 6u);
  for (std::size_t i = 0; i < bits.size(); ++i) EXPECT_EQ(bits[i], i % 6 == 5) << i;
}

// By hand: start, identifier, three zeros for remote, extension and reserved, the length with a stuff bit after its
// second zero, the data.
TEST(CanBits, StandInTheOrderOfTheStandard) {
  const CanBits bits{CanFrame{.id = 0x555, .length = 1, .data = {0xAA}}};
  const std::string expected = std::string{"0"} + "10101010101" + "000" + "00[1]01" + "10101010";
  expect_begin(bits, expected);
}

// By hand: start, base identifier with stuff bits after five ones and, with the first of them, five zeros; substitute
// and extension; the rest of the identifier; remote; two reserved bits; the length.
TEST(CanBits, OfAnExtendedIdentifierStandAfterItsBase) {
  const CanBits bits{CanFrame{.id = 0x7C0U << 18U | 0x2'AAAA, .extended = true, .remote = true, .length = 2}};
  const std::string expected =
      std::string{"0"} + "11111[0]0000[1]00" + "11" + "101010101010101010" + "1" + "00" + "0010";
  expect_begin(bits, expected);
}

CanFrame random_frame(models::SplitMix64& random) {
  CanFrame frame;
  frame.extended = random.next() % 2 == 0;
  frame.remote = random.next() % 4 == 0;
  frame.id = static_cast<std::uint32_t>(random.next()) &
             (frame.extended ? CanFrame::largest_extended_id : CanFrame::largest_base_id);
  frame.length = static_cast<std::uint8_t>(random.next() % 9);
  // Runs of equal bits, which random ones hardly have.
  for (std::uint8_t& byte : frame.data) byte = static_cast<std::uint8_t>(random.next() % 3 * 0x7F);
  return frame;
}

// What a receiver does: it drops a bit after five equal ones, which must be another, and the checksum over all comes
// to 0. Longest are 34 or 54 bits and the data, and one more for each four of them but the first (the frame times of
// CAN schedulability analysis; Davis, Burns, Bril and Lukkien 2007, without the 13 bits that are not stuffed).
TEST(CanBits, OfRandomFramesAreSoundForAReceiverAndNotTooLong) {
  models::SplitMix64 random{7};
  for (int round = 0; round < 20'000; ++round) {
    const CanFrame frame = random_frame(random);
    const CanBits bits{frame};
    std::uint16_t checksum = 0;
    std::size_t plain = 0;
    int run = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) {
      const bool is_stuff = run == 5;
      if (is_stuff) {
        ASSERT_NE(bits[i], bits[i - 1]) << round;
      } else {
        checksum = can_checksum(checksum, bits[i]);
        ++plain;
      }
      run = i > 0 && bits[i] == bits[i - 1] ? run + 1 : 1;
    }
    ASSERT_EQ(checksum, 0) << round;
    const std::size_t data = frame.remote ? 0 : std::size_t{8} * frame.length;
    ASSERT_EQ(plain, (frame.extended ? 54u : 34u) + data) << round;
    ASSERT_LE(bits.size(), plain + (plain - 1) / 4) << round;
  }
}

TEST(CanFrame, WithTheLowerIdentifierGoesFirst) {
  const auto key = [](std::uint32_t id, bool extended, bool remote) {
    return CanFrame{.id = id, .extended = extended, .remote = remote}.arbitration_key();
  };
  EXPECT_LT(key(0x100, false, false), key(0x101, false, false));
  EXPECT_LT(key(0x100, false, false), key(0x100, false, true)) << "data before remote";
  EXPECT_LT(key(0x100, false, true), key(0x100U << 18U, true, false)) << "base before extended";
  EXPECT_LT(key(0x0FFU << 18U | 0x3FFFF, true, true), key(0x100, false, false)) << "the base identifier comes first";
}

// The order of keys is that of the wire: where the arbitration fields differ, the lower key has the dominant bit.
TEST(CanFrame, OfTheLowerKeyIsDominantWhereTwoFirstDiffer) {
  models::SplitMix64 random{8};
  for (int round = 0; round < 5'000; ++round) {
    const CanFrame one = random_frame(random);
    CanFrame other = random_frame(random);
    if (round % 2 == 0) other = {.id = one.id, .extended = one.extended, .remote = !one.remote};
    if (one.arbitration_key() == other.arbitration_key()) continue;
    const CanBits a{one};
    const CanBits b{other};
    const std::size_t first = a.first_difference(b);
    ASSERT_LT(first, std::min(a.size(), b.size())) << round;
    ASSERT_EQ(one.arbitration_key() < other.arbitration_key(), !a[first]) << round;
  }
}

TEST(CanFrame, IsValidWithinItsIdentifierAndLength) {
  EXPECT_TRUE(CanFrame{.id = 0x7FF}.is_valid());
  EXPECT_FALSE(CanFrame{.id = 0x800}.is_valid());
  EXPECT_TRUE((CanFrame{.id = 0x1FFF'FFFF, .extended = true}.is_valid()));
  EXPECT_FALSE((CanFrame{.id = 0x2000'0000, .extended = true}.is_valid()));
  EXPECT_FALSE(CanFrame{.length = 9}.is_valid());
}

}  // namespace
}  // namespace hil::sim
