#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/civil_clock.h"
#include "controller/core/record_slots.h"
#include "controller/settings.h"

namespace hil::controller {

/// What a slot holds.
struct StoredRecord {
  std::uint32_t sequence = 0;
  Settings settings;
  StoredClock clock;
};

/// Fixed layout, little endian:
///
///   0 "HSEC"   4 u16 version   6 u16 payload bytes   8 u32 sequence   12 payload   12 + n u32 CRC-32 of all before
///
/// Numbers that are not whole as IEEE 754 binary64. A field more or in another place is a new version; a record of
/// another version is not read.
inline constexpr std::uint16_t storage_version = 1;
std::size_t encode_record(const StoredRecord& record, std::span<std::uint8_t, storage_slot_size> bytes) noexcept;
/// False unless magic, version, length, checksum and every enumeration are right; then `record` is undetermined.
/// Further bytes are not looked at.
bool decode_record(std::span<const std::uint8_t> bytes, StoredRecord& record) noexcept;

/// Keeps settings and clock in two slots by turns, as RecordSlots says.
class SettingsStore {
 public:
  /// The newest valid record; nullopt when neither slot has one. Later writes go on from it.
  std::optional<StoredRecord> load(const StorageImage& image) noexcept { return slots_.load(image); }

  /// To be written soon; the same settings as stored last cost no write.
  void save(const Settings& settings) noexcept { slots_.change().settings = settings; }
  void save_clock(const StoredClock& clock) noexcept { slots_.change().clock = clock; }

  /// Puts a write that is due into `write`, when none is under way.
  void ask(Time now, StorageWrite& write) noexcept { slots_.ask(now, write); }
  /// The host has done the last write; false: it could not. Then it is tried again after ten seconds (chosen).
  void written(bool good, Time now) noexcept { slots_.written(good, now); }
  Time next_wake() const noexcept { return slots_.next_wake(); }

  const StoredClock& clock() const { return slots_.wanted().clock; }
  std::uint32_t failures() const { return slots_.failures(); }

 private:
  RecordSlots<StoredRecord> slots_;
};

}  // namespace hil::controller
