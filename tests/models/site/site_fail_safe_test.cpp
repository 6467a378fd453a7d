#include <gtest/gtest.h>

#include "models/site/site.h"
#include "tests/models/site/example_sites.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

/// Three inverters without losses or delays and 20 kW of constant power on cables of next to no impedance.
Site::Parameters fail_safe_site() {
  Site::Parameters site = reference_site();
  const Phasor next_to_none{1e-6, 0.0};
  site.grid.phase_ohm = site.grid.neutral_ohm = next_to_none;
  for (Site::Cable& cable : site.cables) cable.phase_ohm = cable.neutral_ohm = next_to_none;
  site.loads.pop_back();
  ZipLoad::Parameters& load = *site.loads[0].zip;
  load.nominal_w = {20000.0 / 3.0, 20000.0 / 3.0, 20000.0 / 3.0};
  load.nominal_var = {};
  return site;
}

double export_w_after_a_second(Site& site) {
  for (int step = 0; step < 100; ++step) site.advance();
  EXPECT_TRUE(site.invariants().hold());
  return -site.grid().import_w;
}

// What the plant does while one of three inverters cannot be reached: its last order stands, whatever the others do.
TEST(SiteFailSafe, AnInverterThatHearsNothingFeedsOnUntilItsOwnDefault) {
  tests::ValidationCase expected("site/fail_safe");
  Site site(fail_safe_site());
  const auto order_others = [&site](double battery_discharge_w) {
    for (const std::size_t i : {0U, 1U}) site.command(i).battery_discharge_request_w = battery_discharge_w;
  };
  constexpr std::size_t deaf = 2;
  order_others(8000.0);
  site.command(deaf).battery_discharge_request_w = 8000.0;
  expected.check("export_before_w", export_w_after_a_second(site));
  site.set_load_on(0, false);
  expected.check("export_without_load_w", export_w_after_a_second(site));
  order_others(0.0);
  expected.check("export_others_at_zero_w", export_w_after_a_second(site));
  EXPECT_NEAR(site.lane(deaf).power.ac_injection_w, 8000.0, 1.0);
  order_others(-4000.0);
  expected.check("export_others_charge_w", export_w_after_a_second(site));
  order_others(0.0);
  site.command(deaf).battery_discharge_request_w = 0.0;
  expected.check("export_own_default_w", export_w_after_a_second(site));
}

}  // namespace
}  // namespace hil::models
