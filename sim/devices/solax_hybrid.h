#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/devices/et_readings.h"
#include "sim/devices/solax_clock.h"
#include "sim/devices/solax_counters.h"
#include "sim/devices/solax_laws.h"
#include "sim/devices/solax_remote_control.h"
#include "sim/devices/solax_run_state.h"
#include "sim/devices/solax_settings.h"
#include "sim/devices/solax_units.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::sim {

struct SolaxStatus;
struct SolaxSystemGoal;

/// What a parallel system says of one of its inverters, told from outside; as built it stands alone.
struct SolaxParallel {
  enum class Role : unsigned char { single, master, slave };
  std::optional<Role> role{};  ///< by its cable; nullopt: as is set at it, from the next waiting on
  int units = 1;               ///< of the system
  bool fault = false;          ///< of the parallel system, one that stops it
  bool forms_island = false;   ///< the site is cut off the grid, and it is to be its voltage
  bool awaits_island = false;  ///< a backup interface will cut the site off: the loss of the grid is no fault
  bool joins_grid = false;     ///< the interface has the site on the grid, which was good for long enough
  double island_frequency_bias_hz = 0.0;  ///< of all that form the island, on top of nominal
  double island_voltage_pu = 1.0;         ///< likewise, of nominal
  /// By the system's energy manager, + leaves the inverter.
  struct Order {
    double ac_injection_w = 0.0;  ///< at its AC port
    double injection_var = 0.0;   ///< likewise
  };
  std::optional<Order> order{};  ///< nullopt: as it sees fit
};

/// Bits of the inverter's fault word that come from the plant (solax-parallel 11.2, X3).
enum class SolaxFault : unsigned char {
  grid_lost = 1,
  grid_voltage = 2,
  grid_frequency = 3,
  ten_minute_voltage = 7,
  off_grid_overload = 15,
  battery_low = 17,
  parallel = 21,
};

/// Firmware of a SolaX hybrid inverter of the fourth generation, which stands in for the A1-ESS-G2 (solax-parallel 0):
/// run mode, work modes, remote control, lock, and what it tells on its registers. It turns settings into orders to
/// its lane once a step and publishes everything by name; which register carries what stands in the map file.
///
/// What it does on the grid, the first that holds: the order of the parallel system's energy manager, which answers for
/// the export limit; a slave without one feeds nothing and stores its PV (assumed); remote control, of which a slave
/// takes none; the work mode. The export limit (the lower of user's and factory's) acts at the meter while that
/// answers, else on its own AC power; a slave's is that of its master.
///
/// It enters the grid itself after its checking or reconnection time; the delays of its lane's grid code are set to
/// zero for that, its window and trips stay. Without a code the window is 0.85..1.10 pu and 2.5 Hz about nominal
/// (assumed). Below half the voltage the grid is lost. It forms its backup island, or with forms_island the site's.
///
/// Operation LED: on and off for led_half_period, green, or red while any fault stands (document 002).
///
/// Supply that comes back: settings are kept, the lock is closed, remote control is forgotten; it answers after
/// boot_time (assumed). Means over 200 ms as EtReadings makes them (what this maker does is not public).
///
/// Peak shaving holds the limit of its window with the battery down to its reserve, and stores outside of the windows
/// (inferred).
///
/// Left out: time of use, generator, load management, EEPROM wear, self test, temperatures.
class SolaxHybrid {
 public:
  static constexpr std::chrono::milliseconds led_half_period{200};
  static constexpr std::chrono::seconds boot_time{10};
  static constexpr double wake_pv_w = 50.0;  ///< more than its own losses; assumed

  struct Identity {
    std::string serial = "H34A10HILB0001";  ///< up to 14 characters
    std::string maker = "SolaX Power";      ///< likewise
    std::string module = "X3-Hybrid-G4";    ///< likewise
    double rated_w = 0.0;                   ///< > 0
    double nominal_ln_v = 230.0;
    double nominal_hz = 50.0;
    bool split_phase = false;  ///< it has L1, L2 and N
    double dsp_version = 1.0;
    double arm_version = 1.0;
    double protocol_version = 36.0;  ///< of the map; from 100 on block 0xA0 has another layout
  };
  struct Settings {
    SolaxSettings::Values delivered{};
    bool has_meter = true;          ///< the site's meter or CT hangs on this unit
    bool takes_slave_role = false;  ///< the role slave may be written
    bool starts_in_service = true;  ///< else it checks the grid first
    SolaxClock::Instant clock_start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  };
  enum class FaultWord : unsigned char { inverter, manager, battery };

