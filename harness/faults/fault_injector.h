#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// Hands faults to their targets by name and takes them back when their time is over.
///
/// Lines, devices, CTs and models expose the faults they can have as switches; the injector knows no more of
/// them than that. Two faults of one kind on one target overlap: the switch falls when the last one ends.
class FaultInjector {
 public:
  using Switch = std::function<void(bool on)>;

  /// Before the run. Throws std::invalid_argument when target and kind are taken.
  void expose(const std::string& kind, const std::string& target, Switch set);
  /// True when `target` can have the fault.
  bool knows(const std::string& kind, const std::string& target) const;

  /// Throws std::invalid_argument naming the targets that can have this kind of fault.
  void begin(const FaultSpec& fault, sim::Time now);
  /// Takes back what is over at `now`; calls `ended` for each switch that fell, in the order of beginning.
  void step(sim::Time now, const std::function<void(const FaultSpec&)>& ended);

 private:
  struct Exposed {
    Switch set;
    int active = 0;
  };
  struct Running {
    FaultSpec fault;
    sim::Time until{0};
    Exposed* exposed = nullptr;
  };
  std::map<std::pair<std::string, std::string>, Exposed> exposed_;
  std::vector<Running> running_;
};

}  // namespace hil::harness
