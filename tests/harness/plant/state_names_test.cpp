#include "harness/plant/state_names.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

TEST(StateNames, StandInADescriptionBehindTheirNumbers) {
  const StateNames names("0 stopped, 1 running, 2 fault");
  EXPECT_EQ(names.in_brackets(1.0), " (running)");
  EXPECT_EQ(names.in_brackets(2.0), " (fault)");
  EXPECT_EQ(names.in_brackets(3.0), "");
  EXPECT_EQ(names.in_brackets(0.5), "");
}

TEST(StateNames, MayFollowWordsAndAColon) {
  EXPECT_EQ(StateNames("as the leader sees it: 0 unknown, 6 faulted").in_brackets(6.0), " (faulted)");
  EXPECT_EQ(StateNames("string 1: DC mode: 0 constant current, 1 constant power").in_brackets(1.0),
            " (constant power)");
  EXPECT_EQ(StateNames("anti-islanding: 0 off, 1 on; kept without effect").in_brackets(1.0), " (on)");
}

TEST(StateNames, AreNotMadeOfOtherDescriptions) {
  for (const char* description :
       {"", "1 while the leader takes the grid for lost", "1: charged to its end, until it may be charged again",
        "state of charge, 0..1", "of all batteries; negative: charge", "reactive power, + capacitive",
        "bit 9 warning, bit 10 latched fault", "start all: 1"}) {
    EXPECT_EQ(StateNames(description).in_brackets(1.0), "") << description;
  }
  const StateNames with_the_rest("0 never, 1 running, 2 done, 3 and above: without a verdict");
  EXPECT_EQ(with_the_rest.in_brackets(2.0), " (done)");
  EXPECT_EQ(with_the_rest.in_brackets(3.0), "");
}

}  // namespace
}  // namespace hil::harness
