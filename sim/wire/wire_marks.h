#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hil::sim {

/// What befell a frame on the wire, a bit each.
using WireMarks = std::uint32_t;

/// Bits and names of the marks: those that a fault sets have its name.
namespace wire_mark {
// By ReplyFault, one bit each from 0 on.
inline constexpr WireMarks delay = 1U << 0;
inline constexpr WireMarks jitter = 1U << 1;
inline constexpr WireMarks exception = 1U << 2;
inline constexpr WireMarks wrong_unit = 1U << 3;
inline constexpr WireMarks wrong_function = 1U << 4;
inline constexpr WireMarks flipped_bit = 1U << 5;
inline constexpr WireMarks wrong_crc = 1U << 6;
inline constexpr WireMarks doubled_byte = 1U << 7;
inline constexpr WireMarks extra_bytes = 1U << 8;
inline constexpr WireMarks truncated = 1U << 9;
inline constexpr WireMarks split = 1U << 10;
inline constexpr WireMarks duplicated = 1U << 11;
// By the line.
inline constexpr WireMarks collision = 1U << 16;         ///< another driver was on the wire
inline constexpr WireMarks stuck_driver = 1U << 17;      ///< the other driver was stuck
inline constexpr WireMarks slow_release = 1U << 18;      ///< the other driver had not let go after its reply
inline constexpr WireMarks noise = 1U << 19;             ///< a byte was hit
inline constexpr WireMarks stray_byte = 1U << 20;        ///< by nobody, or with such a byte in the frame
inline constexpr WireMarks wrong_format = 1U << 21;      ///< parity or stop bits of the two ends differ
inline constexpr WireMarks polarity_swapped = 1U << 22;  ///< A and B of the two ends differ
inline constexpr WireMarks cable_cut = 1U << 23;         ///< the rest was lost with the cable
inline constexpr WireMarks gap = 1U << 24;         ///< silence beyond t1.5 inside, which voids it for strict units
inline constexpr WireMarks wrong_baud = 1U << 25;  ///< baud of the two ends differs

/// Those that change the bytes on their way.
inline constexpr WireMarks garbling = collision | stuck_driver | slow_release | noise | stray_byte | wrong_baud |
                                      wrong_format | polarity_swapped | cable_cut;

struct Name {
  WireMarks mark;
  std::string_view name;
};
inline constexpr std::array names{
    Name{delay, "delay"},
    Name{jitter, "jitter"},
    Name{exception, "exception"},
    Name{wrong_unit, "wrong_unit"},
    Name{wrong_function, "wrong_function"},
    Name{flipped_bit, "flipped_bit"},
    Name{wrong_crc, "wrong_crc"},
    Name{doubled_byte, "doubled_byte"},
    Name{extra_bytes, "extra_bytes"},
    Name{truncated, "truncated"},
    Name{split, "split"},
    Name{duplicated, "duplicated"},
    Name{collision, "collision"},
    Name{stuck_driver, "stuck_driver"},
    Name{slow_release, "slow_release"},
    Name{noise, "noise"},
    Name{stray_byte, "stray_byte"},
    Name{wrong_baud, "wrong_baud"},
    Name{wrong_format, "wrong_format"},
    Name{polarity_swapped, "polarity_swapped"},
    Name{cable_cut, "cable_cut"},
    Name{gap, "gap"},
};
}  // namespace wire_mark

}  // namespace hil::sim
