#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "models/metering/meter_installation.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;
using tests::ValidationCase;

constexpr double radians_per_minute = std::numbers::pi / 10800.0;
constexpr CurrentTransformer::Parameters ideal_250_5{.rated_primary_a = 250.0, .rated_secondary_a = 5.0};

MeterInstallation::Parameters installation_of(const CurrentTransformer::Parameters& transformer,
                                              std::chrono::nanoseconds step = 100ms) {
  MeterInstallation::Parameters parameters;
  parameters.transformers = {transformer, transformer, transformer};
  parameters.meter.ct_ratio = transformer.rated_primary_a / transformer.rated_secondary_a;
  parameters.meter.averaging_window = step;
  parameters.meter.refresh_period = step;
  parameters.meter.power_quantum_w = 0.0;
  return parameters;
}

/// Primary currents that carry these powers at 230 V.
PhasePhasors primary_for(const std::array<Phasor, 3>& import_va) {
  const PhasePhasors v = balanced(230.0);
  PhasePhasors primary_a;
  for (std::size_t k = 0; k < phase_count; ++k) primary_a[k] = std::conj(import_va[k] / v[k]);
  return primary_a;
}

/// Names take a prefix without length where a case has the phases more than once.
void check_phases(ValidationCase& expected, const std::string& prefix, const EnergyMeter::Reading& reading) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    expected.check(prefix + "l" + std::to_string(k + 1) + "_import_w", reading.import_w[k]);
  }
  expected.check(prefix + "total_import_w", reading.total_import_w);
}

template <typename Fault>
void check_wiring_case(const std::string& folder, Fault fault) {
  ValidationCase expected(folder);
  MeterInstallation installation(installation_of(ideal_250_5), 100ms);
  fault(installation);
  installation.advance(balanced(230.0), primary_for({4000.0, -1000.0, -3000.0}), 50.0);
  check_phases(expected, "", installation.reading());
  expected.check("total_import_var", installation.reading().total_import_var);
}

/// Share of the true power that a meter at the upper end of its class reads, with `share` of 5 A at unity power factor.
double read_share(MeterClass meter_class, double share) {
  EnergyMeter meter({.ct_ratio = 50.0,
                     .averaging_window = 100ms,
                     .refresh_period = 100ms,
                     .power_quantum_w = 0.0,
                     .meter_class = meter_class,
                     .class_position = 1.0},
                    100ms);
  const PhasePhasors v = balanced(230.0);
  PhasePhasors secondary_a;
  for (std::size_t k = 0; k < phase_count; ++k) secondary_a[k] = v[k] / 230.0 * (5.0 * share);
  meter.advance(v, secondary_a, 50.0);
  return meter.reading().total_import_w / (3.0 * 230.0 * 50.0 * 5.0 * share);
}

// Just inside each range; "start" is the current below which nothing is counted.
TEST(MeteringValidation, TheClassesOfMetersErrByWhatTheyAllow) {
  ValidationCase expected("metering/meter_classes");
  constexpr std::array classes{std::pair{"class_1", MeterClass::class_1}, std::pair{"class_05s", MeterClass::class_05s},
                               std::pair{"class_02s", MeterClass::class_02s}};
  for (const auto& [name, meter_class] : classes) {
    const std::string prefix = std::string(name) + "_";
    const double lowest = meter_class == MeterClass::class_1 ? 0.02 : 0.01;
    expected.check(prefix + "low_error", 100.0 * (read_share(meter_class, 1.001 * lowest) - 1.0));
    expected.check(prefix + "error_below_full", 100.0 * (read_share(meter_class, 0.0499) - 1.0));
    expected.check(prefix + "error_from_full", 100.0 * (read_share(meter_class, 0.0501) - 1.0));
    expected.check(prefix + "error_at_rated", 100.0 * (read_share(meter_class, 1.0) - 1.0));
    if (meter_class == MeterClass::class_02s) continue;  // its start is not given
    const double start = expected.expected(prefix + "start");
    EXPECT_EQ(read_share(meter_class, 0.999 * start), 0.0) << name;
    EXPECT_GT(read_share(meter_class, 1.001 * start), 0.9) << name;
    expected.check(prefix + "start", class_limits(meter_class).start_share);
  }
}

TEST(MeteringValidation, M1ReadsEveryPhaseAndTheSumWhenWiredRight) {
  check_wiring_case("metering/m1", [](MeterInstallation&) {});
}

TEST(MeteringValidation, M2TurnsTheSignOfThePhaseWhoseTransformerIsReversed) {
  check_wiring_case("metering/m2", [](MeterInstallation& site) { site.set_reversed(0, true); });
}

TEST(MeteringValidation, M3ReadsPhantomPowerWhenTwoTransformersAreSwapped) {
  check_wiring_case("metering/m3", [](MeterInstallation& site) { site.swap_inputs(0, 1); });
}

