#include "controller/hosts/mps2_an386/board.h"
#include "controller/hosts/mps2_an386/clock.h"

// A tick each millisecond, time to a clock of the processor, 40 ns. SysTick: Armv7-M Architecture Reference Manual (Arm
// DDI 0403), B3.3.
namespace hil::board {
namespace {

constexpr std::uintptr_t control_and_status = 0xE000E010;
constexpr std::uintptr_t reload_value = 0xE000E014;
constexpr std::uintptr_t current_value = 0xE000E018;
constexpr std::uintptr_t interrupt_control = 0xE000ED04;  // ICSR, B3.2.4
constexpr std::uint32_t tick_pending = 1u << 26;
constexpr std::uint32_t enabled = 1u << 0;
constexpr std::uint32_t interrupts = 1u << 1;
constexpr std::uint32_t by_processor_clock = 1u << 2;

constexpr std::uint32_t clocks_per_tick = system_clock_hz / 1000;
constexpr std::int64_t ns_per_tick = 1'000'000;
constexpr std::int64_t ns_per_clock = 1'000'000'000 / system_clock_hz;

volatile std::uint64_t ticks = 0;

}  // namespace

void start_clock() {
  device_register(reload_value) = clocks_per_tick - 1;
  device_register(current_value) = 0;
  device_register(control_and_status) = enabled | interrupts | by_processor_clock;
}

void tick() {
  ticks = ticks + 1;
}

// The counter counts down. A tick in between is seen by the count that has changed, or that is about to.
controller::Time now() {
  for (;;) {
    const std::uint64_t before = ticks;
    const std::uint32_t left = device_register(current_value);
    const bool about_to_tick = (device_register(interrupt_control) & tick_pending) != 0;
    if (ticks != before || about_to_tick) continue;
    const std::int64_t passed = clocks_per_tick - 1 - left;
    return controller::Time{static_cast<std::int64_t>(before) * ns_per_tick + passed * ns_per_clock};
  }
}

// What arrives just before this is seen at the next tick, within a millisecond.
void rest(controller::Time) {
  wait_for_interrupt();
}

}  // namespace hil::board
