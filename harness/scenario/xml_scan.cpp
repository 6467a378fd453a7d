#include "harness/scenario/xml_scan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r\n";

bool is_xml_character(std::uint32_t code) {
  return code == 0x9 || code == 0xA || code == 0xD || (code >= 0x20 && code <= 0xD7FF) ||
         (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

/// First byte that is not part of a well-formed UTF-8 sequence of an XML character.
std::optional<std::size_t> first_bad_character(std::string_view text) {
  constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};  // by length: no overlong forms
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] >= ' ' && text[at] <= '~') {  // nearly all of them
      ++at;
      continue;
    }
    const auto lead = static_cast<unsigned char>(text[at]);
    std::size_t length = 1;
    std::uint32_t code = lead;
    if (lead >= 0x80) {
      length = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
      if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return at;
      code = lead & (0xFFU >> (length + 1));
      for (std::size_t next = 1; next < length; ++next) {
        const auto byte = static_cast<unsigned char>(text[at + next]);
        if ((byte & 0xC0U) != 0x80U) return at;
        code = (code << 6U) | (byte & 0x3FU);
      }
      if (code < smallest[length]) return at;
    }
    if (!is_xml_character(code)) return at;
    at += length;
  }
  return std::nullopt;
}

/// Fault of the reference that starts at text[at] == '&'.
std::optional<XmlFault> reference_fault(std::string_view text, std::size_t at) {
  constexpr std::size_t longest_reference = 12;
  const std::size_t end = text.find(';', at);
  const std::string allowed = "known: &amp; &lt; &gt; &quot; &apos; &#number;";
  if (end == std::string_view::npos || end - at > longest_reference) {
    return XmlFault{at, "& starts no entity, write &amp; for the character; " + allowed};
  }
  const std::string_view name = text.substr(at + 1, end - at - 1);
  for (const std::string_view known : {"amp", "lt", "gt", "quot", "apos"}) {
    if (name == known) return std::nullopt;
  }
  if (name.size() > 1 && name[0] == '#') {
    const bool hex = name[1] == 'x';
    const std::string_view digits = name.substr(hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    if (status == std::errc{} && rest == digits.data() + digits.size() && is_xml_character(code)) return std::nullopt;
  }
  return XmlFault{at, "unknown entity " + in_quotes("&" + std::string{name} + ";") + ", " + allowed};
}

std::optional<XmlFault> text_fault(std::string_view text, std::size_t from, std::size_t to, int depth) {
  if (depth == 0) {
    const std::size_t other = text.find_first_not_of(blanks, from);
    if (other < to) return XmlFault{other, "text outside the root element"};
    return std::nullopt;
  }
  const std::string_view part = text.substr(from, to - from);  // a search in the whole text would take square time
  if (const std::size_t end = part.find("]]>"); end != std::string_view::npos) {
    return XmlFault{from + end, "]]> in text, write ]]&gt; for the characters"};
  }
  for (std::size_t at = part.find('&'); at != std::string_view::npos; at = part.find('&', at + 1)) {
    if (auto fault = reference_fault(text, from + at)) return fault;
  }
  return std::nullopt;
}

/// Walks over one start or empty tag; `at` stands on '<' and moves behind '>'.
std::optional<XmlFault> tag_fault(std::string_view text, std::size_t& at, bool& empty) {
  const std::size_t begin = at;
  char quote = 0;
  for (++at; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '<') return XmlFault{at, "< inside a tag, write &lt; for the character"};
    if (quote != 0) {
      if (c == '&') {
        if (auto fault = reference_fault(text, at)) return fault;
      }
      if (c == quote) {
        quote = 0;
        const char next = at + 1 < text.size() ? text[at + 1] : '>';
        if (!is_blank(next) && next != '>' && next != '/' && next != '?') {
          return XmlFault{at + 1, "a blank is missing between two attributes"};
        }
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      empty = text[at - 1] == '/';
      ++at;
      return std::nullopt;
    }
  }
  return XmlFault{begin, "tag without its end"};
}

/// The name of the tag whose first character behind '<' or '</' is at `at`.
std::string_view name_at(std::string_view text, std::size_t at) {
  return text.substr(at, end_of_name(text, at) - at);
}

/// The elements that are open, from the root on.
class OpenTags {
 public:
  int depth() const { return depth_; }
  void open(std::string_view name) { names_[static_cast<std::size_t>(depth_++)] = name; }
  /// Fault of the end tag at `at`.
  std::optional<XmlFault> close(std::string_view name, std::size_t at) {
    if (depth_ == 0) return XmlFault{at, "an end tag without its start"};
    const std::string_view open = names_[static_cast<std::size_t>(--depth_)];
    if (name == open) return std::nullopt;
    return XmlFault{at, "end tag is </" + std::string{name} + ">, must be </" + std::string{open} + ">"};
  }

 private:
  std::array<std::string_view, deepest_xml> names_{};
  int depth_ = 0;
};

/// Position behind `end`, or a fault that `what` has no end.
std::optional<XmlFault> skip_to(std::string_view text, std::size_t& at, std::string_view end, const char* what) {
  const std::size_t found = text.find(end, at);
  if (found == std::string_view::npos) return XmlFault{at, std::string{what} + " without its end " + std::string{end}};
  at = found + end.size();
  return std::nullopt;
}

std::optional<XmlFault> declaration_fault(std::string_view declaration, std::size_t offset) {
  const std::size_t word = declaration.find("encoding");
  if (word == std::string_view::npos) return std::nullopt;
  const std::size_t open = declaration.find_first_of("\"'", word);
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = declaration.find(declaration[open], open + 1);
  const std::string_view encoding = declaration.substr(open + 1, close - open - 1);
  if (encoding == "UTF-8" || encoding == "utf-8") return std::nullopt;
  return XmlFault{offset + open + 1, "encoding is " + in_quotes(encoding) + ", must be UTF-8"};
}

}  // namespace

