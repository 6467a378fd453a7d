#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/electrical/phasor.h"
#include "models/generation/pv_array.h"
#include "models/inverter/hybrid_inverter.h"
#include "models/load/zip_load.h"
#include "models/metering/current_transformer.h"
#include "models/metering/energy_meter.h"
#include "models/storage/battery_pack.h"

namespace hil::models {

/// The whole plant: grid, cables, inverters with PV and batteries, loads, meter behind its CTs.
/// One call to advance() is one step of everything, in this order:
///
///   1. each inverter lane: battery limits, power stage (with the terminal voltages of the step before), battery
///   2. loads: injections at the voltages of the step before
///   3. network solve
///   4. CTs and meter, energies, invariants
///
/// Inverters and loads are lanes over arrays; advance() does not allocate (but when a switched admittance
/// makes the network refactor), lock or throw. In a step without a network solution the readings of voltages, loads,
/// grid and meter stay those of the step before, and invariants() says so.
class Site {
 public:
  struct Grid {
    double nominal_ln_v = 0.0;  ///< > 0
    double frequency_hz = 0.0;  ///< > 0
    Phasor phase_ohm{};         ///< of each phase conductor
    Phasor neutral_ohm{};
  };
  /// Same impedance in L1, L2, L3; no mutual coupling.
  struct Cable {
    std::string name;
    std::string from_bus;
    std::string to_bus;
    Phasor phase_ohm{};
    Phasor neutral_ohm{};
  };
  struct InverterLane {
    std::string name;
    std::string bus;
    HybridInverter::Parameters power_stage;
    BatteryPack::Parameters battery;
    double initial_soc = -1.0;
    PvArray::Parameters pv;
    double irradiance_w_m2 = -1.0;
    double cell_temperature_c = 25.0;
  };
  struct Load {
    std::string name;
    std::string bus;
    ZipLoad::Parameters load;
  };
  /// The meter measures what flows through one cable, at its from end (the grid side). Import: from -> to.
  struct Metering {
    std::string cable;
    std::array<CurrentTransformer::Parameters, phase_count> transformers{};
    EnergyMeter::Parameters meter;
  };
  struct Parameters {
    std::chrono::nanoseconds step{0};  ///< 1 ms .. 1 s
    Grid grid;
    std::string grid_bus;       ///< where the Thevenin source connects
    std::vector<Cable> cables;  ///< the buses are the names that stand in them, and grid_bus
    std::vector<InverterLane> inverters;
    std::vector<Load> loads;
    Metering metering;
  };

  /// Results of the last step of one inverter lane that firmware, registers and checks may read.
  struct LaneView {
    HybridInverter::Outputs power;
    BatteryPack::Outputs battery;
    BatteryPack::Limits battery_limits;
    double battery_soc = 0.0;
    double pv_available_w = 0.0;
    PhasePhasors terminal_ln_v{};
    PhasePhasors injection_a{};
    double pv_wh = 0.0;  ///< energies since start
    double battery_charge_wh = 0.0;
    double battery_discharge_wh = 0.0;
    double ac_out_wh = 0.0;
    double ac_in_wh = 0.0;
  };
  /// The firmware's orders to one lane, kept until changed.
  struct LaneCommand {
    bool connected = true;
    double pv_ceiling_w = 1e9;
    double battery_discharge_request_w = 0.0;
    double ac_ceiling_w = 1e9;
    double reactive_injection_request_var = 0.0;
  };
  /// True values at the meter's place, of the last step.
  struct GridView {
    double import_w = 0.0;  ///< + import, - export; sum of phases
    double import_var = 0.0;
    PhaseValues phase_import_w{};
    PhaseValues voltage_ln_v{};
    PhaseValues current_a{};
    double neutral_a = 0.0;
    double neutral_v = 0.0;  ///< neutral at the meter's bus against the source's neutral point
    double frequency_hz = 0.0;
    double imported_wh = 0.0;
    double exported_wh = 0.0;
  };
  /// What must hold in every step, without being asked.
  struct Invariants {
    static constexpr double energy_residual_bound_w = 1.0;
    static constexpr double current_residual_bound_a = 1e-6;
    static constexpr double soc_residual_bound = 1e-9;
    double inverter_energy_residual_w = 0.0;  ///< largest of all lanes
    double site_energy_residual_w = 0.0;      ///< sources - loads - network losses
    double current_residual_a = 0.0;          ///< Kirchhoff
    double soc_residual = 0.0;                ///< state against integrated charge
    bool finite = true;
    bool solved = true;
    bool hold() const;
  };

  /// Throws InvalidParameter (a name that does not exist is reported in the field's name).
  explicit Site(const Parameters& parameters);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  void advance();

  std::size_t inverter_count() const;
  LaneCommand& command(std::size_t inverter);
  const LaneView& lane(std::size_t inverter) const;
  /// Voltage and current at which the array gives the power it gave in the last step; computed on each call.
  PvArray::Point pv_point(std::size_t inverter) const;
  const GridView& grid() const;
  double load_w(std::size_t load) const;  ///< consumed by it in the last step
  double total_load_w() const;
  const EnergyMeter& meter() const;
  const Invariants& invariants() const;
  std::uint64_t network_iterations() const;  ///< sum over all steps, for benchmarks

  // What a scenario may change while the site runs.
  void set_load_on(std::size_t load, bool on);
  bool load_on(std::size_t load) const;
  void set_irradiance(std::size_t inverter, double irradiance_w_m2);
  void set_grid_voltage(double ln_v);
  void set_grid_frequency(double hz);
  void set_ct_reversed(std::size_t phase, bool reversed);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace hil::models
