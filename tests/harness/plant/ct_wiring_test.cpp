#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "controller/core/commissioning.h"
#include "controller/core/commissioning_text.h"
#include "models/metering/meter_installation.h"

namespace hil {
namespace {

using namespace std::chrono_literals;
using models::MeterInstallation;
using models::Phasor;
using Lines = std::vector<std::string>;

/// 250/5 of class 0.5 at the worst corner of its class, as the product's seed sells it; counts of 1 W.
MeterInstallation installation(double set_ratio = 50.0) {
  const models::CurrentTransformer::Parameters transformer{.rated_primary_a = 250.0,
                                                           .rated_secondary_a = 5.0,
                                                           .accuracy_class = models::CtClass::class_05,
                                                           .ratio_position = 1.0,
                                                           .phase_position = 1.0};
  MeterInstallation::Parameters parameters;
  parameters.transformers = {transformer, transformer, transformer};
  parameters.meter.ct_ratio = set_ratio;
  parameters.meter.averaging_window = 100ms;
  parameters.meter.refresh_period = 100ms;
  parameters.meter.power_quantum_w = 1.0;
  return {parameters, 100ms};
}

controller::MeterPowers shown(MeterInstallation& meter, double drawn_w) {
  // Uneven loads with a motor on L2: the check has to see the step alone.
  const std::array<Phasor, 3> load_va{Phasor{1800.0, 100.0}, Phasor{700.0, 600.0}, Phasor{150.0, 0.0}};
  const models::PhasePhasors voltage_v = models::balanced(230.0);
  models::PhasePhasors primary_a;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    primary_a[k] = std::conj((load_va[k] + drawn_w / 3.0) / voltage_v[k]);
  }
  meter.advance(voltage_v, primary_a, 50.0);
  const models::EnergyMeter::Reading& reading = meter.reading();
  return {{reading.import_w[0], reading.import_w[1], reading.import_w[2]},
          reading.import_w[0] + reading.import_w[1] + reading.import_w[2],
          reading.import_var[0] + reading.import_var[1] + reading.import_var[2]};
}

/// What the controller says of a meter whose CTs have this fault, from one step of power.
Lines said_of(MeterInstallation meter, const std::function<void(MeterInstallation&)>& fault, double step_w = 3000.0) {
  fault(meter);
  const controller::MeterPowers before = shown(meter, 0.0);
  controller::MeterPowers step = shown(meter, step_w);
  for (std::size_t k = 0; k < 3; ++k) step.phase_import_w[k] -= before.phase_import_w[k];
  step.grid_import_var -= before.grid_import_var;
  controller::CommissioningReport report;
  controller::report_cts(controller::judge_cts(step_w, step), report);
  Lines lines;
  for (std::size_t k = 0; k < report.finding_count; ++k) lines.emplace_back(text_of(report.findings[k]).text());
  return lines;
}

TEST(CtWiring, IsNamedFromWhatTheModelledMeterShows) {
  EXPECT_EQ(said_of(installation(), [](MeterInstallation&) {}), Lines{});
  EXPECT_EQ(said_of(installation(), [](MeterInstallation& meter) { meter.set_reversed(1, true); }),
            Lines{"CT B is reversed"});
  EXPECT_EQ(said_of(installation(), [](MeterInstallation& meter) { meter.swap_inputs(0, 2); }),
            Lines{"CT A and CT C are swapped"});
  EXPECT_EQ(said_of(installation(), [](MeterInstallation& meter) { meter.rotate_inputs(); }),
            Lines{"CTs are rotated: CT A measures L2"});
  EXPECT_EQ(said_of(installation(),
                    [](MeterInstallation& meter) {
                      meter.swap_inputs(0, 1);
                      for (std::size_t k = 0; k < 3; ++k) meter.set_reversed(k, true);
                    }),
            (Lines{"CT A and CT B are swapped", "CT A is reversed", "CT B is reversed", "CT C is reversed"}));
  EXPECT_EQ(
      said_of(installation(),
              [](MeterInstallation& meter) { meter.set_secondary(2, models::CurrentTransformer::Secondary::open); }),
      Lines{"CT C shows no current: open, shorted or not connected"});
}

// 200/5 set where 250/5 hang: 40 / 50.
TEST(CtWiring, AWrongRatioIsNamedFromWhatTheModelledMeterShows) {
  const Lines lines = said_of(installation(40.0), [](MeterInstallation&) {});
  ASSERT_EQ(lines.size(), 3U);
  for (const std::string& line : lines) EXPECT_NE(line.find("of the step: wrong ratio"), std::string::npos) << line;
}

// The smallest step, 167 W on each phase: 0.7 A of 250 A, far below what the class promises.
TEST(CtWiring, IsNamedFromTheSmallestStepToo) {
  EXPECT_EQ(said_of(
                installation(), [](MeterInstallation&) {}, 500.0),
            Lines{});
  EXPECT_EQ(said_of(
                installation(), [](MeterInstallation& meter) { meter.rotate_inputs(); }, 500.0),
            Lines{"CTs are rotated: CT A measures L2"});
}

}  // namespace
}  // namespace hil
