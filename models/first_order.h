#pragma once

#include <chrono>
#include <cmath>

namespace hil::models {

/// Share of the way to a constant target that a first order covers in `time`; all of it without a time constant.
inline double covered(std::chrono::nanoseconds time, std::chrono::nanoseconds time_constant) {
  if (time.count() == 0) return 0.0;
  if (time_constant.count() == 0) return 1.0;
  using Seconds = std::chrono::duration<double>;
  return -std::expm1(-Seconds{time} / Seconds{time_constant});
}

}  // namespace hil::models
