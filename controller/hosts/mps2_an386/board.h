#pragma once

#include <cstdint>

namespace hil::board {

/// Clock of the processor and of the UARTs: 25 MHz (Arm DAI 0386, clocks; QEMU's mps2 machine).
inline constexpr std::uint32_t system_clock_hz = 25'000'000;

/// A register of a device.
inline volatile std::uint32_t& device_register(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

/// Lets the processor rest until an interrupt.
inline void wait_for_interrupt() {
  asm volatile("wfi" ::: "memory");
}

/// Lets it rest until `condition` is true, which only an interrupt can bring about. One that comes between the look at
/// it and the rest is not missed: it wakes the processor, though it is served only after (Arm DDI 0403, B1.5.19).
template <typename Condition>
void wait_until(Condition condition) {
  asm volatile("cpsid i" ::: "memory");
  while (!condition()) {
    wait_for_interrupt();
    asm volatile("cpsie i\n isb\n cpsid i" ::: "memory");
  }
  asm volatile("cpsie i" ::: "memory");
}

/// Interrupt numbers of the NVIC.
void enable_interrupt(unsigned number);

}  // namespace hil::board
