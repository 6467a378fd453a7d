#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/settings.h"

namespace hil::controller {

/// What a record in non-volatile storage is made of. Fixed layout, little endian:
///
///   0 magic   4 u16 version   6 u16 payload bytes   8 u32 sequence   12 payload   12 + n u32 CRC-32 of all before
struct RecordKind {
  std::array<std::uint8_t, 4> magic{};
  std::uint16_t version = 1;
};
inline constexpr std::size_t record_head_size = 12;
inline constexpr std::size_t record_crc_size = 4;

/// Where the payload goes in a slot.
inline std::span<std::uint8_t> payload_place(std::span<std::uint8_t> slot) {
  return slot.subspan(record_head_size, slot.size() - record_head_size - record_crc_size);
}
/// Puts head and checksum around the payload that stands at its place; returns the size of the record.
std::size_t seal_record(const RecordKind& kind, std::uint32_t sequence, std::size_t payload_size,
                        std::span<std::uint8_t> slot) noexcept;

struct OpenedRecord {
  std::uint32_t sequence = 0;
  std::span<const std::uint8_t> payload;
};
/// nullopt unless magic, version, length and checksum are right. Further bytes are not looked at.
std::optional<OpenedRecord> open_record(const RecordKind& kind, std::span<const std::uint8_t> bytes) noexcept;
/// Of a whole record; empty when it is too short to have one.
std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> record) noexcept;

/// Little endian, one after the other; beyond the end nothing happens, and ok() says so.
class RecordWriter {
 public:
  explicit RecordWriter(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  void whole(std::uint64_t value, std::size_t size) {
    for (std::size_t k = 0; k < size; ++k) {
      if (count_ == bytes_.size()) {
        ok_ = false;
        return;
      }
      bytes_[count_++] = static_cast<std::uint8_t>(value >> (8 * k) & 0xFF);
    }
  }
  bool ok() const { return ok_; }
  std::size_t count() const { return count_; }

 private:
  std::span<std::uint8_t> bytes_;
  std::size_t count_ = 0;
  bool ok_ = true;
};

class RecordReader {
 public:
  explicit RecordReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t whole(std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t k = 0; k < size; ++k) {
      if (count_ == bytes_.size()) {
        ok_ = false;
        return 0;
      }
      value |= std::uint64_t{bytes_[count_++]} << (8 * k);
    }
    return value;
  }
  void refuse() { ok_ = false; }
  /// Everything was there, and nothing is left.
  bool ok() const { return ok_ && count_ == bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t count_ = 0;
  bool ok_ = true;
};

// One overload of each kind for writing and one for reading, so that the visit() of a record is the only list of its
// fields. Numbers that are not whole as IEEE 754 binary64.
inline void field(RecordWriter& writer, const std::uint8_t& value) {
  writer.whole(value, 1);
}
inline void field(RecordReader& reader, std::uint8_t& value) {
  value = static_cast<std::uint8_t>(reader.whole(1));
}
inline void field(RecordWriter& writer, const std::uint32_t& value) {
  writer.whole(value, 4);
}
inline void field(RecordReader& reader, std::uint32_t& value) {
  value = static_cast<std::uint32_t>(reader.whole(4));
}
inline void field(RecordWriter& writer, const std::int32_t& value) {
  writer.whole(static_cast<std::uint32_t>(value), 4);
}
inline void field(RecordReader& reader, std::int32_t& value) {
  value = static_cast<std::int32_t>(static_cast<std::uint32_t>(reader.whole(4)));
}
inline void field(RecordWriter& writer, const double& value) {
  writer.whole(std::bit_cast<std::uint64_t>(value), 8);
}
inline void field(RecordReader& reader, double& value) {
  value = std::bit_cast<double>(reader.whole(8));
}
inline void field(RecordWriter& writer, const bool& value) {
  writer.whole(value ? 1 : 0, 1);
}
inline void field(RecordReader& reader, bool& value) {
  const std::uint64_t raw = reader.whole(1);
  if (raw > 1) reader.refuse();
  value = raw == 1;
}
template <typename Archive, typename Bytes>
void bytes_field(Archive& archive, Bytes& bytes) {
  for (auto& byte : bytes) field(archive, byte);
}

/// An enumeration or a count as one byte, lowest..highest.
template <typename Value>
void small_field(RecordWriter& writer, const Value& value, int /*lowest*/, int /*highest*/) {
  writer.whole(static_cast<std::uint64_t>(value), 1);
}
template <typename Value>
void small_field(RecordReader& reader, Value& value, int lowest, int highest) {
  const auto raw = static_cast<int>(reader.whole(1));
  if (raw < lowest || raw > highest) return reader.refuse();
  value = static_cast<Value>(raw);
}

/// A serial line with its units; `Line` is Settings::Line, const when it is written. The names take it apart as a
/// whole: a field that is added to it and not stored does not compile.
template <typename Archive, typename Line>
void line_field(Archive& archive, Line& line) {
  auto& [addresses, count, baud, bits_per_character, capacity_wh] = line;
  bytes_field(archive, addresses);
  small_field(archive, count, 0, static_cast<int>(max_units_per_line));
  field(archive, baud);
  field(archive, bits_per_character);
  for (auto& each_wh : capacity_wh) field(archive, each_wh);
}

}  // namespace hil::controller