TEST(MeteringValidation, M4ReadsARightSumAndWrongPhasesWhenAllAreRotated) {
  check_wiring_case("metering/m4", [](MeterInstallation& site) { site.rotate_inputs(); });
}

// Every printed point of the table, at both ends of the band. The share of rated current stands in the name.
TEST(MeteringValidation, TransformersAtTheEdgeOfTheirClassErrAsTheTableAllows) {
  const std::array<std::pair<CtClass, std::string>, 5> classes{{{CtClass::class_02, "0_2"},
                                                                {CtClass::class_02s, "0_2s"},
                                                                {CtClass::class_05, "0_5"},
                                                                {CtClass::class_05s, "0_5s"},
                                                                {CtClass::class_1, "1"}}};
  for (const auto& [accuracy_class, name] : classes) {
    ValidationCase expected("metering/ct_class_" + name);
    for (const std::string& quantity : expected.quantities()) {
      const double position = quantity.starts_with("highest") ? 1.0 : -1.0;
      const double percent = std::stod(quantity.substr(quantity.rfind('_') + 1));
      CurrentTransformer::Parameters parameters = ideal_250_5;
      parameters.accuracy_class = accuracy_class;
      parameters.ratio_position = position;
      parameters.phase_position = position;
      const double primary_a = percent / 100.0 * 250.0;
      const Phasor gain = CurrentTransformer(parameters).secondary_a(primary_a) / (primary_a / 50.0);
      const bool ratio = quantity.find("ratio") != std::string::npos;
      expected.check(quantity, ratio ? (std::abs(gain) - 1.0) * 100.0 : std::arg(gain) / radians_per_minute);
    }
  }
}

// Ratio part: what the meter shows of active power less the truth, angle ideal. False power: what it shows of pure
// reactive power, ratio ideal. 200/5 without stated accuracy is taken as 0.5, as there.
TEST(MeteringValidation, SeedTransformersMisreadByTheTabulatedWatts) {
  struct Row {
    std::string name;
    double rated_a;
    CtClass accuracy_class;
  };
  const std::array<Row, 5> rows{{{"200_5", 200.0, CtClass::class_05},
                                 {"250_5_class_0_5", 250.0, CtClass::class_05},
                                 {"250_5_class_1", 250.0, CtClass::class_1},
                                 {"1000_5", 1000.0, CtClass::class_05},
                                 {"5000_5", 5000.0, CtClass::class_02}}};
  ValidationCase expected("metering/ct_seed_table");
  for (const Row& row : rows) {
    for (const int percent : {5, 20, 100}) {
      CurrentTransformer::Parameters parameters{.rated_primary_a = row.rated_a, .rated_secondary_a = 5.0};
      parameters.accuracy_class = row.accuracy_class;
      const double va = 230.0 * row.rated_a * percent / 100.0;
      const auto shown_w = [&](double ratio_position, double phase_position, Phasor import_va) {
        parameters.ratio_position = ratio_position;
        parameters.phase_position = phase_position;
        MeterInstallation installation(installation_of(parameters), 100ms);
        installation.advance(balanced(230.0), primary_for({import_va, 0.0, 0.0}), 50.0);
        return installation.reading().import_w[0];
      };
      const std::string at = "_at_" + std::to_string(percent);
      expected.check(row.name + "_ratio_error" + at, shown_w(1.0, 0.0, va) - va);
      expected.check(row.name + "_false_power" + at, shown_w(0.0, 1.0, {0.0, va}));
    }
  }
}

TEST(MeteringValidation, LeadsBurdenTheTransformerByTheTabulatedVa) {
  ValidationCase expected("metering/ct_lead_burden");
  const auto burden_va = [](double length_m, double area_mm2) {
    CurrentTransformer::Parameters parameters = ideal_250_5;
    parameters.lead_length_m = length_m;
    parameters.lead_area_mm2 = area_mm2;
    return CurrentTransformer(parameters).lead_burden_va();
  };
  expected.check("lead_3m_1mm2", burden_va(3.0, 1.0));
  expected.check("lead_5m_1mm2", burden_va(5.0, 1.0));
  expected.check("lead_5m_0_75mm2", burden_va(5.0, 0.75));
  expected.check("lead_20m_1_5mm2", burden_va(20.0, 1.5));
}

