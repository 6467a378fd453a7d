#include "controller/fleet/fleet_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "controller/core/settings_store.h"
#include "controller/fleet/fleet_controller.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using Slot = std::array<std::uint8_t, storage_slot_size>;

/// A storage whose writes can be broken off.
struct Storage {
  std::array<Slot, storage_slots> slots{};
  StorageImage image() const { return {slots[0], slots[1]}; }
  void write(const StorageWrite& write, std::size_t bytes) {
    std::copy_n(write.bytes.begin(), std::min(bytes, write.count), slots[write.slot].begin());
  }
};

FleetSettings fleet() {
  FleetSettings settings;
  settings.lines[0].addresses = {1, 2};
  settings.lines[0].count = 2;
  settings.lines[0].baud = 19200;
  settings.lines[0].capacity_wh = {215e3, 100e3};
  settings.meter_address = 9;
  settings.meter_bits_per_character = 11;
  settings.strings_per_unit = 3;
  settings.unit_rating_w = 90e3;
  settings.mode = FleetMode::self_consumption;
  settings.ac_injection_w = 150e3;
  settings.ac_injection_var = -1e3;
  settings.grid_import_w = -500.0;
  settings.initial_soc = 0.6;
  settings.lowest_soc = 0.2;
  settings.highest_soc = 0.9;
  settings.has_transfer_switch = true;
  settings.islands_by_itself = true;
  settings.nominal_ln_v = 277.0;
  return settings;
}

