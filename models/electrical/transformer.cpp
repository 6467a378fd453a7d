#include "models/electrical/transformer.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

bool is_delta(WindingConnection connection) {
  return connection == WindingConnection::delta;
}

/// `next`: the conductor that the end of a delta winding goes to, counted from its start.
WindingEnds ends_of(WindingConnection connection, std::size_t phase, std::size_t next) {
  if (is_delta(connection)) return {phase, (phase + next) % phase_count};
  const bool earthed = connection == WindingConnection::grounded_wye;
  return {phase, earthed ? WindingEnds::earth : static_cast<std::size_t>(Conductor::n)};
}

double winding_v(WindingConnection connection, double ll_v) {
  return is_delta(connection) ? ll_v : ll_v / std::numbers::sqrt3;
}

}  // namespace

/// Legs pair a primary and a secondary winding in phase. L1-L3 lags L1 by 30 degrees, and L1 lags L1-L2 by 30: with
/// these, delta against wye is hour 1. Taking the primary's next phase adds four hours, turning the winding round six.
std::array<TransformerLeg, phase_count> legs_of(const Transformer& transformer) {
  const bool mixed = is_delta(transformer.primary) != is_delta(transformer.secondary);
  const int half_hours = ((transformer.secondary_lag_hours - (mixed ? 1 : 0) + 12) / 2) % 6;
  const bool turned = half_hours % 2 == 1;
  const auto rotation = static_cast<std::size_t>((half_hours - (turned ? 3 : 0) + 6) / 2 % 3);
  std::array<TransformerLeg, phase_count> legs;
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    TransformerLeg& leg = legs[phase];
    leg.primary = ends_of(transformer.primary, (phase + rotation) % phase_count, mixed ? 2 : 1);
    leg.secondary = ends_of(transformer.secondary, phase, 1);
    if (turned) std::swap(leg.secondary.plus, leg.secondary.minus);
  }
  return legs;
}

Eigen::Matrix<Phasor, 8, 8> admittance_s(const Transformer& transformer) {
  const double primary_v = winding_v(transformer.primary, transformer.primary_ll_v);
  const double secondary_v = winding_v(transformer.secondary, transformer.secondary_ll_v);
  const double base_ohm = secondary_v * secondary_v / (transformer.rated_va / 3.0);
  const Phasor leakage_s = 1.0 / (base_ohm * Phasor{transformer.series_r_pu, transformer.series_x_pu});
  const double ratio = primary_v / secondary_v;
  Eigen::Matrix<Phasor, 8, 8> total = Eigen::Matrix<Phasor, 8, 8>::Zero();
  for (const TransformerLeg& leg : legs_of(transformer)) {
    Eigen::Matrix<double, 8, 1> drop = Eigen::Matrix<double, 8, 1>::Zero();  // v_secondary - v_primary / ratio
    const auto add = [&drop](std::size_t end, std::size_t first, double share) {
      if (end != WindingEnds::earth) drop(static_cast<Eigen::Index>(first + end)) += share;
    };
    add(leg.primary.plus, 0, -1.0 / ratio);
    add(leg.primary.minus, 0, 1.0 / ratio);
    add(leg.secondary.plus, conductor_count, 1.0);
    add(leg.secondary.minus, conductor_count, -1.0);
    total += leakage_s * (drop * drop.transpose()).cast<Phasor>();
  }
  return total;
}

void require_valid(const Transformer& transformer, std::size_t bus_count) {
  const std::string where = "transformer " + transformer.name + " ";
  const auto check = [&where](bool holds, const char* field, double value, const char* allowed) {
    require(holds && std::isfinite(value), (where + field).c_str(), value, allowed);
  };
  check(transformer.from_bus < bus_count, "from_bus", static_cast<double>(transformer.from_bus),
        "below the number of buses");
  check(transformer.to_bus < bus_count && transformer.to_bus != transformer.from_bus, "to_bus",
        static_cast<double>(transformer.to_bus), "another bus than from_bus, below the number of buses");
  check(transformer.rated_va > 0.0, "rated_va", transformer.rated_va, "> 0");
  check(transformer.primary_ll_v > 0.0, "primary_ll_v", transformer.primary_ll_v, "> 0");
  check(transformer.secondary_ll_v > 0.0, "secondary_ll_v", transformer.secondary_ll_v, "> 0");
  check(transformer.series_r_pu >= 0.0, "series_r_pu", transformer.series_r_pu, ">= 0");
  check(transformer.series_x_pu > 0.0, "series_x_pu", transformer.series_x_pu, "> 0");
  const bool mixed = is_delta(transformer.primary) != is_delta(transformer.secondary);
  const int hours = transformer.secondary_lag_hours;
  check(hours >= 0 && hours <= 11 && hours % 2 == (mixed ? 1 : 0), "secondary_lag_hours", hours,
        mixed ? "1, 3, 5, 7, 9 or 11 (delta against wye)" : "0, 2, 4, 6, 8 or 10 (same connection on both sides)");
}

}  // namespace hil::models
