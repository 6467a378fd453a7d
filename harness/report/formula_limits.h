#pragma once

#include <optional>
#include <vector>

#include "harness/checks/stl/formula.h"
#include "harness/report/check_limits.h"

namespace hil::harness {

/// A comparison of a formula, with what the whole formula asks of it.
struct JudgedComparison {
  const stl::Expression* expression = nullptr;  ///< of the formula; >= 0 where it holds
  bool wanted = true;                           ///< that it holds, else that it does not
  bool must = true;                             ///< wherever it is judged, and nothing else can make up for it
  sim::Time from{0};
  sim::Time until{0};
};
/// All of them, of a formula judged at `from`; nothing is known behind `until`. `formula` must outlive them.
std::vector<JudgedComparison> judged_comparisons(const stl::Formula& formula, sim::Time from, sim::Time until);

/// On which side of its level a signal with that factor is beyond.
CheckLimit::Side side_of(const JudgedComparison& comparison, double factor);

/// The levels of a formula's comparisons of one signal with a number, judged at `from`; nothing is known behind
/// `until`. What must hold wherever it is drawn has a side; what need not (behind eventually, until, or, implies) is a
/// level. Sums of several signals have none.
std::vector<CheckLimit> formula_limits(const stl::Formula& formula, sim::Time from, sim::Time until);

/// What its margin can be measured against: half the width of a band on one signal, else the smallest number but 0 that
/// something is compared with. nullopt: there is none.
std::optional<double> formula_scale(const stl::Formula& formula);

}  // namespace hil::harness
