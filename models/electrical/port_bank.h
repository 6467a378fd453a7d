#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/electrical/block4.h"
#include "models/electrical/network_elements.h"

namespace hil::models {

/// The ports of one solver, arranged for speed: L1-N, L2-N and L3-N of one bus that follow each other are one star,
/// whose three currents are worked out side by side. In a star everything but constant power above its floor, and
/// admittance, goes the long way (port_law.h), with the same result.
class PortBank {
 public:
  PortBank(const NetworkElements& elements, const std::vector<std::size_t>& ports);

  /// Takes what does not depend on the voltage: injections and admittances of this solve.
  void load(const NetworkElements& elements, std::span<const PortInjection> injections);
  /// Currents at voltages `v`, added to `balance_a`.
  void inject(const NetworkElements& elements, std::span<const PortInjection> injections, const NodeValues& v,
              NodeValues& balance_a);
  /// Hands the currents of the last inject() to the ports.
  void store_currents(NetworkElements& elements) const;

 private:
  using Lanes = Eigen::Array4d;
  struct Star {
    Vector4 current_a;                                           ///< of the three and, back, in the neutral
    Lanes per_max_a2 = Lanes::Zero(), least_v2 = Lanes::Zero();  ///< of these; a load has zero and its floor
    Lanes needed_v2 = Lanes::Zero();                             ///< zero in the neutral
    Lanes p = Lanes::Zero(), q = Lanes::Zero(), admittance_re = Lanes::Zero(), admittance_im = Lanes::Zero();
    std::array<double, phase_count> floor_v2{}, taper_v2{}, max_a{};
    std::uint32_t bus = 0;
    std::uint32_t first_port = 0;  ///< the other two follow it
    bool plain = true;             ///< at the voltages of the last inject()
  };
  struct Single {
    std::uint32_t port = 0;
    std::uint32_t bus = 0;
    std::uint8_t from = 0;
    std::uint8_t to = 0;
    Phasor current_a{};
  };
  static void load_stars(Star* star, const Star* end, const PortInjection* all);
  static void take_limits(Star& star, const PortInjection* injections);
  void load_admittances(Star& star, const NetworkElements& elements) const;
  /// Those whose ports have plain laws at these voltages; marks the others. True: there are none.
  static bool inject_stars(Star* star, const Star* end, const Vector4* v, Vector4* balance_a);
  static void inject_rarely(Star& star, const NetworkElements& elements, std::span<const PortInjection> injections,
                            const Vector4& v, Vector4& balance_a);

  std::vector<Star> stars_;
  std::vector<Single> singles_;
  static constexpr std::uint64_t never_taken = UINT64_MAX;
  std::uint64_t admittances_set_ = never_taken;  ///< of the elements, when the stars took theirs
};

}  // namespace hil::models
