#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include "models/electrical/phasor.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Firmware of the backup interface of parallel SolaX inverters, BI or BI PRO: the relay between grid and home, and
/// when it moves (document 002; all figures assumed, solax-parallel 15).
///
/// It measures both sides once a step. The relay opens by itself when a leg of the grid's side stays below lost_pu for
/// transfer_time, or voltage or frequency out of their window for disturbance_time; and at once by order. It closes
/// only by order, after the grid's side has been good for return_time, onto a home that is dead or in step: in voltage,
/// frequency and phase.
///
/// Without its 12 V it sees and does nothing, and the relay stays as it is (it latches). While it is barred (it warns
/// of its CAN) it does not switch over either. Orders reach it over CAN alone.
///
/// Left out: how long the relay itself takes, which counts as part of transfer_time; relay wear and welding.
class BackupInterface {
 public:
  enum class Model : unsigned char { bi, bi_pro };
  struct Parameters {
    double nominal_ln_v = 0.0;                           ///< > 0
    double nominal_hz = 0.0;                             ///< > 0
    bool split_phase = false;                            ///< it measures L1 and L2
    Time transfer_time = std::chrono::milliseconds{20};  ///< >= 0, from the loss to the open relay
    Time disturbance_time = std::chrono::seconds{2};     ///< >= 0
    Time return_time = std::chrono::seconds{60};         ///< >= 0
    double lost_pu = 0.5;                                ///< 0..1, each leg
    double lowest_pu = 0.88;                             ///< lost_pu..1
    double highest_pu = 1.1;                             ///< > 1
    double widest_hz = 2.0;                              ///< > 0, about nominal
    double sync_v_pu = 0.05;                             ///< > 0, difference of each leg
    double sync_hz = 0.1;                                ///< > 0
    double sync_deg = 10.0;                              ///< > 0, up to 180
  };
  /// One side of the relay.
  struct Side {
    models::PhasePhasors ln_v{};
    double frequency_hz = 0.0;  ///< read where there is voltage
  };
  struct Inputs {
    Side grid;
    Side home;
    bool has_supply = true;
    bool has_can = true;  ///< an order can reach it
    bool barred = false;  ///< no switch-over
  };
  /// Of the primary.
  struct Order {
    bool connect_grid = true;  ///< it may; the interface does so when it can. false: it must not
  };
  enum class Cause : unsigned char { grid_lost, grid_disturbed, order, in_step, home_dead };

  /// Throws std::invalid_argument.
  explicit BackupInterface(const Parameters& parameters);

  void set_order(const Order& order) { order_ = order; }
  /// Once a step. What the relay does now; nullopt: it stays.
  std::optional<Cause> advance(Time now, const Inputs& inputs);

  bool relay_closed() const { return relay_closed_; }
  bool grid_good() const { return grid_good_; }  ///< in its window for return_time
  bool grid_lost() const { return grid_lost_; }  ///< now, any leg
  bool in_step() const { return in_step_; }      ///< both sides live, and equal enough
  bool home_dead() const { return home_dead_; }
  /// By which the grid is ahead of the home, -180..180; 0 unless both are live.
  double angle_deg() const { return angle_deg_; }
  /// Home less grid; 0 unless both are live.
  double slip_hz() const { return slip_hz_; }
  /// Grid less home, of the legs' mean in pu; 0 unless both are live.
  double voltage_gap_pu() const { return voltage_gap_pu_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  void measure(Time now, const Inputs& inputs);
  void compare(const Inputs& inputs);
  std::optional<Cause> open(Time now);
  std::optional<Cause> close();

  Parameters parameters_;
  Order order_;
  std::size_t legs_ = 3;
  bool relay_closed_ = true;
  bool grid_lost_ = false;
  bool grid_good_ = true;
  bool home_dead_ = false;
  bool in_step_ = false;
  double angle_deg_ = 0.0;
  double slip_hz_ = 0.0;
  double voltage_gap_pu_ = 0.0;
  Time measured_at_{0};  ///< the step before: what is measured now is how that ended
  std::optional<Time> lost_since_{};
  std::optional<Time> beyond_since_{};
  std::optional<Time> good_since_{};
};

/// `Cause` as text: "the grid is lost".
const char* text_of(BackupInterface::Cause cause);

/// One smart-load channel of a BI PRO: in an island it cuts its loads off when the inverters have to give too much, or
/// their battery is low; on the grid it is closed. What is not set does not act. Times and the way back are assumed:
/// the document only says that there are up to six channels.
class SmartLoadChannel {
 public:
  static constexpr int most_channels = 6;
  struct Parameters {
    std::optional<double> shed_above_w{};       ///< of all inverters together, > 0
    std::optional<double> restore_below_w{};    ///< below shed_above_w; nullopt: the grid's return alone restores
    std::optional<double> shed_below_soc{};     ///< 0..1, mean of the batteries
    std::optional<double> restore_above_soc{};  ///< above shed_below_soc; nullopt: likewise
    Time shed_after = std::chrono::milliseconds{100};
    Time restore_after = std::chrono::seconds{60};
  };
  struct Inputs {
    bool islanded = false;
    double inverters_w = 0.0;
    double battery_soc = 0.0;
  };
  explicit SmartLoadChannel(const Parameters& parameters) : parameters_(parameters) {}
  /// Once a step; true: it moves.
  bool advance(Time now, const Inputs& inputs);
  bool closed() const { return closed_; }

 private:
  Parameters parameters_;
  bool closed_ = true;
  std::optional<Time> since_{};  ///< the cause of the next move stands
};

}  // namespace hil::sim
