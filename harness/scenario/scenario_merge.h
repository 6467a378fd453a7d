#pragma once

#include <filesystem>
#include <optional>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// A `<scenario>` on top of the one that it extends; `extends` is then gone.
///
/// What it gives overrides: attributes one by one; the purpose and the sweep as a whole; parameters, LAN clients and
/// quirks by name; the site as a site overrides its base, or as a whole when it extends a site of its own; a plot by
/// its title. What happens and what is expected is added, or takes the place of the base's with `replaces="true"`. A
/// base is looked up beside the file, then in `library`. nullopt when one could not be read.
std::optional<Element> merged_scenario(const Element& root, const std::filesystem::path& file,
                                       const std::filesystem::path& library, Diagnostics& diagnostics);

}  // namespace hil::harness
