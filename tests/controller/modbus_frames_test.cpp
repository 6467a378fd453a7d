#include "controller/devices/modbus_frames.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace hil::controller {
namespace {

std::vector<std::uint8_t> built(const Request& request) {
  std::array<std::uint8_t, 256> frame{};
  const std::size_t size = build_request(request, frame);
  return {frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)};
}

using Bytes = std::vector<std::uint8_t>;

// Check value of this CRC over the nine characters (physics-and-standards 7): 4B37.
TEST(ModbusFrames, TheCrcOfTheNineDigitsIsThePublishedOne) {
  const Bytes digits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(frame_crc(digits), 0x4B37);
}

// Worked frames: goodwe-et-modbus 12.
TEST(ModbusFrames, RequestsEqualTheWorkedFramesByteForByte) {
  EXPECT_EQ(built({0xF7, Function::read, 35180, 5, {}}), (Bytes{0xF7, 0x03, 0x89, 0x6C, 0x00, 0x05, 0x7B, 0x1E}));
  EXPECT_EQ(built({0x0A, Function::read, 35100, 125, {}}), (Bytes{0x0A, 0x03, 0x89, 0x1C, 0x00, 0x7D, 0x6F, 0x0A}));
  EXPECT_EQ(built({0xF7, Function::write_one, 47510, 1, {5000}}),
            (Bytes{0xF7, 0x06, 0xB9, 0x96, 0x13, 0x88, 0x55, 0x7A}));
  EXPECT_EQ(built({0xF7, Function::write_several, 47511, 2, {11, 2500}}),
            (Bytes{0xF7, 0x10, 0xB9, 0x97, 0x00, 0x02, 0x04, 0x00, 0x0B, 0x09, 0xC4, 0x8F, 0x38}));
  EXPECT_EQ(built({0x01, Function::write_several, 47511, 2, {11, 2500}}),
            (Bytes{0x01, 0x10, 0xB9, 0x97, 0x00, 0x02, 0x04, 0x00, 0x0B, 0x09, 0xC4, 0x92, 0xB3}));
}

TEST(ModbusFrames, AFrameThatDoesNotFitIsNotBuilt) {
  std::array<std::uint8_t, 7> small{};
  EXPECT_EQ(build_request({1, Function::read, 0, 1, {}}, small), 0U);
}

TEST(ModbusFrames, AWorkedReplyGivesItsRegisterBytes) {
  const Bytes heard{0xF7, 0x03, 0x0A, 0x09, 0xEE, 0xFF, 0x9E, 0xFF, 0xFF, 0xF6, 0x30, 0x00, 0x03, 0x7B, 0x5A};
  const Reply reply = find_reply({0xF7, Function::read, 35180, 5, {}}, heard);
  ASSERT_EQ(reply.kind, Reply::Kind::answer);
  ASSERT_EQ(reply.data.size(), 10U);
  EXPECT_EQ(reply.data[0], 0x09);
  EXPECT_EQ(reply.data[9], 0x03);
}

TEST(ModbusFrames, AWriteIsAnsweredByItsOwnEchoOnly) {
  const Request request{0xF7, Function::write_several, 47511, 2, {11, 2500}};
  EXPECT_EQ(find_reply(request, Bytes{0xF7, 0x10, 0xB9, 0x97, 0x00, 0x02, 0xC1, 0xEE}).kind, Reply::Kind::answer);
  // The reply to the clock's write (section 12): sound, but of another register.
  EXPECT_EQ(find_reply(request, Bytes{0xF7, 0x10, 0xB0, 0x90, 0x00, 0x03, 0xB2, 0x73}).kind, Reply::Kind::none);
}

TEST(ModbusFrames, TheSeenExceptionsAreToldApart) {
  const Reply read = find_reply({0xF7, Function::read, 1, 1, {}}, Bytes{0xF7, 0x83, 0x02, 0x20, 0xC3});
  EXPECT_EQ(read.kind, Reply::Kind::exception);
  EXPECT_EQ(read.exception_code, 2);
  const Reply write = find_reply({0xF7, Function::write_one, 47546, 1, {3}}, Bytes{0xF7, 0x86, 0x03, 0xE2, 0x53});
  EXPECT_EQ(write.kind, Reply::Kind::exception);
  EXPECT_EQ(write.exception_code, 3);
}

TEST(ModbusFrames, NeitherAFalseBitNorAnotherUnitNorAnotherLengthPasses) {
  const Bytes sound{0xF7, 0x03, 0x04, 0x00, 0x01, 0x00, 0x00, 0x3D, 0xFC};  // 47511 x2 of unit F7
  const Request request{0xF7, Function::read, 47511, 2, {}};
  ASSERT_EQ(find_reply(request, sound).kind, Reply::Kind::answer);
  for (std::size_t bit = 0; bit < 8 * sound.size(); ++bit) {
    Bytes broken = sound;
    broken[bit / 8] = static_cast<std::uint8_t>(broken[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_EQ(find_reply(request, broken).kind, Reply::Kind::none) << "bit " << bit;
  }
  EXPECT_EQ(find_reply({0x01, Function::read, 47511, 2, {}}, sound).kind, Reply::Kind::none);
  EXPECT_EQ(find_reply({0xF7, Function::read, 47511, 1, {}}, sound).kind, Reply::Kind::none);
  EXPECT_EQ(find_reply({0xF7, Function::read, 47511, 3, {}}, sound).kind, Reply::Kind::none);
}

TEST(ModbusFrames, ALateReplyBeforeTheRightOneIsPassedOver) {
  Bytes heard{0xF7, 0x03, 0x0A, 0x09, 0xEE, 0xFF, 0x9E, 0xFF, 0xFF, 0xF6, 0x30, 0x00, 0x03, 0x7B, 0x5A};
  const Request request{0xF7, Function::read, 47511, 2, {}};
  EXPECT_EQ(find_reply(request, heard).kind, Reply::Kind::none);
  const Bytes right{0xF7, 0x03, 0x04, 0x00, 0x01, 0x00, 0x00, 0x3D, 0xFC};
  heard.insert(heard.end(), right.begin(), right.end());
  const Reply reply = find_reply(request, heard);
  ASSERT_EQ(reply.kind, Reply::Kind::answer);
  EXPECT_EQ(reply.data[1], 0x01);
}

}  // namespace
}  // namespace hil::controller
