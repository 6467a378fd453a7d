// Start-up of a Cortex-M4: vectors, memory, FPU. Source: Armv7-M Architecture Reference Manual (Arm DDI 0403): B1.5
// vector table, B3.2.20 CPACR, B3.4 NVIC.

#include <array>
#include <cstdint>

#include "controller/hosts/mps2_an386/board.h"
#include "controller/hosts/mps2_an386/clock.h"
#include "controller/hosts/mps2_an386/console.h"
#include "controller/hosts/mps2_an386/stack_use.h"
#include "controller/hosts/mps2_an386/uart.h"

extern "C" {
// Of the linker script.
extern std::uint32_t data_begin;
extern std::uint32_t data_end;
extern std::uint32_t data_load;
extern std::uint32_t bss_begin;
extern std::uint32_t bss_end;
extern std::uint32_t stack_low;
extern std::uint32_t stack_high;
using Constructor = void (*)();
extern Constructor init_array_begin;
extern Constructor init_array_end;

int main();
void reset_handler();
}

namespace hil::board {
namespace {

using Handler = void (*)();

constexpr std::uintptr_t cpacr = 0xE000ED88;
constexpr std::uint32_t full_access_to_fpu = 0xFu << 20;
constexpr std::uintptr_t interrupt_set_enable = 0xE000E100;
constexpr std::uint32_t never_used = 0x5AC0FFEE;

[[noreturn]] void fault_handler() {
  halt("fault: the processor stopped\r\n");
}

void ignore() {}

struct Vectors {
  std::uint32_t* stack;
  std::array<Handler, 15> exceptions;  ///< 1 reset .. 15 SysTick
  std::array<Handler, 32> interrupts;
};

template <std::size_t Number>
void received() {
  uart(Number).received();
}
template <std::size_t Number>
void transmitted() {
  uart(Number).transmitted();
}

[[gnu::section(".vectors"), gnu::used]] const Vectors vectors{
    &stack_high,
    {reset_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, nullptr, nullptr,
     nullptr, nullptr, ignore, ignore, nullptr, ignore, tick},
    // UARTs 0 to 4 receive on 0, 2, 4, 18, 20 and transmit on the number after it (see uart.cpp).
    {received<0>, transmitted<0>, received<1>, transmitted<1>, received<2>, transmitted<2>, ignore, ignore,
     ignore,      ignore,         ignore,      ignore,         ignore,      ignore,         ignore, ignore,
     ignore,      ignore,         received<3>, transmitted<3>, received<4>, transmitted<4>, ignore, ignore,
     ignore,      ignore,         ignore,      ignore,         ignore,      ignore,         ignore, ignore}};

}  // namespace

void enable_interrupt(unsigned number) {
  device_register(interrupt_set_enable + 4 * (number / 32)) = 1u << (number % 32);
}

std::uint32_t most_stack_used() {
  const std::uint32_t* lowest = &stack_low;
  while (lowest < &stack_high && *lowest == never_used) ++lowest;
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&stack_high) -
                                    reinterpret_cast<std::uintptr_t>(lowest));
}

bool stack_overflowed() {
  return stack_low != never_used;
}

}  // namespace hil::board

// By hand and not by library functions: those may use the FPU or memory that is not there yet.
void reset_handler() {
  using namespace hil::board;
  device_register(cpacr) = device_register(cpacr) | full_access_to_fpu;
  asm volatile("dsb\n isb" ::: "memory");
  const volatile std::uint32_t* from = &data_load;
  for (volatile std::uint32_t* to = &data_begin; to < &data_end; ++to) *to = *from++;
  for (volatile std::uint32_t* to = &bss_begin; to < &bss_end; ++to) *to = 0;
  // Up to what this function itself uses.
  const volatile std::uint32_t* stack_pointer = nullptr;
  asm volatile("mov %0, sp" : "=r"(stack_pointer));
  for (volatile std::uint32_t* to = &stack_low; to < stack_pointer; ++to) *to = never_used;
  for (const Constructor* constructor = &init_array_begin; constructor < &init_array_end; ++constructor)
    (*constructor)();
  main();
  for (;;) wait_for_interrupt();
}
