#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/models/validation/validation_case.h"
#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::LineRig;
using test::read_request;
using test::with_crc;

double in_us(Time time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

/// Answers by the rules of the functions 03, 06 and 16 with zeros, 04 with exception 02.
class RuleServer : public ModbusServer {
 public:
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time) override {
    std::fill(reply.begin(), reply.end(), std::uint8_t{0});
    reply[0] = request_pdu[0];
    if (request_pdu[0] == 3) {
      reply[1] = static_cast<std::uint8_t>(2 * request_pdu[4]);
      return 2U + reply[1];
    }
    if (request_pdu[0] == 4) {
      reply[0] |= 0x80;
      reply[1] = 2;
      return 2;
    }
    std::copy_n(request_pdu.begin(), 5, reply.begin());
    return 5;
  }
};

struct Exchange {
  std::string quantity;
  Bytes request;
};

std::vector<Exchange> exchanges() {
  std::vector<Exchange> all;
  for (const int count : {1, 2, 10, 24, 33, 45, 50, 58, 125}) {
    all.push_back({"read_" + std::to_string(count) + "_registers", read_request(1, count)});
  }
  all.push_back({"write_one_register", with_crc({1, 6, 0, 0, 0, 11})});
  all.push_back({"write_two_registers", with_crc({1, 16, 0, 0, 0, 2, 4, 0, 11, 9, 0xC4})});
  all.push_back({"exception", with_crc({1, 4, 0, 0, 0, 1})});
  return all;
}

TEST(LineTimesValidation, AreTheArithmeticOfTheTablesInVirtualTime) {
  hil::tests::ValidationCase reference{"wire/line_times"};
  for (const int baud : {9600, 19'200}) {
    for (const int bits : {10, 11}) {
      const SerialFormat format{.baud = baud, .parity = bits == 11 ? Parity::even : Parity::none};
      const std::string suffix = "_" + std::to_string(baud) + "_" + std::to_string(bits) + "_bits";
      reference.check("character" + suffix, in_us(format.characters(1)));
      reference.check("t1_5" + suffix, in_us(format.t1_5()));
      reference.check("t3_5" + suffix, in_us(format.t3_5()));
    }
  }
  reference.check("character_38400_10_bits", in_us(SerialFormat{.baud = 38'400}.characters(1)));
  reference.check("t1_5_38400_10_bits", in_us(SerialFormat{.baud = 38'400}.t1_5()));
  reference.check("t3_5_38400_10_bits", in_us(SerialFormat{.baud = 38'400}.t3_5()));

  LineRig rig;
  RuleServer server;
  rig.add_unit("et1", 1, server, 50ms);
  const std::vector<Exchange> all = exchanges();
  for (std::size_t i = 0; i < all.size(); ++i) rig.send_at(static_cast<int>(i) * 1s, all[i].request);
  rig.kernel.run(static_cast<int>(all.size()) * 1s);
  ASSERT_EQ(rig.frames.size(), 2 * all.size());
  std::map<std::string, double> wire_us;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const LineRig::Frame& request = rig.frames[2 * i];
    const LineRig::Frame& reply = rig.frames[2 * i + 1];
    wire_us[all[i].quantity] = in_us(request.end - request.begin + (reply.end - reply.begin));
    reference.check(all[i].quantity, wire_us[all[i].quantity]);
    // The pause of the master after the reply is what a whole poll takes on top of it.
    if (all[i].quantity == "read_50_registers") {
      reference.check("read_50_registers_with_turnaround", in_us(reply.end - request.begin + rig.line.format().t3_5()));
    }
  }
  reference.check("request", in_us(rig.frames[0].end - rig.frames[0].begin));
  reference.check("full_poll_of_one_et",
                  wire_us["read_125_registers"] + wire_us["read_45_registers"] + wire_us["read_24_registers"]);
}

}  // namespace
}  // namespace hil::sim
