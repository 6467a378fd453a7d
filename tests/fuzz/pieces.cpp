#include "tests/fuzz/pieces.h"

#include <algorithm>

namespace hil::fuzz {

namespace {
constexpr std::size_t head_bytes = 2;
constexpr unsigned length_bits_in_first = 3;
}  // namespace

bool PieceReader::next(std::uint8_t& how, std::span<const std::uint8_t>& bytes) {
  if (rest_.size() < head_bytes) return false;
  const std::size_t head = static_cast<std::size_t>(rest_[0] << 8 | rest_[1]);
  how = static_cast<std::uint8_t>(rest_[0] >> length_bits_in_first);
  rest_ = rest_.subspan(head_bytes);
  bytes = rest_.first(std::min(head & longest_piece, rest_.size()));
  rest_ = rest_.subspan(bytes.size());
  return true;
}

std::vector<Piece> pieces_of(std::span<const std::uint8_t> input) {
  std::vector<Piece> pieces;
  PieceReader reader(input);
  std::uint8_t how = 0;
  std::span<const std::uint8_t> bytes;
  while (reader.next(how, bytes)) pieces.push_back({how, {bytes.begin(), bytes.end()}});
  return pieces;
}

std::vector<std::uint8_t> input_of(const std::vector<Piece>& pieces) {
  std::vector<std::uint8_t> input;
  for (const Piece& piece : pieces) {
    const std::size_t length = std::min(piece.bytes.size(), longest_piece);
    input.push_back(static_cast<std::uint8_t>(std::size_t{piece.how} << length_bits_in_first | length >> 8));
    input.push_back(static_cast<std::uint8_t>(length));
    input.insert(input.end(), piece.bytes.begin(), piece.bytes.begin() + static_cast<std::ptrdiff_t>(length));
  }
  return input;
}

}  // namespace hil::fuzz
