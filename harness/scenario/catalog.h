#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// The parts that scenarios may name: every file of `<library>/catalog`, read and checked once.
class Catalog {
 public:
  /// All faults of all files go to `diagnostics`; a part that has one is kept, but marked.
  Catalog(const std::filesystem::path& library, Diagnostics& diagnostics);

  /// A merged site with every figure of its parts written in beneath its own, and what is assumed of them as
  /// `<assumed>` children: it no longer depends on the catalogue's values. Parts that are unknown or faulty are left
  /// out; use() reports them.
  Element with_parts(Element site) const;

  /// Every sound part of a kind, by name.
  std::vector<const Element*> parts(const std::string& kind) const;

  /// An element of such a site, without its `<assumed>` children.
  struct Use {
    Element element;
    bool part_is_sound = false;    ///< false: unknown or faulty, reported already
    std::vector<Assumed> assumed;  ///< what those children say
  };
  /// `attribute` names the part in `element`; `owner` opens the lines of what is assumed ("et1 battery").
  Use use(const std::string& kind, const std::string& attribute, const Element& element, const std::string& owner,
          Diagnostics& diagnostics) const;

 private:
  struct Part {
    Element element;
    bool sound = true;
    std::vector<std::pair<std::string, std::string>> assumed;  ///< attribute, reason
  };
  void read_file(const std::filesystem::path& file, Diagnostics& diagnostics);
  void read_part(Element element, Diagnostics& diagnostics);
  const Part* sound_part(const std::string& kind, const Attribute* reference) const;
  void write_into(Element& element) const;
  void write_transformers_into(Element& meter) const;
  std::vector<std::string> names_of(const std::string& kind) const;

  std::map<std::pair<std::string, std::string>, Part> parts_;  ///< by kind and name
};

/// Names of the files in `folder` with extension .xml, without it, sorted.
std::vector<std::string> xml_stems(const std::filesystem::path& folder);

}  // namespace hil::harness
