#pragma once

#include <array>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Symmetrical components of three phasors; `positive` turns L1, L2, L3.
struct SequenceComponents {
  Phasor zero;
  Phasor positive;
  Phasor negative;
};

inline SequenceComponents sequence_components(const PhasePhasors& phases) {
  const Phasor a{-0.5, 0.8660254037844386};  // 1 at +120 degrees
  const Phasor a2 = std::conj(a);
  return {(phases[0] + phases[1] + phases[2]) / 3.0, (phases[0] + a * phases[1] + a2 * phases[2]) / 3.0,
          (phases[0] + a2 * phases[1] + a * phases[2]) / 3.0};
}

/// VUF = |V2| / |V1| (physics-and-standards 1.2); 0 when there is no positive sequence to measure by.
inline double voltage_unbalance_factor(const PhasePhasors& phases) {
  const SequenceComponents sequence = sequence_components(phases);
  const double positive = magnitude(sequence.positive);
  return positive > 0.0 ? magnitude(sequence.negative) / positive : 0.0;
}

}  // namespace hil::models
