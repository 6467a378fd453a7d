#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/electrical/phasor.h"
#include "models/generation/mppt.h"
#include "models/grid_code/anti_islanding.h"
#include "models/grid_code/grid_codes.h"
#include "models/inverter/backup_reserve.h"
#include "models/inverter/grid_forming.h"
#include "models/inverter/hybrid_inverter.h"
#include "models/site/pv_weather.h"
#include "models/storage/battery_pack.h"
#include "models/straight_ramp.h"

namespace hil::models {

/// One inverter with everything behind it, as one lane of a site: PV inputs, battery, power stage, what its grid code
/// demands, and its backup port.
///
/// A step: plan() with the terminal's voltages of the step before; the site solves the network; settle() with what
/// flowed. In between emf_ln_v() is the voltage of the backup bus while this lane forms it.
///
/// Grid code: measurement, protection and support of models/grid_code; without one the lane follows any voltage.
/// The firmware's ceilings pass the command path, those of the code act at once. Frequency support upwards raises the
/// battery's discharge; reactive power of the code and of the firmware add up.
/// Above self_protection_pu on any phase it stops itself at once, with or without a code, until every phase is back in
/// 0.85..1.10 pu (assumed), and then enters service anew: else ceasing and feeding again could hunt for ever in an
/// island that it drives beyond every limit.
/// Active island detection shifts reactive power with the frequency (FrequencyShift).
///
/// Backup: below `transfer_below_pu` at the terminal, at a trip and when it stops itself, the backup relay opens and
/// after `transfer_time` the lane forms its own island; it goes back when the code (or, without one, the voltage)
/// allows. While the lane is off at a healthy grid, the backup loads stay on the grid. An island that draws more than
/// the pack can physically give is dropped in the same step; what was missing in that step came out of the DC link
/// (View::dc_link_w). A battery that may give nothing more ends the island too, apart from an overload (BackupReserve).
/// While the island is down, PV charges the battery as far as that takes it.
/// Command::island opens the relay at a healthy grid; the way back is the same.
///
/// Site forming: while Command::form_site stands (and the lane is connected, supplied and not stopped by itself), it is
/// the voltage of the bus that its port is on, behind GridForming's series_ohm, and never follows. A dead bus is
/// started at angle 0; one that other forming lanes hold is joined in phase and from its voltage, and shared by droop.
/// On a bus with a foreign voltage (the closed grid, an unintended island, a backup port) it does not begin, and where
/// that comes to a bus it holds it opens in the same step (View::forming_blocked); it begins when the bus is free of
/// it. Overload and an empty battery end it, and it begins again, as a backup island; so does more power fed into it
/// than the battery may take. What it stopped itself for (self_protection_pu) is forgotten with a new order. The
/// protection of the grid code rests meanwhile and enters service anew afterwards.
///
/// Left out: synchronisation before the return, bypass of a dead inverter; a check of phase where two islands that are
/// formed already are joined by a switch.
class InverterLane {
 public:
  /// One MPPT input. With a plane it follows the site's weather, else the irradiance and temperature that are set.
  struct PvInput {
    PvArray::Parameters array;
    MpptTracker::Parameters tracker;
    double irradiance_w_m2 = -1.0;     ///< 0..1500
    double cell_temperature_c = 25.0;  ///< -40..100
    std::optional<Plane> plane{};
  };
  /// Who feeds the bus of the port, apart from this lane itself.
  enum class BusFeed : unsigned char { none, formed, foreign };
  enum class IslandStop : unsigned char { none, overload, battery_empty, overvoltage };
  struct Backup {
    GridForming::Parameters forming;
    BackupReserve::Parameters reserve{};         ///< its restart_delay is that of `forming`
    std::chrono::nanoseconds transfer_time{-1};  ///< >= 0
    double transfer_below_pu = 0.5;              ///< 0..1 of nominal, mean of the phases; assumed
    Phasor relay_ohm{0.002, 0.0};                ///< assumed: contacts and wiring
  };
  struct Parameters {
    HybridInverter::Parameters power_stage;
    BatteryPack::Parameters battery;
    double initial_soc = -1.0;
    double initial_battery_c = 25.0;  ///< -60..100
    std::vector<PvInput> pv;
    std::optional<GridCode> grid_code{};
    std::optional<FrequencyShift::Parameters> island_detection{};
    std::optional<Backup> backup{};
    double self_protection_pu = 1.3;  ///< > 1, of nominal; assumed: what load rejection may show for a cycle
    bool starts_connected = true;  ///< the run begins with this inverter in service, else with its enter-service delay
    /// It can be the voltage of the bus that its own port is on, as a storage converter off the grid is. Not with a
    /// backup port.
    std::optional<GridForming::Parameters> site_forming{};
    /// Of site_forming; its restart_delay is that of the former. Such a converter knows the limits of its battery, no
    /// lowest SOC (assumed).
    BackupReserve::Parameters site_reserve{.lowest_soc = 0.0};
    double nominal_ln_v = 0.0;  ///< > 0
    double nominal_hz = 0.0;    ///< > 0
    bool split_phase = false;   ///< it has L1, L2 and N; so have its measurement and what it forms
  };
  /// The firmware's orders, kept until changed.
  struct Command {
    bool connected = true;
    bool supplied = true;   ///< false: its switches are open, and not even standby is drawn
    bool pv_first = false;  ///< at the AC ceiling a discharge gives way before PV
    double pv_ceiling_w = 1e9;
    double battery_discharge_request_w = 0.0;
    double battery_max_charge_w = 1e9;  ///< the firmware's own limits beside those of the BMS, on the grid and off it
    double battery_max_discharge_w = 1e9;
    double ac_ceiling_w = 1e9;
    double reactive_injection_request_var = 0.0;
    PhaseValues unbalance_w{};
    bool island = false;           ///< leaves the grid and feeds its backup loads, if it has a backup port
    bool backup_enabled = true;    ///< false: the backup port stays with the grid, whatever that does
    double active_limit_pu = 1.0;  ///< of rated power, by the response time of the grid code
    bool form_site = false;        ///< with Parameters::site_forming: forms the voltage of its bus instead of following
    double forming_voltage_pu = 1.0;         ///< of nominal, 0.5..1.5; also while it forms
    double forming_frequency_bias_hz = 0.0;  ///< on top of nominal, -10..10; likewise
    bool forming_soft_start = false;         ///< the voltage rises within GridForming::Parameters::soft_start
    bool seeks_islands = true;               ///< with Parameters::island_detection: it acts
    bool operator==(const Command&) const = default;
  };
  /// Results of the last step that firmware, registers and checks may read.
  struct View {
    HybridInverter::Outputs power;
    HybridInverter::Duty duty = HybridInverter::Duty::off;
    BatteryPack::Outputs battery;
    BatteryPack::Limits battery_limits;
    double battery_soc = 0.0;     ///< true
    double reported_soc = 0.0;    ///< as the BMS believes; the same unless it estimates
    double pv_available_w = 0.0;  ///< at the maximum power points
    double pv_offered_w = 0.0;    ///< what the MPPT inputs could give
    PhasePhasors terminal_ln_v{};
    PhasePhasors injection_a{};  ///< into the bus of the port, as a follower or as its source
    double frequency_hz = 0.0;   ///< true, at the terminal or in the own island
    Operation operation = Operation::running;
    std::optional<TripCause> trip_cause{};
    double time_to_connect_s = 0.0;
    bool islanded = false;  ///< the backup relay is open
    double backup_w = 0.0;  ///< what the backup loads draw
    PhasePhasors backup_ln_v{};
    PhasePhasors backup_a{};    ///< into the backup loads
    int overvoltage_stops = 0;  ///< by the inverter's own protection
    int overload_trips = 0;
    bool forming_blocked = false;  ///< ordered to form its site, but a foreign voltage is on the bus
    /// Why the island is down while the backup relay is open, or while it is ordered to form its site.
    IslandStop island_stop = IslandStop::none;
    int battery_empty_stops = 0;  ///< of the island: the battery may give nothing more, PV too little
    /// What an island drew beyond PV and battery in the step in which it was dropped; < 0: what the pack could not
    /// take.
    double dc_link_w = 0.0;
    double pv_wh = 0.0;  ///< energies since start
    double battery_charge_wh = 0.0;
    double battery_discharge_wh = 0.0;
    double ac_out_wh = 0.0;
    double ac_in_wh = 0.0;
    double backup_wh = 0.0;
  };
  /// What the network says after a solve.
  struct Flow {
    PhasePhasors terminal_ln_v{};
    PhasePhasors port_a{};       ///< into the network
    PhasePhasors backup_ln_v{};  ///< these two are read by lanes with a backup port only
    PhasePhasors backup_a{};     ///< into the backup bus: through the relay, or out of the own source
    PhasePhasors source_a{};     ///< out of the own source into the bus of the port; lanes that can form it only
  };

