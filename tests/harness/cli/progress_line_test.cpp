#include "harness/cli/progress_line.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hil::harness {
namespace {

Progress half_way() {
  Progress progress;
  progress.done = 3;
  progress.total = 12;
  progress.running = {{"day", 43200.0, 86400.0}, {"noon", 0.0, 600.0}};
  progress.virtual_s = 50000.0;
  progress.wall_s = 25.0;
  return progress;
}

TEST(ProgressLine, SaysWhatIsDoneWhatRunsAndHowFast) {
  EXPECT_EQ(progress_text(half_way(), 200), "[3/12] 2000 x real time, running: day 50 %, noon 0 %");
}

TEST(ProgressLine, NeverWraps) {
  EXPECT_EQ(progress_text(half_way(), 20), "[3/12] 2000 x rea...");
}

// A reading that is behind, or a run that has outlived its scenario, must not show nonsense.
TEST(ProgressLine, StaysBetweenNothingAndAll) {
  Progress progress = half_way();
  progress.running = {{"late", 700.0, 600.0}};
  progress.wall_s = 0.0;
  EXPECT_EQ(progress_text(progress, 200), "[3/12], running: late 100 %");
}

TEST(ProgressLine, PrintsNothingWhereNoPersonLooks) {
  std::ostringstream out;
  {
    ProgressLine line(out, false);
    line.show(half_way());
    line.say("[1/2] checking noon");
    line.clear();
  }
  EXPECT_EQ(out.str(), "");
}

TEST(ProgressLine, SaysAnotherTextInItsPlace) {
  std::ostringstream out;
  ProgressLine line(out, true);
  line.say("[1/2] checking noon");
  line.say(std::string(5000, 'x'));
  EXPECT_TRUE(out.str().starts_with("\r[1/2] checking noon\x1b[K\rxxx")) << out.str();
  EXPECT_TRUE(out.str().ends_with("xx...\x1b[K")) << "cut to the width of a terminal";
}

TEST(ProgressLine, IsTakenAwayBeforeAnythingElseIsPrinted) {
  std::ostringstream out;
  ProgressLine line(out, true);
  line.clear();
  EXPECT_EQ(out.str(), "");
  line.show(half_way());
  EXPECT_TRUE(out.str().starts_with("\r[3/12]")) << out.str();
  line.clear();
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K")) << out.str();
}

}  // namespace
}  // namespace hil::harness
