#pragma once

#include <Eigen/Dense>
#include <array>
#include <cstddef>
#include <string>

#include "models/electrical/phasor.h"

namespace hil::models {

enum class WindingConnection : unsigned char {
  grounded_wye,  ///< star point tied to earth, the bus's N is not touched
  wye,           ///< star point on the bus's N conductor
  delta,
};

/// Three-phase transformer as three two-winding legs, each an ideal ratio behind its leakage impedance.
///
///   i_secondary = y (v_secondary - v_primary / ratio),  i_primary = -i_secondary / ratio,  per leg
///
/// `secondary_lag_hours` is the clock number of the vector group: the secondary lags the primary by 30 degrees an hour.
/// Even when both sides are wye or both delta, odd when they differ (Dyn1, Dyn5, Dyn11, Yd1 ...).
/// Left out: magnetising current, iron losses, coupling of the legs through the yoke.
struct Transformer {
  std::string name;
  std::size_t from_bus = 0;  ///< primary
  std::size_t to_bus = 0;    ///< secondary
  double rated_va = 0.0;     ///< three-phase; > 0
  double primary_ll_v = 0.0;
  double secondary_ll_v = 0.0;
  double series_r_pu = -1.0;  ///< >= 0
  double series_x_pu = -1.0;  ///< > 0
  WindingConnection primary = WindingConnection::grounded_wye;
  WindingConnection secondary = WindingConnection::grounded_wye;
  int secondary_lag_hours = 0;
};

/// The two ends of a winding: conductor 0..3, or `earth`.
struct WindingEnds {
  static constexpr std::size_t earth = conductor_count;
  std::size_t plus = earth;
  std::size_t minus = earth;
};
struct TransformerLeg {
  WindingEnds primary;
  WindingEnds secondary;
};

std::array<TransformerLeg, phase_count> legs_of(const Transformer& transformer);

/// Current into the transformer at [primary L1 L2 L3 N, secondary L1 L2 L3 N] over the voltages there.
Eigen::Matrix<Phasor, 8, 8> admittance_s(const Transformer& transformer);

/// Throws InvalidParameter.
void require_valid(const Transformer& transformer, std::size_t bus_count);

}  // namespace hil::models
