#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// A check's window in virtual time: opens at an instant or with the first coming of its mark. Both ends belong to it.
class ObservationWindow {
 public:
  explicit ObservationWindow(const Window& window) : window_(window) {
    if (window_.after.empty()) origin_ = sim::Time{0};
  }

  void marked(std::string_view mark, sim::Time now) {
    if (!origin_ && mark == window_.after) origin_ = now;
  }
  bool contains(sim::Time now) const { return origin_ && now >= begin() && (!window_.until || now <= end()); }
  /// Since the window opened; only while it contains `now`.
  sim::Time since_begin(sim::Time now) const { return now - begin(); }
  /// Whether more of it was to come after `now`.
  bool open_after(sim::Time now) const { return !origin_ || !window_.until || now < end(); }
  /// How much of the interval (from, to] lies inside.
  sim::Time overlap(sim::Time from, sim::Time to) const {
    if (!origin_) return sim::Time{0};
    const sim::Time last = window_.until ? std::min(to, end()) : to;
    return std::max(last - std::max(from, begin()), sim::Time{0});
  }

 private:
  sim::Time begin() const { return *origin_ + window_.from; }
  sim::Time end() const { return *origin_ + *window_.until; }

  Window window_;
  std::optional<sim::Time> origin_;  ///< what from and until count from; nullopt: the mark has not come
};

}  // namespace hil::harness
