#include "sim/wire/can_frame.h"

#include <algorithm>

namespace hil::sim {
namespace {

constexpr int base_width = 11;
constexpr int extension_width = 18;
constexpr int length_width = 4;
constexpr int checksum_width = 15;
constexpr int most_equal_bits = 5;
/// x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1 without its highest term.
constexpr std::uint32_t polynomial = 0x4599;
constexpr std::uint32_t checksum_mask = 0x7FFF;

}  // namespace

bool CanFrame::is_valid() const {
  return id <= (extended ? largest_extended_id : largest_base_id) && length <= most_data;
}

bool CanFrame::same_on_wire(const CanFrame& other) const {
  if (arbitration_key() != other.arbitration_key() || length != other.length) return false;
  return remote || std::equal(data.begin(), data.begin() + length, other.data.begin());
}

std::uint32_t CanFrame::arbitration_key() const {
  const std::uint32_t remote_bit = remote ? 1U : 0U;
  constexpr unsigned base_shift = 21;
  if (!extended) return id << base_shift | remote_bit << (base_shift - 1U);
  // Substitute remote request and identifier extension are recessive.
  constexpr std::uint32_t substitutes = 3U << (base_shift - 2U);
  constexpr std::uint32_t extension_mask = (1U << extension_width) - 1U;
  return id >> static_cast<unsigned>(extension_width) << base_shift | substitutes | (id & extension_mask) << 1U |
         remote_bit;
}

std::uint16_t can_checksum(std::uint16_t before, bool bit) {
  const bool feedback = bit != ((before >> (checksum_width - 1) & 1) != 0);
  const std::uint32_t shifted = static_cast<std::uint32_t>(before) << 1U;
  return static_cast<std::uint16_t>((feedback ? shifted ^ polynomial : shifted) & checksum_mask);
}

CanBits::CanBits(const CanFrame& frame) {
  put(false);
  const auto extension = static_cast<unsigned>(extension_width);
  put_number(frame.extended ? frame.id >> extension : frame.id, base_width);
  if (frame.extended) {
    put(true);
    put(true);
    put_number(frame.id & ((1U << extension) - 1U), extension_width);
  }
  put(frame.remote);
  // Base: identifier extension and one reserved bit; extended: two reserved bits.
  put(false);
  put(false);
  put_number(frame.length, length_width);
  if (!frame.remote) {
    for (std::size_t i = 0; i < frame.length; ++i) put_number(frame.data[i], 8);
  }
  const std::uint16_t checksum = checksum_;
  put_number(checksum, checksum_width);
  checksum_ = checksum;
}

void CanBits::put(bool bit) {
  checksum_ = can_checksum(checksum_, bit);
  put_stuffed(bit);
}

void CanBits::put_number(std::uint32_t value, int width) {
  for (int i = width - 1; i >= 0; --i) put((value >> static_cast<unsigned>(i) & 1U) != 0);
}

void CanBits::put_stuffed(bool bit) {
  run_ = size_ > 0 && bit == last_ ? run_ + 1 : 1;
  bits_[size_++] = last_ = bit;
  if (run_ < most_equal_bits) return;
  bits_[size_++] = last_ = !bit;
  run_ = 1;
}

std::size_t CanBits::first_difference(const CanBits& other) const {
  const std::size_t common = std::min(size_, other.size_);
  const auto end = bits_.begin() + static_cast<std::ptrdiff_t>(common);
  return static_cast<std::size_t>(std::mismatch(bits_.begin(), end, other.bits_.begin()).first - bits_.begin());
}

}  // namespace hil::sim
