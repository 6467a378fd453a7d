#include "sim/wire/uart_receiver.h"

#include <bit>

namespace hil::sim {
namespace {

/// The level of the line bit by bit, as the receiver's pair sees it: before 0 and from end() on at rest.
class Waveform {
 public:
  Waveform(std::span<const std::uint8_t> bytes, const SerialFormat& format, bool swapped)
      : bytes_(bytes), format_(format), bits_(format.bits_per_character()), swapped_(swapped) {}

  std::int64_t end() const { return static_cast<std::int64_t>(bytes_.size()) * bits_; }
  bool high(std::int64_t bit) const { return sent_high(bit) != swapped_; }

 private:
  bool sent_high(std::int64_t bit) const {
    if (bit < 0 || bit >= end()) return true;
    const std::uint8_t byte = bytes_[static_cast<std::size_t>(bit / bits_)];
    const int place = static_cast<int>(bit % bits_);
    if (place == 0) return false;
    if (place <= format_.data_bits) return (byte >> (place - 1) & 1) != 0;
    if (place == format_.data_bits + 1 && format_.parity != Parity::none) {
      const bool odd_ones = std::popcount(byte) % 2 != 0;
      return odd_ones == (format_.parity == Parity::even);
    }
    return true;
  }

  std::span<const std::uint8_t> bytes_;
  const SerialFormat& format_;
  int bits_;
  bool swapped_;
};

}  // namespace

UartReceiver::Heard UartReceiver::hear(std::span<const std::uint8_t> sent, const Wiring& wiring,
                                       std::span<std::uint8_t> heard) {
  const Waveform line{sent, wiring.sender, wiring.swapped};
  const SerialFormat& own = wiring.receiver;
  // In units of 1 / (2 * baud * baud) seconds both bits are whole numbers, and half bits of the receiver too.
  const std::int64_t sent_bit = 2 * std::int64_t{own.baud};
  const std::int64_t own_bit = 2 * std::int64_t{wiring.sender.baud};
  const int own_stop = own.bits_per_character() - own.stop_bits;  // one stop bit is looked at

  Heard result;
  bool was_high = line.high(-1);
  for (std::int64_t bit = 0; bit <= line.end() && result.count < heard.size();) {
    const bool high = line.high(bit);
    if (!was_high || high) {
      was_high = high;
      ++bit;
      continue;
    }
    const std::int64_t edge = bit * sent_bit;
    const auto sample = [&](int place) { return line.high((edge + place * own_bit + own_bit / 2) / sent_bit); };
    unsigned byte = 0;
    bool sound = !sample(0);
    if (!sound) {  // a spike shorter than half a bit is no start
      was_high = true;
      ++bit;
      continue;
    }
    for (int place = 1; place <= own.data_bits; ++place) {
      if (sample(place)) byte |= 1U << (place - 1);
    }
    if (own.parity != Parity::none) {
      const bool odd_ones = std::popcount(byte) % 2 != 0;
      sound = sample(own.data_bits + 1) == (odd_ones == (own.parity == Parity::even));
    }
    const bool stop = sample(own_stop);
    result.sound = result.sound && sound && stop;
    heard[result.count++] = static_cast<std::uint8_t>(byte);
    bit = (edge + own_stop * own_bit + own_bit / 2) / sent_bit + 1;
    was_high = stop;
  }
  return result;
}

}  // namespace hil::sim
