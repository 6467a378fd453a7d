#include "models/storage/cell_spread.h"

#include <algorithm>

#include "models/invalid_parameter.h"
#include "models/storage/lfp_cell.h"

namespace hil::models {

namespace {

void require_within(double value, double lowest, double highest, const char* field, const char* allowed) {
  require(value >= lowest && value <= highest, field, value, allowed);
}

}  // namespace

CellSpread::CellSpread(const Parameters& parameters)
    : parameters_(parameters),
      low_offset_(-parameters.start_spread_soc / 2.0),
      high_offset_(parameters.start_spread_soc / 2.0),
      alike_(parameters.start_spread_soc == 0.0 && parameters.capacity_spread == 0.0) {
  const Parameters& p = parameters;
  require_within(p.start_spread_soc, 0.0, 0.2, "start_spread_soc", "0..0.2");
  require_within(p.capacity_spread, 0.0, 0.2, "capacity_spread", "0..0.2");
  require_within(p.temperature_spread_k, 0.0, 20.0, "temperature_spread_k", "0..20");
  require_within(p.balancing_a, 0.0, 1.0, "balancing_a", "0..1");
  require_within(p.balancing_above_v, 2.0, 4.0, "balancing_above_v", "2..4");
  require_within(p.balancing_spread_v, 0.0, 0.5, "balancing_spread_v", "0..0.5");
}

CellSpread::Cells CellSpread::evaluate(double mean_cell_v, double soc, double temperature_c) const {
  const double half_k = parameters_.temperature_spread_k / 2.0;
  Cells cells{mean_cell_v, mean_cell_v, temperature_c - half_k, temperature_c + half_k};
  if (alike_) return cells;
  const double overvoltage_v = mean_cell_v - lfp_cell::open_circuit(soc).open_circuit_v;
  const double low_v = overvoltage_v + lfp_cell::open_circuit(soc + low_offset_).open_circuit_v;
  const double high_v = overvoltage_v + lfp_cell::open_circuit(soc + high_offset_).open_circuit_v;
  // The weak cell sags below the strong one when empty and rises above it when full.
  cells.cell_min_v = std::min({mean_cell_v, low_v, high_v});
  cells.cell_max_v = std::max({mean_cell_v, low_v, high_v});
  return cells;
}

void CellSpread::advance(double duration_s, double soc_change, double capacity_ah, const Cells& cells) {
  if (alike_) return;
  const double half = parameters_.capacity_spread / 2.0;
  low_offset_ += soc_change * (1.0 / (1.0 - half) - 1.0);
  high_offset_ += soc_change * (1.0 / (1.0 + half) - 1.0);
  balancing_ = parameters_.balancing_a > 0.0 && cells.cell_max_v > parameters_.balancing_above_v &&
               cells.cell_max_v - cells.cell_min_v > parameters_.balancing_spread_v;
  if (!balancing_) return;
  double& fullest = high_offset_ >= low_offset_ ? high_offset_ : low_offset_;
  fullest -= parameters_.balancing_a * duration_s / (3600.0 * capacity_ah);
}

}  // namespace hil::models
