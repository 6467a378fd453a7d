#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>

#include "controller/settings.h"

namespace hil::controller {

/// Largest value of the last 1.0 to 1.5 s, in three buckets of half a second.
class RecentMaximum {
 public:
  void add(double value, Time now) {
    if (!begun_) fill_all(value, now);
    while (now - bucket_began_ >= bucket_length) {
      // Long silence: nothing older than the buckets is worth shifting through.
      if (now - bucket_began_ >= bucket_length * 4) return fill_all(value, now);
      std::rotate(buckets_.begin(), buckets_.end() - 1, buckets_.end());
      buckets_[0] = value;
      bucket_began_ += bucket_length;
    }
    buckets_[0] = std::max(buckets_[0], value);
  }
  double value() const { return *std::max_element(buckets_.begin(), buckets_.end()); }

 private:
  static constexpr Time bucket_length = std::chrono::milliseconds{500};
  void fill_all(double value, Time now) {
    buckets_.fill(value);
    bucket_began_ = now;
    begun_ = true;
  }
  std::array<double, 3> buckets_{};
  Time bucket_began_{0};
  bool begun_ = false;
};

/// Ring of the latest meter readings: an inverter's sample is paired with the reading nearest to it in time.
class MeterHistory {
 public:
  struct Entry {
    double grid_import_w = 0.0;
    Time at{0};
  };
  void add(double grid_import_w, Time at) {
    entries_[next_] = {grid_import_w, at};
    next_ = (next_ + 1) % entries_.size();
    count_ = std::min(count_ + 1, entries_.size());
  }
  void clear() { count_ = 0; }
  /// nullopt when no reading lies within `reach` of `at`.
  std::optional<double> nearest(Time at, Time reach) const {
    std::optional<double> found;
    Time best = reach;
    for (std::size_t k = 0; k < count_; ++k) {
      const Time distance = std::chrono::abs(entries_[k].at - at);
      if (distance > best) continue;
      best = distance;
      found = entries_[k].grid_import_w;
    }
    return found;
  }

 private:
  std::array<Entry, 32> entries_{};  ///< 1.5 s of readings at 9600 baud
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace hil::controller
