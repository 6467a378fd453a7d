#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/record_format.h"
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

/// Keeps one record in two slots of non-volatile storage by turns: a write never touches the newest good record, so one
/// that is broken off at any byte leaves that one. The newest is the one whose sequence is ahead (of 2^32, as serial
/// numbers are compared).
///
/// `Record` has a `sequence`, and functions encode_record(record, slot) and decode_record(bytes, record) of its own.
template <typename Record>
class RecordSlots {
 public:
  /// The newest valid record; nullopt when neither slot has one. Later writes go on from it.
  std::optional<Record> load(const StorageImage& image) noexcept {
    std::optional<Record> newest;
    for (std::size_t slot = 0; slot < image.size(); ++slot) {
      Record record;
      if (!decode_record(image[slot], record)) continue;
      if (newest && static_cast<std::int32_t>(record.sequence - newest->sequence) <= 0) continue;
      newest = record;
      newest_slot_ = slot;
    }
    if (!newest) return std::nullopt;
    wanted_ = *newest;
    sequence_ = newest->sequence;
    stored_count_ = encode_record(*newest, stored_);
    return newest;
  }

  /// To be written soon; the same as stored last costs no write.
  void save(const Record& record) noexcept { change() = record; }
  /// What is to be written soon, to be changed in place.
  Record& change() noexcept {
    waiting_ = true;
    return wanted_;
  }
  /// What was loaded, with what was changed since.
  const Record& wanted() const noexcept { return wanted_; }

  /// Puts a write that is due into `write`, when none is under way.
  void ask(Time now, StorageWrite& write) noexcept {
    if (!waiting_ || under_way_ || write.count != 0 || now < retry_at_) return;
    waiting_ = false;
    wanted_.sequence = sequence_ + 1;
    writing_count_ = encode_record(wanted_, writing_);
    const auto wanted = payload_of({writing_.data(), writing_count_});
    const auto stored = payload_of({stored_.data(), stored_count_});
    if (std::equal(wanted.begin(), wanted.end(), stored.begin(), stored.end())) return;
    under_way_ = true;
    write.slot = 1 - newest_slot_;
    write.bytes = writing_;
    write.count = writing_count_;
  }

  /// The host has done the last write; false: it could not. Then it is tried again after ten seconds (chosen).
  void written(bool good, Time now) noexcept {
    if (!under_way_) return;
    under_way_ = false;
    if (!good) {
      ++failures_;
      waiting_ = true;
      retry_at_ = now + retry_pause;
      return;
    }
    newest_slot_ = 1 - newest_slot_;
    ++sequence_;  // that of the record which was written, whatever is wanted by now
    stored_ = writing_;
    stored_count_ = writing_count_;
    retry_at_ = now;
  }
  Time next_wake() const noexcept { return waiting_ && !under_way_ ? retry_at_ : Time::max(); }
  /// Writes that the host could not do, since the start.
  std::uint32_t failures() const noexcept { return failures_; }

 private:
  static constexpr Time retry_pause = std::chrono::seconds{10};

  Record wanted_{};
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
