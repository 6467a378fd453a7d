#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "controller/settings.h"

namespace hil::controller {

/// Finds a meter that answers with values that stand still: every leg is the same to the last digit although what the
/// members give together has moved by more than `moved_w` for `found_after`.
///
/// A system at rest under a load at rest gives no such movement, and a load that then goes away behind a meter that
/// hangs would not be seen. So whenever the import has stood still for `still_after`, and the members give more than
/// may be exported, their power is lowered by `dip_w_per_cycle` each cycle until the meter shows it: a meter that
/// measures to some watts does so within a second and after some 20 W. One that has not at `moved_w` hangs.
///
/// So no value older than still_after + moved_w / slope + found_after and a second of lags, 24 s, is acted on for good.
/// What the members give meanwhile is at most what it was. It ends with the first other value. All figures chosen.
class MeterWatch {
 public:
  static constexpr Time still_after = std::chrono::seconds{10};
  static constexpr Time found_after = std::chrono::seconds{2};
  /// A mean of the meter and the readings after it; then the members' power counts as that of its value.
  static constexpr Time settling = std::chrono::milliseconds{500};
  static constexpr double moved_w = 250.0;  ///< more than a meter's start current hides
  static constexpr double dip_w_per_cycle = 2.5;
  static constexpr double most_dip_w = 2.0 * moved_w;

  /// What the meter said, each time it did. As many legs each time, at most 3.
  void heard(std::span<const double> import_w, Time now) noexcept;
  /// Each cycle. `ac_w`: of the members; `anew`: they are not those of the last time; `matters`: they give more than
  /// may be exported.
  void observe(double ac_w, bool anew, bool matters, Time now) noexcept;
  /// From then on until its values change.
  bool stale() const noexcept { return stale_; }
  /// To be taken off what the members are told together, >= 0.
  double dip_w() const noexcept { return dip_w_; }

 private:
  std::array<double, 3> import_w_{};
  std::size_t legs_ = 0;
  Time changed_at_{0};
  Time heard_at_{0};
  std::optional<double> before_w_{};  ///< power of the members soon after that change
  std::optional<Time> away_since_{};
  double dip_w_ = 0.0;
  bool stale_ = false;
};

}  // namespace hil::controller
