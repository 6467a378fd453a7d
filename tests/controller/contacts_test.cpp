#include "controller/core/contacts.h"

#include <gtest/gtest.h>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

class ContactsTest : public testing::Test {
 protected:
  explicit ContactsTest(ControlMode mode = ControlMode::dred) { settings_.control_mode = mode; }
  void set(Input input, bool closed, Time now) { contacts_.changed(static_cast<std::size_t>(input), closed, now); }
  GridDemand at(Time now) { return contacts_.demand(settings_, now); }

  Contacts contacts_;
  Settings settings_;
};

class RcrContactsTest : public ContactsTest {
 protected:
  RcrContactsTest() : ContactsTest(ControlMode::rcr) {}
};

TEST_F(ContactsTest, AnOpenCableIsNoDemand) {
  EXPECT_EQ(at(10s), GridDemand{});
}

TEST_F(ContactsTest, AContactCountsOnlyOnceItHasRestedForItsDebounceTime) {
  set(Input::dred1, true, 1s);
  set(Input::dred1, false, 1s + 20ms);
  set(Input::dred1, true, 1s + 30ms);
  EXPECT_EQ(contacts_.next_wake(), 1s + 80ms);
  EXPECT_DOUBLE_EQ(at(1s + 79ms).generation_share, 1.0);
  EXPECT_DOUBLE_EQ(at(1s + 80ms).generation_share, 0.0);
  EXPECT_EQ(contacts_.next_wake(), Time::max());
}

TEST_F(ContactsTest, EachDrmActsOnItsOwnSide) {
  const auto of = [this](std::uint8_t mode) {
    settings_.dred_modes[0] = mode;
    return at(2s);
  };
  set(Input::dred1, true, 1s);
  EXPECT_TRUE(of(0).disconnect);
  EXPECT_DOUBLE_EQ(of(1).import_share, 0.0);
  EXPECT_DOUBLE_EQ(of(2).import_share, 0.5);
  EXPECT_DOUBLE_EQ(of(3).import_share, 0.75);
  EXPECT_DOUBLE_EQ(of(3).generation_share, 1.0);
  EXPECT_TRUE(of(4).increase_import);
  EXPECT_DOUBLE_EQ(of(5).generation_share, 0.0);
  EXPECT_DOUBLE_EQ(of(6).generation_share, 0.5);
  EXPECT_DOUBLE_EQ(of(7).generation_share, 0.75);
  EXPECT_DOUBLE_EQ(of(7).import_share, 1.0);
  EXPECT_TRUE(of(8).increase_generation);
}

TEST_F(ContactsTest, OfSeveralTheLowestOfEachSideHolds) {
  settings_.dred_modes = {8, 6, 4, 2};
  for (const Input input : {Input::dred1, Input::dred2, Input::dred3, Input::dred4}) set(input, true, 1s);
  const GridDemand demand = at(2s);
  EXPECT_DOUBLE_EQ(demand.generation_share, 0.5);  // DRM6 before DRM8
  EXPECT_FALSE(demand.increase_generation);
  EXPECT_DOUBLE_EQ(demand.import_share, 0.5);  // DRM2 before DRM4
  EXPECT_FALSE(demand.increase_import);
}

TEST_F(ContactsTest, ContactsCountInTheirOwnControlModeOnly) {
  set(Input::dred1, true, 1s);
  set(Input::rcr1, true, 1s);
  settings_.control_mode = ControlMode::value;
  EXPECT_EQ(at(5s), GridDemand{});
  settings_.control_mode = ControlMode::off;
  EXPECT_EQ(at(5s), GridDemand{});
  settings_.control_mode = ControlMode::dred;
  EXPECT_FALSE(at(5s).feed_in_share.has_value());
  settings_.control_mode = ControlMode::rcr;
  EXPECT_DOUBLE_EQ(at(5s).generation_share, 1.0);
}

TEST_F(ContactsTest, TheReloadButtonAndUnknownInputsAreNone) {
  set(Input::reload, true, 1s);
  contacts_.changed(99, true, 1s);
  EXPECT_EQ(at(2s), GridDemand{});
}

TEST_F(RcrContactsTest, EveryContactStandsForItsShare) {
  const std::array inputs{Input::rcr1, Input::rcr2, Input::rcr3, Input::rcr4};
  const std::array shares{0.0, 0.3, 0.6, 1.0};
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const Time from = 10s * static_cast<int>(k);
    set(inputs[k], true, from);
    EXPECT_DOUBLE_EQ(at(from + 1s).feed_in_share.value(), shares[k]);
    settings_.rcr_basis = RcrBasis::generation;
    EXPECT_DOUBLE_EQ(at(from + 1s).generation_share, shares[k]);
    EXPECT_FALSE(at(from + 1s).feed_in_share.has_value());
    settings_.rcr_basis = RcrBasis::feed_in;
    set(inputs[k], false, from + 2s);
  }
}

TEST_F(RcrContactsTest, AChangeOverKeepsTheLastShareAndAnOpenCableTakesTheLowest) {
  set(Input::rcr4, true, 1s);
  EXPECT_DOUBLE_EQ(at(2s).feed_in_share.value(), 1.0);
  set(Input::rcr4, false, 10s);
  EXPECT_DOUBLE_EQ(at(11s).feed_in_share.value(), 1.0);  // open since it was first seen so
  EXPECT_FALSE(at(11s).contacts_faulty);
  EXPECT_EQ(contacts_.next_wake(), 13s);
  EXPECT_DOUBLE_EQ(at(13s).feed_in_share.value(), 0.0);
  EXPECT_TRUE(at(13s).contacts_faulty);
  settings_.rcr_open_share = 1.0;
  EXPECT_DOUBLE_EQ(at(13s).feed_in_share.value(), 1.0);
  set(Input::rcr3, true, 14s);
  EXPECT_DOUBLE_EQ(at(15s).feed_in_share.value(), 0.6);
  EXPECT_FALSE(at(15s).contacts_faulty);
}

TEST_F(RcrContactsTest, OfSeveralTheLowestHoldsAndIsReported) {
  set(Input::rcr4, true, 1s);
  ASSERT_DOUBLE_EQ(at(2s).feed_in_share.value(), 1.0);
  set(Input::rcr2, true, 3s);
  EXPECT_DOUBLE_EQ(at(4s).feed_in_share.value(), 1.0);
  EXPECT_DOUBLE_EQ(at(6s).feed_in_share.value(), 0.3);
  EXPECT_TRUE(at(6s).contacts_faulty);
}

TEST_F(RcrContactsTest, BeforeTheFirstGoodContactAnOpenCableIsTakenAtItsWord) {
  EXPECT_DOUBLE_EQ(at(0s).feed_in_share.value(), 0.0);
}

}  // namespace
}  // namespace hil::controller
