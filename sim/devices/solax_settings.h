#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "sim/devices/device_face.h"

namespace hil::sim {

/// What a master may set at a SolaX inverter with function 06, and the lock in front of it (solax-parallel 4, 8): 2014
/// opens it, 6868 in the advanced level, anything else closes it; closed, a write is exception 04. Remote control and
/// clock stay open (inferred: clients write them without unlocking).
///
/// Times of a day are written with the hour in the high byte and read with the minute there. Work mode 5 (time of use)
/// is not played: exception 03. Settings of which no source tells the effect, and those of the grid code that a
/// scenario gives, are only kept.
class SolaxSettings {
 public:
  enum class WorkMode : unsigned char { self_use, feed_in, backup, manual, peak_shaving };
  enum DayTime : std::size_t {
    charge1_from,
    charge1_to,
    discharge1_from,
    discharge1_to,
    charge2_from,
    charge2_to,
    discharge2_from,
    discharge2_to,
    peak1_from = 12,  ///< behind those of heating, which are kept
    peak1_to,
    peak2_from,
    peak2_to,
    times,
  };
  /// Ratios run 0..1.
  struct Values {
    double system_on = 1.0;
    double work_mode = 0.0;
    double manual_action = 0.0;  ///< 0 stop, 1 charge, 2 discharge
    double max_charge_a = 30.0;
    double max_discharge_a = 30.0;
    double charge_to_soc = 1.0;
    double self_use_min_soc = 0.1;
    double self_use_grid_charge = 0.0;  ///< 1: in the charge window the battery charges from the grid too
    double self_use_grid_charge_to_soc = 0.5;
    double feed_in_charge_to_soc = 1.0;
    double feed_in_min_soc = 0.1;
    double backup_charge_to_soc = 1.0;
    double backup_min_soc = 0.3;
    double off_grid_min_soc = 0.1;
    double second_windows = 0.0;
    std::array<double, 2> peak_limit_w{};  ///< import that peak shaving holds, by window
    double peak_grid_charge = 0.0;         ///< 1: outside its windows it charges from the grid
    double peak_grid_charge_w = 1000.0;
    double peak_charge_to_soc = 0.5;
    double peak_reserve_soc = 0.1;
    double export_limit_w = 300e3;
    double export_limit_factory_w = 300e3;
    double active_power_limit = 1.0;  ///< of rated
    double reconnection_s = 60.0;
    double checking_s = 60.0;
    double parallel_role = 0.0;  ///< 0 free, 1 master, 2 slave
  };

  /// `takes_slave`: it may be written (real clients offer that); without it a unit becomes one by its cable only.
  SolaxSettings(const Values& delivered, bool takes_slave);
  SolaxSettings(const SolaxSettings&) = delete;  // the face points into it
  SolaxSettings& operator=(const SolaxSettings&) = delete;

  void publish(DeviceFace& face);
  /// An action that is refused while the lock is closed.
  void publish_action(DeviceFace& face, const char* name, std::function<void()> act);

  const Values& values() const { return values_; }
  WorkMode work_mode() const { return static_cast<WorkMode>(static_cast<int>(values_.work_mode)); }
  bool locked() const { return lock_ == 0.0; }
  void lock() { lock_ = 0.0; }
  /// Whether one of the windows for it is open.
  bool charges_at(int minute_of_day) const;
  bool discharges_at(int minute_of_day) const;
  /// Of peak shaving; nullopt outside its windows.
  std::optional<double> peak_limit_w(int minute_of_day) const;

 private:
  bool within(DayTime from, int minute_of_day) const;
  void publish_battery(DeviceFace& face);
  void publish_grid(DeviceFace& face);
  void publish_times(DeviceFace& face);
  void publish_kept(DeviceFace& face);
  void setting(DeviceFace& face, const char* name, double* value, double lowest, double highest);
  void choice(DeviceFace& face, const char* name, double* value, std::vector<double> allowed);
  DeviceFace::Reception receive() const;
  /// Registers that show two settings, or a time turned round.
  void show();

  Values values_;
  bool takes_slave_;
  double lock_ = 0.0;  ///< as input register 0x54
  std::array<double, times> times_{};
  std::array<double, times> shown_times_{};
  double self_use_word_ = 0.0;
  double feed_in_word_ = 0.0;
  double backup_word_ = 0.0;
  std::vector<double> kept_;
};

}  // namespace hil::sim
