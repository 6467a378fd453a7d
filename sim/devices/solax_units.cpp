#include "sim/devices/solax_units.h"

#include <fmt/format.h>

#include <string>

namespace hil::sim {
namespace {

void add(SolaxUnitValues& total, const SolaxUnitValues& unit) {
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    total.injection_w[k] += unit.injection_w[k];
    total.reactive_var[k] += unit.reactive_var[k];
    total.injection_a[k] += unit.injection_a[k];
  }
  for (std::size_t i = 0; i < SolaxUnitValues::pv_inputs; ++i) {
    total.pv_w[i] += unit.pv_w[i];
    total.pv_a[i] += unit.pv_a[i];
  }
  total.battery_charge_w += unit.battery_charge_w;
  total.battery_charge_a += unit.battery_charge_a;
  total.max_charge_w += unit.max_charge_w;
  total.max_discharge_w += unit.max_discharge_w;
}

void publish_values(DeviceFace& face, const std::string& whose, const SolaxUnitValues& values) {
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    const std::string phase = fmt::format("{}l{}_", whose, k + 1);
    face.signal(phase + "injection_w", &values.injection_w[k]);
    face.signal(phase + "reactive_var", &values.reactive_var[k]);
    face.signal(phase + "injection_a", &values.injection_a[k]);
  }
  for (std::size_t i = 0; i < SolaxUnitValues::pv_inputs; ++i) {
    const std::string input = fmt::format("{}pv{}_", whose, i + 1);
    face.signal(input + "w", &values.pv_w[i]);
    face.signal(input + "v", &values.pv_v[i]);
    face.signal(input + "a", &values.pv_a[i]);
  }
  face.signal(whose + "battery_charge_w", &values.battery_charge_w);
  face.signal(whose + "battery_v", &values.battery_v);
  face.signal(whose + "battery_charge_a", &values.battery_charge_a);
  face.signal(whose + "max_charge_w", &values.max_charge_w);
  face.signal(whose + "max_discharge_w", &values.max_discharge_w);
  face.signal(whose + "battery_faults", &values.battery_faults);
  face.signal(whose + "battery_soc", &values.battery_soc);
}

}  // namespace

void SolaxUnits::publish(DeviceFace& face) const {
  face.signal("units", &units_);
  publish_values(face, "total_", total_);
  for (std::size_t i = 0; i < most_slaves; ++i) publish_values(face, fmt::format("slave{}_", i + 1), shown_[i]);
}

void SolaxUnits::tell(std::size_t slave, const std::optional<SolaxUnitValues>& values) {
  told_.at(slave) = values.value_or(SolaxUnitValues{});
}

void SolaxUnits::refresh(const SolaxUnitValues& own, bool is_master, int units) {
  total_ = {};
  units_ = is_master ? units : 0.0;
  if (!is_master) {
    shown_ = {};
    return;
  }
  shown_ = told_;
  total_ = own;
  for (const SolaxUnitValues& slave : told_) add(total_, slave);
}

double SolaxUnits::others_injection_w() const {
  double sum_w = 0.0;
  for (const SolaxUnitValues& slave : told_) {
    for (const double phase_w : slave.injection_w) sum_w += phase_w;
  }
  return sum_w;
}

SolaxUnitValues SolaxUnits::others() const {
  SolaxUnitValues sum;
  for (const SolaxUnitValues& slave : told_) add(sum, slave);
  return sum;
}

}  // namespace hil::sim
