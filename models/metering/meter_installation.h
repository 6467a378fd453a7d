#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "models/metering/current_transformer.h"
#include "models/metering/energy_meter.h"

namespace hil::models {

/// How one meter phase is connected, for a wiring check (S001-27: a wrong phase or direction brings an error).
enum class PhaseWiring : unsigned char {
  right,
  reversed,     ///< own phase, current turned round
  other_phase,  ///< the current of another phase, whatever its direction
  lost,         ///< the transformer's secondary is open or shorted: reads 0
};

/// Three current transformers, the wires from them and the meter they end in.
///
///   transformer k sits on phase k; meter phase k takes the transformer that the wiring says
///
/// Wiring faults may come and go between two steps. Two reversals on one way cancel, as they do on site.
/// Left out: a wrong transformer type and a wrong set ratio need no state of their own: they are the transformers'
/// rating against EnergyMeter::Parameters::ct_ratio.
/// Checked against: M1..M4, the circulating phases of S1; see tests/models/validation/metering.
class MeterInstallation {
 public:
  struct Parameters {
    std::array<CurrentTransformer::Parameters, phase_count> transformers{};
    EnergyMeter::Parameters meter;
  };
  struct Flags {
    std::array<CtFlags, phase_count> transformers{};
    MeterFlags meter;  ///< since the publication before, as in the reading
    bool phase_lost = false;
    CtFlags any_transformer() const { return transformers[0] | transformers[1] | transformers[2]; }
  };

  /// Throws InvalidParameter.
  MeterInstallation(const Parameters& parameters, std::chrono::nanoseconds step);

  /// Faults and their removal; throw InvalidParameter for a phase or transformer beyond 2.
  void set_reversed(std::size_t ct, bool reversed);
  void set_secondary(std::size_t ct, CurrentTransformer::Secondary state);
  void set_input(std::size_t phase, MeterInput input) { meter_.set_input(phase, input); }
  void swap_inputs(std::size_t one_phase, std::size_t other_phase);
  /// Each meter phase takes the transformer of the next one: A sees B, B sees C, C sees A.
  void rotate_inputs();
  void set_neutral_connected(bool connected) { meter_.set_neutral_connected(connected); }

  /// One step: voltages at the meter, primary currents of L1..L3, import positive.
  void advance(const PhasePhasors& voltage_ln_v, const PhasePhasors& primary_a, double frequency_hz);

  const EnergyMeter::Reading& reading() const { return meter_.reading(); }
  /// At the currents of the last step.
  Flags flags() const;
  CtFlags transformer_flags(std::size_t ct) const { return transformers_[ct].flags(primary_a_[ct]); }
  /// The truth, for the side that answers a wiring check.
  PhaseWiring wiring(std::size_t phase) const;
  /// Largest of the three estimates; 0 without an open secondary. Assumed, see CurrentTransformer::open_peak_v.
  double open_secondary_peak_kv() const;
  /// Of one of them; 0 unless its secondary is open.
  double open_secondary_peak_v(std::size_t ct) const;
  const CurrentTransformer& transformer(std::size_t ct) const { return transformers_[ct]; }
  const EnergyMeter& meter() const { return meter_; }

 private:
  std::array<CurrentTransformer, phase_count> transformers_;
  EnergyMeter meter_;
  PhasePhasors primary_a_{};
};

}  // namespace hil::models
