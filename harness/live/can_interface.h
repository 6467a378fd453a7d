#pragma once

#include <string>

#include "harness/live/file_descriptor.h"

namespace hil::harness {

/// A raw socket of a CAN interface of Linux (SocketCAN), as "can0" or "vcan0": frames of classical CAN, error frames of
/// the interface too, none of what the socket itself sends. Not blocking. What the interface is set to (bit rate,
/// listening only) stays.
///
/// Throws std::runtime_error "CAN interface NAME: what is wrong, what is allowed" when the kernel knows no CAN, or the
/// interface is not there, is none of CAN, is down, or may not be opened.
FileDescriptor open_can_interface(const std::string& name);

}  // namespace hil::harness
