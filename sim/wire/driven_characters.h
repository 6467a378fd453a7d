#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/split_mix64.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/serial_format.h"
#include "sim/wire/wire_marks.h"

namespace hil::sim {

/// Each byte is lost with `rate`: another one, drawn, is heard in its place. Returns whether one was.
bool add_noise(std::span<std::uint8_t> bytes, double rate, models::SplitMix64& random);

/// Characters that one driver has put on a wire: what, when, and which of them another driver has spoilt.
///
/// A spoilt character is heard as the one sent with the bits of 5A inverted. Two equal replies at the same instant
/// spoil each other too: on a real bus their bits never stay in step for a whole frame.
class DrivenCharacters {
 public:
  explicit DrivenCharacters(const SerialFormat& format);

  void clear();
  /// From the next clear() on.
  void set_format(const SerialFormat& format) { format_ = format; }
  /// Back to back from `begin` on, which is not before end(); right at end() they prolong the run of characters.
  void append(std::span<const std::uint8_t> bytes, Time begin);
  /// Another driver was on the wire in [from, until); `why` marks what was hit.
  void spoil(Time from, Time until, WireMarks why);
  /// To the characters begun before `until` that had none yet.
  void add_noise(double rate, models::SplitMix64& random, Time until);
  /// The wire was cut: what has not ended at `now` is lost.
  void cut(Time now);
  /// The rest goes out in another format: what begins at `now` or later. False: there is none, or it is the same
  /// format.
  bool change_format(const SerialFormat& format, Time now);
  void mark(WireMarks marks) { marks_ |= marks; }
  /// No more to come: makes sure that what was spoilt fails its CRC, also by the one chance in 2^16.
  void seal();

  bool empty() const { return bytes_.empty(); }
  bool spoilt() const { return any_spoilt_; }
  WireMarks marks() const { return marks_; }
  Time longest_gap() const { return longest_gap_; }
  std::span<const std::uint8_t> bytes() const { return bytes_; }  ///< as heard
  std::span<const std::uint8_t> bytes_begun_since(Time from) const;
  std::size_t begun_before(Time moment) const;    ///< characters
  Time begin() const { return begins_.front(); }  ///< first bit; not when empty
  Time end() const { return end_; }               ///< end of the last bit

 private:
  SerialFormat format_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Time> begins_;
  std::vector<std::uint8_t> is_spoilt_;
  bool any_spoilt_ = false;
  WireMarks marks_ = 0;
  std::size_t noise_reached_ = 0;  ///< characters that have had their noise
  Time longest_gap_{0};
  Time run_begin_{0};    ///< of the last run of characters without a gap
  long run_length_ = 0;  ///< characters
  Time end_{0};
};

}  // namespace hil::sim
