#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/invalid_parameter.h"
#include "models/metering/meter_installation.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

/// Uniform, not growing with the number of the case.
double any_between(double lowest, double highest) {
  return lowest + (highest - lowest) * *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 1000001)) / 1e6;
}

/// Every decade alike, zero included.
double any_size(double highest) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 10)) == 0
             ? 0.0
             : highest * std::pow(10.0, -any_between(0.0, 9.0));
}

CtClass any_ct_class() {
  return *rc::gen::element(CtClass::none, CtClass::class_02, CtClass::class_02s, CtClass::class_05, CtClass::class_05s,
                           CtClass::class_1);
}

CurrentTransformer::Parameters any_transformer() {
  CurrentTransformer::Parameters parameters;
  parameters.rated_secondary_a = *rc::gen::element(1.0, 5.0);
  parameters.rated_primary_a = *rc::gen::element(5.0, 60.0, 200.0, 250.0, 1000.0, 5000.0);
  parameters.accuracy_class = any_ct_class();
  parameters.ratio_position = any_between(-1.0, 1.0);
  parameters.phase_position = any_between(-1.0, 1.0);
  parameters.magnetising_error = any_between(0.0, 0.01);
  parameters.rated_burden_va = *rc::gen::element(0.0, 1.0, 5.0, 30.0);
  parameters.lead_length_m = any_between(0.0, 100.0);
  parameters.lead_area_mm2 = any_between(0.1, 4.0);
  parameters.winding_ohm = any_between(0.0, 2.0);
  if (parameters.rated_burden_va > 0.0) parameters.accuracy_limit_factor = *rc::gen::element(0.0, 1.0, 5.0, 10.0);
  return parameters;
}

PhasePhasors any_phasors(double highest) {
  PhasePhasors values;
  for (Phasor& value : values) value = std::polar(any_size(highest), any_between(-3.2, 3.2));
  return values;
}

RC_GTEST_PROP(MeteringProperty, EveryReadingIsFiniteAndSumsAreTheSumsOfPhases, ()) {
  MeterInstallation::Parameters parameters;
  for (auto& transformer : parameters.transformers) transformer = any_transformer();
  EnergyMeter::Parameters& meter = parameters.meter;
  meter.ct_ratio = any_between(1.0, 1000.0);
  meter.averaging_window = 100ms * *rc::gen::inRange(1, 5);
  meter.refresh_period = 100ms;
  meter.power_quantum_w = 0.0;
  meter.reported_va = *rc::gen::element(ApparentPower::arithmetic, ApparentPower::vector, ApparentPower::effective);
  meter.energy_register = *rc::gen::element(EnergyRegister::netting, EnergyRegister::per_phase);
  meter.meter_class =
      *rc::gen::element(MeterClass::none, MeterClass::class_1, MeterClass::class_05s, MeterClass::class_02s);
  meter.class_position = any_between(-1.0, 1.0);
  meter.secondary_quantum_a = *rc::gen::element(0.0, 0.001);
  meter.beyond_limits = *rc::gen::element(BeyondLimits::measures_on, BeyondLimits::clips);
  meter.neutral_connected = *rc::gen::arbitrary<bool>();
  MeterInstallation installation(parameters, 100ms);
  for (int step = 0; step < 8; ++step) {
    const auto phase = *rc::gen::inRange<std::size_t>(0, 3);
    installation.set_input(phase,
                           {.ct = *rc::gen::inRange<std::size_t>(0, 3), .reversed = *rc::gen::arbitrary<bool>()});
    installation.set_secondary(
        phase, *rc::gen::element(CurrentTransformer::Secondary::closed, CurrentTransformer::Secondary::shorted,
                                 CurrentTransformer::Secondary::open));
    const double frequency_hz = *rc::gen::element(0.0, 45.0, 50.0, 60.0, 1000.0);
    installation.advance(any_phasors(1e3), any_phasors(1e5), frequency_hz);
    const EnergyMeter::Reading& reading = installation.reading();
    double sum_w = 0.0;
    double sum_var = 0.0;
    double scale = 1.0;
    for (std::size_t k = 0; k < phase_count; ++k) {
      sum_w += reading.import_w[k];
      sum_var += reading.import_var[k];
      scale += reading.phase_va[k];
      RC_ASSERT(std::isfinite(reading.voltage_ln_v[k]) && std::isfinite(reading.current_a[k]));
      RC_ASSERT(std::isfinite(reading.phase_power_factor[k]) && reading.phase_imported_wh[k] >= 0.0);
    }
    RC_ASSERT(std::isfinite(scale) && std::isfinite(reading.effective_va) && std::isfinite(reading.power_factor));
    RC_ASSERT(std::isfinite(installation.open_secondary_peak_kv()));
    RC_ASSERT(std::abs(reading.total_import_w - sum_w) <= 1e-9 * scale);
    RC_ASSERT(std::abs(reading.total_import_var - sum_var) <= 1e-9 * scale);
    RC_ASSERT(reading.vector_va <= reading.arithmetic_va * (1.0 + 1e-9));
    // What nets out is missing from both registers alike.
    double phases_wh = 0.0;
    for (std::size_t k = 0; k < phase_count; ++k)
      phases_wh += reading.phase_imported_wh[k] - reading.phase_exported_wh[k];
    RC_ASSERT(std::abs(phases_wh - (reading.netted_imported_wh - reading.netted_exported_wh)) <=
              1e-9 * (1.0 + reading.netted_imported_wh + reading.phase_imported_wh[0] + reading.phase_imported_wh[1] +
                      reading.phase_imported_wh[2]));
  }
}

