#pragma once

#include <linux/can.h>

#include <optional>
#include <string>

#include "sim/wire/can_frame.h"

namespace hil::harness {

/// As SocketCAN carries it (linux/can.h).
can_frame socketcan_frame(const sim::CanFrame& frame);

/// nullopt: more than 8 bytes of data, an identifier that is too large, or an error frame.
std::optional<sim::CanFrame> bus_frame(const can_frame& frame);

inline bool is_error_frame(const can_frame& frame) {
  return (frame.can_id & CAN_ERR_FLAG) != 0;
}

/// What the interface says of itself with an error frame (linux/can/error.h): "bus-off", "no acknowledgement, bus
/// error", "controller: transmit passive".
std::string error_frame_text(const can_frame& frame);

}  // namespace hil::harness
