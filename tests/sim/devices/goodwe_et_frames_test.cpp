// The worked frames of goodwe-et-modbus 12, typed from there, on each wire that an ET has: RS485 (RTU), UDP 8899 of the
// dongle, Modbus TCP. Where the document gives no reply, its length and its CRC are held.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "sim/wire/goodwe_dongle.h"
#include "sim/wire/modbus_tcp.h"
#include "tests/sim/devices/asked_et.h"
#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::AskedEt;
using test::bytes;
using Bytes = std::vector<std::uint8_t>;

struct Exchange {
  const char* what;
  const char* request;
  const char* reply;
};

// Section 12, "Slave 247 (F7), RTU", in its order but for the time groups, which hold another until they are cleared.
constexpr std::array rtu_exchanges{
    Exchange{"read 35000 x33", "F7 03 88 B8 00 21 3A C1",
             "F7 03 42 00 02 27 10 00 FE 39 30 31 30 4B 45 54 55 32 32 41 57 30 30 30 31 "
             "47 57 31 30 4B 2D 45 54 20 20 00 0A 00 0A 00 A7 00 17 00 ED "
             "30 34 30 32 39 2D 31 30 2D 53 31 31 30 32 30 34 31 2D 32 33 2D 53 30 30 ED F2"},
    Exchange{"read 47511 x2: auto, 0 W", "F7 03 B9 97 00 02 44 2D", "F7 03 04 00 01 00 00 3D FC"},
    Exchange{"write 47511 = 11", "F7 06 B9 97 00 0B 48 2B", "F7 06 B9 97 00 0B 48 2B"},
    Exchange{"write 47512 = 2500", "F7 06 B9 98 09 C4 3E 2C", "F7 06 B9 98 09 C4 3E 2C"},
    Exchange{"write both", "F7 10 B9 97 00 02 04 00 0B 09 C4 8F 38", "F7 10 B9 97 00 02 C1 EE"},
    Exchange{"export limit on", "F7 06 B9 95 00 01 69 EC", "F7 06 B9 95 00 01 69 EC"},
    Exchange{"export limit 5000 W", "F7 06 B9 96 13 88 55 7A", "F7 06 B9 96 13 88 55 7A"},
    Exchange{"work mode backup", "F7 06 B7 98 00 02 BA C6", "F7 06 B7 98 00 02 BA C6"},
    Exchange{"lowest SOC 20 %", "F7 06 B1 2C 00 14 7B A6", "F7 06 B1 2C 00 14 7B A6"},
    Exchange{"clock 2026-03-29 14:05:09", "F7 10 B0 90 00 03 06 1A 03 1D 0E 05 09 1D CB", "F7 10 B0 90 00 03 B2 73"},
    Exchange{"eco group 1, second form", "F7 10 B9 BB 00 06 0C 00 00 17 3B FF 7F FF D8 00 50 00 00 02 CC",
             "F7 10 B9 BB 00 06 01 E4"},
    Exchange{"eco group 1, first form", "F7 10 B9 9B 00 04 08 00 00 17 3B FF D8 FF 7F 13 43",
             "F7 10 B9 9B 00 04 81 EF"},
    Exchange{"clear eco groups", "F7 06 B9 AD 00 01 E8 21", "F7 06 B9 AD 00 01 E8 21"},
    Exchange{"EMS off grid", "F7 10 B9 97 00 02 04 00 07 00 00 48 F8", "F7 10 B9 97 00 02 C1 EE"},
    Exchange{"EMS auto", "F7 10 B9 97 00 02 04 00 01 00 00 A8 F9", "F7 10 B9 97 00 02 C1 EE"},
};

// The same section: requests whose reply holds what the inverter measures.
struct Read {
  const char* what;
  const char* request;
  std::size_t reply_bytes;
};
constexpr std::array reads{
    Read{"35100 x125", "F7 03 89 1C 00 7D 7A E7", 255},
    Read{"36000 x45", "F7 03 8C A0 00 2D BB F3", 95},
    Read{"37000 x24", "F7 03 90 88 00 18 FC 7C", 53},
    Read{"35180 x5", "F7 03 89 6C 00 05 7B 1E", 15},
    Read{"36025 x2", "F7 03 8C B9 00 02 2B E8", 9},
    Read{"36015 x2", "F7 03 8C AF 00 02 CA 2C", 9},
    Read{"slave 1, 35100 x125", "01 03 89 1C 00 7D 6E 71", 255},
    Read{"slave 2, 35100 x125", "02 03 89 1C 00 7D 6E 42", 255},
    Read{"slave 10, 35100 x125", "0A 03 89 1C 00 7D 6F 0A", 255},
    Read{"slave 1, 47511 = 11, 2500", "01 10 B9 97 00 02 04 00 0B 09 C4 92 B3", 8},
    Read{"slave 10, 47511 = 11, 2500", "0A 10 B9 97 00 02 04 00 0B 09 C4 B7 97", 8},
};

