#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "models/electrical/phasor.h"
#include "models/metering/accuracy_class.h"
#include "models/metering/apparent_power.h"
#include "models/metering/meter_inputs.h"

namespace hil::models {

/// How the energy registers treat phases of opposite sign within one step.
enum class EnergyRegister : unsigned char {
  netting,    ///< the sum of the phases is counted (Ferraris, vector)
  per_phase,  ///< each phase counts by itself; the registers are the sums
};

/// Three-phase four-wire meter behind current transformers.
///
///   p_k = Re(v_k conj(i_k)) (1 + class_position limit),  q_k alike,  sums by plain addition
///   i_k: ct_ratio times the secondary current of the transformer that hangs on input k (set_input)
///   v_k: line to neutral; without neutral against the star point of the inputs, v_k - (v_1 + v_2 + v_3) / 3
///
/// Powers and effective VA are means over `averaging_window` (a moving window of whole steps, shorter while it fills),
/// published after the first step and then each `refresh_period`, quantised to `power_quantum_w`. Voltages, currents,
/// frequency are those of the last step; flags are gathered since the publication before. Energies integrate what was
/// measured in each step, unquantised but for `secondary_quantum_a`. Below the start current of its class a phase
/// counts nothing; between there and the lowest point of the class the error of the lowest point holds (assumed).
///
/// Sign:     + import from the grid, - export: the side of the register map converts. The power factor has the sign
///           of the active power and is 1 at no load.
/// Left out: harmonics, drift, the meter's own consumption, error over power factor.
/// Checked against: M1..M4, hand cases of the three apparent powers, counts; see tests/models/validation/metering.
class EnergyMeter {
 public:
  /// From reported_va on, the defaults describe a meter without errors of its own.
  struct Parameters {
    double ct_ratio = 0.0;                         ///< set in the meter, > 0
    std::chrono::nanoseconds averaging_window{0};  ///< > 0, a multiple of the step
    std::chrono::nanoseconds refresh_period{0};    ///< > 0, a multiple of the step
    double power_quantum_w = -1.0;                 ///< >= 0; 0: none
    ApparentPower reported_va = ApparentPower::arithmetic;
    double neutral_resistance_ratio = 1.0;  ///< 0..10, for effective VA
    EnergyRegister energy_register = EnergyRegister::netting;
    MeterClass meter_class = MeterClass::none;
    double class_position = 0.0;       ///< -1..1: where in the band of its class this specimen lies
    double rated_input_a = 5.0;        ///< > 0; shares of the class count from it
    double secondary_quantum_a = 0.0;  ///< 0..1; one count of the current input, before the power is formed
    double voltage_quantum_v = 0.0;    ///< 0..10; of the voltages shown
    MeterInputLimits input_limits{};
    BeyondLimits beyond_limits = BeyondLimits::measures_on;
    bool neutral_connected = true;
  };
  struct Reading {
    PhaseValues voltage_ln_v{};
    PhaseValues current_a{};  ///< magnitude
    PhaseValues import_w{};
    PhaseValues import_var{};
    double total_import_w = 0.0;
    double total_import_var = 0.0;
    double total_va = 0.0;  ///< as Parameters::reported_va says
    double frequency_hz = 0.0;
    double imported_wh = 0.0;  ///< as Parameters::energy_register says
    double exported_wh = 0.0;
    PhaseValues phase_va{};
    double arithmetic_va = 0.0;
    double vector_va = 0.0;
    double effective_va = 0.0;
    PhaseValues phase_power_factor{};
    double power_factor = 0.0;  ///< of total_va
    double netted_imported_wh = 0.0;
    double netted_exported_wh = 0.0;
    PhaseValues phase_imported_wh{};
    PhaseValues phase_exported_wh{};
    MeterFlags flags;
  };

  /// Throws InvalidParameter. All memory is taken here.
  EnergyMeter(const Parameters& parameters, std::chrono::nanoseconds step);

  /// What hangs on the current input of a meter phase, from the next step on. Throws InvalidParameter.
  void set_input(std::size_t phase, MeterInput input);
  const MeterInput& input(std::size_t phase) const { return inputs_[phase]; }
  void set_neutral_connected(bool connected) { neutral_connected_ = connected; }

  /// One step: voltages at the meter (line to neutral) and secondary currents by transformer, import positive.
  void advance(const PhasePhasors& voltage_ln_v, const PhasePhasors& secondary_a, double frequency_hz);
  /// What was published last; worked out when it is first asked for. One thread at a time.
  const Reading& reading() const;
  const Parameters& parameters() const { return parameters_; }

 private:
  struct Sample {
    PhaseValues import_w{};
    PhaseValues import_var{};
    double effective_va = 0.0;
    void add(const Sample& other);
    void subtract(const Sample& other);
  };
  /// What the inputs give in one step.
  struct Measured {
    PhasePhasors voltage_v{};
    PhasePhasors primary_a{};
    PhasePhasors import_va{};
  };
  Measured measure(const PhasePhasors& voltage_ln_v, const PhasePhasors& secondary_a, double frequency_hz);
  double class_factor(double input_square) const;
  void count_energy(const PhasePhasors& import_va);
  void average(const Measured& measured);
  void publish(const Measured& measured, double frequency_hz);
  void work_out() const;

  Parameters parameters_;
  std::chrono::duration<double> step_;
  std::array<MeterInput, phase_count> inputs_{{{.ct = 0}, {.ct = 1}, {.ct = 2}}};
  bool neutral_connected_ = true;
  MeterClassLimits class_limits_{};
  std::vector<Sample> window_;
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
  bool published_once_ = false;
  std::size_t steps_since_refresh_ = 0;
  std::size_t steps_per_refresh_ = 1;
  Sample sum_;
  struct Registers {
    double netted_imported_wh = 0.0;
    double netted_exported_wh = 0.0;
    PhaseValues phase_imported_wh{};
    PhaseValues phase_exported_wh{};
  };
  Registers registers_;
  MeterFlags gathered_flags_;
  /// What a reading is made of, as it stood at the publication.
  struct Publication {
    Measured measured;
    Sample sum;
    double share = 1.0;  ///< of one sample in the sum
    double frequency_hz = 0.0;
    Registers registers;
    MeterFlags flags;
  };
  Publication publication_;
  mutable bool worked_out_ = true;
  mutable Reading reading_;  ///< of the publication, once worked out
};

}  // namespace hil::models
