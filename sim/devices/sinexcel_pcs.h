#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/devices/pcs_battery.h"
#include "sim/devices/pcs_power.h"
#include "sim/devices/pcs_state.h"
#include "sim/devices/pcs_support.h"
#include "sim/devices/pcs_writes.h"
#include "sim/devices/storage_converter.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::sim {

/// Firmware of a Sinexcel storage converter of the 53xxx world: PWS1 with one string, PWS1 multi-string with up to
/// eight, PWG2 (one string and a PV input). Each string is a lane of the site; all of them are at one bus. Facts:
/// sinexcel-pcs-modbus 1..11, 15, 16.
///
/// Once a step the state machine (PcsState) moves, and for each string that runs a set point becomes an order:
///
///   set point -> rating circle -> Volt-Watt, Freq-Watt -> ramps -> battery limits
///
/// AC dispatch: total P and Q, an equal part to each string that may take or give in that direction, none above its
/// part of the rating. String dispatch: each its own P; Q only with `string_reactive`. DC dispatch: current or power of
/// each battery, AC follows. Another dispatch (53601) while running begins when all powers have gone to zero at the
/// normal ramp rate. P comes first: Q gets what it leaves of the rating.
/// Off the grid the strings form the voltage of their bus, and nothing but the battery limits acts on their power.
/// While that bus has another voltage, the grid's for one, the start waits with a warning (assumed).
///
/// Trips are those of the lanes' grid code. Reconnecting is the PCS's: its delay (53624) runs from when voltage and
/// frequency are back in the code's window (without a code 0.85..1.10 pu, -2.5..+0.5 Hz), and acts on a start as well,
/// so that the lanes' own delays and ramps are set to nothing. The delay begins as the code has it. With
/// latch_grid_faults a trip latches instead.
///
/// A trip within that window, which some codes have, waits for the delay as well.
/// Off the grid a string whose bus has another voltage, or that gave up (overload, empty battery, overvoltage), is not
/// running: it warns, until it begins again by itself or is stopped.
///
/// A scenario begins with the PCS stopped, its self test long done and the grid good for long; with starts_by_itself it
/// starts in the first step and after each power-up. Supply that comes back: init for 10 s, settings kept, latches
/// forgotten (assumed).
///
/// A write that the table of section 4.1 forbids is answered and forgotten, and counted (ignored_writes).
///
/// All eight places have registers for whichever map; one without a string keeps its settings and takes no order.
///
/// Kept without effect: precharge, float and transition current, start of discharge, ride-through switch (the grid code
/// decides). The anti-islanding switch (53631) acts where the lanes have a detection. Left out: derating by
/// temperature, local mode.
class SinexcelPcs final : public StorageConverter {
 public:
  static constexpr std::size_t max_strings = PcsState::max_strings;

  struct Rating {
    std::string model = "PWS1-500KTL-NA";  ///< up to 32 characters
    double rated_w = 0.0;                  ///< > 0, of all inputs together
    std::size_t inputs = 1;                ///< for strings, used or not; 1..8
    double max_string_a = 0.0;             ///< > 0, DC, of each string
    double nominal_ln_v = 230.0;
    double nominal_hz = 50.0;
  };
  /// Of the battery at one string, as they stand when the PCS is switched on; a master may write them later.
  using StringLimits = PcsBattery::Limits;
  struct Settings {
    std::vector<StringLimits> strings;          ///< one for each lane
    bool latch_grid_faults = false;             ///< a trip by voltage or frequency latches like any other fault
    bool string_reactive = false;               ///< total Q may be set in string dispatch
    bool wrong_state_is_exception = false;      ///< a write that the state forbids: exception 04 instead of an echo
    bool starts_by_itself = false;              ///< after power-up, when nothing is wrong
    double frequency_bias_hz = 0.0;             ///< off the grid; its register is unassigned; -10..10
    std::optional<double> reconnect_delay_s{};  ///< 0..3600; without: that of the grid code, else 50 s
    PcsSupport::Parameters support{};           ///< curves: no register of theirs is public
  };

  /// `strings`: lanes of the site, one to eight. Throws std::invalid_argument for what is out of bounds.
  SinexcelPcs(std::string name, models::Site& site, std::vector<std::size_t> strings, const Rating& rating,
              const Settings& settings);

  void latch(Time now) override;
  void refresh(Time now) override;
  void set_fault(PcsFault fault, std::size_t string, bool present) override;
  void set_supply(bool on) override;
  bool answers() const override { return has_supply_; }
  /// In the stead of a register; -10..10.
  void set_frequency_bias_hz(double bias_hz) override;

  const std::string& name() const override { return name_; }
  const DeviceFace& face() const override { return face_; }
  PcsState::State state() const { return state_.state(); }
  void register_signals(SignalRegistry& registry) const override;
  void register_details(SignalRegistry& registry) const override;