// Secondary currents of 99.6 and 100.4 mA round to 100 mA, 100.6 mA to 101 mA: one count apart.
TEST(MeteringValidation, OneCountOfTheInputIsThatManyWatts) {
  ValidationCase expected("metering/meter_counts");
  for (const auto& [name, rated_a] :
       {std::pair{"count_250_5", 250.0}, {"count_1000_5", 1000.0}, {"count_5000_5", 5000.0}}) {
    MeterInstallation::Parameters parameters = installation_of({.rated_primary_a = rated_a, .rated_secondary_a = 5.0});
    parameters.meter.secondary_quantum_a = 0.001;
    MeterInstallation installation(parameters, 100ms);
    const auto shown_w = [&, rated_a = rated_a](double secondary_a) {
      installation.advance(balanced(230.0), {secondary_a * rated_a / 5.0, 0.0, 0.0}, 50.0);
      return installation.reading().import_w[0];
    };
    EXPECT_NEAR(shown_w(0.0996), shown_w(0.1004), 1e-9);
    const double lower_w = shown_w(0.1004);
    expected.check(name, shown_w(0.1006) - lower_w);
  }
}

TEST(MeteringValidation, PhaseErrorLeaksReactivePowerAndLowCurrentIsMisread) {
  ValidationCase expected("metering/ct_angle_leak");
  CurrentTransformer::Parameters parameters{.rated_primary_a = 10000.0 / 230.0, .rated_secondary_a = 5.0};
  parameters.accuracy_class = CtClass::class_05;
  parameters.phase_position = 1.0;
  MeterInstallation leaking(installation_of(parameters), 100ms);
  leaking.advance(balanced(230.0), primary_for({Phasor{0.0, 10000.0}, 0.0, 0.0}), 50.0);
  expected.check("false_power", leaking.reading().import_w[0]);

  parameters = ideal_250_5;
  parameters.accuracy_class = CtClass::class_05;
  parameters.ratio_position = 1.0;
  MeterInstallation low(installation_of(parameters), 100ms);
  low.advance(balanced(230.0), primary_for({10000.0 / 3.0, 10000.0 / 3.0, 10000.0 / 3.0}), 50.0);
  expected.check("misread_10_kw_class_0_5", low.reading().total_import_w - 10000.0);
}

TEST(MeteringValidation, ThreeKindsOfApparentPowerOfOneUnbalancedLoad) {
  ValidationCase expected("metering/apparent_power");
  MeterInstallation::Parameters parameters = installation_of(ideal_250_5);
  PhasePhasors v = balanced(230.0);
  const PhasePhasors primary_a{10.0, std::polar(10.0, std::arg(v[1]) - std::numbers::pi / 2.0), 0.0};
  const auto reading_of = [&] {
    MeterInstallation installation(parameters, 100ms);
    installation.advance(v, primary_a, 50.0);
    return installation.reading();
  };
  parameters.meter.reported_va = ApparentPower::arithmetic;
  expected.check("arithmetic_va", reading_of().total_va);
  parameters.meter.reported_va = ApparentPower::vector;
  expected.check("vector_va", reading_of().total_va);
  parameters.meter.reported_va = ApparentPower::effective;
  expected.check("effective_va", reading_of().total_va);
  parameters.meter.neutral_resistance_ratio = 0.0;
  expected.check("effective_va_without_neutral_weight", reading_of().total_va);
  parameters.meter.neutral_resistance_ratio = 1.0;
  v[2] = 0.0;
  expected.check("effective_va_l3_voltage_lost", reading_of().total_va);
}

TEST(MeteringValidation, WhatCirculatesBetweenPhasesIsInThePhasesAndNotInTheSum) {
  ValidationCase expected("metering/s1_circulating");
  const std::array<double, 3> s1_w{-366.63, -3096.77, -3783.39};
  const double mean_w = (s1_w[0] + s1_w[1] + s1_w[2]) / 3.0;
  const PhasePhasors balanced_sum_a = primary_for({s1_w[0] - mean_w, s1_w[1] - mean_w, s1_w[2] - mean_w});
  MeterInstallation installation(installation_of(ideal_250_5, 1s), 1s);
  for (int second = 0; second < 3600; ++second) installation.advance(balanced(230.0), balanced_sum_a, 50.0);
  const EnergyMeter::Reading hour = installation.reading();
  check_phases(expected, "", hour);
  expected.check("netted_wh", hour.netted_imported_wh + hour.netted_exported_wh);
  expected.check("phase_imported_wh",
                 hour.phase_imported_wh[0] + hour.phase_imported_wh[1] + hour.phase_imported_wh[2]);
  expected.check("phase_exported_wh",
                 hour.phase_exported_wh[0] + hour.phase_exported_wh[1] + hour.phase_exported_wh[2]);

  installation.rotate_inputs();
  installation.advance(balanced(230.0), balanced_sum_a, 50.0);
  check_phases(expected, "rotated_", installation.reading());
  installation.advance(balanced(230.0), primary_for({s1_w[0], s1_w[1], s1_w[2]}), 50.0);
  expected.check("rotated_at_export_total_import_w", installation.reading().total_import_w);
  expected.check("rotated_at_export_total_import_var", installation.reading().total_import_var);
}

}  // namespace
}  // namespace hil::models
