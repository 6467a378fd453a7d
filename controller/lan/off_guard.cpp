#include "controller/lan/off_guard.h"

#include <algorithm>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time meant_within = 10s;
constexpr Time off_for = 5s;
constexpr Time off_at_most = 6s;

}  // namespace

void OffGuard::limit_written(Time now) noexcept {
  written_at_ = now;
}

void OffGuard::switched_off(ControlMode before, Time now) noexcept {
  if (before_ || (written_at_ && now - *written_at_ < meant_within)) return;
  before_ = before;
  all_off_seen_ = false;
  restore_at_ = now + off_at_most;
}

bool OffGuard::due(bool all_off, Time now) noexcept {
  if (!before_) return false;
  if (all_off && !all_off_seen_) {
    all_off_seen_ = true;
    restore_at_ = std::min(restore_at_, now + off_for);
  }
  return now >= restore_at_;
}

}  // namespace hil::controller
