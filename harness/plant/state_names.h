#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hil::harness {

/// What the values of a discrete signal are called, as its description lists them: "0 stopped, 1 running, 2 fault",
/// with or without words and a colon ahead. Any other description gives no names.
class StateNames {
 public:
  StateNames() = default;
  explicit StateNames(std::string_view description);

  /// " (running)", to stand behind the number; empty for a value without a name.
  std::string in_brackets(double value) const;

 private:
  std::vector<std::pair<double, std::string>> names_;
};

}  // namespace hil::harness
