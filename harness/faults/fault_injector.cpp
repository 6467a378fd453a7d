#include "harness/faults/fault_injector.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hil::harness {

void FaultInjector::expose(const std::string& kind, const std::string& target, Exposed exposed) {
  if (exposed_.emplace(Key{kind, target}, std::move(exposed)).second) return;
  throw std::invalid_argument("fault \"" + kind + "\" of " + target + " is exposed twice");
}

void FaultInjector::expose(const std::string& kind, const std::string& target, Setting set) {
  expose(kind, target, Exposed{std::move(set), {}});
}

void FaultInjector::expose_each(const std::string& kind, const std::string& target, Each each) {
  expose(kind, target, Exposed{{}, std::move(each)});
}

void FaultInjector::expose_switch(const std::string& kind, const std::string& target, Switch set) {
  expose(kind, target, [set = std::move(set)](const FaultSpec* fault) { set(fault != nullptr); });
}

bool FaultInjector::knows(const std::string& kind, const std::string& target) const {
  return exposed_.contains({kind, target});
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
  Active active{fault, std::nullopt};
  if (fault.lasts) active.until = now + *fault.lasts;
  active_.push_back(std::move(active));
  const Exposed& exposed = found->second;
  exposed.each ? exposed.each(fault, true) : exposed.set(&active_.back().fault);
}

const FaultSpec* FaultInjector::last_active(const Key& key) const {
  const FaultSpec* last = nullptr;
  for (const Active& active : active_) {
    if (active.fault.kind == key.first && active.fault.target == key.second) last = &active.fault;
  }
  return last;
}

bool FaultInjector::stands_again(const FaultSpec& fault) const {
  return std::any_of(active_.begin(), active_.end(), [&fault](const Active& other) {
    return other.fault.kind == fault.kind && other.fault.target == fault.target &&
           other.fault.parameters == fault.parameters;
  });
}

void FaultInjector::step(sim::Time now, const std::function<void(const FaultSpec&)>& ended) {
  for (std::size_t i = 0; i < active_.size();) {
    if (!active_[i].until || *active_[i].until > now) {
      ++i;
      continue;
    }
    const FaultSpec over = std::move(active_[i].fault);
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
    const Key key{over.kind, over.target};
    if (const Each& each = exposed_.at(key).each) {
      if (stands_again(over)) continue;
      each(over, false);
      ended(over);
      continue;
    }
    exposed_.at(key).set(last_active(key));
    if (!stands_again(over)) ended(over);
  }
}

}  // namespace hil::harness
