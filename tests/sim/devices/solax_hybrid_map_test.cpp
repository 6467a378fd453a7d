// The SolaX G4 behind scenarios/registers/solax_g4.xml, asked in frames: published vectors, a client's blocks, the
// lock.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sim/devices/solax_port.h"
#include "tests/sim/devices/running_solax.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::RunningSolax;

std::vector<std::uint8_t> bytes(const std::string& hex) {
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 3) {
    result.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return result;
}

SolaxHybrid::Identity published_identity() {
  SolaxHybrid::Identity identity = test::ten_kilowatt_solax();
  identity.serial = "H47522ZHENGWEN";
  return identity;
}

class MappedSolax : public testing::Test {
 protected:
  MappedSolax() { device_.run(1s); }
  /// Whole frames of unit 1; their CRCs are checked on the way.
  void expect(const std::string& request_hex, const std::string& reply_hex) {
    const std::vector<std::uint8_t> request = bytes(request_hex);
    ASSERT_TRUE(has_valid_crc(request)) << request_hex;
    std::vector<std::uint8_t> reply = device_.ask({request.begin() + 1, request.end() - 2});
    reply.insert(reply.begin(), request[0]);
    append_crc(reply);
    EXPECT_EQ(reply, bytes(reply_hex)) << request_hex;
  }

  RunningSolax device_{{}, one_inverter_site(), published_identity()};
};

// solax-parallel 13: the frames of the maker's protocol description.
TEST_F(MappedSolax, AnswersThePublishedFrames) {
  expect("01 03 00 00 00 07 04 08", "01 03 0E 48 34 37 35 32 32 5A 48 45 4E 47 57 45 4E 63 26");
  expect("01 04 00 43 00 03 41 DF", "01 04 06 00 00 00 00 00 00 60 93");
  device_.unlock();
  expect("01 06 00 02 00 3C 28 1B", "01 06 00 02 00 3C 28 1B");
  EXPECT_EQ(device_.holding(0x18), 60);
}

// 2021-01-12 14:21:56; it goes on from there.
TEST_F(MappedSolax, KeepsTheClockOfThePublishedFrame) {
  expect("01 10 00 00 00 06 0C 00 38 00 15 00 0E 00 0C 00 01 00 15 42 E9", "01 10 00 00 00 06 40 0B");
  EXPECT_EQ(device_.read(3, 0x85, 6), (std::vector{56, 21, 14, 12, 1, 21}));
  device_.run(10s);
  EXPECT_EQ(device_.read(3, 0x85, 6), (std::vector{6, 22, 14, 12, 1, 21}));
}

TEST_F(MappedSolax, AnswersTheParallelBlockInOneRequest) {
  const std::vector<std::uint8_t> request = bytes("01 04 01 DD 00 57 20 32");
  ASSERT_TRUE(has_valid_crc(request));
  EXPECT_EQ(device_.ask({request.begin() + 1, request.end() - 2}).size(), 2U + 2U * 0x57U);
}

// The totals are those of master and slaves; -1000 W reads FC18 FFFF.
TEST_F(MappedSolax, AMasterTellsItsSlavesAndTheTotals) {
  device_.unlock();
  device_.night();
  EXPECT_EQ(device_.write(0x1F, 3), 0);  // manual, stop: nothing of its own flows
  device_.solax.set_parallel({.role = SolaxParallel::Role::master, .units = 3});
  SolaxUnitValues slave;
  slave.injection_w = {-1000.0, 200.0, 300.0};
  slave.battery_charge_w = 1500.0;
  slave.battery_soc = 0.42;
  device_.solax.tell_slave(1, slave);
  device_.run(1s);
  EXPECT_EQ(device_.input(0x1DD), 3);
  EXPECT_EQ(device_.read(4, 0x1E0, 2), (std::vector{0xFC18, 0xFFFF}));
  EXPECT_EQ(device_.input_long(0x1E4), 300);
  EXPECT_EQ(device_.input_long(0x1FA), 1500);
  EXPECT_EQ(device_.input_signed(0x21E), -1000);
  EXPECT_EQ(device_.input(0x21E + 0x15), 42);
  EXPECT_EQ(device_.input(0x204 + 0x15), 0);  // slave 1 is not there
  device_.solax.tell_slave(1, std::nullopt);
  device_.run(1s);
  EXPECT_EQ(device_.input(0x21E + 0x15), 0);
}

