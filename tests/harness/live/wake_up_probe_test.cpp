#include "harness/live/wake_up_probe.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

// What it sleeps through counts as well: however the machine wakes it, only when it begins is the machine's affair.
TEST(WakeUpProbe, CountsEachInstant) {
  WakeUpProbe probe(2ms);
  std::this_thread::sleep_for(500ms);
  const Lateness& lateness = probe.finish();
  EXPECT_GE(lateness.instants, 100u);  // 250, less a quarter of a second to begin in
  EXPECT_LE(lateness.instants, 5000u);
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
