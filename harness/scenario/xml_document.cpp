#include "harness/scenario/xml_document.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "harness/scenario/names.h"
#include "harness/scenario/xml_scan.h"

namespace hil::harness {
namespace {

/// Turns byte offsets, all that the parser reports, into line and column.
class LineMap {
 public:
  LineMap(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      line_starts_.push_back(at + 1);
    }
  }

  std::string_view text() const { return text_; }

  /// Elements and attributes come in ascending order: counting goes on where it stopped, or a file of one line takes
  /// square time.
  SharedPlace place(std::size_t offset) {
    offset = std::min(offset, text_.size());
    if (offset < counted_to_) go_to_line(offset);
    if (line_ < line_starts_.size() && line_starts_[line_] <= offset) go_to_line(offset);
    // Columns count characters, as editors do, not bytes.
    for (; counted_to_ < offset; ++counted_to_) {
      if ((static_cast<unsigned char>(text_[counted_to_]) & 0xC0U) != 0x80U) ++characters_;
    }
    return {file_, static_cast<int>(line_), characters_ + 1};
  }
  /// From an offset to the next `end`.
  std::string_view up_to(std::size_t offset, std::string_view end) const {
    return text_.substr(offset, text_.find(end, offset) - offset);
  }

 private:
  void go_to_line(std::size_t offset) {
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    line_ = static_cast<std::size_t>(next - line_starts_.begin());
    counted_to_ = *std::prev(next);
    characters_ = 0;
  }

  std::string_view text_;
  SharedText file_;
  std::vector<std::size_t> line_starts_{0};
  std::size_t line_ = 1;        ///< counted last, from 1
  std::size_t counted_to_ = 0;  ///< in that line
  int characters_ = 0;          ///< from that line's start to counted_to_
};

/// How the text inside stands in the file, so that a fault in it can be placed.
void note_source(const pugi::xml_node& text, LineMap& lines, Element& element) {
  const std::ptrdiff_t offset = text.offset_debug();
  if (offset < 0 || !element.text_source.empty() || trimmed(text.value()).empty()) return;
  const auto at = static_cast<std::size_t>(offset);
  element.text_source = lines.up_to(at, text.type() == pugi::node_cdata ? "]]>" : "<");
  element.text_place = lines.place(at);
}

/// Where the attributes of a tag begin, in order, which the parser does not tell. `at`: its '<'; the tag is
/// well-formed.
class AttributeOffsets {
 public:
  AttributeOffsets(std::string_view text, std::size_t at) : text_(text), at_(end_of_name(text, at)) {}

  std::size_t next() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\'') ++at_;
    if (at_ < text_.size()) at_ = std::min(text_.find(text_[at_], at_ + 1), text_.size() - 1) + 1;
    return begin;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

/// Whether an element has an attribute already. The few of an ordinary one are looked through; a file may also have an
/// element with a million.
class NamesSeen {
 public:
  /// `taken` only grows from call to call, and its elements stay where they are.
  bool contain(std::string_view name, const std::vector<Attribute>& taken) {
    if (taken.size() <= most_looked_through) {
      return std::any_of(taken.begin(), taken.end(), [name](const Attribute& each) { return each.name == name; });
    }
    for (; noted_ < taken.size(); ++noted_) many_.insert(taken[noted_].name);
    return many_.contains(name);
  }

 private:
  static constexpr std::size_t most_looked_through = 32;
  std::set<std::string_view> many_;
  std::size_t noted_ = 0;
};

bool is_element(const pugi::xml_node& node) {
  return node.type() == pugi::node_element;
}

Element convert(const pugi::xml_node& node, LineMap& lines, Diagnostics& diagnostics) {
  Element element;
  element.name = node.name();
  const auto begin = static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug() - 1, 0));
  element.place = lines.place(begin);
  AttributeOffsets offsets{lines.text(), begin};
  const auto count = static_cast<std::size_t>(std::distance(node.attributes_begin(), node.attributes_end()));
  element.attributes.reserve(count);
  NamesSeen seen;
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    SharedPlace place = lines.place(offsets.next());
    if (seen.contain(attribute.name(), element.attributes)) {
      diagnostics.add(place, "<" + element.name + ">: attribute " + attribute.name() + " stands twice");
      continue;
    }
    element.attributes.push_back({attribute.name(), attribute.value(), std::move(place), {}, false});
  }
  if (!element.attributes.empty()) {
    const SharedText label{element.label()};
    for (Attribute& attribute : element.attributes) attribute.owner = label;
  }
  const auto children = node.children();
  element.children.reserve(static_cast<std::size_t>(std::count_if(children.begin(), children.end(), is_element)));
  std::string text;
  for (const pugi::xml_node& child : children) {
    if (is_element(child)) {
      element.children.push_back(convert(child, lines, diagnostics));
    } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      text += child.value();
      note_source(child, lines, element);
    }
  }
  element.text = std::string{trimmed(text)};
  return element;
}

