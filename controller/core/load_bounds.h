#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "controller/settings.h"

namespace hil::controller {

/// Between which two powers the site load lay in the last rounds, whatever the moments at which its parts were read.
///
///   lowest  = lowest import  + lowest sum of AC powers
///   highest = highest import + highest sum of AC powers,  of two to three rounds
///
/// While PV falls, a meter reading of now and AC powers of a moment ago add up to a load that nobody has; but each of
/// them stands beside what the other was or will be within a round. So both bounds are wide while the inverters move
/// and close in on the load once they rest: a lowest above an earlier highest is a load that rose, and no cloud.
class LoadBounds {
 public:
  void reset() { *this = LoadBounds{}; }
  /// Once a step, with what was last read; `new_round`: every unit has been read anew.
  void observe(double import_w, double ac_w, bool new_round, Time now) {
    if (count_ == 0 || (new_round && now - began_ >= shortest_piece)) {
      std::rotate(pieces_.begin(), pieces_.end() - 1, pieces_.end());
      pieces_[0] = {import_w, import_w, ac_w, ac_w};
      count_ = std::min(count_ + 1, pieces_.size());
      began_ = now;
    }
    Piece& newest = pieces_[0];
    newest.lowest_import_w = std::min(newest.lowest_import_w, import_w);
    newest.highest_import_w = std::max(newest.highest_import_w, import_w);
    newest.lowest_ac_w = std::min(newest.lowest_ac_w, ac_w);
    newest.highest_ac_w = std::max(newest.highest_ac_w, ac_w);
  }
  /// Two rounds at least have been seen.
  bool known() const { return count_ == pieces_.size(); }
  double lowest_w() const {
    return lowest([](const Piece& piece) { return piece.lowest_import_w; }) +
           lowest([](const Piece& piece) { return piece.lowest_ac_w; });
  }
  double highest_w() const {
    return -lowest([](const Piece& piece) { return -piece.highest_import_w; }) -
           lowest([](const Piece& piece) { return -piece.highest_ac_w; });
  }

 private:
  /// Rounds of one unit are shorter than what means and images of 0.2 s each (assumed) set meter and inverter apart.
  static constexpr Time shortest_piece = std::chrono::milliseconds{400};
  struct Piece {
    double lowest_import_w = 0.0;
    double highest_import_w = 0.0;
    double lowest_ac_w = 0.0;
    double highest_ac_w = 0.0;
  };
  template <typename Value>
  double lowest(Value value) const {
    double found = value(pieces_[0]);
    for (const Piece& piece : pieces_) found = std::min(found, value(piece));
    return found;
  }

  std::array<Piece, 3> pieces_{};  ///< the first is the newest, still growing
  std::size_t count_ = 0;
  Time began_{0};  ///< the newest
};

}  // namespace hil::controller
