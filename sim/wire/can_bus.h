#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/split_mix64.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/can_frame.h"

namespace hil::sim {

/// A CAN bus in virtual time: arbitration, frames that last as long as their bits, acknowledgement, error counters and
/// bus-off as in ISO 11898-1 (fault confinement).
///
/// Each node has a place: the piece of wire that it is on. Nodes on one piece hear each other; a cut cable makes two
/// pieces of one. Those that want to send when a piece is idle compete; the lowest arbitration key goes on, the others
/// wait. Heard is a frame at the last bit of its end of frame.
///
/// What goes wrong ends a frame with an error flag and is tried again:
///   bit          two nodes send the same identifier and then differ; a pair that is shorted or swapped, where a
///                dominant bit is read back as recessive
///   acknowledge  nobody else on this piece hears it. A passive node counts no further for that
///   form         the piece of wire changes under a frame
///   noise        with the probability of set_error_rate(), drawn from the seed for each attempt; at its last bit
///
///   transmit counter  +8 for each such error of a sender, -1 for each frame sent
///   receive counter   +1 for each error of a frame that it listens to, -1 for each frame heard; above 127: to 119
///   passive           above 127 in one of them: an error flag that nobody sees, and 8 more bits of rest after sending
///   bus-off           transmit counter above 255: silent for 128 times 11 bits, then both are 0; what waited is gone
///
/// Left out: overload frames, the 8 that a receiver counts for a dominant bit after its flag, resynchronisation and
/// propagation time (a node that is ready within the first bit of another's frame waits for its end), traffic during
/// recovery from bus-off. After add_node() nothing is allocated. Must not outlive its kernel.
class CanBus {
 public:
  static constexpr std::size_t most_nodes = 16;
  static constexpr std::size_t mailboxes = 16;  ///< frames of one node that wait

  enum class State : unsigned char { active, passive, bus_off };
  enum class Outcome : unsigned char { sent, bit_error, no_acknowledge, form_error, noise };
  /// Where a node is.
  struct Place {
    std::size_t piece = 0;  ///< 0..most_nodes-1
    bool powered = true;
    bool swapped = false;  ///< high and low: it hears nothing, and reads its own dominant bits as recessive
    bool shorted = false;  ///< the pair there carries nothing
    bool operator==(const Place&) const = default;
  };
  struct Counters {
    double sent = 0;
    double heard = 0;
    double errors = 0;            ///< attempts to send that ended with an error flag
    double arbitration_lost = 0;  ///< times that another frame went first
    double refused = 0;           ///< frames that found no mailbox, or the node bus-off or without power
    double bus_off = 0;           ///< times that it came to that
  };
  /// One attempt on the wire; of two senders of one identifier there are two.
  struct Record {
    CanFrame frame;
    std::size_t sender = 0;
    Outcome outcome = Outcome::sent;
    Time begin{0};
    Time end{0};
  };
  using Heard = std::function<void(const CanFrame& frame, Time now)>;
  using Monitor = std::function<void(const Record& record)>;

  /// `bit_rate_hz`: 10,000..1,000,000. Throws std::invalid_argument.
  CanBus(Kernel& kernel, int bit_rate_hz, std::uint64_t seed);
  CanBus(const CanBus&) = delete;  // its alarms hold its address
  CanBus& operator=(const CanBus&) = delete;

  /// Before the run. Returns its number, from 0. Throws std::invalid_argument beyond most_nodes.
  std::size_t add_node(const std::string& name, Heard heard);
  void add_monitor(Monitor monitor) { monitors_.push_back(std::move(monitor)); }

  /// Sends as soon as it may: of the waiting frames of a node the lowest key first, of equal ones the oldest. False:
  /// refused. Throws std::invalid_argument for a frame that is not valid.
  bool send(std::size_t node, const CanFrame& frame);
  /// Counts at once: a frame under way on the piece that it leaves or comes to ends with a form error. Without power
  /// its counters go to 0 and what waited is gone. Throws std::invalid_argument for a piece out of range.
  void set_place(std::size_t node, const Place& place);
  const Place& place(std::size_t node) const { return nodes_.at(node).place; }
  /// Of each attempt to send, 0..1. Throws std::invalid_argument.
  void set_error_rate(double probability);

  const std::string& name(std::size_t node) const { return nodes_.at(node).name; }
  State state(std::size_t node) const;
  int transmit_errors(std::size_t node) const { return nodes_.at(node).transmit_errors; }
  int receive_errors(std::size_t node) const { return nodes_.at(node).receive_errors; }
  const Counters& counters(std::size_t node) const { return nodes_.at(node).counters; }
  /// Frames of the node that are not on the wire yet, or on it.
  std::size_t waiting(std::size_t node) const { return nodes_.at(node).waiting_count; }
  std::size_t node_count() const { return nodes_.size(); }
  /// So many bits, rounded to the nanosecond once.
  Time bits(std::size_t count) const;

 private:
  struct Waiting {
    CanFrame frame;
    std::uint64_t order = 0;
  };
  struct Node {
    std::string name;
    Heard heard;
    Place place;
    std::array<Waiting, mailboxes> waiting{};
    std::size_t waiting_count = 0;
    std::size_t under_way = 0;  ///< of those that wait, while it is a sender
    int transmit_errors = 0;
    int receive_errors = 0;
    bool off = false;
    Time rests_until{0};
    Counters counters;
  };
  /// What a piece of wire is doing.
  struct Piece {
    bool busy = false;
    Time begin{0};
    Time end{0};
    std::array<std::size_t, most_nodes> senders{};  ///< first the one whose frame is on the wire
    std::size_t sender_count = 0;
    Outcome outcome = Outcome::sent;
    Time idle_from{0};
  };

  bool dead(std::size_t piece) const;
  bool listens(std::size_t node, std::size_t piece) const;
  bool sends(std::size_t node) const;
  std::size_t first_waiting(const Node& node) const;
  void wake(std::size_t piece, Time now);
  void begin_frame(std::size_t piece, Time now);
  std::size_t choose_outcome(Piece& on, std::size_t piece);
  void end_frame(std::size_t piece, Time now);
  void succeed(std::size_t piece, Time now);
  void fail(std::size_t piece, Time now);
  void count_transmit_error(std::size_t node, Outcome outcome, Time now);
  void spoil(std::size_t piece, Time now);
  void forget(Node& node);
  void set_alarm(std::size_t piece);

  Kernel& kernel_;
  int bit_rate_hz_;
  models::SplitMix64 random_;
  double error_rate_ = 0.0;
  std::vector<Node> nodes_;
  std::array<Piece, most_nodes> pieces_{};
  std::vector<Kernel::Alarm> alarms_;   ///< one of each piece
  std::vector<Kernel::Alarm> returns_;  ///< one of each node: from bus-off
  std::vector<Monitor> monitors_;
  std::uint64_t sent_order_ = 0;
};

}  // namespace hil::sim
