#pragma once

#include <vector>

#include "harness/record/csv_reader.h"
#include "harness/report/check_limits.h"

namespace hil::harness {

inline constexpr std::size_t most_trace_pieces = 200;

/// The levels of a check that only its recording tells: of `together` the lowest signal plus the spread, for the one
/// that is highest; of `follows` around another signal its band; of `constant` without a level the band that still
/// holds what was seen; of a formula's comparisons of several signals the level of the first, with the others as
/// recorded. Straight pieces, at most most_trace_pieces of a side, between which finer detail is lost. None
/// of other checks, and while the check's mark has not come. The trace holds each signal in each row, NaN before its
/// first value.
std::vector<CheckLimit> trace_limits(const CheckSpec& check, const std::vector<Event>& events, sim::Time end,
                                     const Trace& trace);

}  // namespace hil::harness
