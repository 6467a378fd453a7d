#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/checks/finding.h"
#include "harness/checks/signal_lookup.h"
#include "harness/plant/bench.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What a check says at the end.
struct CheckResult {
  CheckSpec spec;
  CheckState state = CheckState::untested;
  double margin = 0.0;  ///< >= 0 holds, < 0 broken, in `margin_unit`; 0 when untested
  std::string margin_unit;
  std::optional<sim::Time> worst_at;
  std::string worst_text;           ///< "212 W at 61.3 s"
  std::vector<std::string> frames;  ///< of a broken check: what was on the lines around its worst instant
};

/// One expectation, evaluated on line: sees every step, keeps what it needs, allocates nothing while stepping.
class Check {
 public:
  virtual ~Check() = default;
  virtual void step(sim::Time now) = 0;
  virtual void marked(std::string_view mark, sim::Time now) = 0;
  /// Every event, marks too.
  virtual void happened(const Event& event);
  /// The worst instant so far while it is broken; cheap.
  virtual std::optional<sim::Time> broken_at() const = 0;
  /// Whose frames tell more about it; empty: those of all lines.
  virtual std::string line() const { return {}; }
  virtual CheckResult result() const = 0;
  /// Of a broken one, when the run was stopped at `now`: what was to come could have mended it.
  virtual bool may_mend_after(sim::Time now) const;
};

/// What the check says at `now`, the end of the run; `stopped`: before the scenario's end, and what more time could
/// have mended is untested.
CheckResult result_at(const Check& check, sim::Time now, bool stopped);

/// Resolves the signals; throws BadCheck for an unknown one, naming the nearest.
/// The bench must outlive the check.
std::unique_ptr<Check> make_check(const CheckSpec& spec, Bench& bench);

/// Every name in triggers, checks and plots that the bench does not have; without one, what else is wrong with the
/// signals of checks. `bench` may have been built without the triggers.
std::vector<Fault> signal_faults(const Scenario& scenario, Bench& bench);

}  // namespace hil::harness
