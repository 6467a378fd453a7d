#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// The `<site>` element with its base sites merged beneath it; `extends` is then gone.
///
/// An element of the site that names one of the base (by name; grid, battery, weather and behaviours by what they are;
/// a pv by its input, a quirk by kind, a ct by phase, a loss by path) overrides the attributes it gives, and its
/// children are merged the same way. Others are added behind those of the base. A pv that gives its light replaces
/// the base's plane, and the other way round. `file` is where `site` stands; a base is looked up beside it, then in
/// `library`. nullopt when a base could not be read.
std::optional<Element> merged_site(const Element& site, const std::filesystem::path& file,
                                   const std::filesystem::path& library, Diagnostics& diagnostics);

/// What one element and its children give, on top of another of the same identity, by the rules above.
void merge_elements(Element& base, const Element& top);

/// Name and key of an element among its siblings; nullopt without its key (the reader reports that).
std::optional<std::pair<std::string, std::string>> identity_of(const Element& element);

}  // namespace hil::harness
