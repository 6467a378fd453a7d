#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;
using namespace std::chrono_literals;

namespace {

GridSupport::Parameters without_delays(GridSupport::Parameters p) {
  p.reactive_response = 0s;
  p.volt_watt_response = 0s;
  p.frequency_response = 0s;
  p.limit_response = 0s;
  return p;
}

/// The inverter of this bench follows at once: the wanted power where there is one, else all that is allowed.
class SupportBench {
 public:
  explicit SupportBench(const GridSupport::Parameters& parameters, double available_pu = 1.0)
      : support_(parameters, bench_step), available_pu_(available_pu), power_pu_(available_pu) {}

  double run(double seconds, double pu, double hz, double limit_pu = 1.0) {
    for (double t = 0.5 * bench_step_s; t < seconds; t += bench_step_s) {
      const auto& out = support_.advance({.grid = measured(pu, hz),
                                          .active_power_pu = power_pu_,
                                          .available_power_pu = std::max(available_pu_, storage_pu_),
                                          .active_limit_pu = limit_pu});
      power_pu_ = std::min(available_pu_, out.active_ceiling_pu);
      if (out.active_wanted_pu) power_pu_ = *out.active_wanted_pu;
    }
    return power_pu_;
  }
  void set_available(double pu) { available_pu_ = pu; }
  /// What may be given on request only.
  void set_storage(double pu) { storage_pu_ = pu; }
  const GridSupport::Outputs& outputs() const { return support_.outputs(); }

 private:
  GridSupport support_;
  double available_pu_ = 1.0;
  double storage_pu_ = 0.0;
  double power_pu_ = 1.0;
};

/// Reactive power after settling at this voltage with this active power.
double settled_reactive_pu(const GridSupport::Parameters& parameters, double pu, double active_pu) {
  GridSupport support{without_delays(parameters), bench_step};
  return support.advance({.grid = measured(pu, 60.0), .active_power_pu = active_pu}).reactive_injection_pu;
}

double settled_ceiling_pu(const GridSupport::Parameters& parameters, double pu) {
  GridSupport support{without_delays(parameters), bench_step};
  return support.advance({.grid = measured(pu, 50.0)}).active_ceiling_pu;
}

GridSupport::Parameters with_volt_var(const char* name) {
  GridSupport::Parameters p = code(name).support;
  p.reactive_mode = ReactiveMode::volt_var;
  return p;
}

/// Q of the type test's settings stands in parts of the Q rating, 0.44.
GridSupport::Parameters volt_var_setting(const std::string& setting) {
  GridSupport::Parameters p = with_volt_var(setting == "a" ? "ieee1547_cat1" : "ieee1547_cat3");
  constexpr double q = 0.44;
  if (setting == "b2") {
    p.volt_var = {{{0.88, q}, {1.04, 0.5 * q}, {1.07, 0.5 * q}, {1.10, -q}}};
    p.reactive_response = 1s;
  }
  if (setting == "b3") {
    p.volt_var = {{{0.90, q}, {0.93, -0.5 * q}, {0.96, -0.5 * q}, {1.10, -q}}};
    p.reactive_response = 90s;
  }
  return p;
}

GridSupport::Parameters volt_watt_setting(double first_pu, std::chrono::nanoseconds response) {
  GridSupport::Parameters p = code("ieee1547_cat3").support;
  p.volt_watt_enabled = true;
  p.volt_watt = {{{first_pu, 1.0}, {1.10, 0.2}}};
  p.volt_watt_response = response;
  return p;
}

GridSupport::Parameters frequency_setting(double dead_band_hz, double droop) {
  GridSupport::Parameters p = code("ieee1547_cat3").support;
  p.over_frequency.start_hz = 60.0 + dead_band_hz;
  p.under_frequency.start_hz = 60.0 - dead_band_hz;
  p.over_frequency.gradient_pu_per_hz = p.under_frequency.gradient_pu_per_hz = 1.0 / (60.0 * droop);
  return p;
}

/// P over frequency from full power, when the response has settled.
void check_over_frequency(const std::string& folder, const char* name) {
  ValidationCase rows("grid_code/" + folder);
  for (const std::string& quantity : rows.quantities()) {
    GridSupport::Parameters p = without_delays(code(name).support);
    p.volt_watt_enabled = false;
    p.reactive_mode = ReactiveMode::constant_power_factor;
    for (const double before_pu : {1.0, 0.4}) {
      SupportBench bench{p, before_pu};
      bench.run(0.1, 1.0, 50.0);
      const double share = bench.run(0.1, 1.0, std::stod(quantity.substr(3))) / before_pu;
      rows.check(quantity, share);
    }
  }
}

double share_after_olrt(double at_start, double after_olrt, double at_end) {
  return (after_olrt - at_start) / (at_end - at_start);
}

double reactive_share(const std::string& setting, double from_pu, double to_pu, double olrt_s) {
  const GridSupport::Parameters p = volt_var_setting(setting);
  SupportBench bench{p, 0.66};
  bench.run(1000.0, from_pu, 60.0);
  const double at_start = bench.outputs().reactive_injection_pu;
  bench.run(olrt_s, to_pu, 60.0);
  return share_after_olrt(at_start, bench.outputs().reactive_injection_pu, settled_reactive_pu(p, to_pu, 0.66));
}

double volt_watt_share(std::chrono::milliseconds olrt) {
  const GridSupport::Parameters p = volt_watt_setting(1.06, olrt);
  SupportBench bench{p};
  bench.run(1.0, 1.0, 60.0);
  return share_after_olrt(1.0, bench.run(std::chrono::duration<double>{olrt}.count(), 1.09, 60.0), 0.4);
}

}  // namespace

