#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hil::fuzz {

/// How a request is wrapped on its wire.
enum class Framing : unsigned char { rtu, tcp, udp };

/// One step of mutation of an input of pieces (pieces.h), in place, as LLVMFuzzerCustomMutator has to make it; returns
/// the new size. One in four is a blind one of libFuzzer. The others change one piece: its bytes, how it follows, its
/// place, or a request to a register of the map comes in. Half of them end with length, checksum and CRC set right,
/// without which nothing behind the framing would ever be reached. Unit addresses are drawn from `units` mostly.
std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed, Framing framing,
                   std::span<const std::uint8_t> units);

/// FNV-1a of an input: what is drawn for it must be the same when it is replayed.
std::uint64_t draw_of(std::span<const std::uint8_t> input);

}  // namespace hil::fuzz
