#pragma once

#include <span>
#include <vector>

#include "harness/report/check_limits.h"
#include "harness/report/decimation.h"

namespace hil::harness {

/// The samples of one time beyond a limit, in order; never empty.
struct Violation {
  std::vector<PlotPoint> points;  ///< time_s, value
};

/// Where a recorded signal is beyond the limit for longer than it may be, inside the limit's part of the run. A stretch
/// counts from its first sample beyond to the first one that is not; one between two samples is not seen.
std::vector<Violation> violations(const CheckLimit& limit, std::span<const double> time_s,
                                  std::span<const double> values);

}  // namespace hil::harness
