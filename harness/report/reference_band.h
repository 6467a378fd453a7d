#pragma once

#include <vector>

#include "harness/scenario/check_specs.h"

namespace hil::harness {

/// A piece of the band around a reference: straight from one instant to another.
struct BandPiece {
  sim::Time from{0};  ///< after the window's start
  sim::Time until{0};
  double lowest_at_from = 0.0;
  double lowest_at_until = 0.0;
  double highest_at_from = 0.0;
  double highest_at_until = 0.0;
};

inline constexpr std::size_t most_band_pieces = 200;

/// The band of a check against points, over a window of this length, for a drawing: at most most_band_pieces, between
/// which finer detail is lost. Empty for a check against a signal.
std::vector<BandPiece> reference_band(const FollowsCheck& check, sim::Time length);

}  // namespace hil::harness
