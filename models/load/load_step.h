#pragma once

#include <chrono>

#include "models/invalid_parameter.h"

namespace hil::models {

/// The fixed step of a load's behaviour in seconds. Throws InvalidParameter outside 1 ms..1 s.
inline double checked_load_step_s(std::chrono::nanoseconds step) {
  const double step_s = std::chrono::duration<double>(step).count();
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step", step_s, "0.001..1 s");
  return step_s;
}

}  // namespace hil::models