/// One ET on an RS485 line under the address that the request asks for.
Bytes over_the_line(test::LineRig& rig, const Bytes& request) {
  rig.change("et1", [&](UnitCondition& condition) { condition.address = request.front(); });
  const std::size_t heard = rig.heard.size();
  rig.line.send(request);
  rig.kernel.run(rig.kernel.now() + 600ms);
  Bytes reply;
  for (std::size_t i = heard; i < rig.heard.size(); ++i) {
    reply.insert(reply.end(), rig.heard[i].bytes.begin(), rig.heard[i].bytes.end());
  }
  return reply;
}

TEST(EtFrames, AreThoseOfTheDocumentOnTheSerialLine) {
  AskedEt et;
  test::LineRig rig;
  rig.add_unit("et1", 247, et.server);
  for (const Exchange& exchange : rtu_exchanges) {
    EXPECT_EQ(over_the_line(rig, bytes(exchange.request)), bytes(exchange.reply)) << exchange.what;
  }
  for (const Read& read : reads) {
    const Bytes request = bytes(read.request);
    ASSERT_TRUE(has_valid_crc(request)) << read.what;
    const Bytes reply = over_the_line(rig, request);
    EXPECT_EQ(reply.size(), read.reply_bytes) << read.what;
    EXPECT_TRUE(has_valid_crc(reply)) << read.what;
    EXPECT_TRUE(std::equal(request.begin(), request.begin() + 2, reply.begin())) << read.what;
  }
}

// "exceptions": what was asked is not printed there; these are requests that have to be refused so.
TEST(EtFrames, RefuseAsTheDocumentDoesOnTheSerialLine) {
  AskedEt et;
  test::LineRig rig;
  rig.add_unit("et1", 247, et.server);
  const auto asked = [&](const std::string& pdu) { return over_the_line(rig, test::with_crc(bytes("F7 " + pdu))); };
  EXPECT_EQ(asked("03 8C A0 00 3A"), bytes("F7 83 02 20 C3"));  // 36000 x58
  EXPECT_EQ(asked("06 9C 40 00 01"), bytes("F7 86 02 23 93"));  // 40000
  EXPECT_EQ(asked("06 B9 BA 00 33"), bytes("F7 86 03 E2 53"));  // 47546 = 51 % at 50 %
  EXPECT_EQ(asked("10 9C 40 00 01 02 00 01"), bytes("F7 90 02 2D F3"));
  EXPECT_EQ(asked("04 89 1C 00 01"), bytes("F7 84 01 62 F2"));
}

/// The shipped rows of a block over a device that has these values.
class BlockOfTheMap {
 public:
  BlockOfTheMap(std::uint16_t first, std::uint16_t last, std::vector<double> values) : values_(std::move(values)) {
    RegisterMap map = read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/goodwe_et_205.xml");
    std::erase_if(map.rows, [&](const RegisterRow& row) { return row.address < first || row.address > last; });
    map.blocks = {{first, last, std::nullopt, 0, 0}};
    for (std::size_t i = 0; i < map.rows.size(); ++i) face_.signal(map.rows[i].binding, &values_.at(i));
    server_.emplace(std::move(map), face_);
  }
  Bytes ask(const Bytes& request) {
    std::array<std::uint8_t, 253> pdu{};
    const std::size_t length = server_->serve(std::span(request).subspan(1, request.size() - 3), pdu, Time{0});
    Bytes reply(1 + length);
    reply[0] = request.front();
    std::copy_n(pdu.begin(), length, reply.begin() + 1);
    append_crc(reply);
    return reply;
  }

 private:
  std::vector<double> values_;
  DeviceFace face_;
  std::optional<RegisterServer> server_;
};

// Section 12: "254.2 V, -9.8 A, -2512 W (charging), mode 3", "1500 W import", "4 615 400 Wh float".
TEST(EtFrames, HoldTheValuesOfTheDocument) {
  EXPECT_EQ((BlockOfTheMap{35180, 35184, {254.2, -9.8, -2512.0, 3.0}}.ask(bytes("F7 03 89 6C 00 05 7B 1E"))),
            bytes("F7 03 0A 09 EE FF 9E FF FF F6 30 00 03 7B 5A"));
  EXPECT_EQ((BlockOfTheMap{36025, 36026, {-1500.0}}.ask(bytes("F7 03 8C B9 00 02 2B E8"))),
            bytes("F7 03 04 FF FF FA 24 2E A3"));
  EXPECT_EQ((BlockOfTheMap{36015, 36016, {4615400.0}}.ask(bytes("F7 03 8C AF 00 02 CA 2C"))),
            bytes("F7 03 04 4A 8C D9 D0 E1 C3"));
}

