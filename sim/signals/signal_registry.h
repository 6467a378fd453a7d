#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hil::sim {

/// One recordable value. The name carries owner, quantity, direction and unit: "et1.battery_discharge_w".
struct Signal {
  std::string name;
  std::string unit;               ///< from the name's suffix: "W", "V", "Hz", ...; "" for ratios and flags
  std::string description;        ///< one line for `hilbench list --signals`
  const double* value = nullptr;  ///< lives as long as the bench
};

/// Every signal of a bench, registered once. Checks, recorder, triggers and plots resolve a name once and
/// keep the pointer.
class SignalRegistry {
 public:
  SignalRegistry() = default;
  SignalRegistry(const SignalRegistry&) = delete;  // the order points into the map
  SignalRegistry& operator=(const SignalRegistry&) = delete;

  /// Throws std::invalid_argument for a name that is taken or not lower_snake.with_dots, and for no value.
  void add(std::string name, std::string description, const double* value);
  /// nullptr when unknown.
  const Signal* find(std::string_view name) const;
  /// In order of registration.
  const std::vector<const Signal*>& all() const { return order_; }
  /// Names that match a pattern with `*` for any run of characters, in order of registration.
  std::vector<const Signal*> matching(std::string_view pattern) const;

 private:
  std::map<std::string, Signal, std::less<>> signals_;
  std::vector<const Signal*> order_;
};

/// "W" for "..._w", "V" for "..._v", "degC" for "..._c", and so on; "" when the name has no unit suffix.
std::string_view unit_of(std::string_view signal_name);

}  // namespace hil::sim
