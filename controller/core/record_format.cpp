#include "controller/core/record_format.h"

#include <algorithm>

namespace hil::controller {
namespace {

/// CRC-32 of IEEE 802.3: polynomial EDB88320 reflected, start and end inverted.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

}  // namespace

std::size_t seal_record(const RecordKind& kind, std::uint32_t sequence, std::size_t payload_size,
                        std::span<std::uint8_t> slot) noexcept {
  std::copy(kind.magic.begin(), kind.magic.end(), slot.begin());
  RecordWriter head{slot.subspan(kind.magic.size())};
  head.whole(kind.version, 2);
  head.whole(payload_size, 2);
  head.whole(sequence, 4);
  const std::size_t size = record_head_size + payload_size;
  RecordWriter crc{slot.subspan(size)};
  crc.whole(crc32(slot.first(size)), record_crc_size);
  return size + record_crc_size;
}

std::optional<OpenedRecord> open_record(const RecordKind& kind, std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() < record_head_size + record_crc_size ||
      !std::equal(kind.magic.begin(), kind.magic.end(), bytes.begin()))
    return std::nullopt;
  RecordReader head{bytes.subspan(kind.magic.size(), record_head_size - kind.magic.size())};
  const std::uint64_t version = head.whole(2);
  const auto payload_size = static_cast<std::size_t>(head.whole(2));
  const auto sequence = static_cast<std::uint32_t>(head.whole(4));
  if (version != kind.version || bytes.size() < record_head_size + payload_size + record_crc_size) return std::nullopt;
  RecordReader crc{bytes.subspan(record_head_size + payload_size, record_crc_size)};
  if (crc.whole(record_crc_size) != crc32(bytes.first(record_head_size + payload_size))) return std::nullopt;
  return OpenedRecord{sequence, bytes.subspan(record_head_size, payload_size)};
}

std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> record) noexcept {
  constexpr std::size_t around = record_head_size + record_crc_size;
  return record.size() < around ? record.first(0) : record.subspan(record_head_size, record.size() - around);
}

}  // namespace hil::controller
