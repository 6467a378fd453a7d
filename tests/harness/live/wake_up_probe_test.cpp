#include "harness/live/wake_up_probe.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

// 2 ms apart in 100 ms: fifty, unless the machine lets it start late. What it sleeps through counts as well.
TEST(WakeUpProbe, WakesAtEachInstant) {
  WakeUpProbe probe(2ms);
  std::this_thread::sleep_for(100ms);
  const Lateness& lateness = probe.finish();
  EXPECT_GE(lateness.instants, 1u);
  EXPECT_EQ(lateness.early, 0u);
  EXPECT_GT(lateness.worst, 0ns);
}

TEST(WakeUpProbe, EndsOnce) {
  WakeUpProbe probe(1ns);  // which is taken for a millisecond
  std::this_thread::sleep_for(20ms);
  const std::uint64_t instants = probe.finish().instants;
  EXPECT_LE(instants, 2000u);
  EXPECT_EQ(probe.finish().instants, instants);
}

}  // namespace
}  // namespace hil::harness
