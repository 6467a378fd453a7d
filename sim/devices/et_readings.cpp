#include "sim/devices/et_readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace hil::sim {
namespace {

using models::phase_count;

constexpr std::chrono::milliseconds mean_window{200};  // section 3
// Three-phase bridge: bus above the peak of line to line, 10 % of headroom (assumed; 400 V gives 620 V).
constexpr double bus_over_ln_rms = 1.1 * 2.449489742783178;
constexpr double producing_w = 0.5;
constexpr double port_live_v = 46.0;  // a fifth of 230 V; assumed
/// 36003, a nibble for each phase, the lowest for R.
enum Wiring : int { not_checked = 0, right = 1, reversed = 2, wrong_phase = 4 };

// The meter's mean is up to one of its periods older than the inverter's own. Smoothed over twice that, the loop
// through the own power stays stable (gain delay / time constant < 1).
constexpr double least_smoothing_s = 0.4;

// 35119: 0 not connected, 1 connected without power, 2 producing; one byte an input.
double modes(double high_w, bool has_high, double low_w, bool has_low) {
  const auto mode = [](double w, bool connected) { return !connected ? 0 : w >= producing_w ? 2 : 1; };
  return mode(high_w, has_high) << 8 | mode(low_w, has_low);
}

int code_of(models::PhaseWiring wiring) {
  switch (wiring) {
    case models::PhaseWiring::right:
      return right;
    case models::PhaseWiring::reversed:
      return reversed;
    case models::PhaseWiring::other_phase:
      return wrong_phase;
    case models::PhaseWiring::lost:
      break;
  }
  return not_checked;
}

std::string phase_name(std::size_t phase, const char* quantity) {
  return fmt::format("l{}_{}", phase + 1, quantity);
}

}  // namespace

EtReadings::EtReadings(models::Site& site, std::size_t lane, double rated_w, bool own_meter)
    : site_(site),
      lane_(lane),
      lane_view_(site.lane(lane)),
      rated_w_(rated_w),
      own_meter_(own_meter),
      inputs_(pv_inputs) {
  using Seconds = std::chrono::duration<double>;
  const double meter_s = Seconds{site.meter().parameters().refresh_period}.count();
  load_share_ = 1.0 - std::exp(-Seconds{mean_window}.count() / std::max(least_smoothing_s, 2.0 * meter_s));
}

void EtReadings::Sample::add(const models::Site::LaneView& lane, const models::PhaseValues& voltage_ln_v) {
  pv_w += lane.power.pv_w;
  battery_v += lane.battery.terminal_v;
  battery_discharge_a += lane.battery.discharge_a;
  battery_discharge_w += lane.power.battery_discharge_w;
  for (std::size_t k = 0; k < phase_count; ++k) {
    Phase& phase = phases[k];
    phase.voltage_ln_v += voltage_ln_v[k];
    phase.current_a += models::magnitude(lane.injection_a[k]);
    phase.injection_w += lane.power.phase_injection_va[k].real();
    phase.injection_var += lane.power.phase_injection_va[k].imag();
    if (lane.backup_a[k] == models::Phasor{}) continue;
    phase.backup_a += models::magnitude(lane.backup_a[k]);
    phase.backup_w += (lane.backup_ln_v[k] * std::conj(lane.backup_a[k])).real();
  }
}

void EtReadings::Sample::scale(double factor) {
  for (double* value : {&pv_w, &battery_v, &battery_discharge_a, &battery_discharge_w}) *value *= factor;
  for (Phase& phase : phases) {
    for (double* value : {&phase.voltage_ln_v, &phase.current_a, &phase.injection_w, &phase.injection_var,
                          &phase.backup_a, &phase.backup_w}) {
      *value *= factor;
    }
  }
}

bool EtReadings::refresh(Time now, const models::PhaseValues& voltage_ln_v) {
  sum_.add(lane_view_, voltage_ln_v);
  ++samples_;
  if (now < next_publication_) return false;
  next_publication_ = (now / mean_window + 1) * mean_window;
  mean_ = sum_;
  mean_.scale(1.0 / samples_);
  sum_ = {};
  samples_ = 0;
  read_meter();
  derive(lane_view_);
  estimate_load();
  return true;
}

