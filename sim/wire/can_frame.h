#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hil::sim {

/// A frame of classical CAN (ISO 11898-1; Bosch CAN 2.0, part B): data or remote, base or extended identifier.
struct CanFrame {
  static constexpr std::uint32_t largest_base_id = 0x7FF;
  static constexpr std::uint32_t largest_extended_id = 0x1FFF'FFFF;
  static constexpr std::size_t most_data = 8;

  std::uint32_t id = 0;  ///< 0..largest_base_id, or ..largest_extended_id
  bool extended = false;
  bool remote = false;      ///< asks for data, carries none
  std::uint8_t length = 0;  ///< bytes of data, 0..8; of a remote frame those asked for
  std::array<std::uint8_t, most_data> data{};

  bool is_valid() const;
  /// What goes over the wire is the same: data beyond the length does not count.
  bool same_on_wire(const CanFrame& other) const;
  /// The lower one is dominant longer and wins: identifier, then data before remote and base before extended.
  std::uint32_t arbitration_key() const;
};

/// CRC-15 of CAN, bit by bit from 0 on (ISO 11898-1, cyclic redundancy check).
std::uint16_t can_checksum(std::uint16_t before, bool bit);

/// The bits of a frame from its start to the end of its checksum, with stuff bits; true is recessive.
class CanBits {
 public:
  /// 1 start, 32 arbitration, 6 control, 64 data and 15 checksum bits, and a stuff bit after the first five and each
  /// four more of them.
  static constexpr std::size_t most = 118 + (118 - 1) / 4;
  /// After the stuffed part: checksum delimiter, acknowledge slot and its delimiter, seven bits of end of frame.
  static constexpr std::size_t tail = 10;
  static constexpr std::size_t acknowledge_slot = 1;  ///< in the tail, from 0
  static constexpr std::size_t intermission = 3;      ///< at least, before the next frame

  explicit CanBits(const CanFrame& frame);

  std::size_t size() const { return size_; }
  bool operator[](std::size_t bit) const { return bits_[bit]; }
  std::uint16_t checksum() const { return checksum_; }
  /// The first bit in which they differ; the shorter one's size where none does.
  std::size_t first_difference(const CanBits& other) const;

 private:
  void put(bool bit);
  void put_number(std::uint32_t value, int width);
  void put_stuffed(bool bit);

  std::array<bool, most> bits_{};
  std::size_t size_ = 0;
  std::uint16_t checksum_ = 0;
  bool last_ = true;
  int run_ = 0;
};

}  // namespace hil::sim
