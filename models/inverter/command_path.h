#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace hil::models {

/// What lies between a set point and the power stage: dead time, then first order.
///
///   y' = (u(t - dead_time) - y) / time_constant
///
/// Exact for commands that are constant over a step, also when the dead time is no multiple of the step: the old
/// command then rules the first part of the step, the new one the rest. All memory is taken in the constructor.
/// Source: physics-and-standards 2.1 (bslib: measured dead and settling times of hybrid inverters).
class CommandPath {
 public:
  /// `step`: fixed step of all later calls; throws InvalidParameter on negative times or a zero step.
  CommandPath(std::chrono::nanoseconds dead_time, std::chrono::nanoseconds time_constant, std::chrono::nanoseconds step,
              double initial);

  /// Feeds the command of this step, returns what the power stage sees after it.
  double advance(double command);
  double value() const { return value_; }
  /// The same command again would change nothing.
  bool rests(double command) const { return command == command_ && still_for_ > delayed_.size(); }
  /// Forgets what is under way: input and output at `value` at once.
  void reset(double value);

 private:
  std::vector<double> delayed_;    ///< commands of the last whole steps of dead time, and the present one
  std::size_t next_ = 0;           ///< where the next command goes; holds the oldest after that
  double command_ = 0.0;           ///< the last one
  std::size_t still_for_ = 0;      ///< steps with the same command that left the value where it was
  double arrived_ = 0.0;           ///< command that rules at the end of the last step
  double gain_old_command_ = 0.0;  ///< share of the way covered before the next command arrives within a step
  double gain_new_command_ = 1.0;  ///< share covered after it
  double value_ = 0.0;
};

}  // namespace hil::models
