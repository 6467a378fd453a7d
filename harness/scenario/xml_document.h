#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/diagnostics.h"

namespace hil::harness {

/// A text that many have and none changes: the file's name in each of its elements, an element's label in each of its
/// attributes. A site of ten inverters has some ten thousand of them.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string{text}) {}
  const std::string& text() const;
  operator const std::string&() const { return text(); }

 private:
  std::shared_ptr<const std::string> text_;  ///< nullptr: the empty one
};

/// A Place whose file is one for all elements of the file.
struct SharedPlace {
  SharedText file;
  int line = 0;
  int column = 0;
  operator Place() const { return {file.text(), line, column}; }
};

/// An attribute knows who gave it: after parts and base sites are merged in, neighbours may stem from other files.
struct Attribute {
  std::string name;
  std::string value;
  SharedPlace place;        ///< its own
  SharedText owner;         ///< label of the element that gave it
  bool overriding = false;  ///< given by a site on top of its base
};

/// An XML element with its place. Comments and processing instructions are not kept.
struct Element {
  std::string name;
  std::vector<Attribute> attributes;
  std::vector<Element> children;
  std::string text;  ///< without blanks at both ends
  SharedPlace place;
  std::string
      text_source{};         ///< the text as the file has it, up to the first tag or comment in it; empty: made by code
  SharedPlace text_place{};  ///< of its first character

  const Attribute* attribute(std::string_view wanted) const;
  /// What tells it from its siblings: `<battery name="left">`.
  std::string label() const;
  /// Where the character with so many bytes of `text` ahead of it stands in the file.
  Place place_in_text(std::size_t offset) const;
};

/// Reads a file. Faults: unreadable, larger than 4 MiB, nested deeper than 64, not well-formed, with a DOCTYPE or
/// entities of its own, the same attribute twice in an element. nullopt when there was any.
std::optional<Element> load_xml(const std::filesystem::path& file, Diagnostics& diagnostics);

/// The same from memory; `file` is only for messages.
std::optional<Element> parse_xml(std::string_view text, const std::string& file, Diagnostics& diagnostics);

/// Pretty printed, with declaration; attributes and children in their order.
std::string to_xml(const Element& root);

}  // namespace hil::harness
