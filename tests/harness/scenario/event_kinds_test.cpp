#include "harness/scenario/event_kinds.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <set>
#include <string>

namespace hil::harness {
namespace {

TEST(EventKinds, AreThoseOfTheSchema) {
  pugi::xml_document schema;
  ASSERT_TRUE(schema.load_file(HILBENCH_SOURCE_DIR "/scenarios/schema_checks.xsd"));
  std::set<std::string> in_schema;
  for (const auto& kind :
       schema.select_nodes("//xs:element[@name='count']//xs:attribute[@name='event']//xs:enumeration")) {
    in_schema.insert(kind.node().attribute("value").value());
  }
  EXPECT_EQ(in_schema, (std::set<std::string>{event_kinds.begin(), event_kinds.end()}));
}

TEST(EventKinds, RankBehindAllOthersWhatTheyDoNotKnow) {
  EXPECT_EQ(rank_of_event("mark"), 0U);
  EXPECT_LT(rank_of_event("fault"), rank_of_event("state"));
  EXPECT_EQ(rank_of_event("no such kind"), event_kinds.size());
}

}  // namespace
}  // namespace hil::harness
