#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>

namespace hil::models {

/// A list of at most `capacity` entries that lies inside its owner, so that parameter sets are plain values.
template <typename Entry, std::size_t capacity>
struct FixedList {
  std::array<Entry, capacity> entries{};
  std::size_t count = 0;

  constexpr FixedList() = default;
  /// More entries than fit do not compile in a constant and throw std::out_of_range elsewhere.
  constexpr FixedList(std::initializer_list<Entry> list) {
    for (const Entry& entry : list) entries.at(count++) = entry;
  }
  constexpr const Entry* begin() const { return entries.data(); }
  constexpr const Entry* end() const { return entries.data() + count; }
  constexpr std::size_t size() const { return count; }
  constexpr bool empty() const { return count == 0; }
  constexpr const Entry& operator[](std::size_t index) const { return entries[index]; }
  constexpr Entry& operator[](std::size_t index) { return entries[index]; }
};

struct CurvePoint {
  double x = 0.0;
  double y = 0.0;
};

/// Straight lines between points in ascending x, flat beyond the ends. Two points at one x make a step: the first of
/// them rules at x itself.
struct PiecewiseCurve {
  static constexpr std::size_t max_points = 8;
  FixedList<CurvePoint, max_points> points;

  constexpr bool empty() const { return points.empty(); }
  /// 0 for a curve without points.
  constexpr double at(double x) const {
    if (points.empty()) return 0.0;
    if (x <= points[0].x) return points[0].y;
    for (std::size_t i = 1; i < points.size(); ++i) {
      if (x > points[i].x) continue;
      const double share = (x - points[i - 1].x) / (points[i].x - points[i - 1].x);
      return points[i - 1].y + share * (points[i].y - points[i - 1].y);
    }
    return points[points.size() - 1].y;
  }
};

}  // namespace hil::models
