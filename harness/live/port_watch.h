#pragma once

#include <functional>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "sim/wire/network_port.h"

namespace hil::harness {

/// Wakes who has the sockets of a network port when a reply falls due, and when a fault begins or ends.
///
/// From the loop, never from inside a request that is being served: the one woken may close connections then.
class PortWatch {
 public:
  /// Opens the port. Before the kernel runs. `wake` gets the virtual time. Throws std::system_error.
  PortWatch(PacedLoop& loop, sim::Kernel& kernel, sim::NetworkPort& port, std::function<void(sim::Time)> wake);
  ~PortWatch();
  PortWatch(const PortWatch&) = delete;
  PortWatch& operator=(const PortWatch&) = delete;

  /// After replies were given to the port.
  void arm();
  /// Wakes at this virtual time too, once.
  void wake_at(sim::Time at) { again_.set(at); }

 private:
  void signal() const;

  PacedLoop& loop_;
  sim::NetworkPort& port_;
  std::function<void(sim::Time)> wake_;
  FileDescriptor signal_;
  sim::Kernel::Alarm alarm_;
  sim::Kernel::Alarm again_;
};

}  // namespace hil::harness
