#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "harness/checks/finding.h"

namespace hil::harness {

/// Text as HTML content or attribute value.
std::string html_escaped(std::string_view text);

/// Everything before the content of <body>, style included. `title` is text, not HTML.
std::string html_head(std::string_view title);

/// A coloured word: a verdict or the state of a check.
std::string html_tag(std::string_view word);

/// "holds", "broken", "untested"
const char* state_name(CheckState state);

/// "1 check broken  4 checks held": how many checks are in each state, what is wrong first; empty without checks.
std::string html_counts(const std::map<CheckState, std::size_t>& states);

/// The drawing itself, without the XML declaration and document type that stand before it in a file. Empty for a file
/// without one; throws std::runtime_error when there is no file.
std::string inline_svg(const std::filesystem::path& file);

}  // namespace hil::harness
