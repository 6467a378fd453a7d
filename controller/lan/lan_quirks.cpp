#include "controller/lan/lan_quirks.h"

#include <algorithm>

namespace hil::controller {

LanOverload::LanOverload(const LanSettings::Overload& thresholds) noexcept
    : thresholds_(thresholds), wrong_left_(thresholds.wrong_answers) {
  constexpr std::size_t most = most_counted - 1;
  if (thresholds.sustained_interval > Time{0}) {
    sustained_most_ =
        std::min(static_cast<std::size_t>(thresholds.sustained_window / thresholds.sustained_interval), most);
  }
  thresholds_.burst_exchanges = std::min(thresholds.burst_exchanges, static_cast<std::uint32_t>(most));
}

bool LanOverload::too_many(std::size_t most, Time window, Time now) const noexcept {
  if (most == 0 || count_ <= most) return false;
  const Time before = asked_at_[(next_ + most_counted - 1 - most) % most_counted];
  return now - before < window;
}

LanOverload::State LanOverload::asked(Time now) noexcept {
  asked_at_[next_] = now;
  next_ = (next_ + 1) % most_counted;
  count_ = std::min(count_ + 1, most_counted);
  if (state_ == State::well && (too_many(thresholds_.burst_exchanges, thresholds_.burst_window, now) ||
                                too_many(sustained_most_, thresholds_.sustained_window, now))) {
    state_ = State::wrong_answers;
  }
  if (state_ == State::wrong_answers && wrong_left_-- == 0) state_ = State::silent;
  return state_;
}

void HeldFigure::see(double present, Time now) noexcept {
  if (now < next_) return;
  const bool zero = settings_.zero_every != 0 && ++renewed_ % settings_.zero_every == 0;
  shown_ = zero ? 0.0 : present;
  next_ = now + settings_.period;
}

}  // namespace hil::controller
