// The ET behind scenarios/registers/goodwe_et_205.xml, asked in whole frames.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "sim/devices/goodwe_et.h"
#include "sim/devices/three_phase_meter.h"
#include "tests/sim/devices/asked_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

const std::string registers_folder = HILBENCH_SOURCE_DIR "/scenarios/registers/";

using test::bytes;

class MappedEt : public testing::Test {
 protected:
  MappedEt()
      : site_{one_inverter_site()},
        et_{"et1", site_, 0, ten_kilowatts(), {}, {}},
        server_{read_register_map(registers_folder + "goodwe_et_205.xml"), et_.face()} {
    run(1s);
  }
  void run(Time duration) {
    for (const Time end = now_ + duration; now_ < end; now_ += 10ms) {
      et_.latch(now_);
      if (now_ > Time{0}) site_.advance();
      et_.refresh(now_);
      server_.refresh(now_);
    }
  }
  std::vector<std::uint8_t> ask(const std::vector<std::uint8_t>& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server_.serve(pdu, reply, now_);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }
  /// Frames of slave 247 with their published CRCs (goodwe-et-modbus 12).
  void expect(const std::string& request_hex, const std::string& reply_hex) {
    const std::vector<std::uint8_t> request = bytes(request_hex);
    ASSERT_TRUE(has_valid_crc(request)) << request_hex;
    std::vector<std::uint8_t> reply = ask({request.begin() + 1, request.end() - 2});
    reply.insert(reply.begin(), request[0]);
    append_crc(reply);
    EXPECT_EQ(reply, bytes(reply_hex)) << request_hex;
  }
  int u16(int address) {
    const auto reply = ask({0x03, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address), 0, 1});
    return reply.size() == 4 ? reply[2] << 8 | reply[3] : -1;
  }
  int s16(int address) { return static_cast<std::int16_t>(u16(address)); }
  std::int32_t s32(int address) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(u16(address)) << 16 |
                                     static_cast<std::uint32_t>(u16(address + 1)));
  }
  void write(int address, int value) {
    const auto high = [](int word) { return static_cast<std::uint8_t>(word >> 8); };
    const auto low = [](int word) { return static_cast<std::uint8_t>(word); };
    ASSERT_EQ(ask({0x06, high(address), low(address), high(value), low(value)}).at(0), 0x06) << address;
  }

  models::Site site_;
  GoodweEt et_;
  RegisterServer server_;
  Time now_{0};
};

TEST_F(MappedEt, TellsTheDeviceInformationOfThePublishedFrame) {
  expect("F7 03 88 B8 00 21 3A C1",
         "F7 03 42 00 02 27 10 00 FE 39 30 31 30 4B 45 54 55 32 32 41 57 30 30 30 31 "
         "47 57 31 30 4B 2D 45 54 20 20 00 0A 00 0A 00 A7 00 17 00 ED "
         "30 34 30 32 39 2D 31 30 2D 53 31 31 30 32 30 34 31 2D 32 33 2D 53 30 30 ED F2");
}

TEST_F(MappedEt, AnswersThePublishedFramesOfTheSettings) {
  expect("F7 03 B9 97 00 02 44 2D", "F7 03 04 00 01 00 00 3D FC");                    // auto, 0 W
  expect("F7 06 B9 97 00 0B 48 2B", "F7 06 B9 97 00 0B 48 2B");                       // mode 11
  expect("F7 06 B9 98 09 C4 3E 2C", "F7 06 B9 98 09 C4 3E 2C");                       // 2500 W
  expect("F7 10 B9 97 00 02 04 00 0B 09 C4 8F 38", "F7 10 B9 97 00 02 C1 EE");        // both
  expect("F7 06 B9 95 00 01 69 EC", "F7 06 B9 95 00 01 69 EC");                       // export limit on
  expect("F7 06 B9 96 13 88 55 7A", "F7 06 B9 96 13 88 55 7A");                       // 5000 W
  expect("F7 06 B7 98 00 02 BA C6", "F7 06 B7 98 00 02 BA C6");                       // work mode backup
  expect("F7 06 B1 2C 00 14 7B A6", "F7 06 B1 2C 00 14 7B A6");                       // lowest SOC 20 %
  expect("F7 10 B0 90 00 03 06 1A 03 1D 0E 05 09 1D CB", "F7 10 B0 90 00 03 B2 73");  // clock
  expect("F7 06 B9 AD 00 01 E8 21", "F7 06 B9 AD 00 01 E8 21");                       // clear eco groups
  expect("F7 10 B9 97 00 02 04 00 01 00 00 A8 F9", "F7 10 B9 97 00 02 C1 EE");        // EMS auto
}

