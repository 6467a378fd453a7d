#include "controller/solax/meter_watch.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {

void MeterWatch::heard(std::span<const double> import_w, Time now) noexcept {
  heard_at_ = now;
  if (import_w.size() == legs_ && std::equal(import_w.begin(), import_w.end(), import_w_.begin())) return;
  legs_ = std::min(import_w.size(), import_w_.size());
  std::copy_n(import_w.begin(), legs_, import_w_.begin());
  changed_at_ = now;
  before_w_.reset();
  away_since_.reset();
  dip_w_ = 0.0;
  stale_ = false;
}

void MeterWatch::observe(double ac_w, bool anew, bool matters, Time now) noexcept {
  if (anew) {
    before_w_.reset();
    away_since_.reset();
  }
  if (!before_w_ && now - changed_at_ >= settling) before_w_ = ac_w;
  const bool asks = matters && now - changed_at_ >= still_after;
  dip_w_ = asks ? std::min(dip_w_ + dip_w_per_cycle, most_dip_w) : 0.0;
  if (!before_w_ || std::abs(ac_w - *before_w_) <= moved_w) {
    away_since_.reset();
    return;
  }
  if (!away_since_) away_since_ = now;
  stale_ = stale_ || heard_at_ - *away_since_ >= found_after;  // one that is silent meanwhile says nothing
}

}  // namespace hil::controller
