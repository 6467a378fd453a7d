#include "controller/solax/can_frames.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

CanMessage message(std::uint32_t id, std::initializer_list<std::uint8_t> bytes) {
  CanMessage made;
  made.id = id;
  for (const std::uint8_t byte : bytes) made.data[made.length++] = byte;
  return made;
}

// The bytes are those of controller/README.md, by hand: -1200 W is 0xFB50, 600 var 0x0258.
TEST(SolaxCanFrames, ReadsTheFirstPageOfAStatus) {
  const CanMessage page = message(0x1850'0002, {0xFB, 0x50, 0x07, 0xD0, 0x00, 0x64, 0x01, 0x2C});
  const std::optional<StatusHeard> heard = status_in(page);
  ASSERT_TRUE(heard.has_value());
  EXPECT_EQ(heard->number, 2U);
  EXPECT_EQ(heard->page, 0U);
  SolaxReadings readings;
  decode_status(page, heard->page, readings);
  EXPECT_EQ(readings.ac_injection_w, -1200.0);
  EXPECT_EQ(readings.battery_discharge_w, 2000.0);
  EXPECT_EQ(readings.pv_w, 100.0);
  EXPECT_EQ(readings.pv_offered_w, 300.0);
}

TEST(SolaxCanFrames, ReadsTheOtherPagesOfAStatus) {
  SolaxReadings readings;
  decode_status(message(0x1851'0001, {0x1D, 0xB0, 0x25, 0x80, 0x03, 0xC0, 0x02, 0xF8}), 1, readings);
  decode_status(message(0x1852'0001, {0x02, 0x58, 10, 2, 77, 1}), 2, readings);
  EXPECT_EQ(readings.max_charge_w, 7600.0);
  EXPECT_EQ(readings.max_discharge_w, 9600.0);
  EXPECT_EQ(readings.capacity_wh, 9600.0);
  EXPECT_EQ(readings.rated_w, 7600.0);
  EXPECT_DOUBLE_EQ(readings.soc, 0.6);
  EXPECT_DOUBLE_EQ(readings.soc_floor, 0.1);
  EXPECT_TRUE(readings.feeds());
  EXPECT_EQ(readings.order_followed, 77);
  EXPECT_TRUE(readings.in_fallback);
}

TEST(SolaxCanFrames, TakesNoOtherFrameForAStatus) {
  EXPECT_FALSE(status_in(message(0x1860'0001, {0, 0, 0, 0, 0, 0, 0, 0}))) << "a heartbeat";
  EXPECT_FALSE(status_in(message(0x1853'0001, {0, 0, 0, 0, 0, 0, 0, 0}))) << "no such page";
  EXPECT_FALSE(status_in(message(0x1850'0010, {0, 0, 0, 0, 0, 0, 0, 0}))) << "no such number";
  EXPECT_FALSE(status_in(message(0x1850'0001, {0, 0, 0, 0, 0, 0, 0}))) << "too short";
  EXPECT_FALSE(status_in(message(0x1840'0001, {0, 0, 0, 0, 0, 0, 0, 0}))) << "an order";
}

TEST(SolaxCanFrames, WritesOrders) {
  const CanMessage order = encode_order(0, 3,
                                        {.ac_injection_w = -1200.4,
                                         .injection_var = 600.0,
                                         .sequence = 9,
                                         .valid_for = 3s,
                                         .follow = true,
                                         .off_grid = false});
  EXPECT_EQ(order.id, 0x1840'0003U);
  EXPECT_EQ(order.length, 7);
  const std::array<std::uint8_t, 8> bytes{0xFB, 0x50, 9, 30, 1, 0x02, 0x58, 0};
  EXPECT_EQ(order.data, bytes);
  EXPECT_EQ(encode_order(2, 1, {.valid_for = 1h}).data[3], 255) << "the longest there is";
  EXPECT_EQ(encode_order(2, 1, {.ac_injection_w = 1e9}).data[0], 0x7F);
  EXPECT_EQ(encode_order(2, 1, {.injection_var = -1.0}).data[5], 0xFF);
  EXPECT_EQ(encode_order(2, 1, {}).id, 0x1840'0201U);
}

TEST(SolaxCanFrames, SpeaksWithTheInterface) {
  const auto readings = decode_interface(message(0x1858'0000, {2}));
  ASSERT_TRUE(readings.has_value());
  EXPECT_TRUE(readings->closed);
  EXPECT_FALSE(readings->grid_good);
  EXPECT_FALSE(decode_interface(message(0x1858'0001, {2})));
  const CanMessage order = encode_interface_order(1, {.connect = true, .sequence = 4, .valid_for = 2s});
  EXPECT_EQ(order.id, 0x1848'0100U);
  EXPECT_EQ(order.length, 3);
  EXPECT_EQ(order.data[0], 1);
  EXPECT_EQ(order.data[2], 20);
}

}  // namespace
}  // namespace hil::controller
