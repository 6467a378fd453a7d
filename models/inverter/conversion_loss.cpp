#include "models/inverter/conversion_loss.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

// Far below the watt to which the energy balance must hold, far above rounding of 1e5 W.
constexpr double target_tolerance_w = 1e-8;
constexpr int most_iterations = 30;
// Least weight of the idle constant among the paths' constants, so that the loss has no jump where a path begins.
constexpr double least_idle_weight_w = 10.0;

/// At least twice what the constants differ by: a watt that moves from one path to another then changes the constant by
/// less than half a watt, and one watt more of DC stays more AC.
double idle_weight(const ConversionLoss::Parameters& p) {
  const auto [lowest, highest] = std::minmax(
      {p.pv_to_ac.constant_w, p.battery_to_ac.constant_w, p.pv_to_battery.constant_w, p.ac_to_battery.constant_w});
  return std::max(least_idle_weight_w, 2.0 * (highest - lowest));
}

/// Root of a rising f next to `x`, by the secant rule with a slope close to one.
template <typename Function>
/// The last value that it asks for is the one it returns.
double root_near(double x, const Function& miss_w) {
  double miss = miss_w(x);
  double slope = 1.0;
  for (int i = 0; i < most_iterations && std::abs(miss) > target_tolerance_w; ++i) {
    const double next = x - miss / slope;
    const double next_miss = miss_w(next);
    if (next != x) slope = std::clamp((next_miss - miss) / (next - x), 0.5, 2.0);
    x = next;
    miss = next_miss;
  }
  return x;
}

}  // namespace

ConversionLoss::Curve ConversionLoss::checked(const LossCurve& curve, double highest_w, const char* path) {
  const std::string where = std::string(path) + " ";
  const auto at_least_zero = [&](double value, const char* field) {
    require(std::isfinite(value) && value >= 0.0, (where + field).c_str(), value, ">= 0");
  };
  require(std::isfinite(curve.reference_w) && curve.reference_w > 0.0, (where + "reference_w").c_str(),
          curve.reference_w, "> 0");
  at_least_zero(curve.square_w, "loss_square_w");
  at_least_zero(curve.linear_w, "loss_linear_w");
  at_least_zero(curve.constant_w, "loss_constant_w");
  // One watt more in must always bring more out; else a power has two answers.
  const double top = highest_w / curve.reference_w;
  require(2.0 * curve.square_w * top + curve.linear_w < 0.5 * curve.reference_w, (where + "loss_square_w").c_str(),
          curve.square_w, "small enough that each further watt loses less than half of itself");
  require((curve.square_w * top + curve.linear_w) * top + curve.constant_w < highest_w,
          (where + "loss_constant_w").c_str(), curve.constant_w,
          "small enough that the whole loss at the highest power is below that power");
  return {curve.square_w / (curve.reference_w * curve.reference_w), curve.linear_w / curve.reference_w,
          curve.constant_w};
}

ConversionLoss::ConversionLoss(const Parameters& parameters, double highest_ac_w)
    : pv_to_ac_(checked(parameters.pv_to_ac, highest_ac_w, "pv_to_ac")),
      battery_to_ac_(checked(parameters.battery_to_ac, highest_ac_w, "battery_to_ac")),
      pv_to_battery_(checked(parameters.pv_to_battery, highest_ac_w, "pv_to_battery")),
      ac_to_battery_(checked(parameters.ac_to_battery, highest_ac_w, "ac_to_battery")),
      idle_weight_w_(idle_weight(parameters)),
      idle_import_w_(-ac_injection_w(0.0, 0.0)) {}

ConversionLoss::Curve ConversionLoss::mixed(const Curve& a, double share_a, const Curve& b) {
  const double share_b = 1.0 - share_a;
  return {share_a * a.square + share_b * b.square, share_a * a.linear + share_b * b.linear,
          share_a * a.constant_w + share_b * b.constant_w};
}

// y + square y^2 + linear y = x, for the root next to zero: 2 x / (k + sqrt(k^2 + 4 square x)), k = 1 + linear. This
// form holds for square = 0 and does not cancel.
double ConversionLoss::output_w(double input_w, const Curve& curve) {
  const double slope = 1.0 + curve.linear;
  return 2.0 * input_w / (slope + std::sqrt(slope * slope + 4.0 * curve.square * input_w));
}

