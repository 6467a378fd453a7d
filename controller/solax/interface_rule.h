#pragma once

#include <optional>

#include "controller/settings.h"
#include "controller/solax/can_frames.h"

namespace hil::controller {

/// What the backup interface is told: to connect once it has said for the reconnection time on end that its grid is
/// good, and an inverter of the system runs; to island as soon as it says that the grid is not. Silent for
/// `interface_patience`, it is told nothing: it keeps its switch as it is.
class InterfaceRule {
 public:
  static constexpr Time interface_patience = std::chrono::seconds{2};  ///< chosen

  void reset() { *this = InterfaceRule{}; }
  void heard(const InterfaceReadings& readings, Time now) {
    if (!readings.grid_good || !heard_at_) good_since_ = now;
    readings_ = readings;
    heard_at_ = now;
  }
  bool is_heard(Time now) const { return heard_at_ && now - *heard_at_ <= interface_patience; }
  /// Its switch was open when it last spoke.
  bool off_grid() const { return heard_at_ && !readings_.closed; }
  /// nullopt: nothing to tell. `any_runs`: an inverter feeds, on the grid or off it.
  std::optional<bool> connect(bool any_runs, Time reconnection, Time now) const {
    if (!is_heard(now)) return std::nullopt;
    if (!readings_.grid_good) return false;
    if (readings_.closed) return true;
    return any_runs && now - good_since_ >= reconnection;
  }

 private:
  InterfaceReadings readings_;
  std::optional<Time> heard_at_;
  Time good_since_{0};
};

}  // namespace hil::controller
