#include "harness/checks/frame_rows.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/wire/modbus_rtu.h"
#include "tests/harness/plant/small_register_map.h"

namespace hil::harness {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// 100: an order in steps of 100 W; 101: a choice; 102..: flags a..z, so many that not all are shown.
sim::RegisterMap small_map() {
  sim::RegisterMap made = tests::small_register_map();
  for (int i = 0; i < 14; ++i) {
    sim::RegisterRow flag;
    flag.address = static_cast<std::uint16_t>(102 + i);
    flag.binding = "flag_" + std::to_string(i);
    made.rows.push_back(flag);
  }
  return made;
}

Bytes framed(Bytes bytes) {
  sim::append_crc(bytes);
  return bytes;
}

std::string rows_in(const Bytes& frame, const Bytes& request = {}) {
  return rows_in_frame(small_map(), frame, request);
}

// 0xFF38 is -200, in steps of 100 W.
TEST(FrameRows, SayWhatAWriteSetsInItsUnitAndByItsName) {
  EXPECT_EQ(rows_in(framed({1, 6, 0, 100, 0xFF, 0x38})), "set_discharge_w -20000 W");
  EXPECT_EQ(rows_in(framed({1, 6, 0, 101, 0, 2})), "dispatch 2 (string)");
  EXPECT_EQ(rows_in(framed({1, 16, 0, 100, 0, 2, 4, 0, 5, 0, 1})), "set_discharge_w 500 W, dispatch 1 (DC)");
}

TEST(FrameRows, SayWhatAReplyHoldsByTheRequestAheadOfIt) {
  const Bytes request = framed({1, 3, 0, 99, 0, 3});
  EXPECT_EQ(rows_in(framed({1, 3, 6, 0, 9, 0, 5, 0, 7}), request), "set_discharge_w 500 W, dispatch 7");
  EXPECT_EQ(rows_in(request), "") << "a request to read holds no values";
  EXPECT_EQ(rows_in(framed({2, 3, 6, 0, 9, 0, 5, 0, 7}), request), "") << "of another unit";
  EXPECT_EQ(rows_in(framed({1, 0x83, 2}), request), "") << "an exception";
  EXPECT_EQ(rows_in({1, 3, 6, 0, 9, 0, 5, 0, 7, 0, 0}, request), "") << "spoilt";
  EXPECT_EQ(rows_in(framed({1, 6, 0, 101, 0, 2}), framed({1, 6, 0, 101, 0, 2})), "") << "the echo of a write";
}

// As the two ways in which maps list them, the lowest first; 0x0600 is 9 and 10, 0x0805 is 0, 2 and 11.
TEST(FrameRows, NameTheBitsThatAreSet) {
  sim::RegisterMap map;
  sim::RegisterRow events;
  events.address = 200;
  events.binding = "event_word";
  events.name = "bit 10 latched fault, bit 9 warning";
  sim::RegisterRow status;
  status.address = 201;
  status.binding = "status_bits";
  status.name = "bits: 0 fault, 2 runs, 3 grid-tied; here 0 is a fault since power-up";
  map.rows = {events, status};
  const Bytes request = framed({1, 3, 0, 200, 0, 2});
  EXPECT_EQ(
      rows_in_frame(map, framed({1, 3, 4, 6, 0, 8, 5}), request),
      "event_word 1536 (bit 9 warning, bit 10 latched fault), status_bits 2053 (bit 0 fault, bit 2 runs, bit 11)");
  EXPECT_EQ(rows_in_frame(map, framed({1, 3, 4, 0, 0, 0, 0}), request), "event_word 0, status_bits 0");
}

TEST(FrameRows, AreNotMoreThanOneCanRead) {
  Bytes reply{1, 3, 28};
  reply.resize(3 + 28, 0);
  const std::string text = rows_in(framed(reply), framed({1, 3, 0, 102, 0, 14}));
  EXPECT_TRUE(text.starts_with("flag_0 0, flag_1 0, ")) << text;
  EXPECT_TRUE(text.ends_with(", flag_11 0 and 2 more")) << text;
}

}  // namespace
}  // namespace hil::harness
