#pragma once

#include <filesystem>
#include <string>

#include "sim/devices/register_map.h"
#include "sim/wire/serial_format.h"

namespace hil::harness {

/// What to try when a device refuses registers: the maps that the library has beside this one.
std::string other_maps_hint(const sim::RegisterMap& map, const std::filesystem::path& library);

/// What to try when a device refuses what is written to `refused`: the row that unlocks it. Empty: the map has none.
std::string unlock_hint(const sim::RegisterMap& map, const sim::RegisterRow& refused);

/// What to look at when nobody answers on a serial line that was asked in this format.
std::string nobody_hint(const sim::SerialFormat& format);

}  // namespace hil::harness
