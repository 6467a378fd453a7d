#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "controller/core/measurements.h"
#include "controller/core/recent.h"

namespace hil::controller {

/// Site load as the reachable inverters have to serve it: grid import plus the sum of their AC powers. An inverter
/// that does not answer, or is not on the grid, counts as a negative load. In PhaseMode::each all is counted as three
/// times the phase with the lowest import (PowerRule).
///
/// Two estimates, the lower one holds:
///   paired  mean of the imports paired with the AC samples + sum of the samples, once a round (a new sample of every
///           unit). While a port follows a lower limit, readings of meter and inverter that are not of the same moment
///           would show load that has gone; a round with such a sample can lower the estimate only.
///           While the inverters follow a rise of the load, a round may show less of it than there is for the same
///           reason; it counts only as far as the import leaves no room for the difference.
///   bound   freshest import + highest sum of limits of the last second: true load cannot be above it. It follows a
///           falling load with every meter reading.
class LoadEstimate {
 public:
  /// Forgets everything, when the meter was lost or counts otherwise; samples up to `ignore_before` are not used.
  void reset(Time ignore_before);
  /// True when this completed a round.
  bool observe(const Measurements& measurements, std::size_t count, double unknown_limit_w);
  /// The load has risen to this, as a step shows it before the round is complete.
  void raise(double site_load_w, Time now);
  /// The load has fallen to this, likewise.
  void lower(double site_load_w);
  /// nullopt until the first complete round.
  std::optional<double> site_load_w() const { return paired_w_; }

 private:
  bool round_complete(const Measurements& measurements, std::size_t count) const;

  std::array<Time, max_inverters> used_{};  ///< sample of each unit in the last round
  std::array<bool, max_inverters> members_{};
  std::optional<double> paired_w_;
  double bound_w_ = 0.0;
  Time raised_at_{-std::chrono::seconds{10}};  ///< long ago at first
  RecentMaximum limits_w_;
};

}  // namespace hil::controller