// m - square m^2 - linear m = x, likewise.
double ConversionLoss::import_w(double needed_w, const Curve& curve) {
  const double slope = 1.0 - curve.linear;
  return 2.0 * needed_w / (slope + std::sqrt(std::max(0.0, slope * slope - 4.0 * curve.square * needed_w)));
}

double ConversionLoss::ac_injection_w(double pv_w, double battery_discharge_w) const {
  if (battery_discharge_w >= 0.0) return discharging_ac_w(pv_w, battery_discharge_w);
  const double charge_w = -battery_discharge_w;
  return charging_ac_w(pv_w, charge_w, import_w(charge_w, pv_to_battery_));
}

inline double ConversionLoss::discharging_ac_w(double pv_w, double battery_discharge_w) const {
  const double dc_w = pv_w + battery_discharge_w;
  const Curve curve = mixed(pv_to_ac_, (pv_w + idle_weight_w_) / (dc_w + idle_weight_w_), battery_to_ac_);
  const double net_w = dc_w - curve.constant_w;
  // What AC feeds comes in by the same curve with a resting battery as with a charging one: no jump between them.
  return net_w >= 0.0 ? output_w(net_w, curve) : -import_w(-net_w, ac_to_battery_);
}

inline double ConversionLoss::charging_ac_w(double pv_w, double charge_w, double wanted_pv_w) const {
  const double direct_pv_w = std::min(pv_w, wanted_pv_w);
  const double direct_loss_w = (pv_to_battery_.square * direct_pv_w + pv_to_battery_.linear) * direct_pv_w;
  const Curve& other = pv_w >= charge_w ? pv_to_ac_ : ac_to_battery_;
  const double direct_w = std::min(pv_w, charge_w);
  const double other_w = std::abs(pv_w - charge_w);
  const double constant_w =
      (direct_w * pv_to_battery_.constant_w + other_w * other.constant_w + idle_weight_w_ * pv_to_ac_.constant_w) /
      (direct_w + other_w + idle_weight_w_);
  const double net_w = pv_w - charge_w - direct_loss_w - constant_w;
  return net_w >= 0.0 ? output_w(net_w, pv_to_ac_) : -import_w(-net_w, ac_to_battery_);
}

double ConversionLoss::pv_for_ac_w(double ac_w, double battery_discharge_w) const {
  return pv_for_ac(ac_w, battery_discharge_w).pv_w;
}

ConversionLoss::PvForAc ConversionLoss::pv_for_ac(double ac_w, double battery_discharge_w) const {
  const bool discharging = battery_discharge_w >= 0.0;
  const double charge_w = -battery_discharge_w;
  const double wanted_pv_w = discharging ? 0.0 : import_w(charge_w, pv_to_battery_);
  double given_w = 0.0;
  const auto miss_w = [&](double pv_w) {
    given_w = discharging ? discharging_ac_w(pv_w, battery_discharge_w) : charging_ac_w(pv_w, charge_w, wanted_pv_w);
    return given_w - ac_w;
  };
  // A battery that charges without PV takes its power from AC.
  const bool without_pv_imports = battery_discharge_w < 0.0 && ac_w > 0.0;
  // What neither PV nor battery give is known.
  const bool nothing_given = battery_discharge_w == 0.0 && 0.0 - idle_import_w_ < ac_w;
  if (!without_pv_imports && !nothing_given && miss_w(0.0) >= 0.0) return {0.0, given_w};
  const double guess_w = ac_w * (1.0 + pv_to_ac_.linear) + pv_to_ac_.square * ac_w * ac_w + pv_to_ac_.constant_w;
  const double pv_w = root_near(std::max(0.0, guess_w - battery_discharge_w),
                                [&](double asked_w) { return miss_w(std::max(0.0, asked_w)); });
  return {std::max(0.0, pv_w), given_w};
}

double ConversionLoss::battery_for_ac_w(double ac_w, double pv_w) const {
  const double sign = ac_w < 0.0 ? -1.0 : 1.0;
  const double guess_w = ac_w + sign * pv_to_ac_.linear * ac_w + pv_to_ac_.square * ac_w * ac_w + pv_to_ac_.constant_w;
  return root_near(guess_w - pv_w, [&](double battery_w) { return ac_injection_w(pv_w, battery_w) - ac_w; });
}

}  // namespace hil::models
