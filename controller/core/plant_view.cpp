#include "controller/core/plant_view.h"

#include <algorithm>

#include "controller/devices/goodwe_et_monitoring.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time meter_silent_after = 2s;  // as the law takes it

void add(std::optional<double>& total, const std::optional<double>& part) {
  if (part) total = total.value_or(0.0) + *part;
}

/// Of all, or of none: a part of them would pass for the plant.
class Total {
 public:
  void add(const std::optional<double>& part) {
    sum_ += part.value_or(0.0);
    complete_ = complete_ && part.has_value();
    any_ = true;
  }
  std::optional<double> value() const { return any_ && complete_ ? std::optional{sum_} : std::nullopt; }

 private:
  double sum_ = 0.0;
  bool complete_ = true;
  bool any_ = false;
};

}  // namespace

PlantWatch::PlantWatch(const Settings& settings) noexcept {
  for (std::size_t line = 0; line < settings.inverter_lines.size(); ++line) {
    const Settings::Line& port = settings.inverter_lines[line];
    for (std::size_t unit = 0; unit < std::min(port.count, max_units_per_line); ++unit) {
      if (view_.device_count == max_inverters) return;
      DeviceView& device = view_.devices[view_.device_count++];
      device.line = line;
      device.address = port.addresses[unit];
    }
  }
}

void PlantWatch::meter(MeterBlock block, std::span<const std::uint8_t> data, Time asked_at) noexcept {
  view_.meter_refuses = false;
  if (block == MeterBlock::phases) {
    const MeterPhases phases = decode_meter_phases(data);
    for (std::size_t k = 0; k < view_.phases.size(); ++k) {
      view_.phases[k].voltage_ln_rms_v = phases.voltage_ln_rms_v[k];
      view_.phases[k].current_a = phases.current_a[k];
    }
    return;
  }
  const MeterPowers powers = decode_meter_powers(data);
  for (std::size_t k = 0; k < view_.phases.size(); ++k) view_.phases[k].grid_export_w = -powers.phase_import_w[k];
  view_.grid_export_w = -powers.grid_import_w;
  meter_at_ = asked_at;
}

void PlantWatch::device(std::size_t inverter, EtBlock block, std::span<const std::uint8_t> data) noexcept {
  if (inverter < view_.device_count) decode_monitoring(block, data, view_.devices[inverter]);
}

void PlantWatch::health(std::size_t inverter, UnitHealth::State state) noexcept {
  if (inverter < view_.device_count) view_.devices[inverter].state = state;
}

void PlantWatch::step(Time now) noexcept {
  view_.at = now;
  view_.meter_answering = meter_at_ && now - *meter_at_ <= meter_silent_after;
  Total inverters_w;
  Total pv_w;
  Total battery_discharge_w;
  double soc_sum = 0.0;
  double soc_count = 0.0;
  double weighted_sum_v = 0.0;
  double weight_sum_v = 0.0;
  for (std::size_t k = 0; k < view_.device_count; ++k) {
    DeviceView& device = view_.devices[k];
    std::optional<double> device_pv_w;
    for (const DeviceView::PvInput& input : device.pv_inputs) add(device_pv_w, input.power_w);
    device.pv_w = device_pv_w;
    if (device.state != UnitHealth::State::answering) continue;
    inverters_w.add(device.ac_injection_w);
    pv_w.add(device_pv_w);
    battery_discharge_w.add(device.battery_discharge_w);
    if (!device.soc) continue;
    soc_sum += *device.soc;
    soc_count += 1.0;
    weighted_sum_v += *device.soc * device.battery_v.value_or(0.0);
    weight_sum_v += device.battery_v.value_or(0.0);
  }
  view_.inverters_w = inverters_w.value();
  view_.pv_w = pv_w.value();
  view_.battery_discharge_w = battery_discharge_w.value();
  view_.mean_soc = soc_count > 0.0 ? std::optional{soc_sum / soc_count} : std::nullopt;
  view_.weighted_soc = weight_sum_v > 0.0 ? std::optional{weighted_sum_v / weight_sum_v} : std::nullopt;
  view_.load_w.reset();
  if (view_.meter_answering && view_.inverters_w) view_.load_w = *view_.inverters_w - *view_.grid_export_w;
}

}  // namespace hil::controller
