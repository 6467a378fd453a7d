#include "sim/wire/driven_characters.h"

#include <gtest/gtest.h>

#include "sim/wire/modbus_rtu.h"
#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;

// 8N1 at 10,000 baud: one character is 1 ms.
constexpr SerialFormat one_ms_a_character{.baud = 10'000};

TEST(DrivenCharacters, ProlongARunThatIsAppendedToAtItsEnd) {
  DrivenCharacters driven{one_ms_a_character};
  driven.append(Bytes{1, 2, 3}, 5ms);
  EXPECT_EQ(driven.begin(), 5ms);
  EXPECT_EQ(driven.end(), 8ms);
  driven.append(Bytes{4}, 8ms);
  driven.append(Bytes{5}, 12ms);
  EXPECT_EQ(driven.end(), 13ms);
  EXPECT_EQ(driven.bytes_begun_since(8ms).size(), 2u);
  EXPECT_EQ(driven.bytes_begun_since(8'000'001ns).size(), 1u);
}

// Characters at 0, 1, 2 and 3 ms; [1.5, 3) ms touches the second and the third.
TEST(DrivenCharacters, SpoilWhatTouchesTheTimeOfTheOtherDriver) {
  DrivenCharacters driven{one_ms_a_character};
  driven.append(Bytes{0, 0, 0, 0}, 0ms);
  driven.spoil(1500us, 3ms, wire_mark::collision);
  driven.spoil(1500us, 3ms, wire_mark::collision);  // a third driver changes nothing more
  EXPECT_TRUE(driven.spoilt());
  const Bytes heard(driven.bytes().begin(), driven.bytes().end());
  EXPECT_EQ(heard, (Bytes{0, 0x5A, 0x5A, 0}));
  driven.clear();
  EXPECT_FALSE(driven.spoilt());
  EXPECT_TRUE(driven.empty());
}

// The frame is built so that the spoilt bytes, 5A inverted in each, make a valid frame: the one chance in 2^16.
TEST(DrivenCharacters, FailTheCrcEvenWhenSpoiltBytesHappenToFitIt) {
  Bytes frame = test::with_crc({11, 3, 2, 7, 8});
  for (std::uint8_t& byte : frame) byte ^= 0x5A;
  DrivenCharacters driven{one_ms_a_character};
  driven.append(frame, 0ms);
  driven.spoil(0ms, 7ms, wire_mark::collision);
  ASSERT_TRUE(has_valid_crc(driven.bytes()));
  driven.seal();
  EXPECT_FALSE(has_valid_crc(driven.bytes()));
}

}  // namespace
}  // namespace hil::sim