void EtReadings::read_meter() {
  meter_.ok = meter_answers() ? 1.0 : 0.0;
  check_wiring();
  if (!meter_answers() || meter_stands_still_) return;  // the last values stay
  const models::EnergyMeter::Reading& reading = site_.meter().reading();
  for (std::size_t k = 0; k < phase_count; ++k) {
    meter_.export_w[k] = std::round(-reading.import_w[k]);
    meter_.export_var[k] = -reading.import_var[k];
    meter_.export_va[k] = std::copysign(reading.phase_va[k], meter_.export_w[k]);
    meter_.power_factor[k] = -reading.phase_power_factor[k];
    meter_.voltage_ln_v[k] = reading.voltage_ln_v[k];
    meter_.current_a[k] = reading.current_a[k];
    meter_.imported_wh[k] = reading.phase_imported_wh[k];
    meter_.exported_wh[k] = reading.phase_exported_wh[k];
  }
  meter_.total_export_w = meter_.export_w[0] + meter_.export_w[1] + meter_.export_w[2];
  meter_.total_export_var = -reading.total_import_var;
  meter_.total_export_va = std::copysign(reading.total_va, meter_.total_export_w);
  meter_.total_power_factor = -reading.power_factor;
  meter_.frequency_hz = reading.frequency_hz;
  meter_.total_imported_wh = reading.imported_wh;
  meter_.total_exported_wh = reading.exported_wh;
}

void EtReadings::check_wiring() {
  meter_.wiring = 0.0;
  meter_reversed_ = false;
  if (!own_meter_) return;
  int nibbles = 0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const int found = code_of(site_.metering().wiring(k));
    meter_reversed_ = meter_reversed_ || found == reversed;
    nibbles |= found << 4 * k;
  }
  meter_.wiring = nibbles;
}

void EtReadings::derive_pv() {
  const std::size_t count = std::min(site_.pv_input_count(lane_), pv_inputs);
  double sum_w = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const models::PvArray::Point point = site_.pv_point(lane_, i);
    inputs_[i] = {point.voltage_v, point.current_a, point.power_w};
    sum_w += point.power_w;
  }
  for (std::size_t i = 0; i < count; ++i) inputs_[i].w *= sum_w > 0.0 ? mean_.pv_w / sum_w : 0.0;
  derived_.pv_modes_low = modes(inputs_[1].w, count > 1, inputs_[0].w, count > 0);
  derived_.pv_modes_high = modes(inputs_[3].w, count > 3, inputs_[2].w, count > 2);
}

void EtReadings::derive_backup(const models::Site::LaneView& lane) {
  derived_.backup_w = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    Phase& phase = mean_.phases[k];
    // Without a backup bus of its own the port is fed through from the grid.
    const double own_v = models::magnitude(lane.backup_ln_v[k]);
    phase.backup_ln_v = own_v > 0.0 || lane.islanded ? own_v : phase.voltage_ln_v;
    phase.backup_w = std::round(phase.backup_w);
    derived_.backup_w += phase.backup_w;
    derived_.backup_on[k] = phase.backup_ln_v > port_live_v ? 1.0 : 0.0;
    derived_.backup_off[k] = 1.0 - derived_.backup_on[k];
  }
  derived_.backup_share = std::max(0.0, derived_.backup_w / rated_w_);
}

void EtReadings::derive(const models::Site::LaneView& lane) {
  derive_pv();
  derive_backup(lane);
  derived_.ac_injection_w = 0.0;
  derived_.ac_injection_var = 0.0;
  double highest_v = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    Phase& phase = mean_.phases[k];
    phase.injection_w = std::round(phase.injection_w);
    derived_.ac_injection_w += phase.injection_w;
    derived_.ac_injection_var += phase.injection_var;
    derived_.injection_va[k] = std::hypot(phase.injection_w, phase.injection_var);
    highest_v = std::max(highest_v, phase.voltage_ln_v);
    const double phase_export_w = meter_answers() ? meter_.export_w[k] : phase.injection_w - phase.backup_w;
    derived_.load_w[k] = std::max(0.0, phase.injection_w - phase.backup_w - phase_export_w);
  }
  if (meter_answers()) {
    derived_.export_w = meter_.total_export_w;
    derived_.export_var = meter_.total_export_var;
    derived_.export_va = std::abs(meter_.total_export_va);
  } else {
    derived_.export_w = derived_.ac_injection_w - derived_.backup_w;
    derived_.export_var = derived_.ac_injection_var;
    derived_.export_va = std::hypot(derived_.export_w, derived_.export_var);
  }
  derived_.on_grid_load_w = std::max(0.0, derived_.ac_injection_w - derived_.backup_w - derived_.export_w);
  derived_.frequency_hz = lane.frequency_hz;
  derived_.dc_bus_v = std::max(inputs_[0].v, bus_over_ln_rms * highest_v);
}

void EtReadings::estimate_load() {
  if (!meter_answers()) {
    load_w_.reset();
    phase_load_w_.reset();
    return;
  }
  const double seen_w = derived_.ac_injection_w - meter_.total_export_w;
  load_w_ = load_w_ ? *load_w_ + load_share_ * (seen_w - *load_w_) : seen_w;
  models::PhaseValues seen_phase_w{};
  for (std::size_t k = 0; k < phase_count; ++k) seen_phase_w[k] = mean_.phases[k].injection_w - meter_.export_w[k];
  if (!phase_load_w_) phase_load_w_ = seen_phase_w;
  for (std::size_t k = 0; k < phase_count; ++k) {
    (*phase_load_w_)[k] += load_share_ * (seen_phase_w[k] - (*phase_load_w_)[k]);
  }
}

