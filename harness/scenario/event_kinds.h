#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace hil::harness {

/// Kinds of events, in the order in which drawings show them: what the script does first, what devices do by themselves
/// last.
inline constexpr std::array<std::string_view, 22> event_kinds{
    "mark",     "fault",      "grid",    "cable",     "switch",  "contactor",     "contact", "command",
    "settings", "lan",        "modbus",  "setup",     "client",  "commissioning", "shade",   "ambient",
    "weather",  "irradiance", "trigger", "invariant", "finding", "state"};

/// Its place among them; behind all when it is none.
constexpr std::size_t rank_of_event(std::string_view kind) {
  return static_cast<std::size_t>(std::find(event_kinds.begin(), event_kinds.end(), kind) - event_kinds.begin());
}

}  // namespace hil::harness
