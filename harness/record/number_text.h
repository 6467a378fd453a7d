#pragma once

#include <string>
#include <string_view>

#include "sim/kernel/kernel.h"

namespace hil::harness {

/// Room that one number can take: 309 digits before the point of the largest double, six behind it, sign, point.
inline constexpr std::size_t longest_number = 320;

/// How the numbers of one unit are written; found once, for a column of them.
struct NumberFormat {
  int decimals = 6;
  bool trims_zeros = true;
};
NumberFormat number_format(std::string_view unit) noexcept;

/// Writes `value` with the decimals of its unit: W, var, VA 1; V 2; A 3; Hz 4; Wh 3; s 6. Others, ratios and flags
/// among them: 6 with trailing zeros cut. Zero has no sign. `first` has room for longest_number characters.
/// Returns the end. Neither allocates nor throws.
char* write_number(char* first, double value, std::string_view unit) noexcept;
char* write_number(char* first, double value, NumberFormat format) noexcept;
/// Seconds with six decimals, exact from the nanoseconds (cut, not rounded).
char* write_time(char* first, sim::Time time) noexcept;

// The same for people: trailing zeros cut everywhere.

/// "212.4"
std::string trimmed(double value, std::string_view unit = "");
/// "212.4 W"
std::string with_unit(double value, std::string_view unit);
/// "+12.5 W", "-0.02"
std::string signed_with_unit(double value, std::string_view unit);
/// "61.3 s"
std::string time_text(sim::Time time);

}  // namespace hil::harness
