#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "models/site/site.h"
#include "sim/devices/pcs_battery.h"
#include "sim/devices/pcs_power.h"
#include "sim/devices/pcs_support.h"
#include "sim/devices/pws2_faults.h"
#include "sim/devices/pws2_grid_code.h"
#include "sim/devices/pws2_state.h"
#include "sim/devices/storage_converter.h"

namespace hil::sim {

/// Firmware of a Sinexcel PWS2-30K, the second register world: one battery, one lane. Facts: sinexcel-pcs-modbus 10,
/// 12, 13, 14; what these leave open is said here.
///
/// Once a step the faults (Pws2Faults) and the state (Pws2State) move, and while it runs a set point becomes an order:
///
///   set point -> capacity limit -> rating -> Volt-Watt, Freq-Watt -> ramps -> battery limits
///
/// Reactive power by mode: constant Q, Volt-VAr, constant PF, Watt-PF (a curve of |P| in parts of rated power; between
/// two points the way from unity goes straight). P comes first. The curves are those of PcsSupport, set by registers;
/// V1..V4 of Volt-VAr are parts of its reference voltage. Freq-Watt takes its slope (869, in Pn/Hz) of rated power off
/// a set point that discharges, not of the set point as the maker's example for the 53xxx world does; Volt-Watt has its
/// share of what that leaves.
///
/// Grid: the choice of a code sets trips, ride-through, ramps and window anew, when it changes; the same choice again
/// leaves what was written since. Trips are those of the lane's relay. A start waits until voltage and frequency are
/// in the window, with the grid check on also until they have been for the reconnect delay; after a trip that delay
/// counts in any case. Off the grid voltage and frequency are not watched.
///
/// Watchdogs: that of the EMS is armed by the first request since power-up, any request feeds it; expired it is a fault
/// like others, to be cleared by a master. That of the BMS counts from when its silence begins; the bench's BMS is
/// heard all the time unless a scenario has the bit for its timeout set. 0: off.
///
/// DC: no contactor of the battery, or a voltage below `lowest_dc_v`, is under-voltage; above the upper limit of the
/// battery is over-voltage. The lower limit ends discharge until the hysteresis above it; off the grid it is "energy
/// low". The topping voltage is held until the current is below that for float: full.
///
/// Standby leaves the relays closed and stops switching; 30 ms after its end power is where set point and curves have
/// it, without soft start, which is a matter of starts. Reset stops the unit, which is silent and then as after
/// power-up. Supply that comes back: settings are kept, faults forgotten. Grid stop is a stop while grid-tied. A 0 to a
/// command, or to a mode that does not hold, is answered and means nothing, whatever the state.
///
/// Registers without a name here are constants of the map: kept without effect when they may be written. Left out:
/// local mode, parallel groups, DRM, derating by temperature, phase-jump detection (a scenario may have the bit set),
/// the difference between DC bus halves, first-order filter of Volt-VAr, Freq-Watt below nominal and of charge.
class SinexcelPws2 final : public StorageConverter {
 public:
  struct Rating {
    std::string model = "PWS2-30K";  ///< up to 32 characters
    std::string serial;              ///< up to 16
    double rated_w = 30e3;           ///< > 0
    double max_dc_a = 90.0;          ///< > 0
    double nominal_ln_v = 230.0;
    double nominal_hz = 50.0;
  };
  /// As they stand when it is switched on; a master may write most of them later.
  struct Settings {
    /// end_of_discharge_v and end_of_charge_a have no register: lower_limit_v and topping_to_float_a stand in.
    PcsBattery::Limits battery;
    int modbus_address = 1;                     ///< 1..247
    int baud = 9600;                            ///< 9600 or 19200
    double upper_limit_v = 0.0;                 ///< >= topping_v
    std::size_t grid_code = 0;                  ///< as register 800, 0..6
    std::optional<double> reconnect_delay_s{};  ///< without: that of the code
    bool wrong_state_is_exception = false;      ///< a command that the state forbids: exception 04, not an echo
    bool starts_by_itself = false;
    double frequency_bias_hz = 0.0;  ///< -5..5
    /// slope_per_hz of Freq-Watt: of rated power.
    PcsSupport::Parameters support{};
  };
  static constexpr double lowest_dc_v = 130.0;  ///< the bounds of the battery's voltages
  static constexpr double highest_dc_v = 830.0;
  static constexpr double longest_response_s = 327.67;  ///< of a curve: 0.01 s in a signed register
  /// What of these curves no register can show, for a message; empty: nothing.
  static std::string beyond_registers(const PcsSupport::Parameters& support);
  /// Whether its port can have it (320).
  static bool has_baud(int baud) { return baud == 9600 || baud == 19200; }

