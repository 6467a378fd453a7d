#pragma once

#include <chrono>

#include "models/site/site.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// A generator at the port of a backup interface: runs in an outage while the batteries are low. Document 002 names the
/// port and no more; all figures are assumed.
///
///   off -> starting    the grid is gone and the batteries are below start_below_soc
///   starting -> running  after start_time: it is the voltage of its bus
///   running -> off     the grid is good again, or the batteries are above stop_above_soc
///
/// Its lane stands in for engine and alternator: the voltage of its bus, of constant frequency, as long as its rating
/// lasts; an overload stops it for a while, and so does power that flows into it.
/// Left out: fuel, governor, warm-up at idle speed beyond start_time.
class Generator {
 public:
  enum class State : unsigned char { off, starting, running };
  struct Parameters {
    double rated_w = 0.0;          ///< > 0
    double start_below_soc = 0.2;  ///< mean of the batteries, 0..1; 1: at every outage
    double stop_above_soc = 0.8;   ///< above start_below_soc, or 1
    Time start_time = std::chrono::seconds{10};
    double charge_w = 0.0;  ///< that all inverters together take from it
  };
  struct Inputs {
    bool grid_gone = false;  ///< the relay of the grid is open
    bool grid_good = false;  ///< and may soon be closed
    double battery_soc = 1.0;
  };
  Generator(const Parameters& parameters, models::Site& site, std::size_t lane);

  /// StepPhase::latch.
  void latch(Time now, const Inputs& inputs);
  State state() const { return state_; }
  /// It wants to feed the home; false while it runs out its time.
  bool serves() const { return state_ == State::running; }

 private:
  Parameters parameters_;
  models::Site& site_;
  std::size_t lane_;
  State state_ = State::off;
  Time started_{0};
};

}  // namespace hil::sim
