#pragma once

#include <array>
#include <vector>

#include "harness/record/run.h"

namespace hil::harness {

enum ExitCode : int {
  exit_pass = 0,
  exit_fail = 1,
  exit_bad_input = 2,  ///< bad input or usage: nothing ran, nothing was written
  exit_error = 3,
  exit_inconclusive = 4,
  exit_untested = 5,
};

/// The gravest of a run, in the order error, fail, inconclusive, untested.
inline ExitCode exit_code_of(const std::vector<RunResult>& results) {
  struct Grave {
    Verdict verdict;
    ExitCode code;
  };
  constexpr std::array order{Grave{Verdict::error, exit_error}, Grave{Verdict::fail, exit_fail},
                             Grave{Verdict::inconclusive, exit_inconclusive}, Grave{Verdict::untested, exit_untested}};
  for (const Grave& grave : order) {
    for (const RunResult& result : results) {
      if (result.verdict == grave.verdict) return grave.code;
    }
  }
  return exit_pass;
}

}  // namespace hil::harness
