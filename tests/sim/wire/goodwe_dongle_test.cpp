#include "sim/wire/goodwe_dongle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using test::Bytes;
using test::ConstantServer;
using test::with_crc;

/// Refuses everything with exception 02, as a register that is not there.
class RefusingServer : public ModbusServer {
 public:
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time) override {
    reply[0] = static_cast<std::uint8_t>(request_pdu[0] | 0x80);
    reply[1] = 2;
    return 2;
  }
};

DongleIdentity identity() {
  return {"GW10K-ET", "9010KETU22AW0001", "10023", "02041-17-S00"};
}

Bytes answer(GoodweDongle& dongle, const Bytes& datagram) {
  GoodweDongle::Reply reply{};
  const std::size_t length = dongle.answer(datagram, reply, Time{0});
  return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
}

// The checksum covers the frame without AA 55.
TEST(GoodweDongle, AnswersAReadWithItsMarkBeforeTheFrame) {
  ConstantServer server(0x11);
  GoodweDongle dongle(server, 3, identity());
  Bytes expected = with_crc({247, 3, 4, 0x11, 0x11, 0x11, 0x11});
  expected.insert(expected.begin(), {0xAA, 0x55});
  EXPECT_EQ(answer(dongle, with_crc({247, 3, 0x89, 0x1C, 0, 2})), expected);
}

// A reply captured from a real dongle (goodwe-et-modbus 1.4).
TEST(GoodweDongle, RefusesAsTheCapturedExceptionReads) {
  RefusingServer server;
  GoodweDongle dongle(server, 3, identity());
  EXPECT_EQ(answer(dongle, with_crc({247, 3, 0x89, 0x1C, 0, 2})), (Bytes{0xAA, 0x55, 0xF7, 0x83, 0x02, 0x20, 0xC3}));
}

TEST(GoodweDongle, StaysSilentToOtherUnitsAndBadChecksums) {
  ConstantServer server;
  GoodweDongle dongle(server, 3, identity());
  EXPECT_TRUE(answer(dongle, with_crc({4, 3, 0x89, 0x1C, 0, 2})).empty());
  EXPECT_TRUE(answer(dongle, {247, 3, 0x89, 0x1C, 0, 2, 0, 0}).empty());
  EXPECT_TRUE(answer(dongle, {}).empty());
  EXPECT_EQ(server.served, 0);
  EXPECT_FALSE(answer(dongle, with_crc({3, 3, 0x89, 0x1C, 0, 2})).empty());
}

// Request AA 55 C0 7F 01 02 00 and its sum 0241; data of the reply: firmware at 0, model at 5, serial at 31.
TEST(GoodweDongle, TellsItsIdentityInTheOldFrame) {
  ConstantServer server;
  GoodweDongle dongle(server, 3, identity());
  const Bytes reply = answer(dongle, {0xAA, 0x55, 0xC0, 0x7F, 0x01, 0x02, 0x00, 0x02, 0x41});
  ASSERT_EQ(reply.size(), 7U + 76U + 2U);
  EXPECT_EQ((Bytes{reply.begin(), reply.begin() + 7}), (Bytes{0xAA, 0x55, 0x7F, 0xC0, 0x01, 0x82, 76}));
  const std::string data(reply.begin() + 7, reply.end() - 2);
  EXPECT_EQ(data.substr(0, 5), "10023");
  EXPECT_EQ(data.substr(5, 10), "GW10K-ET  ");
  EXPECT_EQ(data.substr(31, 16), "9010KETU22AW0001");
  EXPECT_EQ(data.substr(64), "02041-17-S00");
  unsigned sum = 0;
  for (std::size_t i = 0; i + 2 < reply.size(); ++i) sum += reply[i];
  EXPECT_EQ(reply[reply.size() - 2] << 8 | reply[reply.size() - 1], static_cast<int>(sum & 0xFFFF));
}

TEST(GoodweDongle, LeavesOtherFunctionsOfTheOldSetUnanswered) {
  ConstantServer server;
  GoodweDongle dongle(server, 3, identity());
  EXPECT_TRUE(answer(dongle, {0xAA, 0x55, 0xC0, 0x7F, 0x01, 0x06, 0x00, 0x02, 0x45}).empty());
  EXPECT_TRUE(answer(dongle, {0xAA, 0x55, 0xC0, 0x7F, 0x01, 0x02, 0x00, 0x02, 0x42}).empty());
  EXPECT_TRUE(answer(dongle, {0xAA, 0x55}).empty());
}

TEST(Discovery, AnswersItsTextOnly) {
  const std::string reply = discovery_reply("WIFIKIT-214028-READ", "192.168.1.9", "9010KETU22AW0001");
  EXPECT_EQ(reply.substr(0, 14), "192.168.1.9,02");
  EXPECT_EQ(reply.size(), std::string("192.168.1.9,02DDDDDDDDDD,Solar-WiFi22AW0001").size());
  EXPECT_EQ(reply.substr(reply.size() - 18), "Solar-WiFi22AW0001");
  EXPECT_EQ(discovery_reply("WIFIKIT-214028-READ", "192.168.1.9", "9010KETU22AW0001"), reply);
  EXPECT_EQ(discovery_reply("HELLO", "192.168.1.9", "9010KETU22AW0001"), "");
}

}  // namespace
}  // namespace hil::sim