  /// `lane` of the site must have a grid code. Throws std::invalid_argument for what is out of bounds.
  SinexcelPws2(std::string name, models::Site& site, std::size_t lane, const Rating& rating, const Settings& settings);

  void latch(Time now) override;
  void refresh(Time now) override;
  void set_fault(PcsFault fault, std::size_t string, bool present) override;
  /// The cause behind one bit of a fault or alarm word is there, or gone. Throws std::invalid_argument for a word that
  /// it does not have.
  void set_condition(int word, unsigned place, bool present);
  void set_supply(bool on) override;
  bool answers() const override { return has_supply_ && !restarts_; }
  /// -5..5, as the register.
  void set_frequency_bias_hz(double bias_hz) override;
  /// A request reached it, whatever becomes of it.
  void hear(Time now);

  const std::string& name() const override { return name_; }
  const DeviceFace& face() const override { return face_; }
  Pws2State::State state() const { return state_.state(); }
  void register_signals(SignalRegistry& registry) const override;
  void register_details(SignalRegistry& registry) const override;

 private:
  /// What a master may write and something follows from, beside grid settings and battery limits.
  struct Registers {
    double modbus_address = 1.0;
    double baud_code = 1.0;  ///< 0: 19200, 1: 9600
    double set_discharge_w = 0.0;
    double reactive_power_var = 0.0;
    double voltage_bias = 0.0;  ///< of rated
    double frequency_bias_hz = 0.0;
    double ems_watchdog_s = 5.0;
    double bms_watchdog_s = 0.0;   ///< its default is not public
    double emergency_input = 1.0;  ///< 0 none, 1 EPO, 2 DRM0; the default is not public
    double begins_off_grid = 0.0;
    double grid_tied_mode = 1.0;  ///< with off_grid_mode a pair that excludes itself
    double off_grid_mode = 0.0;
    double standby = 0.0;
    double grid_code = 0.0;
    double anti_islanding = 1.0;
    double reactive_mode = 0.0;  ///< 0 Q, 1 Volt-VAr, 2 PF, 3 Watt-PF
    double active_mode = 0.0;
    double unbalance_detection = 1.0;
    double long_overvoltage_detection = 0.0;
    double grid_check = 1.0;
    double neutral_detection = 1.0;
    double capacity_limited = 0.0;
    double capacity_pu = 1.0;
    double starts_by_itself = 0.0;
    double volt_var_reference_pu = 1.0;
    std::array<double, 4> volt_var_pu{};                          ///< of the reference
    std::array<double, 4> volt_var_reactive_pu{};                 ///< the first two capacitive, the others inductive
    double power_factor = 1.0;                                    ///< - inductive
    std::array<double, 4> watt_pf_power_pu{0.0, 0.25, 0.5, 1.0};  ///< ascending; not public
    std::array<double, 4> watt_pf_factor{1.0, 1.0, 1.0, -0.9};    ///< - inductive; not public
    double ten_minute_pu = 1.10;
    double rate_of_change = 0.0;  ///< 0 off, 1: 0.125 Hz/s, 2: 0.2 Hz/s
  };
  struct Counter {
    double shown = 0.0;  ///< since the last reset
    double total = 0.0;
    double at_reset = 0.0;
    void count() { shown = total - at_reset; }
    void reset() { at_reset = total; }
  };
  struct Counters {
    Counter ac_discharge_wh, ac_charge_wh, reactive_varh, dc_charge_wh, dc_discharge_wh;
  };
  struct Phase {
    double active_w = 0.0;
    double reactive_var = 0.0;
    double apparent_va = 0.0;
    double power_factor = 1.0;
    double current_a = 0.0;
    double voltage_ln_rms_v = 0.0;
    double voltage_ll_rms_v = 0.0;  ///< to the next phase
  };
  struct Readings {
    double state = 0.0;
    double running = 0.0;
    double faulty = 0.0;
    double warning = 0.0;
    double status_bits = 0.0;
    double system_bits = 0.0;
    double dc_bits = 0.0;
    std::array<double, Pws2Faults::word_count> words{};
    double sunspec_state = 1.0;
    std::array<Phase, 3> phases{};
    Phase total{};  ///< its current: the sum
    double frequency_hz = 0.0;
    double battery_discharge_w = 0.0;
    double battery_discharge_a = 0.0;
    double battery_v = 0.0;
    double behind_dc_relay_v = 0.0;
    double battery_soc = 0.0;
    double full = 0.0;
    double allowed_charge_a = 0.0;
    double allowed_discharge_a = 0.0;
    double voltage_level = 1.0;    ///< 0: 380 V, 1: 400 V, 2: 480 V
    double frequency_level = 0.0;  ///< 0: 50 Hz, 1: 60 Hz
    double power_level = 2.0;      ///< 0..3: 10, 20, 30, 29 kW
  };

