#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "models/grid_code/grid_measurement.h"
#include "models/grid_code/piecewise_curve.h"

namespace hil::models {

enum class Operation : std::uint8_t { waiting, ramping, running, momentary_cessation, tripped };

enum class TripKind : std::uint8_t {
  overvoltage,
  undervoltage,
  overfrequency,
  underfrequency,
  rate_of_change_of_frequency
};

struct TripCause {
  TripKind kind = TripKind::overvoltage;
  std::size_t stage = 0;  ///< place in the list of its kind
  bool operator==(const TripCause&) const = default;
};

/// One limit of the interface protection. Beyond it without a break for `delay`: trip.
struct TripStage {
  double threshold = 0.0;              ///< pu of nominal voltage, Hz, or Hz/s; > 0
  std::chrono::nanoseconds delay{-1};  ///< >= 0
  bool on_ten_minute_mean = false;     ///< overvoltage only; else any phase
};

/// What a grid code asks for between two values. `continuous` and `mandatory`: stay and feed; `permissive`: may
/// cease, must not trip; `momentary_cessation`: no current, ready to return; `cease`: no current.
enum class RideThroughMode : std::uint8_t { continuous, mandatory, permissive, momentary_cessation, cease };

struct RideThroughRegion {
  RideThroughMode mode = RideThroughMode::continuous;
  double from = 0.0;             ///< pu or Hz, belongs to the region
  double to = 0.0;               ///< belongs to the region
  double stay_s = 0.0;           ///< must not trip sooner, at `from`; infinite for continuous
  double stay_s_per_unit = 0.0;  ///< more for each pu (or Hz) above `from`
};
/// The first region that holds a value rules, so that neighbours may share a bound. Outside all: cease at once.
using RideThroughTable = FixedList<RideThroughRegion, 8>;

struct RideThroughDemand {
  RideThroughMode mode = RideThroughMode::cease;
  double stay_s = 0.0;
};
RideThroughDemand ride_through_demand(const RideThroughTable& table, double value);

/// Window in which an inverter may connect, how long it must have been kept, and the power ramp after that.
struct EnterService {
  double lowest_pu = -1.0;             ///< >= 0
  double highest_pu = -1.0;            ///< > lowest_pu
  double lowest_hz = -1.0;             ///< >= 0
  double highest_hz = -1.0;            ///< > lowest_hz
  std::chrono::nanoseconds delay{-1};  ///< >= 0
  double ramp_pu_per_s = 0.0;          ///< > 0; 1000 for no ramp
};

/// Relay of an inverter towards the grid: trips, ride-through, enter service.
///
/// Trip: a stage counts the steps in which its quantity lies beyond the threshold (any phase, or the 10-minute mean;
/// equal to it is inside) and trips at the first step at or after its delay, never before; one step inside starts the
/// count again. A trip stays until the enter-service window has been kept without a break for its delay.
///
/// Enter service: the ceiling rises from 0 to 1 with the ramp. `first_start` rules after construction and after a
/// withdrawn permit, `after_trip` after a trip. The permit acts within the step.
///
/// Ride-through: the mode of the worst phase. Momentary cessation, cease and (if set) permissive stop the current with
/// the relay closed; afterwards the ceiling rises to where it was within restore_time. Without phase (measurement not
/// valid) frequency stages rest and, if set, the current stops.
///
/// Left out: hysteresis of thresholds, randomised delays, relay operating time, separate timers per phase.
/// Valid:    steps of 1 ms to 1 s.
/// Source:   physics-and-standards 2.3..2.6. Assumed: restore_time 0.2 s (rule: 80 % within 0.4 s, of which finding the
/// phase takes 0.1 s); permissive operation feeds on.
/// Checked against: every row of the trip tables, ride-through tables and sequences in tests/models/grid_code.
class InterfaceProtection {
 public:
  static constexpr std::size_t max_stages = 4;
  using Stages = FixedList<TripStage, max_stages>;

  struct Parameters {
    Stages overvoltage;
    Stages undervoltage;
    Stages overfrequency;
    Stages underfrequency;
    Stages rate_of_change_of_frequency;
    RideThroughTable voltage_ride_through;  ///< empty: always continuous
    EnterService first_start;
    EnterService after_trip;
    std::chrono::nanoseconds restore_time{200'000'000};  ///< >= 0
    bool cease_in_permissive = false;
    bool cease_without_phase = true;
  };
  struct Inputs {
    const GridMeasurement::Outputs& grid;  ///< read during the call only
    bool permit_service = true;
  };
  struct Outputs {
    Operation operation = Operation::waiting;
    bool connected = false;                ///< relay closed
    bool cease = true;                     ///< no current may flow
    double active_power_ceiling_pu = 0.0;  ///< 0..1, of rated power
    RideThroughMode ride_through = RideThroughMode::continuous;
    std::optional<TripCause> trip_cause;          ///< of the last trip, until connected again
    std::chrono::nanoseconds time_to_connect{0};  ///< if the window is kept from now on; 0 while connected
  };

  /// `step`: fixed step of all later calls. Throws InvalidParameter.
  InterfaceProtection(const Parameters& parameters, std::chrono::nanoseconds step);

  /// Connected at full power, as if enter service had been passed long ago.
  void start_in_service();
  /// Other settings from the next step on; timers, ramps and the relay stay as they are. Does not allocate. Throws
  /// InvalidParameter and changes nothing.
  void set_parameters(const Parameters& parameters);
  /// Advances by the fixed step, in which the inputs hold. Does not allocate.
  const Outputs& advance(const Inputs& inputs);
  const Outputs& outputs() const { return outputs_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  using Timers = std::array<std::chrono::nanoseconds, max_stages>;
  enum class Side : std::uint8_t { above, below };

  void wait(const Inputs& inputs);
  void supervise(const Inputs& inputs);
  void ride_through(const GridMeasurement::Outputs& grid);
  bool count(const Stages& stages, Side side, double value, double mean, TripKind kind);
  bool trips(const GridMeasurement::Outputs& grid);
  bool calm(const GridMeasurement::Outputs& grid) const;
  void follow_parameters();
  void find_calm_ranges();
  void open(Operation operation);

  /// Where no stage of a list counts and riding through asks for nothing; NaN is outside.
  struct Range {
    double lowest = -std::numeric_limits<double>::infinity();
    double highest = std::numeric_limits<double>::infinity();
    bool holds(double value) const { return value >= lowest && value <= highest; }
  };

  Parameters parameters_;
  Range calm_pu_;
  Range calm_mean_pu_;
  Range calm_hz_;
  Range calm_rocof_hz_per_s_;
  std::chrono::nanoseconds step_;
  std::array<Timers, 5> timers_{};  ///< by TripKind
  bool timers_at_rest_ = true;      ///< all of them are zero
  std::chrono::nanoseconds window_kept_for_{0};
  double ramp_pu_ = 0.0;
  double ramp_step_pu_ = 0.0;  ///< of the start under way
  double restore_pu_ = 1.0;
  double restore_step_pu_ = 1.0;
  Outputs outputs_;
};

}  // namespace hil::models
