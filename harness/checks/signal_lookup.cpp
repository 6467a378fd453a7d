#include "harness/checks/signal_lookup.h"

#include <utility>
#include <vector>

#include "harness/scenario/names.h"

namespace hil::harness {

void refuse(const CheckSpec& spec, const std::string& what) {
  throw BadCheck(Fault{spec.signal_place.line > 0 ? spec.signal_place : spec.place, "<" + spec.element + ">: " + what});
}

std::string unknown_signal(const std::string& name, const sim::SignalRegistry& signals) {
  constexpr std::size_t most_shown = 400;
  auto candidates = signals.matching(name.substr(0, name.find('.')) + ".*");
  if (candidates.empty()) candidates = signals.all();
  std::vector<std::string> names;
  names.reserve(candidates.size());
  for (const sim::Signal* signal : candidates) names.push_back(signal->name);
  std::string known = list_nearest_first(name, std::move(names));
  if (known.size() > most_shown) known = known.substr(0, known.rfind(", ", most_shown)) + ", ...";
  return "signal " + in_quotes(name) + " is unknown; known: " + known;
}

const sim::Signal& resolve(const CheckSpec& spec, const std::string& name, const sim::SignalRegistry& signals) {
  const sim::Signal* signal = signals.find(name);
  if (signal == nullptr) refuse(spec, unknown_signal(name, signals));
  return *signal;
}

}  // namespace hil::harness
