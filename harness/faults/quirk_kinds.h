#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hil::harness {

/// One parameter of a quirk as it stands in `<quirk ...>`.
struct QuirkParameter {
  std::string_view attribute;
  std::string_view fallback;  ///< its value without, listed as assumed
  std::string_view meaning;
};

/// One firmware behaviour beside the maker's word: the reader and `hilbench list --quirks` take their kinds from here;
/// the schema and the defaults are held against the list by tests.
struct QuirkKind {
  std::string_view kind;
  std::string_view certainty;  ///< as of a register: C, S, I, U
  std::string_view source;
  std::string_view meaning;
  std::vector<QuirkParameter> parameters;
};
const std::vector<QuirkKind>& quirk_kinds();
std::vector<std::string> quirk_names();

/// The same of the controller's LAN port, for `<quirk>` inside `<controller>`.
const std::vector<QuirkKind>& controller_quirk_kinds();
std::vector<std::string> controller_quirk_names();

}  // namespace hil::harness
