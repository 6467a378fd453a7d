#include "sim/devices/server_quirks.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Pdu = std::vector<std::uint8_t>;

/// Answers each read with its own first address, one register.
class EchoServer : public ModbusServer {
 public:
  std::size_t serve(std::span<const std::uint8_t> request, std::span<std::uint8_t> reply, Time) override {
    reply[0] = request[0];
    reply[1] = 2;
    reply[2] = request[1];
    reply[3] = request[2];
    return 4;
  }
};

Pdu ask(ModbusServer& server, const Pdu& request, Time now) {
  std::array<std::uint8_t, 253> reply{};
  const std::size_t length = server.serve(request, reply, now);
  return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
}

TEST(ServerQuirks, LeaveEverythingAloneByDefault) {
  EchoServer device;
  ServerQuirks server{{}, device};
  EXPECT_EQ(ask(server, {3, 0x12, 0x34, 0, 125}, 0ns), (Pdu{3, 2, 0x12, 0x34}));
  EXPECT_EQ(ask(server, {3, 0x56, 0x78, 0, 1}, 0ns), (Pdu{3, 2, 0x56, 0x78}));
}

TEST(ServerQuirks, RefuseLongReadsWithException02) {
  EchoServer device;
  ServerQuirks server{{.most_registers = 58}, device};
  EXPECT_EQ(ask(server, {3, 0, 0, 0, 58}, 0ns).at(0), 3);
  EXPECT_EQ(ask(server, {3, 0, 0, 0, 59}, 0ns), (Pdu{0x83, 2}));
  EXPECT_EQ(ask(server, {6, 0, 0, 0, 125}, 0ns).at(0), 6);  // a written value is no length
}

// 50 ms between requests: one after 49 ms gets the reply before it, under its own function.
TEST(ServerQuirks, GiveTheReplyBeforeToARequestThatComesTooSoon) {
  EchoServer device;
  ServerQuirks server{{.least_interval = 50ms}, device};
  EXPECT_EQ(ask(server, {3, 0, 1, 0, 1}, 0ms), (Pdu{3, 2, 0, 1}));
  EXPECT_EQ(ask(server, {4, 0, 2, 0, 1}, 49ms), (Pdu{4, 2, 0, 1}));
  EXPECT_EQ(ask(server, {3, 0, 3, 0, 1}, 99ms), (Pdu{3, 2, 0, 3}));
}

}  // namespace
}  // namespace hil::sim
