#include "harness/report/violations.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hil::harness {
namespace {

constexpr double smallest_stretch_s = 1e-6;  // what a single sample at the end of a record stands for

bool is_beyond(const CheckLimit& limit, double time_s, double value) {
  if (limit.side == CheckLimit::Side::highest) return value > limit.level_at(time_s);
  return limit.side == CheckLimit::Side::lowest && value < limit.level_at(time_s);
}

double seconds(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

std::vector<Violation> violations(const CheckLimit& limit, std::span<const double> time_s,
                                  std::span<const double> values) {
  const double from_s = seconds(limit.from);
  const double until_s = seconds(limit.until);
  const double longer_than_s = seconds(limit.longer_than);
  std::vector<Violation> found;
  Violation current;
  const auto end_at = [&](double end_s) {
    if (!current.points.empty() && end_s - current.points.front().first > longer_than_s) found.push_back(current);
    current.points.clear();
  };
  double last_s = 0.0;
  for (std::size_t i = 0; i < std::min(time_s.size(), values.size()); ++i) {
    last_s = time_s[i];
    if (time_s[i] >= from_s && time_s[i] <= until_s && is_beyond(limit, time_s[i], values[i])) {
      current.points.emplace_back(time_s[i], values[i]);
    } else {
      end_at(time_s[i]);
    }
  }
  end_at(last_s + smallest_stretch_s);
  return found;
}

}  // namespace hil::harness
