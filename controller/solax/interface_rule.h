#pragma once

#include <optional>

#include "controller/settings.h"
#include "controller/solax/can_frames.h"

namespace hil::controller {

/// What the backup interface is told. Closed, it sees a lost grid itself and opens; it is told to when the primary has
/// lost the grid for `patience` and it has not (the primary's own protection knew better). Open, it is told to connect
/// once it has said for the reconnection time on end that its grid is good. Silent for `interface_patience`, it is told
/// nothing: it keeps its switch as it is.
class InterfaceRule {
 public:
  static constexpr Time interface_patience = std::chrono::seconds{2};  ///< chosen
  static constexpr Time patience = std::chrono::milliseconds{100};     ///< chosen

  void reset() { *this = InterfaceRule{}; }
  void heard(const InterfaceReadings& readings, Time now) {
    if (!readings.grid_good || !is_heard(now)) good_since_ = now;  // what was while it was silent, nobody knows
    readings_ = readings;
    heard_at_ = now;
  }
  bool is_heard(Time now) const { return heard_at_ && now - *heard_at_ <= interface_patience; }
  /// Its switch was open when it last spoke.
  bool off_grid() const { return heard_at_ && !readings_.closed; }
  /// What the primary is about, each cycle.
  void own_mode(const SolaxReadings& own, Time now) {
    if (off_grid() || !own.off_grid()) {
      missed_since_.reset();
    } else if (fed_) {
      missed_since_ = now;
    }
    fed_ = own.feeds();
  }
  /// nullopt: nothing to tell.
  std::optional<bool> connect(Time reconnection, Time now) const {
    if (!is_heard(now)) return std::nullopt;
    if (readings_.closed) return !missed_since_ || now - *missed_since_ < patience;
    return readings_.grid_good && now - good_since_ >= reconnection;
  }

 private:
  bool fed_ = false;
  std::optional<Time> missed_since_;  ///< the primary has lost the grid while the interface is closed
  InterfaceReadings readings_;
  std::optional<Time> heard_at_;
  Time good_since_{0};
};

}  // namespace hil::controller
