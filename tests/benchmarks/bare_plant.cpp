#include "tests/benchmarks/bare_plant.h"

#include <algorithm>
#include <cmath>

#include "models/storage/lfp_cell.h"

namespace hil::models {

namespace {

constexpr double step_s = 0.01;
constexpr double step_h = step_s / 3600.0;
constexpr double max_va = 11000.0;
constexpr double ramp_w = 100.0;
constexpr double capacity_ah = 280.0;
constexpr double cells = 120.0;
constexpr double r0_ohm = 0.02;
constexpr double r1_ohm = 0.013;
constexpr double r2_ohm = 0.026;
constexpr double kept1 = 0.9996;
constexpr double kept2 = 0.99998;
constexpr double sun_w = 4000.0;

}  // namespace

BarePlant::BarePlant(const Site::Parameters& site) {
  std::vector<std::string> names{site.grid_bus};
  parent_.push_back(0);
  r_ohm_.push_back(site.grid.phase_ohm.real());
  x_ohm_.push_back(site.grid.phase_ohm.imag());
  const auto index_of = [&names](const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  for (const Site::Cable& cable : site.cables) {
    parent_.push_back(index_of(cable.from_bus));
    names.push_back(cable.to_bus);
    r_ohm_.push_back(cable.phase_ohm.real());
    x_ohm_.push_back(cable.phase_ohm.imag());
  }
  const std::size_t buses = names.size();
  load_w_.resize(buses);
  p_w_.resize(buses);
  q_var_.resize(buses);
  v_.resize(buses);
  a_.resize(buses);
  for (const Site::Load& load : site.loads) load_w_[index_of(load.bus)] = load.zip->nominal_w;
  for (std::size_t i = 0; i < plant_inverters; ++i) lane_bus_[i] = index_of(site.inverters[i].bus);
  const PhasePhasors emf_v = balanced(230.0);
  for (std::size_t k = 0; k < phase_count; ++k) {
    emf_v_.re[k] = emf_v[k].real();
    emf_v_.im[k] = emf_v[k].imag();
  }
  std::fill(v_.begin(), v_.end(), emf_v_);
  pv_w_.fill(sun_w);
  soc_.fill(0.5);
}

void BarePlant::plan_lanes(const std::array<double, plant_inverters>& orders_w) {
  for (std::size_t i = 0; i < plant_inverters; ++i) {
    request_w_[i] += std::clamp(orders_w[i] - request_w_[i], -ramp_w, ramp_w);
    const std::size_t bus = lane_bus_[i];
    double mean_v = 0.0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double re = v_[bus].re[k] - v_[bus].re[3];
      const double im = v_[bus].im[k] - v_[bus].im[3];
      mean_v += std::sqrt(re * re + im * im) / 3.0;
    }
    const double ceiling_w = 10000.0 * std::clamp((260.0 - mean_v) / 10.0, 0.0, 1.0);
    const double dc_w = pv_w_[i] + request_w_[i];
    const double loss_w = 25.0 + 0.0094 * std::abs(dc_w) + 9.6e-7 * dc_w * dc_w;
    const double ac_w = std::clamp(dc_w - loss_w, -max_va, ceiling_w);
    battery_w_[i] = ac_w + loss_w - pv_w_[i];
    const double wanted_var = -100.0 * std::clamp(mean_v - 246.0, 0.0, 10.0);
    const double room_var = std::sqrt(max_va * max_va - ac_w * ac_w);
    const double var = std::clamp(wanted_var, -room_var, room_var);
    for (std::size_t k = 0; k < 3; ++k) {
      p_w_[bus][k] = ac_w / 3.0;
      q_var_[bus][k] = var / 3.0;
    }
    ac_wh_[i] += ac_w * step_h;
  }
}

double BarePlant::sweep_once() {
  const std::size_t buses = parent_.size();
  for (std::size_t bus = 0; bus < buses; ++bus) {
    const Values& v = v_[bus];
    Values& a = a_[bus];
    a.re[3] = a.im[3] = 0.0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double re = v.re[k] - v.re[3];
      const double im = v.im[k] - v.im[3];
      const double per_v2 = 1.0 / (re * re + im * im);
      const double p = p_w_[bus][k];
      const double q = q_var_[bus][k];
      a.re[k] = (p * re + q * im) * per_v2;
      a.im[k] = (p * im - q * re) * per_v2;
      a.re[3] -= a.re[k];
      a.im[3] -= a.im[k];
    }
  }
  for (std::size_t bus = buses; bus-- > 1;) {
    for (std::size_t k = 0; k < 4; ++k) {
      a_[parent_[bus]].re[k] += a_[bus].re[k];
      a_[parent_[bus]].im[k] += a_[bus].im[k];
    }
  }
  double change_v2 = 0.0;
  for (std::size_t bus = 0; bus < buses; ++bus) {
    const Values& from = bus == 0 ? emf_v_ : v_[parent_[bus]];
    const Values& a = a_[bus];
    Values& v = v_[bus];
    for (std::size_t k = 0; k < 4; ++k) {
      const double re = from.re[k] + r_ohm_[bus] * a.re[k] - x_ohm_[bus] * a.im[k];
      const double im = from.im[k] + r_ohm_[bus] * a.im[k] + x_ohm_[bus] * a.re[k];
      change_v2 += (re - v.re[k]) * (re - v.re[k]) + (im - v.im[k]) * (im - v.im[k]);
      v.re[k] = re;
      v.im[k] = im;
    }
  }
  return change_v2;
}

