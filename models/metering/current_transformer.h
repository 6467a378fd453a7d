#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "models/electrical/phasor.h"
#include "models/metering/accuracy_class.h"
#include "models/metering/flag_set.h"

namespace hil::models {

/// What is wrong with one transformer at the current that flows.
enum class CtFlag : unsigned char {
  reversed,
  secondary_open,
  secondary_shorted,
  hazard_voltage,       ///< open, and the estimated peak at its terminals is above hazard_peak_v
  below_class_range,    ///< current below the lowest point of the class: nothing is promised
  above_class_range,    ///< current above the highest point of the class (1.2 of rated)
  burden_out_of_range,  ///< outside 25..100 % of the rated burden: the class does not hold
  lead_too_long,        ///< above 5 m (parallel instruction)
  saturated,            ///< the secondary current is clipped
  primary_overrun,      ///< above max_primary_a of the type
  wrong_frequency,      ///< more than 5 % off the rated one
};
using CtFlags = FlagSet<CtFlag>;
std::string_view name_of(CtFlag flag);

/// Current transformer on one phase: complex gain from primary to secondary, which depends on the current.
///
///   secondary_a = (1 + ratio_error) (1 + e) exp(j (phase_error_rad + d)) primary_a / ratio
///   x = |primary_a| / rated_primary_a,  e = ratio_position ratio_limit(x),  d = phase_position angle_limit(x)
///   limits: table of the class, linear in log x between its points
///   x below the lowest point x0:  limit(x0) + magnetising_error (x0 / x - 1); above the highest: as there
///   |secondary_a| <= ALF Isn (Rct + Rrated) / (Rct + Rburden);  shorted or open: 0
///   burden = Isn^2 2 length 0.0175 / area + meter_input_va
///
/// Sign:     phase error > 0: the secondary current leads. Reversed turns it by half a turn.
/// Assumed:  growth of the error below the class (certainty C, magnetising_error), and beyond the burden's range:
///           in proportion above 100 %, up to twice at no burden below 25 %; in inverse proportion to a wrong
///           frequency; either error stops at max_error. The peak of an open secondary: open_peak_v().
/// Left out: harmonics of saturation, remanence, temperature, demagnetising after an open circuit.
/// Valid:    RMS, 0..1e5 A.  Cost: some 45 ns a call; without class and ALF 4 ns.
/// Checked against: every point of the five classes, error watts of the seed's CTs, lead burdens; see
/// tests/models/validation/metering.
class CurrentTransformer {
 public:
  static constexpr double copper_ohm_mm2_per_m = 0.0175;         ///< reproduces all lead burdens of 6.2
  static constexpr double max_lead_m = 5.0;                      ///< parallel instruction, S001-46
  static constexpr double max_error = 0.5;                       ///< assumed, of ratio and of angle in rad
  static constexpr double assumed_rated_burden_va = 5.0;         ///< for the open secondary, when none is given
  static constexpr double assumed_accuracy_limit_factor = 10.0;  ///< likewise
  static constexpr double hazard_peak_v = 120.0;                 ///< assumed limit of touch voltage
  static constexpr double frequency_tolerance = 0.05;            ///< assumed

  /// From accuracy_class on, the defaults describe a transformer without that property.
  struct Parameters {
    double rated_primary_a = 0.0;    ///< > 0
    double rated_secondary_a = 0.0;  ///< > 0
    double ratio_error = 0.0;        ///< -0.1..0.1, at every current, on top of the class
    double phase_error_rad = 0.0;    ///< -0.1..0.1, likewise
    CtClass accuracy_class = CtClass::none;
    double ratio_position = 0.0;         ///< -1..1: where in the band of its class this specimen lies
    double phase_position = 0.0;         ///< -1..1
    double magnetising_error = 0.002;    ///< 0..0.01, ratio and rad; .1-.3 % assumed (6.1)
    double rated_burden_va = 0.0;        ///< >= 0; 0: burden not looked at
    double lead_length_m = 3.0;          ///< 0..100, one way
    double lead_area_mm2 = 1.0;          ///< 0.1..100; the terminals take 0.75..2
    double meter_input_va = 0.0;         ///< 0..100, at rated secondary current
    double winding_ohm = 0.0;            ///< 0..100, Rct
    double accuracy_limit_factor = 0.0;  ///< ALF, >= 1 and then rated_burden_va > 0; 0: does not saturate
    double max_primary_a = 0.0;          ///< of the type (200/5: 200 A); 0: not looked at
    double rated_frequency_hz = 50.0;    ///< 40..70
  };
  enum class Secondary : unsigned char { closed, shorted, open };

  /// Throws InvalidParameter.
  explicit CurrentTransformer(const Parameters& parameters);

  void set_reversed(bool reversed);
  void set_secondary(Secondary state) { secondary_ = state; }
  /// Anything else than > 0 is taken as the rated frequency.
  void set_frequency_hz(double frequency_hz);

  Phasor secondary_a(Phasor primary_a) const {
    if (secondary_ != Secondary::closed) return {};
    return constant_ ? direction_ * product(gain_, primary_a) : varying_secondary_a(primary_a);
  }
  CtFlags flags(Phasor primary_a) const;

  double ratio() const { return parameters_.rated_primary_a / parameters_.rated_secondary_a; }
  bool reversed() const { return direction_ < 0.0; }
  Secondary secondary() const { return secondary_; }
  double lead_burden_va() const;
  double burden_va() const { return lead_burden_va() + parameters_.meter_input_va; }
  /// Assumed: V = 2 sqrt(2 Vk (Vf - Vk)), as used for high-impedance protection, with the knee Vk from ALF and rated
  /// burden and Vf the voltage that a core without saturation would reach.
  double open_peak_v(Phasor primary_a) const;
  const Parameters& parameters() const { return parameters_; }

 private:
  /// ratio and angle over log(x^2), from `from_square` on.
  struct Segment {
    double from_square = 0.0;
    double ratio_at_one = 0.0;
    double ratio_slope = 0.0;
    double angle_at_one = 0.0;
    double angle_slope = 0.0;
  };
  static constexpr std::size_t max_points = 5;

  /// Without the look at infinities that std::complex takes with each product.
  static Phasor product(Phasor a, Phasor b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  }
  Phasor varying_secondary_a(Phasor primary_a) const;
  double log_of(double share_square) const;
  Phasor gain_at(double share_square) const;
  void refigure();
  double burden_factor() const;
  bool off_frequency() const;

  Parameters parameters_;
  Phasor gain_;
  double direction_ = 1.0;
  Secondary secondary_ = Secondary::closed;
  bool constant_ = true;
  double inverse_rated_square_ = 0.0;
  double clip_square_ = 0.0;        ///< of the secondary current; infinite: never
  double rated_clip_square_ = 0.0;  ///< at rated frequency
  double frequency_hz_ = 0.0;       ///< as last given
  double frequency_ratio_ = 1.0;    ///< 0.1..10
  std::array<Segment, max_points> segments_{};
  std::size_t segment_count_ = 0;
  double lowest_share_ = 0.0;
  double highest_share_ = 0.0;
  /// The last logarithm taken, to spare most others. Results depend on it by less than 1e-10; one thread at a time.
  mutable double inverse_last_square_ = 1.0;
  mutable double last_log_ = 0.0;
  double ratio_growth_ = 0.0;  ///< of the error per (x0 / x - 1)
  double angle_growth_ = 0.0;
};

}  // namespace hil::models