std::optional<XmlFault> scan_xml(std::string_view text) {
  if (const auto bad = first_bad_character(text)) return XmlFault{*bad, "not a character of XML in UTF-8"};
  std::size_t at = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  OpenTags tags;
  int roots = 0;
  while (at < text.size()) {
    const std::size_t tag = std::min(text.find('<', at), text.size());
    if (auto fault = text_fault(text, at, tag, tags.depth())) return fault;
    at = tag;
    const std::string_view rest = text.substr(at);
    std::optional<XmlFault> fault;
    if (rest.empty()) break;
    if (rest.starts_with("<!--")) {
      at += 4;
      fault = skip_to(text, at, "-->", "comment");
    } else if (rest.starts_with("<![CDATA[")) {
      if (tags.depth() == 0) return XmlFault{at, "text outside the root element"};
      fault = skip_to(text, at, "]]>", "CDATA section");
    } else if (rest.starts_with("<?")) {
      fault = skip_to(text, at, "?>", "processing instruction");
      if (!fault && rest.starts_with("<?xml ")) fault = declaration_fault(text.substr(tag, at - tag), tag);
    } else if (rest.starts_with("<!")) {
      fault = XmlFault{at, "a DOCTYPE is refused: no entities and no other files are read"};
    } else if (rest.starts_with("</")) {
      fault = tags.close(name_at(text, at + 2), at);
      if (!fault) fault = skip_to(text, at, ">", "tag");
    } else {
      bool empty = false;
      if (tags.depth() == 0 && ++roots > 1) return XmlFault{at, "a second root element"};
      if (tags.depth() >= deepest_xml) {
        return XmlFault{at, "elements are nested deeper than " + std::to_string(deepest_xml)};
      }
      fault = tag_fault(text, at, empty);
      if (!empty) tags.open(name_at(text, tag + 1));
    }
    if (fault) return fault;
  }
  if (roots == 0) return XmlFault{0, "no root element"};
  return std::nullopt;
}

}  // namespace hil::harness
