#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/checks/finding.h"
#include "harness/checks/stl/formula.h"
#include "harness/checks/stl/robustness.h"

namespace hil::harness::stl {

/// A formula evaluated on line, sample by sample: constant mean time for each, nothing allocated after construction.
///
/// Negations are carried down to the predicates, so that the formula only rises when a predicate does. What stands
/// outside of every always, eventually and until is needed at the first sample only and is folded as it comes; what
/// stands inside is a stream: each part gives its robustness at sample k when the last sample that it looks at is
/// there, k + its horizon.
///
/// At the end of what is seen, samples that did not come count as -infinity and as +infinity; when the sign is the same
/// for both, the formula is decided. An always (eventually, until) without end looks at what is seen only: an instant
/// that the end leaves undecided neither breaks it nor fulfils it.
class Monitor {
 public:
  /// Where a signal's value stands.
  using Source = std::function<const double*(const std::string& signal)>;

  struct Outcome {
    CheckState state = CheckState::untested;
    double margin = 0.0;                ///< the robustness; +infinity: nothing was to hold
    std::optional<std::uint64_t> at{};  ///< sample that it comes from, counted from 0
    const Expression* decided_by = nullptr;
    double expression = 0.0;  ///< its value there
  };

  /// `step`: > 0. Throws std::invalid_argument for an interval without a sample in it, one without end inside another
  /// operator, and a formula that would keep more than `most_kept` values or has more than `most_predicates`.
  Monitor(const Formula& formula, sim::Time step, const Source& source);

  static constexpr std::size_t most_kept = std::size_t{1} << 24U;
  static constexpr std::size_t most_predicates = 500;

  /// Takes the present values as the next sample.
  void observe();
  /// As if nothing more came.
  Outcome outcome() const;
  /// The same without drawing on what is still in the intervals: cheap, and later to decide.
  Outcome so_far() const;
  /// Broken, whatever were to come: an eventually or until without end is not yet.
  bool broken_for_good() const;
  /// Some crisp predicate was true at some sample.
  bool crisp_seen() const { return crisp_seen_; }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

  struct Sum {
    struct Term {
      double factor = 1.0;
      const double* value = nullptr;
    };
    double value() const;
    std::vector<Term> terms{};
    double constant = 0.0;
  };
  struct Predicate {
    struct Magnitude {
      double factor = 1.0;
      Sum of{};
    };
    double value() const;
    Sum sum{};
    std::vector<Magnitude> magnitudes{};
    Expression expression{};
    bool crisp = false;
    double sign = 1.0;  ///< -1: negated
  };
  /// Both, or with `maximum` either.
  struct Junction {
    std::size_t left = 0;
    std::size_t right = 0;
    Delay left_delay;
    Delay right_delay;
    bool maximum = false;
  };
  /// always, or with `maximum` eventually.
  struct Window {
    std::size_t of = 0;
    SlidingExtreme extreme;
  };
  /// until, or with `dual` release.
  struct Until {
    std::size_t left = 0;
    std::size_t right = 0;
    Delay left_delay;
    Delay right_delay;
    SlidingUntil run;
    Delay before_delay;                      ///< brings left back by as much as `run` is long
    std::optional<SlidingExtreme> before{};  ///< of left, ahead of the interval
    bool dual = false;
  };
  /// A part whose robustness is there for each sample, `horizon` samples later.
  struct Stream {
    std::variant<std::size_t, Junction, Window, Until> part;  ///< first: number of a predicate
    std::uint64_t horizon = 0;
    Robustness now{};  ///< at sample seen - horizon
  };

  enum class GoalKind : unsigned char { junction, at_start, extreme, until };
  /// A part that is judged at the first sample only.
  struct Goal {
    GoalKind kind = GoalKind::at_start;
    bool maximum = false;  ///< or, eventually, until; else and, always, release
    std::size_t left = 0;  ///< goals for a junction, else streams
    std::size_t right = 0;
    Delay left_delay{0};
    Delay right_delay{0};
    std::uint64_t horizon = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    Robustness value{};
    Robustness before{};  ///< until: of left so far
    std::uint64_t folded = 0;
    bool decided = false;  ///< a sample inside the interval was judged
    bool complete() const { return folded > to; }
  };
  struct Bounds {
    Robustness lowest{};
    Robustness highest{};
  };
  enum class Unknown : unsigned char { none, lowest, highest };

  struct Steps {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  Steps steps_of(const Interval& interval) const;
  void keep(std::uint64_t values);
  std::size_t compile_predicate(const Formula& formula, bool negated, const Source& source);
  std::size_t compile_stream(const Formula& formula, bool negated, const Source& source);
  std::size_t compile_goal(const Formula& formula, bool negated, const Source& source);
  std::size_t add_stream(Stream stream);
  Delay delay_of(std::size_t stream, std::uint64_t horizon);

  void advance(Unknown unknown);
  void fold(Goal& goal, bool known);
  bool ready(std::size_t stream) const { return seen_ >= streams_[stream].horizon; }
  Robustness value_of(std::size_t predicate, Unknown unknown);
  Robustness value_of(Junction& junction);
  Robustness value_of(Window& window);
  Robustness value_of(Until& until);
  Monitor drained(Unknown unknown) const;
  Outcome judged(const Bounds& bounds) const;
  /// What is left open counts for nothing at the end, and as anything while more comes.
  enum class Rest : unsigned char { none, to_come };
  Bounds bounds(std::size_t goal, const Monitor& lowest, const Monitor& highest, Rest rest) const;
  Bounds drained_bounds(Rest rest) const;

  sim::Time step_;
  std::vector<Predicate> predicates_;
  std::vector<Stream> streams_;  ///< operands ahead of what they are operands of
  std::vector<Goal> goals_;      ///< likewise
  std::uint64_t seen_ = 0;       ///< number of the present sample while it is worked on, else of samples
  std::size_t kept_ = 0;
  std::size_t open_ = 0;  ///< goals that want more samples
  bool crisp_seen_ = false;
};

}  // namespace hil::harness::stl
