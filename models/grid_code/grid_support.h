#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "models/grid_code/grid_measurement.h"
#include "models/grid_code/piecewise_curve.h"

namespace hil::models {

enum class ReactiveMode : std::uint8_t {
  constant_power_factor,
  constant_reactive,
  volt_var,
  watt_var,
  power_factor_of_power
};
enum class PowerPriority : std::uint8_t { active, reactive };
enum class SupportVoltage : std::uint8_t { mean, positive_sequence };

/// What the power change of one hertz refers to: the rating, the power when the frequency left its band, or what was
/// missing to the rating then.
enum class FrequencyReference : std::uint8_t { rated, pre_disturbance, headroom };

/// One side of the frequency response: change = gradient * |f - start_hz| * reference, negative above, positive below.
struct FrequencyResponse {
  bool enabled = false;
  double start_hz = 0.0;             ///< 40..70
  double gradient_pu_per_hz = -1.0;  ///< >= 0; IEEE: 1 / (f_nominal k); EN: 1 / (f_nominal droop)
  FrequencyReference reference = FrequencyReference::rated;
  /// The wanted power is a ceiling too (IEEE 1547, always above start_hz); else it is a request to storage alone and PV
  /// may rise beyond it.
  bool caps = true;
};

/// Reactive power that the inverter can give, over its active power.
struct ReactiveCapability {
  double injection_pu = -1.0;       ///< 0..1, of rated power
  double absorption_pu = -1.0;      ///< 0..1
  double full_from_power_pu = 0.2;  ///< 0..1; below it the limits fall in proportion to |active power|; 0: never
};

/// What a grid code makes of the inverter's active and reactive power.
///
/// A response with open-loop response time OLRT covers 90 % of the way in it: y' = (target - y) / (OLRT / ln 10).
/// All power in pu of rated active power, injection positive.
///
///   volt-watt      ceiling = curve(V), OLRT; charging has a curve of its own
///   frequency      wanted = min(P0, limit) + change, change = -+ gradient |f - start| reference, OLRT; P0 is the power
///                  in the last step before the frequency left its band. IEEE droop: P0 - (f - fn - db)/(fn k);
///                  EN 50549 and VDE 4105: P0 (1 - (f - f1)/(fn s)); AS 4777: straight to 0 at the stop frequency.
///                  While the service ramp is below 1, P0 is what could be fed: else an inverter that connects outside
///                  the band would stay at the nothing it fed before.
///   priority       ceiling = min(volt-watt, frequency or limit): power limit first, frequency adds to or subtracts
///                  from it, volt-watt caps both (IEEE 1547.1 Tables 38, 39)
///   reactive       one mode at a time: curve(V - (Vref - 1)), curve(P), P tan(acos(pf)), or a constant; OLRT; held
///                  within the capability region and the apparent power. Vref is fixed or follows V with
///                  reference_time_constant, kept within 0.95..1.05 pu
///   active first:  |Q| <= sqrt(S^2 - P^2);   reactive first: P <= sqrt(S^2 - Q^2)
///
/// Left out: ramps and hysteresis of the frequency response on its way back, phase by phase reactive power.
/// Valid:    0..2 pu, 40..70 Hz, steps of 1 ms to 1 s. Without phase (measurement not valid) the frequency counts as
/// inside its band.
/// Source:   physics-and-standards 2.1, 2.3..2.6. Assumed: as reference above start_hz, P0 is not less than 0.
/// Checked against: D1, LFSM-O, volt-var, volt-watt and priority tables in tests/models/grid_code.
class GridSupport {
 public:
  struct Parameters {
    double apparent_pu = 0.0;  ///< >= 1, of rated active power
    PowerPriority priority = PowerPriority::reactive;
    SupportVoltage voltage = SupportVoltage::mean;

    ReactiveMode reactive_mode = ReactiveMode::constant_power_factor;
    ReactiveCapability capability;
    double power_factor = 1.0;             ///< 0 < |pf| <= 1; negative absorbs
    double constant_reactive_pu = 0.0;     ///< -1..1
    PiecewiseCurve volt_var;               ///< reactive injection over voltage
    PiecewiseCurve watt_var;               ///< reactive injection over active injection
    PiecewiseCurve power_factor_of_power;  ///< magnitude of the power factor, absorbing, over active injection
    std::chrono::nanoseconds reactive_response{-1};  ///< OLRT, >= 0
    bool autonomous_reference = false;
    std::chrono::nanoseconds reference_time_constant{std::chrono::seconds{300}};  ///< > 0

    bool volt_watt_enabled = false;
    PiecewiseCurve volt_watt;                         ///< ceiling of injection over voltage
    PiecewiseCurve charge_volt_watt;                  ///< ceiling of charging from the grid over voltage; may be empty
    std::chrono::nanoseconds volt_watt_response{-1};  ///< OLRT, >= 0

