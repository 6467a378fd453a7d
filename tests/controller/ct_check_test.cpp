#include "controller/core/ct_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

#include "controller/core/commissioning_text.h"
#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using Phasor = std::complex<double>;

/// How three CTs hang: conductor that each is on, direction (-1 reversed, 0 dead), set ratio over real ratio.
struct Wiring {
  std::array<std::size_t, 3> conductor{0, 1, 2};
  std::array<double, 3> direction{1.0, 1.0, 1.0};
  std::array<double, 3> scale{1.0, 1.0, 1.0};
};

/// What the meter makes of powers P + jQ of the three phases: element k shows Vk conj(Ij), which is Sj turned by the
/// angle between Vk and Vj (physics-and-standards 6.3).
MeterPowers shown(const std::array<Phasor, 3>& import_va, const Wiring& wiring) {
  constexpr std::array<double, 3> angle{0.0, -2.0 / 3.0, 2.0 / 3.0};  // of half a turn
  MeterPowers phases;
  for (std::size_t k = 0; k < 3; ++k) {
    const std::size_t j = wiring.conductor[k];
    const Phasor s = import_va[j] * std::polar(1.0, std::numbers::pi * (angle[k] - angle[j])) * wiring.direction[k] *
                     wiring.scale[k];
    phases.phase_import_w[k] = s.real();
    phases.grid_import_var += s.imag();
  }
  return phases;
}

CtCheckResult judged(const Wiring& wiring, double step_w = 3000.0) {
  return judge_cts(step_w, shown({step_w / 3.0, step_w / 3.0, step_w / 3.0}, wiring));
}

std::vector<std::string> lines_of(const CtCheckResult& result) {
  CommissioningReport report;
  report_cts(result, report);
  std::vector<std::string> lines;
  for (std::size_t k = 0; k < report.finding_count; ++k) lines.emplace_back(text_of(report.findings[k]).text());
  return lines;
}

// Cases M1..M4 of physics-and-standards 6.3, to show that the tests' meter is the reference's.
TEST(CtCheckMeter, ShowsTheReferencesCases) {
  const std::array<Phasor, 3> truth{4000.0, -1000.0, -3000.0};
  const MeterPowers reversed = shown(truth, {.direction = {-1.0, 1.0, 1.0}});
  EXPECT_NEAR(reversed.phase_import_w[0], -4000.0, 0.01);
  const MeterPowers swapped = shown(truth, {.conductor = {1, 0, 2}});
  EXPECT_NEAR(swapped.phase_import_w[0], 500.0, 0.01);
  EXPECT_NEAR(swapped.phase_import_w[1], -2000.0, 0.01);
  EXPECT_NEAR(swapped.grid_import_var, -4330.13, 0.01);
  const MeterPowers rotated = shown(truth, {.conductor = {1, 2, 0}});
  EXPECT_NEAR(rotated.phase_import_w[0], 500.0, 0.01);
  EXPECT_NEAR(rotated.phase_import_w[1], 1500.0, 0.01);
  EXPECT_NEAR(rotated.phase_import_w[2], -2000.0, 0.01);
}

TEST(CtCheck, FindsNothingWrongWithRightWiring) {
  const CtCheckResult result = judged({});
  EXPECT_TRUE(result.right);
  EXPECT_TRUE(lines_of(result).empty());
}

TEST(CtCheck, TellsEachOfThe48WiringsApart) {
  constexpr std::array<std::array<std::size_t, 3>, 6> conductors{
      {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}}};
  for (const auto& conductor : conductors) {
    for (unsigned reversed = 0; reversed < 8; ++reversed) {
      Wiring wiring{.conductor = conductor};
      for (std::size_t k = 0; k < 3; ++k) wiring.direction[k] = (reversed >> k & 1U) != 0 ? -1.0 : 1.0;
      const CtCheckResult result = judged(wiring);
      ASSERT_TRUE(result.fits);
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(result.phases[k].conductor, conductor[k]) << reversed;
        EXPECT_EQ(result.phases[k].reversed, wiring.direction[k] < 0.0) << reversed;
        EXPECT_NEAR(result.phases[k].scale, 1.0, 1e-9);
      }
      EXPECT_EQ(result.right, conductor == conductors[0] && reversed == 0);
    }
  }
}

