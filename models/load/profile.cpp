#include "models/load/profile.h"

#include <cmath>

#include "models/invalid_parameter.h"
#include "models/load/load_step.h"

namespace hil::models {

namespace {

constexpr double longest_s = 1e9;

std::int64_t in_ns(double seconds) {
  return std::llround(seconds * 1e9);
}

void require_scales(const char* field, const std::vector<double>& scales, std::size_t count) {
  require(scales.size() == count, field, static_cast<double>(scales.size()), "as many as time_s");
  for (const double scale : scales) require(scale >= 0.0 && std::isfinite(scale), field, scale, ">= 0");
}

}  // namespace

ProfileLoad::ProfileLoad(const Parameters& parameters, std::chrono::nanoseconds step)
    : linear_(parameters.interpolation == Interpolation::linear), step_ns_(step.count()) {
  checked_load_step_s(step);
  const std::vector<double>& reactive =
      parameters.reactive_scale.empty() ? parameters.active_scale : parameters.reactive_scale;
  require(!parameters.time_s.empty(), "count of time_s", 0.0, ">= 1");
  require_scales("active_scale", parameters.active_scale, parameters.time_s.size());
  require_scales("reactive_scale", reactive, parameters.time_s.size());
  require(parameters.time_s.front() == 0.0, "first time_s", parameters.time_s.front(), "0");
  for (std::size_t i = 0; i < parameters.time_s.size(); ++i) {
    const double time_s = parameters.time_s[i];
    require(time_s >= 0.0 && time_s <= longest_s && (points_.empty() || in_ns(time_s) > points_.back().time_ns),
            "time_s", time_s, "ascending, up to 1e9");
    points_.push_back({in_ns(time_s), parameters.active_scale[i], reactive[i]});
  }
  require(parameters.repeat_s == 0.0 ||
              (parameters.repeat_s > parameters.time_s.back() && parameters.repeat_s <= 2.0 * longest_s &&
               in_ns(parameters.repeat_s) > points_.back().time_ns),
          "repeat_s", parameters.repeat_s, "0, or > the last time_s");
  require(parameters.start_at_s >= 0.0 && parameters.start_at_s <= longest_s, "start_at_s", parameters.start_at_s,
          "0..1e9");
  repeat_ns_ = in_ns(parameters.repeat_s);
  const bool repeats = repeat_ns_ > 0;
  const Point& closes_like = repeats ? points_.front() : points_.back();
  // Not repeating: a last point so far away that the line to it stands.
  points_.push_back({repeats ? repeat_ns_ : INT64_MAX, closes_like.active, closes_like.reactive});
  position_ns_ = in_ns(parameters.start_at_s);
  find();
}

void ProfileLoad::find() {
  if (repeat_ns_ > 0 && position_ns_ >= repeat_ns_) {
    position_ns_ %= repeat_ns_;
    at_ = 0;
  }
  while (points_[at_ + 1].time_ns <= position_ns_) ++at_;
}

Demand ProfileLoad::advance(const LoadConditions& conditions) {
  const Point& from = points_[at_];
  double active = from.active;
  double reactive = from.reactive;
  if (linear_) {
    const Point& to = points_[at_ + 1];
    const double share =
        static_cast<double>(position_ns_ - from.time_ns) / static_cast<double>(to.time_ns - from.time_ns);
    active += share * (to.active - from.active);
    reactive += share * (to.reactive - from.reactive);
  }
  position_ns_ += step_ns_;
  find();
  return conditions.switched_on ? Demand{active, reactive, false} : Demand{};
}

double h0_dynamisation(double day_of_year) {
  const double t = day_of_year;
  return (((-3.92e-10 * t + 3.2e-7) * t - 7.02e-5) * t + 2.1e-3) * t + 1.24;
}

}  // namespace hil::models
