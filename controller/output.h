#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/record_slots.h"
#include "controller/lan/lan_server.h"
#include "controller/settings.h"

namespace hil::controller {

/// What the core wants its host to do: bytes to send on each line, settings to store, and when to be woken next.
struct Output {
  struct Line {
    std::array<std::uint8_t, largest_frame> bytes{};
    std::size_t count = 0;
    std::span<const std::uint8_t> pending() const { return {bytes.data(), count}; }
  };
  std::array<Line, max_lines> lines{};
  std::array<LanPort, max_lan_clients> lan{};
  StorageWrite storage;
  std::optional<bool> close_transfer_switch;  ///< true closed, false open; nullopt: there is none, or leave it
  Time next_wake = Time::max();
};

}  // namespace hil::controller
