#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hil::harness {

/// "a, b, c"; the name nearest to `wanted` comes first when it is close enough to be a slip of the pen.
/// Beyond forty names the rest is only counted.
std::string list_nearest_first(std::string_view wanted, std::vector<std::string> known);

/// "a, b, c": those nearest to `wanted`, so many at most, the nearest first, those that `wanted` is a part of before
/// all.
std::string list_nearest(std::string_view wanted, std::vector<std::string> known, std::size_t most);

/// Starts with a letter, then lower-case letters, digits and underscores; at most 64 characters.
bool is_lower_snake(std::string_view name);

/// Signal names are lower_snake parts joined by dots ("et1.pv_w").
bool is_signal_name(std::string_view name);
/// The same with `*` for any run of characters.
bool is_signal_pattern(std::string_view pattern);

/// Without blanks at both ends; XML Schema numbers collapse them, so reader and schema accept the same.
std::string_view trimmed(std::string_view text);

/// A value as a message shows it: in quotes, on one line, cut when long.
std::string in_quotes(std::string_view value);

}  // namespace hil::harness