EtCounters::Energies EtReadings::powers_w() const {
  const double port_w = lane_view_.power.ac_injection_w - lane_view_.backup_w;
  const double export_w = meter_answers() ? -site_.meter().reading().total_import_w : port_w;
  EtCounters::Energies powers{};
  powers[EtCounters::pv] = lane_view_.power.pv_w;
  powers[EtCounters::exported] = std::max(0.0, export_w);
  powers[EtCounters::imported] = std::max(0.0, -export_w);
  powers[EtCounters::load] = std::max(0.0, port_w - export_w);
  powers[EtCounters::battery_charge] = std::max(0.0, -lane_view_.battery.discharge_w);
  powers[EtCounters::battery_discharge] = std::max(0.0, lane_view_.battery.discharge_w);
  return powers;
}

void EtReadings::publish(DeviceFace& face) const {
  face.signal("pv_w", &mean_.pv_w);
  for (std::size_t i = 0; i < pv_inputs; ++i) {
    face.signal(fmt::format("pv{}_v", i + 1), &inputs_[i].v);
    face.signal(fmt::format("pv{}_a", i + 1), &inputs_[i].a);
    face.signal(fmt::format("pv{}_w", i + 1), &inputs_[i].w);
  }
  face.signal("pv_modes_low", &derived_.pv_modes_low);
  face.signal("pv_modes_high", &derived_.pv_modes_high);
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phase& phase = mean_.phases[k];
    face.signal(phase_name(k, "voltage_ln_rms_v"), &phase.voltage_ln_v);
    face.signal(phase_name(k, "current_a"), &phase.current_a);
    face.signal(phase_name(k, "injection_w"), &phase.injection_w);
    face.signal(phase_name(k, "injection_var"), &phase.injection_var);
    face.signal(phase_name(k, "injection_va"), &derived_.injection_va[k]);
    face.signal(phase_name(k, "load_w"), &derived_.load_w[k]);
    face.signal("backup_" + phase_name(k, "voltage_ln_rms_v"), &phase.backup_ln_v);
    face.signal("backup_" + phase_name(k, "current_a"), &phase.backup_a);
    face.signal("backup_" + phase_name(k, "consumed_w"), &phase.backup_w);
    face.signal("backup_" + phase_name(k, "on"), &derived_.backup_on[k]);
    face.signal("backup_" + phase_name(k, "off"), &derived_.backup_off[k]);
    face.signal("meter_" + phase_name(k, "export_w"), &meter_.export_w[k]);
    face.signal("meter_" + phase_name(k, "export_var"), &meter_.export_var[k]);
    face.signal("meter_" + phase_name(k, "export_va"), &meter_.export_va[k]);
    face.signal("meter_" + phase_name(k, "power_factor"), &meter_.power_factor[k]);
    face.signal("meter_" + phase_name(k, "voltage_ln_rms_v"), &meter_.voltage_ln_v[k]);
    face.signal("meter_" + phase_name(k, "current_a"), &meter_.current_a[k]);
    face.signal("meter_" + phase_name(k, "imported_wh"), &meter_.imported_wh[k]);
    face.signal("meter_" + phase_name(k, "exported_wh"), &meter_.exported_wh[k]);
  }
  face.signal("frequency_hz", &derived_.frequency_hz);
  face.signal("ac_injection_w", &derived_.ac_injection_w);
  face.signal("ac_export_w", &derived_.export_w);
  face.signal("ac_export_var", &derived_.export_var);
  face.signal("ac_export_va", &derived_.export_va);
  face.signal("backup_w", &derived_.backup_w);
  face.signal("backup_share", &derived_.backup_share);
  face.signal("on_grid_load_w", &derived_.on_grid_load_w);
  face.signal("dc_bus_v", &derived_.dc_bus_v);
  face.signal("battery_v", &mean_.battery_v);
  face.signal("battery_discharge_a", &mean_.battery_discharge_a);
  face.signal("battery_discharge_w", &mean_.battery_discharge_w);
  face.signal("meter_ok", &meter_.ok);
  face.signal("meter_wiring", &meter_.wiring);
  face.signal("meter_export_w", &meter_.total_export_w);
  face.signal("meter_export_var", &meter_.total_export_var);
  face.signal("meter_export_va", &meter_.total_export_va);
  face.signal("meter_power_factor", &meter_.total_power_factor);
  face.signal("meter_frequency_hz", &meter_.frequency_hz);
  face.signal("meter_imported_wh", &meter_.total_imported_wh);
  face.signal("meter_exported_wh", &meter_.total_exported_wh);
}

}  // namespace hil::sim
