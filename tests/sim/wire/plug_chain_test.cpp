#include "sim/wire/plug_chain.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace hil::sim {
namespace {

using Link = PlugChain::Link;
using Pieces = std::vector<std::size_t>;
using Plug = PlugChain::Plug;
using Side = PlugChain::Side;

constexpr std::array all_pins{PlugPin::sync_low, PlugPin::sync_high, PlugPin::can_low,    PlugPin::can_high,
                              PlugPin::rs485_a,  PlugPin::rs485_b,   PlugPin::supply_12v, PlugPin::ground};
constexpr std::size_t interface = 4;  // of a chain of four

TEST(PlugChain, IsWholeAsItComes) {
  const PlugChain chain{4, true};
  for (std::size_t node = 1; node < 4; ++node) {
    EXPECT_EQ(chain.link(PlugPair::sync, 0, node), Link::whole);
    EXPECT_EQ(chain.link(PlugPair::can, 0, node), Link::whole);
    EXPECT_EQ(chain.link(PlugPair::rs485, 0, node), Link::whole);
  }
  for (const PlugPin pin : all_pins) EXPECT_TRUE(chain.leads(pin, 0, 3)) << name_of(pin);
  EXPECT_TRUE(chain.terminated(PlugPair::can, 0));
  EXPECT_TRUE(chain.terminated(PlugPair::rs485, interface));
}

// Document 002: COMM OUT of the primary goes to the interface with contacts 3 to 8 only.
TEST(PlugChain, KeepsTheSyncPairAmongTheInverters) {
  const PlugChain chain{4, true};
  EXPECT_EQ(chain.link(PlugPair::sync, 0, interface), Link::open);
  EXPECT_EQ(chain.link(PlugPair::can, 3, interface), Link::whole);
  EXPECT_EQ(chain.link(PlugPair::rs485, 3, interface), Link::whole);
  EXPECT_TRUE(chain.leads(PlugPin::supply_12v, 3, interface));
  EXPECT_TRUE(chain.leads(PlugPin::ground, 3, interface));
}

// Each contact of each plug: what is on the far side of it is off, and that alone.
TEST(PlugChain, CutAtOneContactLosesOnlyItsPairAndOnlyBeyond) {
  for (std::size_t node = 0; node < 4; ++node) {
    for (const Side side : {Side::out, Side::in}) {
      for (const PlugPin pin : all_pins) {
        PlugChain chain{4, true};
        chain.set_open({node, side}, pin, true);
        SCOPED_TRACE(testing::Message() << node << (side == Side::in ? " in " : " out ") << name_of(pin));
        // The cable from inverter k to k - 1: behind COMM OUT of k and COMM IN of k - 1.
        const std::size_t first_beyond = side == Side::out ? node : node + 1;
        for (const PlugPin other : all_pins) {
          const bool through_sync = other == PlugPin::sync_low || other == PlugPin::sync_high;
          for (std::size_t from = 0; from < 4; ++from) {
            const bool cut = other == pin && first_beyond > 0 && (from >= first_beyond) != (0 >= first_beyond);
            EXPECT_EQ(chain.leads(other, from, 0), !cut) << name_of(other) << " from " << from;
          }
          const bool interface_cut = (other == pin && first_beyond == 0) || through_sync;
          EXPECT_EQ(chain.leads(other, 0, interface), !interface_cut) << name_of(other);
        }
        const bool of_can = pin == PlugPin::can_low || pin == PlugPin::can_high;
        EXPECT_EQ(chain.terminated(PlugPair::can, interface), !of_can);
      }
    }
  }
}

TEST(PlugChain, CutInTheMiddleMakesTwoPieces) {
  PlugChain chain{4, true};
  chain.set_open({2, Side::out}, PlugPin::can_high, true);
  EXPECT_EQ(chain.pieces(PlugPair::can), (Pieces{0, 0, 1, 1, 0}));
  EXPECT_EQ(chain.pieces(PlugPair::rs485), (Pieces{0, 0, 0, 0, 0}));
  EXPECT_EQ(chain.pieces(PlugPair::sync), (Pieces{0, 0, 0, 0, 1}));
  EXPECT_FALSE(chain.terminated(PlugPair::can, 0));
  EXPECT_TRUE(chain.terminated(PlugPair::can, 2));
  chain.set_open({2, Side::out}, PlugPin::can_high, false);
  EXPECT_EQ(chain.pieces(PlugPair::can), (Pieces{0, 0, 0, 0, 0}));
}

TEST(PlugChain, SwappedWithinAPairIsSwappedForAllBeyond) {
  PlugChain chain{4, true};
  chain.set_swapped({2, Side::out}, PlugPin::can_low, PlugPin::can_high, true);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 1), Link::whole);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 2), Link::swapped);
  EXPECT_EQ(chain.link(PlugPair::can, 3, 0), Link::swapped);
  EXPECT_EQ(chain.link(PlugPair::can, 2, 3), Link::whole);
  EXPECT_TRUE(chain.terminated(PlugPair::can, 0)) << "a resistor has no polarity";
  chain.set_swapped({1, Side::in}, PlugPin::can_low, PlugPin::can_high, true);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 3), Link::whole) << "crossed twice";
}