TEST(GridSupportValidation, FollowsTheDroopOfIeee1547) {
  ValidationCase rows("grid_code/d1_droop");
  const GridSupport::Parameters& p = code("ieee1547_cat2").support;
  for (const char* hz : {"60.1", "60.5", "61.0", "61.2"}) {
    SupportBench bench{p};
    bench.run(1.0, 1.0, 60.0);
    rows.check(std::string("from_1.0_at_") + hz, bench.run(60.0, 1.0, std::stod(hz)));
  }
  SupportBench bench{p, 0.5};
  bench.run(1.0, 1.0, 60.0);
  bench.set_storage(0.9);
  rows.check("from_0.5_at_59.36", bench.run(60.0, 1.0, 59.36));
  bench.set_storage(0.6);
  rows.check("from_0.5_at_59.36_available_0.6", bench.run(1.0, 1.0, 59.36));
}

TEST(GridSupportValidation, FollowsTheOtherDroopSettingsOfTheTypeTest) {
  ValidationCase rows("grid_code/frequency_watt_settings");
  for (const char* droop : {"0.03", "0.02"}) {
    SupportBench bench{without_delays(frequency_setting(0.017, std::stod(droop)))};
    bench.run(0.1, 1.0, 60.0);
    rows.check(std::string("db0.017_k") + droop + "_at_60.5", bench.run(0.1, 1.0, 60.5));
  }
  GridSupport::Parameters p = frequency_setting(0.017, 0.03);
  p.frequency_response = 1s;
  SupportBench bench{p};
  bench.run(0.1, 1.0, 60.0);
  rows.check("share_after_olrt", share_after_olrt(1.0, bench.run(1.0, 1.0, 60.5), 1.0 - 0.483 / 1.8));
}

TEST(GridSupportValidation, LowersPowerAboveTheStartFrequencyOfEachCode) {
  check_over_frequency("lfsm_o_en50549", "en50549_1");
  check_over_frequency("lfsm_o_uk_g98", "uk_g98");
  check_over_frequency("p_of_f_vde_ar_n_4105", "vde_ar_n_4105");
  check_over_frequency("over_frequency_as4777", "as4777_a");
}

