#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "models/split_mix64.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/network_faults.h"

namespace hil::sim {

/// The network side of a device: decides what becomes of requests and replies, and when, in virtual time. It knows no
/// socket: who has them open asks it, and sends what is due.
///
/// stream: the replies to one client keep their order, as in a TCP connection. datagram: each comes at its own time.
/// Random ones draw from the seed alone: the same requests at the same times suffer the same. After open() nothing is
/// allocated.
class NetworkPort {
 public:
  enum class Kind : unsigned char { stream, datagram };
  using Client = std::uint64_t;  ///< whatever tells one connection or one far address from others
  struct Setting {
    double probability = 0.0;  ///< of each reply or request to be hit, 0..1; 0: off
    int number = 0;            ///< what the fault counts, see NetworkFault; >= 0
    Time time{0};              ///< what the fault waits, see NetworkFault; >= 0
  };
  static constexpr std::size_t largest_reply = 260;      ///< a whole frame of Modbus TCP; a dongle's is shorter
  static constexpr std::size_t most_waiting = 256;       ///< replies of all clients
  static constexpr std::size_t most_of_one_client = 32;  ///< more than any client keeps under way
  /// A late reply is lost when its client has not asked again by then (assumed), or when all places are taken.
  static constexpr Time longest_kept = std::chrono::seconds{60};
  static constexpr Time never = Time::max();

  /// `reply_delay`: of every reply, without a fault.
  NetworkPort(Kind kind, std::uint64_t seed, Time reply_delay = Time{0});

  /// Somebody has its sockets. `changed` is called when a fault begins or ends.
  void open(std::function<void()> changed);
  /// `lost` is called, inside request() or reply(), for each late reply that will never leave.
  void on_lost(std::function<void(Client)> lost) { lost_ = std::move(lost); }

  void set(NetworkFault fault, const Setting& setting);
  const Setting& setting(NetworkFault fault) const { return settings_[static_cast<std::size_t>(fault)]; }
  bool has(NetworkFault fault) const { return setting(fault).probability > 0.0; }
  Time reply_delay() const { return reply_delay_; }
  /// No fault, no delay and nothing waiting: replies may go out without asking.
  bool clear() const { return clear_ && waiting_.empty(); }

  /// Whether `reset` hits connections, not requests.
  bool resets_connections() const { return has(NetworkFault::reset) && setting(NetworkFault::reset).number == 1; }
  /// Of each connection that stands as such a `reset` begins, and of each new one: true: it is to be reset.
  bool connection_hit() { return resets_connections() && draw(mark_of(NetworkFault::reset)) != 0; }

  /// A whole request has come. With a mark of `silent` or `request_dropped` it was not heard, with `reset` its
  /// connection ends; else it is to be served. What waited for it is due now.
  NetworkMarks request(Client client, Time now);

  enum class Fate : unsigned char { waits, dropped, no_room };
  /// The reply to a request, of at most largest_reply bytes, begins its way. `no_room`: the client has too many
  /// replies waiting, and is to be turned away.
  Fate reply(Client client, std::span<const std::uint8_t> frame, Time now);

  /// When something is due; `never`: nothing is.
  Time next_due() const;
  /// What goes out together: one segment or one datagram.
  struct Piece {
    Client client = 0;
    std::span<const std::uint8_t> bytes;  ///< valid until the next call
    NetworkMarks marks = 0;
  };
  /// The next piece due by `now`; nothing: none is.
  std::optional<Piece> next(Time now);
  /// The client is gone: nothing waits for it any more.
  void forget(Client client);

 private:
  enum class Kept : unsigned char { no, for_next_request, for_next_reply };
  struct Reply {
    Client client = 0;
    Time due{0};
    Kept kept = Kept::no;
    Time kept_from{0};
    std::size_t size = 0;
    std::size_t sent = 0;
    std::size_t piece = 0;  ///< bytes that leave together
    Time pause{0};          ///< between two pieces
    bool again = false;     ///< comes once more
    Time again_after{0};
    NetworkMarks marks = 0;
    std::array<std::uint8_t, 4 * largest_reply> bytes{};  ///< two doubled ones merged
  };

  NetworkMarks draw(NetworkMarks candidates);
  std::size_t draw_below(std::size_t count);
  void shape(Reply& reply, NetworkMarks hits);
  void head_faults(Reply& reply, NetworkMarks hits) const;
  void keep(Reply& reply, NetworkMarks hits, Time now) const;
  bool merge(Client client, const Reply& with);
  bool behind_another(std::size_t place) const;
  bool is_ready(std::size_t place) const;
  void release(std::size_t place);
  void lose(std::size_t place);
  void drop_kept_too_long(Time now);
  bool make_room();

  Kind kind_;
  Time reply_delay_;
  models::SplitMix64 random_;
  std::array<Setting, network_fault_count> settings_{};
  bool clear_;
  std::function<void()> changed_;
  std::function<void(Client)> lost_;
  std::vector<Reply> replies_;        ///< room for most_waiting, once open
  std::vector<std::size_t> free_;     ///< places in replies_
  std::vector<std::size_t> waiting_;  ///< places in replies_, the oldest first
};

}  // namespace hil::sim