 private:
  /// What a master may write, beside the battery limits.
  struct Registers {
    double off_grid = 0.0;                ///< 53600
    double dispatch = 0.0;                ///< 53601
    double reactive_mode = 0.0;           ///< 53620
    double power_factor = 1.0;            ///< 53621, - inductive
    double set_discharge_w = 0.0;         ///< 53622, + discharges
    double reactive_power_var = 0.0;      ///< 53623, + capacitive
    double reconnect_delay_s = 50.0;      ///< 53624
    double normal_ramp = 2.0;             ///< 53625, of rated power per second
    double soft_start_ramp = 1.0;         ///< 53626
    double ride_through = 1.0;            ///< 53627
    double voltage_factor = 1.0;          ///< 53628
    double power_change_mode = 1.0;       ///< 53629: 1 ramp
    double ground_fault_detection = 1.0;  ///< 53630
    double anti_islanding = 1.0;          ///< 53631
    double off_grid_start = 0.0;          ///< 53635: 1 slow
    double active_mode = 0.0;             ///< 53636
  };
  struct StringRegisters {
    double dc_mode = 0.0;
    double dc_current_a = 0.0;
    double dc_power_w = 0.0;
    double start_of_discharge_v = 0.0;
    double precharge_v = 0.0;
    double precharge_to_fast_v = 0.0;
    double precharge_time_s = 0.0;
    double max_precharge_a = 0.0;
    double set_discharge_w = 0.0;
  };
  struct StringReadings {
    double state = 0.0;  ///< 0 stopped, 1 running, 2 fault
    double full = 0.0;
    double ac_injection_w = 0.0;
    double battery_discharge_w = 0.0;
    double battery_discharge_a = 0.0;
    double battery_v = 0.0;
    double battery_soc = 0.0;
    double battery_c = 0.0;
    double state_bits = 0.0;  ///< bench-assigned: 0 runs, 9 warning, 10 fault
  };
  struct Readings {
    double state = 0.0;
    double running = 0.0;
    double fault_latched = 0.0;
    double warning = 0.0;
    double status_word = 0.0;  ///< 53010
    double event_word = 0.0;   ///< 53011
    double ac_injection_w = 0.0;
    double ac_injection_var = 0.0;
    double ac_injection_va = 0.0;
    double power_factor = 1.0;
    double battery_discharge_w = 0.0;
    std::array<double, 3> voltage_ll_rms_v{};
    std::array<double, 3> current_a{};
    double frequency_hz = 0.0;
    std::array<double, 2> fault_words{};  ///< bench-assigned: as 36 and 37 of profile B
  };
  struct String {
    std::size_t lane = 0;
    PcsBattery battery;
    PcsPower power;
    bool ran = false;
    bool tripped = false;
  };
  using Flags = std::array<bool, max_strings>;
  using Powers = std::array<double, max_strings>;

  void take_over_reconnecting();
  bool grid_in_window() const;
  void watch_grid(double step_s);
  void watch_trips();
  void watch_causes();
  void move_state(Time now);
  void change_dispatch();
  void advance_powers(double step_s);
  Powers set_points_w() const;
  double dc_set_point_w(std::size_t string) const;
  double reactive_var(std::size_t string, std::size_t running) const;
  void order(std::size_t string);
  void order_off_grid(const String& string, models::Site::LaneCommand& command) const;
  bool grid_support_acts() const { return !state_.off_grid() && state_.dispatch() == PcsState::Dispatch::ac; }
  bool has_string(std::size_t index) const { return index < strings_.size(); }
  double string_rated_w() const { return rating_.rated_w / static_cast<double>(rating_.inputs); }
  PcsState::Dispatch written_dispatch() const {
    return static_cast<PcsState::Dispatch>(static_cast<int>(set_.dispatch));
  }

  DeviceFace::Reception receive(PcsWrite write, std::size_t string);
  DeviceFace::Reception receive_order(bool carried_out);
  void guard(PcsWrite write, std::size_t string = 0);
  void publish_face();
  void publish_operation();
  void publish_functions();
  void publish_commands();
  void publish_string(std::size_t string);
  void publish_limits(std::size_t string);
  void publish_string_commands(std::size_t string);
  void publish_readings();
  void show_string(std::size_t string);
  void show_faults();

  std::string name_;
  models::Site& site_;
  Rating rating_;
  Settings settings_;
  PcsState state_;
  PcsSupport support_;
  std::vector<String> strings_;
  /// Places without a string have registers too: what is written is kept, no order is carried out.
  std::array<StringRegisters, max_strings> string_set_{};
  std::array<StringReadings, max_strings> string_shown_{};
  DeviceFace face_;
  Registers set_;
  Readings shown_;
  Time now_{0};
  bool has_supply_ = true;
  bool boots_ = false;         ///< supply came back since the last step
  bool may_autostart_ = true;  ///< not yet done since power-up
  bool changes_dispatch_ = false;
  double voltage_pu_ = 1.0;
  double above_nominal_hz_ = 0.0;
  double grid_good_s_ = 1e9;
  double ignored_writes_ = 0.0;
};

}  // namespace hil::sim
