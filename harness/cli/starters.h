#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hil::harness {

/// A scenario to start from: it passes as it stands, and has a word on each part.
struct Starter {
  std::string_view system;  ///< "goodwe", "sinexcel", "solax"
  std::string_view parts;   ///< from its purpose on
};
const std::vector<Starter>& starters();

/// The whole file. `name`: of the scenario, lower_snake; `system` is one of starters().
std::string starter_text(std::string_view system, std::string_view name);

}  // namespace hil::harness
