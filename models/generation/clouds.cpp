#include "models/generation/clouds.h"

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double ns_per_s = 1e9;

std::int64_t ns_of(double seconds) {
  return std::llround(seconds * ns_per_s);
}

std::int64_t checked_step(std::chrono::nanoseconds step) {
  require(step.count() > 0, "step_s", static_cast<double>(step.count()) / ns_per_s, "> 0");
  return step.count();
}

void require_within(const char* field, double value, double low, double high, const char* allowed) {
  require(value >= low && value <= high, field, value, allowed);
}

/// Share of a ramp, 1 for one without length.
double share_of(std::int64_t part_ns, std::int64_t whole_ns) {
  return part_ns >= whole_ns ? 1.0 : static_cast<double>(part_ns) / static_cast<double>(whole_ns);
}

}  // namespace

TriangleIrradiance::TriangleIrradiance(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), step_ns_(checked_step(step)) {
  const Parameters& p = parameters_;
  require_within("low_w_m2", p.low_w_m2, 0.0, 1500.0, "0..1500");
  require(p.high_w_m2 > p.low_w_m2 && p.high_w_m2 <= 1500.0, "high_w_m2", p.high_w_m2, "> low_w_m2 and <= 1500");
  require_within("slope_w_m2_s", p.slope_w_m2_s, 0.1, 1000.0, "0.1..1000");
  require_within("dwell_s", p.dwell_s, 0.0, 3600.0, "0..3600");
  require(p.repeats >= 1 && p.repeats <= 1000, "repeats", p.repeats, "1..1000");
  ramp_ns_ = ns_of((p.high_w_m2 - p.low_w_m2) / p.slope_w_m2_s);
  dwell_ns_ = ns_of(p.dwell_s);
  repeats_left_ = p.repeats;
  irradiance_w_m2_ = p.low_w_m2;
}

void TriangleIrradiance::advance() {
  if (finished()) return;
  const std::int64_t whole_ns = 2 * (ramp_ns_ + dwell_ns_);
  into_ns_ += step_ns_;
  while (into_ns_ >= whole_ns && repeats_left_ > 0) {
    into_ns_ -= whole_ns;
    --repeats_left_;
  }
  double height = 0.0;
  if (!finished()) {
    const std::int64_t down_from_ns = ramp_ns_ + dwell_ns_;
    height = into_ns_ < down_from_ns ? share_of(into_ns_, ramp_ns_) : 1.0 - share_of(into_ns_ - down_from_ns, ramp_ns_);
  }
  irradiance_w_m2_ = parameters_.low_w_m2 + height * (parameters_.high_w_m2 - parameters_.low_w_m2);
}

CloudEdge::CloudEdge(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), step_ns_(checked_step(step)), clear_index_(parameters.from_index) {
  require_within("from_index", parameters_.from_index, 0.0, 1.5, "0..1.5");
  require_within("to_index", parameters_.to_index, 0.0, 1.5, "0..1.5");
  require_within("start_s", parameters_.start_s, 0.0, 1e6, "0..1e6");
  require_within("ramp_s", parameters_.ramp_s, 0.0, 3600.0, "0..3600");
  start_ns_ = ns_of(parameters_.start_s);
  ramp_ns_ = ns_of(parameters_.ramp_s);
}

void CloudEdge::advance() {
  elapsed_ns_ += step_ns_;
  if (elapsed_ns_ < start_ns_) return;
  const double share = share_of(elapsed_ns_ - start_ns_, ramp_ns_);
  clear_index_ = share == 1.0 ? parameters_.to_index
                              : parameters_.from_index + share * (parameters_.to_index - parameters_.from_index);
}

BrokenClouds::BrokenClouds(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), step_ns_(checked_step(step)), generator_(parameters.seed) {
  const Parameters& p = parameters_;
  require_within("gap_index", p.gap_index, 0.0, 1.5, "0..1.5");
  require_within("cloud_max_index", p.cloud_max_index, 0.0, 1.5, "0..1.5");
  require_within("cloud_min_index", p.cloud_min_index, 0.0, p.cloud_max_index, "0..cloud_max_index");
  const auto check_span = [](const char* min_field, const char* max_field, const Span& span) {
    require_within(min_field, span.min_s, 0.1, 36000.0, "0.1..36000");
    require_within(max_field, span.max_s, span.min_s, 36000.0, "min_s..36000");
  };
  check_span("gap.min_s", "gap.max_s", p.gap);
  check_span("cloud.min_s", "cloud.max_s", p.cloud);
  check_span("edge.min_s", "edge.max_s", p.edge);
  from_index_ = to_index_ = clear_index_ = p.gap_index;
  begin_next_part();
}

std::int64_t BrokenClouds::draw_ns(const Span& span) {
  const auto width = static_cast<std::uint64_t>(ns_of(span.max_s) - ns_of(span.min_s)) + 1;
  return ns_of(span.min_s) + static_cast<std::int64_t>(generator_.next() % width);
}

double BrokenClouds::draw_index() {
  const auto lowest = static_cast<std::uint64_t>(std::llround(parameters_.cloud_min_index * 1e6));
  const auto highest = static_cast<std::uint64_t>(std::llround(parameters_.cloud_max_index * 1e6));
  return static_cast<double>(lowest + generator_.next() % (highest - lowest + 1)) / 1e6;
}

void BrokenClouds::begin_next_part() {
  from_index_ = to_index_;
  switch (part_) {
    case Part::gap:
      part_ = Part::edge_in;
      part_ns_ = draw_ns(parameters_.edge);
      to_index_ = draw_index();
      break;
    case Part::edge_in:
      part_ = Part::cloud;
      part_ns_ = draw_ns(parameters_.cloud);
      break;
    case Part::cloud:
      part_ = Part::edge_out;
      part_ns_ = draw_ns(parameters_.edge);
      to_index_ = parameters_.gap_index;
      break;
    case Part::edge_out:
      part_ = Part::gap;
      part_ns_ = draw_ns(parameters_.gap);
      break;
  }
}

void BrokenClouds::advance() {
  into_ns_ += step_ns_;
  while (into_ns_ >= part_ns_) {
    into_ns_ -= part_ns_;
    begin_next_part();
  }
  clear_index_ =
      from_index_ == to_index_ ? to_index_ : from_index_ + share_of(into_ns_, part_ns_) * (to_index_ - from_index_);
}

}  // namespace hil::models
