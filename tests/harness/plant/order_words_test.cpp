#include "harness/plant/order_words.h"

#include <gtest/gtest.h>

#include "tests/harness/plant/small_register_map.h"

namespace hil::harness {
namespace {

/// As of a storage converter: 100 an order in steps of 100 W, 101 a choice, 102 what is only read.
sim::RegisterMap small_map() {
  sim::RegisterMap made = tests::small_register_map();
  sim::RegisterRow status;
  status.address = 102;
  status.binding = "status_word";
  made.rows.push_back(status);
  return made;
}

OrderModbus order(OrderModbus::What what, int address, int value_or_count, const char* name) {
  OrderModbus made;
  made.what = what;
  made.address = static_cast<std::uint16_t>(address);
  made.register_name = name;
  if (what == OrderModbus::What::write) made.value = value_or_count;
  if (what == OrderModbus::What::read) made.count = value_or_count;
  return made;
}

TEST(OrderWords, SayWhatRawWordsStandFor) {
  const sim::RegisterMap map = small_map();
  using enum OrderModbus::What;
  EXPECT_EQ(order_words(order(write, 100, -500, "100"), &map), "write 100 = -500 (set_discharge_w -50000 W)");
  EXPECT_EQ(order_words(order(write, 101, 2, "101"), &map), "write 101 = 2 (dispatch 2 (string))");
  EXPECT_EQ(order_words(order(read, 101, 2, "101"), &map), "read 101, 2 registers (dispatch, status_word)");
}

// What the scenario said by its name is not said twice.
TEST(OrderWords, DoNotRepeatAName) {
  const sim::RegisterMap map = small_map();
  using enum OrderModbus::What;
  EXPECT_EQ(order_words(order(write, 101, 2, "dispatch"), &map), "write dispatch = 2 (2 (string))");
  EXPECT_EQ(order_words(order(read, 102, 1, "status_word"), &map), "read status_word");
}

TEST(OrderWords, LeaveWhatNoMapKnows) {
  const sim::RegisterMap map = small_map();
  using enum OrderModbus::What;
  EXPECT_EQ(order_words(order(write, 99, 7, "99"), &map), "write 99 = 7");
  EXPECT_EQ(order_words(order(write, 100, 7, "100"), nullptr), "write 100 = 7");
  OrderModbus raw;
  raw.what = pdu;
  raw.pdu = {0x2B, 0x0E};
  EXPECT_EQ(order_words(raw, &map), "send 2B 0E");
}

}  // namespace
}  // namespace hil::harness
