#include "models/metering/current_transformer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double radians_per_minute = std::numbers::pi / (180.0 * 60.0);
constexpr double least_share = 1e-9;  // keeps 1 / x finite; max_error has long stopped the error there

void require_within(double value, const char* field, double lowest, double highest, const char* allowed) {
  require(value >= lowest && value <= highest, field, value, allowed);
}

void check(const CurrentTransformer::Parameters& given) {
  require(given.rated_primary_a > 0.0 && std::isfinite(given.rated_primary_a), "rated_primary_a", given.rated_primary_a,
          "> 0");
  require(given.rated_secondary_a > 0.0 && std::isfinite(given.rated_secondary_a), "rated_secondary_a",
          given.rated_secondary_a, "> 0");
  require_within(given.ratio_error, "ratio_error", -0.1, 0.1, "-0.1..0.1");
  require_within(given.phase_error_rad, "phase_error_rad", -0.1, 0.1, "-0.1..0.1");
  require_within(given.ratio_position, "ratio_position", -1.0, 1.0, "-1..1");
  require_within(given.phase_position, "phase_position", -1.0, 1.0, "-1..1");
  require_within(given.magnetising_error, "magnetising_error", 0.0, 0.01, "0..0.01");
  require_within(given.rated_burden_va, "rated_burden_va", 0.0, 1000.0, "0..1000");
  require_within(given.lead_length_m, "lead_length_m", 0.0, 100.0, "0..100");
  require_within(given.lead_area_mm2, "lead_area_mm2", 0.1, 100.0, "0.1..100");
  require_within(given.meter_input_va, "meter_input_va", 0.0, 100.0, "0..100");
  require_within(given.winding_ohm, "winding_ohm", 0.0, 100.0, "0..100");
  require(given.accuracy_limit_factor == 0.0 ||
              (given.accuracy_limit_factor >= 1.0 && std::isfinite(given.accuracy_limit_factor)),
          "accuracy_limit_factor", given.accuracy_limit_factor, "0 or >= 1");
  require(given.accuracy_limit_factor == 0.0 || given.rated_burden_va > 0.0, "rated_burden_va", given.rated_burden_va,
          "> 0 with an accuracy_limit_factor");
  require(given.max_primary_a >= 0.0 && std::isfinite(given.max_primary_a), "max_primary_a", given.max_primary_a,
          ">= 0");
  require_within(given.rated_frequency_hz, "rated_frequency_hz", 40.0, 70.0, "40..70");
}

/// exp(j angle) for |angle| <= 0.6: series to 1e-9, several times faster than std::polar.
Phasor turn(double angle) {
  const double s = angle * angle;
  const double cosine = 1.0 + s * (-1.0 / 2.0 + s * (1.0 / 24.0 + s * (-1.0 / 720.0 + s * (1.0 / 40320.0))));
  const double sine = angle * (1.0 + s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s * (1.0 / 362880.0)))));
  return {cosine, sine};
}

double bounded(double error) {
  return std::clamp(error, -CurrentTransformer::max_error, CurrentTransformer::max_error);
}

}  // namespace

std::string_view name_of(CtFlag flag) {
  switch (flag) {
    case CtFlag::reversed:
      return "reversed";
    case CtFlag::secondary_open:
      return "secondary_open";
    case CtFlag::secondary_shorted:
      return "secondary_shorted";
    case CtFlag::hazard_voltage:
      return "hazard_voltage";
    case CtFlag::below_class_range:
      return "below_class_range";
    case CtFlag::above_class_range:
      return "above_class_range";
    case CtFlag::burden_out_of_range:
      return "burden_out_of_range";
    case CtFlag::lead_too_long:
      return "lead_too_long";
    case CtFlag::saturated:
      return "saturated";
    case CtFlag::primary_overrun:
      return "primary_overrun";
    case CtFlag::wrong_frequency:
      return "wrong_frequency";
  }
  return "";
}

CurrentTransformer::CurrentTransformer(const Parameters& parameters) : parameters_(parameters) {
  check(parameters);
  inverse_rated_square_ = 1.0 / (parameters.rated_primary_a * parameters.rated_primary_a);
  gain_ = std::polar((1.0 + parameters.ratio_error) / ratio(), parameters.phase_error_rad);
  refigure();
}

void CurrentTransformer::set_reversed(bool reversed) {
  direction_ = reversed ? -1.0 : 1.0;
}

