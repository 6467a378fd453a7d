#include "sim/devices/register_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sim/wire/modbus_rtu.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint8_t> bytes(const std::string& hex) {
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 3) {
    result.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return result;
}

RegisterRow row(std::uint16_t address, Encoding encoding, double scale, Access access, std::string binding) {
  RegisterRow made;
  made.address = address;
  made.count = registers_of(encoding);
  made.encoding = encoding;
  made.scale = scale;
  made.access = access;
  made.binding = std::move(binding);
  made.name = made.binding;
  return made;
}

/// A few rows of the ET's map: battery 35180..35184, EMS 47509..47512, as the worked frames use them
/// (goodwe-et-modbus 12).
class EtLikeServer : public testing::Test {
 protected:
  EtLikeServer() : server_(make_map(), make_face()) {}

  const DeviceFace& make_face() {
    face_.signal("battery_v", &battery_v_);
    face_.signal("battery_discharge_a", &battery_discharge_a_);
    face_.signal("battery_discharge_w", &battery_discharge_w_);
    face_.signal("battery_mode", &battery_mode_);
    face_.signal("imported_wh", &imported_wh_);
    face_.choice("ems_mode", &ems_mode_, {1, 2, 11, 12, 255});
    face_.setting("ems_power_w", &ems_power_w_, 0.0, 10000.0);
    face_.setting("soc_floor", &soc_floor_, 0.0, 1.0);
    face_.action("clear", [this](double value) { cleared_with_ = value; });
    return face_;
  }

  static RegisterMap make_map() {
    constexpr Access rw = Access::read_write;
    RegisterRow kept = row(47513, Encoding::u16, 1, rw, "");
    kept.constant = 7.0;
    return {
        "et_like",
        "map.xml",
        {{35100, 35224, 0, 200, 0, Table::holding, "", true}, {36015, 36016, 0, 0, 0}, {47509, 47519, 0xFFFF, 0, 0}},
        {row(35180, Encoding::u16, 0.1, Access::read, "battery_v"),
         row(35181, Encoding::s16, 0.1, Access::read, "battery_discharge_a"),
         row(35182, Encoding::s32_high_first, 1, Access::read, "battery_discharge_w"),
         row(35184, Encoding::u16, 1, Access::read, "battery_mode"),
         row(36015, Encoding::float32_high_first, 1, Access::read, "imported_wh"),
         row(47511, Encoding::u16, 1, rw, "ems_mode"), row(47512, Encoding::u16, 1, rw, "ems_power_w"), kept,
         row(47515, Encoding::u16, 0.01, rw, "soc_floor"), row(47516, Encoding::u16, 1, Access::write, "clear"),
         row(47517, Encoding::u32_high_first, 1, rw, "")}};
  }

  /// Request and expected reply as whole frames of slave 247; their CRCs are checked on the way.
  void expect(const std::string& request_hex, const std::string& reply_hex) {
    std::vector<std::uint8_t> request = bytes(request_hex);
    ASSERT_TRUE(has_valid_crc(request)) << request_hex;
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server_.serve({request.data() + 1, request.size() - 3}, reply, 0ns);
    std::vector<std::uint8_t> frame(1 + length, request[0]);
    std::copy_n(reply.begin(), length, frame.begin() + 1);
    append_crc(frame);
    EXPECT_EQ(frame, bytes(reply_hex)) << request_hex;
  }
  /// The same for a PDU whose frame is not published.
  std::vector<std::uint8_t> answer(const std::string& pdu_hex, Time at = 0ns) {
    const std::vector<std::uint8_t> request = bytes(pdu_hex);
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server_.serve(request, reply, at);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }

  double battery_v_ = 254.2;
  double battery_discharge_a_ = -9.8;
  double battery_discharge_w_ = -2512.0;
  double battery_mode_ = 3.0;
  double imported_wh_ = 4615400.0;
  double ems_mode_ = 1.0;
  double ems_power_w_ = 0.0;
  double soc_floor_ = 0.1;
  double cleared_with_ = 0.0;
  DeviceFace face_;
  RegisterServer server_;
};

