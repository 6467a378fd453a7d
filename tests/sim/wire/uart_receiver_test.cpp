#include "sim/wire/uart_receiver.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using test::Bytes;
using test::read_request;

struct Result {
  Bytes bytes;
  bool sound = false;
};

Result hear(const Bytes& sent, const SerialFormat& sender, const SerialFormat& receiver, bool swapped = false) {
  Bytes room(UartReceiver::most_heard(sent.size()));
  const auto heard = UartReceiver::hear(sent, {.sender = sender, .receiver = receiver, .swapped = swapped}, room);
  room.resize(heard.count);
  return {room, heard.sound};
}

Bytes every_byte() {
  Bytes bytes(256);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

constexpr SerialFormat format_8n1{};
constexpr SerialFormat format_8e1{.parity = Parity::even};
constexpr SerialFormat format_8o1{.parity = Parity::odd};
constexpr SerialFormat format_8n2{.stop_bits = 2};

TEST(UartReceiver, HearsItsOwnFormatWithoutFault) {
  for (const SerialFormat& format : {format_8n1, format_8e1, format_8o1, format_8n2}) {
    const Result heard = hear(every_byte(), format, format);
    EXPECT_EQ(heard.bytes, every_byte());
    EXPECT_TRUE(heard.sound);
  }
}

// One stop bit is looked at; the second is silence to a receiver that wants one, and one is found where two are wanted.
TEST(UartReceiver, DoesNotMindTheNumberOfStopBits) {
  EXPECT_TRUE(hear(every_byte(), format_8n2, format_8n1).sound);
  EXPECT_TRUE(hear(every_byte(), format_8n1, format_8n2).sound);
  EXPECT_EQ(hear(every_byte(), format_8n1, format_8n2).bytes, every_byte());
}

// The last sample, of the stop bit, lies 9.5 bits after the edge: 5 % of clock error stay inside that bit, 6 % do not.
TEST(UartReceiver, StandsAClockErrorOfFivePercent) {
  const Bytes one_byte{0x55};
  EXPECT_TRUE(hear(one_byte, format_8n1, {.baud = 10'080}).sound);
  EXPECT_EQ(hear(one_byte, format_8n1, {.baud = 10'080}).bytes, one_byte);
  EXPECT_TRUE(hear(one_byte, format_8n1, {.baud = 9'120}).sound);
  EXPECT_FALSE(hear(one_byte, format_8n1, {.baud = 10'176}).sound);
}

// A receiver of twice the baud sees each bit twice. 01 as start, 1 and seven 0: the levels 00 11 0000... from the edge
// on; it takes 0 (start) 0 1 1 0 0 0 0 0, data 06 with stop at 0: no sound character.
TEST(UartReceiver, HearsGarbageAtTwiceTheBaud) {
  const Result heard = hear({0x01}, format_8n1, {.baud = 19'200});
  ASSERT_FALSE(heard.bytes.empty());
  EXPECT_EQ(heard.bytes[0], 0x06);
  EXPECT_FALSE(heard.sound);
}

bool passes(const Result& heard) {
  return heard.sound && has_valid_crc(heard.bytes);
}

TEST(UartReceiver, MakesNoFrameOfAnotherBaudAnotherParityOrSwappedWires) {
  for (int count = 1; count <= 125; ++count) {
    const Bytes request = read_request(11, count);
    for (const int baud : {1200, 2400, 4800, 19'200, 38'400, 57'600, 115'200}) {
      EXPECT_FALSE(passes(hear(request, format_8n1, {.baud = baud}))) << baud;
    }
    EXPECT_FALSE(passes(hear(request, format_8n1, format_8e1)));
    EXPECT_FALSE(passes(hear(request, format_8e1, format_8o1)));
    EXPECT_FALSE(passes(hear(request, format_8n1, format_8n1, true)));
  }
}

// At 12 times the baud each of the at most five falling edges of a character may begin one.
TEST(UartReceiver, NeedsNoMoreRoomThanItTells) {
  const Bytes sent(300, 0x55);
  const auto heard = hear(sent, format_8n1, {.baud = 1'000'000});
  EXPECT_EQ(heard.bytes.size(), 5 * sent.size());
}

}  // namespace
}  // namespace hil::sim
