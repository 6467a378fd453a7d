#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "models/site/site.h"
#include "sim/devices/demand_response.h"
#include "sim/devices/device_face.h"
#include "sim/devices/eco_groups.h"
#include "sim/devices/ems_law.h"
#include "sim/devices/et_alarm_words.h"
#include "sim/devices/et_clock.h"
#include "sim/devices/et_counters.h"
#include "sim/devices/et_grid_code.h"
#include "sim/devices/et_readings.h"
#include "sim/devices/freeze_machine.h"
#include "sim/devices/pv_collapse.h"
#include "sim/devices/supplied_battery.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::sim {

/// Firmware of a GoodWe ET hybrid inverter: modes, limits, time groups, and what it tells on its registers. It turns
/// settings into the power stage's orders once a step and publishes everything by name; which register carries what
/// stands in the map file.
///
/// What it does now, the first that holds: stopped (EMS mode 255, demand response 0, restart); forced charge at a low
/// SOC (47531), fast charge (47545); the EMS mode (47511, see ems_order()); in EMS mode 1 the work mode (47000): self
/// use, off grid, backup (as 6, from the grid too when 47605 allows), economic (time groups, else self use), peak
/// shaving, advanced self use.
///
/// The export limit (47509/47510) acts at the inverter's own meter while that answers, else on all its AC power, backup
/// included (what it does without a meter is not public: assumed). The SOC floor (45356, off the grid 45358) holds
/// unless SOC protection is off (47500). Reactive power follows the fixed power factor (45482) or, where that is set,
/// the share of the rating (45483); + and "lagging" inject (assumed). 35187 goes wait, self check for the last
/// `self_check` of the grid code's delay, on grid; or fault.
///
/// Its own serial port takes another address (45127) or baud (45132) `serial_change` after the write, so that the reply
/// still goes out as the master asked (when is not public: assumed). The load contact is closed by 47596 in mode 1 of
/// 47595, in mode 2 by time groups of the types "dry contact" and, by PV that is left over at the own meter, "smart dry
/// contact"; open in mode 0 and while SOC is below 47597 (assumed).
/// 45256 is the delay of a start of the backup port after a stop, not of its seamless transfer (assumed), 45257 its
/// voltage. While the link to its DSP is lost, orders and readings stay as they were and energies stand still
/// (assumed).
///
/// Unbalanced output (45264, in force after a restart or with supply again) gives each phase what it consumes at the
/// own meter beside an equal share of what is exchanged there: three equal phases at the meter, as far as the current
/// of a phase and its limit (45492..45494, of a third of the rating) allow; what one phase may not give the others
/// give. Without that meter it knows no phases and feeds all alike, within those limits. How the firmware shares, and
/// what a limit is a share of, is not public: assumed.
///
/// At night it sleeps: after `sleep_after` without sun (below wake_pv_w), with a battery that may not discharge and is
/// not to be charged, its relay opens and it draws standby. It answers meanwhile, and wakes with the first of these
/// (assumed).
///
/// Without supply (its switches off) it gives and takes nothing and answers nobody. With supply again it answers after
/// `boot_time` and connects after `restart_time`, settings as they were, EMS mode and power as delivered: that these
/// two are not kept is inferred (11), the times are assumed.
///
/// Left out: a second battery; a supply that fails by itself, as at night without grid and battery.
class GoodweEt {
 public:
  static constexpr double forced_charge_w = 1000.0;         ///< 47531: "about 1 kW" (6.4)
  static constexpr std::chrono::seconds self_check{10};     ///< assumed
  static constexpr std::chrono::seconds restart_time{30};   ///< 45221; assumed
  static constexpr std::chrono::seconds reconnect_time{1};  ///< 45220: off the grid for so long; assumed
  static constexpr std::chrono::seconds boot_time{10};      ///< with supply again, until it answers; assumed
  static constexpr std::array backup_voltages_v{208.0, 220.0, 240.0, 230.0};  ///< 45257; line to neutral: assumed
  static constexpr double wake_pv_w = 50.0;                                   ///< more than its own losses; assumed
  /// Longer than any reply to a write takes at 1200 baud.
  static constexpr std::chrono::milliseconds serial_change{500};