  /// `planes`: of its site, advanced before each plan() and there as long as this lane. Throws InvalidParameter.
  InverterLane(const Parameters& parameters, PvPlanes& planes, std::chrono::nanoseconds step);

  /// `frequency_hz`: at the terminal; `feed` is read by lanes that can form their site only. Does not allocate.
  void plan(double frequency_hz, BusFeed feed = BusFeed::none);
  /// `moved` false: what flows is what flowed in the step before.
  void settle(const Flow& flow, bool moved = true);
  /// Instead of settle() in a step without a network solution: the view shows what was planned.
  void show_plan();

  /// Of the step under way: what the port wants to inject, and the limit of its current.
  const PhasePhasors& wanted_va() const { return power_stage_.outputs().phase_injection_va; }
  double max_phase_a() const { return power_stage_.parameters().max_phase_a; }
  double battery_for_ac_w(double ac_w, double pv_w) const { return power_stage_.battery_for_ac_w(ac_w, pv_w); }
  bool forming() const { return view_.duty == HybridInverter::Duty::forming; }
  /// It holds the bus of its own port, and has not been dropped in the settling of the last step.
  bool holds_site() const { return forms_site() && forming_->live(); }
  const PhasePhasors& emf_ln_v() const { return emf_ln_v_; }
  bool relay_closed() const { return !view_.islanded; }

