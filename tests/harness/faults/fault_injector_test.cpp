#include "harness/faults/fault_injector.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "harness/faults/fault_kinds.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

FaultSpec silence(std::optional<sim::Time> lasts) {
  return {"silence", "et2", lasts};
}

TEST(FaultInjector, HoldsAFaultForItsTimeAndThenTakesItBack) {
  bool silent = false;
  std::vector<std::string> ended;
  FaultInjector injector;
  injector.expose("silence", "et2", [&](bool on) { silent = on; });
  injector.begin(silence(20s), 100s);
  const auto note = [&](const FaultSpec& fault) { ended.push_back(fault.target); };
  injector.step(119'990ms, note);
  EXPECT_TRUE(silent);
  EXPECT_TRUE(ended.empty());
  injector.step(120s, note);
  EXPECT_FALSE(silent);
  EXPECT_EQ(ended, std::vector<std::string>{"et2"});
}

TEST(FaultInjector, KeepsAFaultWithoutAnEnd) {
  bool silent = false;
  FaultInjector injector;
  injector.expose("silence", "et2", [&](bool on) { silent = on; });
  injector.begin(silence(std::nullopt), 0s);
  injector.step(24h, [](const FaultSpec&) { FAIL(); });
  EXPECT_TRUE(silent);
}

TEST(FaultInjector, EndsOverlappingFaultsOfOneKindWithTheLastOfThem) {
  bool silent = false;
  FaultInjector injector;
  injector.expose("silence", "et2", [&](bool on) { silent = on; });
  injector.begin(silence(10s), 0s);
  injector.begin(silence(30s), 5s);
  int told = 0;
  const auto count = [&](const FaultSpec&) { ++told; };
  injector.step(10s, count);
  EXPECT_TRUE(silent);
  EXPECT_EQ(told, 0) << "the target is still faulty";
  injector.step(35s, count);
  EXPECT_FALSE(silent);
  EXPECT_EQ(told, 1);
}

TEST(FaultInjector, NamesWhoCanHaveTheFaultWhenTheTargetCannot) {
  FaultInjector injector;
  injector.expose("ct_reversed", "ct_l1", [](bool) {});
  injector.expose("ct_reversed", "ct_l2", [](bool) {});
  try {
    injector.begin({"ct_reversed", "et1", std::nullopt}, 0s);
    FAIL() << "accepted a reversed CT on an inverter";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("ct_l1, ct_l2"), std::string::npos) << error.what();
  }
}

TEST(FaultKinds, StandInTheSchemaAllOfThemAndNoOther) {
  std::ifstream file(std::string(HILBENCH_SOURCE_DIR) + "/scenarios/schema_timeline.xsd");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string schema = text.str();
  const std::size_t begin = schema.find("simpleType name=\"fault_kind\"");
  ASSERT_NE(begin, std::string::npos);
  const std::string listed = schema.substr(begin, schema.find("</xs:simpleType>", begin) - begin);
  std::size_t count = 0;
  const std::string entry = "enumeration value=";
  for (std::size_t at = listed.find(entry); at != std::string::npos; at = listed.find(entry, at + 1)) ++count;
  EXPECT_EQ(count, fault_kinds().size());
  for (const FaultKind& kind : fault_kinds()) {
    EXPECT_NE(listed.find(entry + "\"" + std::string(kind.kind) + "\""), std::string::npos) << kind.kind;
  }
}

}  // namespace
}  // namespace hil::harness
