#pragma once

#include <array>
#include <optional>
#include <vector>

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/devices/et_counters.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// What an ET measures, as its registers show it: means over 200 ms, powers in whole watts, so that the maker's
/// identities hold exactly (goodwe-et-modbus 3):
///
///   on_grid_load_w = max(0, total inverter - backup - active),   l1 + l2 + l3 = total inverter
///
/// Active power (35139) is the meter's total while the inverter's own meter answers, else its own on-grid port. That
/// meter sits where the site's does and shares its transformers. In a SEC1000 system there is none (section 4, I).
/// Each PV input shows its share of the power taken, at its own voltage.
///
/// Sign: injection and export leave the inverter, load and backup are consumed.
/// Left out: temperatures of the inverter itself, more than 16 PV inputs.
class EtReadings {
 public:
  static constexpr std::size_t pv_inputs = 16;

  EtReadings(models::Site& site, std::size_t lane, double rated_w, bool own_meter);
  EtReadings(const EtReadings&) = delete;  // the face points into it
  EtReadings& operator=(const EtReadings&) = delete;

  void publish(DeviceFace& face) const;
  /// Once a step; true when new means stand. `voltage_ln_v`: of the lane's terminal.
  bool refresh(Time now, const models::PhaseValues& voltage_ln_v);
  void set_meter_link(bool answers) { meter_answers_ = answers; }
  /// What measures in the meter hangs: it answers, and its values stay as they are.
  void hold_meter(bool on) { meter_stands_still_ = on; }
  bool meter_stands_still() const { return meter_stands_still_; }

  bool has_meter() const { return own_meter_; }
  void set_has_meter(bool has) { own_meter_ = has; }
  bool meter_reversed() const { return meter_reversed_; }
  bool meter_answers() const { return own_meter_ && meter_answers_; }
  /// What the site and the backup port consume: own AC power - meter, smoothed. nullopt without a meter.
  std::optional<double> load_w() const { return meter_answers() ? load_w_ : std::nullopt; }
  /// The same on each phase.
  std::optional<models::PhaseValues> phase_load_w() const { return meter_answers() ? phase_load_w_ : std::nullopt; }
  double battery_discharge_w() const { return mean_.battery_discharge_w; }
  /// Of the present step.
  EtCounters::Energies powers_w() const;

 private:
  struct Phase {
    double voltage_ln_v = 0.0;
    double current_a = 0.0;
    double injection_w = 0.0;
    double injection_var = 0.0;
    double backup_ln_v = 0.0;
    double backup_a = 0.0;
    double backup_w = 0.0;
  };
  using Phases = std::array<Phase, models::phase_count>;
  struct Sample {
    double pv_w = 0.0;
    double battery_v = 0.0;
    double battery_discharge_a = 0.0;
    double battery_discharge_w = 0.0;
    Phases phases{};
    void add(const models::Site::LaneView& lane, const models::PhaseValues& voltage_ln_v);
    void scale(double factor);
  };
  struct Input {
    double v = 0.0;
    double a = 0.0;
    double w = 0.0;
  };
  struct Derived {
    double ac_injection_w = 0.0;  ///< sum of the phases' whole watts
    double ac_injection_var = 0.0;
    double export_w = 0.0;
    double export_var = 0.0;
    double export_va = 0.0;
    double backup_w = 0.0;
    double backup_share = 0.0;
    double on_grid_load_w = 0.0;
    models::PhaseValues load_w{};
    models::PhaseValues injection_va{};
    models::PhaseValues backup_on{};
    models::PhaseValues backup_off{};
    double pv_modes_low = 0.0;   ///< inputs 2 and 1
    double pv_modes_high = 0.0;  ///< inputs 4 and 3
    double frequency_hz = 0.0;
    double dc_bus_v = 0.0;
  };
  struct Meter {
    double ok = 0.0;
    double wiring = 0.0;
    models::PhaseValues export_w{};
    models::PhaseValues export_var{};
    models::PhaseValues export_va{};
    models::PhaseValues power_factor{};
    models::PhaseValues voltage_ln_v{};
    models::PhaseValues current_a{};
    models::PhaseValues imported_wh{};
    models::PhaseValues exported_wh{};
    double total_export_w = 0.0;
    double total_export_var = 0.0;
    double total_export_va = 0.0;
    double total_power_factor = 0.0;
    double frequency_hz = 0.0;
    double total_imported_wh = 0.0;
    double total_exported_wh = 0.0;
  };
  void derive(const models::Site::LaneView& lane);
  void derive_pv();
  void derive_backup(const models::Site::LaneView& lane);
  void read_meter();
  void check_wiring();
  void estimate_load();

  models::Site& site_;
  std::size_t lane_;
  const models::Site::LaneView& lane_view_;
  double rated_w_;
  bool own_meter_;
  bool meter_answers_ = true;
  bool meter_stands_still_ = false;
  bool meter_reversed_ = false;
  double load_share_ = 0.0;  ///< of a new value in the smoothed load
  std::optional<double> load_w_{};
  std::optional<models::PhaseValues> phase_load_w_{};

  Sample sum_;
  Sample mean_;
  int samples_ = 0;
  Time next_publication_{0};
  std::vector<Input> inputs_;
  Derived derived_;
  Meter meter_;
};

}  // namespace hil::sim
