#include "tests/models/validation/validation_case.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace hil::tests {

namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
  return cells;
}

/// What follows `key` at the start of a comment line.
bool take(const std::string& line, const std::string& key, std::string& value) {
  if (line.rfind(key, 0) != 0) return false;
  value = line.substr(key.size());
  return true;
}

}  // namespace

ValidationCase::ValidationCase(const std::string& folder) : folder_(folder) {
  std::ifstream file(std::filesystem::path(HILBENCH_VALIDATION_CASES) / folder / "expected.csv");
  if (!file) ADD_FAILURE() << "no expected.csv in " << folder;
  bool header_seen = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || take(line, "# what: ", what_) || take(line, "# source: ", source_) || line[0] == '#') continue;
    if (!header_seen) {
      EXPECT_EQ(line, "quantity,unit,expected,tolerance,reason") << folder;
      header_seen = true;
      continue;
    }
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() < 5) {
      ADD_FAILURE() << folder << ": five cells are needed: " << line;
      continue;
    }
    rows_.push_back({cells[0], cells[1], std::stod(cells[2]), std::stod(cells[3])});
  }
  EXPECT_FALSE(rows_.empty()) << folder;
  EXPECT_FALSE(source_.empty()) << folder << " names no source";
}

ValidationCase::~ValidationCase() {
  std::filesystem::create_directories(HILBENCH_VALIDATION_RECORD);
  std::string name = folder_;
  for (char& c : name) c = c == '/' ? '.' : c;
  std::ofstream record(std::filesystem::path(HILBENCH_VALIDATION_RECORD) / (name + ".csv"));
  for (const Row& row : rows_) {
    EXPECT_TRUE(row.checked) << folder_ << ": " << row.quantity << " was never checked";
    record << folder_ << ',' << row.quantity << ',' << row.unit << ',' << row.expected << ',' << row.computed << ','
           << row.tolerance << ',' << std::abs(row.computed - row.expected) << '\n';
  }
}

const ValidationCase::Row* ValidationCase::find(const std::string& quantity) const {
  for (const Row& row : rows_) {
    if (row.quantity == quantity) return &row;
  }
  ADD_FAILURE() << folder_ << " has no quantity " << quantity;
  return nullptr;
}

void ValidationCase::check(const std::string& quantity, double computed) {
  const Row* found = find(quantity);
  if (found == nullptr) return;
  Row& row = rows_[static_cast<std::size_t>(found - rows_.data())];
  row.checked = true;
  row.computed = computed;
  EXPECT_NEAR(computed, row.expected, row.tolerance) << folder_ << ": " << quantity << " in " << row.unit;
}

std::vector<std::string> ValidationCase::quantities() const {
  std::vector<std::string> names;
  for (const Row& row : rows_) names.push_back(row.quantity);
  return names;
}

double ValidationCase::expected(const std::string& quantity) const {
  const Row* row = find(quantity);
  return row == nullptr ? std::nan("") : row->expected;
}

std::vector<std::vector<std::string>> reference_table(const std::string& file) {
  std::ifstream input(std::filesystem::path(HILBENCH_REFERENCE_DATA) / file);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(input, line);
  while (std::getline(input, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) rows.push_back(cells_of(line));
  }
  return rows;
}

}  // namespace hil::tests