// What the client of solax-parallel 12 reads: each must succeed.
TEST_F(MappedSolax, AnswersEveryBlockOfARealClient) {
  for (const auto& [first, count] :
       {std::pair{0x0000, 7}, {0x007D, 8}, {0x007B, 2}, {0x0007, 87}, {0x007B, 93}, {0x0102, 101}, {0x0167, 65}}) {
    EXPECT_EQ(device_.read(3, first, count).size(), static_cast<std::size_t>(count)) << first;
  }
  for (const auto& [first, count] : {std::pair{0x0000, 85}, {0x0066, 101}, {0x00CB, 77}, {0x01DD, 87}}) {
    EXPECT_EQ(device_.read(4, first, count).size(), static_cast<std::size_t>(count)) << first;
  }
}

TEST_F(MappedSolax, RefusesWhatLiesBeyond) {
  EXPECT_EQ(device_.ask({3, 0x01, 0xA8, 0, 1}), bytes("83 02"));
  EXPECT_EQ(device_.ask({4, 0x01, 0x22, 0, 1}), bytes("84 02"));
  EXPECT_EQ(device_.ask({1, 0, 0, 0, 1}), bytes("81 01"));
  EXPECT_EQ(device_.ask({5, 0, 0, 0xFF, 0}), bytes("85 01"));
  device_.unlock();
  EXPECT_EQ(device_.write(0x03, 1), 2);          // no setting has that address
  EXPECT_EQ(device_.write_block(0x24, {1}), 2);  // written by function 06 only
}

// 14 characters, but function 06 writes the lock at 0 and function 16 the clock there.
TEST_F(MappedSolax, TheSameAddressIsAnotherRegisterForEachFunction) {
  EXPECT_EQ(device_.holding(0), 'H' << 8 | '4');
  device_.unlock();
  EXPECT_EQ(device_.holding(0), 'H' << 8 | '4');
  EXPECT_EQ(device_.write(0x1F, 1), 0);
  EXPECT_EQ(device_.holding(0x8B), 1);
  EXPECT_EQ(device_.holding(0x1F), 2530);
}

TEST_F(MappedSolax, KeepsSettingsBehindTheLock) {
  EXPECT_EQ(device_.input(0x54), 0);
  EXPECT_EQ(device_.write(0x1F, 1), 4);
  EXPECT_EQ(device_.holding(0x8B), 0);
  EXPECT_EQ(device_.write_block(0x1B, {0x0100, 0x0200, 0, 0x173B}), 4);
  EXPECT_EQ(device_.write(0x00, 2014), 0);
  device_.run(1s);
  EXPECT_EQ(device_.input(0x54), 1);
  EXPECT_EQ(device_.write(0x1F, 1), 0);
  EXPECT_EQ(device_.write(0x00, 6868), 0);
  device_.run(1s);
  EXPECT_EQ(device_.input(0x54), 2);
  EXPECT_EQ(device_.write(0x00, 1234), 0);
  device_.run(1s);
  EXPECT_EQ(device_.input(0x54), 0);
  EXPECT_EQ(device_.write(0x1F, 0), 4);
  EXPECT_EQ(device_.holding(0x8B), 1);
}

TEST_F(MappedSolax, TakesRemoteControlAndClockWhileLocked) {
  EXPECT_EQ(device_.write_block(0x7C, {0}), 0);
  EXPECT_EQ(device_.write_block(0xA0, {0}), 0);
  EXPECT_EQ(device_.write_block(0x00, {0, 0, 12, 1, 6, 26}), 0);
}

TEST_F(MappedSolax, TurnsTheBytesOfATimeRound) {
  device_.unlock();
  EXPECT_EQ(device_.write(0x68, 5 << 8 | 30), 0);  // 05:30
  EXPECT_EQ(device_.holding(0x97), 30 << 8 | 5);
  EXPECT_EQ(device_.write(0x68, 24 << 8), 3);
  EXPECT_EQ(device_.write_block(0x1B, {1 << 8, 2 << 8, 3 << 8, 4 << 8 | 15}), 0);
  EXPECT_EQ(device_.read(3, 0x97, 4), (std::vector{1, 2, 3, 15 << 8 | 4}));
}

