#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/record/csv_reader.h"

namespace hil::harness {

/// A trace as COMTRADE (IEC 60255-24:2013, IEEE C37.111-2013) for tools of protection engineers: configuration and data
/// in FLOAT32. Signals without a unit that are only ever 0 or 1 are status channels, all others analogue ones.
struct Comtrade {
  std::string configuration;  ///< NAME.cfg, lines end with CR LF
  std::string data;           ///< NAME.dat, binary, low byte first
};

/// `station`: as the configuration names it, without commas. Virtual time 0 is 2000-01-01 00:00:00. `frequency_hz`:
/// nominal. Time stamps are in microseconds times a multiplier, a power of ten that lets the whole trace fit.
Comtrade comtrade_of(const Trace& trace, const std::string& station, double frequency_hz);

/// folder/stem.cfg and .dat, each whole or not at all. Throws std::runtime_error.
void write_comtrade(const Comtrade& comtrade, const std::filesystem::path& folder, const std::string& stem);

}  // namespace hil::harness
