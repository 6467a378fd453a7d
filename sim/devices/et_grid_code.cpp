#include "sim/devices/et_grid_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace hil::sim {
namespace {

using models::CurvePoint;
using models::GridSupport;
using models::PiecewiseCurve;
using models::ReactiveMode;

// Ranges of the settings (B).
constexpr double lowest_v = 60.0;
constexpr double highest_v = 300.0;
constexpr double lowest_hz = 30.0;
constexpr double highest_hz = 80.0;
constexpr double shortest_delay_s = 0.02;
constexpr double longest_delay_s = 1000.0;
constexpr double longest_wait_s = 1200.0;

constexpr double no_ramp_pu_per_s = 1000.0;  // as grid codes write it
constexpr double least_power_factor = 0.01;
constexpr int frequency_curve_on = 1;  // 45443
constexpr int frequency_stop_mode = 2;

std::chrono::nanoseconds duration(double seconds) {
  return std::chrono::nanoseconds{std::llround(seconds * 1e9)};
}
double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>{time}.count();
}

double ramp_s(double pu_per_s) {
  return pu_per_s >= no_ramp_pu_per_s ? 0.0 : 1.0 / pu_per_s;
}
double ramp_pu_per_s(double seconds) {
  return seconds > 0.0 ? 1.0 / seconds : no_ramp_pu_per_s;
}

/// In ascending order, whatever order they were written in.
void add_point(PiecewiseCurve& curve, CurvePoint point) {
  auto& points = curve.points;
  std::size_t at = points.size();
  points[points.count++] = point;
  for (; at > 0 && points[at - 1].x > points[at].x; --at) std::swap(points[at - 1], points[at]);
}

bool is_curve(ReactiveMode mode) {
  return mode != ReactiveMode::constant_power_factor && mode != ReactiveMode::constant_reactive;
}

void leave_curve(GridSupport::Parameters& support) {
  support.reactive_mode = ReactiveMode::constant_power_factor;
  support.power_factor = 1.0;
}

}  // namespace

EtGridCode::EtGridCode(models::Site& site, std::size_t lane) : site_(site), lane_(lane) {
  if (const models::GridCode* code = site.grid_code(lane)) code_ = *code;
  for (Stage& stage : stages_[static_cast<std::size_t>(Kind::overvoltage)]) stage.threshold = highest_v;
  for (Stage& stage : stages_[static_cast<std::size_t>(Kind::undervoltage)]) stage.threshold = lowest_v;
  for (Stage& stage : stages_[static_cast<std::size_t>(Kind::overfrequency)]) stage.threshold = highest_hz;
  for (Stage& stage : stages_[static_cast<std::size_t>(Kind::underfrequency)]) stage.threshold = lowest_hz;
  ten_minute_mean_v_ = highest_v;
  if (code_) show_code();
}

EtGridCode::Stages& EtGridCode::stages(Kind kind) {
  models::InterfaceProtection::Parameters& protection = code_->protection;
  switch (kind) {
    case Kind::overvoltage:
      return protection.overvoltage;
    case Kind::undervoltage:
      return protection.undervoltage;
    case Kind::overfrequency:
      return protection.overfrequency;
    case Kind::underfrequency:
      break;
  }
  return protection.underfrequency;
}

double EtGridCode::unit_of_threshold(Kind kind) const {
  return kind == Kind::overvoltage || kind == Kind::undervoltage ? code_->nominal_ln_v : 1.0;
}

void EtGridCode::show_code() {
  for (const Kind kind : {Kind::overvoltage, Kind::undervoltage, Kind::overfrequency, Kind::underfrequency}) {
    show_stages(kind);
  }
  const Stages& overvoltage = code_->protection.overvoltage;
  if (const std::size_t place = place_of_ten_minute_mean(); place < overvoltage.size()) {
    ten_minute_mean_v_ = overvoltage[place].threshold * code_->nominal_ln_v;
  }
  connect_wait_s_ = seconds(code_->protection.first_start.delay);
  connect_ramp_s_ = ramp_s(code_->protection.first_start.ramp_pu_per_s);
  reconnect_ramp_s_ = ramp_s(code_->protection.after_trip.ramp_pu_per_s);
  show_curves();
}

