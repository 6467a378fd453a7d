#include "sim/devices/register_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace hil::sim {
namespace {

struct RawRange {
  double lowest = 0.0;
  double highest = 0.0;
};

RawRange raw_range(Encoding encoding) {
  switch (encoding) {
    case Encoding::u16:
      return {0.0, 0xFFFF};
    case Encoding::s16:
      return {-0x8000, 0x7FFF};
    case Encoding::bit:
      return {0.0, 1.0};
    case Encoding::u64_high_first:
      return {0.0, 9007199254740992.0};  // 2^53: a double counts whole numbers up to here
    case Encoding::u32_high_first:
    case Encoding::u32_low_first:
      return {0.0, 0xFFFFFFFFU};
    case Encoding::s32_high_first:
    case Encoding::s32_low_first:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case Encoding::float32_high_first:
      return {std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()};
    case Encoding::ascii:
      break;
  }
  return {};
}

bool is_low_first(Encoding encoding) {
  return encoding == Encoding::u32_low_first || encoding == Encoding::s32_low_first;
}

}  // namespace

std::uint64_t to_bits(double value, const RegisterRow& row) {
  const double raw = value / row.scale;
  if (row.encoding == Encoding::float32_high_first) return std::bit_cast<std::uint32_t>(static_cast<float>(raw));
  if (std::isnan(raw)) return std::numeric_limits<std::uint64_t>::max();
  const RawRange range = raw_range(row.encoding);
  return static_cast<std::uint64_t>(
      static_cast<std::int64_t>(std::clamp(std::round(raw), range.lowest, range.highest)));
}

double from_bits(std::uint64_t bits, const RegisterRow& row) {
  switch (row.encoding) {
    case Encoding::s16:
      return static_cast<std::int16_t>(bits) * row.scale;
    case Encoding::s32_high_first:
    case Encoding::s32_low_first:
      return static_cast<std::int32_t>(bits) * row.scale;
    case Encoding::float32_high_first:
      return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))) * row.scale;
    case Encoding::u16:
    case Encoding::u32_high_first:
    case Encoding::u32_low_first:
    case Encoding::u64_high_first:
    case Encoding::bit:
    case Encoding::ascii:
      break;
  }
  return static_cast<double>(bits) * row.scale;
}

std::uint64_t bits_of(std::span<const std::uint16_t> words, const RegisterRow& row) {
  std::uint64_t bits = 0;
  if (is_low_first(row.encoding)) {
    for (auto word = words.rbegin(); word != words.rend(); ++word) bits = bits << 16 | *word;
  } else {
    for (const std::uint16_t word : words) bits = bits << 16 | word;
  }
  return bits;
}

void put_bits(std::uint64_t bits, const RegisterRow& row, std::span<std::uint16_t> words) {
  const bool low_first = is_low_first(row.encoding);
  for (std::size_t i = 0; i < words.size(); ++i, bits >>= 16) {
    words[low_first ? i : words.size() - 1 - i] = static_cast<std::uint16_t>(bits);
  }
}

}  // namespace hil::sim
