#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// Hands faults to their targets by name and takes them back when their time is over.
///
/// Lines, devices, CTs and models expose the faults they can have; the injector knows no more of them than that. Of two
/// faults of one kind on one target the one begun last counts; the target is well when the last of them has ended.
class FaultInjector {
 public:
  using Switch = std::function<void(bool on)>;
  /// Given the fault that counts from now on, nullptr for none.
  using Setting = std::function<void(const FaultSpec* fault)>;

  /// Told of each fault that begins or is over; those with other parameters stand beside it.
  using Each = std::function<void(const FaultSpec& fault, bool present)>;

  /// Before the run. Throws std::invalid_argument when target and kind are taken.
  void expose(const std::string& kind, const std::string& target, Setting set);
  /// For a fault whose parameters say where it is: several of a kind can stand at one target.
  void expose_each(const std::string& kind, const std::string& target, Each each);
  /// For a fault without parameters.
  void expose_switch(const std::string& kind, const std::string& target, Switch set);
  /// True when `target` can have the fault.
  bool knows(const std::string& kind, const std::string& target) const;

  /// Throws std::invalid_argument naming the targets that can have this kind of fault.
  void begin(const FaultSpec& fault, sim::Time now);
  /// Takes back what is over at `now`; calls `ended` for each that does not still stand at its target with the same
  /// parameters, in the order of beginning.
  void step(sim::Time now, const std::function<void(const FaultSpec&)>& ended);

 private:
  struct Active {
    FaultSpec fault;
    std::optional<sim::Time> until;  ///< nothing: to the end of the run
  };
  using Key = std::pair<std::string, std::string>;  ///< kind and target
  /// One of both.
  struct Exposed {
    Setting set;
    Each each;
  };
  std::map<Key, Exposed> exposed_;
  std::vector<Active> active_;  ///< in the order of beginning

  void expose(const std::string& kind, const std::string& target, Exposed exposed);
  const FaultSpec* last_active(const Key& key) const;
  bool stands_again(const FaultSpec& fault) const;
};

}  // namespace hil::harness
