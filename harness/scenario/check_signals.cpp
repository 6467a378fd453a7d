#include "harness/scenario/check_signals.h"

#include <variant>

#include "harness/checks/stl/formula.h"

namespace hil::harness {
namespace {

struct Signals {
  std::vector<std::string> operator()(const FormulaCheck& check) const {
    std::vector<std::string> names;
    for (const stl::Linear::Term& term : stl::signals_of(check.formula)) names.push_back(term.signal);
    return names;
  }
  std::vector<std::string> operator()(const FollowsCheck& check) const {
    if (check.reference.empty()) return {check.signal};
    return {check.signal, check.reference};
  }
  template <typename Kind>
  std::vector<std::string> operator()(const Kind& check) const {
    if constexpr (requires { check.signal; }) {
      if (check.signal.empty()) return {};  // it counts events
      return {check.signal};
    } else if constexpr (requires { check.signals; }) {
      return {check.signals};
    } else {
      return {};
    }
  }
};

}  // namespace

std::vector<std::string> signals_of(const CheckSpec& check) {
  return std::visit(Signals{}, check.kind);
}

Place place_of_signal(const CheckSpec& check, const std::string& signal) {
  if (const auto* formula = std::get_if<FormulaCheck>(&check.kind)) {
    if (const auto place = formula->places.find(signal); place != formula->places.end()) return place->second;
  }
  return check.signal_place.line > 0 ? check.signal_place : check.place;
}

}  // namespace hil::harness
