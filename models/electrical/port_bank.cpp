#include "models/electrical/port_bank.h"

#include <limits>

namespace hil::models {

namespace {

constexpr std::size_t neutral = static_cast<std::size_t>(Conductor::n);

constexpr Eigen::Index lane(std::size_t k) {
  return Vector4::index(k);
}

/// Two neighbours of a Vector4's part. GCC's vectors rather than Eigen's expressions, of which it inlines only small
/// ones at -O2.
using Pair = double __attribute__((vector_size(16), may_alias));

Pair pair_of(const Eigen::Array4d& values, std::size_t first) {
  return *reinterpret_cast<const Pair*>(values.data() + first);
}

void set_pair(Eigen::Array4d& values, std::size_t first, Pair pair) {
  *reinterpret_cast<Pair*>(values.data() + first) = pair;
}

Pair both(double value) {
  return Pair{value, value};
}

bool starts_star(const NetworkElements& elements, const std::vector<std::size_t>& ports, std::size_t i) {
  if (i + phase_count > ports.size()) return false;
  const std::size_t l1 = elements.ports[ports[i]].from;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const NetworkElements::Port& port = elements.ports[ports[i + k]];
    if (port.from % conductor_count != k || port.from != l1 + k || port.to != l1 + neutral) return false;
  }
  return true;
}

}  // namespace

PortBank::PortBank(const NetworkElements& elements, const std::vector<std::size_t>& ports) {
  for (std::size_t i = 0; i < ports.size();) {
    const NetworkElements::Port& first = elements.ports[ports[i]];
    const auto bus = static_cast<std::uint32_t>(first.from / conductor_count);
    if (!starts_star(elements, ports, i)) {
      singles_.push_back({static_cast<std::uint32_t>(ports[i]), bus,
                          static_cast<std::uint8_t>(first.from % conductor_count),
                          static_cast<std::uint8_t>(first.to % conductor_count), Phasor{}});
      ++i;
      continue;
    }
    Star star;
    star.bus = bus;
    for (std::size_t k = 0; k < phase_count; ++k) {
      const PortLaw& law = elements.ports[ports[i + k]].law;
      star.ports[k] = static_cast<std::uint32_t>(ports[i + k]);
      // Nothing, and no division by zero, at a conductor without voltage.
      star.floor_v2[k] = law.floor_v2 > 0.0 ? law.floor_v2 : std::numeric_limits<double>::min();
      star.taper_v2[k] = law.taper_v * law.taper_v;
    }
    stars_.push_back(star);
    i += phase_count;
  }
}

inline void PortBank::load_admittances(Star& star, const NetworkElements& elements) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor admittance_s = elements.ports[star.ports[k]].admittance_s;
    star.admittance_re[lane(k)] = admittance_s.real();
    star.admittance_im[lane(k)] = admittance_s.imag();
  }
}

inline void PortBank::load_star(Star& star, std::span<const PortInjection> injections) {
  constexpr double never = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < phase_count; ++k) {
    const PortInjection& injection = injections[star.ports[k]];
    const double p = injection.power_va.real();
    const double q = injection.power_va.imag();
    star.p[lane(k)] = p;
    star.q[lane(k)] = q;
    double needed_v2 = star.floor_v2[k];
    if (injection.max_a > 0.0) {
      if (injection.max_a != star.max_a[k]) {
        star.max_a[k] = injection.max_a;
        star.per_max_a2[k] = 1.0 / (injection.max_a * injection.max_a);
      }
      const double unclipped_v2 = (p * p + q * q) * star.per_max_a2[k];
      needed_v2 = unclipped_v2 > star.taper_v2[k] ? unclipped_v2 : star.taper_v2[k];
    }
    star.needed_v2[k] = only_power(injection) ? needed_v2 : never;
  }
}

void PortBank::load(const NetworkElements& elements, std::span<const PortInjection> injections) {
  if (admittances_set_ != elements.admittances_set) {
    admittances_set_ = elements.admittances_set;
    for (Star& star : stars_) load_admittances(star, elements);
  }
  for (Star& star : stars_) load_star(star, injections);
}

