#include "harness/plant/state_names.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hil::harness {
namespace {

/// "3 grid AC": a number, a blank, its name up to a semicolon.
std::optional<std::pair<double, std::string>> named_value(std::string_view text) {
  int number = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view name = text.substr(static_cast<std::size_t>(rest - text.data()));
  name = name.substr(0, name.find(';'));
  if (status != std::errc{} || name.size() < 2 || name.front() != ' ') return std::nullopt;
  return std::pair{static_cast<double>(number), std::string{name.substr(1)}};
}

}  // namespace

StateNames::StateNames(std::string_view description) {
  constexpr std::string_view colon = ": ";
  constexpr std::string_view comma = ", ";
  const auto begins_with_number = [&description] { return description.front() >= '0' && description.front() <= '9'; };
  while (!description.empty() && !begins_with_number()) {
    const std::size_t lead = description.find(colon);
    // Bits add up.
    if (lead == std::string_view::npos || description.substr(0, lead).ends_with("bits")) return;
    description.remove_prefix(lead + colon.size());
  }
  while (!description.empty()) {
    const std::size_t end = std::min(description.find(comma), description.size());
    const auto named = named_value(description.substr(0, end));
    if (!named) {
      names_.clear();
      return;
    }
    // "3 and above: without a verdict" is more than one value.
    if (named->second.find(':') == std::string::npos) names_.push_back(*named);
    description.remove_prefix(std::min(end + comma.size(), description.size()));
  }
  // "1 while the leader takes the grid for lost" is a flag.
  if (names_.size() < 2) names_.clear();
}

std::string StateNames::in_brackets(double value) const {
  const auto found =
      std::find_if(names_.begin(), names_.end(), [value](const auto& each) { return each.first == value; });
  return found == names_.end() ? "" : " (" + found->second + ")";
}

}  // namespace hil::harness
