#include "models/electrical/port_bank.h"

#include <limits>

#include "models/electrical/wide.h"

namespace hil::models {

namespace {

constexpr std::size_t neutral = static_cast<std::size_t>(Conductor::n);

constexpr Eigen::Index lane(std::size_t k) {
  return Vector4::index(k);
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

HIL_WIDE void PortBank::inject_stars(Star* star, const Star* end, const Vector4* v, Vector4* balance_a) {
  for (; star != end; ++star) {
    // The neutral is the fourth beside the phases: its drop against itself is zero.
    const Quad& v_re = quad(v[star->bus].re);
    const Quad& v_im = quad(v[star->bus].im);
    const Quad re = v_re - v_re[neutral];
    const Quad im = v_im - v_im[neutral];
    const Quad v2 = re * re + im * im + Quad{0.0, 0.0, 0.0, 1.0};  // it must not divide by zero
    // One branch instead of three, since nearly every step takes the same way.
    star->plain =
        (int{v2[0] >= star->needed_v2[0]} & int{v2[1] >= star->needed_v2[1]} & int{v2[2] >= star->needed_v2[2]}) != 0;
    if (!star->plain) continue;
    const Quad per_v2 = 1.0 / v2;
    const Quad g = quad(star->p) * per_v2 - quad(star->admittance_re);
    const Quad b = quad(star->q) * per_v2 + quad(star->admittance_im);
    Quad a_re = g * re + b * im;
    Quad a_im = g * im - b * re;
    a_re[neutral] = -(a_re[0] + a_re[1] + a_re[2]);
    a_im[neutral] = -(a_im[0] + a_im[1] + a_im[2]);
    quad(star->current_a.re) = a_re;
    quad(star->current_a.im) = a_im;
    Vector4& balance = balance_a[star->bus];
    quad(balance.re) += a_re;
    quad(balance.im) += a_im;
  }
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
  inject_stars(stars_.data(), stars_.data() + stars_.size(), v.data(), balance_a.data());
  for (Star& star : stars_) {
    if (!star.plain) inject_rarely(star, elements, injections, v[star.bus], balance_a[star.bus]);
  }
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
