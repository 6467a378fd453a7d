#include "controller/core/settings_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "controller/core/commissioning.h"
#include "tests/controller/small_bench.h"

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

Settings settings_with_limit(double export_limit_w) {
  Settings settings = tests::SmallBench::settings_for({0, 0, 1, 2}, export_limit_w);
  settings.control_mode = ControlMode::rcr;
  settings.phase_mode = PhaseMode::each;
  settings.freeze_cure_enabled = false;
  settings.meter_baud = 19200;
  settings.active_power_share = 0.6;
  settings.reactive_mode = ReactiveMode::power_factor;
  settings.power_factor = -0.95;
  settings.reactive_power_var = -1234.5;
  settings.network = {.dhcp = false, .address = {10, 0, 0, 7}, .netmask = {255, 0, 0, 0}, .gateway = {10, 0, 0, 1}};
  return settings;
}

/// Everything that is stored, as bytes.
std::vector<std::uint8_t> image_of(const Settings& settings, const StoredClock& clock = {}) {
  Slot slot{};
  const std::size_t count = encode_record({.sequence = 0, .settings = settings, .clock = clock}, slot);
  return {slot.begin(), slot.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::optional<StoredRecord> decoded(std::span<const std::uint8_t> bytes) {
  StoredRecord record;
  return decode_record(bytes, record) ? std::optional(record) : std::nullopt;
}

/// Saves and lets the host write the whole record.
void save(SettingsStore& store, Storage& storage, double export_limit_w) {
  store.save(settings_with_limit(export_limit_w));
  StorageWrite write;
  store.ask(0s, write);
  storage.write(write, write.count);
  store.written(true, 0s);
}

TEST(SettingsStore, GivesBackWhatItWasGiven) {
  Slot slot{};
  const StoredRecord record{.sequence = 77,
                            .settings = settings_with_limit(-2500.0),
                            .clock = {.valid = true, .seconds_since_2000 = 826'000'000}};
  const std::size_t count = encode_record(record, slot);
  ASSERT_GT(count, 0U);
  const auto read = decoded(slot);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sequence, 77U);
  EXPECT_EQ(read->clock, record.clock);
  EXPECT_EQ(read->settings.control_mode, ControlMode::rcr);
  EXPECT_EQ(read->settings.phase_mode, PhaseMode::each);
  EXPECT_EQ(read->settings.reactive_mode, ReactiveMode::power_factor);
  EXPECT_FALSE(read->settings.freeze_cure_enabled);
  EXPECT_DOUBLE_EQ(read->settings.export_limit_w, -2500.0);
  EXPECT_DOUBLE_EQ(read->settings.total_capacity_w, 40000.0);
  EXPECT_DOUBLE_EQ(read->settings.ct_ratio, 50.0);
  EXPECT_DOUBLE_EQ(read->settings.active_power_share, 0.6);
  EXPECT_DOUBLE_EQ(read->settings.power_factor, -0.95);
  EXPECT_DOUBLE_EQ(read->settings.reactive_power_var, -1234.5);
  EXPECT_EQ(read->settings.meter_baud, 19200);
  EXPECT_EQ(read->settings.inverter_lines[0].count, 2U);
  EXPECT_EQ(read->settings.inverter_lines[2].addresses[0], 14);
  EXPECT_EQ(read->settings.network, record.settings.network);
}

TEST(SettingsStore, ALimitThatWasNotEnteredStaysSo) {
  Slot slot{};
  encode_record({.sequence = 1, .settings = factory_settings(), .clock = {}}, slot);
  const auto read = decoded(slot);
  ASSERT_TRUE(read);
  EXPECT_EQ(check_setup(read->settings), check_setup(factory_settings()));
}

// The layout is read by later versions: magic, version 1, length, sequence at fixed places.
TEST(SettingsStore, KeepsItsLayout) {
  Slot slot{};
  const std::size_t count = encode_record({.sequence = 0x01020304, .settings = {}, .clock = {}}, slot);
  const std::vector<std::uint8_t> head{'H',
                                       'S',
                                       'E',
                                       'C',
                                       1,
                                       0,
                                       static_cast<std::uint8_t>((count - 16) & 0xFF),
                                       static_cast<std::uint8_t>((count - 16) >> 8),
                                       4,
                                       3,
                                       2,
                                       1};
  EXPECT_TRUE(std::equal(head.begin(), head.end(), slot.begin()));
  // 3 lines of 10 + 1 + 4 + 4 + 10 x 8, meter 1 + 4 + 4, modes 3, limit to share 4 x 8, reactive 1 + 2 x 8, contacts
  // 4 + 8 + 4 x 8 + 1 + 8, network 13, clock 5.
  EXPECT_EQ(count, 12U + 297U + 9U + 3U + 32U + 17U + 53U + 13U + 5U + 4U);
}

TEST(SettingsStore, RefusesEveryFlippedBit) {
  Slot slot{};
  const std::size_t count = encode_record({.sequence = 5, .settings = settings_with_limit(0.0), .clock = {}}, slot);
  for (std::size_t bit = 0; bit < 8 * count; ++bit) {
    Slot bad = slot;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(decoded(bad)) << "bit " << bit;
  }
  EXPECT_FALSE(decoded({slot.data(), count - 1}));
  EXPECT_FALSE(decoded({}));
}

TEST(SettingsStore, ChoosesTheNewestOfTwoSlots) {
  Storage storage;
  SettingsStore store;
  EXPECT_FALSE(store.load(storage.image()));
  save(store, storage, 100.0);
  save(store, storage, 200.0);
  SettingsStore second;
  auto read = second.load(storage.image());
  ASSERT_TRUE(read);
  EXPECT_DOUBLE_EQ(read->settings.export_limit_w, 200.0);
  save(second, storage, 300.0);  // goes over the older one
  SettingsStore third;
  read = third.load(storage.image());
  ASSERT_TRUE(read);
  EXPECT_DOUBLE_EQ(read->settings.export_limit_w, 300.0);
}

TEST(SettingsStore, TheSequenceMayRunOver) {
  Storage storage;
  encode_record({.sequence = 0xFFFFFFFF, .settings = settings_with_limit(1.0), .clock = {}}, storage.slots[1]);
  encode_record({.sequence = 0, .settings = settings_with_limit(2.0), .clock = {}}, storage.slots[0]);
  SettingsStore store;
  const auto read = store.load(storage.image());
  ASSERT_TRUE(read);
  EXPECT_DOUBLE_EQ(read->settings.export_limit_w, 2.0);
}

// At every byte, into either slot, over an erased slot as over an older record. A write that is broken off behind its
// last byte is complete; before that the old settings must stand, unless the missing bytes were there already.
TEST(SettingsStore, AWriteBrokenOffAtAnyByteLeavesTheOldSettings) {
  for (const int saves_before : {1, 2, 3, 4}) {
    for (const std::uint8_t erased : {std::uint8_t{0x00}, std::uint8_t{0xFF}}) {
      Storage storage;
      for (Slot& slot : storage.slots) slot.fill(erased);
      SettingsStore store;
      for (int k = 0; k < saves_before; ++k) save(store, storage, 1000.0 + k);
      const auto before = image_of(store.load(storage.image())->settings);
      store.save(settings_with_limit(-7.0));
      StorageWrite write;
      store.ask(0s, write);
      ASSERT_GT(write.count, 0U);
      for (std::size_t bytes = 0; bytes <= write.count; ++bytes) {
        Storage broken = storage;
        broken.write(write, bytes);
        const bool complete =
            std::equal(write.bytes.begin(), write.bytes.begin() + static_cast<std::ptrdiff_t>(write.count),
                       broken.slots[write.slot].begin());
        SettingsStore after;
        const auto read = after.load(broken.image());
        ASSERT_TRUE(read) << bytes;
        EXPECT_EQ(image_of(read->settings), complete ? image_of(settings_with_limit(-7.0)) : before) << bytes;
        // And the next write does not touch what was found.
        after.save(settings_with_limit(55.0));
        StorageWrite next;
        after.ask(0s, next);
        EXPECT_EQ(next.slot == write.slot, !complete);
      }
    }
  }
}

// The first write of all: until its last byte there is nothing, and the controller starts uncommissioned, every limit
// 0.
TEST(SettingsStore, TheFirstWriteBrokenOffAtAnyByteLeavesAnUncommissionedController) {
  for (const std::uint8_t erased : {std::uint8_t{0x00}, std::uint8_t{0xFF}, std::uint8_t{0xA5}}) {
    SettingsStore store;
    Storage empty;
    for (Slot& slot : empty.slots) slot.fill(erased);
    EXPECT_FALSE(store.load(empty.image()));
    store.save(settings_with_limit(5000.0));
    StorageWrite write;
    store.ask(0s, write);
    ASSERT_GT(write.count, 0U);
    for (std::size_t bytes = 0; bytes <= write.count; ++bytes) {
      Storage broken = empty;
      broken.write(write, bytes);
      const bool complete =
          std::equal(write.bytes.begin(), write.bytes.begin() + static_cast<std::ptrdiff_t>(write.count),
                     broken.slots[write.slot].begin());
      const Controller controller{broken.image()};
      EXPECT_EQ(image_of(controller.settings()), image_of(complete ? settings_with_limit(5000.0) : factory_settings()))
          << bytes;
      EXPECT_EQ(controller.setup_faults().unsafe(), !complete) << bytes;
    }
  }
}

TEST(SettingsStore, WritesNothingThatIsStoredAlready) {
  Storage storage;
  SettingsStore store;
  save(store, storage, 100.0);
  store.save(settings_with_limit(100.0));
  StorageWrite write;
  store.ask(1s, write);
  EXPECT_EQ(write.count, 0U);
  EXPECT_EQ(store.next_wake(), Time::max());
}

TEST(SettingsStore, TriesAgainTenSecondsAfterAFailedWrite) {
  SettingsStore store;
  store.save(settings_with_limit(100.0));
  StorageWrite write;
  store.ask(1s, write);
  const std::size_t slot = write.slot;
  EXPECT_GT(write.count, 0U);
  store.written(false, 2s);
  EXPECT_EQ(store.failures(), 1U);
  EXPECT_EQ(store.next_wake(), 12s);
  write.count = 0;
  store.ask(11s, write);
  EXPECT_EQ(write.count, 0U);
  store.ask(12s, write);
  EXPECT_GT(write.count, 0U);
  EXPECT_EQ(write.slot, slot);
}

TEST(SettingsStore, WhatIsSavedDuringAWriteFollowsIt) {
  Storage storage;
  SettingsStore store;
  store.save(settings_with_limit(1.0));
  StorageWrite write;
  store.ask(0s, write);
  store.save(settings_with_limit(2.0));
  StorageWrite early;
  store.ask(0s, early);
  EXPECT_EQ(early.count, 0U);
  storage.write(write, write.count);
  store.written(true, 1s);
  StorageWrite second;
  store.ask(1s, second);
  ASSERT_GT(second.count, 0U);
  EXPECT_NE(second.slot, write.slot);
  storage.write(second, second.count);
  SettingsStore after;
  EXPECT_DOUBLE_EQ(after.load(storage.image())->settings.export_limit_w, 2.0);
}

TEST(SettingsStore, KeepsTheClockBesideTheSettings) {
  Storage storage;
  SettingsStore store;
  save(store, storage, 100.0);
  store.save_clock({.valid = true, .seconds_since_2000 = 12345});
  StorageWrite write;
  store.ask(0s, write);
  storage.write(write, write.count);
  store.written(true, 0s);
  SettingsStore after;
  const auto read = after.load(storage.image());
  EXPECT_EQ(after.clock(), (StoredClock{.valid = true, .seconds_since_2000 = 12345}));
  EXPECT_DOUBLE_EQ(read->settings.export_limit_w, 100.0);
}

}  // namespace
}  // namespace hil::controller
