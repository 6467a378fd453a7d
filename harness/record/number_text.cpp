#include "harness/record/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

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

/// `scaled` / 10^decimals; zero has no sign.
char* write_scaled(char* first, long long scaled, int decimals) {
  if (scaled < 0) *first++ = '-';
  const auto size = static_cast<std::size_t>(decimals);
  const long long magnitude = scaled < 0 ? -scaled : scaled;
  char* const point = std::to_chars(first, first + longest_number, magnitude / powers_of_ten[size]).ptr;
  *point = '.';
  long long fraction = magnitude % powers_of_ten[size];
  for (std::size_t digit = size; digit > 0; --digit, fraction /= 10)
    point[digit] = static_cast<char>('0' + fraction % 10);
  return point + 1 + size;
}

char* trim_zeros(char* first, char* end) {
  if (std::find(first, end, '.') == end) return end;
  while (end[-1] == '0') --end;
  return end[-1] == '.' ? end - 1 : end;
}

}  // namespace

char* write_number(char* first, double value, std::string_view unit) noexcept {
  const auto* const known = std::find_if(decimals_of_units.begin(), decimals_of_units.end(),
                                         [unit](const Decimals& decimals) { return decimals.unit == unit; });
  const bool fixed = known != decimals_of_units.end();
  const int decimals = fixed ? known->count : most_decimals;
  // Whole numbers below 2^53 are exact in a double, and print ten times faster than fractions do.
  const double scaled = value * static_cast<double>(powers_of_ten[static_cast<std::size_t>(decimals)]);
  if (!(std::abs(scaled) < largest_exact)) {
    return std::to_chars(first, first + longest_number, value, std::chars_format::fixed, decimals).ptr;
  }
  char* const end = write_scaled(first, std::llrint(scaled), decimals);
  return fixed ? end : trim_zeros(first, end);
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
