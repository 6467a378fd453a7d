#include "harness/live/socketcan_frame.h"

#include <gtest/gtest.h>
#include <linux/can/error.h>

#include <stdexcept>
#include <string>

#include "harness/live/can_interface.h"

namespace hil::harness {
namespace {

TEST(SocketcanFrame, CarriesIdentifierKindAndData) {
  const can_frame base = socketcan_frame({.id = 0x123, .length = 2, .data = {0xAB, 0xCD}});
  EXPECT_EQ(base.can_id, 0x123u);
  EXPECT_EQ(base.can_dlc, 2);
  EXPECT_EQ(base.data[1], 0xCD);
  EXPECT_EQ(socketcan_frame({.id = 0x123, .extended = true}).can_id, 0x8000'0123u)
      << "the same number is another frame";
  const can_frame remote = socketcan_frame({.id = 1, .remote = true, .length = 4, .data = {9}});
  EXPECT_EQ(remote.can_id, 0x4000'0001u);
  EXPECT_EQ(remote.can_dlc, 4);
  EXPECT_EQ(remote.data[0], 0) << "a remote frame carries none";
}

TEST(SocketcanFrame, ComesBackAsItWent) {
  for (const sim::CanFrame& frame : {sim::CanFrame{.id = 0x7FF, .length = 8, .data = {1, 2, 3, 4, 5, 6, 7, 8}},
                                     sim::CanFrame{.id = 0x1FFF'FFFF, .extended = true, .length = 1, .data = {0x55}},
                                     sim::CanFrame{.id = 5, .extended = true, .remote = true, .length = 8}}) {
    const auto back = bus_frame(socketcan_frame(frame));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->extended, frame.extended);
    EXPECT_EQ(back->remote, frame.remote);
    EXPECT_TRUE(back->same_on_wire(frame));
  }
}

TEST(SocketcanFrame, IsNoneOfTheBusWhenItIsMalformedOrTellsAnError) {
  can_frame frame{};
  frame.can_dlc = 9;
  EXPECT_FALSE(bus_frame(frame)) << "more data than a frame has";
  frame = {};
  frame.can_id = 0x800;
  EXPECT_FALSE(bus_frame(frame)) << "a base identifier has 11 bits";
  frame.can_id = CAN_ERR_FLAG | CAN_ERR_BUSOFF;
  EXPECT_FALSE(bus_frame(frame));
  EXPECT_TRUE(is_error_frame(frame));
}

TEST(SocketcanFrame, NamesWhatAnErrorFrameTells) {
  can_frame frame{};
  frame.can_id = CAN_ERR_FLAG | CAN_ERR_BUSOFF;
  EXPECT_EQ(error_frame_text(frame), "bus-off");
  frame.can_id = CAN_ERR_FLAG | CAN_ERR_CRTL | CAN_ERR_ACK;
  frame.data[1] = CAN_ERR_CRTL_TX_PASSIVE;
  EXPECT_EQ(error_frame_text(frame), "controller, no acknowledgement: transmit passive");
  frame.can_id = CAN_ERR_FLAG | 0x1000;
  EXPECT_EQ(error_frame_text(frame), "error class 0x1000");
}

std::string refusal_of(const std::string& name) {
  try {
    static_cast<void>(open_can_interface(name));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "opened";
}

// A kernel without CAN says that of any name.
bool says(const std::string& name, const std::string& where_there_is_can) {
  const std::string refusal = refusal_of(name);
  const std::string begin = "CAN interface " + name + ": ";
  return refusal ==
             begin + "this kernel has no CAN sockets, must be a Linux with SocketCAN (modules can and can-raw)" ||
         refusal.rfind(begin + where_there_is_can, 0) == 0;
}

TEST(CanInterface, SaysWhyItIsNotOpened) {
  EXPECT_TRUE(says("nosuchcan0", "does not exist, must be a CAN interface that is up; there are: "));
  EXPECT_TRUE(says("lo", "is none of CAN, must be a CAN interface that is up; there are: ")) << refusal_of("lo");
  EXPECT_TRUE(says("", "has a name of 0 characters, must be 1..15")) << refusal_of("");
  EXPECT_TRUE(says("a_name_beyond_all", "has a name of 17 characters, must be 1..15"));
}

}  // namespace
}  // namespace hil::harness
