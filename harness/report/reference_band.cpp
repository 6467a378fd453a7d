#include "harness/report/reference_band.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace hil::harness {
namespace {

double seconds(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

double reference_at(const std::vector<FollowsCheck::Point>& points, sim::Time at) {
  const auto next = std::upper_bound(points.begin(), points.end(), at,
                                     [](sim::Time time, const FollowsCheck::Point& point) { return time < point.at; });
  if (next == points.begin()) return points.front().value;
  if (next == points.end()) return points.back().value;
  const FollowsCheck::Point& before = *(next - 1);
  return before.value + (next->value - before.value) * seconds(at - before.at) / seconds(next->at - before.at);
}

struct Reach {
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  void include(double value) {
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
};

/// What the reference has from `tolerance` before to `tolerance` after.
Reach reach_at(const FollowsCheck& check, sim::Time at) {
  const sim::Time first = at - check.time_tolerance;
  const sim::Time last = at + check.time_tolerance;
  Reach reach;
  reach.include(reference_at(check.points, first));
  reach.include(reference_at(check.points, last));
  auto point = std::lower_bound(check.points.begin(), check.points.end(), first,
                                [](const FollowsCheck::Point& each, sim::Time time) { return each.at < time; });
  for (; point != check.points.end() && point->at <= last; ++point) reach.include(point->value);
  return {reach.lowest - check.within, reach.highest + check.within};
}

/// Where the band may bend, in order, not too many of them.
std::vector<sim::Time> bends(const FollowsCheck& check, sim::Time length) {
  std::vector<sim::Time> instants{sim::Time{0}, length};
  for (const FollowsCheck::Point& point : check.points) {
    for (const sim::Time at : {point.at - check.time_tolerance, point.at + check.time_tolerance}) {
      if (at > sim::Time{0} && at < length) instants.push_back(at);
    }
  }
  std::sort(instants.begin(), instants.end());
  instants.erase(std::unique(instants.begin(), instants.end()), instants.end());
  const std::size_t pieces = instants.size() - 1;
  if (pieces <= most_band_pieces) return instants;
  std::vector<sim::Time> fewer;
  for (std::size_t i = 0; i <= most_band_pieces; ++i) fewer.push_back(instants[i * pieces / most_band_pieces]);
  return fewer;
}

}  // namespace

std::vector<BandPiece> reference_band(const FollowsCheck& check, sim::Time length) {
  if (check.points.empty() || length <= sim::Time{0}) return {};
  const std::vector<sim::Time> instants = bends(check, length);
  std::vector<BandPiece> band;
  for (std::size_t i = 0; i + 1 < instants.size(); ++i) {
    // Just inside: at a jump the two ends of one instant differ.
    const sim::Time inside = std::min<sim::Time>(std::chrono::microseconds{1}, (instants[i + 1] - instants[i]) / 4);
    const Reach first = reach_at(check, instants[i] + inside);
    const Reach last = reach_at(check, instants[i + 1] - inside);
    band.push_back({instants[i], instants[i + 1], first.lowest, last.lowest, first.highest, last.highest});
  }
  return band;
}

}  // namespace hil::harness
