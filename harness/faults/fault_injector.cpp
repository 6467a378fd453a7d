#include "harness/faults/fault_injector.h"

#include <stdexcept>

namespace hil::harness {

void FaultInjector::expose(const std::string& kind, const std::string& target, Switch set) {
  const auto [place, added] = exposed_.try_emplace({kind, target}, Exposed{std::move(set), 0});
  if (!added) throw std::invalid_argument("fault \"" + kind + "\" of " + target + " is exposed twice");
}

bool FaultInjector::knows(const std::string& kind, const std::string& target) const {
  return exposed_.count({kind, target}) != 0;
}

void FaultInjector::begin(const FaultSpec& fault, sim::Time now) {
  const auto found = exposed_.find({fault.kind, fault.target});
  if (found == exposed_.end()) {
    std::string able;
    for (const auto& [key, exposed] : exposed_) {
      if (key.first == fault.kind) able += (able.empty() ? "" : ", ") + key.second;
    }
    throw std::invalid_argument("fault \"" + fault.kind + "\" cannot happen to " + fault.target +
                                "; it can to: " + able);
  }
  if (++found->second.active == 1) found->second.set(true);
  if (fault.lasts) running_.push_back({fault, now + *fault.lasts, &found->second});
}

void FaultInjector::step(sim::Time now, const std::function<void(const FaultSpec&)>& ended) {
  for (std::size_t i = 0; i < running_.size();) {
    if (running_[i].until > now) {
      ++i;
      continue;
    }
    const bool last = --running_[i].exposed->active == 0;
    if (last) running_[i].exposed->set(false);
    const FaultSpec over = std::move(running_[i].fault);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    if (last) ended(over);
  }
}

}  // namespace hil::harness
