// The table of controller/README.md: a step of 6 kW on and off at twelve phases of the poll cycle, the worst of them;
// settled is within 150 W or 0.5 % of the capacity.
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using tests::SmallInverter;
using tests::Watch;

struct Site {
  std::string name;
  std::vector<std::size_t> line_of;
  std::vector<double> pv_w;       ///< of each unit
  double longest_export_s = 0.0;  ///< above 200 W, allowed
  std::optional<double> on_s;     ///< within 150 W, allowed; nullopt: it does not settle in the 40 s that are watched
  double off_s = 0.0;             ///< likewise
};
std::ostream& operator<<(std::ostream& out, const Site& site) {
  return out << site.name;
}

class Settling : public testing::TestWithParam<Site> {};

TEST_P(Settling, AStepOfSixKilowattsIsOverInTheTimeOfTheTable) {
  const Site& site = GetParam();
  double export_s = 0.0;
  double on_s = 0.0;
  double off_s = 0.0;
  double export_wh = 0.0;
  for (int phase = 0; phase < 12; ++phase) {
    SmallBench bench{site.line_of, 0.0};
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
    watch.band_w = band_w;
    double exported_wh = 0.0;
    bench.on_step = [&](double now_s) {
      watch.see(bench.site.grid_import_w, now_s);
      exported_wh -= std::min(bench.site.grid_import_w, 0.0) * tests::plant_step_s / 3600.0;
    };
    const Time on = 60s + phase * 67ms;
    bench.run_until(on);
    watch = {};
    watch.band_w = band_w;
    bench.site.load_w = 6800.0;
    bench.run_until(on + 40s);
    on_s = std::max(on_s, watch.last_outside_s - std::chrono::duration<double>(on).count());
    export_s = std::max(export_s, watch.longest_export_s);
    const Time off = on + 40s;
    watch = {};
    watch.band_w = band_w;
    exported_wh = 0.0;
    bench.site.load_w = 800.0;
    bench.run_until(off + 40s);
    off_s = std::max(off_s, watch.last_outside_s - std::chrono::duration<double>(off).count());
    export_s = std::max(export_s, watch.longest_export_s);
    export_wh = std::max(export_wh, exported_wh);
  }
  std::printf("%s: export %.2f s %.2f Wh, on %.1f s, off %.1f s\n", site.name.c_str(), export_s, export_wh, on_s,
              off_s);
  EXPECT_LE(export_s, site.longest_export_s);
  if (site.on_s) {
    EXPECT_LE(on_s, *site.on_s);
  }
  EXPECT_LE(off_s, site.off_s);
}

const std::vector<double> two_sunny{6000.0, 6000.0};
const std::vector<std::size_t> three_lines{0, 0, 0, 0, 1, 1, 1, 2, 2, 2};
// Measured, and a tenth more. With PV on one unit only the batteries look for PV behind its limit in steps of up to 200
// W: that many seconds pass until the last of these bumps of the import.
INSTANTIATE_TEST_SUITE_P(
    Sites, Settling,
    testing::Values(Site{"two_one_line_surplus", {0, 0}, two_sunny, 1.5, 8.5, 4.4},
                    Site{"two_two_lines_surplus", {0, 1}, two_sunny, 1.4, 8.8, 4.5},
                    Site{"two_night", {0, 0}, {0.0, 0.0}, 1.5, 3.0, 1.6},
                    Site{"two_some_pv", {0, 0}, {1500.0, 1500.0}, 1.2, 6.0, 10.0},
                    Site{"two_pv_on_one", {0, 0}, {6000.0, 0.0}, 2.2, std::nullopt, 10.0},
                    Site{"two_little_pv_on_one", {0, 0}, {2000.0, 0.0}, 1.3, 32.0, 39.0},
                    Site{"four_one_line", {0, 0, 0, 0}, std::vector<double>(4, 6000.0), 1.6, 4.2, 3.9},
                    Site{"four_night", {0, 0, 0, 0}, std::vector<double>(4, 0.0), 1.8, 6.7, 5.2},
                    Site{"ten", three_lines, std::vector<double>(10, 6000.0), 1.6, 4.6, 1.4},
                    Site{"ten_night", three_lines, std::vector<double>(10, 0.0), 2.0, 4.4, 1.5}),
    [](const testing::TestParamInfo<Site>& param) { return param.param.name; });

}  // namespace
}  // namespace hil::controller
