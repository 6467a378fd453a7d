#include "sim/devices/parallel_group.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Plug = PlugChain::Plug;
using Side = PlugChain::Side;

constexpr std::array all_pins{PlugPin::sync_low, PlugPin::sync_high, PlugPin::can_low,    PlugPin::can_high,
                              PlugPin::rs485_a,  PlugPin::rs485_b,   PlugPin::supply_12v, PlugPin::ground};

/// Four equal inverters on a chain with an interface; unit k has role k.
struct Group {
  explicit Group(std::size_t count = 4, const std::function<void(std::vector<ParallelGroup::Unit>&)>& change = {},
                 ParallelGroup::Parameters parameters = {})
      : group(kernel, units(count, change), true, parameters, 7) {}

  static std::vector<ParallelGroup::Unit> units(std::size_t count,
                                                const std::function<void(std::vector<ParallelGroup::Unit>&)>& change) {
    std::vector<ParallelGroup::Unit> all;
    for (std::size_t k = 0; k < count; ++k) {
      all.push_back({"a" + std::to_string(k),
                     {.role = static_cast<ParallelRole>(k),
                      .count = static_cast<int>(count),
                      .safety_code = 1,
                      .model = 2,
                      .rated_100w = 76,
                      .battery_count = 2,
                      .firmware = 3}});
    }
    if (change) change(all);
    return all;
  }
  /// "0:EPSSyncLost 1:..." of those that show one.
  std::string shown() const {
    std::string text;
    for (std::size_t k = 0; k < group.unit_count(); ++k) {
      if (!group.powered(k)) continue;
      for (std::size_t fault = 0; fault < parallel_fault_count; ++fault) {
        const auto which = static_cast<ParallelFault>(fault);
        if (group.supervision(k).has(which)) text += std::to_string(k) + ":" + name_of(which) + " ";
      }
    }
    return text;
  }
  std::string shown_after(Time span) {
    kernel.run(kernel.now() + span);
    return shown();
  }
  void open(Plug plug, PlugPin pin, bool is_open = true) {
    group.rewire([&](PlugChain& chain) { chain.set_open(plug, pin, is_open); });
  }

  Kernel kernel{10ms};
  ParallelGroup group;
};

std::string of_units(std::initializer_list<int> units, std::initializer_list<ParallelFault> faults) {
  std::string text;
  for (const int unit : units) {
    for (const ParallelFault fault : faults) text += std::to_string(unit) + ":" + name_of(fault) + " ";
  }
  return text;
}

TEST(ParallelGroup, OfSoundUnitsRunsWithoutAFault) {
  Group group;
  EXPECT_EQ(group.shown_after(60s), "");
  for (std::size_t k = 0; k < 4; ++k) EXPECT_TRUE(group.group.runs(k));
  EXPECT_TRUE(group.group.interface_has_supply());
  EXPECT_FALSE(group.group.interface_lost_can());
  EXPECT_FALSE(group.group.interface_lost_rs485());
}

TEST(ParallelGroup, OfTenRunsToo) {
  Group group(10, [](auto& units) {
    for (std::size_t k = 4; k < 10; ++k) units[k].identity.role = ParallelRole::secondary3;
  });
  // More than three secondaries are no matter of an A1-ESS-G2: its roles repeat, its wires do not err.
  EXPECT_EQ(group.shown_after(20s).find("RS485"), std::string::npos);
}

