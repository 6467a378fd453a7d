#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/lan/lan_frames.h"
#include "controller/lan/lan_quirks.h"
#include "controller/lan/lan_settings.h"
#include "controller/settings.h"

namespace hil::controller {

inline constexpr std::size_t max_lan_clients = 2;

/// What the host is to do with one client: send these bytes as one write (one TCP segment), then perhaps close.
struct LanPort {
  std::array<std::uint8_t, largest_lan_response> bytes{};
  std::size_t count = 0;
  bool close = false;  ///< after sending; for the core the client is gone already
  std::span<const std::uint8_t> pending() const { return {bytes.data(), count}; }
};

/// The clients of the LAN protocol and what they have sent: finds the requests in it, one at a time, whatever pieces
/// they came in. What a request means is its caller's.
///
/// Between requests it passes over what cannot begin one, byte by byte, without a word, and so finds the next request
/// after any garbage; it never closes a client for it. Work and memory of a client are bounded: 256 bytes wait; who
/// sends more requests ahead is closed by the caller (see full()).
class LanServer {
 public:
  explicit LanServer(const LanSettings& settings) noexcept;

  /// False: no such place, or it is taken.
  bool opened(std::size_t client, Time now) noexcept;
  void closed(std::size_t client) noexcept;
  bool is_open(std::size_t client) const noexcept { return client < max_lan_clients && clients_[client].open; }

  /// Takes over as many bytes as there is room for; returns how many.
  std::size_t take(std::size_t client, std::span<const std::uint8_t> bytes, Time now) noexcept;
  /// Nothing more can be taken until requests have been fetched: there is no noise among what waits.
  bool full(std::size_t client) noexcept;

  /// What is to be done next for a client.
  struct Task {
    bool refuse = false;  ///< answer status 15 under `command_byte` and do nothing; else carry out `request`
    std::uint8_t command_byte = 0;
    LanRequest request;
  };
  /// nullopt: nothing that gets an answer has come whole.
  std::optional<Task> next(std::size_t client, Time now) noexcept;
  /// True: next() has something to look at.
  bool has_more(std::size_t client) noexcept;

  /// True: the client has been silent for too long, and is closed now.
  bool idle(std::size_t client, Time now) noexcept;
  /// When idle() may become true; Time::max(): never.
  Time next_wake() const noexcept;

  /// The inverters' power, for the quirk that shows an old one.
  void see_inverters_w(double present_w, Time now) noexcept;
  double shown_inverters_w(double present_w) const noexcept;

 private:
  struct Client {
    bool open = false;
    Time heard_at{0};
    std::array<std::uint8_t, 256> bytes{};
    std::size_t begin = 0;
    std::size_t end = 0;
    std::span<const std::uint8_t> waiting() const { return {bytes.data() + begin, end - begin}; }
  };
  /// What stands at the front, noise passed over.
  static LanFront front_of(Client& client) noexcept;
  std::optional<Task> task_of(const LanFront& front, Time now) noexcept;

  LanSettings settings_;
  std::array<Client, max_lan_clients> clients_{};
  std::optional<LanOverload> overload_;
  std::optional<HeldFigure> inverters_w_;
  std::uint32_t telemetry_asked_ = 0;
};

}  // namespace hil::controller
