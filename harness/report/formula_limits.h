#pragma once

#include <optional>
#include <vector>

#include "harness/checks/stl/formula.h"
#include "harness/report/check_limits.h"

namespace hil::harness {

/// The levels of a formula's comparisons of one signal with a number, judged at `from`; nothing is known behind
/// `until`. What must hold wherever it is drawn has a side; what need not (behind eventually, until, or, implies) is a
/// level. Sums of several signals have none.
std::vector<CheckLimit> formula_limits(const stl::Formula& formula, sim::Time from, sim::Time until);

/// What its margin can be measured against: half the width of a band on one signal, else the smallest number but 0 that
/// something is compared with. nullopt: there is none.
std::optional<double> formula_scale(const stl::Formula& formula);

}  // namespace hil::harness
