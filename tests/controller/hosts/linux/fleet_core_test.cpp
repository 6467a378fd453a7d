#include "controller/hosts/linux/fleet_core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/controller/fleet/fake_pcs.h"

namespace hil::hosts {
namespace {

using namespace std::chrono_literals;
using controller::Time;

std::vector<std::uint8_t> with_crc(std::vector<std::uint8_t> bytes) {
  unsigned value = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    value ^= byte;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? value >> 1U ^ 0xA001U : value >> 1U;
  }
  bytes.push_back(static_cast<std::uint8_t>(value));
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  return bytes;
}

/// A leader of one converter on COM1, whose replies take 60 ms.
class Rig {
 public:
  explicit Rig(std::uint8_t meter_address = 0) : core({}, settings(meter_address)) {}
  /// What is told of the converter, each time that this changes.
  std::vector<std::string> told_until(Time end) {
    std::vector<std::string> told;
    for (; now < end; now += 10ms) {
      pcs.advance(0.01, now);
      if (reply_at_ <= now) {
        reply_at_ = Time::max();
        core.bytes_arrived(0, reply_, now);
        carry_out();
      }
      if (core.output().next_wake <= now) {
        core.woken(now);
        carry_out();
      }
      const std::string text = core.unit_lines(now);
      const std::string phase = text.substr(0, text.find(", AC"));
      if (told.empty() || told.back() != phase) told.push_back(phase);
    }
    return told;
  }

  FleetCore core;
  controller::tests::FakePcs pcs;
  Time now{0};

 private:
  static controller::FleetSettings settings(std::uint8_t meter_address) {
    controller::FleetSettings made;
    made.meter_address = meter_address;
    made.lines[0].addresses[0] = 1;
    made.lines[0].count = 1;
    made.unit_rating_w = 100e3;
    made.mode = controller::FleetMode::power;
    made.ac_injection_w = 50e3;
    return made;
  }
  void carry_out() {
    const auto sent = core.output().lines[0].pending();
    if (!sent.empty()) {
      std::vector<std::uint8_t> reply = pcs.serve({sent.begin() + 1, sent.end() - 2}, now);
      reply.insert(reply.begin(), sent.front());
      reply_ = with_crc(reply);
      reply_at_ = now + 60ms;
    }
    core.sent();
  }

  std::vector<std::uint8_t> reply_;
  Time reply_at_ = Time::max();
};

// The converter says "running" from the accepted start on and takes 8 s to connect; nobody is told that it runs before.
TEST(FleetCore, SaysOfAConverterThatItRunsOnlyOnceItIsConnected) {
  Rig rig;
  const std::vector<std::string> early = rig.told_until(6s);
  ASSERT_TRUE(rig.pcs.running());
  EXPECT_EQ(early.back(), "COM1 unit 1: starts, not yet connected");
  const std::vector<std::string> later = rig.told_until(25s);
  EXPECT_EQ(later.back(), "COM1 unit 1: runs");
  EXPECT_NE(rig.core.summary(rig.now).find("1 of 1 converters run"), std::string::npos) << rig.core.summary(rig.now);
  EXPECT_EQ(std::count(early.begin(), early.end(), "COM1 unit 1: runs"), 0);
}

// 8 V below the end of discharge and float as topping: nothing to say.
TEST(FleetCore, NamesBatteryLimitsThatDoNotSuitLithium) {
  Rig rig;
  for (const auto& [address, decivolts] : {std::pair{53653, 6880}, {53655, 6960}, {53659, 8280}, {53660, 8280}}) {
    rig.pcs.words[address] = decivolts;
  }
  rig.told_until(30s);
  EXPECT_EQ(rig.core.unit_lines(rig.now).find("battery limits"), std::string::npos) << rig.core.unit_lines(rig.now);
  rig.pcs.words[53659] = 8200;
  rig.pcs.words[53653] = 6920;
  rig.told_until(60s);
  const std::string text = rig.core.unit_lines(rig.now);
  EXPECT_NE(
      text.find(", battery limits: float is not topping, lower limit is less than 5 V below the end of discharge\n"),
      std::string::npos)
      << text;
}

TEST(FleetCore, SaysWhatIsWrongWithAnOrderAndChangesNothing) {
  Rig rig;
  const std::string before = rig.core.order_lines();
  for (const auto& [words, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "an order is missing"},
           {"faster", "\"faster\" is no order, known: stop, power W [VAR]"},
           {"power", "\"power\" has 0 numbers, must be power W [VAR]"},
           {"power inf", "\"inf\" is no number"},
           {"power 100001", "100001 W is beyond the ratings, must be -100000..100000: 1 converter of 100000 W"},
           {"self_consumption", "needs a meter"}}) {
    const std::string answer = rig.core.order(words, 0s);
    EXPECT_TRUE(answer.starts_with("refused: ")) << answer;
    EXPECT_NE(answer.find(why), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\n"));
  }
  EXPECT_EQ(rig.core.order_lines(), before);
  EXPECT_NE(rig.core.order("power -2000 300", 0s).find("power -2000 W, 300 var"), std::string::npos);
  EXPECT_NE(rig.core.order("stop", 0s).find("mode stop"), std::string::npos);
}

// 250 kW of loads are to be held at 220 kW by one converter of 100 kW: what the meter may show is no matter of ratings.
TEST(FleetCore, TakesAnImportBeyondTheRatings) {
  Rig rig{1};
  EXPECT_NE(rig.core.order("self_consumption 220000", 0s).find("import at the meter 220000 W"), std::string::npos);
  EXPECT_NE(rig.core.order("self_consumption 33000000", 0s).find("refused: 33000000 W must be -32767000..32767000"),
            std::string::npos);
  EXPECT_NE(rig.core.order("self_consumption 0 100001", 0s).find("100001 var is beyond the ratings"),
            std::string::npos);
}

}  // namespace
}  // namespace hil::hosts
