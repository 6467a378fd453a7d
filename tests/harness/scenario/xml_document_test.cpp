#include "harness/scenario/xml_document.h"

#include <gtest/gtest.h>

#include "harness/scenario/element_reader.h"

namespace hil::harness {
namespace {

Element parsed(const std::string& text) {
  Diagnostics diagnostics;
  auto root = parse_xml(text, "file.xml", diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  return root.value_or(Element{});
}

TEST(XmlDocument, PlacesElementsByLineAndCharacter) {
  const Element root = parsed("<a>\r\n  <b/>\n\t<c/>\xC3\xA4<d/></a>");
  ASSERT_EQ(root.children.size(), 3U);
  EXPECT_EQ(root.place.line, 1);
  EXPECT_EQ(root.place.column, 1);
  EXPECT_EQ(root.children[0].place.line, 2);
  EXPECT_EQ(root.children[0].place.column, 3);
  // Line 3: a tab, <c/> in columns 2..5, one letter of two bytes in column 6, then <d/>.
  EXPECT_EQ(root.children[2].place.line, 3);
  EXPECT_EQ(root.children[2].place.column, 7);
}

TEST(XmlDocument, CountsColumnsBehindAByteOrderMark) {
  const Element root = parsed("\xEF\xBB\xBF<a>\n <b/></a>");
  EXPECT_EQ(root.name, "a");
  EXPECT_EQ(root.children.at(0).place.line, 2);
  EXPECT_EQ(root.children.at(0).place.column, 2);
}

TEST(XmlDocument, PrintsWhatItReadsAgainUnchanged) {
  const Element root = parsed("<a x=\"&lt;&quot;&amp;\"><b>one &amp; <![CDATA[<two>]]></b></a>");
  EXPECT_EQ(root.attribute("x")->value, "<\"&");
  EXPECT_EQ(root.children.at(0).text, "one & <two>");
  const Element again = parsed(to_xml(root));
  EXPECT_EQ(again.attribute("x")->value, "<\"&");
  EXPECT_EQ(again.children.at(0).text, "one & <two>");
}

TEST(XmlDocument, AcceptsSixtyFourLevelsAndNoMore) {
  const auto nested = [](int depth) {
    std::string text;
    for (int level = 0; level < depth; ++level) text += "<a>";
    for (int level = 0; level < depth; ++level) text += "</a>";
    return text;
  };
  Diagnostics diagnostics;
  EXPECT_TRUE(parse_xml(nested(64), "file.xml", diagnostics));
  EXPECT_FALSE(parse_xml(nested(65), "file.xml", diagnostics));
}

TEST(Numbers, AreDecimalAndWholeOrRefused) {
  EXPECT_EQ(parse_number(" -1.5e3 "), -1500.0);
  for (const char* bad : {"", "0x10", "1,5", "+1", "nan", "inf", "-infinity", "1 2", "1e999", "5W"}) {
    EXPECT_FALSE(parse_number(bad).has_value()) << bad;
  }
  EXPECT_EQ(to_time(0.1), sim::Time{100'000'000});
}

}  // namespace
}  // namespace hil::harness