// The table of solax-parallel 2, for each contact of each cable. The cable of COMM OUT k leads to k - 1 or the
// interface.
TEST(ParallelGroup, ShowsOfEachOpenContactTheFaultOfTheTable) {
  using F = ParallelFault;
  Group group;
  group.kernel.run(2s);
  for (std::size_t node = 0; node < 4; ++node) {
    for (const PlugPin pin : all_pins) {
      group.open({node, Side::out}, pin);
      SCOPED_TRACE(testing::Message() << "COMM OUT of " << node << ", " << name_of(pin));
      std::string expected;
      const bool to_interface = node == 0;
      switch (pin) {
        case PlugPin::sync_low:
        case PlugPin::sync_high:
          for (std::size_t k = node; k < 4 && !to_interface; ++k)
            expected += of_units({static_cast<int>(k)}, {F::sync_lost});
          break;
        case PlugPin::can_low:
        case PlugPin::can_high:
          if (!to_interface) expected = of_units({0}, {F::can_warning, F::can});
          for (std::size_t k = node; k < 4 && !to_interface; ++k) {
            expected += of_units({static_cast<int>(k)}, {F::can_warning, F::can});
          }
          break;
        case PlugPin::rs485_a:
        case PlugPin::rs485_b:
          if (!to_interface) expected = of_units({0, 1, 2, 3}, {F::rs485});
          break;
        case PlugPin::supply_12v:
        case PlugPin::ground:
          break;
      }
      EXPECT_EQ(group.shown_after(15s), expected);
      const bool cuts_supply = pin == PlugPin::supply_12v || pin == PlugPin::ground;
      EXPECT_EQ(group.group.interface_lost_supply(), to_interface && cuts_supply);
      const bool cuts_can = pin == PlugPin::can_low || pin == PlugPin::can_high;
      EXPECT_EQ(group.group.interface_lost_can(), to_interface && (cuts_can || cuts_supply));
      const bool cuts_rs485 = pin == PlugPin::rs485_a || pin == PlugPin::rs485_b;
      EXPECT_EQ(group.group.interface_lost_rs485(), to_interface && (cuts_rs485 || cuts_supply));
      group.open({node, Side::out}, pin, false);
      EXPECT_EQ(group.shown_after(8s), "") << "mended";
      EXPECT_FALSE(group.group.interface_lost_rs485()) << "mended";
    }
  }
}

TEST(ParallelGroup, CountsTheDelaysOfTheTable) {
  Group group;
  group.kernel.run(2s);
  group.open({3, Side::out}, PlugPin::sync_low);
  EXPECT_EQ(group.shown_after(80ms), "");
  EXPECT_EQ(group.shown_after(40ms), of_units({3}, {ParallelFault::sync_lost}));
  EXPECT_FALSE(group.group.runs(3));
  group.open({3, Side::out}, PlugPin::sync_low, false);
  EXPECT_EQ(group.shown_after(4900ms), of_units({3}, {ParallelFault::sync_lost}));
  EXPECT_EQ(group.shown_after(200ms), "") << "5 s without the cause";
  group.open({3, Side::out}, PlugPin::can_low);
  EXPECT_EQ(group.shown_after(2800ms), "");
  EXPECT_EQ(group.shown_after(300ms), of_units({0, 3}, {ParallelFault::can_warning}));
  EXPECT_TRUE(group.group.runs(3)) << "a warning stops nobody";
  EXPECT_EQ(group.shown_after(6700ms), of_units({0, 3}, {ParallelFault::can_warning}));
  EXPECT_EQ(group.shown_after(300ms), of_units({0, 3}, {ParallelFault::can_warning, ParallelFault::can}));
}

TEST(ParallelGroup, ShowsSwappedPairs) {
  Group group;
  group.kernel.run(2s);
  group.group.rewire([](PlugChain& chain) {
    chain.set_swapped({2, Side::out}, PlugPin::sync_low, PlugPin::sync_high, true);
  });
  EXPECT_EQ(group.shown_after(15s), of_units({2, 3}, {ParallelFault::sync_lost}));
}

TEST(ParallelGroup, WithAShortInsteadOfTheEndPlugHasNoBus) {
  Group group;
  group.kernel.run(2s);
  group.group.rewire([](PlugChain& chain) { chain.set_end_plug(PlugChain::EndPlug::shorted); });
  EXPECT_EQ(group.shown_after(15s),
            of_units({0, 1, 2, 3}, {ParallelFault::can_warning, ParallelFault::can, ParallelFault::rs485}));
}

class UnterminatedGroup : public testing::TestWithParam<double> {};

TEST_P(UnterminatedGroup, BearsItsMissingEndPlugAsFarAsTheErrorRateLets) {
  Group group(4, {}, {.supervision = {}, .unterminated_error_rate = GetParam()});
  group.kernel.run(2s);
  group.group.rewire([](PlugChain& chain) { chain.set_end_plug(PlugChain::EndPlug::missing); });
  const std::string none_through =
      of_units({0, 1, 2, 3}, {ParallelFault::can_warning, ParallelFault::can, ParallelFault::rs485});
  EXPECT_EQ(group.shown_after(15s), GetParam() < 1.0 ? "" : none_through);
}
INSTANTIATE_TEST_SUITE_P(ErrorRates, UnterminatedGroup, testing::Values(0.0, 0.05, 1.0));