void CurrentTransformer::set_frequency_hz(double frequency_hz) {
  if (frequency_hz == frequency_hz_) return;
  frequency_hz_ = frequency_hz;
  const double wanted = frequency_hz > 0.0 ? frequency_hz / parameters_.rated_frequency_hz : 1.0;
  const double ratio_to_rated = std::clamp(wanted, 0.1, 10.0);
  if (ratio_to_rated == frequency_ratio_) return;
  const bool was_off = off_frequency();
  frequency_ratio_ = ratio_to_rated;
  // A frequency that wanders within the tolerance moves only the saturation.
  if (was_off || off_frequency()) refigure();
  clip_square_ = rated_clip_square_ * frequency_ratio_ * frequency_ratio_;
}

bool CurrentTransformer::off_frequency() const {
  return std::abs(frequency_ratio_ - 1.0) > frequency_tolerance;
}

double CurrentTransformer::lead_burden_va() const {
  const double lead_ohm = 2.0 * parameters_.lead_length_m * copper_ohm_mm2_per_m / parameters_.lead_area_mm2;
  return parameters_.rated_secondary_a * parameters_.rated_secondary_a * lead_ohm;
}

double CurrentTransformer::burden_factor() const {
  if (parameters_.rated_burden_va == 0.0) return 1.0;
  const double share = burden_va() / parameters_.rated_burden_va;
  if (share > 1.0) return share;
  return share < 0.25 ? 2.0 - share / 0.25 : 1.0;
}

void CurrentTransformer::refigure() {
  const double factor = burden_factor() / (off_frequency() ? frequency_ratio_ : 1.0);
  const double ratio_scale = factor * parameters_.ratio_position;
  const double angle_scale = factor * parameters_.phase_position * radians_per_minute;
  const std::span<const CtClassPoint> points = class_points(parameters_.accuracy_class);
  segment_count_ = points.size();
  for (std::size_t k = 0; k < points.size(); ++k) {
    const CtClassPoint& from = points[k];
    const CtClassPoint& to = points[std::min(k + 1, points.size() - 1)];
    const double log_square = 2.0 * std::log(from.current_share);
    const double span = 2.0 * std::log(to.current_share) - log_square;
    Segment& segment = segments_[k];
    segment.from_square = from.current_share * from.current_share;
    segment.ratio_slope = span > 0.0 ? ratio_scale * (to.ratio_error - from.ratio_error) / span : 0.0;
    segment.angle_slope = span > 0.0 ? angle_scale * (to.phase_min - from.phase_min) / span : 0.0;
    segment.ratio_at_one = ratio_scale * from.ratio_error - segment.ratio_slope * log_square;
    segment.angle_at_one = angle_scale * from.phase_min - segment.angle_slope * log_square;
  }
  if (!points.empty()) {
    lowest_share_ = points.front().current_share;
    highest_share_ = points.back().current_share;
    ratio_growth_ = factor * parameters_.ratio_position * parameters_.magnetising_error;
    angle_growth_ = factor * parameters_.phase_position * parameters_.magnetising_error;
  }

  const double rated_a = parameters_.rated_secondary_a;
  const double rated_ohm = parameters_.winding_ohm + parameters_.rated_burden_va / (rated_a * rated_a);
  const double real_ohm = parameters_.winding_ohm + burden_va() / (rated_a * rated_a);
  rated_clip_square_ = std::numeric_limits<double>::infinity();
  if (parameters_.accuracy_limit_factor > 0.0 && real_ohm > 0.0) {
    const double clip_a = parameters_.accuracy_limit_factor * rated_a * rated_ohm / real_ohm;
    rated_clip_square_ = clip_a * clip_a;
  }
  clip_square_ = rated_clip_square_ * frequency_ratio_ * frequency_ratio_;
  constant_ = points.empty() && std::isinf(clip_square_);
}

double CurrentTransformer::log_of(double share_square) const {
  // A current that moved by less than 1 % since the last logarithm: four terms of the series, good to 1e-10.
  const double u = share_square * inverse_last_square_ - 1.0;
  if (std::abs(u) < 0.01) {
    return last_log_ + u * (1.0 + u * (-1.0 / 2.0 + u * (1.0 / 3.0 + u * (-1.0 / 4.0))));
  }
  inverse_last_square_ = 1.0 / share_square;
  last_log_ = std::log(share_square);
  return last_log_;
}