  const models::Site::LaneView& lane() const { return site_.lane(lane_); }
  bool grid_in_window() const;
  void watch_grid(double step_s);
  void watch_trips();
  void watch_dc();
  void watch_masters(Time now);
  void boot(Time now);
  void move_state(Time now);
  void advance_power(double step_s);
  double set_point_w() const;
  double active_share() const;
  double reactive_var() const;
  double power_factor_var(double factor) const;
  double watt_pf() const;
  void order();
  void order_off_grid(models::Site::LaneCommand& command) const;

  void choose_grid_code();
  void follow_grid_settings();
  void follow_support();
  void follow_limits();
  void follow_modes();
  void take_modes(bool off_grid);
  void deliver();
  PcsSupport::Parameters written_support() const;

  DeviceFace::Reception receive_order(bool carried_out);
  void publish_face();
  void publish_port();
  void publish_set_points();
  void publish_watchdogs();
  void publish_commands();
  void publish_command(const std::string& name, bool (SinexcelPws2::*may)() const, void (SinexcelPws2::*act)());
  void receive_where(std::function<bool()> may);
  void publish_modes();
  void publish_trips();
  void publish_grid_choices();
  void publish_battery();
  void publish_curves();
  void publish_power_factors();
  void publish_status();
  void publish_readings();
  void publish_counters();
  bool may_start() const;
  bool may_always() const { return !state_.initialising(); }
  bool may_deliver() const { return state_.phase() == Pws2State::Phase::stopped; }
  void start();
  void stop() { state_.stop(); }
  void clear_faults();
  void restart() { restarts_ = boots_ = true; }
  void stop_on_grid();
  void show_power();
  void show_status();
  void show_battery();
  void count_energy(double step_s);

  std::string name_;
  models::Site& site_;
  std::size_t lane_;
  Rating rating_;
  Settings settings_;
  Pws2State state_;
  Pws2Faults faults_;
  PcsSupport support_;            ///< by voltage
  PcsSupport frequency_support_;  ///< Freq-Watt, whose share is of rated power
  PcsBattery::Limits limits_;
  double upper_limit_v_ = 0.0;
  PcsBattery battery_;
  PcsPower power_;
  DeviceFace face_;
  Registers set_;
  Pws2GridSettings grid_;
  PcsSupport::Parameters curves_;  ///< what of them has a register of the same kind
  Counters counters_;
  Readings shown_;
  Time now_{0};
  Time shown_at_{0};
  Time heard_at_{0};
  bool heard_ = false;  ///< since power-up
  Time bms_silent_since_{0};
  bool bms_silent_ = false;
  bool has_supply_ = true;
  bool boots_ = false;     ///< supply came back since the last step
  bool restarts_ = false;  ///< by order; silent until the self test is done
  bool may_autostart_ = true;
  bool ran_ = false;
  bool feeds_ = false;      ///< its power stage switches, or did when it began to stop
  bool lost_grid_ = false;  ///< by a trip, and has not been back on it
  bool derates_ = false;
  bool had_fault_ = false;
  std::optional<Pws2Bit> trip_{};
  double voltage_pu_ = 1.0;
  double above_nominal_hz_ = 0.0;
  double grid_good_s_ = 1e9;
  double chosen_code_ = 0.0;  ///< whose settings were taken last
  double address_in_force_ = 1.0;
  double asked_ = 0.0;  ///< value of the write under way
  double ignored_writes_ = 0.0;
};

}  // namespace hil::sim