/// The table of the class between its points, worked anew: linear in log current.
double limit_at(std::span<const CtClassPoint> points, double share, double CtClassPoint::*member) {
  for (std::size_t k = 0; k + 1 < points.size(); ++k) {
    if (share > points[k + 1].current_share) continue;
    const double way =
        std::log10(share / points[k].current_share) / std::log10(points[k + 1].current_share / points[k].current_share);
    return points[k].*member + way * (points[k + 1].*member - points[k].*member);
  }
  return points.back().*member;
}

RC_GTEST_PROP(MeteringProperty, ErrorsStayInTheBandOfTheClassInsideItsPromise, ()) {
  CurrentTransformer::Parameters parameters = any_transformer();
  RC_PRE(parameters.accuracy_class != CtClass::none);
  parameters.rated_burden_va = 10.0;
  parameters.accuracy_limit_factor = 5.0;
  parameters.lead_length_m = 0.0;
  parameters.meter_input_va = any_between(2.5, 10.0);
  const CurrentTransformer transformer(parameters);
  const auto points = class_points(parameters.accuracy_class);
  const double share = points.front().current_share *
                       std::pow(points.back().current_share / points.front().current_share, any_between(0.0, 1.0));
  const double primary_a = share * parameters.rated_primary_a;
  RC_ASSERT(!transformer.flags(primary_a).has(CtFlag::burden_out_of_range));
  const Phasor gain = transformer.secondary_a(primary_a) * transformer.ratio() / primary_a;
  const double ratio_limit = limit_at(points, share, &CtClassPoint::ratio_error);
  const double phase_limit = limit_at(points, share, &CtClassPoint::phase_min);
  RC_ASSERT(std::abs(std::abs(gain) - 1.0) <= ratio_limit + 1e-9);
  RC_ASSERT(std::abs(std::arg(gain)) * 10800.0 / std::numbers::pi <= phase_limit + 1e-6);
}

RC_GTEST_PROP(MeteringProperty, TheMeterItselfStaysInItsClass, ()) {
  const MeterClass meter_class = *rc::gen::element(MeterClass::class_1, MeterClass::class_05s, MeterClass::class_02s);
  const MeterClassLimits limits = class_limits(meter_class);
  EnergyMeter meter({.ct_ratio = 50.0,
                     .averaging_window = 100ms,
                     .refresh_period = 100ms,
                     .power_quantum_w = 0.0,
                     .meter_class = meter_class,
                     .class_position = any_between(-1.0, 1.0)},
                    100ms);
  const double share = any_between(limits.lowest_share * 1.001, 1.2);
  meter.advance(balanced(230.0), {5.0 * share, 0.0, 0.0}, 50.0);
  const double true_w = 230.0 * 50.0 * 5.0 * share;
  const double allowed = share < limits.full_share ? limits.low_error : limits.error;
  RC_ASSERT(std::abs(meter.reading().import_w[0] / true_w - 1.0) <= allowed + 1e-12);
}

// Whatever a scenario writes into one field of a transformer: either it stands, or the refusal names the field.
RC_GTEST_PROP(MeteringProperty, ATransformerFieldOutOfRangeIsNamed, ()) {
  using Parameters = CurrentTransformer::Parameters;
  struct Field {
    const char* name;
    double Parameters::*member;
    double lowest;
    double highest;
  };
  const auto field =
      *rc::gen::elementOf(std::vector<Field>{{"ratio_error", &Parameters::ratio_error, -0.1, 0.1},
                                             {"ratio_position", &Parameters::ratio_position, -1.0, 1.0},
                                             {"phase_position", &Parameters::phase_position, -1.0, 1.0},
                                             {"magnetising_error", &Parameters::magnetising_error, 0.0, 0.01},
                                             {"rated_burden_va", &Parameters::rated_burden_va, 0.0, 1000.0},
                                             {"lead_length_m", &Parameters::lead_length_m, 0.0, 100.0},
                                             {"lead_area_mm2", &Parameters::lead_area_mm2, 0.1, 100.0},
                                             {"winding_ohm", &Parameters::winding_ohm, 0.0, 100.0}});
  const double value = *rc::gen::element(-HUGE_VAL, -1e6, -0.5, 0.0, 0.005, 50.0, 1e6, HUGE_VAL, std::nan(""));
  Parameters parameters{.rated_primary_a = 250.0, .rated_secondary_a = 5.0};
  parameters.*field.member = value;
  const bool allowed = value >= field.lowest && value <= field.highest;
  try {
    const CurrentTransformer transformer(parameters);
    RC_ASSERT(allowed);
  } catch (const InvalidParameter& refused) {
    RC_ASSERT(!allowed);
    RC_ASSERT(refused.field() == field.name);
  }
}

}  // namespace
}  // namespace hil::models
