#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "controller/controller.h"
#include "harness/scenario/actions.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// What a LAN client of the controller is told. Each call of `bytes` is one write of the controller, one TCP segment.
/// `closed`: by the controller, after lan_open() and unless lan_close() came first; never called again after that.
struct LanReceiver {
  std::function<void(std::span<const std::uint8_t>, sim::Time)> bytes;
  std::function<void(sim::Time)> closed;
};

/// Host of the controller core inside the simulation: carries bytes between its ports and the lines, and between its
/// LAN server and the clients, and wakes it when it asks; has its power switch, its contacts and its storage. Nothing
/// else crosses. A controller that never lets time pass ends the run with an error.
///
/// Without power nothing is heard and nothing sent; what is on a line already ends whole, and who is connected hears no
/// more. With power again a new core starts from what it has stored, from the given settings where that is nothing,
/// counts its time from there and is told which contacts are closed.
class ControllerHost {
 public:
  /// `lines`: what is plugged into each port; nullptr where nothing is.
  ControllerHost(sim::Kernel& kernel, const controller::Settings& settings,
                 const std::array<sim::SerialLine*, controller::max_lines>& lines);
  ControllerHost(const ControllerHost&) = delete;
  ControllerHost& operator=(const ControllerHost&) = delete;

  /// controller.powered, controller.contact.*, settings in force.
  void register_signals(sim::SignalRegistry& registry) const;

  bool powered() const { return controller_.has_value(); }
  void set_power(bool on, sim::Time now);
  /// Then every millisecond the other way for `bounce`, whole milliseconds; at its end as ordered.
  void set_contact(controller::Input input, bool closed, sim::Time bounce, sim::Time now);
  /// As an installer at the running device. False: no power, or the core has refused them and goes on as before. Which
  /// ports have how many inverters is taken at a start only: it then starts anew, with these settings and an empty
  /// storage, and whoever was connected hears no more (assumed: no source).
  bool change_settings(const ChangeSettings& change, sim::Time now);
  /// Whether change_settings() would make it start anew. With power only.
  bool starts_anew_with(const ChangeSettings& change) const;
  /// At which its LAN port answers: that of its settings, or with DHCP what the LAN gives it; nullopt: at none. With
  /// power only.
  std::optional<controller::NetworkSettings::Address> lan_address(
      const std::optional<controller::NetworkSettings::Address>& given) const;

  /// Asks the core for a scan or a check of the CTs. False: no power.
  bool scan(sim::Time now);
  bool check_cts(sim::Time now);

  // Clients of the LAN server, at the kernel's present time; also from inside a receiver.
  /// A connection; nullopt: the controller refuses it, or has no power.
  std::optional<std::size_t> lan_open(LanReceiver receiver);
  void lan_send(std::size_t client, std::span<const std::uint8_t> bytes);
  /// By the client; what it was not answered yet is lost.
  void lan_close(std::size_t client);

  /// With power only.
  const controller::Controller& core() const { return *controller_; }

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
  struct Contact {
    double closed = 0.0;  ///< as the core is told
    bool ordered = false;
    sim::Time settled_at{0};
    sim::Time next_bounce = sim::Time::max();
  };
  void start(sim::Time now);
  void carry_out();
  void deliver(Delivery& delivery);
  void count_wake(sim::Time now);
  void move_contact(std::size_t input, bool closed, sim::Time now);
  void bounce(sim::Time now);
  void set_bounce_alarm();
  void publish_settings();
  sim::Time core_time(sim::Time now) const { return now - started_; }

  sim::Kernel& kernel_;
  controller::Settings settings_;  ///< while nothing is stored
  std::array<std::vector<std::uint8_t>, controller::storage_slots> storage_;
  std::optional<controller::Controller> controller_;
  sim::Time started_{0};
  std::array<sim::SerialLine*, controller::max_lines> lines_;
  std::array<std::shared_ptr<LanClient>, controller::max_lan_clients> lan_clients_;
  std::array<Contact, controller::input_count> contacts_{};
  double powered_ = 1.0;
  double export_limit_w_ = 0.0;
  double control_mode_ = 0.0;
  sim::Kernel::Alarm wake_;
  sim::Kernel::Alarm bounce_;
  sim::Time last_wake_{-1};
  int wakes_at_instant_ = 0;
};

}  // namespace hil::harness