TEST(GridSupportValidation, RaisesStorageAtLowFrequencyAsAustraliaAsks) {
  ValidationCase rows("grid_code/under_frequency_as4777");
  for (const std::string& quantity : rows.quantities()) {  // "from_0.4_at_49.375"
    GridSupport::Parameters p = without_delays(code("as4777_a").support);
    p.volt_watt_enabled = false;
    p.reactive_mode = ReactiveMode::constant_power_factor;
    SupportBench bench{p, std::stod(quantity.substr(5, 3))};
    bench.set_storage(1.0);
    bench.run(0.1, 1.0, 50.0);
    rows.check(quantity, bench.run(0.1, 1.0, std::stod(quantity.substr(12))));
  }
}

// The type test walks the curve at P of 100, 20 and 66 %; the curve is the same where the capability allows it.
TEST(GridSupportValidation, WalksTheVoltVarCurves) {
  ValidationCase rows("grid_code/volt_var");
  for (const std::string& quantity : rows.quantities()) {
    const auto at = quantity.find("_at_");
    const GridSupport::Parameters p = volt_var_setting(quantity.substr(0, at));
    const double pu = std::stod(quantity.substr(at + 4));
    rows.check(quantity, settled_reactive_pu(p, pu, 0.66));
    EXPECT_NEAR(settled_reactive_pu(p, pu, 1.0), rows.expected(quantity), 1e-9) << quantity;
    EXPECT_NEAR(settled_reactive_pu(p, pu, 0.2), rows.expected(quantity), 1e-9) << quantity;
  }
}

TEST(GridSupportValidation, CoversNinetyPercentInTheOpenLoopResponseTime) {
  ValidationCase rows("grid_code/open_loop_response");
  rows.check("volt_var_a_10_s", reactive_share("a", 1.0, 0.90, 10.0));
  rows.check("volt_var_b_5_s", reactive_share("b", 1.0, 1.08, 5.0));
  rows.check("volt_var_b2_1_s", reactive_share("b2", 1.05, 0.88, 1.0));
  rows.check("volt_var_b3_90_s", reactive_share("b3", 0.95, 0.90, 90.0));
  rows.check("volt_watt_10_s", volt_watt_share(10s));
  rows.check("volt_watt_60_s", volt_watt_share(60s));
  rows.check("volt_watt_0.5_s", volt_watt_share(500ms));

  SupportBench limited{code("ieee1547_cat3").support};
  limited.run(1.0, 1.0, 60.0);
  rows.check("active_limit_30_s", share_after_olrt(1.0, limited.run(30.0, 1.0, 60.0, 0.33), 0.33));

  // Vnom steps by 0.04 pu: at once the reactive power follows the curve, then the reference follows the voltage.
  GridSupport::Parameters p = volt_var_setting("b");
  p.autonomous_reference = true;
  p.reactive_response = 0s;
  p.volt_var = {{{0.90, 0.44}, {1.10, -0.44}}};  // straight, so that Q shows the reference
  SupportBench autonomous{p, 0.66};
  autonomous.run(bench_step_s, 1.04, 60.0);
  const double at_start = autonomous.outputs().reactive_injection_pu;
  EXPECT_NEAR(at_start, -0.44 * 0.4, 1e-5);  // the reference has moved by one step of 10 ms in 300 s
  autonomous.run(300.0, 1.04, 60.0);
  rows.check("autonomous_reference_300_s", share_after_olrt(at_start, autonomous.outputs().reactive_injection_pu, 0.0));
}

TEST(GridSupportValidation, CapsPowerOverVoltage) {
  ValidationCase rows("grid_code/volt_watt");
  for (const std::string& quantity : rows.quantities()) {
    const double first_pu = quantity.starts_with("v1_") ? std::stod(quantity.substr(3, 4)) : 1.06;
    const double pu = std::stod(quantity.substr(quantity.find("_at_") + 4));
    rows.check(quantity, settled_ceiling_pu(volt_watt_setting(first_pu, 0s), pu));
  }
  EXPECT_EQ(code("ieee1547_cat3").support.volt_watt.at(1.08), volt_watt_setting(1.06, 0s).volt_watt.at(1.08));
}

