// The table of controller/README.md: a step of 6 kW on and off at 20 meetings of poll cycle and meter; settled is
// within 150 W or 0.5 % of the capacity. Bumps of that size come late in one meeting and not in the next: 2 ms of the
// meter's turn-around decide. So the middle and the worst of them are looked at, not one of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using tests::SmallInverter;
using tests::Watch;

/// Of all meetings, s. The middle: of an even number the higher one.
struct Span {
  double middle_s = 0.0;
  double worst_s = 0.0;
};
struct Site {
  std::string name;
  std::vector<std::size_t> line_of;
  std::vector<double> pv_w;       ///< of each unit
  double longest_export_s = 0.0;  ///< above 200 W, allowed
  Span on;                        ///< within 150 W, allowed
  Span off;                       ///< likewise
};
std::ostream& operator<<(std::ostream& out, const Site& site) {
  return out << site.name;
}

struct Step {
  double on_s = 0.0;
  double off_s = 0.0;
  double export_s = 0.0;
  double export_wh = 0.0;
};

/// `from`: when the load comes; it stays 40 s and is watched for 40 s more.
Step step_of_six_kilowatts(const Site& site, Time meter_turnaround, Time from) {
  SmallBench bench{site.line_of, 0.0};
  bench.meter_turnaround = meter_turnaround;
  for (std::size_t k = 0; k < site.line_of.size(); ++k) {
    SmallInverter& unit = bench.site.inverters[k];
    unit.pv_available_w = site.pv_w[k];
    unit.max_charge_w = 1000.0;
    unit.max_discharge_w = 10000.0;
    unit.soc = k % 2 == 0 ? 0.6 : 0.4;
  }
  bench.site.load_w = 800.0;
  const double band_w = std::max(150.0, 0.005 * 10000.0 * static_cast<double>(site.line_of.size()));
  Watch watch;
  Step step;
  bench.on_step = [&](double now_s) {
    watch.see(bench.site.grid_import_w, now_s);
    step.export_wh -= std::min(bench.site.grid_import_w, 0.0) * tests::plant_step_s / 3600.0;
  };
  const auto settled_after = [&](double load_w, Time at) {
    bench.run_until(at);
    watch = {};
    watch.band_w = band_w;
    step.export_wh = 0.0;
    bench.site.load_w = load_w;
    bench.run_until(at + 40s);
    step.export_s = std::max(step.export_s, watch.longest_export_s);
    return watch.last_outside_s - std::chrono::duration<double>(at).count();
  };
  step.on_s = settled_after(6800.0, from);
  step.off_s = settled_after(800.0, from + 40s);
  return step;
}

class Settling : public testing::TestWithParam<Site> {};

TEST_P(Settling, AStepOfSixKilowattsIsOverInTheTimeOfTheTable) {
  const Site& site = GetParam();
  std::vector<double> on_s;
  std::vector<double> off_s;
  double export_s = 0.0;
  double export_wh = 0.0;
  int meeting = 0;
  for (const Time turnaround : {8ms, 10ms, 12ms, 14ms, 20ms}) {
    for (int k = 0; k < 4; ++k) {
      // Twelve phases 67 ms apart, each turn-around with others of them.
      const Step step = step_of_six_kilowatts(site, turnaround, 60s + (meeting++ * 5) % 12 * 67ms);
      on_s.push_back(step.on_s);
      off_s.push_back(step.off_s);
      export_s = std::max(export_s, step.export_s);
      export_wh = std::max(export_wh, step.export_wh);
    }
  }
  std::ranges::sort(on_s);
  std::ranges::sort(off_s);
  const auto span = [](const std::vector<double>& sorted) { return Span{sorted[sorted.size() / 2], sorted.back()}; };
  const Span on = span(on_s);
  const Span off = span(off_s);
  std::printf("%s: export %.2f s %.2f Wh, on %.1f s, at worst %.1f s, off %.1f s, at worst %.1f s\n", site.name.c_str(),
              export_s, export_wh, on.middle_s, on.worst_s, off.middle_s, off.worst_s);
  EXPECT_LE(export_s, site.longest_export_s);
  EXPECT_LE(on.middle_s, site.on.middle_s);
  EXPECT_LE(on.worst_s, site.on.worst_s);
  EXPECT_LE(off.middle_s, site.off.middle_s);
  EXPECT_LE(off.worst_s, site.off.worst_s);
}

const std::vector<double> two_sunny{6000.0, 6000.0};
const std::vector<std::size_t> three_lines{0, 0, 0, 0, 1, 1, 1, 2, 2, 2};
// Measured, and a tenth more.
INSTANTIATE_TEST_SUITE_P(
    Sites, Settling,
    testing::Values(
        Site{"two_one_line_surplus", {0, 0}, two_sunny, 1.5, Span{4.0, 4.2}, Span{1.5, 4.8}},
        Site{"two_two_lines_surplus", {0, 1}, two_sunny, 1.4, Span{3.7, 4.0}, Span{1.4, 4.6}},
        Site{"two_night", {0, 0}, {0.0, 0.0}, 1.5, Span{2.5, 3.8}, Span{1.5, 2.7}},
        Site{"two_some_pv", {0, 0}, {1500.0, 1500.0}, 1.5, Span{5.0, 6.2}, Span{2.8, 13.4}},
        Site{"two_pv_on_one", {0, 0}, {6000.0, 0.0}, 1.5, Span{7.0, 9.0}, Span{1.4, 7.7}},
        Site{"two_little_pv_on_one", {0, 0}, {2000.0, 0.0}, 1.5, Span{5.4, 6.2}, Span{10.9, 17.3}},
        Site{"four_one_line", {0, 0, 0, 0}, std::vector<double>(4, 6000.0), 1.7, Span{3.9, 4.2}, Span{1.6, 5.2}},
        Site{"four_night", {0, 0, 0, 0}, std::vector<double>(4, 0.0), 1.9, Span{3.8, 6.0}, Span{1.7, 5.5}},
        Site{"ten", three_lines, std::vector<double>(10, 6000.0), 1.7, Span{3.9, 4.4}, Span{1.4, 1.5}},
        Site{"ten_night", three_lines, std::vector<double>(10, 0.0), 1.7, Span{2.1, 3.1}, Span{1.4, 1.5}}),
    [](const testing::TestParamInfo<Site>& param) { return param.param.name; });

}  // namespace
}  // namespace hil::controller