inline void PortBank::inject_star(Star& star, const NetworkElements& elements,
                                  std::span<const PortInjection> injections, const Vector4& v, Vector4& balance_a) {
  // L1 and L2 beside each other, then L3 and the neutral, whose drop against itself is zero. In GCC's vectors, so that
  // nothing is put together in memory.
  const Pair neutral_re = both(v.re[lane(neutral)]);
  const Pair neutral_im = both(v.im[lane(neutral)]);
  const Pair re_1 = pair_of(v.re, 0) - neutral_re;
  const Pair im_1 = pair_of(v.im, 0) - neutral_im;
  const Pair re_3 = pair_of(v.re, 2) - neutral_re;
  const Pair im_3 = pair_of(v.im, 2) - neutral_im;
  const Pair v2_1 = re_1 * re_1 + im_1 * im_1;
  const Pair v2_3 = re_3 * re_3 + im_3 * im_3 + Pair{0.0, 1.0};  // the neutral's lane must not divide by zero
  // One branch instead of three, since nearly every step takes the same way.
  const int plain =
      int{v2_1[0] >= star.needed_v2[0]} & int{v2_1[1] >= star.needed_v2[1]} & int{v2_3[0] >= star.needed_v2[2]};
  if (plain == 0) return inject_rarely(star, elements, injections, v, balance_a);

  const Pair per_1 = 1.0 / v2_1;
  const Pair per_3 = 1.0 / v2_3;
  const Pair g_1 = pair_of(star.p, 0) * per_1 - pair_of(star.admittance_re, 0);
  const Pair g_3 = pair_of(star.p, 2) * per_3 - pair_of(star.admittance_re, 2);
  const Pair b_1 = pair_of(star.q, 0) * per_1 + pair_of(star.admittance_im, 0);
  const Pair b_3 = pair_of(star.q, 2) * per_3 + pair_of(star.admittance_im, 2);
  const Pair a_re_1 = g_1 * re_1 + b_1 * im_1;
  const Pair a_re_3 = g_3 * re_3 + b_3 * im_3;
  const Pair a_im_1 = g_1 * im_1 - b_1 * re_1;
  const Pair a_im_3 = g_3 * im_3 - b_3 * re_3;
  set_pair(star.current_a.re, 0, a_re_1);
  set_pair(star.current_a.re, 2, a_re_3);
  set_pair(star.current_a.im, 0, a_im_1);
  set_pair(star.current_a.im, 2, a_im_3);
  set_pair(balance_a.re, 0, pair_of(balance_a.re, 0) + a_re_1);
  set_pair(balance_a.im, 0, pair_of(balance_a.im, 0) + a_im_1);
  const Pair back_re{a_re_3[0], -(a_re_1[0] + a_re_1[1] + a_re_3[0])};
  const Pair back_im{a_im_3[0], -(a_im_1[0] + a_im_1[1] + a_im_3[0])};
  set_pair(balance_a.re, 2, pair_of(balance_a.re, 2) + back_re);
  set_pair(balance_a.im, 2, pair_of(balance_a.im, 2) + back_im);
}

/// By the law of each port.
void PortBank::inject_rarely(Star& star, const NetworkElements& elements, std::span<const PortInjection> injections,
                             const Vector4& v, Vector4& balance_a) {
  star.current_a = {};
  for (std::size_t k = 0; k < phase_count; ++k) {
    const NetworkElements::Port& port = elements.ports[star.ports[k]];
    const Phasor port_v = v.at(k) - v.at(neutral);
    const Phasor a = injection_a(port.law, injections[star.ports[k]], port_v) - times(port.admittance_s, port_v);
    star.current_a.set(k, a);
    balance_a.add(neutral, -a);
  }
  balance_a += star.current_a;
}

void PortBank::inject(const NetworkElements& elements, std::span<const PortInjection> injections, const NodeValues& v,
                      NodeValues& balance_a) {
  for (Star& star : stars_) inject_star(star, elements, injections, v[star.bus], balance_a[star.bus]);
  for (Single& single : singles_) {
    const NetworkElements::Port& port = elements.ports[single.port];
    const Vector4& bus_v = v[single.bus];
    const Phasor port_v = bus_v.at(single.from) - bus_v.at(single.to);
    single.current_a = injection_a(port.law, injections[single.port], port_v) - times(port.admittance_s, port_v);
    balance_a[single.bus].add(single.from, single.current_a);
    balance_a[single.bus].add(single.to, -single.current_a);
  }
}

void PortBank::store_currents(NetworkElements& elements) const {
  for (const Star& star : stars_) {
    for (std::size_t k = 0; k < phase_count; ++k) {
      elements.ports[star.ports[k]].current_a = star.current_a.at(k);
    }
  }
  for (const Single& single : singles_) elements.ports[single.port].current_a = single.current_a;
}

}  // namespace hil::models