TEST_F(MappedEt, AnswersThePublishedFramesOfTheTimeGroups) {
  expect("F7 10 B9 BB 00 06 0C 00 00 17 3B FF 7F FF D8 00 50 00 00 02 CC", "F7 10 B9 BB 00 06 01 E4");  // 40 % to 80 %
  expect("F7 10 B9 9B 00 04 08 00 00 17 3B FF D8 FF 7F 13 43", "F7 10 B9 9B 00 04 81 EF");
  EXPECT_EQ(et_.face().find("group1_power")->value[0], -40.0);
  EXPECT_NEAR(et_.face().find("group1_soc")->value[0], 0.8, 1e-9);
  EXPECT_EQ(et_.face().find("eco1_power")->value[0], -40.0);
  write(47000, 3);
  run(1s);
  EXPECT_EQ(s32(35182), -4000);
  expect("F7 06 B9 AD 00 01 E8 21", "F7 06 B9 AD 00 01 E8 21");  // clear eco groups
  EXPECT_EQ(u16(47515), 0x3000);
  EXPECT_EQ(u16(47000), 0);
}

TEST_F(MappedEt, AnswersThePublishedFramesOfOffGridAndExceptions) {
  expect("F7 10 B9 97 00 02 04 00 07 00 00 48 F8", "F7 10 B9 97 00 02 C1 EE");
  expect("F7 10 B9 97 00 02 04 00 01 00 00 A8 F9", "F7 10 B9 97 00 02 C1 EE");
  const auto refusal = [&](const std::string& pdu) {
    std::vector<std::uint8_t> frame = ask(bytes(pdu));
    frame.insert(frame.begin(), 0xF7);
    append_crc(frame);
    return frame;
  };
  EXPECT_EQ(refusal("03 8C A0 00 3A"), bytes("F7 83 02 20 C3"));  // 36000 x58
  EXPECT_EQ(refusal("06 9C 40 00 01"), bytes("F7 86 02 23 93"));  // 40000
  EXPECT_EQ(refusal("06 B9 BA 00 33"), bytes("F7 86 03 E2 53"));  // 47546 = 51 % at 50 %
  EXPECT_EQ(refusal("10 9C 40 00 01 02 00 01"), bytes("F7 90 02 2D F3"));
  EXPECT_EQ(refusal("04 89 1C 00 01"), bytes("F7 84 01 62 F2"));
}

// The frames of the clock: written 2026-03-29 14:05:09, it goes on from there.
TEST_F(MappedEt, KeepsTheClockThatIsWritten) {
  expect("F7 10 B0 90 00 03 06 1A 03 1D 0E 05 09 1D CB", "F7 10 B0 90 00 03 B2 73");
  EXPECT_EQ(ask(bytes("03 B0 90 00 03")), bytes("03 06 1A 03 1D 0E 05 09"));
  run(10s);
  EXPECT_EQ(ask(bytes("03 89 1C 00 03")), bytes("03 06 1A 03 1D 0E 05 13"));
  EXPECT_EQ(ask(bytes("10 B0 90 00 03 06 1A 0D 1D 0E 05 09")), bytes("90 03"));  // month 13
}

// Clients' side writes when they change the work mode (goodwe-et-modbus 6.5) are accepted.
TEST_F(MappedEt, AcceptsWhatClientsWriteWithAWorkMode) {
  write(47000, 1);
  EXPECT_EQ(ask(bytes("10 B9 97 00 02 04 00 07 00 00")).at(0), 0x10);
  write(45252, 1);
  write(45248, 4);
  write(47533, 1);
  EXPECT_EQ(u16(47000), 0);
  EXPECT_EQ(ask(bytes("06 B7 98 00 05")), bytes("86 03"));  // work mode 5 is of 745
}