void BarePlant::sweep() {
  while (sweep_once() > 1e-12) {
  }
}

void BarePlant::settle_batteries() {
  constexpr int rows = lfp_cell::open_circuit_rows - 1;
  for (std::size_t i = 0; i < plant_inverters; ++i) {
    const double at = soc_[i] * rows;
    const auto row = static_cast<std::size_t>(std::min(static_cast<int>(at), rows - 1));
    const double low_v = lfp_cell::open_circuit_table[row].open_circuit_v;
    const double high_v = lfp_cell::open_circuit_table[row + 1].open_circuit_v;
    const double source_v =
        cells * (low_v + (high_v - low_v) * (at - static_cast<double>(row))) - branch1_v_[i] - branch2_v_[i];
    const double a = 2.0 * battery_w_[i] / (source_v + std::sqrt(source_v * source_v - 4.0 * r0_ohm * battery_w_[i]));
    branch1_v_[i] = kept1 * branch1_v_[i] + (1.0 - kept1) * r1_ohm * a;
    branch2_v_[i] = kept2 * branch2_v_[i] + (1.0 - kept2) * r2_ohm * a;
    soc_[i] = std::clamp(soc_[i] - a * step_h / capacity_ah, 0.0, 1.0);
    battery_wh_[i] += battery_w_[i] * step_h;
  }
}

void BarePlant::meter() {
  import_w_ = 0.0;
  import_var_ = 0.0;
  for (std::size_t k = 0; k < 3; ++k) {
    const double re_v = v_[0].re[k] - v_[0].re[3];
    const double im_v = v_[0].im[k] - v_[0].im[3];
    const double re_a = -a_[1].re[k];
    const double im_a = -a_[1].im[k];
    import_w_ += re_v * re_a + im_v * im_a;
    import_var_ += im_v * re_a - re_v * im_a;
    meter_v_[k] = std::sqrt(re_v * re_v + im_v * im_v);
    meter_a_[k] = std::sqrt(re_a * re_a + im_a * im_a);
  }
  (import_w_ >= 0.0 ? imported_wh_ : exported_wh_) += std::abs(import_w_) * step_h;
}

void BarePlant::advance(const std::array<double, plant_inverters>& orders_w, double load_scale) {
  for (std::size_t bus = 0; bus < load_w_.size(); ++bus) {
    for (std::size_t k = 0; k < 3; ++k) p_w_[bus][k] = -load_scale * load_w_[bus][k];
  }
  plan_lanes(orders_w);
  sweep();
  settle_batteries();
  meter();
}

}  // namespace hil::models
