#pragma once

#include <cmath>

namespace hil::models {

/// exp(x) for an x that moves little from call to call: a series around the last place where std::exp was asked,
/// so errors do not add up. Within 1e-14 of std::exp, relative.
class NearbyExp {
 public:
  double operator()(double x) {
    const double d = x - anchor_;
    if (!(std::abs(d) <= reach)) {
      anchor_ = x;
      value_ = std::exp(x);
      return value_;
    }
    const double d2 = d * d;  // 1 + d + d2/2 + ... + d^6/720; the next term is 6e-15 at the reach
    return value_ * ((1.0 + d) + d2 * ((1.0 / 2.0 + d / 6.0) + d2 * (1.0 / 24.0 + d / 120.0 + d2 / 720.0)));
  }

 private:
  static constexpr double reach = 1.0 / 32.0;
  double anchor_ = 0.0;
  double value_ = 1.0;
};

}  // namespace hil::models