// What client O reads in one block of a 205 (goodwe-et-modbus 9).
TEST_F(MappedEt, AnswersTheBlocksOfClientO) {
  for (const auto& [first, count] :
       {std::pair{35001, 10}, {35016, 5},  {35111, 26},  {35137, 43}, {35180, 5},  {35186, 41},
        {35250, 42},          {36003, 2},  {36005, 10},  {37000, 56}, {45127, 7},  {45222, 25},
        {45250, 30},          {45352, 7},  {45400, 120}, {47000, 39}, {47500, 19}, {47511, 2},
        {47519, 28},          {47547, 53}, {47900, 17},  {48000, 42}, {35123, 13}, {47456, 1}}) {
    const auto reply = ask({0x03, static_cast<std::uint8_t>(first >> 8), static_cast<std::uint8_t>(first), 0,
                            static_cast<std::uint8_t>(count)});
    EXPECT_EQ(reply.size(), 2U + 2U * static_cast<unsigned>(count)) << first;
  }
}

TEST_F(MappedEt, AnswersThePublishedBlockLengths) {
  EXPECT_EQ(ask({0x03, 0x89, 0x1C, 0x00, 0x7D}).size(), 252U);  // 35100 x125
  EXPECT_EQ(ask({0x03, 0x8C, 0xA0, 0x00, 0x2D}).size(), 92U);   // 36000 x45
  EXPECT_EQ(ask({0x03, 0x90, 0x88, 0x00, 0x18}).size(), 50U);   // 37000 x24
  // A 205 refuses the longer blocks of later firmware: F7 83 02 20 C3.
  EXPECT_EQ(ask({0x03, 0x8C, 0xA0, 0x00, 0x3A}), bytes("83 02"));  // 36000 x58
  EXPECT_EQ(ask({0x03, 0xB9, 0xBB, 0x00, 0x7D}), bytes("83 02"));  // 47547 x125
}

TEST_F(MappedEt, RefusesModesThatItsFirmwareDoesNotHave) {
  for (const int mode : {0, 13, 100, 254}) {
    EXPECT_EQ(ask({0x06, 0xB9, 0x97, 0x00, static_cast<std::uint8_t>(mode)}), bytes("86 03")) << mode;
  }
  EXPECT_EQ(u16(47511), 1);
}

// A written set point reaches the battery: -1500 W at some 400 V, so about -3.7 A, and mode 3 (charging).
TEST_F(MappedEt, AWrittenChargeOrderShowsOnTheBatteryRegisters) {
  write(47511, 11);
  write(47512, 1500);
  run(1s);
  EXPECT_EQ(s32(35182), -1500);
  EXPECT_EQ(u16(35184), 3);
  EXPECT_NEAR(u16(35180) * 0.1, 400.0, 20.0);                                            // 120 cells of 3.2..3.45 V
  EXPECT_NEAR(s16(35181) * 0.1 * u16(35180) * 0.1, -1500.0, 0.05 * 420.0 + 0.05 * 5.0);  // half a tenth of each
  EXPECT_EQ(u16(37007), 50);
  write(47511, 12);
  run(1s);
  EXPECT_EQ(s32(35182), 1500);
  EXPECT_EQ(u16(35184), 2);
}

// goodwe-et-modbus 3, tolerance 0 W, at several working points.
TEST_F(MappedEt, TheMakersIdentitiesHoldOnTheRegisters) {
  write(47511, 12);
  for (const int power_w : {0, 1, 333, 1234, 4321}) {
    write(47512, power_w);
    run(430ms);
    EXPECT_EQ(s32(35124) + s32(35129) + s32(35134), s32(35137)) << power_w;
    EXPECT_EQ(s32(35171), std::max(0, s32(35137) - s32(35169) - s32(35139))) << power_w;
    EXPECT_EQ(s16(35125), s32(35124)) << "low word alone is enough below 32768 W";
  }
}

TEST_F(MappedEt, TellsPvGridAndState) {
  const double pv_w = site_.lane(0).pv_available_w;
  EXPECT_NEAR(s32(35105), pv_w, 0.5);
  // Volts times amperes: half a tenth of 600 V and of 10 A.
  EXPECT_NEAR(u16(35103) * 0.1 * u16(35104) * 0.1, pv_w, 0.05 * 700.0 + 0.05 * 12.0);
  EXPECT_EQ(u16(35120), 2);
  EXPECT_NEAR(u16(35121) * 0.1, 230.0, 3.0);
  EXPECT_NEAR(u16(35122) * 0.1, pv_w / 3.0 / 231.0, 0.1);
  EXPECT_EQ(u16(35123), 5000);
  EXPECT_EQ(u16(35136), 1);
  EXPECT_EQ(u16(35187), 1);
  EXPECT_EQ(u16(36004), 0);                      // no meter at the ET
  EXPECT_NEAR(u16(35178), 2 * u16(35179), 1.0);  // the half bus is rounded by itself
  EXPECT_EQ(u16(45353), 250);
}

