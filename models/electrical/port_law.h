#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "models/electrical/network.h"
#include "models/electrical/phasor.h"

namespace hil::models {

/// Where a port's law changes, from its nominal voltage.
struct PortLaw {
  double floor_v2 = 0.0;  ///< square of the voltage below which constant power gives way
  double taper_v = 0.0;   ///< below it constant current and converters fade out
  double nominal_v = 0.0;
};

/// Everything a port injects is its voltage times one complex factor, the injection's conjugate over some square of a
/// voltage. The rare parts of the law: constant and fixed current, a converter, voltages below the floor.
inline Phasor rare_injection_a(const PortLaw& law, const PortInjection& injection, Phasor v) {
  const double v2 = v.real() * v.real() + v.imag() * v.imag();
  if (v2 == 0.0) return injection.fixed_a;
  const double magnitude_v = std::sqrt(v2);
  const bool tapers = magnitude_v < law.taper_v;
  // Below the taper the factor is that at the taper times (3 - u^2) / 2, u = v / taper: same value, and the current
  // has slope zero there and none left at 0 V.
  const double held_v = tapers ? law.taper_v : magnitude_v;
  const double taper = tapers ? 0.5 * (3.0 - v2 / (law.taper_v * law.taper_v)) : 1.0;
  const double per_current = taper / (law.nominal_v * held_v);
  double per_power = 0.0;
  if (injection.max_a > 0.0) {
    per_power = taper / (held_v * held_v);
  } else if (v2 >= law.floor_v2) {
    per_power = 1.0 / v2;
  } else {
    // |v|^2 in the denominator becomes (|v|^4 + floor^4) / (2 floor^2): same value and slope at the floor, constant
    // impedance towards 0 V.
    per_power = 2.0 * law.floor_v2 / (v2 * v2 + law.floor_v2 * law.floor_v2);
  }
  double p = injection.power_va.real() * per_power + injection.current_va.real() * per_current;
  double q = injection.power_va.imag() * per_power + injection.current_va.imag() * per_current;
  if (injection.max_a > 0.0) {
    const double held_a = std::sqrt(p * p + q * q) * held_v / taper;  // at the taper's edge when below it
    if (held_a > injection.max_a) {
      p *= injection.max_a / held_a;
      q *= injection.max_a / held_a;
    }
  }
  return {p * v.real() + q * v.imag() + injection.fixed_a.real(),
          p * v.imag() - q * v.real() + injection.fixed_a.imag()};
}

/// Whether the injection has nothing but constant power.
inline bool only_power(const PortInjection& injection) {
  // One test instead of four: all bits but the sign are zero.
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  return (bits(injection.current_va.real()) | bits(injection.current_va.imag()) | bits(injection.fixed_a.real()) |
          bits(injection.fixed_a.imag()))
             << 1 ==
         0;
}

/// Of the three of a star.
inline bool only_power(const PortInjection& l1, const PortInjection& l2, const PortInjection& l3) {
  const auto bits = [](const PortInjection& injection) {
    const auto of = [](double value) { return std::bit_cast<std::uint64_t>(value); };
    return of(injection.current_va.real()) | of(injection.current_va.imag()) | of(injection.fixed_a.real()) |
           of(injection.fixed_a.imag());
  };
  return (bits(l1) | bits(l2) | bits(l3)) << 1 == 0;
}

/// Current that power, current and converter part inject at port voltage `v`; the admittance part is not in it.
inline Phasor injection_a(const PortLaw& law, const PortInjection& injection, Phasor v) {
  const double v2 = v.real() * v.real() + v.imag() * v.imag();
  const double p = injection.power_va.real();
  const double q = injection.power_va.imag();
  const double max_a2 = injection.max_a * injection.max_a;
  const bool within =
      max_a2 > 0.0 ? p * p + q * q <= max_a2 * v2 && v2 >= law.taper_v * law.taper_v : v2 >= law.floor_v2 && v2 > 0.0;
  if (!(only_power(injection) && within)) return rare_injection_a(law, injection, v);
  const double per_v2 = 1.0 / v2;
  return {(p * v.real() + q * v.imag()) * per_v2, (p * v.imag() - q * v.real()) * per_v2};
}

}  // namespace hil::models
