#include "controller/core/load_estimate.h"

#include <algorithm>

namespace hil::controller {
namespace {

/// Dead time and three lags of 0.2 s, 0.2 s for means that are not of the same moment: a port has followed its limit.
constexpr Time lowering_takes = std::chrono::milliseconds{1000};

/// Dead time and three lags, likewise, and a mean.
constexpr Time battery_takes = std::chrono::milliseconds{1000};

/// PV follows a released limit within 3 s (physics-and-standards 2.1).
constexpr Time rise_takes = std::chrono::milliseconds{3000};

}  // namespace

void LoadEstimate::reset(Time ignore_before) {
  *this = LoadEstimate{};
  used_.fill(ignore_before);
}

void LoadEstimate::raise(double site_load_w, Time now) {
  raised_at_ = now;
  if (paired_w_) paired_w_ = std::max(*paired_w_, std::min(site_load_w, bound_w_));
}

void LoadEstimate::lower(double site_load_w) {
  if (paired_w_) paired_w_ = std::min(*paired_w_, site_load_w);
}

bool LoadEstimate::round_complete(const Measurements& measurements, std::size_t count) const {
  bool any = false;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds()) continue;
    any = true;
    if (!unit.ac_injection || unit.ac_injection->at <= used_[k]) return false;
  }
  return any;
}

bool LoadEstimate::observe(const Measurements& measurements, std::size_t count, double unknown_limit_w) {
  double limits_w = 0.0;
  bool same_members = true;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (unit.feeds()) limits_w += unit.limit_in_force_w ? *unit.limit_in_force_w : unknown_limit_w;
    same_members = same_members && unit.feeds() == members_[k];
  }
  limits_w_.add(limits_w, measurements.now);
  if (measurements.counted_import_w) bound_w_ = *measurements.counted_import_w + limits_w_.value();
  // Once seen, a fall stands until a settled round says otherwise: the bound opens as soon as the export is gone.
  if (paired_w_) paired_w_ = std::min(*paired_w_, bound_w_);

  if (!round_complete(measurements, count)) return false;
  double sum_w = 0.0;
  double import_w = 0.0;
  double units = 0.0;
  bool settled = true;
  bool moving = false;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    members_[k] = unit.feeds();
    if (!unit.feeds()) continue;
    sum_w += unit.ac_injection->value_w;
    import_w += unit.ac_injection->grid_import_w;
    units += 1.0;
    moving = moving || unit.ac_injection->at < unit.battery_stepped_at + battery_takes;
    settled = settled && unit.ac_injection->at >= unit.limit_lowered_at + lowering_takes;
    used_[k] = unit.ac_injection->at;
  }
  if (moving && paired_w_ && same_members) return true;
  double load_w = import_w / units + sum_w;
  if (paired_w_ && measurements.counted_import_w && measurements.now - raised_at_ < rise_takes) {
    // What the import has room for, nobody exports by then.
    load_w = std::max(load_w, std::min(*paired_w_, load_w + std::max(*measurements.counted_import_w, 0.0) / 2.0));
  }
  paired_w_ = settled || !paired_w_ || !same_members ? std::min(load_w, bound_w_) : std::min(load_w, *paired_w_);
  return true;
}

}  // namespace hil::controller
