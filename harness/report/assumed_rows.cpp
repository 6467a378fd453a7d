#include "harness/report/assumed_rows.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace hil::harness {
namespace {

constexpr std::string_view string_word = " string ";

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// "pcs1 string 2: float_v" in its parts; the numbers as they stand there.
struct AssumedRow {
  std::vector<std::string> owners;   ///< units of the site; empty: it is of none, and stays as it is
  std::vector<std::string> strings;  ///< of one owner; empty: it is of no string
  std::string rest;                  ///< ": float_v"
  const Assumed* first = nullptr;

  bool same_matter(const AssumedRow& other) const {
    return !owners.empty() && !other.owners.empty() && rest == other.rest && first->value == other.first->value &&
           first->reason == other.first->reason;
  }
};

AssumedRow row_of(const Assumed& assumed, const std::vector<UnitSpec>& units) {
  AssumedRow row{{}, {}, assumed.what, &assumed};
  const auto is_owner = [&assumed](const UnitSpec& unit) {
    const std::size_t size = unit.name.size();
    return size > 0 && assumed.what.size() > size && assumed.what.starts_with(unit.name) &&
           (assumed.what[size] == ':' || assumed.what[size] == ' ');
  };
  const auto owner = std::find_if(units.begin(), units.end(), is_owner);
  if (owner == units.end()) return row;
  row.owners = {owner->name};
  row.rest = assumed.what.substr(owner->name.size());
  if (!row.rest.starts_with(string_word)) return row;
  const auto begin = row.rest.begin() + static_cast<std::ptrdiff_t>(string_word.size());
  const auto end = std::find_if_not(begin, row.rest.end(), is_digit);
  if (begin == end) return row;
  row.strings = {std::string(begin, end)};
  row.rest.erase(row.rest.begin(), end);
  return row;
}

/// Takes each row into an earlier one that `takes` it and keeps the order of the others.
template <typename Takes>
std::vector<AssumedRow> folded(const std::vector<AssumedRow>& rows, const Takes& takes) {
  std::vector<AssumedRow> kept;
  for (const AssumedRow& row : rows) {
    bool taken = false;
    for (AssumedRow& earlier : kept) taken = taken || takes(earlier, row);
    if (!taken) kept.push_back(row);
  }
  return kept;
}

void add_new(std::vector<std::string>& to, const std::string& name) {
  if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
}

std::string what_of(const AssumedRow& row) {
  if (row.owners.empty()) return row.rest;
  std::string text = name_ranges(row.owners);
  if (row.strings.size() == 1) text += std::string{string_word} + row.strings.front();
  if (row.strings.size() > 1) text += " strings " + name_ranges(row.strings);
  return text + row.rest;
}

/// "pcs", 10
std::pair<std::string, long> split_number(const std::string& name) {
  constexpr std::size_t most_digits = 9;
  std::size_t stem = name.size();
  while (stem > 0 && name.size() - stem < most_digits && is_digit(name[stem - 1])) --stem;
  return {name.substr(0, stem), stem == name.size() ? -1 : std::stol(name.substr(stem))};
}

}  // namespace

std::vector<Assumed> assumed_rows(const Scenario& scenario) {
  const std::vector<UnitSpec> units = units_of(scenario.site);
  std::vector<AssumedRow> rows;
  rows.reserve(scenario.assumed.size());
  for (const Assumed& assumed : scenario.assumed) rows.push_back(row_of(assumed, units));
  rows = folded(rows, [](AssumedRow& earlier, const AssumedRow& row) {
    if (!earlier.same_matter(row) || earlier.owners != row.owners || row.strings.empty() || earlier.strings.empty()) {
      return false;
    }
    add_new(earlier.strings, row.strings.front());
    return true;
  });
  rows = folded(rows, [](AssumedRow& earlier, const AssumedRow& row) {
    if (!earlier.same_matter(row) || earlier.strings != row.strings) return false;
    add_new(earlier.owners, row.owners.front());
    return true;
  });
  std::vector<Assumed> all;
  all.reserve(rows.size());
  for (const AssumedRow& row : rows) all.push_back({what_of(row), row.first->value, row.first->reason});
  return all;
}

std::string name_ranges(const std::vector<std::string>& names) {
  constexpr std::size_t shortest_range = 3;
  std::string text;
  for (std::size_t first = 0; first < names.size();) {
    const auto [stem, number] = split_number(names[first]);
    std::size_t count = 1;
    while (number >= 0 && first + count < names.size() &&
           names[first + count] == stem + std::to_string(number + static_cast<long>(count))) {
      ++count;
    }
    if (count < shortest_range) count = 1;
    text += (text.empty() ? "" : ", ") + names[first];
    if (count > 1) text += ".." + names[first + count - 1];
    first += count;
  }
  return text;
}

}  // namespace hil::harness
