#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// Beside the file that names it.
std::filesystem::path reference_path(const Attribute& file);

/// Text of the file that a `<follows>` names, or what keeps it from being read.
std::optional<std::string> reference_text(const Attribute& file, std::string& trouble);

/// The same `<expect>` with the references' text in place of their files, so that it depends on no other file.
Element with_references_inside(Element expect);

}  // namespace hil::harness
