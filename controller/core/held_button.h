#pragma once

#include <chrono>
#include <optional>

#include "controller/settings.h"

namespace hil::controller {

/// A push-button that acts once when it has been held down for ten seconds (RELOAD, seed 001).
class HeldButton {
 public:
  static constexpr Time hold = std::chrono::seconds{10};

  void changed(bool down, Time now) noexcept {
    if (!down) {
      acts_at_.reset();
      down_ = false;
    } else if (!down_) {  // a repeated report of the same level is no new press
      acts_at_ = now + hold;
      down_ = true;
    }
  }
  /// True once.
  bool acts(Time now) noexcept {
    if (!acts_at_ || now < *acts_at_) return false;
    acts_at_.reset();
    return true;
  }
  Time next_wake() const noexcept { return acts_at_.value_or(Time::max()); }

 private:
  bool down_ = false;
  std::optional<Time> acts_at_;
};

}  // namespace hil::controller