void EtGridCode::show_stages(Kind kind) {
  const Stages& list = stages(kind);
  std::size_t number = 0;
  for (std::size_t i = 0; i < list.size() && number < stages_by_register; ++i) {
    if (list[i].on_ten_minute_mean) continue;
    stages_[static_cast<std::size_t>(kind)][number++] = {list[i].threshold * unit_of_threshold(kind),
                                                         seconds(list[i].delay), i};
  }
}

void EtGridCode::show_curves() {
  const GridSupport::Parameters& support = code_->support;
  const auto show = [](const PiecewiseCurve& curve, double unit_of_x, Points& points) {
    for (std::size_t i = 0; i < std::min(points.size(), curve.points.size()); ++i) {
      points[i] = {curve.points[i].x * unit_of_x, curve.points[i].y};
    }
  };
  power_factor_on_ = support.reactive_mode == ReactiveMode::power_factor_of_power ? 1.0 : 0.0;
  show(support.power_factor_of_power, 1.0, power_factor_);
  volt_var_on_ = support.reactive_mode == ReactiveMode::volt_var ? 1.0 : 0.0;
  show(support.volt_var, code_->nominal_ln_v, volt_var_);
  volt_watt_on_ = support.volt_watt_enabled ? 1.0 : 0.0;
  volt_watt_response_s_ = seconds(support.volt_watt_response);
  show(support.volt_watt, code_->nominal_ln_v, volt_watt_);
  if (support.over_frequency.enabled) {
    frequency_.bits = frequency_curve_on;
    frequency_.over_hz = support.over_frequency.start_hz;
    frequency_.over_share_per_hz = support.over_frequency.gradient_pu_per_hz;
  }
  over_reference_ = support.over_frequency.reference;
  has_under_frequency_ = support.under_frequency.enabled;
  // Storage alone answers, as in most codes that have this side.
  if (!has_under_frequency_) code_->support.under_frequency.caps = false;
  if (has_under_frequency_) {
    frequency_.bits = frequency_curve_on;
    frequency_.under_hz = support.under_frequency.start_hz;
    frequency_.under_share_per_hz = support.under_frequency.gradient_pu_per_hz;
  }
}

bool EtGridCode::takes_stage(Kind kind, std::size_t number) {
  if (!code_ || stages_[static_cast<std::size_t>(kind)][number].place) return true;
  const Stages& list = stages(kind);
  return list.size() < list.entries.size();
}

void EtGridCode::set_stage(Kind kind, std::size_t number) {
  if (!code_) return;
  Stage& stage = stages_[static_cast<std::size_t>(kind)][number];
  Stages& list = stages(kind);
  if (!stage.place) {
    stage.place = list.count++;
    list[*stage.place] = {};
  }
  list[*stage.place].threshold = stage.threshold / unit_of_threshold(kind);
  list[*stage.place].delay = duration(stage.delay_s);
  apply();
}

std::size_t EtGridCode::place_of_ten_minute_mean() {
  const Stages& list = code_->protection.overvoltage;
  std::size_t place = 0;
  while (place < list.size() && !list[place].on_ten_minute_mean) ++place;
  return place;
}

bool EtGridCode::takes_ten_minute_mean() {
  return !code_ || place_of_ten_minute_mean() < code_->protection.overvoltage.entries.size();
}

void EtGridCode::set_ten_minute_mean() {
  if (!code_) return;
  Stages& list = code_->protection.overvoltage;
  const std::size_t place = place_of_ten_minute_mean();
  if (place == list.size()) list[list.count++] = {.delay = std::chrono::milliseconds{100}, .on_ten_minute_mean = true};
  list[place].threshold = ten_minute_mean_v_ / code_->nominal_ln_v;
  apply();
}

void EtGridCode::set_enter_service() {
  if (!code_) return;
  models::InterfaceProtection::Parameters& protection = code_->protection;
  protection.first_start.delay = protection.after_trip.delay = duration(connect_wait_s_);
  protection.first_start.ramp_pu_per_s = ramp_pu_per_s(connect_ramp_s_);
  protection.after_trip.ramp_pu_per_s = ramp_pu_per_s(reconnect_ramp_s_);
  apply();
}

