#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/fleet/pcs_unit.h"
#include "controller/settings.h"

namespace hil::controller {

/// One serial line with its storage converters. A round: each one's status, and after it one job of that converter if
/// any is due. A lost one is asked for its status each lost_unit_period only.
class PcsLine {
 public:
  PcsLine() = default;
  /// `strings`: of each converter, 1..most_pcs_strings.
  PcsLine(const Settings::Line& settings, std::size_t strings) noexcept;

  /// True when there is a new status.
  bool heard(std::span<const std::uint8_t> bytes, Time now) noexcept;
  /// True when a converter missed its reply.
  bool woken(Time now) noexcept;
  /// Starts the next exchange when the line is free; returns the bytes put into `frame`.
  std::size_t ask(Time now, std::span<std::uint8_t> frame) noexcept;
  Time next_wake() const noexcept;

  std::size_t count() const { return settings_.count; }
  PcsUnit& unit(std::size_t k) { return units_[k]; }
  const PcsUnit& unit(std::size_t k) const { return units_[k]; }

 private:
  struct Open {
    std::size_t unit = 0;
    PcsUnit::Job job;
  };
  Settings::Line settings_;
  BusMaster master_;
  std::array<PcsUnit, max_units_per_line> units_{};
  std::optional<Open> open_;
  std::size_t next_unit_ = 0;
  bool status_asked_ = false;  ///< of the next unit, in this round
};

}  // namespace hil::controller
