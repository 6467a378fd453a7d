#include "harness/probe/frame_decoder.h"

#include <gtest/gtest.h>

#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

using Bytes = std::vector<std::uint8_t>;

sim::RegisterMap map() {
  sim::RegisterMap made;
  made.name = "map";
  made.blocks = {{.first = 100, .last = 110, .fill = 0}};
  sim::RegisterRow row;
  row.address = 101;
  row.unit = "W";
  row.binding = "pv1_w";
  row.name = "PV1 power";
  made.rows = {row};
  return made;
}

Bytes framed(Bytes bytes) {
  sim::append_crc(bytes);
  return bytes;
}

TEST(FrameDecoder, NamesTheRegistersOfAReply) {
  const sim::RegisterMap registers = map();
  FrameDecoder decoder(registers);
  EXPECT_EQ(decoder.decode(framed({11, 3, 0, 100, 0, 2})), "request unit 11: read holding registers 100 x2\n");
  const std::string reply = decoder.decode(framed({11, 3, 4, 0, 0, 0x17, 0x70}));
  EXPECT_TRUE(reply.starts_with("reply   unit 11: read holding registers 0 6000\n  101 ")) << reply;
  EXPECT_NE(reply.find("pv1_w"), std::string::npos) << reply;
  EXPECT_NE(reply.find("6000 W   PV1 power\n"), std::string::npos) << reply;
}

TEST(FrameDecoder, NamesTheRegistersThatAreWritten) {
  const sim::RegisterMap registers = map();
  FrameDecoder decoder(registers);
  EXPECT_NE(decoder.decode(framed({11, 6, 0, 101, 0, 7})).find("7 W"), std::string::npos);
  EXPECT_EQ(decoder.decode(framed({11, 6, 0, 101, 0, 7})), "reply   unit 11: write register 101 = 7\n");
  EXPECT_NE(decoder.decode(framed({11, 16, 0, 101, 0, 1, 2, 0, 9})).find("9 W"), std::string::npos);
}

// An exception answers; another unit does not, and what follows is a request again.
// The same address is another register for function 06 where that has its own.
TEST(FrameDecoder, NamesTheRegistersOfAFunctionWithAddressesOfItsOwn) {
  sim::RegisterMap registers = map();
  registers.blocks.push_back({.first = 101, .last = 101, .table = sim::Table::single_write});
  registers.rows.push_back(registers.rows[0]);
  registers.rows[1].table = sim::Table::single_write;
  registers.rows[1].name = "work mode";
  FrameDecoder decoder(registers);
  const std::string text = decoder.decode(framed({11, 6, 0, 101, 0, 7}));
  EXPECT_NE(text.find("work mode"), std::string::npos) << text;
  EXPECT_EQ(text.find("PV1 power"), std::string::npos) << text;
}

TEST(FrameDecoder, KnowsWhatAnswersWhat) {
  const sim::RegisterMap registers = map();
  FrameDecoder decoder(registers);
  decoder.decode(framed({11, 3, 0, 100, 0, 2}));
  EXPECT_EQ(decoder.decode(framed({11, 0x83, 2})),
            "reply   unit 11: read holding registers, exception 2 (illegal address)\n");
  decoder.decode(framed({11, 3, 0, 100, 0, 2}));
  EXPECT_TRUE(decoder.decode(framed({12, 3, 0, 100, 0, 2})).starts_with("request unit 12"));
}

TEST(FrameDecoder, KnowsAnExceptionWithoutItsRequest) {
  const sim::RegisterMap registers = map();
  EXPECT_EQ(FrameDecoder(registers).decode(framed({1, 0x83, 2})),
            "reply   unit 1: read holding registers, exception 2 (illegal address)\n");
}

// Nine bytes: a read that is asked for has eight.
TEST(FrameDecoder, KnowsTheReplyToAReadWithoutItsRequest) {
  const sim::RegisterMap registers = map();
  FrameDecoder decoder(registers);
  EXPECT_TRUE(
      decoder.decode(framed({1, 4, 4, 0xC6, 0x2A, 0xC8, 0})).starts_with("reply   unit 1: read input registers"));
  // 0x03E8: its high byte would be the count of a reply of six.
  EXPECT_EQ(decoder.decode(framed({1, 3, 0x03, 0xE8, 0, 2})), "request unit 1: read holding registers 1000 x2\n");
}

// Two registers: 8 bytes the request, 9 the reply. One: 8 and 7.
TEST(FrameDecoder, TakesARepeatedRequestForOne) {
  const sim::RegisterMap registers = map();
  FrameDecoder decoder(registers);
  const Bytes request = framed({11, 3, 0, 101, 0, 1});
  const Bytes reply = framed({11, 3, 2, 0x17, 0x70});
  EXPECT_TRUE(decoder.decode(request).starts_with("request"));
  EXPECT_TRUE(decoder.decode(request).starts_with("request"));
  EXPECT_NE(decoder.decode(reply).find("6000 W"), std::string::npos);
  EXPECT_TRUE(decoder.decode(request).starts_with("request"));
}

TEST(FrameDecoder, BearsWhatIsTooShort) {
  const sim::RegisterMap registers = map();
  FrameDecoder decoder(registers);
  EXPECT_EQ(decoder.decode({1, 2, 3}), "3 bytes, the CRC is wrong: no frame, or a broken one\n");
  decoder.decode(framed({11, 3}));
  EXPECT_TRUE(decoder.decode(framed({11, 3})).starts_with("reply   unit 11"));
  decoder.decode(framed({11, 3, 0, 100, 0, 2}));
  EXPECT_TRUE(decoder.decode(framed({11, 3, 9})).starts_with("reply   unit 11"));
}

TEST(BytesOfHex, TakesWhatPeopleCopy) {
  const Bytes bytes{0x01, 0x03, 0xA0};
  for (const char* text : {"0103a0", "01 03 A0", "0x01,0x03,0xA0", "01:03:a0"}) EXPECT_EQ(bytes_of_hex(text), bytes);
  for (const char* text : {"", "010", "01 0g", "frame"}) EXPECT_EQ(bytes_of_hex(text), Bytes{});
}

}  // namespace
}  // namespace hil::harness
