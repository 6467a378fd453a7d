#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hil::harness {

/// A place in an input file. Line and column count from 1; 0: the file as a whole.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

enum class Severity : unsigned char { error, warning };

/// One fault of an input: where, what was found, what is allowed.
struct Fault {
  Place place;
  std::string message;  ///< "<inverter name="et1">: soc is 1.4, must be 0..1"
  std::string rule{};   ///< stable id of a rule of meaning, "S001"; empty: of none
  Severity severity = Severity::error;
  std::string text() const;  ///< "file:line:column: message [S001]", of a warning "file:line:column: warning: message"
};

/// Collects all faults of the input, so that they are reported in one go.
class Diagnostics {
 public:
  /// A fault that is there already, at the same place, is not added again.
  void add(Fault fault);
  void add(Place place, std::string message) { add(Fault{std::move(place), std::move(message)}); }
  /// No errors; warnings forbid nothing.
  bool empty() const { return errors_ == 0; }
  /// Sorted by file in order of first mention, then line and column.
  std::vector<Fault> sorted() const;

 private:
  std::vector<Fault> faults_;
  std::set<std::string> known_;  ///< texts of them
  std::size_t errors_ = 0;
};

}  // namespace hil::harness
