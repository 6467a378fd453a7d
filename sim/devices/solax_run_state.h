#pragma once

#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Run mode of a SolaX hybrid inverter (solax-parallel 11.1).
///
///   waiting -> checking -> normal             something feeds it and the grid is good; the countdown runs in checking
///   normal -> off_grid_waiting -> off_grid    the grid is gone and an island may be fed; else -> fault
///   off_grid -> normal                        the grid was good for the reconnection time; it feeds on until then. At
///                                             once where a backup interface has waited that long and put it on the
///                                             grid
///   fault -> waiting                          its cause is gone
///   standby                                   its system switch is off
///   normal <-> idle                           nothing to give or to take for idle_after
///
/// The countdown takes the checking time, after a loss of the grid the reconnection time; a grid that is not good
/// meanwhile begins it anew. A permanent fault ends with restart() only. The return from off_grid and the time until
/// idle are not public: assumed.
class SolaxRunState {
 public:
  static constexpr std::chrono::seconds idle_after{10};

  /// As input register 0x09 has them; 20 (remote control) is a normal of another name.
  enum class Mode : unsigned char {
    waiting = 0,
    checking = 1,
    normal = 2,
    fault = 3,
    permanent_fault = 4,
    off_grid_waiting = 6,
    off_grid = 7,
    idle = 9,
    standby = 10,
  };
  struct Inputs {
    bool switched_on = true;
    bool has_source = true;    ///< PV, battery or grid: something that feeds itself
    bool grid_good = false;    ///< may be entered
    bool grid_lost = false;    ///< gone, or its protection has tripped
    bool may_island = false;   ///< it has loads to feed without the grid, and may
    bool island_live = false;  ///< it is their voltage
    bool joins_grid = false;   ///< a backup interface has put the island on the grid
    bool faulty = false;
    bool fails_for_good = false;  ///< a fault that needs a person
    bool rests = false;           ///< nothing to give or to take
    double checking_s = 0.0;
    double reconnection_s = 0.0;
  };

  /// The run begins with it in service.
  void start_in_service() { mode_ = Mode::normal; }
  /// As after power-up.
  void restart(Time now);
  void advance(Time now, const Inputs& inputs);

  Mode mode() const { return mode_; }
  bool connects() const { return mode_ == Mode::normal || mode_ == Mode::idle; }
  bool islands() const { return mode_ == Mode::off_grid_waiting || mode_ == Mode::off_grid; }
  /// Until it enters the grid; 0 where nothing is counted.
  double countdown_s() const { return countdown_s_; }

 private:
  void enter(Mode mode);
  void serve(const Inputs& inputs);
  void wait(const Inputs& inputs);
  void serve_island(const Inputs& inputs);
  /// False while it still counts.
  bool counted_down(const Inputs& inputs);

  Mode mode_ = Mode::waiting;
  Time now_{0};
  Time good_since_{0};  ///< the countdown began
  Time busy_at_{0};     ///< it had something to do
  bool lost_grid_ = false;
  double countdown_s_ = 0.0;
};

}  // namespace hil::sim
