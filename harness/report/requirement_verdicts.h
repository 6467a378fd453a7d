#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/report/suite_report.h"

namespace hil::harness {

/// What the runs of a call say of one statement or clause that their checks name.
struct RequirementVerdict {
  struct Proof {
    const RunResult* run = nullptr;
    const CheckSpec* check = nullptr;
    CheckState state = CheckState::untested;
  };
  std::string id;
  /// The gravest: fail when a check is broken; error, inconclusive or untested when a run with one of its checks is so,
  /// or a check untested; else pass.
  Verdict verdict = Verdict::pass;
  std::vector<Proof> proofs;               ///< none: a deviation that no check is about
  std::string deviation{};                 ///< why it is not fulfilled, or in part only; empty: it is
  std::optional<RankedMargin> tightest{};  ///< of the checks that have a scale
  /// Of a clause, the files of its folder whose checks name it, and how many of them ran; 0 where that is not known.
  std::size_t files = 0;
  std::size_t files_that_ran = 0;
  bool cases_left_out = false;  ///< one of these has cases that did not run

  /// Something of the clause did not run, so that `verdict` speaks of the rest alone.
  bool in_part() const { return files_that_ran < files || cases_left_out; }
  /// "2 of 5 files ran", "5 of 5 files ran, not with all cases"; empty unless in_part().
  std::string part_text() const;
};

/// In the order of their ids, with those deviations that a scenario of the suite shows, or that belong to none and to a
/// source that a check names. The suite must outlive them.
std::vector<RequirementVerdict> requirement_verdicts(const Suite& suite);

/// For the end of a run: a line each with verdict (one that passed in part is PART, with how many of its files ran),
/// number of checks, and what the tightest left of its bound, and the deviation under it; with more than a screenful
/// only those that did not pass. Empty when no check names any.
std::string requirement_lines(const Suite& suite, bool colour);

}  // namespace hil::harness
