#include "harness/report/plotted_signals.h"

#include <algorithm>

#include "sim/signals/signal_registry.h"

namespace hil::harness {

bool shows_one_of(const std::vector<std::string>& drawn, const std::vector<std::string>& wanted) {
  constexpr double any = 0.0;
  sim::SignalRegistry signals;  // it knows how patterns match
  for (const std::string& name : drawn) {
    if (signals.find(name) == nullptr) signals.add(name, "", &any);
  }
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& pattern) { return !signals.matching(pattern).empty(); });
}

}  // namespace hil::harness