TEST(CtCheck, NamesWhatIsWrong) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines_of(judged({.direction = {1.0, -1.0, 1.0}})), Lines{"CT B is reversed"});
  EXPECT_EQ(lines_of(judged({.conductor = {2, 1, 0}})), Lines{"CT A and CT C are swapped"});
  EXPECT_EQ(lines_of(judged({.conductor = {0, 2, 1}, .direction = {1.0, 1.0, -1.0}})),
            (Lines{"CT B and CT C are swapped", "CT C is reversed"}));
  EXPECT_EQ(lines_of(judged({.conductor = {1, 2, 0}})), Lines{"CTs are rotated: CT A measures L2"});
  EXPECT_EQ(lines_of(judged({.conductor = {2, 0, 1}})), Lines{"CTs are rotated: CT A measures L3"});
}

// Set 200/5 where 250/5 hang: 40 / 50 of the step is seen.
TEST(CtCheck, NamesAWrongRatio) {
  const CtCheckResult all = judged({.scale = {0.8, 0.8, 0.8}});
  EXPECT_FALSE(all.right);
  EXPECT_EQ(lines_of(all).size(), 3U);
  EXPECT_EQ(lines_of(all)[0], "CT A shows 80 % of the step: wrong ratio");
  EXPECT_EQ(lines_of(judged({.scale = {1.0, 1.0, 0.8}})),
            std::vector<std::string>{"CT C shows 80 % of the step: wrong ratio"});
  EXPECT_TRUE(judged({.scale = {0.95, 1.05, 1.0}}).right);  // inside class and counts
}

// Half the ratio on all and a rotation with all reversed show the same active power: the reactive sum tells.
TEST(CtCheck, TellsHalfTheRatioFromARotationWithAllReversed) {
  const CtCheckResult half = judged({.scale = {0.5, 0.5, 0.5}});
  EXPECT_EQ(half.phases[0].conductor, 0U);
  EXPECT_NEAR(half.phases[0].scale, 0.5, 1e-9);
  const CtCheckResult rotated = judged({.conductor = {1, 2, 0}, .direction = {-1.0, -1.0, -1.0}});
  EXPECT_EQ(rotated.phases[0].conductor, 1U);
  EXPECT_TRUE(rotated.phases[0].reversed);
}

TEST(CtCheck, NamesADeadCt) {
  const CtCheckResult result = judged({.direction = {1.0, 0.0, 1.0}});
  EXPECT_EQ(lines_of(result), std::vector<std::string>{"CT B shows no current: open, shorted or not connected"});
  EXPECT_EQ(lines_of(judged({.direction = {0.0, 0.0, 0.0}})),
            std::vector<std::string>{
                "CTs not checked: the meter saw nothing of the step: it sits in another place, or no CT works"});
}

TEST(CtCheck, SaysWhenNothingFits) {
  // Two CTs in one hole: A and B both on L1. By hand: 1, -1/2, 1 and Q -0.866: no three CTs on three phases do that.
  const CtCheckResult result = judged({.conductor = {0, 0, 2}});
  EXPECT_FALSE(result.fits);
  EXPECT_FALSE(result.right);
  EXPECT_EQ(lines_of(result).size(), 1U);
}

/// The night of two inverters: batteries may charge with 3 kW, one phase is loaded more than the others.
void at_night(SmallBench& bench, const Wiring& wiring) {
  bench.site.load_w = 1500.0;
  for (tests::SmallInverter& unit : bench.site.inverters) unit.max_charge_w = unit.max_discharge_w = 4000.0;
  bench.meter_view = [&bench, wiring](double import_w) {
    // Base load on L1 alone; what the inverters give or draw is shared by the phases.
    const double each_w = (import_w - bench.site.load_w) / 3.0;
    const MeterPowers phases = shown({each_w + bench.site.load_w, each_w, each_w}, wiring);
    const auto& p = phases.phase_import_w;
    return std::array{p[0], p[1], p[2], phases.grid_import_var};
  };
}

std::vector<std::string> found_on_site(SmallBench& bench) {
  bench.run_until(30s);
  bench.controller().check_cts(bench.now());
  bench.carry_out();
  bench.run_until(30s + 40s);
  return lines_of(bench.controller().report().ct);
}

