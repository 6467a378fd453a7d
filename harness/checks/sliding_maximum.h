#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hil::harness {

/// Maximum of the last `count` values, in constant mean time per value and without allocation after construction:
/// a queue of candidates whose values fall from front to back, each with the number of its sample.
class SlidingMaximum {
 public:
  /// `count`: >= 1.
  explicit SlidingMaximum(std::size_t count) : candidates_(std::max<std::size_t>(count, 1)) {}

  void push(double value) {
    // A newer, larger value outlives every older, smaller one.
    while (size_ > 0 && at(size_ - 1).value <= value) --size_;
    if (size_ > 0 && at(0).sample + candidates_.size() <= pushed_) {
      front_ = (front_ + 1) % candidates_.size();
      --size_;
    }
    ++size_;
    at(size_ - 1) = {pushed_, value};
    ++pushed_;
  }
  /// `count` values have been pushed.
  bool full() const { return pushed_ >= candidates_.size(); }
  /// Only once a value has been pushed.
  double maximum() const { return candidates_[front_].value; }

 private:
  struct Candidate {
    std::uint64_t sample = 0;
    double value = 0.0;
  };
  Candidate& at(std::size_t place) { return candidates_[(front_ + place) % candidates_.size()]; }

  std::vector<Candidate> candidates_;
  std::size_t front_ = 0;
  std::size_t size_ = 0;
  std::uint64_t pushed_ = 0;
};

}  // namespace hil::harness
