#include "models/storage/reported_limits.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

ReportedLimits::ReportedLimits(double period_s, double lag_s, double tick_s) {
  require(period_s >= 0.0 && period_s <= 60.0, "report_period_s", period_s, "0..60");
  const double longest_lag_s = period_s * static_cast<double>(most_in_flight - 2);
  require(lag_s >= 0.0 && lag_s <= longest_lag_s, "report_lag_s", lag_s, "0..30 report periods");
  if (period_s == 0.0) return;
  period_ticks_ = static_cast<std::uint64_t>(std::max(1.0, std::round(period_s / tick_s)));
  lag_ticks_ = static_cast<std::uint64_t>(std::round(lag_s / tick_s));
}

void ReportedLimits::push(const BatteryLimits& limits) {
  in_flight_[(first_ + count_) % most_in_flight] = {limits, tick_ + lag_ticks_};
  ++count_;
}

void ReportedLimits::pop_due() {
  while (count_ > 0 && in_flight_[first_].due_tick <= tick_) {
    visible_ = in_flight_[first_].limits;
    first_ = (first_ + 1) % most_in_flight;
    --count_;
  }
}

}  // namespace hil::models
