#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hil::fuzz {

/// One piece of an input: bytes that come in one go, and how they follow on the piece before.
struct Piece {
  std::uint8_t how = 0;  ///< 0..31; what it means is for the target to say
  std::vector<std::uint8_t> bytes;
};

inline constexpr std::size_t longest_piece = 0x7FF;  ///< bytes

/// Reads the pieces of an input one after the other: two bytes of head (`how` in the upper five bits, length in the
/// lower eleven), then the bytes. Every input is good: a length beyond the end is cut.
class PieceReader {
 public:
  explicit PieceReader(std::span<const std::uint8_t> input) : rest_(input) {}
  /// False at the end.
  bool next(std::uint8_t& how, std::span<const std::uint8_t>& bytes);

 private:
  std::span<const std::uint8_t> rest_;
};

std::vector<Piece> pieces_of(std::span<const std::uint8_t> input);
/// Pieces longer than `longest_piece` are cut.
std::vector<std::uint8_t> input_of(const std::vector<Piece>& pieces);

}  // namespace hil::fuzz
