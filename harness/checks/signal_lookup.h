#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "harness/scenario/check_specs.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// A check that the bench cannot make.
class BadCheck : public std::invalid_argument {
 public:
  explicit BadCheck(Fault fault) : std::invalid_argument(fault.text()), fault_(std::move(fault)) {}
  const Fault& fault() const { return fault_; }

 private:
  Fault fault_;
};

/// Throws BadCheck, at the attribute that names the signal where there is one.
[[noreturn]] void refuse(const CheckSpec& spec, const std::string& what);

/// Known names of the same owner ("et1." of "et1.socc"), or all when there is no such owner; the nearest first.
std::string unknown_signal(const std::string& name, const sim::SignalRegistry& signals);

/// Refuses an unknown one.
const sim::Signal& resolve(const CheckSpec& spec, const std::string& name, const sim::SignalRegistry& signals);

}  // namespace hil::harness
