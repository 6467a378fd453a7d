#pragma once

#include <optional>

#include "sim/kernel/kernel.h"

namespace hil::harness {

enum class CheckState : unsigned char { holds, broken, untested };

/// What an evaluator saw, before it is put into words.
struct Finding {
  CheckState state = CheckState::untested;
  double margin = 0.0;                ///< >= 0 holds, < 0 broken; in the evaluator's unit
  double worst = 0.0;                 ///< the value that the margin comes from
  std::optional<sim::Time> worst_at;  ///< when; nullopt where no one instant is to blame
};

/// Broken unless the margin is >= 0, so that a margin that is not a number is broken too.
inline CheckState state_of(double margin) {
  return margin >= 0.0 ? CheckState::holds : CheckState::broken;
}

}  // namespace hil::harness
