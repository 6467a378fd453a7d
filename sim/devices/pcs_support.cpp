#include "sim/devices/pcs_support.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/devices/pcs_require.h"

namespace hil::sim {
namespace {

/// Share of the way in a step when 90 % are covered in the response time.
double gain(double step_s, double response_s) {
  return response_s > 0.0 ? -std::expm1(-std::numbers::ln10 * step_s / response_s) : 1.0;
}

double on_curve(const std::array<double, 4>& x, const std::array<double, 4>& y, double at) {
  if (at <= x.front()) return y.front();
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (at < x[i]) return y[i - 1] + (y[i] - y[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
  }
  return y.back();
}

}  // namespace

PcsSupport::PcsSupport(const Parameters& parameters) : parameters_(parameters) {
  check(parameters);
}

void PcsSupport::check(const Parameters& parameters) {
  const VoltVar& volt_var = parameters.volt_var;
  for (std::size_t i = 1; i < volt_var.voltage_pu.size(); ++i) {
    require(volt_var.voltage_pu[i] >= volt_var.voltage_pu[i - 1], "voltages of Volt-VAr must ascend");
  }
  for (const double q : volt_var.reactive_pu) require(std::abs(q) <= 1.0, "Volt-VAr must lie in -1..1");
  require(volt_var.response_s >= 0.0 && parameters.volt_watt.response_s >= 0.0, "a response must be >= 0 s");
  require(parameters.volt_watt.stop_pu > parameters.volt_watt.start_pu, "Volt-Watt must stop above its start");
  require(parameters.volt_watt.stop_share >= 0.0 && parameters.volt_watt.stop_share <= 1.0,
          "the last share of Volt-Watt must lie in 0..1");
  require(parameters.freq_watt.start_hz > 0.0, "Freq-Watt must start above nominal");
  require(parameters.freq_watt.slope_per_hz > 0.0, "the slope of Freq-Watt must be > 0");
  require(parameters.freq_watt.low_start_hz > 0.0, "the low side of Freq-Watt must start below nominal");
  require(parameters.freq_watt.low_slope_per_hz >= 0.0, "the slope of the low side must be >= 0");
  require(parameters.volt_watt.return_delay_s >= 0.0 && parameters.freq_watt.return_delay_s >= 0.0,
          "a return delay must be >= 0 s");
}

void PcsSupport::advance(double step_s, const Inputs& inputs) {
  const VoltVar& volt_var = parameters_.volt_var;
  if (inputs.volt_var) {
    const double target_pu = on_curve(volt_var.voltage_pu, volt_var.reactive_pu, inputs.voltage_pu);
    reactive_pu_ += gain(step_s, volt_var.response_s) * (target_pu - reactive_pu_);
  } else {
    reactive_pu_ = 0.0;
  }
  if (inputs.volt_watt) {
    follow_voltage(step_s, inputs);
  } else {
    voltage_share_ = 1.0;
  }
  if (inputs.freq_watt) {
    follow_frequency(step_s, inputs);
  } else {
    frequency_share_ = 1.0;
    active_raise_pu_ = 0.0;
  }
}

void PcsSupport::follow_voltage(double step_s, const Inputs& inputs) {
  const VoltWatt& law = parameters_.volt_watt;
  if (inputs.voltage_pu <= law.start_pu) {
    voltage_normal_s_ += step_s;
    if (voltage_normal_s_ >= law.return_delay_s) voltage_share_ = 1.0;
    return;
  }
  voltage_normal_s_ = 0.0;
  const double way = std::min(1.0, (inputs.voltage_pu - law.start_pu) / (law.stop_pu - law.start_pu));
  voltage_share_ += gain(step_s, law.response_s) * (1.0 - way * (1.0 - law.stop_share) - voltage_share_);
}

void PcsSupport::follow_frequency(double step_s, const Inputs& inputs) {
  const FreqWatt& law = parameters_.freq_watt;
  active_raise_pu_ = law.low_slope_per_hz * std::max(0.0, -inputs.above_nominal_hz - law.low_start_hz);
  const double beyond_hz = inputs.above_nominal_hz - law.start_hz;
  if (beyond_hz <= 0.0) {
    frequency_normal_s_ += step_s;
    if (frequency_normal_s_ >= law.return_delay_s) frequency_share_ = 1.0;
    return;
  }
  frequency_normal_s_ = 0.0;
  frequency_share_ = std::min(frequency_share_, std::max(0.0, 1.0 - law.slope_per_hz * beyond_hz));
}

}  // namespace hil::sim
