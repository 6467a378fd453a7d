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
    if (ports[i + k] != ports[i] + k) return false;
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
    star.first_port = static_cast<std::uint32_t>(ports[i]);
    for (std::size_t k = 0; k < phase_count; ++k) {
      const PortLaw& law = elements.ports[ports[i + k]].law;
      // Nothing, and no division by zero, at a conductor without voltage.
      star.floor_v2[k] = law.floor_v2 > 0.0 ? law.floor_v2 : std::numeric_limits<double>::min();
      star.taper_v2[k] = law.taper_v * law.taper_v;
      star.least_v2[lane(k)] = star.floor_v2[k];
    }
    stars_.push_back(star);
    i += phase_count;
  }
}

/// Mostly one load's have moved.
inline void PortBank::load_admittances(Star& star, const NetworkElements& elements) const {
  const NetworkElements::Port* const ports = elements.ports.data() + star.first_port;
  const auto moved = [this](const NetworkElements::Port& port) { return port.admittance_set > admittances_set_; };
  if (!moved(ports[0]) && !moved(ports[1]) && !moved(ports[2]) && admittances_set_ != never_taken) return;
  for (std::size_t k = 0; k < phase_count; ++k) {
    star.admittance_re[lane(k)] = ports[k].admittance_s.real();
    star.admittance_im[lane(k)] = ports[k].admittance_s.imag();
  }
}

void PortBank::take_limits(Star& star, const PortInjection* injections) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    const double max_a = injections[k].max_a;
    const bool converter = max_a > 0.0;
    star.max_a[k] = max_a;
    star.per_max_a2[lane(k)] = converter ? 1.0 / (max_a * max_a) : 0.0;
    star.least_v2[lane(k)] = converter ? star.taper_v2[k] : star.floor_v2[k];
  }
}

/// Down to which voltage the law of each port is the plain one.
HIL_WIDE void PortBank::load_stars(Star* star, const Star* end, const PortInjection* all) {
  constexpr double never = std::numeric_limits<double>::infinity();
  for (; star != end; ++star) {
    const PortInjection* const injections = all + star->first_port;
    const PortInjection& l1 = injections[0];
    const PortInjection& l2 = injections[1];
    const PortInjection& l3 = injections[2];
    // A NaN is unequal, too.
    if (!(l1.max_a == star->max_a[0] && l2.max_a == star->max_a[1] && l3.max_a == star->max_a[2])) {
      take_limits(*star, injections);
    }
    const Quad p{l1.power_va.real(), l2.power_va.real(), l3.power_va.real(), 0.0};
    const Quad q{l1.power_va.imag(), l2.power_va.imag(), l3.power_va.imag(), 0.0};
    Quad needed_v2 = quad(star->least_v2);
    keep_larger(needed_v2, (p * p + q * q) * quad(star->per_max_a2));
    quad(star->p) = p;
    quad(star->q) = q;
    quad(star->needed_v2) = needed_v2;
    if (only_power(l1, l2, l3)) continue;
    for (std::size_t k = 0; k < phase_count; ++k) {
      if (!only_power(injections[k])) star->needed_v2[lane(k)] = never;
    }
  }
}

void PortBank::load(const NetworkElements& elements, std::span<const PortInjection> injections) {
  if (admittances_set_ != elements.admittances_set) {
    for (Star& star : stars_) load_admittances(star, elements);
    admittances_set_ = elements.admittances_set;
  }
  load_stars(stars_.data(), stars_.data() + stars_.size(), injections.data());
}

HIL_WIDE bool PortBank::inject_stars(Star* star, const Star* end, const Vector4* v, Vector4* balance_a) {
  bool all_plain = true;
  for (; star != end; ++star) {
    // The neutral is the fourth beside the phases: its drop against itself is zero.
    const Quad& v_re = quad(v[star->bus].re);
    const Quad& v_im = quad(v[star->bus].im);
    const Quad re = v_re - v_re[neutral];
    const Quad im = v_im - v_im[neutral];
    const Quad v2 = re * re + im * im + Quad{0.0, 0.0, 0.0, 1.0};  // it must not divide by zero
    // One branch instead of three, since nearly every step takes the same way.
    star->plain = none_smaller(v2, quad(star->needed_v2));
    if (!star->plain) {
      all_plain = false;
      continue;
    }
    const Quad per_v2 = 1.0 / v2;
    const Quad g = quad(star->p) * per_v2 - quad(star->admittance_re);
    const Quad b = quad(star->q) * per_v2 + quad(star->admittance_im);
    Quad a_re = g * re + b * im;
    Quad a_im = g * im - b * re;
    return_by_fourth(a_re, a_im);
    quad(star->current_a.re) = a_re;
    quad(star->current_a.im) = a_im;
    Vector4& balance = balance_a[star->bus];
    quad(balance.re) += a_re;
    quad(balance.im) += a_im;
  }
  return all_plain;
}

/// By the law of each port.
void PortBank::inject_rarely(Star& star, const NetworkElements& elements, std::span<const PortInjection> injections,
                             const Vector4& v, Vector4& balance_a) {
  star.current_a = {};
  for (std::size_t k = 0; k < phase_count; ++k) {
    const NetworkElements::Port& port = elements.ports[star.first_port + k];
    const Phasor port_v = v.at(k) - v.at(neutral);
    const Phasor a = injection_a(port.law, injections[star.first_port + k], port_v) - times(port.admittance_s, port_v);
    star.current_a.set(k, a);
    balance_a.add(neutral, -a);
  }
  balance_a += star.current_a;
}

void PortBank::inject(const NetworkElements& elements, std::span<const PortInjection> injections, const NodeValues& v,
                      NodeValues& balance_a) {
  const bool all_plain = inject_stars(stars_.data(), stars_.data() + stars_.size(), v.data(), balance_a.data());
  for (std::size_t i = 0; !all_plain && i < stars_.size(); ++i) {
    Star& star = stars_[i];
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
    NetworkElements::Port* const ports = elements.ports.data() + star.first_port;
    for (std::size_t k = 0; k < phase_count; ++k) ports[k].current_a = star.current_a.at(k);
  }
  for (const Single& single : singles_) elements.ports[single.port].current_a = single.current_a;
}

}  // namespace hil::models