void print(const Element& element, pugi::xml_node parent) {
  pugi::xml_node node = parent.append_child(element.name.c_str());
  for (const Attribute& attribute : element.attributes) {
    node.append_attribute(attribute.name.c_str()).set_value(attribute.value.c_str());
  }
  if (!element.text.empty()) node.append_child(pugi::node_pcdata).set_value(element.text.c_str());
  for (const Element& child : element.children) print(child, node);
}

}  // namespace

const std::string& SharedText::text() const {
  static const std::string none;
  return text_ ? *text_ : none;
}

const Attribute* Element::attribute(std::string_view wanted) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const Attribute& candidate) { return candidate.name == wanted; });
  return found == attributes.end() ? nullptr : &*found;
}

std::string Element::label() const {
  constexpr std::array<std::string_view, 14> telling{"name", "part", "module",    "kind",   "phase",
                                                     "path", "mark", "parameter", "signal", "signals",
                                                     "load", "line", "address",   "time_s"};
  for (const std::string_view key : telling) {
    const Attribute* found = attribute(key);
    if (found == nullptr) continue;
    const std::string value = in_quotes(found->value);
    std::string told;
    told.reserve(name.size() + key.size() + value.size() + 4);
    return told.append("<").append(name).append(" ").append(key).append("=").append(value).append(">");
  }
  return "<" + name + ">";
}

Place Element::place_in_text(std::size_t offset) const {
  if (text_source.empty()) return place;
  Place at = text_place;
  std::size_t source = 0;
  const auto step = [&] {
    const unsigned char c = static_cast<unsigned char>(text_source[source++]);
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((c & 0xC0U) != 0x80U) {
      ++at.column;
    }
  };
  while (source < text_source.size() && trimmed(text_source.substr(source, 1)).empty()) step();
  for (std::size_t k = 0; k < offset && source < text_source.size(); ++k) {
    // An entity is one character of the text, a line's end one even where the file has two.
    const bool entity = text_source[source] == '&' && text_source.find(';', source) != std::string::npos;
    const std::size_t last = entity ? text_source.find(';', source) : source;
    while (source <= last) step();
    if (text_source[source - 1] == '\r' && source < text_source.size() && text_source[source] == '\n') step();
  }
  return at;
}

namespace {

/// What is there instead of a file; empty: nothing, or nothing that can be seen.
std::string_view not_a_file(std::filesystem::file_type type) {
  switch (type) {
    case std::filesystem::file_type::directory:
      return "a folder";
    case std::filesystem::file_type::character:
    case std::filesystem::file_type::block:
      return "a device";
    case std::filesystem::file_type::fifo:
      return "a pipe";
    case std::filesystem::file_type::socket:
      return "a socket";
    default:
      return {};
  }
}

}  // namespace

std::optional<Element> load_xml(const std::filesystem::path& file, Diagnostics& diagnostics) {
  const Place whole{file.string(), 0, 0};
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (!std::filesystem::is_regular_file(status)) {
    const std::string what{not_a_file(status.type())};
    diagnostics.add(whole, what.empty() ? "no such file" : "is " + what + ", must be an XML file");
    return std::nullopt;
  }
  const auto size = std::filesystem::file_size(file, error);
  if (!error && size > largest_xml_bytes) {
    diagnostics.add(whole, "is " + std::to_string(size) +
                               " bytes long, must be <= " + std::to_string(largest_xml_bytes) + " (4 MiB)");
    return std::nullopt;
  }
  std::ifstream stream{file, std::ios::binary};
  std::string text(error ? 0 : static_cast<std::size_t>(size), '\0');
  if (error || !stream.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    diagnostics.add(whole, "cannot be read");
    return std::nullopt;
  }
  return parse_xml(text, file.string(), diagnostics);
}

std::optional<Element> parse_xml(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  if (text.size() > largest_xml_bytes) {
    diagnostics.add({file, 0, 0}, "is " + std::to_string(text.size()) +
                                      " bytes long, must be <= " + std::to_string(largest_xml_bytes) + " (4 MiB)");
    return std::nullopt;
  }
  LineMap lines{text, file};
  if (const auto fault = scan_xml(text)) {
    diagnostics.add(lines.place(fault->offset), fault->message);
    return std::nullopt;
  }
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    diagnostics.add(lines.place(static_cast<std::size_t>(result.offset)),
                    std::string{"not well-formed XML: "} + result.description());
    return std::nullopt;
  }
  Diagnostics found;
  Element root = convert(document.document_element(), lines, found);
  for (const Fault& fault : found.sorted()) diagnostics.add(fault);
  if (!found.empty()) return std::nullopt;
  return root;
}

std::string to_xml(const Element& root) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version").set_value("1.0");
  declaration.append_attribute("encoding").set_value("UTF-8");
  print(root, document.root());
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
  return text.str();
}

}  // namespace hil::harness