class EtBehindItsDongle : public testing::Test {
 protected:
  Bytes answer(const Bytes& datagram) {
    GoodweDongle::Reply reply{};
    const std::size_t length = dongle_.answer(datagram, reply, et_.et.now);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }
  AskedEt et_;
  GoodweDongle dongle_{et_.server, 1, {"GW10K-ET", "9010KETU22AW0001", "10101", "02041-23-S00"}};
};

// Section 12, "UDP 8899": requests as on RS485.
TEST_F(EtBehindItsDongle, AnswersTheDatagramsOfTheDocument) {
  EXPECT_EQ(answer(bytes("F7 03 B9 97 00 02 44 2D")), bytes("AA 55 F7 03 04 00 01 00 00 3D FC"));
  EXPECT_EQ(answer(bytes("F7 06 B9 97 00 0B 48 2B")), bytes("AA 55 F7 06 B9 97 00 0B 48 2B"));
  EXPECT_EQ(answer(bytes("F7 10 B9 97 00 02 04 00 0B 09 C4 8F 38")), bytes("AA 55 F7 10 B9 97 00 02 C1 EE"));
  EXPECT_EQ(answer(test::with_crc(bytes("F7 03 8C A0 00 3A"))), bytes("AA 55 F7 83 02 20 C3"));
  // All others of the serial line hold here too, behind their mark; 47511 stands as the last of them left it.
  for (const Exchange& exchange : rtu_exchanges) {
    if (std::string{exchange.what}.starts_with("read 47511")) continue;
    EXPECT_EQ(answer(bytes(exchange.request)), bytes(std::string{"AA 55 "} + exchange.reply)) << exchange.what;
  }
}

// The identity of the same section, with 16 zero bytes twice.
TEST_F(EtBehindItsDongle, TellsTheIdentityOfTheDocument) {
  const Bytes reply = answer(bytes("AA 55 C0 7F 01 02 00 02 41"));
  const std::string zeros = "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ";
  EXPECT_EQ(reply, bytes("AA 55 7F C0 01 82 4C 31 30 31 30 31 47 57 31 30 4B 2D 45 54 20 20 " + zeros +
                         "39 30 31 30 4B 45 54 55 32 32 41 57 30 30 30 31 " + zeros +
                         "03 30 32 30 34 31 2D 32 33 2D 53 30 30 0C 7C"));
}

// Section 12, "Modbus TCP 502, unit 247".
TEST(EtFrames, AreThoseOfTheDocumentOnModbusTcp) {
  AskedEt et;
  const auto answer = [&](const std::string& hex) {
    const Bytes frame = bytes(hex);
    ModbusTcpFramer framer;
    std::copy(frame.begin(), frame.end(), framer.room().begin());
    framer.received(frame.size());
    ModbusTcpFramer::Request request;
    EXPECT_EQ(framer.next(request), ModbusTcpFramer::Next::request) << hex;
    std::array<std::uint8_t, largest_tcp_frame> reply{};
    const std::size_t pdu_bytes =
        et.server.serve(request.pdu, std::span(reply).subspan(mbap_header_bytes, largest_modbus_pdu), et.et.now);
    const std::size_t length = complete_tcp_reply(request, pdu_bytes, reply);
    return Bytes{reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  };
  const Bytes information = answer("00 01 00 00 00 06 F7 03 88 B8 00 21");
  ASSERT_EQ(information.size(), 9U + 66U);
  EXPECT_EQ((Bytes{information.begin(), information.begin() + 9}), bytes("00 01 00 00 00 45 F7 03 42"));
  EXPECT_EQ(answer("00 02 00 00 00 06 F7 03 B9 97 00 02"), bytes("00 02 00 00 00 07 F7 03 04 00 01 00 00"));
  EXPECT_EQ(answer("00 03 00 00 00 06 F7 06 B9 97 00 0B"), bytes("00 03 00 00 00 06 F7 06 B9 97 00 0B"));
  EXPECT_EQ(answer("00 04 00 00 00 0B F7 10 B9 97 00 02 04 00 0B 09 C4"), bytes("00 04 00 00 00 06 F7 10 B9 97 00 02"));
  EXPECT_EQ(answer("00 05 00 00 00 06 F7 03 8C A0 00 3A"), bytes("00 05 00 00 00 03 F7 83 02"));
}

}  // namespace
}  // namespace hil::sim
