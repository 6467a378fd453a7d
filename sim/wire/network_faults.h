#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hil::sim {

/// What can be wrong with a device on the network. Those of a reply stand in the order in which they act.
enum class NetworkFault : unsigned char {
  // Of the port; who has the sockets carries them out.
  refused,    ///< new connections are refused; those open go on
  reset,      ///< a connection is reset at a request; `number` 1: all at once, and each as soon as it is open
  half_open,  ///< the device is gone and nobody was told: nothing is read, answered or closed
  stall,      ///< requests are served, replies wait until it is over
  silent,     ///< requests are not heard
  // Of a request.
  request_dropped,  ///< lost on its way: no effect, no reply
  // Of a reply.
  reply_dropped,      ///< lost on its way: the request has had its effect
  delay,              ///< `time` later
  jitter,             ///< up to `time` later, evenly spread
  wrong_transaction,  ///< transaction of the request plus `number`
  wrong_protocol,     ///< protocol `number` instead of 0
  wrong_length,       ///< `number` in the length field, whatever the length
  wrong_unit,         ///< from unit `number`
  truncated,          ///< only the first `number` bytes, 0: a drawn share
  doubled,            ///< twice in one piece
  split,              ///< in pieces of `number` bytes, 0: two halves, `time` apart
  duplicated,         ///< once more, `time` after its end
  late,               ///< kept until the client's next request comes, then sent ahead of its reply
  merged,             ///< kept for the client's next reply, one piece with it; alone after `time`
};
inline constexpr std::size_t network_fault_count = 19;

/// What befell a request or reply, a bit each.
using NetworkMarks = std::uint32_t;

constexpr NetworkMarks mark_of(NetworkFault fault) {
  return NetworkMarks{1} << static_cast<unsigned>(fault);
}

/// In the order of NetworkFault, as captures show them.
inline constexpr std::array<std::string_view, network_fault_count> network_fault_names{
    "refused", "reset",  "half_open",         "stall",          "silent",       "request_dropped", "reply_dropped",
    "delay",   "jitter", "wrong_transaction", "wrong_protocol", "wrong_length", "wrong_unit",      "truncated",
    "doubled", "split",  "duplicated",        "late",           "merged"};

}  // namespace hil::sim
