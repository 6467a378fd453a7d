#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hil::board {

inline constexpr std::size_t uart_count = 5;

/// One UART of the board: 8N1, driven by its interrupts, with a ring for what arrives and a frame for what leaves.
class Uart {
 public:
  /// Baud 1200..921600.
  void start(std::size_t number, std::int32_t baud);

  /// What has arrived since the last call, as much as fits; returns how many bytes.
  std::size_t take(std::span<std::uint8_t> bytes);
  /// Sends from now on. False, and nothing is sent, while the last frame is still leaving or when it is too long.
  bool send(std::span<const std::uint8_t> bytes);

  std::uint32_t lost_bytes() const { return lost_; }
  /// Of all that have come, those that take() has not given yet.
  bool has_bytes() const { return ring_in_ != ring_out_; }
  /// All bytes since start(): that have come, lost ones too, and that have been handed to the device.
  std::uint32_t heard_bytes() const { return ring_in_ + lost_; }
  std::uint32_t sent_bytes() const { return frames_bytes_ + frame_sent_; }
  bool is_sending() const { return frame_sent_ != frame_count_; }

  /// Its interrupts.
  void received();
  void transmitted();

 private:
  static constexpr std::uint32_t ring_size = 512;  ///< a power of two
  static constexpr std::size_t longest_frame = 256;

  std::uintptr_t base_ = 0;
  std::array<std::uint8_t, ring_size> ring_{};
  std::atomic<std::uint32_t> ring_in_{0};   ///< moved by the interrupt
  std::atomic<std::uint32_t> ring_out_{0};  ///< moved by take()
  std::atomic<std::uint32_t> lost_{0};
  std::array<std::uint8_t, longest_frame> frame_{};
  std::atomic<std::uint32_t> frame_count_{0};
  std::atomic<std::uint32_t> frame_sent_{0};  ///< bytes handed to the device
  std::uint32_t frames_bytes_ = 0;            ///< of all frames before
};

Uart& uart(std::size_t number);

}  // namespace hil::board