TEST_F(EtLikeServer, AnswersThePublishedReadOfTheBattery) {
  expect("F7 03 89 6C 00 05 7B 1E", "F7 03 0A 09 EE FF 9E FF FF F6 30 00 03 7B 5A");
}

TEST_F(EtLikeServer, AnswersThePublishedReadOfAFloat) {
  expect("F7 03 8C AF 00 02 CA 2C", "F7 03 04 4A 8C D9 D0 E1 C3");
}

TEST_F(EtLikeServer, AnswersThePublishedReadOfModeAndPower) {
  expect("F7 03 B9 97 00 02 44 2D", "F7 03 04 00 01 00 00 3D FC");
}

TEST_F(EtLikeServer, EchoesAWriteOfOneRegisterAndActsAtOnce) {
  expect("F7 06 B9 97 00 0B 48 2B", "F7 06 B9 97 00 0B 48 2B");
  EXPECT_EQ(ems_mode_, 11.0);
  EXPECT_EQ(answer("03 B9 97 00 01"), bytes("03 02 00 0B"));
}

TEST_F(EtLikeServer, WritesBothRegistersWithFunctionSixteen) {
  expect("F7 10 B9 97 00 02 04 00 0B 09 C4 8F 38", "F7 10 B9 97 00 02 C1 EE");
  EXPECT_EQ(ems_mode_, 11.0);
  EXPECT_EQ(ems_power_w_, 2500.0);
}

// Modbus 7: 05 tells that a command is under way, 06 that the device is busy with it. 47516 is the command "clear".
TEST_F(EtLikeServer, AcknowledgesACommandAndIsBusyUntilItIsDone) {
  server_.set_busy({.command = 2s});
  EXPECT_EQ(answer("06 B9 9C 00 01", 1s), bytes("86 05"));
  EXPECT_EQ(cleared_with_, 1.0);
  EXPECT_EQ(answer("03 B9 97 00 01", 2900ms), bytes("83 06"));
  EXPECT_EQ(answer("10 B9 97 00 01 02 00 0B", 2900ms), bytes("90 06"));
  EXPECT_EQ(answer("03 B9 97 00 01", 3s), bytes("03 02 00 01"));
  EXPECT_EQ(answer("06 B9 97 00 0B", 3s), bytes("06 B9 97 00 0B"));  // a setting is no command
  EXPECT_EQ(answer("06 B9 97 00 01", 3s), bytes("06 B9 97 00 01"));
}

TEST_F(EtLikeServer, RefusesFurtherWritesWhileItStoresASetting) {
  server_.set_busy({.storing = 200ms});
  EXPECT_EQ(answer("06 B9 97 00 63", 1s), bytes("86 03"));  // a refused write stores nothing
  EXPECT_EQ(answer("06 B9 97 00 0B", 1s), bytes("06 B9 97 00 0B"));
  EXPECT_EQ(answer("06 B9 97 00 0C", 1100ms), bytes("86 06"));
  EXPECT_EQ(answer("03 B9 97 00 01", 1100ms), bytes("03 02 00 0B"));
  EXPECT_EQ(answer("06 B9 97 00 0C", 1200ms), bytes("06 B9 97 00 0C"));
}

// Block 35100..35224 stands behind the DSP here, the settings do not.
TEST_F(EtLikeServer, RefusesWhatStandsBehindALostProcessor) {
  server_.refuse_behind_dsp(ModbusException::device_failure);
  EXPECT_EQ(answer("03 89 6C 00 05"), bytes("83 04"));
  EXPECT_EQ(answer("06 89 6C 00 05"), bytes("86 04"));
  EXPECT_EQ(answer("03 B9 97 00 01"), bytes("03 02 00 01"));
  EXPECT_EQ(answer("03 88 B8 00 01"), bytes("83 02"));  // no block at all
  server_.refuse_behind_dsp(std::nullopt);
  EXPECT_EQ(answer("03 89 6C 00 01").at(0), 0x03);
}