void EtGridCode::set_power_factor_curve() {
  if (!code_) return;
  GridSupport::Parameters& support = code_->support;
  PiecewiseCurve curve;
  for (const Point& point : power_factor_) {
    const double magnitude = std::abs(point.y);
    if (magnitude >= least_power_factor) add_point(curve, {point.x, magnitude});
  }
  if (power_factor_on_ != 0.0 && !curve.empty()) {
    volt_var_on_ = 0.0;
    support.power_factor_of_power = curve;
    support.reactive_mode = ReactiveMode::power_factor_of_power;
  } else if (support.reactive_mode == ReactiveMode::power_factor_of_power) {
    leave_curve(support);
  }
  apply();
}

void EtGridCode::set_volt_var() {
  if (!code_) return;
  GridSupport::Parameters& support = code_->support;
  PiecewiseCurve curve;
  for (const Point& point : volt_var_) {
    if (point.x > 0.0) add_point(curve, {point.x / code_->nominal_ln_v, point.y});
  }
  if (volt_var_on_ != 0.0 && !curve.empty()) {
    power_factor_on_ = 0.0;
    support.volt_var = curve;
    support.reactive_mode = ReactiveMode::volt_var;
  } else if (support.reactive_mode == ReactiveMode::volt_var) {
    leave_curve(support);
  }
  apply();
}

void EtGridCode::set_volt_watt() {
  if (!code_) return;
  PiecewiseCurve curve;
  for (const Point& point : volt_watt_) {
    if (point.x > 0.0) add_point(curve, {point.x / code_->nominal_ln_v, std::max(0.0, point.y)});
  }
  code_->support.volt_watt = curve;
  code_->support.volt_watt_enabled = volt_watt_on_ != 0.0 && !curve.empty();
  code_->support.volt_watt_response = duration(volt_watt_response_s_);
  apply();
}

void EtGridCode::set_frequency_curve() {
  if (!code_) return;
  const auto bits = static_cast<unsigned>(frequency_.bits);
  const bool stops = (bits & frequency_stop_mode) != 0;
  // Nothing is left at the end point; beyond it lies the start point itself: at once.
  const auto gradient = [stops](double share_per_hz, double width_hz) {
    constexpr double narrowest_hz = 0.01;
    return stops ? 1.0 / std::max(narrowest_hz, width_hz) : std::abs(share_per_hz);
  };
  models::FrequencyResponse& over = code_->support.over_frequency;
  models::FrequencyResponse& under = code_->support.under_frequency;
  over.enabled = (bits & frequency_curve_on) != 0;
  under.enabled = over.enabled && has_under_frequency_;
  over.start_hz = std::clamp(frequency_.over_hz, 40.0, 70.0);
  under.start_hz = std::clamp(frequency_.under_hz, 40.0, over.start_hz);
  over.gradient_pu_per_hz = gradient(frequency_.over_share_per_hz, frequency_.over_stop_hz - frequency_.over_hz);
  under.gradient_pu_per_hz = gradient(frequency_.under_share_per_hz, frequency_.under_hz - frequency_.under_stop_hz);
  over.reference = stops ? models::FrequencyReference::pre_disturbance : over_reference_;
  apply();
}

void EtGridCode::set_under_frequency_curve() {
  has_under_frequency_ = true;
  set_frequency_curve();
}

void EtGridCode::apply() {
  if (!code_) return;
  GridSupport::Parameters support = code_->support;
  if (all_off_ != 0.0) {
    if (is_curve(support.reactive_mode)) leave_curve(support);
    support.volt_watt_enabled = false;
    support.over_frequency.enabled = support.under_frequency.enabled = false;
  }
  site_.set_grid_code(lane_, code_->protection, support);
}

