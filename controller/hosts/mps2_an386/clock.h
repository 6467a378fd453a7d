#pragma once

#include "controller/settings.h"

namespace hil::board {

// The board's time. Two sources have it, one for each image: system_clock.cpp, where time passes by itself, and
// bench_clock.cpp, where the bench says what time it is.

void start_clock();
/// Interrupt of SysTick.
void tick();
/// Since start_clock().
controller::Time now();
/// Nothing is to be done now: returns when something has arrived or time has passed. `next_wake`: what it waits for
/// otherwise.
void rest(controller::Time next_wake);

}  // namespace hil::board