    FrequencyResponse over_frequency;
    FrequencyResponse under_frequency;
    std::chrono::nanoseconds frequency_response{-1};  ///< OLRT, >= 0

    std::chrono::nanoseconds limit_response{-1};  ///< OLRT of the power limit, >= 0
  };
  struct Inputs {
    const GridMeasurement::Outputs& grid;  ///< read during the call only
    double active_power_pu = 0.0;          ///< injected now (of the step before); negative: import
    double available_power_pu = 1.0;       ///< that could be injected; caps the wanted power
    double active_limit_pu = 1.0;          ///< command, 0..1
    double service_ceiling_pu = 1.0;       ///< ramp of the protection, 0..1
    /// Commands that replace the parameters of their modes.
    std::optional<double> power_factor = std::nullopt;
    std::optional<double> constant_reactive_pu = std::nullopt;
  };
  struct Outputs {
    double active_ceiling_pu = 1.0;          ///< 0..1, of injection
    double import_ceiling_pu = 1.0;          ///< 0..1, of import (charging)
    std::optional<double> active_droop_pu;   ///< change from P0 that the frequency asks for; empty inside the band
    std::optional<double> active_wanted_pu;  ///< P0 and change together, within ceiling and available power; -1..1
    double reactive_injection_pu = 0.0;
  };

  /// `step`: fixed step of all later calls. Throws InvalidParameter.
  GridSupport(const Parameters& parameters, std::chrono::nanoseconds step);

  /// Other settings from the next step on; what responds goes on from where it is, but for volt-watt, which is over at
  /// once when it is switched off. Does not allocate. Throws InvalidParameter and changes nothing.
  void set_parameters(const Parameters& parameters);
  /// Advances by the fixed step. Does not allocate. What is not a number counts as no power and no limit.
  const Outputs& advance(const Inputs& inputs);
  /// What the next advance() will ask of this power, worked out early, while the caller has other roots and quotients
  /// to wait for. What is not foreseen, advance() works out itself.
  void foresee(double active_power_pu);
  /// With all other inputs as they were and full service, advance() would change nothing.
  bool rests(const GridMeasurement::Outputs& grid, double active_power_pu) const {
    const double voltage_pu = parameters_.voltage == SupportVoltage::mean ? grid.mean_pu : grid.positive_sequence_pu;
    return rests_ && basis_.service_ceiling_pu >= 1.0 && basis_.voltage_pu == voltage_pu &&
           basis_.frequency_hz == grid.frequency_hz && basis_.valid == grid.valid &&
           basis_.active_pu == active_power_pu;
  }
  const Outputs& outputs() const { return outputs_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  void follow_parameters();
  void respond_to_frequency(const Inputs& inputs, double active_pu);
  double reactive_target_pu(const Inputs& inputs, double active_pu, double voltage_pu) const;
  /// What the capability leaves for reactive power, + injection.
  struct ReactiveRoom {
    double lowest_pu = 0.0;
    double highest_pu = 0.0;
    double clamped(double reactive_pu) const { return std::clamp(reactive_pu, lowest_pu, highest_pu); }
  };
  ReactiveRoom reactive_room(double active_pu) const;
  double reactive_by_power_pu(double active_pu) const;
  double bounded_power_pu(double active_power_pu) const;

  Parameters parameters_;
  std::chrono::nanoseconds step_;
  double reactive_gain_ = 1.0;  ///< share of the way that the response covers in a step
  double volt_watt_gain_ = 1.0;
  double frequency_gain_ = 1.0;
  double limit_gain_ = 1.0;
  double reference_gain_ = 1.0;
  /// What moves by itself from step to step.
  struct State {
    double volt_watt_pu = 1.0;
    double charge_volt_watt_pu = 1.0;
    double limit_pu = 1.0;
    double droop_pu = 0.0;
    double pre_disturbance_pu = 0.0;
    bool responding = false;  ///< to a frequency outside the band, or on the way back
    double reference_pu = 1.0;
    double reactive_pu = 0.0;
    bool operator==(const State&) const = default;
  };
  /// What decides about a step while nothing responds to the frequency.
  struct Basis {
    double voltage_pu = 0.0;
    double frequency_hz = 0.0;
    bool valid = false;
    double active_pu = 0.0;
    double active_limit_pu = 0.0;
    double service_ceiling_pu = 0.0;
    bool operator==(const Basis&) const = default;
  };
  State state_;
  Basis basis_;         ///< of the last step
  bool rests_ = false;  ///< the last step moved nothing: on the same basis, nor will the next
  struct Foreseen {
    double active_pu = std::numeric_limits<double>::quiet_NaN();
    double reactive_pu = 0.0;
  };
  Foreseen foreseen_;
  Outputs outputs_;
};

}  // namespace hil::models