TEST_F(MappedSolax, ShowsTwoSettingsInTheBytesOfOneRegister) {
  device_.unlock();
  EXPECT_EQ(device_.write(0x61, 25), 0);
  EXPECT_EQ(device_.write(0x62, 1), 0);
  EXPECT_EQ(device_.holding(0x93), 25 << 8 | 1);
  EXPECT_EQ(device_.write(0x66, 90), 0);
  EXPECT_EQ(device_.write(0x67, 35), 0);
  EXPECT_EQ(device_.holding(0x96), 90 << 8 | 35);
  EXPECT_EQ(device_.write(0x67, 14), 3);
}

// Every register that function 06 writes takes the lowest value of its range.
TEST_F(MappedSolax, TakesEveryWriteOfItsTable) {
  for (const RegisterRow& row : device_.server.map().rows) {
    if (row.table != Table::single_write || row.binding == "unlock_password" || row.binding == "restart") continue;
    device_.unlock();
    const double value = row.lowest.value_or(0.0);
    EXPECT_EQ(device_.write(row.address, static_cast<int>(std::lround(value / row.scale))), 0) << row.binding;
  }
}

TEST_F(MappedSolax, EveryRowTellsItsSource) {
  for (const RegisterRow& row : device_.server.map().rows) EXPECT_FALSE(row.source.empty()) << row.address;
}

// solax-parallel 5: house load = P_inv - P_grid = PV - P_bat - P_grid, within a few watts.
TEST_F(MappedSolax, TheIdentitiesOfAClientHold) {
  device_.run(20s);
  const int inverter_w = device_.input_signed(0x6C) + device_.input_signed(0x70) + device_.input_signed(0x74);
  const int grid_w = device_.input_long(0x46);
  EXPECT_NEAR(inverter_w - grid_w, 400, 10);
  EXPECT_NEAR(device_.input(0x0A) - device_.input_signed(0x16) - grid_w, 400, 10);
  EXPECT_GT(device_.input_signed(0x16), 1000);  // it charges
  EXPECT_EQ(device_.input(0x19), 1);
  EXPECT_EQ(device_.input(0x09), 2);
  EXPECT_NEAR(device_.input(0x1C), 50, 1);
}

// A second between requests; the strict variant leaves those without an answer that come sooner.
TEST_F(MappedSolax, CountsRequestsThatComeTooSoon) {
  SolaxPort patient{device_.solax, device_.server, false};
  SolaxPort strict{device_.solax, device_.server, true};
  std::array<std::uint8_t, 253> reply{};
  const std::vector<std::uint8_t> request = bytes("03 00 00 00 07");
  for (const Time at : {Time{0s}, Time{1s}, Time{1500ms}}) EXPECT_EQ(patient.serve(request, reply, at), 16U);
  EXPECT_EQ(patient.rushed_requests(), 1.0);
  EXPECT_EQ(strict.serve(request, reply, 0s), 16U);
  EXPECT_EQ(strict.serve(request, reply, 999ms), 0U);
  EXPECT_EQ(strict.serve(request, reply, 2s), 16U);
  EXPECT_EQ(strict.rushed_requests(), 1.0);
}

// Ten seconds of silence after its supply is back, settings as they were and the lock closed.
TEST_F(MappedSolax, IsSilentUntilItHasBooted) {
  SolaxPort port{device_.solax, device_.server, false};
  std::array<std::uint8_t, 253> reply{};
  const std::vector<std::uint8_t> request = bytes("03 00 8B 00 01");
  device_.unlock();
  ASSERT_EQ(device_.write(0x1F, 1), 0);
  device_.solax.set_supply(false);
  device_.run(1s);
  EXPECT_EQ(port.serve(request, reply, device_.now), 0U);
  device_.solax.set_supply(true);
  device_.run(9s);
  EXPECT_EQ(port.serve(request, reply, device_.now), 0U);
  device_.run(2s);
  EXPECT_EQ(port.serve(request, reply, device_.now), 4U);
  EXPECT_EQ(reply[3], 1);
  EXPECT_EQ(device_.input(0x54), 0);
}

}  // namespace
}  // namespace hil::sim
