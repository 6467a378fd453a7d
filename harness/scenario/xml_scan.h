#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hil::harness {

inline constexpr std::size_t largest_xml_bytes = std::size_t{4} << 20;  ///< 4 MiB
inline constexpr int deepest_xml = 64;                                  ///< elements inside one another

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Where the name that stands at or behind `from` ends: a blank, / or >. The text's size: nowhere.
constexpr std::size_t end_of_name(std::string_view text, std::size_t from) {
  while (from < text.size() && !is_blank(text[from]) && text[from] != '/' && text[from] != '>') ++from;
  return from;
}

struct XmlFault {
  std::size_t offset = 0;  ///< bytes from the start of the text
  std::string message;
};

/// Looks at raw XML for what the parser accepts in silence, what it does not name, or what we refuse to read: a
/// DOCTYPE, unknown entities, characters that are not UTF-8 or not XML, deep nesting, text or a second element beside
/// the root, an end tag that is not that of the element open there. Returns the first such fault; elements that are
/// open at the end are left to the parser.
std::optional<XmlFault> scan_xml(std::string_view text);

}  // namespace hil::harness