  struct Identity {
    std::string serial = "9010KETU22AW0001";  ///< 16 characters
    std::string model = "GW10K-ET";           ///< up to 10
    double rated_w = 0.0;                     ///< > 0
    double dsp_version = 10.0;
    double arm_version = 23.0;
  };
  using ExportLimitFreeze = FreezeMachine::Parameters;
  using FreezeState = FreezeMachine::State;

  /// Of its RS485 port (goodwe-et-modbus 6.1).
  struct SerialPort {
    double address = 247.0;  ///< 45127: 1..247, whole
    double baud = 9600.0;    ///< 45132: 1200, 2400, 4800, 9600, 19200, 38400, 57600 or 115200
    bool operator==(const SerialPort&) const = default;
  };

  /// Settings as they stand when the inverter is switched on; a master may write them later.
  struct Settings {
    double soc_floor = 0.1;                 ///< 45356, 0..1
    double battery_max_charge_a = 25.0;     ///< 45353, 0..100
    double battery_max_discharge_a = 25.0;  ///< 45355
    bool own_meter = false;                 ///< a meter of its own beside the site's; not in a SEC1000 system
    bool unbalanced_output = false;         ///< 45264, in force from the start
    std::optional<Time> sleep_after{};      ///< nullopt: it never sleeps
    bool ripple_control = false;            ///< a ripple-control receiver hangs on it instead of a DRED
    SerialPort serial_port{};
    EtClock::Instant clock_start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  };
  /// What some firmware does beside the maker's word.
  struct Quirks {
    std::optional<ExportLimitFreeze> export_limit_freeze{};
    std::optional<PvCollapse::Parameters> pv_collapse{};
    double export_limit_shared_by = 1.0;        ///< the export limit is taken for that of so many inverters
    bool serial_settings_need_restart = false;  ///< 45127 and 45132 count after 45221 only
    std::optional<Time> set_points_expire{};    ///< back to EMS mode 1 without a write of 47511 or 47512 for so long
  };

  /// Orders to and readings from one lane of the site. Throws std::invalid_argument for an identity or a setting out
  /// of bounds.
  GoodweEt(std::string name, models::Site& site, std::size_t lane, const Identity& identity, const Settings& settings,
           const Quirks& quirks);
  GoodweEt(const GoodweEt&) = delete;
  GoodweEt& operator=(const GoodweEt&) = delete;

  /// StepPhase::latch: settings become orders to the power stage.
  void latch(Time now);
  /// StepPhase::refresh: readings of the lane become published values (200 ms means are made here).
  void refresh(Time now);
  /// The link to its own meter.
  void set_meter_link(bool answers) { readings_.set_meter_link(answers); }
  /// The link of its communication processor to the DSP that moves the power.
  void set_dsp_link(bool answers);
  /// A bit of its alarm words stands, or no longer, beside what the plant raises. `stops`: as long as it stands, the
  /// inverter is stopped as by 47511 = 255 and shows a fault (35187).
  void raise_alarm(const EtAlarmBit& bit, bool stops, bool stands);
  /// 45264, as an installer's program writes it.
  void set_unbalanced_output(bool on) { set_.unbalanced_output = on ? 1.0 : 0.0; }
  /// Its switches for grid, PV and battery together.
  void set_supply(bool on);
  bool supplied() const { return has_supply_; }
  /// It has supply and has booted.
  bool answers() const { return has_supply_ && now_ >= boots_until_; }
  /// What its RS485 port runs at now.
  const SerialPort& serial_port() const { return serial_port_; }
  /// 1: its relay for a controlled load is closed.
  const double& load_contact() const { return load_contact_; }

