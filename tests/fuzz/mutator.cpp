#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzzed_device.h"
#include "tests/fuzz/pieces.h"

// Of libFuzzer, which has no header.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace hil::fuzz {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t most_pieces = 24;
constexpr std::size_t longest_mutated_piece = 300;  // beyond the largest frame of every wire

class Mutation {
 public:
  Mutation(std::vector<Piece>& pieces, unsigned seed, Framing framing, std::span<const std::uint8_t> units)
      : pieces_(pieces), draw_(seed), framing_(framing), units_(units) {}

  void make() {
    const std::size_t at = pieces_.empty() ? 0 : below(pieces_.size());
    const std::size_t what = pieces_.empty() ? 0 : below(8);
    switch (what) {
      case 0:
      case 1:
        if (pieces_.size() < most_pieces) insert(at, {static_cast<std::uint8_t>(below(32)), request()});
        break;
      case 2:
        pieces_[at].how = static_cast<std::uint8_t>(below(32));
        break;
      case 3:
        pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(at));
        return;
      case 4:
        if (pieces_.size() < most_pieces) insert(at, Piece{pieces_[below(pieces_.size())]});
        break;
      default:
        change_bytes(pieces_[at].bytes);
        break;
    }
    if (below(2) == 0) repair(pieces_[at].bytes);
    // After the repair, so that a whole frame falls apart and not each part is made one.
    if (below(8) == 0 && pieces_.size() < most_pieces) split(at);
  }

 private:
  std::size_t below(std::size_t end) { return draw_() % end; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }

  void insert(std::size_t at, Piece piece) {
    pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(at), std::move(piece));
  }

  void change_bytes(Bytes& bytes) {
    const std::size_t size = bytes.size();
    bytes.resize(std::max(size, longest_mutated_piece));
    bytes.resize(LLVMFuzzerMutate(bytes.data(), size, bytes.size()));
  }

  void split(std::size_t at) {
    Bytes& bytes = pieces_[at].bytes;
    if (bytes.size() < 2) return;
    const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(1 + below(bytes.size() - 1));
    Piece rest{static_cast<std::uint8_t>(below(24)), {middle, bytes.end()}};
    bytes.erase(middle, bytes.end());
    insert(at + 1, std::move(rest));
  }

  /// A request to one or more registers from a row of the map on, sound in most cases.
  Bytes request() {
    const auto& rows = fuzzed_map().rows;
    const sim::RegisterRow& row = rows[below(rows.size())];
    const auto count = below(4) == 0 ? 1 + below(130) : static_cast<std::size_t>(row.count);
    Bytes pdu{0, static_cast<std::uint8_t>(row.address / 256), static_cast<std::uint8_t>(row.address % 256),
              static_cast<std::uint8_t>(count / 256), static_cast<std::uint8_t>(count % 256)};
    pdu[0] = function_for(row.table);
    if (pdu[0] == 6) put_value(pdu, 3);
    if (pdu[0] == 16) {
      pdu.push_back(static_cast<std::uint8_t>(2 * count));
      for (std::size_t i = 0; i < count; ++i) {
        pdu.resize(pdu.size() + 2);
        put_value(pdu, pdu.size() - 2);
      }
    }
    const std::uint8_t unit = below(8) == 0 ? byte() : units_[below(units_.size())];
    if (framing_ == Framing::udp && below(8) == 0) return with_sum({0xAA, 0x55, 0xC0, 0x7F, 1, 2, 0});
    if (framing_ == Framing::tcp) {
      Bytes frame{byte(), byte(), 0, 0, 0, 0, unit};
      frame.insert(frame.end(), pdu.begin(), pdu.end());
      repair(frame);
      return frame;
    }
    pdu.insert(pdu.begin(), unit);
    return with_crc(std::move(pdu));
  }

  /// One that reaches the table, most of them writes; one in eight is drawn.
  std::uint8_t function_for(sim::Table table) {
    const std::size_t drawn = below(8);
    if (drawn == 0) return byte();
    switch (table) {
      case sim::Table::input:
        return 4;
      case sim::Table::single_write:
        return 6;
      case sim::Table::block_write:
        return 16;
      default:
        return drawn <= 2 ? 6 : drawn <= 5 ? 16 : 3;
    }
  }

  /// Small ones are what most registers take.
  void put_value(Bytes& pdu, std::size_t at) {
    const std::size_t value = below(3) == 0 ? below(65536) : below(102);
    pdu[at] = static_cast<std::uint8_t>(value / 256);
    pdu[at + 1] = static_cast<std::uint8_t>(value % 256);
  }

  static Bytes with_sum(Bytes frame) {
    unsigned sum = 0;
    for (const unsigned value : frame) sum += value;
    frame.push_back(static_cast<std::uint8_t>(sum / 256));
    frame.push_back(static_cast<std::uint8_t>(sum % 256));
    return frame;
  }

  void repair(Bytes& frame) const {
    if (framing_ == Framing::tcp) {
      constexpr std::size_t counted_from = 6;
      if (frame.size() < counted_from + 2) return;
      frame[2] = frame[3] = 0;
      frame[4] = static_cast<std::uint8_t>((frame.size() - counted_from) / 256);
      frame[5] = static_cast<std::uint8_t>((frame.size() - counted_from) % 256);
      return;
    }
    if (frame.size() < 4) return;
    const bool is_aa55 = framing_ == Framing::udp && frame.size() >= 9 && frame[0] == 0xAA && frame[1] == 0x55;
    if (is_aa55) frame[6] = static_cast<std::uint8_t>(frame.size() - 9);
    frame.resize(frame.size() - 2);
    frame = is_aa55 ? with_sum(std::move(frame)) : with_crc(std::move(frame));
  }

  std::vector<Piece>& pieces_;
  std::minstd_rand draw_;
  Framing framing_;
  std::span<const std::uint8_t> units_;
};

}  // namespace

std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed, Framing framing,
                   std::span<const std::uint8_t> units) {
  constexpr unsigned one_blind_in = 4;
  if (seed % one_blind_in == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::vector<Piece> pieces = pieces_of({data, size});
  Mutation(pieces, seed, framing, units).make();
  const Bytes input = input_of(pieces);
  const std::size_t length = std::min(input.size(), max_size);
  std::copy_n(input.begin(), length, data);
  return length;
}

std::uint64_t draw_of(std::span<const std::uint8_t> input) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::uint8_t byte : input) hash = (hash ^ byte) * 0x100000001b3U;
  return hash >> 16;
}

}  // namespace hil::fuzz
