#pragma once

#include <cstdint>
#include <span>

#include "sim/devices/register_map.h"

namespace hil::sim {

/// The register's 1, 16, 32 or 64 bits. Integers round half away from zero and stop at their ends; no number reads as
/// all ones, the maker's "not available" (goodwe-et-modbus 3).
std::uint64_t to_bits(double value, const RegisterRow& row);
/// The value in the row's unit; not for text.
double from_bits(std::uint64_t bits, const RegisterRow& row);

/// The bits that the row's registers hold, in the order of its encoding; and the registers that hold them.
std::uint64_t bits_of(std::span<const std::uint16_t> words, const RegisterRow& row);
void put_bits(std::uint64_t bits, const RegisterRow& row, std::span<std::uint16_t> words);

}  // namespace hil::sim
