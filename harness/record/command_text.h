#pragma once

#include <string>
#include <vector>

namespace hil::harness {

/// The words as a shell takes them, with quotes where it needs them.
std::string command_text(const std::vector<std::string>& words);

}  // namespace hil::harness
