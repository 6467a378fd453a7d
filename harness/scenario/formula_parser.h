#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "harness/checks/stl/formula.h"

namespace hil::harness {

/// What is wrong with a formula, and how many characters of the text are ahead of it.
class BadFormula : public std::runtime_error {
 public:
  BadFormula(std::size_t offset, const std::string& what) : std::runtime_error(what), offset_(offset) {}
  std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_;
};

inline constexpr int deepest_formula = 64;    ///< parts inside one another
inline constexpr int most_comparisons = 200;  ///< in one formula

/// Reads the text of a formula; throws BadFormula for the first fault. Loosest first:
///
///   formula     any [implies formula]
///   any         both {or both}
///   both        run {and run}
///   run         part [until [INTERVAL] part]
///   part        not part | always [INTERVAL] part | eventually [INTERVAL] part | never [INTERVAL] part
///               | ( formula ) | comparison
///   comparison  sum (above | below | > | < | >= | <=) sum
///   sum         [-] term {(+ | -) term}
///   term        NUMBER [UNIT] | [NUMBER *] (SIGNAL | abs ( sum ))
///   INTERVAL    [ NUMBER , NUMBER ]   seconds
///
/// A sum has one unit, that of its signals' names; a number may name it. `>` and `>=` are the same: a margin of 0
/// holds. Inside abs no second abs. Inside always, eventually, never and until these need an INTERVAL.
stl::Formula parse_formula(std::string_view text);

}  // namespace hil::harness
