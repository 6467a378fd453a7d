#include "sim/devices/island_regulator.h"

#include <algorithm>

namespace hil::sim {

void IslandRegulator::advance(Time step, const Inputs& inputs) {
  if (!inputs.islanded) {
    frequency_bias_hz_ = shift_integral_hz_ = 0.0;
    voltage_pu_ = 1.0;
    return;
  }
  const double step_s = std::chrono::duration<double>(step).count();
  if (inputs.towards_grid) {
    constexpr double full_turn_deg = 360.0;
    const double wanted_hz = std::clamp(inputs.angle_deg / full_turn_deg / approach_s, -most_slip_hz, most_slip_hz);
    frequency_bias_hz_ += (wanted_hz - inputs.slip_hz) * std::min(1.0, step_s / settle_s);
    frequency_bias_hz_ = std::clamp(frequency_bias_hz_, -most_shift_hz, most_shift_hz);
    shift_integral_hz_ = std::max(0.0, frequency_bias_hz_);
    voltage_pu_ = std::clamp(voltage_pu_ + inputs.voltage_gap_pu * std::min(1.0, step_s / settle_s),
                             1.0 - most_voltage_pu, 1.0 + most_voltage_pu);
    return;
  }
  voltage_pu_ = 1.0;
  const double wanted_hz = shift_hz * inputs.surplus_w / inputs.rated_w;
  shift_integral_hz_ = std::clamp(shift_integral_hz_ + wanted_hz * step_s / shift_s, 0.0, most_shift_hz);
  frequency_bias_hz_ = std::clamp(wanted_hz + shift_integral_hz_, 0.0, most_shift_hz);
}

}  // namespace hil::sim
