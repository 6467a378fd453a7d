#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/measurements.h"
#include "controller/devices/meter_blocks.h"

namespace hil::controller {

/// Finds a meter that answers with values that stand still: its registers of power are the same to the byte while what
/// the inverters give together has moved. Whoever goes on regulating with an import that does not follow raises the
/// power without end.
///
/// For `found_after` on end the sum of the AC powers must have been more than `moved_w` away from what it was soon
/// after the registers last changed. So a plant in which nothing moves is left alone, however long and exactly the
/// meter stands. A unit counts from its first reading after that change on, as long as it answers and is on the grid.
/// A meter that renews its values more rarely than each `found_after` passes for one that stands still.
///
/// Not found: a load that changes behind a meter that stands still at the target. Nothing moves then, until PV does.
class StaleMeter {
 public:
  /// Chosen: five times what the meter of 0.2 s takes; a silent one is given as long. The export that grows meanwhile
  /// has 5 s (G100, physics-and-standards 3.1).
  static constexpr Time found_after = std::chrono::seconds{2};
  /// Chosen: 1 % of one inverter; rounding of the readings, and of a share that moves between two, stays below.
  static constexpr double moved_w = 100.0;
  /// Chosen: a mean of 200 ms (goodwe-et-modbus 3), and the reading after it. An inverter's reading may be as much
  /// behind the meter's.
  static constexpr Time readings_settle = std::chrono::milliseconds{300};

  static constexpr std::size_t block_bytes = std::size_t{2} * meter_powers_count;

  void reset() noexcept { *this = StaleMeter{}; }
  /// The registers of power as they came, asked for at `at`.
  void heard(std::span<const std::uint8_t, block_bytes> powers, Time at) noexcept;
  /// Each time readings are new. True when the meter has just been found to stand still.
  bool observe(const Measurements& measurements, std::size_t count) noexcept;
  /// From then on until its registers change.
  bool stale() const noexcept { return stale_; }

 private:
  double movement_w(const Measurements& measurements, std::size_t count) noexcept;

  std::array<std::uint8_t, block_bytes> powers_{};
  std::optional<Time> changed_at_;  ///< nullopt: never heard
  Time heard_at_{0};
  std::array<std::optional<double>, max_inverters> before_w_{};  ///< AC power soon after that change
  std::optional<Time> away_since_;
  bool stale_ = false;
};

}  // namespace hil::controller