class MiscountedGroup : public testing::TestWithParam<int> {};

// Document 002: a wrong count makes every unit report it.
TEST_P(MiscountedGroup, ShowsItOnAll) {
  Group group(4, [](auto& units) { units[0].identity.count = GetParam(); });
  EXPECT_EQ(group.shown_after(9900ms), "");
  // With one too many it is right for a moment, until the last has answered.
  EXPECT_EQ(group.shown_after(1200ms), of_units({0, 1, 2, 3}, {ParallelFault::rs485}));
}
// Document 002 names a wrong count with both of these, too.
TEST_P(MiscountedGroup, ShowsItAsWarningAndConfigurationWhereThatIsSet) {
  Group group(4, [](auto& units) { units[0].identity.count = GetParam(); },
              {.supervision = {.warns_of_count = true, .count_is_configuration = true}});
  EXPECT_EQ(group.shown_after(2500ms), "");
  EXPECT_EQ(group.shown_after(1500ms), of_units({0, 1, 2, 3}, {ParallelFault::can_warning}));
  EXPECT_EQ(group.shown_after(10s),
            of_units({0, 1, 2, 3}, {ParallelFault::configuration, ParallelFault::can_warning, ParallelFault::rs485}));
}
INSTANTIATE_TEST_SUITE_P(Counts, MiscountedGroup, testing::Values(3, 5));

TEST(ParallelGroup, ShowsAnInterfaceLostOnCanWhereThatIsSet) {
  Group group(4, {}, {.supervision = {}, .interface_can_is_fault = true});
  group.kernel.run(2s);
  group.open({0, Side::out}, PlugPin::can_low);
  EXPECT_EQ(group.shown_after(9500ms), "");
  EXPECT_EQ(group.shown_after(1s), of_units({0}, {ParallelFault::can}));
  group.open({0, Side::out}, PlugPin::can_low, false);
  EXPECT_EQ(group.shown_after(4s), of_units({0}, {ParallelFault::can})) << "5 s without the cause";
  EXPECT_EQ(group.shown_after(2s), "");
}

// Though the primary misses one there.
TEST(ParallelGroup, TakesACutLinkForNoWrongCount) {
  Group group(4, {}, {.supervision = {.warns_of_count = true, .count_is_configuration = true}});
  group.kernel.run(2s);
  EXPECT_TRUE(group.group.supervision(3).is_asked(group.kernel.now(), 1500ms));
  group.open({3, Side::out}, PlugPin::rs485_a);
  group.kernel.run(6s);
  EXPECT_TRUE(group.group.supervision(2).is_asked(group.kernel.now(), 1500ms));
  EXPECT_FALSE(group.group.supervision(3).is_asked(group.kernel.now(), 3s));
  EXPECT_EQ(group.shown_after(11s), of_units({0, 1, 2, 3}, {ParallelFault::rs485}));
}

// solax-parallel 2: the primary shows it, too.
TEST(ParallelGroup, ShowsARepeatedRoleOnBothTwinsAndThePrimary) {
  Group group(4, [](auto& units) { units[3].identity.role = ParallelRole::secondary2; });
  EXPECT_EQ(group.shown_after(4s), of_units({0, 2, 3}, {ParallelFault::can_warning}));
  EXPECT_EQ(group.shown_after(7s), of_units({0, 2, 3}, {ParallelFault::configuration, ParallelFault::can_warning}));
  group.group.set_identity(3, Group::units(4, {})[3].identity);
  EXPECT_EQ(group.shown_after(4s), of_units({0, 2}, {ParallelFault::configuration}))
      << "it stays until that unit begins anew";
  group.group.set_identity(0, Group::units(4, {})[0].identity);
  group.group.set_identity(2, Group::units(4, {})[2].identity);
  EXPECT_EQ(group.shown_after(10s), "");
}

