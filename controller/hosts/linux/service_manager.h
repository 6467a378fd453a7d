#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace hil::hosts {

/// Tells the service manager how the service fares, as one datagram to the socket that NOTIFY_SOCKET names
/// (sd_notify(3), systemd 252): "READY=1", "STATUS=...", "WATCHDOG=1", "STOPPING=1". Does nothing without it.
void tell_service_manager(const std::string& state);

/// How often the service manager wants to hear "WATCHDOG=1" at the latest; nullopt: never.
std::optional<std::chrono::microseconds> watchdog_period();

}  // namespace hil::hosts