  /// Orders to and readings from one lane of the site. Throws std::invalid_argument for an identity out of bounds.
  SolaxHybrid(std::string name, models::Site& site, std::size_t lane, const Identity& identity,
              const Settings& settings);
  SolaxHybrid(const SolaxHybrid&) = delete;
  SolaxHybrid& operator=(const SolaxHybrid&) = delete;

  /// StepPhase::latch: settings become orders to the power stage.
  void latch(Time now);
  /// StepPhase::refresh: readings of the lane become published values.
  void refresh(Time now);

  void set_parallel(const SolaxParallel& parallel) { parallel_ = parallel; }
  const SolaxParallel& parallel() const { return parallel_; }
  /// Of the master: what a slave (0..8) says of itself, or that it is lost.
  void tell_slave(std::size_t slave, const std::optional<SolaxUnitValues>& values) { units_.tell(slave, values); }
  SolaxUnitValues unit_values() const;
  /// What it says of itself on CAN.
  SolaxStatus status() const;
  /// Of the master: what its settings and remote control ask of the whole system.
  SolaxSystemGoal system_goal() const;
  SolaxParallel::Role role() const;
  /// A cause is there, or gone. `for_good`: it takes a restart. Throws std::invalid_argument for a bit beyond 31.
  void set_fault(FaultWord word, unsigned bit, bool present, bool for_good = false);
  /// Something beside the parallel faults keeps it from running, the grid included: what its neighbours are told.
  bool has_own_fault() const { return has_condition() || grid_fault_ || fails_for_good_; }
  void set_meter_link(bool answers) { readings_.set_meter_link(answers); }
  /// What measures in the meter hangs: it answers, and its values stay as they are.
  void hold_meter(bool on) { readings_.hold_meter(on); }
  /// The site's meter or CT hangs on this unit from now on, or no longer.
  void set_has_meter(bool has) { readings_.set_has_meter(has); }
  bool meter_answers() const { return readings_.meter_answers(); }
  /// Its switches for grid, PV and battery together.
  void set_supply(bool on);
  bool has_supply() const { return has_supply_; }
  bool answers() const { return has_supply_ && now_ >= boots_until_; }

  SolaxRunState::Mode mode() const { return run_.mode(); }
  const DeviceFace& face() const { return face_; }
  /// Registers "<name>.<signal>" for all that a scenario may record: pv_w, battery_discharge_w, run_mode, faults, ...
  void register_signals(SignalRegistry& registry) const;
  /// What only some scenarios ask for: lock_state, countdown_s, remote_mode, parallel_role, led_on, led_colour.
  void register_details(SignalRegistry& registry) const;
  const std::string& name() const { return name_; }