  Command& command() { return command_; }
  const View& view() const { return view_; }
  const BatteryPack& battery() const { return battery_; }
  BatteryPack& battery() { return battery_; }
  std::size_t pv_input_count() const { return inputs_.size(); }
  const MpptTracker& pv_input(std::size_t input) const { return inputs_[input].tracker; }
  /// Terminal voltages before the first step.
  void set_terminal(const PhasePhasors& terminal_ln_v) { view_.terminal_ln_v = terminal_ln_v; }
  /// All inputs that do not follow the weather, each on a straight line from where it is; 0..1500, ramp_s >= 0,
  /// 0: at once.
  void set_irradiance(double irradiance_w_m2, double ramp_s);
  void set_string_shading(std::size_t input, std::size_t string, double factor);
  /// nullptr without one; as it stands after set_grid_code().
  const GridCode* grid_code() const { return parameters_.grid_code ? &*parameters_.grid_code : nullptr; }
  /// Other settings of protection and support, in the ranges of their Parameters; the apparent power stays that of the
  /// power stage, the voltage that support goes by the one that is measured. Only with a grid code. Throws
  /// InvalidParameter and then changes nothing of either.
  void set_grid_code(const InterfaceProtection::Parameters& protection, const GridSupport::Parameters& support);
  /// nullptr without a backup port.
  const Backup* backup() const { return parameters_.backup ? &*parameters_.backup : nullptr; }
  /// Voltage of the backup port (> 0) and delay of its starts after a stop (>= 0). Only with one. Throws
  /// InvalidParameter and then changes nothing.
  void set_backup_supply(double nominal_ln_v, std::chrono::nanoseconds restart_delay);
  bool finite() const;
  /// State of charge against charge counted apart from the pack's own state.
  double soc_residual() const;
  double energy_residual_w() const;

 private:
  struct Input {
    MpptTracker tracker;
    const PvWeather* weather = nullptr;  ///< that it follows
    double cell_temperature_c;
    StraightRamp light{};  ///< W/m2, without weather
  };
  static constexpr double no_least_ac_w = -1e12;
  GridForming::Parameters forming_on_its_phases(const GridForming::Parameters& given) const;
  double mean_ln_v(const PhasePhasors& ln_v) const;
  /// What the grid code is about, stepped together.
  struct Interface {
    GridMeasurement measurement;
    InterfaceProtection protection;
    GridSupport support;
  };
  struct Allowance {
    double ac_ceiling_w = 1e12;
    double lowest_ac_w = -1e12;
    double reactive_var = 0.0;
    double least_ac_w = no_least_ac_w;  ///< frequency support upwards
  };

  void protect_itself();
  /// Measurement and protection; true: current may flow.
  bool watch_grid(double frequency_hz);
  Allowance ask_grid_code();
  /// Whether this step's plan is that of the step before, which was settled as planned: on the grid, with the same
  /// orders, sun and grid, and with nothing on its way. `same_offer`: PV offers what it did.
  bool repeats(double frequency_hz, bool same_offer);
  void take_flow(const Flow& flow);
  void transfer(bool may_follow, double terminal_pu);
  bool forms_site() const { return parameters_.site_forming && forming(); }
  bool ordered_to_form() const { return parameters_.site_forming && command_.form_site; }
  void hear_forming_order();
  void form_site(BusFeed feed);
  BackupReserve::Inputs reserve_now() const;
  /// The battery gives no more.
  void end_island();

  Parameters parameters_;
  std::size_t phases_;  ///< that it has, from L1 on
  std::chrono::nanoseconds step_;
  double step_s_ = 0.0;
  double step_h_ = 0.0;
  HybridInverter power_stage_;
  BatteryPack battery_;
  std::vector<Input> inputs_;
  std::optional<Interface> interface_{};
  std::optional<FrequencyShift> shift_{};
  std::optional<GridForming> forming_{};
  std::optional<BackupReserve> reserve_{};  ///< there with forming_
  std::chrono::nanoseconds since_transfer_{0};
  double healthy_angle_rad_ = 0.0;  ///< of L1 at the terminal, before it was lost
  double flowed_w_ = 0.0;
  double active_pu_ = 0.0;  ///< of rated power, AC injection of the last step
  // Squares of the voltages of the inverter's own protection.
  double stop_v2_ = 0.0;
  double lowest_return_v2_ = 0.0;
  double highest_return_v2_ = 0.0;
  bool stopped_itself_ = false;
  bool forming_ordered_ = false;  ///< in the last step
  Command planned_command_;
  double planned_hz_ = -1.0;  ///< below zero: no plan to repeat
  bool flow_moved_ = true;    ///< since the last plan
  bool repeated_ = false;     ///< the step under way
  Command command_;
  View view_;
  PhasePhasors emf_ln_v_{};
  double counted_soc_ = 0.0;  ///< from the charge that flowed, apart from the pack's own state
  double counted_capacity_ah_ = 0.0;
  double counted_soc_per_a_ = 0.0;  ///< change by one ampere in a step, at that capacity
};

}  // namespace hil::models
