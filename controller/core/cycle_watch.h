#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "controller/settings.h"

namespace hil::controller {

/// Notices that the core itself was not given time: a call that comes much later than the wake-up it asked for.
class CycleWatch {
 public:
  /// Chosen: by then the readings are as old as the one second after which a falling load counts as seen
  /// (RecentMaximum), and the excursion has not used up the 5 s of G100 (physics-and-standards 3.1).
  static constexpr Time late_after = std::chrono::seconds{1};

  /// At the head of every call; true when it comes too late to go on with what is known.
  bool late(Time now, Time promised) noexcept {
    // What piled up during one pause is one pause.
    const Time due = std::max(promised, std::exchange(last_call_, now));
    if (due >= now || now - due <= late_after) return false;
    ++count_;
    longest_ = std::max(longest_, now - due);
    return true;
  }
  std::uint32_t count() const { return count_; }
  Time longest() const { return longest_; }

 private:
  std::uint32_t count_ = 0;
  Time longest_{0};
  Time last_call_{0};
};

}  // namespace hil::controller
