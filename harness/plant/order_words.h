#pragma once

#include <string>

#include "harness/scenario/actions.h"
#include "sim/devices/register_map.h"

namespace hil::harness {

/// A request of an EMS with what its raw words stand for by the map of the device: "write 53622 = -500
/// (set_discharge_w -50000 W)", "read 53010, 2 registers (status_word, event_word)". As it is where `map` is nullptr or
/// knows nothing of it.
std::string order_words(const OrderModbus& order, const sim::RegisterMap* map);

}  // namespace hil::harness
