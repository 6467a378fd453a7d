#pragma once

#include <cmath>
#include <string>

#include "models/electrical/phasor.h"
#include "models/invalid_parameter.h"

namespace hil::models {

/// Refuses what is no series impedance of a wire: resistance > 0, reactance >= 0.
inline void require_impedance(Phasor ohm, const std::string& field) {
  require(ohm.real() > 0.0 && std::isfinite(ohm.real()), field.c_str(), ohm.real(), "> 0 (resistance)");
  require(ohm.imag() >= 0.0 && std::isfinite(ohm.imag()), field.c_str(), ohm.imag(), ">= 0 (reactance)");
}

}  // namespace hil::models
