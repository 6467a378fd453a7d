#pragma once

#include <chrono>

#include "models/generation/pv_array.h"

namespace hil::models {

/// One MPPT input of an inverter with its PV array: start-up, search, limits, curtailment and the way back.
///
///   waiting    open circuit until it reaches start_v
///   sweeping   voltage runs from open circuit to min_mpp_v in sweep_s; the best voltage seen is where tracking begins
///   tracking   perturb and observe: every period one step of perturb_step * Voc. Power is read before the step, half
///              a period and a period after it, dP = 2 P(half) - P(before) - P(after), so light that changes steadily
///              does not turn it. Back to waiting when Voc falls below min_mpp_v.
///
/// What the step can give is the power of the tracked voltage times static_efficiency (the ripple around it), inside
/// the voltage window, and moved right along the curve where the current would exceed max_input_a. Taking less moves
/// the point right of the maximum within the step; the tracked voltage then rests, and so it does under the current
/// limit. Taking more again is bounded by a ramp of the array's power at 1000 W/m2, 25 deg C in return_s.
///
/// Once a step: set_conditions() if light or temperature changed, offered_w(), settle(what was taken).
///
/// Left out: several maxima, DC link, losses in the converter, noise of its measurement, input voltage limit. Cut and
/// hold of the export-limit freeze (physics-and-standards 9) belong to the inverter, by what it takes.
/// Valid: steps 1 ms..1 s; the perturbation period is at least two steps.
/// Checked against: EN 50530 dynamic sequences, > 99 % on every slope; see tests/models/validation/generation.
class MpptTracker {
 public:
  static constexpr double assumed_sweep_s = 4.0;              ///< assumed, 2..10 s (physics-and-standards 5.3)
  static constexpr double assumed_perturb_period_s = 0.5;     ///< assumed, 0.1..1 s (5.3)
  static constexpr double assumed_perturb_step = 0.005;       ///< assumed, 0.3..1 % of Voc (5.3)
  static constexpr double assumed_static_efficiency = 0.998;  ///< assumed, 99.5..99.9 % (5.3, B)
  static constexpr double assumed_return_s = 2.0;             ///< assumed, healthy 1..3 s (5.3 and 9)
  /// Smaller changes of light and temperature than these are kept back: below 1e-4 of the power in daylight.
  static constexpr double least_change_w_m2 = 0.01;
  static constexpr double least_change_k = 0.01;

  struct Parameters {
    double start_v = 0.0;            ///< >= min_mpp_v
    double min_mpp_v = 0.0;          ///< > 0, no power below
    double max_mpp_v = 0.0;          ///< > min_mpp_v
    double max_input_a = 0.0;        ///< > 0
    double sweep_s = -1.0;           ///< 0..60, 0 starts at 0.8 of open circuit
    double perturb_period_s = 0.0;   ///< 0.02..10
    double perturb_step = 0.0;       ///< 0.0005..0.05, of open-circuit voltage
    double static_efficiency = 0.0;  ///< 0.9..1
    double return_s = -1.0;          ///< 0..600, from open circuit to rated power; 0 at once
  };
  /// The assumed dynamics above within the window of a data sheet.
  static Parameters healthy(double start_v, double min_mpp_v, double max_mpp_v, double max_input_a);

  enum class Phase { waiting, sweeping, tracking };
  using Point = PvArray::Point;

  /// Throws InvalidParameter.
  MpptTracker(const PvArray::Parameters& array, const Parameters& parameters, std::chrono::nanoseconds step);

  /// As PvArray::set_conditions and set_string_shading; throw InvalidParameter when out of range.
  void set_conditions(double irradiance_w_m2, double cell_temperature_c);
  void set_string_shading(std::size_t string, double factor);

  /// The most this input can give in this step.
  double offered_w() const { return offered_w_; }
  /// What was taken of it, 0..offered_w() (beyond is cut): moves the operating point there and ends the step.
  void settle(double used_w);
  /// As if tracking had found the maximum long ago; nothing below start_v.
  void start_at_maximum();
  /// Back to waiting: the next step with enough voltage starts the sweep.
  void restart();

  /// Where settle() left the input: mean over the ripple, so just below the curve where static_efficiency < 1. The
  /// voltage of a curtailed input is found when it is asked for, so one tracker is not for two threads.
  const Point& point() const {
    if (voltage_is_due_) find_curtailed_voltage();
    return point_;
  }
  Phase phase() const { return phase_; }
  bool curtailed() const { return curtailed_; }
  const PvArray& array() const { return array_; }

 private:
  void wait();
  void start();
  void sweep_on();
  void observe();
  void track();
  void place_tracked_voltage();
  void offer();
  void place_point(double voltage_v, double power_w) const;
  void find_curtailed_voltage() const;

  PvArray array_;
  Parameters parameters_;
  double rise_w_ = 0.0;  ///< of one step on the way back
  int half_period_steps_ = 1;
  int sweep_steps_ = 0;

  Phase phase_ = Phase::waiting;
  double tracked_v_ = 0.0;
  Point tracked_;             ///< on the curve, after window and current limit
  bool limited_ = false;      ///< by max_input_a
  double available_w_ = 0.0;  ///< of the tracked point, without ramp
  double ceiling_w_ = 0.0;    ///< of the ramp
  double offered_w_ = 0.0;
  mutable Point point_;
  mutable bool voltage_is_due_ = false;  ///< of point_, from the array as it still is
  bool curtailed_ = false;
  bool moved_ = true;  ///< light, temperature or tracked voltage since the point was found

  int steps_ = 0;  ///< since the sweep began or since the last perturbation
  double sweep_from_v_ = 0.0;
  double best_v_ = 0.0;
  double best_w_ = 0.0;
  double direction_ = -1.0;
  double before_w_ = -1.0;  ///< negative: not read yet
  double half_w_ = 0.0;
};

}  // namespace hil::models
