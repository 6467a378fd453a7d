#pragma once

#include <cstdint>

namespace hil::models {

/// SplitMix64 (Steele, Lea, Flood 2014), from its definition: a counter in steps of the odd golden ratio, mixed by two
/// multiplications. Integers only: the same seed gives the same sequence on every machine.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : counter_(seed) {}

  std::uint64_t next() {
    std::uint64_t mixed = (counter_ += 0x9e3779b97f4a7c15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
  }
  /// 0 <= .. < 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Mean 0, variance 1, bell-shaped within +-3.47: the sum of four uniform numbers of 16 bits.
  double bell() {
    const std::uint64_t bits = next();
    const std::uint64_t sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
    // A uniform number of 0..65535 has mean 65535 / 2 and variance (65536^2 - 1) / 12; four of them:
    constexpr double mean = 131070.0;
    constexpr double inverse_deviation = 1.0 / 37837.22723720648;  // sqrt((65536^2 - 1) / 3)
    return (static_cast<double>(sum) - mean) * inverse_deviation;
  }

 private:
  std::uint64_t counter_;
};

}  // namespace hil::models
