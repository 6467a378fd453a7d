#include "harness/record/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace hil::harness {
namespace {

struct Decimals {
  std::string_view unit;
  int count;
};

constexpr std::array decimals_of_units{Decimals{"W", 1}, Decimals{"var", 1}, Decimals{"VA", 1}, Decimals{"V", 2},
                                       Decimals{"A", 3}, Decimals{"Hz", 4},  Decimals{"Wh", 3}, Decimals{"s", 6}};
constexpr int most_decimals = 6;

constexpr std::array<long long, most_decimals + 1> powers_of_ten{1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};
constexpr double largest_exact = 9007199254740992.0;  // 2^53

/// "00" to "99", so that two digits cost one division.
constexpr std::array<char, 200> digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Exactly `count` digits of `value`, with zeros before them, ending at `end`.
void write_digits(char* end, std::uint32_t value, int count) {
  for (; count >= 2; count -= 2, value /= 100) {
    end -= 2;
    std::memcpy(end, &digit_pairs[std::size_t{2} * (value % 100)], 2);
  }
  if (count == 1) end[-1] = static_cast<char>('0' + value % 10);
}

/// `scaled` / 10^decimals; zero has no sign.
char* write_scaled(char* first, long long scaled, int decimals) {
  if (scaled < 0) *first++ = '-';
  const auto power = static_cast<unsigned long long>(powers_of_ten[static_cast<std::size_t>(decimals)]);
  const auto magnitude = static_cast<unsigned long long>(scaled < 0 ? -scaled : scaled);
  const unsigned long long whole = magnitude / power;
  char* const point = std::to_chars(first, first + longest_number, whole).ptr;
  *point = '.';
  char* const end = point + 1 + decimals;
  write_digits(end, static_cast<std::uint32_t>(magnitude - whole * power), decimals);
  return end;
}

char* trim_zeros(char* first, char* end) {
  if (std::find(first, end, '.') == end) return end;
  while (end[-1] == '0') --end;
  return end[-1] == '.' ? end - 1 : end;
}

}  // namespace

NumberFormat number_format(std::string_view unit) noexcept {
  const auto* const known = std::find_if(decimals_of_units.begin(), decimals_of_units.end(),
                                         [unit](const Decimals& decimals) { return decimals.unit == unit; });
  if (known == decimals_of_units.end()) return {most_decimals, true};
  return {known->count, false};
}

char* write_number(char* first, double value, NumberFormat format) noexcept {
  // Whole numbers below 2^53 are exact in a double, and print ten times faster than fractions do.
  const double scaled = value * static_cast<double>(powers_of_ten[static_cast<std::size_t>(format.decimals)]);
  if (!(std::abs(scaled) < largest_exact)) {
    return std::to_chars(first, first + longest_number, value, std::chars_format::fixed, format.decimals).ptr;
  }
  // Flags, states and ratios that rest at 0 or 1 are most of what a trace holds.
  if (format.trims_zeros && (value == 0.0 || value == 1.0)) {
    *first = value == 0.0 ? '0' : '1';
    return first + 1;
  }
  char* const end = write_scaled(first, std::llrint(scaled), format.decimals);
  return format.trims_zeros ? trim_zeros(first, end) : end;
}

char* write_number(char* first, double value, std::string_view unit) noexcept {
  return write_number(first, value, number_format(unit));
}

char* write_time(char* first, sim::Time time) noexcept {
  return write_scaled(first, std::chrono::duration_cast<std::chrono::microseconds>(time).count(), most_decimals);
}

std::string trimmed(double value, std::string_view unit) {
  std::array<char, longest_number> text{};
  char* end = write_number(text.data(), value, unit);
  if (std::isfinite(value)) end = trim_zeros(text.data(), end);
  return {text.data(), end};
}

std::string with_unit(double value, std::string_view unit) {
  std::string text = trimmed(value, unit);
  if (!unit.empty()) text.append(" ").append(unit);
  return text;
}

std::string signed_with_unit(double value, std::string_view unit) {
  const std::string text = with_unit(value, unit);
  return value > 0.0 ? "+" + text : text;
}

std::string time_text(sim::Time time) {
  std::array<char, longest_number> text{};
  return std::string(text.data(), trim_zeros(text.data(), write_time(text.data(), time))) + " s";
}

}  // namespace hil::harness
