#pragma once

#include "models/electrical/phasor.h"

namespace hil::models {

/// The three answers to "how many VA" of an unbalanced four-wire load (physics-and-standards 6.3). They agree when
/// the load is balanced; otherwise vector <= arithmetic <= effective.
enum class ApparentPower : unsigned char { arithmetic, vector, effective };

/// sum |S_k|
double arithmetic_va(const PhasePhasors& import_va);

/// |sum S_k|
double vector_va(const PhasePhasors& import_va);

/// S_e = 3 Ve Ie,  Ie^2 = (sum I_k^2 + rho In^2) / 3,  Ve^2 = (3 sum Vln^2 + sum Vll^2) / 18  (IEEE 1459, delta and
/// star loads in equal parts), with In the sum of the phase currents and rho the resistance of the neutral conductor
/// over that of a phase conductor.
double effective_va(const PhasePhasors& voltage_ln_v, const PhasePhasors& current_a, double neutral_resistance_ratio);

}  // namespace hil::models
