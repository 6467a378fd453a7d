#include "harness/scenario/diagnostics.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace hil::harness {

std::string Fault::text() const {
  std::string where = place.file;
  if (place.line > 0) where += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  const std::string id = rule.empty() ? "" : " [" + rule + "]";
  if (where.empty()) return message + id;  // it names its place itself
  return where + (severity == Severity::warning ? ": warning: " : ": ") + message + id;
}

void Diagnostics::add(Fault fault) {
  // The same element may be read for two purposes; its fault is one fault.
  if (!known_.insert(fault.text()).second) return;
  if (fault.severity == Severity::error) ++errors_;
  faults_.push_back(std::move(fault));
}

std::vector<Fault> Diagnostics::sorted() const {
  std::map<std::string, std::size_t> order_of_mention;
  for (const Fault& fault : faults_) order_of_mention.emplace(fault.place.file, order_of_mention.size());
  const auto rank = [&](const Fault& fault) {
    return std::tuple{order_of_mention.at(fault.place.file), fault.place.line, fault.place.column};
  };
  std::vector<Fault> faults = faults_;
  std::stable_sort(faults.begin(), faults.end(),
                   [&](const Fault& left, const Fault& right) { return rank(left) < rank(right); });
  return faults;
}

}  // namespace hil::harness
