#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/electrical/phasor.h"
#include "models/grid/grid_source.h"
#include "models/load/load_behaviour.h"
#include "models/load/rlc_load.h"
#include "models/load/zip_load.h"
#include "models/metering/meter_installation.h"
#include "models/site/inverter_lane.h"
#include "models/site/pv_weather.h"

namespace hil::models {

/// The whole plant: grid, transformers, cables, inverters with PV, batteries and backup ports, loads, meter behind its
/// CTs. One call to advance() is one step of everything, in this order:
///
///   1. grid: EMF and frequency; weather
///   2. each inverter: what its port wants to inject (with the terminal voltages of the step before)
///   3. loads: what they want; at rest they cost nothing
///   4. network solve
///   5. each inverter closes its balance on what flowed, battery and PV follow; loads; CTs and meter; invariants
///
/// When no path leads from the grid to the site's side of the meter any more (outage, or an open cable) and inverters
/// there still feed, that side is an unintended island: UnintendedIsland gives its voltage and frequency until their
/// protection has tripped. While its voltage settles (20 ms, to at most 2 pu) an ideal source holds it and takes or
/// gives the difference.
///
/// In split phase inverters feed L1 and L2 with half of their power each; their islands, meant or not, have two phases
/// that oppose one another.
///
/// A lane with site_forming can hold the bus of its port, and with it all that hangs together with that: a source of
/// its own there, no unintended island, and its frequency for all that follows or consumes there. Several share by
/// droop. What follows them is dead at once when the last of them stops.
///
/// A phase that lost its source is dead at once: what inverters would feed there is blocked. Where the neutral hangs
/// free, an inverter feeds three equal currents of positive sequence instead of equal powers, and loads to neutral draw
/// as impedances (both assumed): powers that are kept would drive the star point beyond any voltage that is real.
/// Where there is still no solution with what the inverters want to feed (a collapsed voltage), they block for that
/// step.
///
/// advance() does not allocate (but when a switch moves or the network changes its solver), lock or throw. In a step
/// without a network solution the readings of voltages, loads, grid and meter stay those of the step before, and
/// invariants() says so.
///
/// Left out: dynamics of the network itself (phasors settle within a step), several grid connections, unintended
/// islands of a part of the site only (a part cut off behind the meter is dead at once).
class Site {
 public:
  /// Same impedance in L1, L2, L3; no mutual coupling. Can be opened in whole or conductor by conductor. One of two
  /// cores has a phase and N.
  struct Cable {
    std::string name;
    std::string from_bus;
    std::string to_bus;
    Phasor phase_ohm{};
    Phasor neutral_ohm{};
    bool closed = true;
    std::array<bool, conductor_count> conductors{true, true, true, true};  ///< L1 L2 L3 N: which it has
  };
  /// Vector group: Dyn1, Dyn5, Dyn11 or YNyn0. The neutral of a yn side is earthed there.
  struct SiteTransformer {
    std::string name;
    std::string from_bus;
    std::string to_bus;
    double rated_va = 0.0;
    double primary_ll_v = 0.0;
    double secondary_ll_v = 0.0;
    double series_r_pu = -1.0;
    double series_x_pu = -1.0;
    std::string vector_group;
    double earthing_ohm = 0.1;  ///< > 0, of the secondary's neutral; assumed
  };
  /// With a backup port, its loads stand on the bus "<name>.backup".
  struct Inverter {
    std::string name;
    std::string bus;
    InverterLane::Parameters lane;  ///< its nominal_ln_v, nominal_hz and split_phase are set by the site
  };
  struct Load {
    std::string name;
    std::string bus;
    std::optional<ZipLoad::Parameters> zip{};
    std::optional<RlcLoad::Parameters> rlc{};
    std::optional<LoadBehaviour> behaviour{};
  };
  /// The meter measures what flows through one cable, at its from end (the grid side). Import: from -> to.
  struct Metering {
    std::string cable;
    MeterInstallation::Parameters installation;
  };
  struct Parameters {
    std::chrono::nanoseconds step{0};  ///< 1 ms .. 1 s
    GridSource::Parameters grid;       ///< in split phase nothing has L3, and there are no transformers
    std::string grid_bus;              ///< where the Thevenin source connects
    double nominal_ln_v = 0.0;         ///< of the site; 0: that of the grid (no transformer)
    std::vector<Cable> cables;         ///< the buses are the names that stand in cables and transformers, and grid_bus
    std::vector<SiteTransformer> transformers;
    std::vector<Inverter> inverters;
    std::vector<Load> loads;
    Metering metering;
    std::optional<WeatherSettings> weather{};
    double ambient_c = 20.0;  ///< -50..60, of loads; a battery's own stands in its parameters until set_ambient()
  };

