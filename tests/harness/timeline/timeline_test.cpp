#include "harness/timeline/timeline.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

TEST(Timeline, CarriesOutEachEntryOnceInTheFirstStepAtOrAfterItsTime) {
  std::vector<std::pair<std::string, sim::Time>> done;
  Timeline timeline{{{15ms, {Mark{"a"}}, {}}, {20ms, {Mark{"b"}, Mark{"c"}}, {}}},
                    [&](const Action& action, sim::Time now) { done.emplace_back(std::get<Mark>(action).name, now); }};
  for (sim::Time now = 0ms; now <= 50ms; now += 10ms) timeline.step(now);
  const std::vector<std::pair<std::string, sim::Time>> expected{{"a", 20ms}, {"b", 20ms}, {"c", 20ms}};
  EXPECT_EQ(done, expected);
}

}  // namespace
}  // namespace hil::harness
