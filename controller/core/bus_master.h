#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "controller/devices/modbus_frames.h"
#include "controller/settings.h"

namespace hil::controller {

/// Character times of a line. Source: goodwe-et-modbus 1.1, physics-and-standards 7.
struct LineTiming {
  std::int32_t baud = 9600;
  std::int32_t bits_per_character = 10;  ///< 10 for 8N1, 11 with parity or two stop bits, 12 with both
  Time characters(std::size_t count) const noexcept;
  Time frame_gap() const noexcept;  ///< t3.5; fixed 1.75 ms above 19200 baud
};

/// Longest turn-around that a unit is granted: ET 20..150 ms (physics-and-standards 7).
inline constexpr Time longest_turnaround = std::chrono::milliseconds{200};
/// Where perhaps nobody is: without the 50 ms more that an exchange of regulation is granted.
inline constexpr Time probed_turnaround = std::chrono::milliseconds{150};
inline constexpr int misses_until_lost = 3;
inline constexpr Time lost_unit_period = std::chrono::seconds{5};

/// How one unit has been answering. A unit that was never heard is polled as usual until it is lost.
class UnitHealth {
 public:
  enum class State : std::uint8_t { never_heard, answering, lost };
  State state() const { return state_; }
  bool answering() const { return state_ == State::answering; }
  /// Answering, and not about to be found lost: two replies in a row are not missing.
  bool sound() const { return answering() && misses_ < misses_until_lost - 1; }
  /// A lost unit is asked only every lost_unit_period.
  bool due(Time now) const { return state_ != State::lost || now >= next_try_; }
  Time next_try() const { return next_try_; }
  void answered();
  void missed(Time now);

 private:
  State state_ = State::never_heard;
  int misses_ = 0;
  Time next_try_{0};
};

/// Master of one half-duplex line: one request at a time, then its reply or a timeout, then t3.5 of silence.
/// What arrives while no request is open is dropped; it prolongs the gap, but by no more than longest_turnaround, so
/// that a line full of noise makes its units time out instead of stopping the master.
class BusMaster {
 public:
  enum class State : std::uint8_t { free, waiting_for_reply, gap };
  enum class Outcome : std::uint8_t { none, answered, refused, timed_out };

  explicit BusMaster(LineTiming timing = {}) : timing_{timing} {}

  /// True when a request may go out now.
  bool free(Time now) noexcept;
  /// Puts the request into `frame`, returns its length. Only while free. `turnaround`: what the unit is granted.
  std::size_t send(const Request& request, Time now, std::span<std::uint8_t> frame,
                   Time turnaround = longest_turnaround) noexcept;
  Outcome heard(std::span<const std::uint8_t> bytes, Time now) noexcept;
  Outcome woken(Time now) noexcept;

  State state() const { return state_; }
  /// Timeout or end of the gap; Time::max() when free.
  Time next_wake() const { return state_ == State::free ? Time::max() : deadline_; }
  /// Register bytes of the last answered read; valid until the next send().
  std::span<const std::uint8_t> data() const { return {data_.data(), data_count_}; }
  /// Anything came before the last request timed out.
  bool heard_bytes() const { return heard_count_ > 0; }
  /// Bytes that came behind the reply of the last exchange, until the next send().
  std::size_t stray_bytes() const { return stray_count_; }
  /// When the unit had heard the last request: the earliest instant its values can belong to.
  Time asked_at() const { return asked_at_; }
  /// From there to the first byte of its reply, as far as the length of what was heard tells; of the last reply.
  Time turnaround() const { return turnaround_; }

 private:
  void end_exchange(Time quiet_since, Time now);

  LineTiming timing_;
  State state_ = State::free;
  Request open_;
  Time deadline_{0};
  Time longest_gap_{0};  ///< where a noisy gap ends
  Time asked_at_{0};
  Time turnaround_{0};
  std::array<std::uint8_t, largest_frame> heard_{};
  std::size_t heard_count_ = 0;
  std::size_t stray_count_ = 0;
  Time last_heard_{0};
  std::array<std::uint8_t, largest_frame> data_{};
  std::size_t data_count_ = 0;
};

}  // namespace hil::controller