TEST(CtCheckOnSite, PassesRightWiringAndGoesBackToRegulation) {
  SmallBench bench{{0, 0}, 0.0};
  at_night(bench, {});
  EXPECT_TRUE(found_on_site(bench).empty());
  const CtCheckResult result = bench.controller().report().ct;
  EXPECT_EQ(result.state, CtCheckState::done);
  EXPECT_TRUE(result.right);
  // 3 kW drawn from the grid, as EMS mode 4 orders it.
  EXPECT_NEAR(result.step_import_w, 3000.0, 40.0);
  bench.run_until(100s);
  EXPECT_NEAR(bench.site.grid_import_w, 50.0, 60.0);
}

TEST(CtCheckOnSite, NeverExports) {
  SmallBench bench{{0, 0}, 0.0};
  at_night(bench, {});
  bench.run_until(30s);
  double least_w = 1e9;
  bench.on_step = [&](double now_s) {
    if (now_s > 31.5) least_w = std::min(least_w, bench.site.grid_import_w);  // the orders have arrived
  };
  bench.controller().check_cts(bench.now());
  bench.carry_out();
  bench.run_until(64s);
  EXPECT_GE(least_w, 1400.0);
}

TEST(CtCheckOnSite, FindsTheRotationWhoseSumIsRight) {
  SmallBench bench{{0, 0}, 0.0};
  at_night(bench, {.conductor = {1, 2, 0}});
  EXPECT_EQ(found_on_site(bench), std::vector<std::string>{"CTs are rotated: CT A measures L2"});
}

TEST(CtCheckOnSite, WrongWiringIsASafeStateUntilACheckPasses) {
  SmallBench bench{{0, 0}, 0.0};
  at_night(bench, {.direction = {-1.0, 1.0, 1.0}});
  EXPECT_EQ(found_on_site(bench), std::vector<std::string>{"CT A is reversed"});
  EXPECT_TRUE(bench.controller().report().setup.has(SetupFault::ct_wiring_wrong));
  bench.run_until(90s);
  EXPECT_LE(bench.site.ac_w(), 0.0);
  at_night(bench, {});
  bench.controller().check_cts(bench.now());
  bench.carry_out();
  bench.run_until(150s);
  EXPECT_FALSE(bench.controller().report().safe_state);
  EXPECT_NEAR(bench.site.grid_import_w, 50.0, 60.0);
}

TEST(CtCheckOnSite, OneLoadThatSwitchesMeanwhileDoesNotCount) {
  SmallBench bench{{0, 0}, 0.0};
  at_night(bench, {.conductor = {1, 0, 2}});
  bench.on_step = [&](double now_s) { bench.site.load_w = now_s > 47.0 ? 3500.0 : 1500.0; };
  EXPECT_EQ(found_on_site(bench), std::vector<std::string>{"CT A and CT B are swapped"});
}

TEST(CtCheckOnSite, LoadsThatNeverRestAreSaid) {
  SmallBench bench{{0, 0}, 0.0};
  at_night(bench, {});
  int steps = 0;
  // Another load each 4.7 s, in the order of a small generator of numbers.
  bench.on_step = [&](double) { bench.site.load_w = 1000.0 * ((++steps / 470 * 7) % 5); };
  EXPECT_EQ(found_on_site(bench), std::vector<std::string>{"CTs not checked: the loads moved too much"});
  EXPECT_FALSE(bench.controller().report().safe_state);  // nothing was found wrong
}

TEST(CtCheckOnSite, AFullBatteryAndASilentMeterAreSaid) {
  SmallBench full{{0}, 0.0};
  at_night(full, {});
  full.site.inverters[0].max_charge_w = 400.0;
  EXPECT_EQ(found_on_site(full),
            std::vector<std::string>{"CTs not checked: no inverter answers that can charge with 500 W or more"});
  SmallBench silent{{0}, 0.0};
  at_night(silent, {});
  silent.run_until(30s);
  silent.controller().check_cts(silent.now());
  silent.carry_out();
  silent.meter_silent = true;
  silent.run_until(60s);
  EXPECT_EQ(lines_of(silent.controller().report().ct),
            std::vector<std::string>{"CTs not checked: the meter fell silent"});
}

}  // namespace
}  // namespace hil::controller