std::vector<std::uint8_t> bytes_of(const FleetSettings& settings) {
  Slot slot{};
  const std::size_t count = encode_record(StoredFleet{.sequence = 0, .settings = settings}, slot);
  return {slot.begin(), slot.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// Ordered, and stored by the host before it goes on.
void order(FleetController& leader, Storage& storage, FleetMode mode, double ac_injection_w) {
  leader.order(mode, ac_injection_w, 0.0, 0.0, 1s);
  storage.write(leader.output().storage, leader.output().storage.count);
  leader.sent();
  leader.storage_written(true, 1s);
}

TEST(FleetStore, GivesBackWhatItWasGiven) {
  Slot slot{};
  ASSERT_GT(encode_record(StoredFleet{.sequence = 77, .settings = fleet()}, slot), 0U);
  StoredFleet read;
  ASSERT_TRUE(decode_record(slot, read));
  EXPECT_EQ(read.sequence, 77U);
  EXPECT_EQ(bytes_of(read.settings), bytes_of(fleet()));
  EXPECT_EQ(read.settings.lines[0].addresses[1], 2);
  EXPECT_EQ(read.settings.lines[0].capacity_wh[1], 100e3);
  EXPECT_EQ(read.settings.meter_bits_per_character, 11);
  EXPECT_EQ(read.settings.strings_per_unit, 3U);
  EXPECT_EQ(read.settings.mode, FleetMode::self_consumption);
  EXPECT_EQ(read.settings.ac_injection_var, -1e3);
  EXPECT_EQ(read.settings.grid_import_w, -500.0);
  EXPECT_EQ(read.settings.lowest_soc, 0.2);
  EXPECT_TRUE(read.settings.islands_by_itself);
  EXPECT_EQ(read.settings.nominal_ln_v, 277.0);
}

// The layout is read by later versions: magic, version 1, length, sequence at fixed places.
TEST(FleetStore, KeepsItsLayout) {
  Slot slot{};
  const std::size_t count = encode_record(StoredFleet{.sequence = 0x01020304, .settings = {}}, slot);
  const std::vector<std::uint8_t> head{'H',
                                       'F',
                                       'L',
                                       'T',
                                       1,
                                       0,
                                       static_cast<std::uint8_t>((count - 16) & 0xFF),
                                       static_cast<std::uint8_t>((count - 16) >> 8),
                                       4,
                                       3,
                                       2,
                                       1};
  EXPECT_TRUE(std::equal(head.begin(), head.end(), slot.begin()));
  // 3 lines of 10 + 1 + 4 + 4 + 10 x 8, meter 1 + 4 + 4, strings 1, rating 8, mode 1, powers 3 x 8, SOC 3 x 8, switch
  // 2, voltage 8.
  EXPECT_EQ(count, 12U + 297U + 9U + 1U + 8U + 1U + 24U + 24U + 2U + 8U + 4U);
}

TEST(FleetStore, RefusesEveryFlippedBitAndRecordsOfOthers) {
  Slot slot{};
  const std::size_t count = encode_record(StoredFleet{.sequence = 5, .settings = fleet()}, slot);
  StoredFleet read;
  for (std::size_t bit = 0; bit < 8 * count; ++bit) {
    Slot bad = slot;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(decode_record(bad, read)) << "bit " << bit;
  }
  EXPECT_FALSE(decode_record({slot.data(), count - 1}, read));
  EXPECT_FALSE(decode_record({}, read));
  encode_record(StoredRecord{.sequence = 5, .settings = {}, .clock = {}}, slot);
  EXPECT_FALSE(decode_record(slot, read)) << "of an energy controller";
}

TEST(FleetStore, AnOrderOutlivesTheLeader) {
  Storage storage;
  {
    FleetController leader(fleet());
    order(leader, storage, FleetMode::power, 70e3);
    order(leader, storage, FleetMode::power, 80e3);
  }
  FleetSettings installed = fleet();
  installed.transfer_switch_closed = false;
  const FleetController again(storage.image(), installed);
  EXPECT_EQ(again.settings().mode, FleetMode::power);
  EXPECT_EQ(again.settings().ac_injection_w, 80e3);
  EXPECT_EQ(again.settings().lines[0].capacity_wh[0], 215e3);
  EXPECT_FALSE(again.settings().transfer_switch_closed) << "as its contact says now";
  const FleetController without({}, installed);
  EXPECT_EQ(without.settings().mode, FleetMode::self_consumption) << "as installed where nothing is stored";
}

// At every byte, into either slot: the order before it stands, or the new one whole.
TEST(FleetStore, AWriteBrokenOffAtAnyByteLeavesTheOrderBefore) {
  for (const int orders_before : {1, 2, 3}) {
    Storage storage;
    FleetController leader(fleet());
    for (int k = 1; k <= orders_before; ++k) order(leader, storage, FleetMode::power, 1000.0 * k);
    leader.order(FleetMode::stop, 0.0, 0.0, 0.0, 2s);
    const StorageWrite write = leader.output().storage;
    ASSERT_GT(write.count, 0U);
    for (std::size_t bytes = 0; bytes <= write.count; ++bytes) {
      Storage broken = storage;
      broken.write(write, bytes);
      const bool complete =
          std::equal(write.bytes.begin(), write.bytes.begin() + static_cast<std::ptrdiff_t>(write.count),
                     broken.slots[write.slot].begin());
      FleetController after(broken.image(), fleet());
      EXPECT_EQ(after.settings().mode, complete ? FleetMode::stop : FleetMode::power) << bytes;
      EXPECT_EQ(after.settings().ac_injection_w, complete ? 0.0 : 1000.0 * orders_before) << bytes;
      // And the next write does not touch what was found.
      after.order(FleetMode::power, 55e3, 0.0, 0.0, 3s);
      EXPECT_EQ(after.output().storage.slot == write.slot, !complete) << bytes;
    }
  }
}

TEST(FleetStore, WritesNothingThatIsStoredAndTriesAgainAfterAFailure) {
  Storage storage;
  FleetController leader(fleet());
  order(leader, storage, FleetMode::power, 70e3);
  leader.order(FleetMode::power, 70e3, 0.0, 0.0, 2s);
  EXPECT_EQ(leader.output().storage.count, 0U);
  leader.order(FleetMode::power, 60e3, 0.0, 0.0, 3s);
  EXPECT_GT(leader.output().storage.count, 0U);
  leader.sent();
  leader.storage_written(false, 3s);
  leader.woken(12s);
  EXPECT_EQ(leader.output().storage.count, 0U);
  leader.sent();
  leader.woken(13s);
  EXPECT_GT(leader.output().storage.count, 0U);
}

}  // namespace
}  // namespace hil::controller