  using LaneView = InverterLane::View;
  using LaneCommand = InverterLane::Command;

  /// True values at the meter's place, of the last step.
  struct GridView {
    double import_w = 0.0;  ///< + import, - export; sum of phases
    double import_var = 0.0;
    PhaseValues phase_import_w{};
    PhaseValues voltage_ln_v{};
    PhaseValues current_a{};
    double neutral_a = 0.0;
    double neutral_v = 0.0;     ///< neutral at the meter's bus against earth
    double frequency_hz = 0.0;  ///< there: of the grid, an unintended island or the lanes that hold it; 0: dead
    bool connected = true;
    double imported_wh = 0.0;
    double exported_wh = 0.0;
  };
  /// True values at one bus, of the last step; 0 where no source feeds it, for a phase that nothing leads there, and
  /// without a network solution.
  struct BusVoltage {
    PhaseValues ln_v{};
    double neutral_v = 0.0;  ///< against earth
  };
  /// What must hold in every step, without being asked.
  struct Invariants {
    static constexpr double energy_residual_bound_w = 1.0;
    static constexpr double current_residual_bound_a = 1e-6;
    static constexpr double soc_residual_bound = 1e-9;
    double inverter_energy_residual_w = 0.0;  ///< largest of all lanes
    double site_energy_residual_w = 0.0;      ///< sources - loads - network losses
    double current_residual_a = 0.0;          ///< Kirchhoff
    std::size_t unsolved_bus = 0;             ///< of an unsolved step: where the last iterate misses it most
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
  BatteryPack& battery(std::size_t inverter);
  /// Battery power with which an inverter injects `ac_w` while PV gives `pv_w`, losses included.
  double battery_for_ac_w(std::size_t inverter, double ac_w, double pv_w) const;
  /// Where an MPPT input stands.
  PvArray::Point pv_point(std::size_t inverter, std::size_t input = 0) const;
  std::size_t pv_input_count(std::size_t inverter) const;
  const GridView& grid() const;
  std::size_t bus_count() const;
  const std::string& bus_name(std::size_t bus) const;
  std::size_t meter_bus() const;                  ///< where the meter measures
  std::size_t site_bus() const;                   ///< the other end of its cable
  BusVoltage bus_voltage(std::size_t bus) const;  ///< worked out when asked for
  /// Line to neutral at one bus, with angles in the frame that turns at nominal frequency, of the last step; 0 as in
  /// bus_voltage().
  PhasePhasors bus_ln_v(std::size_t bus) const;
  /// Of the source that feeds it; nominal where none does.
  double bus_frequency_hz(std::size_t bus) const;
  double energy_residual_w(std::size_t inverter) const;  ///< of the last step, as in the invariants
  bool finite(std::size_t inverter) const;
  double load_w(std::size_t load) const;  ///< consumed by it in the last step
  double load_wh(std::size_t load) const;
  double total_load_w() const;
  const EnergyMeter& meter() const;
  const MeterInstallation& metering() const;
  const Invariants& invariants() const;
  bool unintended_island() const;
  double clear_index() const;
  std::uint64_t network_iterations() const;  ///< sum over all steps, for benchmarks

  // What a scenario may change while the site runs. Out of range throws InvalidParameter.
  void set_load_on(std::size_t load, bool on);
  bool load_on(std::size_t load) const;
  LoadBehaviour* behaviour(std::size_t load);  ///< for a kind's own commands; nullptr without
  /// Of the PV inputs that do not follow the weather, on a straight line within `ramp_s` from where it is.
  void set_irradiance(std::size_t inverter, double irradiance_w_m2, double ramp_s = 0.0);
  void set_string_shading(std::size_t inverter, std::size_t input, std::size_t string, double factor);
  /// Clear index of the weather, on a straight line within `ramp_s`; replaces the clouds of the settings.
  void set_clear_index(double clear_index, double ramp_s);
  GridSource& grid_source();
  void set_cable_closed(std::size_t cable, bool closed);
  void set_conductor_closed(std::size_t cable, Conductor conductor, bool closed);
  MeterInstallation& metering();
  void set_ambient(double ambient_c);
  /// What an inverter's installer or master may set; see InverterLane. nominal_ln_v > 0, restart_delay >= 0. What is
  /// out of range throws InvalidParameter and changes nothing.
  const GridCode* grid_code(std::size_t inverter) const;
  void set_grid_code(std::size_t inverter, const InterfaceProtection::Parameters& protection,
                     const GridSupport::Parameters& support);
  const InverterLane::Backup* backup(std::size_t inverter) const;
  void set_backup_supply(std::size_t inverter, double nominal_ln_v, std::chrono::nanoseconds restart_delay);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace hil::models
