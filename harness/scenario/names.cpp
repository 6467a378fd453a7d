#include "harness/scenario/names.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hil::harness {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_shown = 60;
constexpr std::size_t most_listed = 40;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Levenshtein distance.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string list_nearest_first(std::string_view wanted, std::vector<std::string> known) {
  const std::string_view compared = wanted.substr(0, longest_name);
  const auto nearest = std::min_element(known.begin(), known.end(), [&](const auto& left, const auto& right) {
    return edit_distance(compared, left) < edit_distance(compared, right);
  });
  if (nearest != known.end()) {
    // A third of the letters, two at least: "socc" is near soc, "colour" is near nothing.
    const std::size_t close = std::max<std::size_t>(2, wanted.size() / 3);
    const std::size_t distance = edit_distance(compared, *nearest);
    if (distance <= close && distance < wanted.size()) std::rotate(known.begin(), nearest, nearest + 1);
  }
  std::string list;
  for (std::size_t index = 0; index < std::min(known.size(), most_listed); ++index) {
    if (index > 0) list += ", ";
    list += known[index];
  }
  if (known.size() > most_listed) list += " and " + std::to_string(known.size() - most_listed) + " more";
  return list;
}

std::string list_nearest(std::string_view wanted, std::vector<std::string> known, std::size_t most) {
  const std::string_view compared = wanted.substr(0, longest_name);
  const auto place = [&](const std::string& name) {
    const bool within = !wanted.empty() && name.find(wanted) != std::string::npos;
    return std::pair(!within, edit_distance(compared, name));
  };
  std::stable_sort(known.begin(), known.end(),
                   [&](const auto& left, const auto& right) { return place(left) < place(right); });
  std::string list;
  for (std::size_t index = 0; index < std::min(known.size(), most); ++index) {
    list += (index > 0 ? ", " : "") + known[index];
  }
  return list;
}

bool is_lower_snake(std::string_view name) {
  if (name.empty() || name.size() > longest_name || !is_lower(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_signal_name(std::string_view name) {
  return name.find('*') == std::string_view::npos && is_signal_pattern(name);
}

bool is_signal_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.front() == '.' || pattern.back() == '.') return false;
  if (pattern.find("..") != std::string_view::npos) return false;
  return std::all_of(pattern.begin(), pattern.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '*'; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string in_quotes(std::string_view value) {
  std::string shown{value.substr(0, longest_shown)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  // A cut inside a multi-byte character would leave half of it.
  if (value.size() > longest_shown) {
    while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0U) == 0x80U) shown.pop_back();
    if (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0x80U) shown.pop_back();
    shown += "...";
  }
  return '"' + shown + '"';
}

}  // namespace hil::harness