 private:
  struct BatteryBounds {
    double charge_w = 0.0;
    double discharge_w = 0.0;
  };
  struct Grid {
    bool good = false;
    bool lost = false;
  };
  /// Of the present step.
  struct Live {
    double pv_w = 0.0;
    double pv_available_w = 0.0;
    double battery_discharge_w = 0.0;
    double battery_soc = 0.0;
    double battery_v = 0.0;
    double ac_injection_w = 0.0;
    models::PhaseValues voltage_ln_v{};
    double run_mode = 0.0;
    double led_on = 0.0;
    double led_colour = 0.0;  ///< 0 dark, 1 green, 2 red
  };
  /// For registers only.
  struct Shown {
    double countdown_s = 0.0;
    double parallel_role = 0.0;
    double inverter_faults = 0.0;
    double manager_faults = 0.0;
    double battery_faults = 0.0;
    double battery_state = 2.0;  ///< 0 discharging, 1 charging, 2 stopped
    double off_grid = 0.0;
    double bms_connected = 0.0;
    double soc = 0.0;
    double soh = 1.0;
    double max_charge_a = 0.0;
    double max_discharge_a = 0.0;
    double max_charge_w = 0.0;
    double max_discharge_w = 0.0;
    double capacity_wh = 0.0;
    double chargeable_wh = 0.0;
    double dischargeable_wh = 0.0;
    double remote_actual_w = 0.0;
    double remote_actual_var = 0.0;
    double remote_upper_w = 0.0;
    double remote_lower_w = 0.0;
    double remote_upper_var = 0.0;
    double remote_lower_var = 0.0;
    double soc_ceiling = 1.0;
    double soc_floor = 0.0;
    double battery_c = 0.0;
    double cell_max_c = 0.0;
    double cell_min_c = 0.0;
    double cell_max_v = 0.0;
    double cell_min_v = 0.0;
    double mppt_count = 0.0;
  };
  /// Frozen at the last fault.
  struct AtFault {
    double pv1_v = 0.0;
    double pv2_v = 0.0;
    double grid_v = 0.0;
    double grid_hz = 0.0;
    double battery_v = 0.0;
  };
  /// Means of the readings, by their names on the face.
  struct Means {
    std::array<const double*, models::phase_count> injection_w{};
    std::array<const double*, models::phase_count> injection_var{};
    std::array<const double*, models::phase_count> current_a{};
    std::array<const double*, SolaxUnitValues::pv_inputs> pv_w{};
    std::array<const double*, SolaxUnitValues::pv_inputs> pv_v{};
    std::array<const double*, SolaxUnitValues::pv_inputs> pv_a{};
    const double* battery_v = nullptr;
    const double* battery_discharge_a = nullptr;
    const double* battery_discharge_w = nullptr;
  };

  void follow_role();
  Grid grid() const;
  SolaxRunState::Inputs run_inputs(const BatteryBounds& battery) const;
  void note_fault(SolaxRunState::Mode before);
  SolaxFault grid_fault() const;
  double soc_floor() const;
  double soc_ceiling() const;
  BatteryBounds battery_bounds() const;
  std::optional<double> load_w() const;
  double ac_ceiling_w() const;
  SolaxOrder order(const BatteryBounds& battery) const;
  SolaxOrder work_mode_order(const SolaxSituation& here) const;
  SolaxOrder peak_shaving_order(const SolaxSituation& here) const;
  SolaxOrder remote_order(const SolaxRemoteControl::Order& remote, SolaxSituation here) const;
  void give_order(const BatteryBounds& battery);
  bool has_condition() const;
  bool is_slave() const { return role() == SolaxParallel::Role::slave; }
  bool tripped() const { return lane_view_.operation == models::Operation::tripped; }
  std::uint32_t inverter_faults() const;
  void restart();

  void publish_face();
  void publish_identity();
  void publish_state();
  void publish_battery();
  void publish_actions();
  void find_means();
  void count_energies(Time now);
  void show_state();
  void show_remote();
  void show_battery();
  void show_led(Time now);

  std::string name_;
  models::Site& site_;
  std::size_t lane_;
  const models::Site::LaneView& lane_view_;
  Identity identity_;
  Settings settings_;
  DeviceFace face_;
  EtReadings readings_;
  SolaxClock clock_;
  SolaxCounters counters_;
  SolaxSettings set_;
  SolaxRemoteControl remote_;
  SolaxRunState run_;
  SolaxUnits units_;
  SolaxParallel parallel_;
  Means means_;

  Time now_{0};
  Time counted_until_{0};
  Time boots_until_{0};
  bool has_supply_ = true;
  bool rests_ = false;
  bool knows_trip_ = false;    ///< of the lane: it stays one until that enters the grid again
  double role_setting_ = 0.0;  ///< in force
  std::array<std::uint32_t, 3> conditions_{};
  bool fails_for_good_ = false;
  std::optional<SolaxFault> grid_fault_{};
  Live live_;
  Shown shown_;
  AtFault at_fault_;
};

}  // namespace hil::sim
