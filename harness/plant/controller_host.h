#pragma once

#include <array>

#include "controller/controller.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// Host of the controller core inside the simulation: carries bytes between its ports and the lines, and wakes it
/// when it asks. Nothing else crosses. A controller that never lets time pass ends the run with an error.
class ControllerHost {
 public:
  /// `lines`: what is plugged into each port; nullptr where nothing is.
  ControllerHost(sim::Kernel& kernel, const controller::Settings& settings,
                 const std::array<sim::SerialLine*, controller::max_lines>& lines);

 private:
  void carry_out();
  void count_wake(sim::Time now);

  controller::Controller controller_;
  std::array<sim::SerialLine*, controller::max_lines> lines_;
  sim::Kernel::Alarm wake_;
  sim::Time last_wake_{-1};
  int wakes_at_instant_ = 0;
};

}  // namespace hil::harness
