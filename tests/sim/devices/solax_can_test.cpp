#include "sim/devices/solax_can.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

CanFrame frame(std::uint32_t id, std::initializer_list<std::uint8_t> bytes) {
  CanFrame made;
  made.id = id;
  made.extended = true;
  for (const std::uint8_t byte : bytes) made.data[made.length++] = byte;
  return made;
}

// By hand from the table in the header: -1200 W is 0xFB50, 7600 W in tens 0x02F8.
TEST(SolaxCan, SaysItsStatusOnThreePages) {
  const SolaxStatus status{.ac_injection_w = -1200.4,
                           .battery_discharge_w = 2000.0,
                           .pv_w = 100.0,
                           .pv_offered_w = 300.0,
                           .max_charge_w = 7600.0,
                           .max_discharge_w = 9600.0,
                           .capacity_wh = 9600.0,
                           .rated_w = 7600.0,
                           .soc = 0.6,
                           .soc_floor = 0.1,
                           .run_mode = 2,
                           .order_followed = 77,
                           .in_fallback = true};
  const auto pages = status.frames(2);
  EXPECT_TRUE(pages[0].same_on_wire(frame(0x1850'0002, {0xFB, 0x50, 0x07, 0xD0, 0x00, 0x64, 0x01, 0x2C})));
  EXPECT_TRUE(pages[1].same_on_wire(frame(0x1851'0002, {0x1D, 0xB0, 0x25, 0x80, 0x03, 0xC0, 0x02, 0xF8})));
  EXPECT_TRUE(pages[2].same_on_wire(frame(0x1852'0002, {0x02, 0x58, 10, 2, 77, 1})));
  for (const CanFrame& page : pages) EXPECT_TRUE(page.is_valid());
}

TEST(SolaxCan, CutsOffWhatAFieldDoesNotHold) {
  const auto pages = SolaxStatus{.ac_injection_w = -1e6, .pv_w = 1e6}.frames(0);
  EXPECT_EQ(pages[0].data[0], 0x80);
  EXPECT_EQ(pages[0].data[1], 0x01);
  EXPECT_EQ(pages[0].data[4], 0xFF);
}

TEST(SolaxCan, ReadsOrdersToItselfOnly) {
  const CanFrame order = frame(0x1840'0003, {0xFB, 0x50, 9, 30, 1, 0xFD, 0xA8});
  ASSERT_TRUE(SolaxCanOrder::of(order, 3));
  EXPECT_EQ(SolaxCanOrder::of(order, 3)->ac_injection_w, -1200.0);
  EXPECT_EQ(SolaxCanOrder::of(order, 3)->injection_var, -600.0);
  EXPECT_EQ(SolaxCanOrder::of(order, 3)->valid_for, 3s);
  EXPECT_TRUE(SolaxCanOrder::of(order, 3)->follow);
  EXPECT_FALSE(SolaxCanOrder::of(order, 3)->off_grid);
  EXPECT_FALSE(SolaxCanOrder::of(order, 2));
  EXPECT_FALSE(SolaxCanOrder::of(frame(0x1840'0003, {0xFB, 0x50, 9, 30, 1}), 3)) << "too short";
  EXPECT_FALSE(SolaxCanOrder::of(frame(0x1860'0003, {0, 0, 0, 0, 0, 0, 0, 0}), 3)) << "a heartbeat";
}

TEST(SolaxCan, ReadsOrdersToTheInterfaceAndSaysHowItStands) {
  const auto order = SolaxInterfaceOrder::of(frame(0x1848'0100, {1, 4, 20}));
  ASSERT_TRUE(order.has_value());
  EXPECT_TRUE(order->connect);
  EXPECT_EQ(order->valid_for, 2s);
  EXPECT_TRUE((SolaxInterfaceStatus{.grid_good = false, .closed = true}.frame().same_on_wire(frame(0x1858'0000, {2}))));
}

TEST(SolaxFollower, FollowsAnOrderUntilItHasRunOut) {
  SolaxFollower follower{3s};
  EXPECT_TRUE(follower.in_fallback(0s));
  follower.hear({.ac_injection_w = 900.0, .injection_var = 50.0, .valid_for = 10s, .follow = true}, 1s);
  EXPECT_EQ(follower.ordered_ac_w(3999ms), std::optional{900.0});
  EXPECT_EQ(follower.ordered_var(3999ms), 50.0);
  EXPECT_EQ(follower.ordered_var(4s), 0.0);
  EXPECT_EQ(follower.ordered_ac_w(4s), std::nullopt) << "its own patience is shorter";
  EXPECT_TRUE(follower.in_fallback(4s));
  follower.hear({.ac_injection_w = 900.0, .valid_for = 500ms, .follow = true}, 5s);
  EXPECT_TRUE(follower.in_fallback(5500ms));
  follower.hear({.ac_injection_w = 900.0, .valid_for = 3s, .follow = false}, 6s);
  EXPECT_EQ(follower.ordered_ac_w(6s), std::nullopt);
  EXPECT_FALSE(follower.in_fallback(6s)) << "it is told to rest";
  follower.restart();
  EXPECT_TRUE(follower.in_fallback(6s));
}

}  // namespace
}  // namespace hil::sim
