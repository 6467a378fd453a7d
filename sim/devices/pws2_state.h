#pragma once

#include <chrono>

#include "sim/kernel/kernel.h"

namespace hil::sim {

/// State machine of a PWS2-30K (sinexcel-pcs-modbus 13): start, stop, mode, what a fault does to them.
///
///   stopped -> starting -> running -> stopping -> stopped
///   a fault that restarts by itself: starting or running -> starting, held there until it is gone; any other: stopped
///
/// A start takes as long as the grid check asks for, and on the grid until that may be entered. The modes exclude each
/// other; they change only while it is stopped (assumed, as 53600 of profile A).
///
/// Standby: it runs with its relay closed and does not switch; it switches again standby_exit_time after the order.
class Pws2State {
 public:
  static constexpr std::chrono::seconds init_time{10};               ///< from power-up
  static constexpr std::chrono::seconds check_time{5};               ///< of a start with the grid check
  static constexpr std::chrono::seconds unchecked_time{1};           ///< of one without; assumed
  static constexpr std::chrono::seconds stop_time{1};                ///< from the stop until the relay opens; assumed
  static constexpr std::chrono::milliseconds standby_exit_time{30};  ///< sinexcel-pcs-modbus 13

  /// As the signal "state" has them: those of profile A, and standby.
  enum class State : unsigned char { init, stopped, starting, grid_tied, off_grid = 6, stopping, fault, standby };
  enum class Phase : unsigned char { stopped, starting, running, stopping };

  void power_up(Time now, bool off_grid);

  // Orders of a master; false: the state does not let them.
  bool start(bool faulty);
  /// Of what stands there is nothing to stop.
  void stop();
  bool set_off_grid(bool off_grid);
  void set_standby(bool standby);

  struct Inputs {
    bool faulty = false;
    bool restarts = false;    ///< by itself, once not faulty any more
    bool checks = false;      ///< the grid check before a start
    bool grid_waits = false;  ///< the grid may not be entered yet
    bool in_service = false;  ///< its power stage feeds, or could; off the grid, the bus is free of another voltage
  };
  void advance(Time now, const Inputs& inputs);

  State state() const;
  Phase phase() const { return phase_; }
  bool running() const { return phase_ == Phase::running; }
  bool standby() const { return standby_; }
  /// It runs and does not switch, in standby or on its way out of it.
  bool rests() const { return running() && (standby_ || now_ < switches_from_); }
  bool connects() const { return connects_; }  ///< the relay is to be closed
  bool off_grid() const { return off_grid_; }
  bool initialising() const { return initialising_; }
  bool waits() const { return waits_; }  ///< what was started does not run, because of what the grid is like

 private:
  void enter(Phase phase);
  void start_up(const Inputs& inputs);

  Phase phase_ = Phase::stopped;
  Time now_{0};
  Time since_{0};
  Time powered_at_{0};
  Time switches_from_{0};
  bool connects_ = false;
  bool off_grid_ = false;
  bool standby_ = false;
  bool faulty_ = false;
  bool initialising_ = false;
  bool waits_ = false;
};

}  // namespace hil::sim
