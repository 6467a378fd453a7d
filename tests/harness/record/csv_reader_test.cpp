#include "harness/record/csv_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// What a trace with these cells in one column is read as.
std::vector<double> read_back(const std::vector<std::string>& cells) {
  const fs::path file = fs::path(testing::TempDir()) / ("hilbench_csv_" + std::to_string(::getpid()));
  {
    std::ofstream stream(file);
    stream << "time_s,x_w\n";
    for (const std::string& cell : cells) stream << "0," << cell << "\n";
  }
  const Trace trace = read_trace(file);
  fs::remove(file);
  return trace.columns.at(1);
}

void expect_as_the_library_reads(const std::vector<std::string>& cells) {
  const std::vector<double> values = read_back(cells);
  ASSERT_EQ(values.size(), cells.size());
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const double wanted = std::strtod(cells[k].c_str(), nullptr);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(values[k]), std::bit_cast<std::uint64_t>(wanted)) << cells[k];
  }
}

TEST(CsvReader, ReadsNumbersOfEveryFormToTheBit) {
  expect_as_the_library_reads({"0", "-0", "0.1", "-0.3", "1e5", "-2.5e-7", "12.", "007", "86399.99", "123456789012.345",
                               "999999999999999", "9999999999999999", "0.0000000000001", "0.12345678901234567",
                               "-99999999999.9999", "4503599627370497.5", "1e308"});
}

TEST(CsvReader, ReadsDecimalsOfATraceToTheBit) {
  std::mt19937 drawn{7};
  std::vector<std::string> cells;
  for (int k = 0; k < 20'000; ++k) {
    std::string digits = std::to_string(drawn());
    digits.insert(digits.size() - drawn() % digits.size(), ".");
    if (digits.front() == '.') digits.insert(0, "0");
    cells.push_back((drawn() % 2 == 0 ? "-" : "") + digits);
  }
  expect_as_the_library_reads(cells);
}

TEST(CsvReader, TakesTheValueAboveForAnEmptyCellAndNoNumberForWhatIsNone) {
  const std::vector<double> values = read_back({"", "5", "", "-", "x"});
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_EQ(values[2], 5.0);
  EXPECT_TRUE(std::isnan(values[3]));
  EXPECT_TRUE(std::isnan(values[4]));
}

}  // namespace
}  // namespace hil::harness