  const DeviceFace& face() const { return face_; }
  /// Registers "<name>.<signal>" for all that a scenario may record: pv_w, battery_discharge_w, battery_soc,
  /// ac_injection_w, pv_available_w, export_limit_w, ems_mode, freeze_state, ... They show the present step.
  void register_signals(SignalRegistry& registry) const;
  /// What only some scenarios ask for: work_mode, errors, diagnostics, bms_alarms, bms_warnings, each as its register
  /// says; load_contact.
  void register_details(SignalRegistry& registry) const;
  const std::string& name() const { return name_; }

 private:
  /// What it is to do, whoever said so.
  struct Demand {
    EmsMode mode = EmsMode::automatic;
    double power_w = 0.0;
    std::optional<double> peak_w{};  ///< peak shaving in the place of the mode
    double peak_soc = 0.0;
    double shift_w = 0.0;  ///< of the exchange that self use holds, + exports
    bool scheduled = false;
    bool forced = false;
  };
  struct BatteryBounds {
    double charge_w = 0.0;
    double discharge_w = 0.0;
  };
  Demand demand();
  Demand work_mode_demand() const;
  Demand group_demand(const EcoGroups::Order& order) const;
  void let_set_points_expire(Time now);
  void change_serial_port(Time now);
  void move_load_contact();
  bool smart_contact_closes();
  void hand_over_backup_supply();
  void follow_forced_charge();
  bool sleeps(Time now, const BatteryBounds& battery, double battery_request_w);
  bool running(const DemandResponse::Bounds& response, Time now) const;
  double soc() const;
  double ac_ceiling_w(const DemandResponse::Bounds& response) const;
  /// The most that leaves the port by settings alone, for the freeze.
  double settled_ceiling_w() const;
  double pv_ceiling_w(Time now, const Demand& demand, bool running);
  /// What the mode asks of the AC port, for the freeze.
  FreezeMachine::Orders freeze_orders(const Demand& demand) const;
  EmsSituation situation(const Demand& demand, const DemandResponse::Bounds& response, double pv_allowed_w) const;
  BatteryBounds battery_bounds() const;
  double soc_floor_now() const;
  double reactive_injection_var() const;
  models::PhaseValues unbalance_w() const;
  models::PhaseValues phase_limits_w() const;

  void publish_face();
  void publish_settings();
  void publish_battery_settings();
  void publish_port_settings();
  void publish_state(Time now);
  void publish_battery();
  double work_mode_now() const;
  EtAlarmWords::Firmware firmware_state() const;
  bool stopped_by_alarm() const;

