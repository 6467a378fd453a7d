#include "sim/wire/modbus_tcp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <vector>

#include "sim/wire/modbus_tcp_answer.h"

namespace hil::sim {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Next = ModbusTcpFramer::Next;

// Transaction 0x1501, unit 247, function 03 of 35100, one register: 6 bytes after the length field.
const Bytes read_one{0x15, 0x01, 0, 0, 0, 6, 0xF7, 0x03, 0x89, 0x1C, 0, 1};

void receive(ModbusTcpFramer& framer, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::span<std::uint8_t> room = framer.room();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), count, room.begin());
    framer.received(count);
    bytes = bytes.subspan(count);
  }
}

Bytes pdu_of(const ModbusTcpFramer::Request& request) {
  return {request.pdu.begin(), request.pdu.end()};
}

TEST(ModbusTcpFramer, TakesARequestFromItsHeader) {
  ModbusTcpFramer framer;
  receive(framer, read_one);
  ModbusTcpFramer::Request request;
  ASSERT_EQ(framer.next(request), Next::request);
  EXPECT_EQ(request.transaction, 0x1501);
  EXPECT_EQ(request.unit, 247);
  EXPECT_EQ(pdu_of(request), (Bytes{0x03, 0x89, 0x1C, 0, 1}));
  EXPECT_EQ(framer.next(request), Next::incomplete);
}

TEST(ModbusTcpFramer, WaitsForTheRestOfASplitSegment) {
  ModbusTcpFramer framer;
  ModbusTcpFramer::Request request;
  for (std::size_t i = 0; i + 1 < read_one.size(); ++i) {
    receive(framer, std::span(read_one).subspan(i, 1));
    EXPECT_EQ(framer.next(request), Next::incomplete) << i;
  }
  receive(framer, std::span(read_one).last(1));
  EXPECT_EQ(framer.next(request), Next::request);
}

// Requests of every length, in pieces that have nothing to do with them.
TEST(ModbusTcpFramer, CutsAnyStreamIntoItsRequestsHoweverItsSegmentsFall) {
  std::mt19937 draw(20);  // NOLINT(cert-msc51-cpp): the same pieces each time
  Bytes stream;
  std::vector<Bytes> sent;
  for (std::size_t i = 0; i < 400; ++i) {
    Bytes pdu(1 + draw() % largest_modbus_pdu);
    for (std::uint8_t& byte : pdu) byte = static_cast<std::uint8_t>(draw());
    const std::size_t length = 1 + pdu.size();
    const Bytes header{static_cast<std::uint8_t>(i >> 8),      static_cast<std::uint8_t>(i),      0, 0,
                       static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length), 1};
    stream.insert(stream.end(), header.begin(), header.end());
    stream.insert(stream.end(), pdu.begin(), pdu.end());
    sent.push_back(std::move(pdu));
  }
  ModbusTcpFramer framer;
  ModbusTcpFramer::Request request;
  std::vector<Bytes> got;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t count = std::min<std::size_t>(1 + draw() % 700, stream.size() - at);
    receive(framer, std::span(stream).subspan(at, count));
    at += count;
    while (framer.next(request) == Next::request) {
      EXPECT_EQ(request.transaction, got.size());
      got.push_back(pdu_of(request));
    }
  }
  EXPECT_EQ(got, sent);
}

TEST(ModbusTcpFramer, GivesUpWhereNoModbusCanStand) {
  const Bytes other_protocol{0, 1, 0, 7, 0, 6, 1, 3, 0, 0, 0, 1};
  const Bytes no_function{0, 1, 0, 0, 0, 1, 1};
  const Bytes too_long{0, 1, 0, 0, 0, 255, 1};
  for (const Bytes& bytes : {other_protocol, no_function, too_long}) {
    ModbusTcpFramer framer;
    receive(framer, bytes);
    ModbusTcpFramer::Request request;
    EXPECT_EQ(framer.next(request), Next::broken);
  }
}

// Unit and two bytes of exception: length 3.
TEST(ModbusTcpReply, CarriesTheTransactionAndUnitOfItsRequest) {
  ModbusTcpFramer framer;
  receive(framer, read_one);
  ModbusTcpFramer::Request request;
  ASSERT_EQ(framer.next(request), Next::request);
  Bytes frame(largest_tcp_frame);
  frame[7] = 0x83;
  frame[8] = 0x02;
  frame.resize(complete_tcp_reply(request, 2, frame));
  EXPECT_EQ(frame, (Bytes{0x15, 0x01, 0, 0, 0, 3, 0xF7, 0x83, 0x02}));
}

class Echo : public ModbusServer {
 public:
  std::size_t serve(std::span<const std::uint8_t> request, std::span<std::uint8_t> reply, Time now) override {
    if (now < Time{1}) return 0;
    std::copy(request.begin(), request.end(), reply.begin());
    return request.size();
  }
};

// The same header around another PDU, but for the length; 247 is every device's (goodwe-et-modbus 1.3).
TEST(AnswerOnTcp, AnswersItsUnitAndWhatEveryDeviceHasAndRefusesOthersAsAGatewayDoes) {
  Echo server;
  std::array<std::uint8_t, largest_tcp_frame> frame{};
  const Bytes pdu{0x06, 0, 1, 0, 2};
  ModbusTcpFramer::Request request{.transaction = 0x1234, .unit = 7, .pdu = pdu};
  ASSERT_EQ(answer_on_tcp(server, 7, request, frame, Time{1}), 12U);
  EXPECT_EQ(Bytes(frame.begin(), frame.begin() + 12), (Bytes{0x12, 0x34, 0, 0, 0, 6, 7, 6, 0, 1, 0, 2}));
  EXPECT_EQ(answer_on_tcp(server, 7, request, frame, Time{0}), 0U) << "a device that says nothing";
  request.unit = 247;
  EXPECT_EQ(answer_on_tcp(server, 7, request, frame, Time{1}), 12U);
  request.unit = 8;
  ASSERT_EQ(answer_on_tcp(server, 7, request, frame, Time{1}), 9U);
  EXPECT_EQ(Bytes(frame.begin(), frame.begin() + 9), (Bytes{0x12, 0x34, 0, 0, 0, 3, 8, 0x86, 0x0B}));
}

}  // namespace
}  // namespace hil::sim