TEST(ParallelGroup, ShowsAMiswiredOutputOnThatUnitUntilItBeginsAnewWithoutTheCause) {
  Group group;
  group.kernel.run(2s);
  group.group.set_miswired(2, true);
  EXPECT_EQ(group.shown_after(100ms), of_units({2}, {ParallelFault::configuration}));
  group.group.set_identity(2, Group::units(4, {})[2].identity);
  EXPECT_EQ(group.shown_after(1s), of_units({2}, {ParallelFault::configuration}));
  group.group.set_miswired(2, false);
  EXPECT_EQ(group.shown_after(1s), of_units({2}, {ParallelFault::configuration}));
  group.group.set_identity(2, Group::units(4, {})[2].identity);
  EXPECT_EQ(group.shown_after(3s), "");
}

TEST(ParallelGroup, ShowsAMissingPrimaryOnAll) {
  Group group(3, [](auto& units) { units[0].identity.role = ParallelRole::secondary3; });
  EXPECT_EQ(group.shown_after(4s), of_units({0, 1, 2}, {ParallelFault::can_warning}));
  EXPECT_EQ(group.shown_after(5s), of_units({0, 1, 2}, {ParallelFault::can_warning}));
  const std::string shown = group.shown_after(2s);
  for (const char* unit : {"0:", "1:", "2:"}) {
    EXPECT_NE(shown.find(std::string{unit} + "Parallel CfgFault"), std::string::npos) << shown;
  }
}

TEST(ParallelGroup, ShowsTwoPrimariesOnAll) {
  Group group(3, [](auto& units) { units[2].identity.role = ParallelRole::primary; });
  const std::string shown = group.shown_after(11s);
  for (const char* unit : {"0:", "1:", "2:"}) {
    EXPECT_NE(shown.find(std::string{unit} + "Parallel CfgFault"), std::string::npos) << shown;
  }
}

using Change = void (*)(ParallelIdentity&);
class UnequalGroup : public testing::TestWithParam<Change> {};

TEST_P(UnequalGroup, ShowsItOnThatUnitAndThePrimaryAtOnce) {
  Group group(4, [](auto& units) { GetParam()(units[2].identity); });
  EXPECT_EQ(group.shown_after(500ms), of_units({0, 2}, {ParallelFault::configuration}));
}
INSTANTIATE_TEST_SUITE_P(Differences, UnequalGroup,
                         testing::Values([](ParallelIdentity& its) { its.safety_code = 9; },
                                         [](ParallelIdentity& its) { its.model = 9; },
                                         [](ParallelIdentity& its) { its.rated_100w = 50; },
                                         [](ParallelIdentity& its) { its.battery_count = 3; },
                                         [](ParallelIdentity& its) { its.firmware = 9; }));

TEST(ParallelGroup, StopsTheSecondariesOfAFaultyPrimaryUntilItRunsAgain) {
  Group group;
  group.kernel.run(2s);
  group.group.set_faulty(0, true);
  EXPECT_EQ(group.shown_after(900ms), "");
  EXPECT_EQ(group.shown_after(300ms), of_units({1, 2, 3}, {ParallelFault::system}));
  EXPECT_FALSE(group.group.runs(1));
  group.group.set_faulty(0, false);
  EXPECT_EQ(group.shown_after(300ms), "");
  EXPECT_TRUE(group.group.runs(1));
}

TEST(ParallelGroup, ShowsAPrimaryWithoutPowerByAndBy) {
  Group group;
  group.kernel.run(2s);
  group.group.set_powered(0, false);
  // The last question counts as life for a while: 1 s after the last, at most 1.2 s after the power went, and 1.5 s.
  EXPECT_EQ(group.shown_after(800ms), "");
  EXPECT_EQ(group.shown_after(1900ms), of_units({1, 2, 3}, {ParallelFault::system})) << "and no lost sync";
  EXPECT_EQ(group.shown_after(8s), of_units({1, 2, 3}, {ParallelFault::system, ParallelFault::can_warning,
                                                        ParallelFault::can, ParallelFault::rs485}));
  group.group.set_powered(0, true);
  EXPECT_EQ(group.shown_after(8s), "") << "a second to be there, 5 s without the cause";
}

TEST(ParallelGroup, GoesOnWithoutASecondaryUntilTheCountIsMissed) {
  Group group;
  group.kernel.run(2s);
  group.group.set_powered(3, false);
  EXPECT_EQ(group.shown_after(9s), of_units({0}, {ParallelFault::can_warning}));
  EXPECT_TRUE(group.group.runs(1));
  EXPECT_EQ(group.shown_after(4s),
            of_units({0}, {ParallelFault::can_warning, ParallelFault::can, ParallelFault::rs485}) +
                of_units({1, 2}, {ParallelFault::rs485}));
}