// Exceptions: F7 83 02 20 C3, F7 86 03 E2 53, F7 84 01 62 F2 of section 12, here without address and CRC.
TEST_F(EtLikeServer, RefusesWhatTheMapDoesNotHave) {
  EXPECT_EQ(answer("03 88 B8 00 01"), bytes("83 02"));  // 35000: no block
  EXPECT_EQ(answer("03 89 9B 00 7D"), bytes("83 02"));  // 35227: past the end of 35100..35224
  EXPECT_EQ(answer("03 8C B0 00 02"), bytes("83 02"));  // leaves 36015..36016
  EXPECT_EQ(answer("06 88 B8 00 01"), bytes("86 02"));
}

TEST_F(EtLikeServer, RefusesOtherFunctions) {
  EXPECT_EQ(answer("04 89 6C 00 05"), bytes("84 01"));
  EXPECT_EQ(answer("2B 0E 01 00"), bytes("AB 01"));
}

TEST_F(EtLikeServer, ReadsUpTo125RegistersAndNoMore) {
  const std::vector<std::uint8_t> whole = answer("03 89 1C 00 7D");  // 35100 x125
  ASSERT_EQ(whole.size(), 252U);                                     // function, count, 250 data bytes
  EXPECT_EQ(whole[1], 250);
  EXPECT_EQ(whole[2 + 2 * 80], 0x09);  // 35180 high: 2542 = 0x09EE
  EXPECT_EQ(whole[2 + 2 * 0], 0x00);   // a hole reads as the block's fill
  EXPECT_EQ(answer("03 89 1C 00 7E"), bytes("83 02"));
  EXPECT_EQ(answer("03 89 1C 00 00"), bytes("83 03"));
}

TEST_F(EtLikeServer, AWriteOutOfRangeChangesNothingOfTheRequest) {
  EXPECT_EQ(answer("10 B9 97 00 02 04 00 0B 27 11"), bytes("90 03"));  // mode 11 is fine, 10001 W is not
  EXPECT_EQ(ems_mode_, 1.0);
  EXPECT_EQ(ems_power_w_, 0.0);
  EXPECT_EQ(answer("06 B9 97 00 09"), bytes("86 03"));  // mode 9 is not among the choices
  EXPECT_EQ(answer("03 B9 97 00 02"), bytes("03 04 00 01 00 00"));
}

TEST_F(EtLikeServer, TakesTheEndsOfARange) {
  EXPECT_EQ(answer("06 B9 98 27 10").at(0), 0x06);  // 10000 W
  EXPECT_EQ(ems_power_w_, 10000.0);
  EXPECT_EQ(answer("06 B9 9B 00 64").at(0), 0x06);  // 100 %
  EXPECT_EQ(soc_floor_, 1.0);
  EXPECT_EQ(answer("06 B9 9B 00 65"), bytes("86 03"));
}

TEST_F(EtLikeServer, RefusesWritesToReadOnlyRowsHolesAndHalfValues) {
  EXPECT_EQ(answer("06 89 6C 00 01"), bytes("86 02"));                 // battery_v
  EXPECT_EQ(answer("06 B9 95 00 01"), bytes("86 02"));                 // 47509: hole
  EXPECT_EQ(answer("10 B9 96 00 02 04 00 00 00 0B"), bytes("90 02"));  // 47510 hole, 47511
  EXPECT_EQ(ems_mode_, 1.0);
  EXPECT_EQ(answer("06 B9 9D 00 01"), bytes("86 02"));  // high word of 47517
}

TEST_F(EtLikeServer, RefusesMalformedRequests) {
  EXPECT_EQ(answer("03 89 6C 00"), bytes("83 03"));
  EXPECT_EQ(answer("06 B9 97 00 0B 00"), bytes("86 03"));
  EXPECT_EQ(answer("10 B9 97 00 02 02 00 0B"), bytes("90 03"));
  EXPECT_EQ(answer("10 B9 97 00 02 04 00 0B"), bytes("90 03"));
  EXPECT_EQ(answer("10"), bytes("90 03"));
}