void EtGridCode::publish(DeviceFace& face) {
  const auto publish_kind = [&](Kind kind, const std::string& name, const char* unit, double lowest, double highest) {
    for (std::size_t i = 0; i < stages_by_register; ++i) {
      Stage& stage = stages_[static_cast<std::size_t>(kind)][i];
      const std::string prefix = fmt::format("{}_{}_", name, i + 1);
      face.setting(prefix + unit, &stage.threshold, lowest, highest);
      face.accept_if([this, kind, i](double) { return takes_stage(kind, i); });
      face.when_written([this, kind, i] { set_stage(kind, i); });
      face.setting(prefix + "s", &stage.delay_s, shortest_delay_s, longest_delay_s);
      face.accept_if([this, kind, i](double) { return takes_stage(kind, i); });
      face.when_written([this, kind, i] { set_stage(kind, i); });
    }
  };
  publish_kind(Kind::overvoltage, "overvoltage", "v", lowest_v, highest_v);
  publish_kind(Kind::undervoltage, "undervoltage", "v", lowest_v, highest_v);
  publish_kind(Kind::overfrequency, "overfrequency", "hz", lowest_hz, highest_hz);
  publish_kind(Kind::underfrequency, "underfrequency", "hz", lowest_hz, highest_hz);
  face.setting("ten_minute_mean_v", &ten_minute_mean_v_, lowest_v, highest_v);
  face.accept_if([this](double) { return takes_ten_minute_mean(); });
  face.when_written([this] { set_ten_minute_mean(); });
  for (const auto& [name, value] : {std::pair{"connect_wait_s", &connect_wait_s_},
                                    {"connect_ramp_s", &connect_ramp_s_},
                                    {"reconnect_ramp_s", &reconnect_ramp_s_}}) {
    face.setting(name, value, 0.0, longest_wait_s);
    face.when_written([this] { set_enter_service(); });
  }
  publish_curves(face);
}

void EtGridCode::publish_points(DeviceFace& face, const char* curve, Points& points, void (EtGridCode::*written)()) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    face.setting(fmt::format("{}_{}_v", curve, i + 1), &points[i].x, 0.0, highest_v);
    face.accept_if([](double v) { return v == 0.0 || v >= lowest_v; });
    face.when_written([this, written] { (this->*written)(); });
    face.setting(fmt::format("{}_{}_share", curve, i + 1), &points[i].y, -1.0, 1.0);
    face.when_written([this, written] { (this->*written)(); });
  }
}

void EtGridCode::publish_curves(DeviceFace& face) {
  face.choice("power_factor_curve", &power_factor_on_, {0.0, 1.0});
  face.when_written([this] { set_power_factor_curve(); });
  for (std::size_t i = 0; i < curve_points; ++i) {
    face.setting(fmt::format("power_factor_curve_{}_share", i + 1), &power_factor_[i].x, -1.0, 1.0);
    face.when_written([this] { set_power_factor_curve(); });
    face.setting(fmt::format("power_factor_curve_{}", i + 1), &power_factor_[i].y, -1.0, 1.0);
    face.when_written([this] { set_power_factor_curve(); });
  }
  face.choice("volt_var_curve", &volt_var_on_, {0.0, 1.0});
  face.when_written([this] { set_volt_var(); });
  publish_points(face, "volt_var", volt_var_, &EtGridCode::set_volt_var);
  face.choice("volt_watt_curve", &volt_watt_on_, {0.0, 1.0});
  face.when_written([this] { set_volt_watt(); });
  face.setting("volt_watt_response_s", &volt_watt_response_s_, 0.0, longest_wait_s);
  face.when_written([this] { set_volt_watt(); });
  publish_points(face, "volt_watt", volt_watt_, &EtGridCode::set_volt_watt);

  face.choice("frequency_curve", &frequency_.bits, {0.0, 1.0, 2.0, 3.0});
  face.when_written([this] { set_under_frequency_curve(); });
  const auto publish_side = [&](const char* side, double& start_hz, double& stop_hz, double& share_per_hz,
                                void (EtGridCode::*written)()) {
    const std::string prefix = fmt::format("frequency_curve_{}_", side);
    face.setting(prefix + "hz", &start_hz, lowest_hz, highest_hz);
    face.when_written([this, written] { (this->*written)(); });
    face.setting(prefix + "stop_hz", &stop_hz, lowest_hz, highest_hz);
    face.when_written([this, written] { (this->*written)(); });
    face.setting(prefix + "share_per_hz", &share_per_hz, -1.0, 1.0);
    face.when_written([this, written] { (this->*written)(); });
  };
  publish_side("over", frequency_.over_hz, frequency_.over_stop_hz, frequency_.over_share_per_hz,
               &EtGridCode::set_frequency_curve);
  publish_side("under", frequency_.under_hz, frequency_.under_stop_hz, frequency_.under_share_per_hz,
               &EtGridCode::set_under_frequency_curve);
  face.choice("power_curves_off", &all_off_, {0.0, 1.0});
  face.when_written([this] { apply(); });
}

}  // namespace hil::sim
