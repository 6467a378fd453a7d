#include "controller/core/stale_meter.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {

void StaleMeter::heard(std::span<const std::uint8_t, block_bytes> powers, Time at) noexcept {
  heard_at_ = at;
  if (changed_at_ && std::equal(powers.begin(), powers.end(), powers_.begin())) return;
  std::copy(powers.begin(), powers.end(), powers_.begin());
  changed_at_ = at;
  before_w_ = {};
  away_since_.reset();
  stale_ = false;
}

double StaleMeter::movement_w(const Measurements& measurements, std::size_t count) noexcept {
  double sum_w = 0.0;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    std::optional<double>& before_w = before_w_[k];
    if (!unit.feeds() || !unit.ac_injection) {
      before_w.reset();
    } else if (before_w) {
      sum_w += unit.ac_injection->value_w - *before_w;
    } else if (unit.ac_injection->at >= *changed_at_ + readings_settle) {
      before_w = unit.ac_injection->value_w;
    }
  }
  return sum_w;
}

bool StaleMeter::observe(const Measurements& measurements, std::size_t count) noexcept {
  if (!changed_at_ || stale_) return false;
  if (std::abs(movement_w(measurements, count)) <= moved_w) {
    away_since_.reset();
    return false;
  }
  if (!away_since_) away_since_ = measurements.now;
  stale_ = heard_at_ - *away_since_ >= found_after;  // a meter that is silent meanwhile says nothing
  return stale_;
}

}  // namespace hil::controller
