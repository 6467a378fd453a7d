#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"

namespace hil::harness::stl {

/// constant + sum of factor * signal.
struct Linear {
  struct Term {
    double factor = 1.0;
    std::string signal;
    std::size_t offset = 0;  ///< in the text that it was read from
  };
  std::vector<Term> terms{};
  double constant = 0.0;
};

/// What a predicate holds against 0: a sum, with magnitudes of sums in it. Everything in one unit.
struct Expression {
  struct Magnitude {
    double factor = 1.0;
    Linear of;
  };
  Linear linear{};
  std::vector<Magnitude> magnitudes{};
  std::string unit{};  ///< of the signals; "" for ratios and flags
};

/// [from, to] after the instant that is judged, both ends in it. Without `to`: up to the end of what is seen.
struct Interval {
  sim::Time from{0};
  std::optional<sim::Time> to{};
};

/// A formula of signal temporal logic over the samples of a window, judged at the window's first sample.
///
/// Its robustness is a number: >= 0 when it holds, and how far the signals may move until that changes. Over samples k
/// of one step, with A = ceil(a / step) and B = floor(b / step):
///
///   predicate         the expression; crisp: +infinity above 0, else -infinity
///   negation          -r            conjunction  min        disjunction  max        implication  max(-left, right)
///   always[a,b]       min over k+A .. k+B          eventually[a,b]   max over k+A .. k+B
///   left until[a,b] right     max over j in k+A .. k+B of min(right at j, min of left over k .. j-1)
struct Formula {
  enum class Kind : unsigned char {
    predicate,
    negation,
    conjunction,
    disjunction,
    implication,
    always,
    eventually,
    until
  };
  Kind kind = Kind::predicate;
  Expression expression{};          ///< of a predicate: >= 0 is true
  bool crisp = false;               ///< of a predicate: it has no margin, and 0 is false
  Interval interval{};              ///< of always, eventually, until
  std::vector<Formula> operands{};  ///< none, one or two
};

/// signal > bound, or with `above` false signal < bound.
Formula beyond(const std::string& signal, bool above, double bound);
Formula combined(Formula::Kind kind, Formula left, Formula right);
Formula temporal(Formula::Kind kind, Interval interval, Formula operand);

/// Its signals, each once, in order.
std::vector<Linear::Term> signals_of(const Formula& formula);

}  // namespace hil::harness::stl
