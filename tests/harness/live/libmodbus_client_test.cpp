// Frames by hand, Modbus Messaging on TCP/IP 1.0b: transaction, protocol 0, bytes that follow, unit, PDU. libmodbus
// counts its transactions from 1 in each context.
#include "harness/live/libmodbus_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "tests/models/site/allocation_count.h"

namespace hil::harness {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes asked(LibmodbusClient& client, const Bytes& pdu, bool raw = false) {
  const auto bytes = client.ask(pdu, raw);
  return {bytes.begin(), bytes.end()};
}

const Bytes read_two{3, 0xCF, 0x12, 0, 2};
const Bytes write_one{6, 0xD2, 0x8C, 0, 1};

class Connected : public testing::Test {
 protected:
  Connected() { client.connect(); }
  LibmodbusClient client{7};
};

using LibmodbusClientTest = Connected;

Bytes pdu_of(const TcpClient::Answer& answer) {
  return {answer.pdu.begin(), answer.pdu.end()};
}

TEST_F(LibmodbusClientTest, SendsWhatLibmodbusMakesOfARequestAndTakesItsReply) {
  EXPECT_EQ(asked(client, read_two), (Bytes{0, 1, 0, 0, 0, 6, 7, 3, 0xCF, 0x12, 0, 2}));
  const auto values = client.hear(Bytes{0, 1, 0, 0, 0, 7, 7, 3, 4, 0x12, 0x34, 0xFF, 0xFE});
  ASSERT_TRUE(values.has_value());
  EXPECT_TRUE(values->sound);
  EXPECT_EQ(pdu_of(*values), (Bytes{3, 4, 0x12, 0x34, 0xFF, 0xFE}));
  EXPECT_EQ(asked(client, write_one), (Bytes{0, 2, 0, 0, 0, 6, 7, 6, 0xD2, 0x8C, 0, 1}));
  const auto echo = client.hear(Bytes{0, 2, 0, 0, 0, 6, 7, 6, 0xD2, 0x8C, 0, 1});
  ASSERT_TRUE(echo.has_value());
  EXPECT_TRUE(echo->sound);
  EXPECT_EQ(pdu_of(*echo), write_one);
}

TEST_F(LibmodbusClientTest, ReadsInputRegistersAndWritesSeveral) {
  EXPECT_EQ(asked(client, {4, 0x01, 0xDD, 0, 1}), (Bytes{0, 1, 0, 0, 0, 6, 7, 4, 0x01, 0xDD, 0, 1}));
  const auto values = client.hear(Bytes{0, 1, 0, 0, 0, 5, 7, 4, 2, 0, 3});
  ASSERT_TRUE(values.has_value());
  EXPECT_TRUE(values->sound);
  EXPECT_EQ(pdu_of(*values), (Bytes{4, 2, 0, 3}));
  const Bytes block{0x10, 0, 0x7C, 0, 2, 4, 0, 1, 0xF4, 0x48};
  EXPECT_EQ(asked(client, block), (Bytes{0, 2, 0, 0, 0, 11, 7, 0x10, 0, 0x7C, 0, 2, 4, 0, 1, 0xF4, 0x48}));
  const auto taken = client.hear(Bytes{0, 2, 0, 0, 0, 6, 7, 0x10, 0, 0x7C, 0, 2});
  ASSERT_TRUE(taken.has_value());
  EXPECT_TRUE(taken->sound);
  EXPECT_EQ(pdu_of(*taken), (Bytes{0x10, 0, 0x7C, 0, 2}));
  asked(client, block);
  const auto refused = client.hear(Bytes{0, 3, 0, 0, 0, 3, 7, 0x90, 4});
  ASSERT_TRUE(refused.has_value());
  EXPECT_TRUE(refused->sound);
  EXPECT_EQ(pdu_of(*refused), (Bytes{0x90, 4}));
}

TEST_F(LibmodbusClientTest, TellsExceptionsWithTheirCodes) {
  // 3 has a name in libmodbus, 200 has none.
  for (const std::uint8_t code : {std::uint8_t{3}, std::uint8_t{200}}) {
    const Bytes request = asked(client, write_one);
    const auto answer = client.hear(Bytes{request[0], request[1], 0, 0, 0, 3, 7, 0x86, code});
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->sound);
    EXPECT_EQ(pdu_of(*answer), (Bytes{0x86, code}));
  }
}

TEST_F(LibmodbusClientTest, WaitsForTheRestOfAReplyByteByByte) {
  asked(client, read_two);
  const Bytes reply{0, 1, 0, 0, 0, 7, 7, 3, 4, 0, 1, 0, 2};
  for (std::size_t k = 0; k + 1 < reply.size(); ++k) {
    EXPECT_FALSE(client.hear(Bytes{reply[k]}).has_value()) << "byte " << k;
  }
  const auto answer = client.hear(Bytes{reply.back()});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(pdu_of(*answer), (Bytes{3, 4, 0, 1, 0, 2}));
}

