#include "harness/live/socketcan_frame.h"

#include <fmt/format.h>
#include <linux/can/error.h>

#include <algorithm>
#include <array>

namespace hil::harness {
namespace {

struct Name {
  canid_t bit;
  const char* name;
};

constexpr std::array error_classes{
    Name{CAN_ERR_TX_TIMEOUT, "transmission timed out"},
    Name{CAN_ERR_LOSTARB, "arbitration lost"},
    Name{CAN_ERR_CRTL, "controller"},
    Name{CAN_ERR_PROT, "protocol violation"},
    Name{CAN_ERR_TRX, "transceiver"},
    Name{CAN_ERR_ACK, "no acknowledgement"},
    Name{CAN_ERR_BUSOFF, "bus-off"},
    Name{CAN_ERR_BUSERROR, "bus error"},
    Name{CAN_ERR_RESTARTED, "restarted"},
};

// In the second byte, of the class "controller".
constexpr std::array controller_states{
    Name{CAN_ERR_CRTL_RX_OVERFLOW, "receive overflow"}, Name{CAN_ERR_CRTL_TX_OVERFLOW, "transmit overflow"},
    Name{CAN_ERR_CRTL_RX_WARNING, "receive warning"},   Name{CAN_ERR_CRTL_TX_WARNING, "transmit warning"},
    Name{CAN_ERR_CRTL_RX_PASSIVE, "receive passive"},   Name{CAN_ERR_CRTL_TX_PASSIVE, "transmit passive"},
    Name{CAN_ERR_CRTL_ACTIVE, "active again"},
};

template <typename Names>
std::string names_in(canid_t bits, const Names& names) {
  std::string text;
  for (const Name& each : names) {
    if ((bits & each.bit) != 0) text += (text.empty() ? "" : ", ") + std::string(each.name);
  }
  return text;
}

}  // namespace

can_frame socketcan_frame(const sim::CanFrame& frame) {
  can_frame out{};
  out.can_id = frame.id | (frame.extended ? CAN_EFF_FLAG : 0U) | (frame.remote ? CAN_RTR_FLAG : 0U);
  out.can_dlc = frame.length;
  if (!frame.remote) std::copy_n(frame.data.begin(), frame.length, out.data);
  return out;
}

std::optional<sim::CanFrame> bus_frame(const can_frame& frame) {
  if (is_error_frame(frame)) return std::nullopt;
  sim::CanFrame out;
  out.id = frame.can_id & CAN_EFF_MASK;
  out.extended = (frame.can_id & CAN_EFF_FLAG) != 0;
  out.remote = (frame.can_id & CAN_RTR_FLAG) != 0;
  out.length = frame.can_dlc;
  if (!out.is_valid()) return std::nullopt;
  if (!out.remote) std::copy_n(frame.data, out.length, out.data.begin());
  return out;
}

std::string error_frame_text(const can_frame& frame) {
  std::string text = names_in(frame.can_id, error_classes);
  const std::string states = (frame.can_id & CAN_ERR_CRTL) != 0 ? names_in(frame.data[1], controller_states) : "";
  if (!states.empty()) text += ": " + states;
  return text.empty() ? fmt::format("error class {:#x}", frame.can_id & CAN_ERR_MASK) : text;
}

}  // namespace hil::harness
