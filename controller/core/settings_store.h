#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/civil_clock.h"
#include "controller/settings.h"

namespace hil::controller {

inline constexpr std::size_t storage_slots = 2;
inline constexpr std::size_t storage_slot_size = 512;  ///< at least; a record takes less

/// What the host read out of each slot at start; empty: nothing there, or not readable.
using StorageImage = std::array<std::span<const std::uint8_t>, storage_slots>;

/// The host is to write these bytes at the beginning of a slot and then to say storage_written().
struct StorageWrite {
  std::size_t slot = 0;
  std::array<std::uint8_t, storage_slot_size> bytes{};
  std::size_t count = 0;  ///< 0: nothing to write
  std::span<const std::uint8_t> pending() const { return {bytes.data(), count}; }
};

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
/// nullopt unless magic, version, length, checksum and every enumeration are right. Further bytes are not looked at.
std::optional<StoredRecord> decode_record(std::span<const std::uint8_t> bytes) noexcept;

/// Keeps settings in two slots by turns: a write never touches the newest good record, so one that is broken off at
/// any byte leaves that one. The newest is the one whose sequence is ahead (of 2^32, as serial numbers are compared).
class SettingsStore {
 public:
  /// The newest valid record; nullopt when neither slot has one. Later writes go on from it.
  std::optional<StoredRecord> load(const StorageImage& image) noexcept;

  /// To be written soon; the same settings as stored last cost no write.
  void save(const Settings& settings) noexcept;
  void save_clock(const StoredClock& clock) noexcept;

  /// Puts a write that is due into `write`, when none is under way.
  void ask(Time now, StorageWrite& write) noexcept;
  /// The host has done the last write; false: it could not. Then it is tried again after ten seconds (chosen).
  void written(bool good, Time now) noexcept;
  Time next_wake() const noexcept { return waiting_ && !under_way_ ? retry_at_ : Time::max(); }

  const StoredClock& clock() const { return wanted_.clock; }
  std::uint32_t failures() const { return failures_; }

 private:
  StoredRecord wanted_;
  std::array<std::uint8_t, storage_slot_size> stored_{};  ///< newest good record
  std::size_t stored_count_ = 0;
  std::array<std::uint8_t, storage_slot_size> writing_{};
  std::size_t writing_count_ = 0;
  std::size_t newest_slot_ = 1;
  std::uint32_t sequence_ = 0;  ///< of the newest good record
  bool waiting_ = false;
  bool under_way_ = false;
  Time retry_at_{0};
  std::uint32_t failures_ = 0;
};

}  // namespace hil::controller