// 6 kW for 60 s are 100 Wh, one count of 0.1 kWh.
TEST_F(MappedEt, CountsEnergyInTenthsOfAKilowattHour) {
  EXPECT_EQ(s32(35191), 0);
  run(62s);
  EXPECT_EQ(s32(35191), 1);
  EXPECT_EQ(s32(35195), 1);
  EXPECT_EQ(u16(35199), 1);
}

TEST_F(MappedEt, EveryRowTellsItsSource) {
  for (const RegisterRow& row : server_.map().rows) EXPECT_FALSE(row.source.empty()) << row.address;
}

// Base load 200, 100 and 100 W, the inverter off: floats of input registers, by function 04 only.
TEST(MappedMeter, TellsFloatsByThePublishedMap) {
  models::Site site{one_inverter_site()};
  site.command(0).connected = false;
  ThreePhaseMeter meter{"meter", site};
  RegisterServer server{read_register_map(registers_folder + "eastron_sdm630.xml"), meter.face()};
  for (Time now{0}; now < 1s; now += 10ms) {
    site.advance();
    meter.refresh(now);
    server.refresh(now);
  }
  const auto value = [&](std::uint8_t function, int address) {
    std::array<std::uint8_t, 253> reply{};
    const std::array<std::uint8_t, 5> request{function, 0, static_cast<std::uint8_t>(address), 0, 2};
    if (server.serve(request, reply, 0ns) != 6) return -1.0F;
    const std::uint32_t bits = static_cast<std::uint32_t>(reply[2]) << 24 | static_cast<std::uint32_t>(reply[3]) << 16 |
                               static_cast<std::uint32_t>(reply[4]) << 8 | reply[5];
    return std::bit_cast<float>(bits);
  };
  EXPECT_NEAR(value(4, 12), 200.0F, 1.0F);
  EXPECT_NEAR(value(4, 52), 400.0F, 1.5F);
  EXPECT_NEAR(value(4, 0), 230.0F, 0.2F);
  EXPECT_EQ(value(4, 70), 50.0F);
  EXPECT_EQ(value(3, 12), -1.0F);
  EXPECT_EQ(value(3, 20), 1.0F);
}

// 5 kW of PV of a 745: the same quantities at their additional places; names of its firmware.
TEST(MappedEt745, TellsWhatItsPlatformAdds) {
  GoodweEt::Identity identity = ten_kilowatts();
  identity.serial = "9015KETT22AW0001";
  models::Site site{one_inverter_site()};
  GoodweEt et{"et1", site, 0, identity, {}, {}};
  RegisterServer server{read_register_map(registers_folder + "goodwe_et_745.xml"), et.face()};
  for (Time now{0}; now < 2s; now += 10ms) {
    et.latch(now);
    if (now > Time{0}) site.advance();
    et.refresh(now);
    server.refresh(now);
  }
  const auto word = [&](int address) {
    std::array<std::uint8_t, 253> reply{};
    const std::array<std::uint8_t, 5> request{3, static_cast<std::uint8_t>(address >> 8),
                                              static_cast<std::uint8_t>(address), 0, 1};
    return server.serve(request, reply, 0ns) == 4 ? reply[2] << 8 | reply[3] : -1;
  };
  EXPECT_NEAR(word(35302), site.lane(0).power.pv_w, 0.6);  // low word
  EXPECT_NEAR(word(35337), site.lane(0).power.pv_w, 0.6);
  EXPECT_EQ(word(35002), 1);
  EXPECT_EQ(word(35148), 0);  // voltage on the backup port
  EXPECT_EQ(word(36059), 0xFFFF);
  EXPECT_EQ(word(10438), 0);
  EXPECT_EQ(word(10439), 10000);
  EXPECT_EQ(word(35021), '0' << 8 | '4');
  EXPECT_EQ(word(35023), '2' << 8 | '-');  // 04062-
  EXPECT_EQ(word(42000), 1);
}

}  // namespace
}  // namespace hil::sim
