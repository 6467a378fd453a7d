#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "controller/lan/lan_settings.h"
#include "controller/settings.h"

namespace hil::controller {

/// Quirk: counts exchanges and says when the device has had too much. Only a new object (power cycled) is well again.
class LanOverload {
 public:
  enum class State : std::uint8_t { well, wrong_answers, silent };
  explicit LanOverload(const LanSettings::Overload& thresholds) noexcept;
  /// One more request; the state that decides its answer.
  State asked(Time now) noexcept;

 private:
  static constexpr std::size_t most_counted = 121;
  /// More than `most` requests, this one included, within `window`.
  bool too_many(std::size_t most, Time window, Time now) const noexcept;

  LanSettings::Overload thresholds_;
  std::size_t sustained_most_ = 0;
  std::array<Time, most_counted> asked_at_{};  ///< ring, the latest before next_
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  State state_ = State::well;
  std::uint32_t wrong_left_ = 0;
};

/// Quirk: a figure that is renewed each period only, and then sometimes 0. The first one at once.
class HeldFigure {
 public:
  explicit HeldFigure(const LanSettings::StaleInvertersPower& settings) noexcept : settings_(settings) {}
  /// At least as often as the figure is to be renewed.
  void see(double present, Time now) noexcept;
  double shown() const noexcept { return shown_; }

 private:
  LanSettings::StaleInvertersPower settings_;
  double shown_ = 0.0;
  Time next_{0};
  std::uint32_t renewed_ = 0;
};

}  // namespace hil::controller
