#include "controller/solax/system_load.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {
namespace {

// Of what is new, each cycle of 0.1 s.
constexpr double share_at_rest = 0.2;   // time constant 0.45 s
constexpr double share_moving = 0.095;  // 1 s

}  // namespace

void SystemLoad::observe(double import_w, double ac_w, bool anew, Time now) {
  const double seen_w = import_w + ac_w;
  if (anew || !load_w_) {
    load_w_ = seen_w;
    orders_w_ = RecentMaximum{};
    orders_w_.add(ac_w, now);
    rested_w_ = ac_w;  // another sum of orders is no movement
    step_seen_at_.reset();
    return;
  }
  orders_w_.add(std::max(ordered_w_, ac_w), now);
  const double change_w = seen_w - *load_w_;
  if (now - moved_at_ < settling) {
    step_seen_at_.reset();
    *load_w_ += share_moving * change_w;
  } else if (std::abs(change_w) <= step_w) {
    step_seen_at_.reset();
    *load_w_ += share_at_rest * change_w;
  } else if (!step_seen_at_) {
    step_seen_at_ = now;
  } else if (now - *step_seen_at_ >= step_stands) {
    load_w_ = seen_w;
    step_seen_at_.reset();
  }
  load_w_ = std::min(*load_w_, import_w + orders_w_.value());
}

void SystemLoad::ordered(double total_w, Time now) {
  ordered_w_ = total_w;
  if (std::abs(total_w - rested_w_) <= moves_w) return;
  rested_w_ = total_w;
  moved_at_ = now;
}

}  // namespace hil::controller
