#pragma once

#include <array>
#include <cstddef>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Between which conductors a load's port lies.
struct LoadPort {
  Conductor from;
  Conductor to;
};

/// L1-N, L2-N, L3-N, then L1-L2, L2-L3, L3-L1: the order of every load's ports.
inline constexpr std::array<LoadPort, 6> load_ports{{{Conductor::l1, Conductor::n},
                                                     {Conductor::l2, Conductor::n},
                                                     {Conductor::l3, Conductor::n},
                                                     {Conductor::l1, Conductor::l2},
                                                     {Conductor::l2, Conductor::l3},
                                                     {Conductor::l3, Conductor::l1}}};
inline constexpr std::size_t load_port_count = load_ports.size();

}  // namespace hil::models
