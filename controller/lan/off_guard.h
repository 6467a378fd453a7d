#pragma once

#include <optional>

#include "controller/settings.h"

namespace hil::controller {

/// Ends a time without export limit that a LAN client began and does not end: the reset of an inverter's freeze takes
/// the limit away for 5 s (sec1000-lan-protocol 7), and when the client, its link or the power fails in between,
/// nothing in the original restores it.
///
/// Whoever means it writes capacity and limit first (command 42, as the public client does before it sets a mode): a
/// limit that is switched off within ten seconds of that stays off. Else it is back five seconds after every inverter
/// that answers has let go of it, or six after the command; not earlier either when the client restores it: orders take
/// their time on the way, and an inverter wants the five seconds.
class OffGuard {
 public:
  void limit_written(Time now) noexcept;
  /// The mode in force was `before`, now it is off.
  void switched_off(ControlMode before, Time now) noexcept;
  /// A mode is on again, or the installer has spoken.
  void over() noexcept { before_.reset(); }

  /// The mode that comes back; nullopt: nothing is pending. It is also what is to be stored meanwhile.
  std::optional<ControlMode> pending() const noexcept { return before_; }
  /// Once a step: true when it is time. `all_off`: no inverter that answers has a limit any more.
  bool due(bool all_off, Time now) noexcept;
  Time next_wake() const noexcept { return before_ ? restore_at_ : Time::max(); }

 private:
  std::optional<ControlMode> before_;
  std::optional<Time> written_at_;
  bool all_off_seen_ = false;
  Time restore_at_{0};
};

}  // namespace hil::controller
