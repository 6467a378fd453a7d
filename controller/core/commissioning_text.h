#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "controller/core/commissioning.h"

namespace hil::controller {

/// A line for people. In a source file of its own, that nothing of the core calls: a firmware without a display does
/// not link it.
struct TextLine {
  std::array<char, 160> characters{};
  std::size_t count = 0;
  std::string_view text() const { return {characters.data(), count}; }
};

/// What is wrong, and what is allowed.
std::string_view text_of(SetupFault fault) noexcept;
/// For example "COM2, address 13: silent". Powers in whole watts.
TextLine text_of(const Finding& finding) noexcept;

}  // namespace hil::controller