// Whoever joins is on the wires of the last inverter: cut off with it, heard by the others otherwise.
TEST(ParallelGroup, LetsAnotherNodeJoinItsCan) {
  Group group;
  std::size_t heard = 0;
  const std::size_t node = group.group.join_can("logger", [&heard](const CanFrame&, Time) { ++heard; });
  EXPECT_EQ(node, 5u) << "four inverters and the interface come before it";
  // Ten beats a second of each inverter, the one at 0 included; the eleventh is on its way.
  group.kernel.run(1s);
  EXPECT_EQ(heard, 40u);
  EXPECT_EQ(group.shown(), "");
  group.open({3, Side::out}, PlugPin::can_high);
  heard = 0;
  group.kernel.run(2s + 50ms);
  EXPECT_EQ(heard, 11u) << "the last one alone";
  EXPECT_EQ(group.group.can().place(node).piece, group.group.can().place(3).piece);
}

TEST(ParallelGroup, HearsTheHeartbeatOfWhoJoined) {
  Group group;
  const std::size_t node = group.group.join_can("another", {});
  group.kernel.run(20s);
  EXPECT_EQ(group.shown(), "");
  // A second primary.
  const ParallelHeartbeat primary{.number = 9, .identity = {.role = ParallelRole::primary}};
  EXPECT_TRUE(group.group.send(node, primary.frame()));
  group.kernel.run(20s + 100ms);
  EXPECT_NE(group.shown().find(name_of(ParallelFault::configuration)), std::string::npos) << group.shown();
}

TEST(ParallelGroup, LeavesWhoJoinedWithoutPowerWhenItIsRewired) {
  Group group;
  const std::size_t node = group.group.join_can("logger", {});
  CanBus::Place place = group.group.can().place(node);
  EXPECT_TRUE(place.powered);
  place.powered = false;
  group.group.can().set_place(node, place);
  group.open({1, Side::out}, PlugPin::can_high);
  group.open({1, Side::out}, PlugPin::can_high, false);
  EXPECT_FALSE(group.group.can().place(node).powered);
}

TEST(ParallelHeartbeat, GoesThroughItsFrame) {
  const ParallelHeartbeat sent{5, {ParallelRole::secondary2, 1, 7, 200, 300, 4, 250}, true, false};
  const auto heard = ParallelHeartbeat::of(sent.frame());
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->number, 5u);
  EXPECT_EQ(heard->identity.role, ParallelRole::secondary2);
  EXPECT_EQ(heard->identity.rated_100w, 300);
  EXPECT_EQ(heard->identity.model, 200);
  EXPECT_TRUE(heard->runs);
  EXPECT_FALSE(heard->faulty);
  EXPECT_FALSE(ParallelHeartbeat::of(CanFrame{.id = 5}));
}

class InterfaceLink : public testing::TestWithParam<PlugPin> {};

// By both wires of CAN and by its supply: 0.3 s after the last beat at the latest, long before it warns.
TEST_P(InterfaceLink, StandsWhileBothHearEachOther) {
  Group group;
  group.kernel.run(1s);
  EXPECT_TRUE(group.group.interface_linked());
  group.open({0, Side::out}, GetParam());
  group.kernel.run(1400ms);
  EXPECT_FALSE(group.group.interface_linked());
  EXPECT_FALSE(group.group.interface_lost_can());
  group.open({0, Side::out}, GetParam(), false);
  group.kernel.run(2s);
  EXPECT_TRUE(group.group.interface_linked());
}

INSTANTIATE_TEST_SUITE_P(EachPin, InterfaceLink,
                         testing::Values(PlugPin::can_low, PlugPin::can_high, PlugPin::supply_12v, PlugPin::ground));

TEST(ParallelGroup, IsNotLinkedToItsInterfaceWithoutThePrimary) {
  Group group;
  group.group.set_powered(0, false);
  group.kernel.run(1s);
  EXPECT_FALSE(group.group.interface_linked());
  EXPECT_TRUE(group.group.interface_has_supply()) << "of the others";
}

}  // namespace
}  // namespace hil::sim
