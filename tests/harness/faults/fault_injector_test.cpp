#include "harness/faults/fault_injector.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
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
  injector.expose_switch("silence", "et2", [&](bool on) { silent = on; });
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
  injector.expose_switch("silence", "et2", [&](bool on) { silent = on; });
  injector.begin(silence(std::nullopt), 0s);
  injector.step(24h, [](const FaultSpec&) { FAIL(); });
  EXPECT_TRUE(silent);
}

TEST(FaultInjector, EndsOverlappingFaultsOfOneKindWithTheLastOfThem) {
  bool silent = false;
  FaultInjector injector;
  injector.expose_switch("silence", "et2", [&](bool on) { silent = on; });
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

// Of one with other parameters the end is told, since it was told that it began.
TEST(FaultInjector, TellsTheEndOfEachThatHasParametersOfItsOwn) {
  FaultInjector injector;
  const FaultSpec* in_force = nullptr;
  injector.expose("noise", "com1", [&](const FaultSpec* fault) { in_force = fault; });
  injector.begin({"noise", "com1", 10s, {{"byte_error_rate", 0.1}}}, 0s);
  injector.begin({"noise", "com1", 30s, {{"byte_error_rate", 0.2}}}, 5s);
  std::vector<std::string> ended;
  const auto note = [&](const FaultSpec& fault) { ended.push_back(fault_text(fault)); };
  injector.step(10s, note);
  ASSERT_NE(in_force, nullptr);
  EXPECT_EQ(fault_text(*in_force), "noise (byte_error_rate 0.2)");
  injector.step(35s, note);
  EXPECT_EQ(in_force, nullptr);
  EXPECT_EQ(ended, (std::vector<std::string>{"noise (byte_error_rate 0.1)", "noise (byte_error_rate 0.2)"}));
}

// Words as the scenario has them; no probability that leaves nothing out.
TEST(FaultText, NamesWhatAFaultHasBesideItsTarget) {
  EXPECT_EQ(fault_text({"plug_open", "a1", std::nullopt, {{"plug", 1.0}, {"pin", 3.0}}}), "plug_open (plug in, pin 3)");
  EXPECT_EQ(fault_text({"delay", "et1", 1s, {{"delay_s", 0.5}, {"probability", 1.0}}}), "delay (delay_s 0.5)");
  EXPECT_EQ(fault_text({"delay", "et1", 1s, {{"delay_s", 0.5}, {"probability", 0.25}}}),
            "delay (delay_s 0.5, probability 0.25)");
  EXPECT_EQ(fault_text({"wrong_crc", "et1", 1s, {{"probability", 1.0}}}), "wrong_crc");
  EXPECT_EQ(fault_text({"silence", "et1", 1s, {}}), "silence");
}

TEST(FaultText, OfAParameterSaysItsRangeUnitAndWhatCountsWithoutIt) {
  const auto text = [](std::string_view kind, std::size_t parameter) {
    return text_of(find_fault_kind(kind)->parameters.at(parameter));
  };
  EXPECT_EQ(text("slow_release", 0), "release_s: 0 to 60 s, 0.005 without it");
  EXPECT_EQ(text("delay", 0), "delay_s: 0 to 60 s, must be given");
  EXPECT_EQ(text("duplicate_address", 0), "address: a whole number from 1 to 247, must be given");
  EXPECT_EQ(text("wrong_format", 0), "parity: none, even or odd, none without it");
  EXPECT_EQ(text("no_bias", 0), "stray_bytes_per_s: 0 to 1000 per second, 1 without it");
}

TEST(FaultInjector, LetsFaultsAtSeveralPlacesOfOneTargetStandBesideEachOther) {
  FaultInjector faults;
  std::string told;
  faults.expose_each("pcs_fan", "pcs1", [&told](const FaultSpec& fault, bool present) {
    told += std::to_string(static_cast<int>(fault.parameter("string"))) + (present ? "+ " : "- ");
  });
  faults.begin({"pcs_fan", "pcs1", 3s, {{"string", 1.0}}}, 0s);
  faults.begin({"pcs_fan", "pcs1", 1s, {{"string", 2.0}}}, 0s);
  faults.begin({"pcs_fan", "pcs1", 4s, {{"string", 2.0}}}, 0s);
  int ended = 0;
  for (const auto now : {1s, 3s, 4s}) faults.step(now, [&ended](const FaultSpec&) { ++ended; });
  EXPECT_EQ(told, "1+ 2+ 2+ 1- 2- ") << "the second string had it twice";
  EXPECT_EQ(ended, 2);
}

TEST(FaultInjector, NamesWhoCanHaveTheFaultWhenTheTargetCannot) {
  FaultInjector injector;
  injector.expose_switch("ct_reversed", "ct_l1", [](bool) {});
  injector.expose_switch("ct_reversed", "ct_l2", [](bool) {});
  try {
    injector.begin({"ct_reversed", "et1", std::nullopt}, 0s);
    FAIL() << "accepted a reversed CT on an inverter";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("ct_l1, ct_l2"), std::string::npos) << error.what();
  }
}

/// The values of `attribute` between `begin` and `end` in the schema of the timeline.
std::set<std::string> in_schema(const std::string& begin, const std::string& end, const std::string& attribute) {
  std::ifstream file(std::string(HILBENCH_SOURCE_DIR) + "/scenarios/schema_timeline.xsd");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string schema = text.str();
  const std::size_t first = schema.find(begin);
  const std::string listed = schema.substr(first, schema.find(end, first) - first);
  std::set<std::string> values;
  const std::string entry = attribute + "=\"";
  for (std::size_t at = listed.find(entry); at != std::string::npos; at = listed.find(entry, at + 1)) {
    const std::size_t from = at + entry.size();
    values.insert(listed.substr(from, listed.find('"', from) - from));
  }
  return values;
}

TEST(FaultKinds, StandInTheSchemaAllOfThemAndNoOther) {
  std::set<std::string> kinds;
  for (const FaultKind& kind : fault_kinds()) kinds.emplace(kind.kind);
  EXPECT_EQ(in_schema("simpleType name=\"fault_kind_value\"", "</xs:simpleType>", "enumeration value"), kinds);
}

TEST(FaultKinds, HaveTheirParametersInTheSchemaAndNoOther) {
  std::set<std::string> parameters;
  for (const FaultKind& kind : fault_kinds()) {
    for (const FaultParameter& parameter : kind.parameters) parameters.emplace(parameter.name);
  }
  EXPECT_EQ(in_schema("attributeGroup name=\"fault_parameters\"", "</xs:attributeGroup>", "attribute name"),
            parameters);
}

TEST(FaultInjector, LetsTheFaultBegunLastCountAndGoesBackToTheOneBefore) {
  std::vector<double> rates;
  FaultInjector injector;
  injector.expose("noise", "com1", [&](const FaultSpec* fault) {
    rates.push_back(fault == nullptr ? 0.0 : fault->parameter("byte_error_rate"));
  });
  const auto nothing = [](const FaultSpec&) {};
  injector.begin({"noise", "com1", 30s, {{"byte_error_rate", 0.001}}}, 0s);
  injector.begin({"noise", "com1", 10s, {{"byte_error_rate", 0.01}}}, 5s);
  injector.step(15s, nothing);
  injector.step(30s, nothing);
  EXPECT_EQ(rates, (std::vector<double>{0.001, 0.01, 0.001, 0.0}));
}

}  // namespace
}  // namespace hil::harness
