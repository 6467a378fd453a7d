#pragma once

#include "controller/settings.h"

namespace hil::board {

/// Starts SysTick, which interrupts each millisecond.
void start_clock();
/// Its interrupt.
void tick();
/// Since start_clock(); to a clock of the processor, 40 ns.
controller::Time now();

}  // namespace hil::board