TEST_F(EtLikeServer, KeepsWhatIsWrittenToAConstant) {
  EXPECT_EQ(answer("03 B9 99 00 01"), bytes("03 02 00 07"));
  EXPECT_EQ(answer("06 B9 99 12 34").at(0), 0x06);
  server_.refresh(1s);
  EXPECT_EQ(answer("03 B9 99 00 01"), bytes("03 02 12 34"));
  EXPECT_EQ(answer("10 B9 9D 00 02 04 00 01 86 A0"), bytes("10 B9 9D 00 02"));
  EXPECT_EQ(answer("03 B9 9D 00 02"), bytes("03 04 00 01 86 A0"));
}

TEST_F(EtLikeServer, SetsOffAnActionThatReadsAsZero) {
  EXPECT_EQ(answer("06 B9 9C 00 05").at(0), 0x06);
  EXPECT_EQ(cleared_with_, 5.0);
  EXPECT_EQ(answer("03 B9 9C 00 01"), bytes("03 02 00 00"));
}

TEST_F(EtLikeServer, KeepsToTheBoundsOfTheRowAndToWhatTheSettingAccepts) {
  double limit_w = 0.0;
  DeviceFace face;
  face.setting("limit_w", &limit_w, -1e6, 1e6);
  int written = 0;
  face.accept_if([](double value) { return value != 13.0; });
  face.when_written([&] { ++written; });
  RegisterRow bounded = row(10, Encoding::u16, 1, Access::read_write, "limit_w");
  bounded.lowest = 5.0;
  bounded.highest = 100.0;
  RegisterServer server{{"m", "map.xml", {{10, 10, {}, 0, 0}}, {bounded}}, face};
  const auto code = [&](const std::string& pdu) {
    std::array<std::uint8_t, 253> reply{};
    server.serve(bytes(pdu), reply, 0ns);
    return reply[0] == 0x06 ? 0 : static_cast<int>(reply[1]);
  };
  EXPECT_EQ(code("06 00 0A 00 05"), 0);
  EXPECT_EQ(code("06 00 0A 00 64"), 0);
  EXPECT_EQ(code("06 00 0A 00 04"), 3);
  EXPECT_EQ(code("06 00 0A 00 65"), 3);
  EXPECT_EQ(code("06 00 0A 00 0D"), 3);
  EXPECT_EQ(limit_w, 100.0);
  EXPECT_EQ(written, 2);
}

