#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "sim/devices/parallel_group.h"
#include "sim/wire/can_bus.h"

struct can_frame;

namespace hil::harness {

/// The far side of a simulated CAN bus: a descriptor that carries one struct can_frame in each message, as a socket of
/// SocketCAN does, is a node of the bus.
///
/// What the node hears is written at the virtual time of the frame's end. What is read competes for the bus in the
/// order in which it came, one frame at a time: outside it had that order already. On an interface with a real wire a
/// frame takes its time there too.
///
/// A descriptor that fails (the interface went down) is opened again once a second; meanwhile the node has no power,
/// and what waited is lost. Of a full queue of the interface the frame is lost. All of it is counted, and told: a
/// change each time, a loss the first time, the first most_errors_told error frames of the interface.
class CanEndpoint {
 public:
  static constexpr std::size_t most_waiting = 1024;  ///< frames that were read and are not on the bus yet
  static constexpr std::size_t most_errors_told = 100;

  struct Counters {
    std::uint64_t sent = 0;          ///< written
    std::uint64_t no_room = 0;       ///< not written: the queue of the interface was full
    std::uint64_t not_there = 0;     ///< not written: the interface was down
    std::uint64_t received = 0;      ///< read, without own echoes, error frames and malformed ones
    std::uint64_t on_bus = 0;        ///< of those, what went over the simulated bus
    std::uint64_t lost = 0;          ///< of those, what did not: too many waited, bus-off, or the interface went down
    std::uint64_t overrun = 0;       ///< dropped by the kernel before they were read
    std::uint64_t malformed = 0;     ///< no frame of classical CAN
    std::uint64_t error_frames = 0;  ///< of the interface
    unsigned times_down = 0;
  };
  /// Opens the descriptor, not blocking. Throws std::runtime_error while it cannot be had.
  using Open = std::function<FileDescriptor()>;

  /// Opens it. Throws what `open` throws.
  CanEndpoint(std::string name, Open open);
  ~CanEndpoint();
  CanEndpoint(const CanEndpoint&) = delete;
  CanEndpoint& operator=(const CanEndpoint&) = delete;

  const std::string& name() const { return name_; }
  int fd() const { return socket_.get(); }  ///< below 0: it is gone
  const Counters& counters() const { return counters_; }
  /// "12 frames sent, 3 received", with all that went wrong behind it.
  std::string counts() const;

  // Before connect(): who waits for the first frame.
  /// A frame waits to be read. False: none does; what is none was counted and is gone, as is a descriptor that failed.
  bool frame_waits();
  /// Opens what is gone. True: it is there.
  bool open_again();

  /// Called for what people should know: when the interface goes and comes, and what goes wrong first.
  void on_event(std::function<void(sim::Time, const std::string& text)> sink) { on_event_ = std::move(sink); }
  /// Becomes `node` of the bus, which must tell hear() what that hears. Before the kernel runs. All must outlive it.
  void connect(PacedLoop& loop, sim::Kernel& kernel, sim::CanBus& bus, std::size_t node);
  /// A frame that the node hears ended at `now`.
  void hear(const sim::CanFrame& frame, sim::Time now);

 private:
  enum class Read : unsigned char { nothing, frame, error_frame, other, failed };
  /// The next message; `flags` as of recvmsg. Of what is no frame nothing but the counts.
  Read read(can_frame& frame, int flags);
  void watch();
  void receive();
  void take(const sim::CanFrame& frame, sim::Time now);
  void put_next(sim::Time now);
  void lose(int error, sim::Time now);
  void look_again(sim::Time now);
  void set_powered(bool powered);
  void count_error_frame(const can_frame& frame, sim::Time now);
  void tell(sim::Time now, const std::string& text) const;
  void tell_once(bool& told, sim::Time now, const std::string& text) const;

  std::string name_;
  Open open_;
  FileDescriptor socket_;
  PacedLoop* loop_ = nullptr;
  sim::CanBus* bus_ = nullptr;
  std::size_t node_ = 0;
  std::array<sim::CanFrame, most_waiting> waiting_{};  ///< a ring
  std::size_t first_ = 0;
  std::size_t waiting_count_ = 0;
  bool on_bus_ = false;                     ///< one of ours is at the bus
  std::uint32_t overrun_of_socket_ = 0;     ///< as the kernel counts it since the socket was opened
  std::optional<sim::Kernel::Alarm> next_;  ///< the next one may go
  std::optional<sim::Kernel::Alarm> look_;  ///< whether it is there again
  std::function<void(sim::Time, const std::string&)> on_event_;
  bool told_no_room_ = false;
  bool told_lost_ = false;
  bool told_bus_off_ = false;
  bool told_overrun_ = false;
  bool told_malformed_ = false;
  Counters counters_;
};

/// Joins it to the CAN of parallel inverters, beside the last of them.
void join(CanEndpoint& endpoint, PacedLoop& loop, sim::Kernel& kernel, sim::ParallelGroup& group);

}  // namespace hil::harness
