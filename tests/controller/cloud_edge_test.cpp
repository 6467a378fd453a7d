// The edge of a cloud over fleets of several sizes, at several phases of the poll cycle: it is no freeze, and costs no
// window without limit.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using tests::SmallInverter;
using tests::Watch;

struct Fleet {
  std::string name;
  std::vector<std::size_t> line_of;
  double load_w = 0.0;
};
std::ostream& operator<<(std::ostream& out, const Fleet& fleet) {
  return out << fleet.name;
}

class CloudEdge : public testing::TestWithParam<Fleet> {
 protected:
  /// PV of each unit from 6 kW to 0.9 kW and back, in `edge_s`.
  static double pv_w(double now_s, double cloud_s, double edge_s, double sun_s) {
    const double shaded = std::clamp((now_s - cloud_s) / edge_s, 0.0, 1.0);
    const double lit = std::clamp((now_s - sun_s) / edge_s, 0.0, 1.0);
    return 6000.0 - 5100.0 * (shaded - lit);
  }
};

// The export bound: 2 s, as the sun's return after the cloud is the law's to follow, of the scenarios cloud_edge*.
TEST_P(CloudEdge, IsTakenForNoFreeze) {
  const Fleet& fleet = GetParam();
  for (const double edge_s : {0.05, 0.4, 1.5, 4.0}) {
    for (int phase = 0; phase < 6; ++phase) {
      SmallBench bench{fleet.line_of, 0.0};
      for (SmallInverter& unit : bench.site.inverters) {
        unit.max_charge_w = 1000.0;
        unit.max_discharge_w = 10000.0;
      }
      bench.site.load_w = fleet.load_w;
      const double cloud_s = 25.0 + 0.067 * phase;
      Watch watch;
      bench.on_step = [&](double now_s) {
        for (SmallInverter& unit : bench.site.inverters)
          unit.pv_available_w = pv_w(now_s, cloud_s, edge_s, cloud_s + 15.0);
        if (now_s > 10.0) watch.see(bench.site.grid_import_w, now_s);
      };
      bench.run_until(55s);
      EXPECT_EQ(bench.controller().freeze_cures(), 0U) << "edge of " << edge_s << " s, phase " << phase;
      EXPECT_LT(watch.longest_export_s, 2.0) << "edge of " << edge_s << " s, phase " << phase;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fleets, CloudEdge,
                         testing::Values(Fleet{"one", {0}, 5000.0}, Fleet{"two_on_one_line", {0, 0}, 10000.0},
                                         Fleet{"three", {0, 1, 2}, 15000.0}, Fleet{"six", {0, 0, 1, 1, 2, 2}, 30000.0},
                                         Fleet{"ten", {0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, 50000.0}),
                         [](const auto& fleet) { return fleet.param.name; });

}  // namespace
}  // namespace hil::controller