TEST(GridSupportValidation, OrdersLimitVoltWattAndFrequencyWatt) {
  ValidationCase rows("grid_code/priority_tables_38_39");
  GridSupport::Parameters p = code("ieee1547_cat3").support;
  p.volt_watt_enabled = true;
  SupportBench bench{p};
  const auto settle = [&](double pu, double hz) { return bench.run(200.0, pu, hz, 0.5); };
  rows.check("v1.00_f60.00", settle(1.00, 60.00));
  rows.check("v1.00_f60.33_from_0.5", settle(1.00, 60.33));
  settle(1.00, 60.00);
  rows.check("v1.00_f59.36_from_0.5", settle(1.00, 59.36));
  settle(1.00, 60.00);
  rows.check("v1.09_f60.00", settle(1.09, 60.00));
  rows.check("v1.09_f60.33", settle(1.09, 60.33));
  rows.check("v1.09_f59.36", settle(1.09, 59.36));
  rows.check("v1.00_f59.36_from_0.4", settle(1.00, 59.36));
}

TEST(GridSupportValidation, GivesReactivePowerWithinTheRegionOfItsCategory) {
  ValidationCase rows("grid_code/reactive_capability");
  const auto most = [](const char* name, double reactive_pu, double active_pu) {
    GridSupport::Parameters p = without_delays(code(name).support);
    p.reactive_mode = ReactiveMode::constant_reactive;
    p.constant_reactive_pu = reactive_pu;
    return std::abs(settled_reactive_pu(p, 1.0, active_pu));
  };
  rows.check("a_injection_at_0.20", most("ieee1547_cat1", 1.0, 0.20));
  rows.check("a_absorption_at_0.20", most("ieee1547_cat1", -1.0, 0.20));
  rows.check("b_absorption_at_0.20", most("ieee1547_cat2", -1.0, 0.20));
  rows.check("b_injection_at_0.05", most("ieee1547_cat3", 1.0, 0.05));
  rows.check("a_absorption_at_0.05", most("ieee1547_cat1", -1.0, 0.05));
}

TEST(GridSupportValidation, AnswersAustralianVoltages) {
  ValidationCase rows("grid_code/as4777_volt_response");
  for (const std::string& quantity : rows.quantities()) {
    const double pu = std::stod(quantity.substr(quantity.find("_at_") + 4)) / 230.0;
    if (quantity.starts_with("volt_watt")) {
      GridSupport::Parameters p = code("as4777_a").support;
      p.reactive_mode = ReactiveMode::constant_power_factor;  // absorbing 0.6 would leave room for 0.8 only
      rows.check(quantity, settled_ceiling_pu(p, pu));
    } else if (quantity.starts_with("volt_var")) {
      rows.check(quantity, settled_reactive_pu(code("as4777_a").support, pu, 0.66));
    } else {
      const std::string region = quantity.substr(7, quantity.find('_', 7) - 7);
      GridSupport::Parameters p = without_delays(code("as4777_" + region).support);
      p.reactive_mode = ReactiveMode::constant_power_factor;
      GridSupport support{p, bench_step};
      rows.check(quantity, support.advance({.grid = measured(pu, 50.0)}).import_ceiling_pu);
    }
  }
}

TEST(GridSupportValidation, AbsorbsOverActivePowerAsVdeAsks) {
  ValidationCase rows("grid_code/cos_phi_of_power");
  for (const std::string& quantity : rows.quantities()) {
    const double active_pu = std::stod(quantity.substr(5));
    rows.check(quantity, settled_reactive_pu(code("vde_ar_n_4105").support, 1.0, active_pu));
  }
}

}  // namespace hil::tests
