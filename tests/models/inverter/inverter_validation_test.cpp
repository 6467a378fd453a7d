#include <gtest/gtest.h>

#include <string>

#include "models/inverter/command_path.h"
#include "models/inverter/hybrid_inverter.h"
#include "tests/models/inverter/measured_inverters.h"
#include "tests/models/validation/validation_case.h"

// Figures of physics-and-standards 2.1 and 2.2 that hang on the power stage as a whole.
namespace hil::models {
namespace {

using namespace std::chrono_literals;
using hil::tests::ValidationCase;

constexpr double no_limit_w = 1e9;
constexpr LossCurve lossless{10000.0, 0.0, 0.0, 0.0};

/// 10 kW without losses or delays, 1.2 pu of rated current in each phase; nothing else bounds 20 kW.
HybridInverter::Parameters ten_kilowatts() {
  return {.rated_ac_w = 10000.0,
          .max_ac_va = 20000.0,
          .max_phase_a = 1.2 * 10000.0 / 690.0,
          .max_battery_charge_w = 20000.0,
          .max_battery_discharge_w = 20000.0,
          .losses = {lossless, lossless, lossless, lossless},
          .command_dead_time = 0ns,
          .command_time_constant = 0ns};
}

HybridInverter::Outputs settled(const HybridInverter::Parameters& parameters, double order_w, double order_var,
                                const PhasePhasors& terminal_ln_v) {
  HybridInverter::Inputs inputs;
  inputs.terminal_ln_v = terminal_ln_v;
  inputs.duty = HybridInverter::Duty::following;
  inputs.pv_ceiling_w = inputs.ac_ceiling_w = no_limit_w;
  inputs.battery_max_charge_w = inputs.battery_max_discharge_w = no_limit_w;
  inputs.battery_discharge_request_w = order_w;
  inputs.reactive_injection_request_var = order_var;
  HybridInverter inverter{parameters, 100ms};
  for (int i = 0; i < 100; ++i) inverter.advance(inputs);
  return inverter.outputs();
}

TEST(InverterValidation, EachPhaseCarriesNoMoreThanItsCurrent) {
  ValidationCase by_hand("inverter/phase_current_limit");
  const PhasePhasors nominal = balanced(230.0);
  PhasePhasors one_at_half = nominal;
  one_at_half[2] *= 0.5;
  const HybridInverter::Outputs all = settled(ten_kilowatts(), 20000.0, 0.0, nominal);
  by_hand.check("nominal_w", all.ac_injection_w);
  by_hand.check("nominal_phase_a", std::abs(all.phase_injection_va[1]) / 230.0);
  by_hand.check("half_voltage_w", settled(ten_kilowatts(), 20000.0, 0.0, balanced(115.0)).ac_injection_w);
  const HybridInverter::Outputs one = settled(ten_kilowatts(), 20000.0, 0.0, one_at_half);
  by_hand.check("one_phase_at_half_w", one.ac_injection_w);
  by_hand.check("one_phase_at_half_l1_w", one.phase_injection_va[0].real());
  by_hand.check("one_phase_at_half_l3_w", one.phase_injection_va[2].real());
  by_hand.check("reactive_alone_var", settled(ten_kilowatts(), 0.0, 20000.0, nominal).ac_injection_var);
}

TEST(InverterValidation, SettledOrdersMissByTheMeasuredErrors) {
  ValidationCase measured("inverter/control_error");
  const auto battery_w = [](double order_w, double charge_error_w, double discharge_error_w) {
    HybridInverter::Parameters parameters = ten_kilowatts();
    parameters.charge_error_w = charge_error_w;
    parameters.discharge_error_w = discharge_error_w;
    return settled(parameters, order_w, 0.0, balanced(230.0)).battery_discharge_w;
  };
  measured.check("charge_3000_lowest_w", battery_w(-3000.0, -10.0, 3.0));
  measured.check("charge_3000_highest_w", battery_w(-3000.0, 14.0, 3.0));
  measured.check("discharge_3000_lowest_w", battery_w(3000.0, 14.0, -0.3));
  measured.check("discharge_3000_highest_w", battery_w(3000.0, 14.0, 3.0));
  measured.check("at_rest_w", battery_w(0.0, 14.0, 3.0));
}

/// Off, with PV in the dark and a battery that may do everything.
HybridInverter::Outputs standing_by(double standby_w, bool supplied) {
  HybridInverter::Parameters parameters = ten_kilowatts();
  parameters.standby_w = standby_w;
  HybridInverter::Inputs inputs;
  inputs.terminal_ln_v = balanced(230.0);
  inputs.duty = HybridInverter::Duty::off;
  inputs.supplied = supplied;
  inputs.battery_max_charge_w = inputs.battery_max_discharge_w = no_limit_w;
  HybridInverter inverter{parameters, 100ms};
  return inverter.advance(inputs);
}

TEST(InverterValidation, StandbyIsDrawnFromTheGrid) {
  ValidationCase measured("inverter/standby");
  measured.check("empty_lowest_w", -standing_by(4.5, true).ac_injection_w);
  measured.check("empty_highest_w", -standing_by(12.0, true).ac_injection_w);
  measured.check("full_lowest_w", -standing_by(0.0, true).ac_injection_w);
  measured.check("full_highest_w", -standing_by(15.0, true).ac_injection_w);
  measured.check("without_supply_w", -standing_by(12.0, false).ac_injection_w);
  HybridInverter::Parameters parameters = ten_kilowatts();
  parameters.standby_w = 12.0;
  HybridInverter inverter{parameters, 1s};
  HybridInverter::Inputs inputs;
  inputs.terminal_ln_v = balanced(230.0);
  inputs.duty = HybridInverter::Duty::off;
  double import_wh = 0.0;
  double battery_wh = 0.0;
  for (int second = 0; second < 3600; ++second) {
    const HybridInverter::Outputs& now = inverter.advance(inputs);
    import_wh -= now.ac_injection_w / 3600.0;
    battery_wh += now.battery_discharge_w / 3600.0;
  }
  measured.check("hour_at_12_wh", import_wh);
  measured.check("hour_at_12_battery_wh", battery_wh);
}

TEST(InverterValidation, EachPathLosesWhatWasMeasured) {
  ValidationCase published("inverter/path_losses");
  constexpr double highest_ac_w = 11000.0;
  const ConversionLoss gen24(gen24_losses, highest_ac_w);
  const ConversionLoss plenticore(plenticore_losses, highest_ac_w);
  const ConversionLoss stp10(stp10_losses, highest_ac_w);
  for (const int percent : {10, 50, 100}) {
    const auto check = [&](const char* path, double loss_w) {
      published.check(std::string(path) + "_at_" + std::to_string(percent), loss_w);
    };
    const auto of = [percent](const LossCurve& curve) { return curve.reference_w * percent / 100.0; };
    const auto pv_to_ac_w = [&](const ConversionLoss& loss, double ac_w) { return loss.pv_for_ac_w(ac_w, 0.0) - ac_w; };
    const auto battery_to_ac_w = [](const ConversionLoss& loss, double ac_w) {
      return loss.battery_for_ac_w(ac_w, 0.0) - ac_w;
    };
    const auto pv_to_battery_w = [](const ConversionLoss& loss, double pv_w) {
      return pv_w + loss.battery_for_ac_w(0.0, pv_w);
    };
    check("gen24_pv_to_ac", pv_to_ac_w(gen24, of(gen24_pv_to_ac)));
    check("plenticore_pv_to_ac", pv_to_ac_w(plenticore, of(plenticore_pv_to_ac)));
    check("stp10_pv_to_ac", pv_to_ac_w(stp10, of(stp10_pv_to_ac)));
    check("gen24_battery_to_ac", battery_to_ac_w(gen24, of(gen24_battery_to_ac)));
    check("plenticore_battery_to_ac", battery_to_ac_w(plenticore, of(plenticore_battery_to_ac)));
    check("gen24_pv_to_battery", pv_to_battery_w(gen24, of(gen24_pv_to_battery)));
    check("plenticore_pv_to_battery", pv_to_battery_w(plenticore, of(plenticore_pv_to_battery)));
  }
}

TEST(InverterValidation, UnitsWithoutAMeasuredTimeConstantSettleInTime) {
  ValidationCase measured("inverter/other_settling");
  const auto share_at = [](std::chrono::milliseconds dead_time, std::chrono::milliseconds time_constant, int steps) {
    CommandPath path{dead_time, time_constant, 10ms, 0.0};
    for (int i = 0; i < steps; ++i) path.advance(1.0);
    return path.value();
  };
  measured.check("ac_battery_at_1.6_s", share_at(1600ms, 600ms, 160));
  measured.check("ac_battery_at_3.8_s", share_at(1600ms, 600ms, 380));
  measured.check("micro_inverter_at_18_s", share_at(18s, 6800ms, 1800));
  measured.check("micro_inverter_at_43_s", share_at(18s, 6800ms, 4300));
}

}  // namespace
}  // namespace hil::models
