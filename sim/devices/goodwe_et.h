#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/devices/freeze_machine.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::sim {

/// Firmware of a GoodWe ET hybrid inverter (platform 205): EMS modes, export limit, SOC floor, and what it tells on
/// its registers. It turns settings into the power stage's orders once a step and publishes everything by name; which
/// register carries what stands in the map file.
///
/// EMS modes here (47511, goodwe-et-modbus 6.5): 1 auto and 8 battery standby, 2 charge from PV, 3 discharge + PV,
/// 5 export AC, 6 conserve, 11 charge battery, 12 discharge battery, 255 stopped. Others: exception 03.
/// Mode 1 needs a meter at the ET, which a SEC1000 system does not have: the battery stands by (assumed).
/// The export limit (47509/47510) acts on the ET's own on-grid port, as 35139 does without a meter (inferred).
///
/// Published powers are means over 200 ms in whole watts, such that the maker's identities hold on the registers:
/// the phases add up to the total, and on_grid_load_w = max(0, total - backup - active).
/// Left out: backup port and loads behind it (0), reactive orders, temperatures, a second PV input.
class GoodweEt {
 public:
  struct Identity {
    std::string serial = "9010KETU22AW0001";  ///< 16 characters
    std::string model = "GW10K-ET";           ///< up to 10
    double rated_w = 0.0;                     ///< > 0
    double dsp_version = 10.0;
    double arm_version = 23.0;
  };
  using ExportLimitFreeze = FreezeMachine::Parameters;
  using FreezeState = FreezeMachine::State;

  /// Settings as they stand when the inverter is switched on; a master may write them later.
  struct Settings {
    double soc_floor = 0.1;                 ///< 45356, 0..1
    double battery_max_charge_a = 25.0;     ///< 45353, 0..100
    double battery_max_discharge_a = 25.0;  ///< 45355
  };

  /// Orders to and readings from one lane of the site. Throws std::invalid_argument for an identity or a setting out
  /// of bounds.
  GoodweEt(std::string name, models::Site& site, std::size_t lane, const Identity& identity, const Settings& settings,
           std::optional<ExportLimitFreeze> freeze);
  GoodweEt(const GoodweEt&) = delete;
  GoodweEt& operator=(const GoodweEt&) = delete;

  /// StepPhase::latch: settings become orders to the power stage.
  void latch(Time now);
  /// StepPhase::refresh: readings of the lane become published values (200 ms means are made here).
  void refresh(Time now);

  const DeviceFace& face() const { return face_; }
  /// Registers "<name>.<signal>" for all that a scenario may record: pv_w, battery_discharge_w, battery_soc,
  /// ac_injection_w, pv_available_w, export_limit_w, ems_mode, freeze_state, ... They show the present step.
  void register_signals(SignalRegistry& registry) const;
  const std::string& name() const { return name_; }

 private:
  /// What a mode makes of its settings: battery request and highest AC power; + discharges, + injects.
  struct Law {
    double battery_discharge_w = 0.0;
    double ac_ceiling_w = 0.0;
  };
  /// What the mode asks of the AC port, for the freeze.
  FreezeMachine::Orders freeze_orders(double ac_ceiling_w) const;
  Law law(double pv_allowed_w, double ac_ceiling_w, double loss_w) const;
  double limited(double battery_discharge_w, const models::Site::LaneView& lane) const;
  void publish_face();
  void publish(const models::Site::LaneView& lane);
  void count_energy(const models::Site::LaneView& lane, Time now);

  /// Readings that the registers show as means.
  struct Sample {
    double pv_w = 0.0;
    double battery_v = 0.0;
    double battery_discharge_a = 0.0;
    double battery_discharge_w = 0.0;
    models::PhaseValues voltage_ln_v{};
    models::PhaseValues current_a{};
    models::PhaseValues injection_w{};
    double injection_var = 0.0;
    void add(const models::Site::LaneView& lane);
    void scale(double factor);
  };
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
  /// What the face shows beside the means.
  struct Published {
    double pv_v = 0.0;
    double pv_a = 0.0;
    double pv_mode = 0.0;
    models::PhaseValues injection_w{};  ///< whole watts
    double ac_injection_w = 0.0;        ///< sum of the three
    double ac_export_w = 0.0;           ///< on-grid port
    double backup_w = 0.0;
    double on_grid_load_w = 0.0;
    double injection_va = 0.0;
    double frequency_hz = 0.0;
    double dc_bus_v = 0.0;
    double battery_mode = 0.0;
    double battery_soc = 0.0;
    double bms_charge_a = 0.0;
    double bms_discharge_a = 0.0;
    double grid_mode = 0.0;
    double work_mode = 0.0;
    double diagnostics = 0.0;
    double operating_h = 0.0;
  };
  enum Counter : std::size_t { pv, exported, imported, charged, discharged, counters };
  using Energies = std::array<double, counters>;

  std::string name_;
  models::Site& site_;
  std::size_t lane_;
  Identity identity_;
  Settings settings_;
  std::optional<FreezeMachine> freeze_;
  DeviceFace face_;

  std::string dsp_name_;
  std::string arm_name_;
  double work_mode_setting_ = 0.0;     ///< 47000, remembered only
  double export_limit_enabled_ = 0.0;  ///< 47509
  double export_limit_w_ = 0.0;        ///< 47510
  double ems_mode_ = 1.0;              ///< 47511
  double ems_power_w_ = 0.0;           ///< 47512
  double active_power_limit_ = 1.0;    ///< 45484, share of the rating

  Live live_;
  Sample sum_;
  Sample mean_;
  int samples_ = 0;
  Time next_publication_{0};
  Published published_;
  Energies total_wh_{};
  Energies at_midnight_wh_{};
  Energies today_wh_{};
  Time next_midnight_;  ///< a run starts at midnight
};

}  // namespace hil::sim
