#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "models/site/site.h"
#include "tests/benchmarks/plant_sites.h"

namespace hil::models {

/// The least that a step of such a site costs: the same radial net, orders and loads in one loop over plain arrays,
/// written for nothing else. What the plant costs beyond it is the price of protection, modes, checks and parts that
/// can be joined freely.
///
///   lanes      ramp, volt-watt, apparent-power circle, loss
///   network    four-wire sweep to 1e-6 V, from the last solution
///   batteries  open-circuit voltage by table, two RC branches
///   metering   powers, voltages and currents at the board, energy
class BarePlant {
 public:
  /// Radial sites of plant_site() only, without backup ports.
  explicit BarePlant(const Site::Parameters& site);

  void advance(const std::array<double, plant_inverters>& orders_w, double load_scale);
  double import_w() const { return import_w_; }
  double soc(std::size_t lane) const { return soc_[lane]; }

 private:
  struct Values {
    std::array<double, 4> re{};
    std::array<double, 4> im{};
  };
  void plan_lanes(const std::array<double, plant_inverters>& orders_w);
  void sweep();
  double sweep_once();
  void settle_batteries();
  void meter();

  std::vector<std::size_t> parent_;
  std::vector<double> r_ohm_;  ///< towards the parent; of the first, the grid's
  std::vector<double> x_ohm_;
  std::vector<std::array<double, 3>> load_w_;  ///< of each bus
  std::vector<std::array<double, 3>> p_w_;     ///< injected, of each bus
  std::vector<std::array<double, 3>> q_var_;
  std::vector<Values> v_;
  std::vector<Values> a_;
  Values emf_v_;

  std::array<std::size_t, plant_inverters> lane_bus_{};
  std::array<double, plant_inverters> request_w_{};
  std::array<double, plant_inverters> pv_w_{};
  std::array<double, plant_inverters> battery_w_{};
  std::array<double, plant_inverters> soc_{};
  std::array<double, plant_inverters> branch1_v_{};
  std::array<double, plant_inverters> branch2_v_{};
  std::array<double, plant_inverters> ac_wh_{};
  std::array<double, plant_inverters> battery_wh_{};

  std::array<double, 3> meter_v_{};
  std::array<double, 3> meter_a_{};
  double import_w_ = 0.0;
  double import_var_ = 0.0;
  double imported_wh_ = 0.0;
  double exported_wh_ = 0.0;
};

}  // namespace hil::models
