#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/lan/lan_client.h"
#include "harness/plant/controller_host.h"
#include "harness/plant/event.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// Who answers on the controller's LAN port.
struct LanServer {
  /// False: no power, or nobody there, or not at the address that the client asks for: what is sent to it vanishes,
  /// and so does what it sends.
  std::function<bool()> there;
  std::function<std::optional<std::size_t>(LanReceiver)> open;  ///< nothing: refused
  std::function<void(std::size_t client, std::span<const std::uint8_t>)> send;
  std::function<void(std::size_t client)> close;
};

/// A client of the controller's LAN port inside the simulation: carries segments between it and the server, each
/// `latency` on its way, and wakes the client when it asks. What one side sends in one go the other gets in one go.
///
/// Left out: loss, order and bandwidth of a real network; the client's last acknowledgement of a connection; that a
/// client's system may find out before the client's own timeout that nobody has an address.
class LanLink {
 public:
  /// `tell` gets what its services have come to, as events.
  LanLink(sim::Kernel& kernel, std::string name, const LanClient::Settings& settings, sim::Time latency,
          sim::Time start, LanClient::LocalClock clock, LanServer server, EventSink tell);
  LanLink(const LanLink&) = delete;
  LanLink& operator=(const LanLink&) = delete;

  /// "NAME.grid_export_w", "NAME.feedback_set_export_limit", ...
  void register_signals(sim::SignalRegistry& registry) const;
  const std::string& name() const { return name_; }

  /// False: the client has no power, or has not started yet.
  bool order(const LanClient::Order& order, sim::Time now);
  void switch_on(sim::Time now);
  void die(const LanClient::Death& death, sim::Time now);
  /// Of each answer from now on: its last byte, the checksum's, inverted; in two segments.
  void spoil_checksums(bool on) { spoils_checksums_ = on; }
  void split_answers(bool on) { splits_answers_ = on; }
  /// The server's connections are gone and nobody was told.
  void server_lost_power() { far_ends_.clear(); }

 private:
  using Connection = std::uint64_t;
  struct Event {
    enum class Kind : unsigned char { open, bytes_out, close, opened, refused, bytes_in, closed };
    sim::Time due{0};
    Kind kind = Kind::open;
    std::size_t channel = 0;
    Connection connection = 0;
    std::vector<std::uint8_t> bytes{};
  };
  void work(sim::Time now);
  void answer(std::size_t channel, Connection connection, std::span<const std::uint8_t> bytes, sim::Time at);
  void enqueue(Event::Kind kind, std::size_t channel, Connection connection, sim::Time now,
               std::span<const std::uint8_t> bytes = {});
  void deliver(const Event& event, sim::Time now);
  void deliver_to_server(const Event& event, sim::Time now);
  /// Does what the client has asked for.
  void carry_out(sim::Time now);
  void set_alarm();
  void publish(sim::Time now);

  /// The view as numbers.
  struct Panel {
    std::array<double, 3> voltage_ln_v{};
    std::array<double, 3> current_a{};
    std::array<double, 3> phase_grid_export_w{};
    double grid_export_w = 0.0;
    double inverter_output_w = 0.0;
    double load_w = 0.0;
    double export_limit_w = 0.0;
    double total_capacity_w = 0.0;
    double control_mode = 0.0;
    double export_on = 0.0;
    double ready = 0.0;
    double powered = 1.0;
    double exchanges = 0.0;
    double failed_exchanges = 0.0;
    std::array<double, lan_service_count> feedback{};
  };

  std::string name_;
  LanClient client_;
  LanServer server_;
  EventSink tell_;
  sim::Time latency_;
  sim::Time start_;
  bool started_ = false;
  bool spoils_checksums_ = false;
  bool splits_answers_ = false;
  std::deque<Event> under_way_;  ///< all take the same time, so they arrive as they left
  std::array<Connection, LanClient::channel_count> current_{};
  std::map<Connection, std::size_t> far_ends_;  ///< as the server numbers them
  Connection last_connection_ = 0;
  Panel panel_;
  sim::Kernel::Alarm alarm_;
};

}  // namespace hil::harness
