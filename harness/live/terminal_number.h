#pragma once

#include <sys/sysmacros.h>
#include <sys/types.h>

namespace hil::harness {

/// Whether a device is a pseudo-terminal: majors 136 to 143 (devices.txt of Linux).
inline bool is_pseudo_terminal(dev_t device) {
  return major(device) >= 136 && major(device) <= 143;
}

}  // namespace hil::harness
