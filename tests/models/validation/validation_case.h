#pragma once

#include <string>
#include <vector>

namespace hil::tests {

/// One validation case: a folder below tests/models/validation with an `expected.csv` of values from outside our code.
///
///   # what: 230 V, 0.1 ohm in every conductor, loads 10/20/30 ohm in star
///   # source: physics-and-standards 1.4 N1
///   quantity,unit,expected,tolerance,reason
///   l1_voltage_ln_v,V,226.4365,0.001,four published digits
///
/// The test computes each quantity and hands it to check(). A row that is never checked fails the test when the case
/// ends. How close each came is recorded in the build folder; `tests/models/validation/table` makes the README's
/// table of it.
class ValidationCase {
 public:
  /// `folder`: "network/n1". A file that cannot be read fails the test.
  explicit ValidationCase(const std::string& folder);
  ~ValidationCase();
  ValidationCase(const ValidationCase&) = delete;
  ValidationCase& operator=(const ValidationCase&) = delete;

  /// |computed - expected| <= tolerance. A quantity that the file lacks fails the test.
  void check(const std::string& quantity, double computed);
  /// For tests that loop over what the file lists, and for inputs that stand in a row.
  std::vector<std::string> quantities() const;
  double expected(const std::string& quantity) const;

 private:
  struct Row {
    std::string quantity;
    std::string unit;
    double expected = 0.0;
    double tolerance = 0.0;
    double computed = 0.0;
    bool checked = false;
  };
  const Row* find(const std::string& quantity) const;

  std::string folder_;
  std::string what_;
  std::string source_;
  std::vector<Row> rows_;
};

/// Rows of a file of the reference data (not part of this tree, see HILBENCH_REFERENCE_DATA in tests/CMakeLists.txt),
/// header left out, cells by comma. Empty when the data are not there: the test then says so and skips.
std::vector<std::vector<std::string>> reference_table(const std::string& file);

}  // namespace hil::tests
