#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "controller/core/measurements.h"
#include "controller/devices/goodwe_et_registers.h"
#include "controller/devices/meter_blocks.h"
#include "controller/settings.h"

namespace hil::controller {

enum class CtCheckState : std::uint8_t {
  never,
  running,
  done,
  no_inverter,  ///< nobody answers whose battery can take a step of charge
  no_step,      ///< the inverter's own AC power did not follow the order
  not_seen,     ///< the meter saw nothing of the step on any phase: wrong place, or all CTs dead
  unsteady,     ///< the loads moved too much
  meter_lost,
};

/// What one CT measures, as far as the step tells.
struct CtPhase {
  std::size_t conductor = 0;  ///< 0..2: the phase that it is clamped on, against the voltage of its meter input
  bool reversed = false;
  bool dead = false;         ///< shows nothing of the step
  bool wrong_scale = false;  ///< further than ct_scale_tolerance from 1
  double scale = 1.0;        ///< step seen over step made, once direction and phase are taken as found
};

struct CtCheckResult {
  CtCheckState state = CtCheckState::never;
  bool fits = false;  ///< some wiring explains what was seen; otherwise `phases` say nothing
  bool right = false;
  std::array<CtPhase, 3> phases{};
  double step_import_w = 0.0;             ///< made by the inverter
  std::array<double, 3> seen_import_w{};  ///< of it, by phase
  double seen_grid_import_var = 0.0;      ///< sum of the phases
};

/// The product's CTs stand 20 % or more apart in ratio (40, 50, 200, 1000: seed 001); CTs, meter and inverter together
/// stay inside 5 % (physics-and-standards 6.1). Chosen between.
inline constexpr double ct_scale_tolerance = 0.1;

/// Names what the wiring must be, from one step of balanced power: `step_import_w` made by the inverter (+ draws),
/// `seen` by the meter.
///
///   element k shows Re, Im of sign_k * scale * step/3 * exp(j (angle_k - angle_conductor)), so
///   P_k / (step/3) = 1 right, -1 reversed, -1/2 on another phase, +1/2 on another phase and reversed;
///   the sum of Q tells which other phase: +-0.866 for each such CT.
///
/// All wirings with each CT on a conductor of its own, in either direction, or dead are compared, with one free scale.
/// Cannot be told: swapped voltage inputs from swapped CTs (only their relation shows); the same rotation of both (all
/// powers are right, only the names are not); two CTs on one conductor from two swapped ones, when the Q of both
/// cancels; the direction of a rotation when the grid's phase sequence is L1 L3 L2; with one CT dead, a pair that is
/// swapped and reversed from half the ratio. Valid: step at unity power factor, equal on the phases.
CtCheckResult judge_cts(double step_import_w, const MeterPowers& seen) noexcept;

/// Checks the CTs by a test pattern: one inverter is told to draw power from the grid (EMS mode 4, whatever its PV
/// gives) three times, with pauses; the others stand still. It never exports, so wrong CTs cannot break the limit.
///
/// Each half takes 5 s: 3 s for the order, the round of polls and the ramp, 2 s for means. Difference of an on-half to
/// the mean of both neighbours (a drift of the load cancels), then the median of the three (one load switch does not
/// count).
class CtCheck {
 public:
  /// Chooses the inverter that can charge most; the result says when none can.
  void begin(const Measurements& measurements, std::size_t count, double unit_rating_w) noexcept;
  bool running() const { return result_.state == CtCheckState::running; }
  /// Once a cycle while running, with what the meter said last.
  void step(const Measurements& measurements) noexcept;
  void meter(const MeterPowers& phases, Time at) noexcept;
  /// What the inverter is to do now.
  EtOrder order(std::size_t unit) const noexcept;
  const CtCheckResult& result() const { return result_; }

 private:
  static constexpr std::size_t pulses = 3;
  static constexpr std::size_t halves = 2 * pulses + 1;
  struct Half {
    MeterPowers seen;  ///< sums of the readings until the half is over
    double injection_w = 0.0;
    double readings = 0.0;
    double samples = 0.0;
  };
  bool is_on() const { return half_ % 2 == 1; }
  void finish() noexcept;
  void end(CtCheckState state) noexcept { result_.state = state; }

  CtCheckResult result_;
  std::size_t unit_ = 0;
  double step_w_ = 0.0;
  std::size_t half_ = 0;
  Time half_began_{0};
  Time used_{0};
  Time heard_at_{0};
  std::array<Half, halves> seen_{};
};

}  // namespace hil::controller