TEST_F(LibmodbusClientTest, RefusesWhatIsNoReplyToItsRequest) {
  const std::vector<Bytes> wrong{
      {0, 9, 0, 0, 0, 7, 7, 3, 4, 0, 1, 0, 2},  // another transaction
      {0, 1, 0, 0, 0, 5, 7, 3, 2, 0, 1},        // one register only
      {0, 1, 0, 0, 0, 6, 7, 6, 0, 0, 0, 0},     // another function
      {0, 1, 0, 0, 0, 3, 7, 0x86, 2},           // an exception to another function
  };
  for (const Bytes& reply : wrong) {
    LibmodbusClient fresh{7};
    fresh.connect();
    asked(fresh, read_two);
    const auto answer = fresh.hear(reply);
    ASSERT_TRUE(answer.has_value());
    EXPECT_FALSE(answer->sound);
  }
}

// Protocol, length and unit of the header are nothing that libmodbus 3.1.6 looks at.
TEST_F(LibmodbusClientTest, TakesWhatLibmodbusDoesNotLookAt) {
  asked(client, read_two);
  const auto answer = client.hear(Bytes{0, 1, 0, 5, 0, 99, 8, 3, 4, 0, 1, 0, 2});
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->sound);
}

// Such a request has transaction 0 (modbus_send_raw_request).
TEST_F(LibmodbusClientTest, SendsAnyPduRawAndHoldsTheReplyAgainstIt) {
  EXPECT_EQ(asked(client, {0x2B, 0x0E, 1, 0}), (Bytes{0, 0, 0, 0, 0, 5, 7, 0x2B, 0x0E, 1, 0}));
  const auto refused = client.hear(Bytes{0, 0, 0, 0, 0, 3, 7, 0xAB, 1});
  ASSERT_TRUE(refused.has_value());
  EXPECT_TRUE(refused->sound);
  EXPECT_EQ(pdu_of(*refused), (Bytes{0xAB, 1}));
  const auto echo = client.hear(asked(client, write_one, true));
  ASSERT_TRUE(echo.has_value());
  EXPECT_TRUE(echo->sound);
  EXPECT_EQ(pdu_of(*echo), write_one);
  const std::vector<Bytes> wrong{
      {0, 5, 0, 0, 0, 6, 7, 6, 0xD2, 0x8C, 0, 1},  // another transaction
      {0, 0, 0, 0, 0, 6, 8, 6, 0xD2, 0x8C, 0, 1},  // another unit
      {0, 0, 0, 0, 0, 5, 7, 3, 2, 0, 1},           // another function
  };
  for (const Bytes& reply : wrong) {
    asked(client, write_one, true);
    const auto answer = client.hear(reply);
    ASSERT_TRUE(answer.has_value());
    EXPECT_FALSE(answer->sound);
  }
}

// It is asked and answers inside a step of the bench.
TEST_F(LibmodbusClientTest, AllocatesNothingOnceItHasAsked) {
  if (!models::allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  Bytes values{0, 0, 0, 0, 0, 7, 7, 3, 4, 0, 1, 0, 2};
  Bytes echo{0, 0, 0, 0, 0, 6, 7, 6, 0xD2, 0x8C, 0, 1};
  Bytes exception{0, 0, 0, 0, 0, 3, 7, 0x86, 2};
  const auto is_sound = [this](const Bytes& pdu, Bytes& reply, bool raw) {
    const auto request = client.ask(pdu, raw);
    std::copy_n(request.begin(), 2, reply.begin());  // the transaction
    const auto answer = client.hear(reply);
    return answer && answer->sound;
  };
  ASSERT_TRUE(is_sound(read_two, values, false)) << "its thread has begun";
  const std::uint64_t before = models::allocations_so_far();
  const bool all_sound = is_sound(read_two, values, false) && is_sound(write_one, echo, false) &&
                         is_sound(write_one, exception, false) && is_sound(write_one, echo, true);
  const std::uint64_t allocations = models::allocations_so_far() - before;
  EXPECT_TRUE(all_sound);
  EXPECT_EQ(allocations, 0U);
}

TEST_F(LibmodbusClientTest, HangsUpUnderACallAndBeginsAgain) {
  asked(client, read_two);
  EXPECT_FALSE(client.hear(Bytes{0, 1, 0, 0}).has_value());
  client.hang_up();
  EXPECT_FALSE(client.connected());
  client.connect();
  const Bytes request = asked(client, write_one);
  const auto answer = client.hear(request);
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->sound) << "nothing is left of the call before";
}

TEST(LibmodbusClient, EndsWithACallThatWaits) {
  const auto before = std::chrono::steady_clock::now();
  {
    LibmodbusClient client{7};
    client.connect();
    asked(client, read_two);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, LibmodbusClient::usual_guard);
}

// modbus_send_raw_request takes 253 bytes of PDU at most.
TEST(LibmodbusClient, GivesUpOnACallThatSendsNothing) {
  LibmodbusClient client{7, std::chrono::milliseconds{200}};
  client.connect();
  const Bytes too_long(254, 0x2B);
  try {
    client.ask(too_long, true);
    ADD_FAILURE() << "it sent something";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "libmodbus put no whole request on its connection within 0.2 s");
  }
}

TEST(LibmodbusClient, SaysWhichLibraryItRunsWith) {
  EXPECT_EQ(libmodbus_version().find(LIBMODBUS_VERSION_STRING), 0U);
}

}  // namespace
}  // namespace hil::harness
