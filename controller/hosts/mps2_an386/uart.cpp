#include "controller/hosts/mps2_an386/uart.h"

#include <algorithm>

#include "controller/hosts/mps2_an386/board.h"

// CMSDK APB UART: Cortex-M System Design Kit Technical Reference Manual (Arm DDI 0479), 4.3. Addresses and interrupts:
// Application Note AN386 (Arm DAI 0386), as QEMU's mps2-an386 has them.
namespace hil::board {
namespace {

constexpr std::array<std::uintptr_t, uart_count> bases{0x40004000, 0x40005000, 0x40006000, 0x40007000, 0x40009000};
/// Received; transmitted is the next.
constexpr std::array<unsigned, uart_count> interrupts{0, 2, 4, 18, 20};

constexpr std::uintptr_t data = 0x00;
constexpr std::uintptr_t state = 0x04;
constexpr std::uintptr_t control = 0x08;
constexpr std::uintptr_t interrupt_status = 0x0C;  // a 1 written clears the bit
constexpr std::uintptr_t baud_divider = 0x10;      // at least 16

constexpr std::uint32_t state_receive_full = 1u << 1;
constexpr std::uint32_t state_receive_overrun = 1u << 3;  // a 1 written clears it
constexpr std::uint32_t transmit_enable = 1u << 0;
constexpr std::uint32_t receive_enable = 1u << 1;
constexpr std::uint32_t transmit_interrupt_enable = 1u << 2;
constexpr std::uint32_t receive_interrupt_enable = 1u << 3;
constexpr std::uint32_t transmit_interrupt = 1u << 0;
constexpr std::uint32_t receive_interrupt = 1u << 1;

std::array<Uart, uart_count> uarts;

}  // namespace

Uart& uart(std::size_t number) {
  return uarts[number];
}

void Uart::start(std::size_t number, std::int32_t baud) {
  base_ = bases[number];
  const auto rate = static_cast<std::uint32_t>(baud);
  device_register(base_ + baud_divider) = (system_clock_hz + rate / 2) / rate;
  device_register(base_ + control) =
      transmit_enable | receive_enable | transmit_interrupt_enable | receive_interrupt_enable;
  enable_interrupt(interrupts[number]);
  enable_interrupt(interrupts[number] + 1);
}

std::size_t Uart::take(std::span<std::uint8_t> bytes) {
  const std::uint32_t in = ring_in_.load(std::memory_order_acquire);
  std::uint32_t out = ring_out_.load(std::memory_order_relaxed);
  std::size_t count = 0;
  while (out != in && count < bytes.size()) bytes[count++] = ring_[out++ % ring_size];
  ring_out_.store(out, std::memory_order_release);
  return count;
}

bool Uart::send(std::span<const std::uint8_t> bytes) {
  if (is_sending() || bytes.empty() || bytes.size() > frame_.size()) return false;
  frames_bytes_ += frame_count_;
  std::copy(bytes.begin(), bytes.end(), frame_.begin());
  frame_sent_ = 1;
  frame_count_.store(static_cast<std::uint32_t>(bytes.size()), std::memory_order_release);
  device_register(base_ + data) = frame_[0];
  return true;
}

void Uart::received() {
  device_register(base_ + interrupt_status) = receive_interrupt;
  while ((device_register(base_ + state) & state_receive_full) != 0) {
    const auto byte = static_cast<std::uint8_t>(device_register(base_ + data));
    const std::uint32_t in = ring_in_.load(std::memory_order_relaxed);
    if (in - ring_out_.load(std::memory_order_acquire) < ring_size) {
      ring_[in % ring_size] = byte;
      ring_in_.store(in + 1, std::memory_order_release);
    } else {
      lost_ = lost_ + 1;
    }
  }
  if ((device_register(base_ + state) & state_receive_overrun) != 0) {
    device_register(base_ + state) = state_receive_overrun;
    lost_ = lost_ + 1;
  }
}

// Comes when the byte before has left the device's buffer.
void Uart::transmitted() {
  device_register(base_ + interrupt_status) = transmit_interrupt;
  const std::uint32_t next = frame_sent_;
  if (next >= frame_count_) return;
  frame_sent_ = next + 1;
  device_register(base_ + data) = frame_[next];
}

}  // namespace hil::board
