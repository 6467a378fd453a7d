#include "models/inverter/command_path.h"

#include <algorithm>
#include <cmath>

#include "models/first_order.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;

}  // namespace

CommandPath::CommandPath(std::chrono::nanoseconds dead_time, std::chrono::nanoseconds time_constant,
                         std::chrono::nanoseconds step, double initial) {
  require(dead_time.count() >= 0, "dead_time_s", Seconds{dead_time}.count(), ">= 0");
  require(time_constant.count() >= 0, "time_constant_s", Seconds{time_constant}.count(), ">= 0");
  require(step.count() > 0, "step_s", Seconds{step}.count(), "> 0");
  require(std::isfinite(initial), "initial", initial, "finite");
  const auto whole_steps = dead_time / step;
  const auto rest = dead_time % step;
  delayed_.resize(static_cast<std::size_t>(whole_steps) + 1);
  gain_old_command_ = covered(rest, time_constant);
  gain_new_command_ = covered(step - rest, time_constant);
  reset(initial);
}

double CommandPath::advance(double command) {
  if (rests(command)) return value_;
  const bool same = command == command_;
  const double before = value_;
  command_ = command;
  value_ += gain_old_command_ * (arrived_ - value_);
  delayed_[next_] = command;
  next_ = next_ + 1 == delayed_.size() ? 0 : next_ + 1;
  arrived_ = delayed_[next_];
  value_ += gain_new_command_ * (arrived_ - value_);
  still_for_ = same && value_ == before ? still_for_ + 1 : 0;
  return value_;
}

void CommandPath::reset(double value) {
  std::fill(delayed_.begin(), delayed_.end(), value);
  arrived_ = value;
  value_ = value;
  command_ = value;
  still_for_ = delayed_.size() + 1;
}

}  // namespace hil::models
