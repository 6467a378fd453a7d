#pragma once

namespace hil::models {

/// The two cells that matter of a pack: the one that empties first and the one that fills first.
///
///   soc_low = soc + low_offset,  soc_high = soc + high_offset       soc: that of the mean cell
///   d(offset) = d(soc) (1 / share_of_capacity - 1)                  low cell weak, high cell strong
///   cell_v = mean_cell_v + ocv(soc_cell) - ocv(soc)                 same current, same resistance
///
/// Passive balancing bleeds the high cell while it is above `balancing_above_v` and the two are more than
/// `balancing_spread_v` apart (physics-and-standards 4.2, certainty C). The charge it takes belongs to one cell of
/// many and is not taken from the pack. Off (`start_spread_soc` and `capacity_spread` zero): all cells alike.
///
/// Checked against: by hand, see tests/models/storage/cell_spread_test.cpp.
class CellSpread {
 public:
  struct Parameters {
    double start_spread_soc = 0.0;      ///< highest less lowest cell, 0..0.2; 0.005 to 0.02 is usual (4.2, C)
    double capacity_spread = 0.0;       ///< strongest less weakest as a share, 0..0.2
    double temperature_spread_k = 0.0;  ///< hottest less coldest cell, 0..20, constant
    double balancing_a = 0.0;           ///< 0..1; 0.03 to 0.1 is usual (4.2, C)
    double balancing_above_v = 3.40;    ///< 2..4 (4.2, C)
    double balancing_spread_v = 0.010;  ///< 0..0.5 (4.2, C)
  };
  struct Cells {
    double cell_min_v = 0.0;
    double cell_max_v = 0.0;
    double cell_min_c = 0.0;
    double cell_max_c = 0.0;
  };

  /// Throws InvalidParameter.
  explicit CellSpread(const Parameters& parameters);

  Cells evaluate(double mean_cell_v, double soc, double temperature_c) const;
  /// After `duration_s` in which the mean cell's soc rose by `soc_change`.
  void advance(double duration_s, double soc_change, double capacity_ah, const Cells& cells);

  double low_cell_soc_offset() const { return low_offset_; }
  double high_cell_soc_offset() const { return high_offset_; }
  bool balancing() const { return balancing_; }

 private:
  Parameters parameters_;
  double low_offset_;
  double high_offset_;
  bool alike_;
  bool balancing_ = false;
};

}  // namespace hil::models