TEST(PlugChain, ShortedWithinAPairIsUselessForAllOnIt) {
  PlugChain chain{4, true};
  chain.set_shorted({1, Side::in}, PlugPin::rs485_a, PlugPin::rs485_b, true);
  EXPECT_EQ(chain.link(PlugPair::rs485, 0, 3), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::rs485, 0, interface), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 3), Link::whole);
  chain.set_open({3, Side::out}, PlugPin::rs485_a, true);
  chain.set_open({3, Side::out}, PlugPin::rs485_b, true);
  EXPECT_EQ(chain.link(PlugPair::rs485, 0, 3), Link::open) << "cut off from the short";
}

TEST(PlugChain, ShortedToAnotherPurposeSpoilsBoth) {
  PlugChain chain{4, true};
  chain.set_shorted({0, Side::out}, PlugPin::can_high, PlugPin::supply_12v, true);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 3), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::rs485, 0, 3), Link::whole);
  chain.set_shorted({0, Side::out}, PlugPin::can_high, PlugPin::supply_12v, false);
  chain.set_shorted({0, Side::out}, PlugPin::can_low, PlugPin::rs485_a, true);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 3), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::rs485, 0, 3), Link::shorted);
}

TEST(PlugChain, SwappedAcrossPairsSpoilsBoth) {
  PlugChain chain{4, true};
  chain.set_swapped({1, Side::in}, PlugPin::can_high, PlugPin::rs485_a, true);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 1), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::rs485, 0, 3), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::sync, 0, 3), Link::whole);
}

TEST(PlugChain, HasAnEndPlug) {
  PlugChain chain{2, true};
  chain.set_end_plug(PlugChain::EndPlug::missing);
  EXPECT_FALSE(chain.terminated(PlugPair::can, 0));
  EXPECT_FALSE(chain.terminated(PlugPair::rs485, 0));
  EXPECT_EQ(chain.link(PlugPair::can, 0, 1), Link::whole);
  chain.set_end_plug(PlugChain::EndPlug::shorted);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 2), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::rs485, 0, 1), Link::shorted);
  EXPECT_EQ(chain.link(PlugPair::sync, 0, 1), Link::whole);
}

TEST(PlugChain, OfOneInverterHasItsInterfaceAndItsEndPlug) {
  PlugChain chain{1, true};
  EXPECT_EQ(chain.link(PlugPair::can, 0, 1), Link::whole);
  EXPECT_TRUE(chain.terminated(PlugPair::can, 1));
  chain.set_open({1, Side::in}, PlugPin::can_low, true);
  EXPECT_EQ(chain.link(PlugPair::can, 0, 1), Link::open);
}

TEST(PlugChain, WithoutInterfaceEndsAtThePrimary) {
  PlugChain chain{2, false};
  EXPECT_EQ(chain.pieces(PlugPair::can), (Pieces{0, 0}));
  EXPECT_THROW(chain.set_open({2, Side::in}, PlugPin::ground, true), std::out_of_range);
}

TEST(PlugChain, RefusesWhatIsNotThere) {
  EXPECT_THROW((PlugChain{0, true}), std::invalid_argument);
  EXPECT_THROW((PlugChain{17, true}), std::invalid_argument);
  PlugChain chain{4, true};
  EXPECT_THROW(chain.set_open({4, Side::out}, PlugPin::ground, true), std::out_of_range);
  EXPECT_THROW(chain.set_shorted({0, Side::in}, PlugPin::ground, PlugPin::ground, true), std::invalid_argument);
  EXPECT_THROW(chain.set_swapped({0, Side::in}, PlugPin::ground, PlugPin::ground, true), std::invalid_argument);
}

}  // namespace
}  // namespace hil::sim