  /// The present step, for the signal registry.
  struct Live {
    double pv_w = 0.0;
    double pv_available_w = 0.0;
    double battery_discharge_w = 0.0;
    double battery_soc = 0.0;
    double battery_v = 0.0;
    double ac_injection_w = 0.0;
    double freeze_state = 0.0;
    models::PhaseValues voltage_ln_v{};
  };
  struct Battery {
    double mode = 0.0;
    double soc = 0.0;
    double soh = 1.0;
    double modules = 0.0;
    double max_charge_a = 0.0;
    double max_discharge_a = 0.0;
    double temperature_c = 0.0;
    double cell_max_c = 0.0;
    double cell_min_c = 0.0;
    double cell_max_v = 0.0;
    double cell_min_v = 0.0;
  };
  /// What a master may write and no part of its own keeps. Ratios run 0..1.
  struct Registers {
    double work_mode = 0.0;              ///< 47000
    double export_limit_enabled = 0.0;   ///< 47509
    double export_limit_w = 0.0;         ///< 47510
    double ems_mode = 1.0;               ///< 47511
    double ems_power_w = 0.0;            ///< 47512
    double active_power_limit = 1.0;     ///< 45484, share of the rating
    double power_factor_code = 100.0;    ///< 45482
    double reactive_share = 0.0;         ///< 45483, + injects
    double floor_protection_off = 0.0;   ///< 47500
    double soc_floor_off_grid = 0.1;     ///< 45358
    double soc_ceiling = 1.0;            ///< 47760
    double max_charge_v = 0.0;           ///< 45352
    double min_discharge_v = 0.0;        ///< 45354
    double min_off_grid_v = 0.0;         ///< 45357
    double forced_from_soc = 0.05;       ///< 47531
    double forced_to_soc = 0.10;         ///< 47532
    double fast_charge = 0.0;            ///< 47545
    double fast_charge_soc = 1.0;        ///< 47546
    double fast_charge_share = 1.0;      ///< 47603
    double peak_import_w = 0.0;          ///< 47542
    double peak_soc = 0.0;               ///< 47544
    double backup_enabled = 1.0;         ///< 45252
    double backup_autostart = 1.0;       ///< 45253
    double backup_start_delay_s = 30.0;  ///< 45256
    double backup_voltage_code = 3.0;    ///< 45257
    double unbalanced_output = 0.0;      ///< 45264
    /// 45492..45494, of a third of the rating each; count while unbalanced output is in force (assumed)
    models::PhaseValues phase_power_limit{1.0, 1.0, 1.0};
    double backup_from_grid = 0.0;   ///< 47605
    double backup_grid_share = 0.0;  ///< 47606
    double shift_export_w = 0.0;     ///< 47120
    double fall_back = 0.0;          ///< 47117
    double fall_back_s = 600.0;      ///< 47118
    double load_control = 0.0;       ///< 47595
    double load_control_on = 0.0;    ///< 47596
    double load_control_soc = 0.0;   ///< 47597
    SerialPort serial_port{};        ///< 45127, 45132
  };

  std::string name_;
  models::Site& site_;
  std::size_t lane_;
  const models::Site::LaneView& lane_view_;
  Identity identity_;
  Settings settings_;
  std::optional<FreezeMachine> freeze_;
  std::optional<PvCollapse> pv_collapse_;
  std::optional<Time> set_points_expire_;
  bool serial_settings_need_restart_;
  double limit_share_;
  DeviceFace face_;
  EtReadings readings_;
  EtClock clock_;
  EcoGroups groups_;
  EtCounters counters_;
  DemandResponse demand_response_;
  SuppliedBattery supplied_;
  EtAlarmWords alarm_words_;
  EtGridCode grid_code_;

  std::string dsp_name_;
  std::string arm_name_;
  Registers set_;
  Time now_{0};
  Time last_order_{0};  ///< write of 47511 or 47512
  Time restarts_until_{0};
  Time boots_until_{0};
  Time counted_until_{0};   ///< energies
  SerialPort serial_port_;  ///< in force
  std::optional<Time> serial_change_at_{};
  double load_contact_ = 0.0;
  double unbalanced_output_ = 0.0;  ///< in force
  Time contact_least_until_{0};     ///< the load at the contact has been on for its least time
  bool dsp_answers_ = true;
  bool has_supply_ = true;
  bool backup_delay_written_ = false;    ///< 45256, not yet handed to the lane
  bool backup_voltage_written_ = false;  ///< 45257, likewise
  bool forced_charge_ = false;
  bool running_ = true;
  double asleep_ = 0.0;        ///< 1: it sleeps
  Time needed_until_{0};       ///< it had something to do
  double to_connect_s_ = 0.0;  ///< at the last publication
  bool grid_returns_ = false;  ///< the delay of the grid code runs down
  Demand demand_;
  EtAlarmWords::Words raised_alarms_{};
  EtAlarmWords::Words stopping_alarms_{};  ///< likewise raised, of those that stop

  Live live_;
  Battery battery_;
  double grid_mode_ = 0.0;
  double work_mode_ = 0.0;
};

}  // namespace hil::sim
