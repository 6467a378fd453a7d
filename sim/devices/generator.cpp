#include "sim/devices/generator.h"

namespace hil::sim {

Generator::Generator(const Parameters& parameters, models::Site& site, std::size_t lane)
    : parameters_(parameters), site_(site), lane_(lane) {
  site_.command(lane_).connected = false;
}

void Generator::latch(Time now, const Inputs& inputs) {
  const bool outage = inputs.grid_gone && !inputs.grid_good;
  const bool full = inputs.battery_soc > parameters_.stop_above_soc;
  if (state_ == State::off) {
    if (outage && !full && inputs.battery_soc < parameters_.start_below_soc) {
      state_ = State::starting;
      started_ = now;
    }
  } else if (!outage || full) {
    state_ = State::off;
  } else if (state_ == State::starting && now - started_ >= parameters_.start_time) {
    state_ = State::running;
  }
  models::Site::LaneCommand& command = site_.command(lane_);
  command.connected = command.form_site = state_ == State::running;
  command.forming_soft_start = true;
}

}  // namespace hil::sim
