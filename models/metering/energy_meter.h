#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Three-phase four-wire meter behind current transformers.
///
///   p_k = Re(v_k conj(i_k)),  q_k = Im(v_k conj(i_k)),  sums by plain addition; apparent_va arithmetic
///
/// with i_k the secondary current times `ct_ratio`. Powers are means over `averaging_window` (a moving window of
/// whole steps, shorter while it fills), published after the first step and then each `refresh_period`, quantised to
/// `power_quantum_w`. Voltages and currents are those of the last step. Energies integrate the unquantised total
/// (netting of the phases within a step).
///
/// Left out: errors of the meter's own (its class), start current, vector and effective apparent power.
/// Sign:     + import from the grid, - export: the side of the register map converts.
/// Checked against: M1..M4; see tests/models/metering.
class EnergyMeter {
 public:
  struct Parameters {
    double ct_ratio = 0.0;                         ///< set in the meter, > 0
    std::chrono::nanoseconds averaging_window{0};  ///< > 0, a multiple of the step
    std::chrono::nanoseconds refresh_period{0};    ///< > 0, a multiple of the step
    double power_quantum_w = -1.0;                 ///< >= 0; 0: none
  };
  struct Reading {
    PhaseValues voltage_ln_v{};
    PhaseValues current_a{};  ///< magnitude
    PhaseValues import_w{};
    PhaseValues import_var{};
    double total_import_w = 0.0;
    double total_import_var = 0.0;
    double total_va = 0.0;
    double frequency_hz = 0.0;
    double imported_wh = 0.0;
    double exported_wh = 0.0;
  };

  /// Throws InvalidParameter. All memory is taken here.
  EnergyMeter(const Parameters& parameters, std::chrono::nanoseconds step);

  /// One step: voltages at the meter (line to neutral) and secondary currents, import positive.
  void advance(const PhasePhasors& voltage_ln_v, const PhasePhasors& secondary_a, double frequency_hz);
  const Reading& reading() const { return published_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  struct Sample {
    PhaseValues import_w{};
    PhaseValues import_var{};
    void add(const Sample& other);
    void subtract(const Sample& other);
  };
  void publish(const PhasePhasors& voltage_ln_v, const PhaseValues& current_a, double frequency_hz);

  Parameters parameters_;
  std::chrono::duration<double> step_;
  std::vector<Sample> window_;
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
  bool published_once_ = false;
  std::size_t steps_since_refresh_ = 0;
  std::size_t steps_per_refresh_ = 1;
  Sample sum_;
  double imported_wh_ = 0.0;
  double exported_wh_ = 0.0;
  Reading published_;
};

}  // namespace hil::models