Phasor CurrentTransformer::gain_at(double share_square) const {
  if (segment_count_ == 0) return gain_;
  double ratio_error = 0.0;
  double angle_rad = 0.0;
  if (share_square < segments_[0].from_square) {
    // Below the promise: the error of the lowest point and what the magnetising current adds to it.
    const double growth = lowest_share_ / std::max(std::sqrt(share_square), least_share) - 1.0;
    const double log_lowest = 2.0 * std::log(lowest_share_);
    ratio_error = segments_[0].ratio_at_one + segments_[0].ratio_slope * log_lowest + ratio_growth_ * growth;
    angle_rad = segments_[0].angle_at_one + segments_[0].angle_slope * log_lowest + angle_growth_ * growth;
  } else {
    std::size_t k = segment_count_ - 1;
    while (share_square < segments_[k].from_square) --k;
    const Segment& segment = segments_[k];
    const bool flat = segment.ratio_slope == 0.0 && segment.angle_slope == 0.0;
    const double log_square = flat ? 0.0 : log_of(share_square);
    ratio_error = segment.ratio_at_one + segment.ratio_slope * log_square;
    angle_rad = segment.angle_at_one + segment.angle_slope * log_square;
  }
  return product(gain_ * (1.0 + bounded(ratio_error)), turn(bounded(angle_rad)));
}

Phasor CurrentTransformer::varying_secondary_a(Phasor primary_a) const {
  const Phasor gain = gain_at(std::norm(primary_a) * inverse_rated_square_);
  const Phasor linear_a = product(direction_ * gain, primary_a);
  const double square = std::norm(linear_a);
  return square > clip_square_ ? linear_a * std::sqrt(clip_square_ / square) : linear_a;
}

double CurrentTransformer::open_peak_v(Phasor primary_a) const {
  const double rated_a = parameters_.rated_secondary_a;
  const double burden_va = parameters_.rated_burden_va > 0.0 ? parameters_.rated_burden_va : assumed_rated_burden_va;
  const double limit_factor =
      parameters_.accuracy_limit_factor > 0.0 ? parameters_.accuracy_limit_factor : assumed_accuracy_limit_factor;
  const double loop_ohm = parameters_.winding_ohm + burden_va / (rated_a * rated_a);
  const double knee_v = limit_factor * rated_a * loop_ohm;
  // At rated current and burden the magnetising branch takes magnetising_error of the current: its impedance follows.
  const double linear_v = magnitude(primary_a) / ratio() * loop_ohm / std::max(parameters_.magnetising_error, 1e-4);
  if (linear_v < 2.0 * knee_v) return std::numbers::sqrt2 * linear_v;
  return 2.0 * std::sqrt(2.0 * knee_v * (linear_v - knee_v));
}

CtFlags CurrentTransformer::flags(Phasor primary_a) const {
  CtFlags flags;
  const double share_square = std::norm(primary_a) * inverse_rated_square_;
  const bool open = secondary_ == Secondary::open;
  flags.put(CtFlag::reversed, reversed());
  flags.put(CtFlag::secondary_open, open);
  flags.put(CtFlag::secondary_shorted, secondary_ == Secondary::shorted);
  flags.put(CtFlag::hazard_voltage, open && open_peak_v(primary_a) > hazard_peak_v);
  if (segment_count_ > 0) {
    flags.put(CtFlag::below_class_range, share_square < lowest_share_ * lowest_share_);
    flags.put(CtFlag::above_class_range, share_square > highest_share_ * highest_share_);
  }
  if (parameters_.rated_burden_va > 0.0) {
    const double share = burden_va() / parameters_.rated_burden_va;
    flags.put(CtFlag::burden_out_of_range, share < 0.25 || share > 1.0);
  }
  flags.put(CtFlag::lead_too_long, parameters_.lead_length_m > max_lead_m);
  // A core that never clips need not be asked for its gain.
  const bool may_clip = secondary_ == Secondary::closed && std::isfinite(clip_square_);
  flags.put(CtFlag::saturated, may_clip && std::norm(gain_at(share_square) * primary_a) > clip_square_);
  const double max_a = parameters_.max_primary_a;
  flags.put(CtFlag::primary_overrun, max_a > 0.0 && std::norm(primary_a) > max_a * max_a);
  flags.put(CtFlag::wrong_frequency, off_frequency());
  return flags;
}

}  // namespace hil::models
