#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "models/split_mix64.h"

namespace hil::models {

/// Irradiance of a triangle test: low, up the slope, dwell, down the slope, dwell; `repeats` times, then low.
/// Counts in whole nanoseconds, so nothing adds up however long it runs.
class TriangleIrradiance {
 public:
  struct Parameters {
    double low_w_m2 = -1.0;     ///< 0..1500
    double high_w_m2 = -1.0;    ///< > low_w_m2 .. 1500
    double slope_w_m2_s = 0.0;  ///< 0.1..1000
    double dwell_s = -1.0;      ///< 0..3600
    int repeats = 0;            ///< 1..1000
  };
  /// Throws InvalidParameter.
  TriangleIrradiance(const Parameters& parameters, std::chrono::nanoseconds step);

  void advance();
  double irradiance_w_m2() const { return irradiance_w_m2_; }
  bool finished() const { return repeats_left_ == 0; }

 private:
  Parameters parameters_;
  std::int64_t step_ns_ = 0;
  std::int64_t ramp_ns_ = 0;
  std::int64_t dwell_ns_ = 0;
  std::int64_t into_ns_ = 0;  ///< this triangle
  int repeats_left_ = 0;
  double irradiance_w_m2_ = 0.0;
};

/// EN 50530 dynamic sequences (physics-and-standards 5.3, B): one TriangleIrradiance per slope, dwell 10 s.
struct En50530Slope {
  double slope_w_m2_s;
  int repeats;
};
inline constexpr double en50530_dwell_s = 10.0;
inline constexpr double en50530_low_range_w_m2[] = {100.0, 500.0};
inline constexpr double en50530_high_range_w_m2[] = {300.0, 1000.0};
inline constexpr std::array<En50530Slope, 11> en50530_low_range_slopes{
    {{0.5, 2}, {1, 2}, {2, 3}, {3, 4}, {5, 6}, {7, 8}, {10, 10}, {14, 10}, {20, 10}, {30, 10}, {50, 10}}};
inline constexpr std::array<En50530Slope, 6> en50530_high_range_slopes{
    {{10, 10}, {14, 10}, {20, 10}, {30, 10}, {50, 10}, {100, 10}}};

/// One edge of a cloud: the clear index (irradiance by that of the clear sky) runs from one value to another.
class CloudEdge {
 public:
  struct Parameters {
    double from_index = -1.0;  ///< 0..1.5
    double to_index = -1.0;    ///< 0..1.5
    double start_s = -1.0;     ///< 0..1e6
    double ramp_s = -1.0;      ///< 0..3600, 0 at once
  };
  /// Throws InvalidParameter.
  CloudEdge(const Parameters& parameters, std::chrono::nanoseconds step);

  void advance();
  double clear_index() const { return clear_index_; }

 private:
  Parameters parameters_;
  std::int64_t step_ns_ = 0;
  std::int64_t start_ns_ = 0;
  std::int64_t ramp_ns_ = 0;
  std::int64_t elapsed_ns_ = 0;
  double clear_index_ = 0.0;
};

/// Broken clouds: clear gaps and clouds by turns, each of random length and depth, with edges of random length between
/// them. Random numbers are integers (SplitMix64), so a seed gives one sequence on all machines.
///
/// Left out: correlation with wind and height, brightening at the edges beyond `gap_index`.
class BrokenClouds {
 public:
  struct Span {
    double min_s = -1.0;  ///< 0.1..36000
    double max_s = -1.0;  ///< min_s..36000
  };
  struct Parameters {
    std::uint64_t seed = 0;
    double gap_index = -1.0;        ///< 0..1.5, clear index between clouds
    double cloud_min_index = -1.0;  ///< 0..cloud_max_index
    double cloud_max_index = -1.0;  ///< ..1.5
    Span gap;
    Span cloud;
    Span edge;
  };
  /// Throws InvalidParameter.
  BrokenClouds(const Parameters& parameters, std::chrono::nanoseconds step);

  void advance();
  double clear_index() const { return clear_index_; }

 private:
  std::int64_t draw_ns(const Span& span);
  double draw_index();
  void begin_next_part();

  enum class Part { gap, edge_in, cloud, edge_out };
  Parameters parameters_;
  std::int64_t step_ns_ = 0;
  SplitMix64 generator_;
  Part part_ = Part::edge_out;
  std::int64_t part_ns_ = 0;
  std::int64_t into_ns_ = 0;
  double from_index_ = 0.0;
  double to_index_ = 0.0;
  double clear_index_ = 0.0;
};

}  // namespace hil::models