// A legal write that the device's state does not take: exception 04 and nothing of the request, or answered and
// forgotten.
TEST_F(EtLikeServer, LetsTheDevicesStateDecideOnALegalWrite) {
  double mode = 1.0;
  double limit_w = 2.0;
  int started = 0;
  auto reception = DeviceFace::Reception::take;
  DeviceFace face;
  int written = 0;
  int asked = 0;
  face.setting("mode", &mode, 0.0, 10.0);
  face.setting("limit_w", &limit_w, 0.0, 10.0);
  face.receive_by([&] {
    ++asked;
    return reception;
  });
  face.when_written([&] { ++written; });
  face.action("start", [&](double) { ++started; });
  face.accept_if([](double value) { return value == 1.0; });
  face.receive_by([&] { return reception; });
  const Access rw = Access::read_write;
  RegisterServer server{{"m",
                         "map.xml",
                         {{10, 12, {}, 0, 0}},
                         {row(10, Encoding::u16, 1, rw, "mode"), row(11, Encoding::u16, 1, rw, "limit_w"),
                          row(12, Encoding::u16, 1, Access::write, "start")}},
                        face};
  const auto reply_to = [&](const std::string& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server.serve(bytes(pdu), reply, 0ns);
    return std::vector<std::uint8_t>{reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  };
  EXPECT_EQ(reply_to("06 00 0C 00 02"), bytes("86 03")) << "an action may be particular, too";
  EXPECT_EQ(reply_to("06 00 0B 00 05"), bytes("06 00 0B 00 05"));
  EXPECT_EQ(limit_w, 5.0);

  reception = DeviceFace::Reception::ignore;
  EXPECT_EQ(reply_to("06 00 0B 00 07"), bytes("06 00 0B 00 07"));
  EXPECT_EQ(reply_to("06 00 0C 00 01"), bytes("06 00 0C 00 01"));
  EXPECT_EQ(reply_to("10 00 0A 00 02 04 00 04 00 07"), bytes("10 00 0A 00 02"));
  EXPECT_EQ(reply_to("03 00 0A 00 03"), bytes("03 06 00 04 00 05 00 00"));

  reception = DeviceFace::Reception::fail;
  EXPECT_EQ(reply_to("06 00 0B 00 07"), bytes("86 04"));
  EXPECT_EQ(reply_to("06 00 0B 00 0B"), bytes("86 03")) << "what is illegal is so in any state";
  EXPECT_EQ(reply_to("10 00 0A 00 02 04 00 03 00 07"), bytes("90 04"));
  EXPECT_EQ(reply_to("03 00 0A 00 02"), bytes("03 04 00 04 00 05"));
  EXPECT_EQ(started, 0);
  EXPECT_EQ(written, 1);
  EXPECT_EQ(asked, 5) << "once for each legal write";

  reception = DeviceFace::Reception::take;
  EXPECT_EQ(reply_to("06 00 0C 00 01"), bytes("06 00 0C 00 01"));
  EXPECT_EQ(started, 1);
}

TEST_F(EtLikeServer, HasNoFunctionForSeveralWritesWhereTheMapSaysSo) {
  double limit_w = 0.0;
  DeviceFace face;
  face.setting("limit_w", &limit_w, 0.0, 10.0);
  RegisterMap map{"m", "map.xml", {{10, 10, {}, 0, 0}}, {row(10, Encoding::u16, 1, Access::read_write, "limit_w")}};
  map.single_writes = true;
  RegisterServer server{map, face};
  std::array<std::uint8_t, 253> reply{};
  ASSERT_EQ(server.serve(bytes("10 00 0A 00 01 02 00 05"), reply, 0ns), 2U);
  EXPECT_EQ(reply[0], 0x90);
  EXPECT_EQ(reply[1], 1);
  EXPECT_EQ(server.serve(bytes("06 00 0A 00 05"), reply, 0ns), 5U);
  EXPECT_EQ(limit_w, 5.0);
}

// Functions 01, 02, 04, 05 and 15 for maps that have such tables; the examples of the Modbus application protocol keep
// the lowest bit of the first byte for the first coil.
class BitServer : public testing::Test {
 protected:
  BitServer() : server_(make_map(), make_face()) { server_.refresh(0ns); }
  const DeviceFace& make_face() {
    face_.setting("relay", &relay_, 0.0, 1.0);
    face_.signal("door", &door_);
    face_.signal("energy_wh", &energy_wh_);
    return face_;
  }
  static RegisterMap make_map() {
    const auto in = [](Table table, RegisterRow made) {
      made.table = table;
      return made;
    };
    RegisterMap map{"bits", "map.xml", {{100, 103, 0, 0, 0}, {0, 9, 0, 0, 0}, {0, 0, 0, 0, 0}}, {}};
    map.blocks[0].table = Table::input;
    map.blocks[1].table = Table::coils;
    map.blocks[2].table = Table::discrete;
    map.rows = {in(Table::input, row(100, Encoding::u64_high_first, 1, Access::read, "energy_wh")),
                in(Table::coils, row(0, Encoding::bit, 1, Access::read_write, "relay")),
                in(Table::coils, row(9, Encoding::bit, 1, Access::read_write, "")),
                in(Table::discrete, row(0, Encoding::bit, 1, Access::read, "door"))};
    return map;
  }
  std::vector<std::uint8_t> answer(const std::string& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server_.serve(bytes(pdu), reply, 0ns);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }
  double relay_ = 0.0;
  double door_ = 1.0;
  double energy_wh_ = 4294967296.0 * 5.0 + 7.0;
  DeviceFace face_;
  RegisterServer server_;
};

TEST_F(BitServer, ServesCoilsOneByOneAndSeveral) {
  EXPECT_EQ(answer("01 00 00 00 0A"), bytes("01 02 00 00"));
  EXPECT_EQ(answer("05 00 00 FF 00"), bytes("05 00 00 FF 00"));
  EXPECT_EQ(relay_, 1.0);
  EXPECT_EQ(answer("05 00 09 FF 00"), bytes("05 00 09 FF 00"));
  EXPECT_EQ(answer("01 00 00 00 0A"), bytes("01 02 01 02"));
  EXPECT_EQ(answer("05 00 00 00 01"), bytes("85 03"));
  EXPECT_EQ(answer("0F 00 00 00 01 01 00"), bytes("0F 00 00 00 01"));
  EXPECT_EQ(relay_, 0.0);
  EXPECT_EQ(answer("0F 00 00 00 02 01 03"), bytes("8F 02"));  // 1 is a hole
  EXPECT_EQ(answer("0F 00 00 00 01 02 00"), bytes("8F 03"));
  EXPECT_EQ(answer("01 00 05 00 06"), bytes("81 02"));
  EXPECT_EQ(answer("01 00 00 07 D1"), bytes("81 03"));  // 2001
}

TEST_F(BitServer, ServesDiscreteInputsAndInputRegisters) {
  EXPECT_EQ(answer("02 00 00 00 01"), bytes("02 01 01"));
  EXPECT_EQ(answer("04 00 64 00 04"), bytes("04 08 00 00 00 05 00 00 00 07"));
}

TEST_F(BitServer, ShowsEqualReadsOfBitsAlikeUntilTheNextRefresh) {
  EXPECT_EQ(answer("02 00 00 00 01"), bytes("02 01 01"));
  door_ = 0.0;
  EXPECT_EQ(answer("02 00 00 00 01"), bytes("02 01 01"));
  server_.refresh(1ms);
  EXPECT_EQ(answer("02 00 00 00 01"), bytes("02 01 00"));
  EXPECT_EQ(answer("04 00 65 00 02"), bytes("04 04 00 05 00 00"));  // the middle of a value
}

TEST_F(BitServer, RefusesFunctionsOfTablesThatItDoesNotHave) {
  EXPECT_EQ(answer("03 00 64 00 01"), bytes("83 01"));
  EXPECT_EQ(answer("06 00 64 00 01"), bytes("86 01"));
  EXPECT_EQ(answer("10 00 64 00 01 02 00 01"), bytes("90 01"));
}

// The block's period is 200 ms: what changes at 10 ms shows at 200 ms.
TEST_F(EtLikeServer, ShowsValuesAsOldAsTheBlocksPeriod) {
  server_.refresh(0ms);
  battery_mode_ = 2.0;
  server_.refresh(10ms);
  EXPECT_EQ(answer("03 89 70 00 01"), bytes("03 02 00 03"));
  server_.refresh(190ms);
  EXPECT_EQ(answer("03 89 70 00 01"), bytes("03 02 00 03"));
  server_.refresh(200ms);
  EXPECT_EQ(answer("03 89 70 00 01"), bytes("03 02 00 02"));
}

// By hand: -2512 W is FFFF F630, 70000 W is 0001 1170. Either half of a value is that of the last refresh, whichever
// was read before, whatever came since, also next to the ends of what is asked for.
TEST_F(EtLikeServer, ShowsEachRegisterOfAValueAsOfTheSameRefresh) {
  server_.refresh(0ms);
  battery_discharge_w_ = 70000.0;
  battery_mode_ = 2.0;
  EXPECT_EQ(answer("03 89 6F 00 01"), bytes("03 02 F6 30"));
  EXPECT_EQ(answer("03 89 6E 00 01"), bytes("03 02 FF FF"));
  server_.refresh(200ms);
  battery_discharge_w_ = 0.0;
  EXPECT_EQ(answer("03 89 6E 00 01"), bytes("03 02 00 01"));
  EXPECT_EQ(answer("03 89 6F 00 02"), bytes("03 04 11 70 00 02"));
}

// A write shows at once; the rest of its block stays as old as it was.
TEST_F(EtLikeServer, ShowsAWriteBesideValuesOfTheLastRefresh) {
  server_.set_least_refresh_period(1s);
  server_.refresh(0ms);
  soc_floor_ = 0.5;
  EXPECT_EQ(answer("06 B9 97 00 0B"), bytes("06 B9 97 00 0B"));
  EXPECT_EQ(answer("03 B9 97 00 01"), bytes("03 02 00 0B"));
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 0A"));
  server_.refresh(1s);
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 32"));
}

// What measures hangs: what is written acts and shows, all else is as it was. Afterwards nothing waits for its period.
TEST_F(EtLikeServer, KeepsItsValuesWhileTheyAreHeld) {
  server_.set_least_refresh_period(1s);
  server_.refresh(0ms);
  server_.hold_values(true);
  soc_floor_ = 0.5;
  server_.refresh(1s);
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 0A"));
  EXPECT_EQ(answer("06 B9 97 00 0B"), bytes("06 B9 97 00 0B"));
  EXPECT_EQ(answer("03 B9 97 00 01"), bytes("03 02 00 0B"));
  server_.refresh(3600s);
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 0A"));
  server_.hold_values(false);
  server_.refresh(3600010ms);
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 32"));
  // For less than a period.
  server_.hold_values(true);
  soc_floor_ = 0.1;
  server_.refresh(3600020ms);
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 32"));
  server_.hold_values(false);
  server_.refresh(3600030ms);
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 0A"));
  soc_floor_ = 0.5;
  server_.refresh(3601s);
  EXPECT_EQ(answer("03 B9 9B 00 01"), bytes("03 02 00 32"));
}

// What was made up for one reader must neither stay behind the next refresh nor run ahead of it.
TEST_F(EtLikeServer, AnswersEqualReadsBetweenRefreshesAlikeAndShowsTheNextRefresh) {
  server_.refresh(0ms);
  EXPECT_EQ(answer("03 89 6C 00 05"), bytes("03 0A 09 EE FF 9E FF FF F6 30 00 03"));
  battery_v_ = 260.0;
  battery_discharge_w_ = 1.0;
  server_.refresh(190ms);
  EXPECT_EQ(answer("03 89 6C 00 05"), bytes("03 0A 09 EE FF 9E FF FF F6 30 00 03"));
  server_.refresh(200ms);
  EXPECT_EQ(answer("03 89 6C 00 05"), bytes("03 0A 0A 28 FF 9E 00 00 00 01 00 03"));
  EXPECT_EQ(answer("03 89 6C 00 05"), bytes("03 0A 0A 28 FF 9E 00 00 00 01 00 03"));
  battery_v_ = 254.2;
  server_.refresh(400ms);
  EXPECT_EQ(answer("03 89 6C 00 05"), bytes("03 0A 09 EE FF 9E 00 00 00 01 00 03"));
}

// Ranges that overlap by a row, by half of a value, that lie inside one another or end in holes.
TEST_F(EtLikeServer, AnswersOverlappingRangesOneAfterTheOther) {
  server_.refresh(0ms);
  EXPECT_EQ(answer("03 89 6C 00 02"), bytes("03 04 09 EE FF 9E"));
  battery_v_ = 260.0;
  battery_discharge_a_ = 1.0;
  battery_discharge_w_ = 70000.0;
  battery_mode_ = 2.0;
  EXPECT_EQ(answer("03 89 6D 00 02"), bytes("03 04 FF 9E FF FF"));
  server_.refresh(200ms);
  EXPECT_EQ(answer("03 89 6D 00 02"), bytes("03 04 00 0A 00 01"));
  EXPECT_EQ(answer("03 89 6C 00 05"), bytes("03 0A 0A 28 00 0A 00 01 11 70 00 02"));
  EXPECT_EQ(answer("03 89 6F 00 01"), bytes("03 02 11 70"));
  EXPECT_EQ(answer("03 89 6B 00 02"), bytes("03 04 00 00 0A 28"));  // 35179: hole
  EXPECT_EQ(answer("03 89 70 00 02"), bytes("03 04 00 02 00 00"));  // 35185: hole
  EXPECT_EQ(answer("03 89 71 00 01"), bytes("03 02 00 00"));
  EXPECT_EQ(answer("03 89 98 00 01"), bytes("03 02 00 00"));  // 35224: the block's last
  EXPECT_EQ(answer("03 89 98 00 02"), bytes("83 02"));
  EXPECT_EQ(answer("03 89 1B 00 02"), bytes("83 02"));  // 35099, before its first
}

TEST_F(EtLikeServer, ShowsWritesAndWhatAnActionChangesToWhoHasReadBefore) {
  face_.action("restore", [this](double) { ems_mode_ = ems_power_w_ = 2.0; });
  RegisterMap map = make_map();
  map.rows.insert(map.rows.begin() + 8, row(47514, Encoding::u16, 1, Access::write, "restore"));
  RegisterServer server{map, face_};
  const auto answer = [&server](const std::string& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server.serve(bytes(pdu), reply, 0ns);
    return std::vector<std::uint8_t>{reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  };
  server.set_least_refresh_period(1s);
  server.refresh(0ms);
  EXPECT_EQ(answer("03 B9 97 00 05"), bytes("03 0A 00 01 00 00 00 07 00 00 00 0A"));
  EXPECT_EQ(answer("06 B9 97 00 0B"), bytes("06 B9 97 00 0B"));
  EXPECT_EQ(answer("03 B9 97 00 05"), bytes("03 0A 00 0B 00 00 00 07 00 00 00 0A"));
  EXPECT_EQ(answer("10 B9 97 00 03 06 00 01 09 C4 00 08"), bytes("10 B9 97 00 03"));
  EXPECT_EQ(answer("03 B9 97 00 05"), bytes("03 0A 00 01 09 C4 00 08 00 00 00 0A"));
  EXPECT_EQ(answer("10 B9 97 00 02 04 00 0C 27 11"), bytes("90 03"));
  EXPECT_EQ(answer("03 B9 97 00 05"), bytes("03 0A 00 01 09 C4 00 08 00 00 00 0A"));
  EXPECT_EQ(answer("06 B9 9A 00 01"), bytes("06 B9 9A 00 01"));
  EXPECT_EQ(answer("03 B9 97 00 05"), bytes("03 0A 00 02 00 02 00 08 00 00 00 0A"));
  server.refresh(1s);
  EXPECT_EQ(answer("03 B9 97 00 05"), bytes("03 0A 00 02 00 02 00 08 00 00 00 0A"));
}

// IEEE 754: -0 is 8000 0000 0000 0000, in 32 bits 8000 0000.
TEST_F(EtLikeServer, TellsMinusZeroFromZeroInAFloat) {
  imported_wh_ = 0.0;
  server_.refresh(0ms);
  EXPECT_EQ(answer("03 8C AF 00 02"), bytes("03 04 00 00 00 00"));
  imported_wh_ = -0.0;
  server_.refresh(1ms);
  EXPECT_EQ(answer("03 8C AF 00 02"), bytes("03 04 80 00 00 00"));
}

TEST_F(EtLikeServer, StopsAtTheEndsOfAnEncodingAndMarksNoNumber) {
  battery_v_ = 1e6;  // 10 million tenths do not fit 16 bits
  battery_discharge_a_ = -1e6;
  battery_discharge_w_ = std::numeric_limits<double>::quiet_NaN();
  server_.refresh(0ms);
  EXPECT_EQ(answer("03 89 6C 00 04"), bytes("03 08 FF FF 80 00 FF FF FF FF"));
}

}  // namespace
}  // namespace hil::sim
