#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "controller/controller.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// What a LAN client of the controller is told. Each call of `bytes` is one write of the controller, one TCP segment.
/// `closed`: by the controller, after lan_open() and unless lan_close() came first; never called again after that.
struct LanReceiver {
  std::function<void(std::span<const std::uint8_t>, sim::Time)> bytes;
  std::function<void(sim::Time)> closed;
};

/// Host of the controller core inside the simulation: carries bytes between its ports and the lines, and between its
/// LAN server and the clients, and wakes it when it asks. Nothing else crosses. A controller that never lets time pass
/// ends the run with an error.
class ControllerHost {
 public:
  /// `lines`: what is plugged into each port; nullptr where nothing is.
  ControllerHost(sim::Kernel& kernel, const controller::Settings& settings,
                 const std::array<sim::SerialLine*, controller::max_lines>& lines);

  // Clients of the LAN server, at the kernel's present time; also from inside a receiver.
  /// A connection; nullopt: the controller refuses it.
  std::optional<std::size_t> lan_open(LanReceiver receiver);
  void lan_send(std::size_t client, std::span<const std::uint8_t> bytes);
  /// By the client; what it was not answered yet is lost.
  void lan_close(std::size_t client);

  const controller::Controller& core() const { return controller_; }

 private:
  struct LanClient {
    LanReceiver receiver;
    bool open = true;
  };
  /// What one client is to get, kept apart from the core's output: a receiver may call back at once.
  struct Delivery {
    std::shared_ptr<LanClient> client;
    controller::LanPort port;
  };
  void carry_out();
  void deliver(Delivery& delivery);
  void count_wake(sim::Time now);

  sim::Kernel& kernel_;
  controller::Controller controller_;
  std::array<sim::SerialLine*, controller::max_lines> lines_;
  std::array<std::shared_ptr<LanClient>, controller::max_lan_clients> lan_clients_;
  sim::Kernel::Alarm wake_;
  sim::Time last_wake_{-1};
  int wakes_at_instant_ = 0;
};

}  // namespace hil::harness
