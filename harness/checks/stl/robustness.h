#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hil::harness::stl {

/// A margin, and which predicate at which sample it comes from: minima and maxima only ever choose one.
struct Robustness {
  static constexpr unsigned predicate_bits = 10;

  static Robustness of(double value, std::uint64_t sample, std::uint64_t predicate) {
    return {value, sample << predicate_bits | predicate};
  }
  std::uint64_t sample() const { return origin >> predicate_bits; }
  std::size_t predicate() const { return origin & ((1U << predicate_bits) - 1U); }

  double value = 0.0;
  std::uint64_t origin = 0;
};

/// The first of equal ones.
inline const Robustness& lower(const Robustness& left, const Robustness& right) {
  return right.value < left.value ? right : left;
}
inline const Robustness& higher(const Robustness& left, const Robustness& right) {
  return right.value > left.value ? right : left;
}
/// Minimum, or maximum.
inline const Robustness& chosen(bool maximum, const Robustness& left, const Robustness& right) {
  return maximum ? higher(left, right) : lower(left, right);
}

/// Gives each value back `count` values later.
class Delay {
 public:
  explicit Delay(std::size_t count) : values_(count) {}

  std::size_t size() const { return values_.size(); }
  /// Sound from the call number count + 1 on.
  Robustness exchange(const Robustness& value) {
    if (values_.empty()) return value;
    const Robustness oldest = values_[next_];
    values_[next_] = value;
    if (++next_ == values_.size()) next_ = 0;
    return oldest;
  }

 private:
  std::vector<Robustness> values_;
  std::size_t next_ = 0;
};

/// Minimum or maximum of the last `count` values in constant mean time: a queue of candidates, each better than all
/// behind it.
class SlidingExtreme {
 public:
  /// `count`: >= 1.
  SlidingExtreme(std::size_t count, bool maximum) : candidates_(count), maximum_(maximum) {}

  const Robustness& push(const Robustness& value) {
    if (size_ > 0 && candidates_[front_].number + candidates_.size() <= pushed_) {
      front_ = next(front_);
      --size_;
    }
    while (size_ > 0 && better(value, candidates_[back()].value)) --size_;
    ++size_;
    candidates_[back()] = {value, pushed_};
    ++pushed_;
    return candidates_[front_].value;
  }

 private:
  struct Candidate {
    Robustness value;
    std::uint64_t number = 0;
  };
  bool better(const Robustness& left, const Robustness& right) const {
    return maximum_ ? left.value > right.value : left.value < right.value;
  }
  std::size_t next(std::size_t place) const { return place + 1 == candidates_.size() ? 0 : place + 1; }
  std::size_t back() const {
    const std::size_t place = front_ + size_ - 1;
    return place >= candidates_.size() ? place - candidates_.size() : place;
  }

  std::vector<Candidate> candidates_;
  std::size_t front_ = 0;
  std::size_t size_ = 0;
  std::uint64_t pushed_ = 0;
  bool maximum_;
};

/// `until` over a run of samples: the least of left, and max over j of min(right at j, left before j). Two runs that
/// follow each other join to one, in any grouping. With `dual` minima and maxima change places: that is "release".
struct UntilRun {
  Robustness left{};
  Robustness until{};
};
inline UntilRun joined(const UntilRun& first, const UntilRun& second, bool dual) {
  return {chosen(dual, first.left, second.left), chosen(!dual, first.until, chosen(dual, first.left, second.until))};
}

/// The run of the last `count` samples in constant mean time: samples in blocks of `count`, with the joined runs from
/// each sample of the former block to its end, and of the present block from its beginning.
class SlidingUntil {
 public:
  /// `count`: >= 1.
  SlidingUntil(std::size_t count, bool dual) : runs_(count), dual_(dual) {}

  Robustness push(const Robustness& left, const Robustness& right) {
    const UntilRun sample{left, right};
    if (place_ == runs_.size()) {
      for (std::size_t k = runs_.size() - 1; k > 0; --k) runs_[k - 1] = joined(runs_[k - 1], runs_[k], dual_);
      place_ = 0;
      former_ = true;
    }
    present_ = place_ == 0 ? sample : joined(present_, sample, dual_);
    runs_[place_++] = sample;
    if (!former_ || place_ == runs_.size()) return present_.until;
    return joined(runs_[place_], present_, dual_).until;
  }

 private:
  std::vector<UntilRun> runs_;
  UntilRun present_{};
  std::size_t place_ = 0;
  bool former_ = false;  ///< a whole block came before the present one
  bool dual_;
};

}  // namespace hil::harness::stl
