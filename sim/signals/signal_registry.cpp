#include "sim/signals/signal_registry.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace hil::sim {

namespace {

struct UnitSuffix {
  std::string_view suffix;
  std::string_view unit;
};

// A suffix that ends with another one stands before it.
constexpr std::array unit_suffixes{
    UnitSuffix{"_w_per_s", "W/s"}, UnitSuffix{"_w_m2", "W/m2"}, UnitSuffix{"_w", "W"},     UnitSuffix{"_kw", "kW"},
    UnitSuffix{"_wh", "Wh"},       UnitSuffix{"_kwh", "kWh"},   UnitSuffix{"_var", "var"}, UnitSuffix{"_varh", "varh"},
    UnitSuffix{"_va", "VA"},       UnitSuffix{"_v", "V"},       UnitSuffix{"_a", "A"},     UnitSuffix{"_ah", "Ah"},
    UnitSuffix{"_hz", "Hz"},       UnitSuffix{"_ohm", "ohm"},   UnitSuffix{"_rad", "rad"}, UnitSuffix{"_deg", "deg"},
    UnitSuffix{"_c", "degC"},      UnitSuffix{"_s", "s"},       UnitSuffix{"_ms", "ms"},
};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Parts joined by dots; each part starts with a letter and has single underscores inside only.
bool is_well_formed(std::string_view name) {
  char before = '.';
  for (const char c : name) {
    const bool at_start = before == '.';
    if (c == '.' || c == '_') {
      if (at_start || before == '_') return false;
    } else if (!is_lower(c) && (at_start || !is_digit(c))) {
      return false;
    }
    before = c;
  }
  return before != '.' && before != '_';
}

/// Greedy match with one point of return: the last `*` takes one character more at every mismatch.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

void SignalRegistry::add(std::string name, std::string description, const double* value) {
  if (!is_well_formed(name)) {
    throw std::invalid_argument("signal name \"" + name + "\", must be lower_snake words joined by dots");
  }
  if (value == nullptr) throw std::invalid_argument("signal \"" + name + "\" has no value to read");
  if (const Signal* taken = find(name); taken != nullptr) {
    throw std::invalid_argument("signal name \"" + name + "\" is taken by: " + taken->description);
  }
  std::string key = name;
  std::string unit{unit_of(name)};
  const auto [place, added] =
      signals_.emplace(std::move(key), Signal{std::move(name), std::move(unit), std::move(description), value});
  order_.push_back(&place->second);
}

const Signal* SignalRegistry::find(std::string_view name) const {
  const auto place = signals_.find(name);
  return place == signals_.end() ? nullptr : &place->second;
}

std::vector<const Signal*> SignalRegistry::matching(std::string_view pattern) const {
  std::vector<const Signal*> found;
  for (const Signal* signal : order_) {
    if (matches(pattern, signal->name)) found.push_back(signal);
  }
  return found;
}

std::string_view unit_of(std::string_view signal_name) {
  if (signal_name.empty()) return {};
  const char last = signal_name.back();
  for (const UnitSuffix& entry : unit_suffixes) {
    if (entry.suffix.back() == last && signal_name.ends_with(entry.suffix)) return entry.unit;
  }
  return {};
}

}  // namespace hil::sim
