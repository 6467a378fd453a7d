#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "harness/live/socket_address.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// The far side of a line as a serial port of this machine, at whose other end a master sits on a real wire; or as a
/// pseudo-terminal that another program has made.
///
/// Raw, not blocking, with the low-latency flag where the driver has it. A real wire takes the time of its characters
/// itself, so the line must take none (Bench::Wiring::lines_on_a_real_wire); a pseudo-terminal takes none, so the line
/// must. Adapters hand a request over in pieces with up to 16 ms in between: from a real wire bytes are kept until they
/// are a whole request, or `longest_pause` has passed. What this hides: gaps inside requests.
/// A port that is unplugged, and a serial server that is gone, is opened again once a second. Of a serial server
/// ("tcp:ADDRESS:PORT", bytes as they are) the format is its own affair.
class SerialDevice {
 public:
  static constexpr sim::Time longest_pause{std::chrono::milliseconds{20}};

  enum class Wire : unsigned char {
    by_device,  ///< a pseudo-terminal ends here, anything else has a real wire behind it
    real,       ///< a real wire is behind it, be it a pseudo-terminal that leads there
  };
  enum class Direction : unsigned char {
    by_adapter,  ///< it turns the transceiver round itself
    by_driver,   ///< the driver does, by RTS, which is high while it sends
    by_low_rts,  ///< the driver does, by RTS, which is low while it sends
  };
  /// Opens it. Throws std::runtime_error "PATH: why".
  SerialDevice(std::string path, const sim::SerialFormat& format, Wire wire = Wire::by_device,
               Direction direction = Direction::by_adapter);
  ~SerialDevice();
  SerialDevice(const SerialDevice&) = delete;
  SerialDevice& operator=(const SerialDevice&) = delete;

  bool on_a_real_wire() const { return real_wire_; }
  /// Whether its driver has been asked, and agreed, to hand bytes over as they come.
  bool low_latency() const { return low_latency_; }
  const std::string& path() const { return path_; }
  int fd() const { return port_.get(); }  ///< below 0: it is gone

  // Before connect(): who waits for the first request.
  /// False: none has come. A port that is gone is closed.
  bool next_byte(std::uint8_t& byte);
  /// Opens what is gone. True: a port is there; of a server its first byte tells.
  bool open_again();
  /// False: it had been lost already, and nothing came since.
  bool was_there() const { return was_there_; }

  /// Takes the place of the line's far side. Before the kernel runs. Loop and line must outlive it.
  void connect(PacedLoop& loop, sim::Kernel& kernel, sim::SerialLine& line);
  /// What came over the port by `now`, which the kernel has reached.
  void take(std::span<const std::uint8_t> bytes, sim::Time now);

  /// Called when the port or server is gone, and when it is back, a server with its first byte. Before the loop runs.
  void on_change(std::function<void(sim::Time, bool there)> sink) { on_change_ = std::move(sink); }

  std::uint64_t dropped_bytes() const { return dropped_bytes_; }
  unsigned times_unplugged() const { return unplugged_; }

 private:
  void open();
  void open_serial_server();
  /// Whether the serial server has taken the connection.
  bool is_connected() const;
  ssize_t hand_over(std::span<const std::uint8_t> bytes) const;
  void watch();
  void receive();
  void lose();

  std::string path_;
  sim::SerialFormat format_;
  Direction direction_;
  std::optional<SocketAddress> server_;
  FileDescriptor port_;
  bool real_wire_ = true;
  bool low_latency_ = false;
  bool was_there_ = false;  ///< since it was lost last
  PacedLoop* loop_ = nullptr;
  sim::SerialLine* line_ = nullptr;
  std::vector<std::uint8_t> request_;        ///< from a real wire, not yet whole
  std::optional<sim::Kernel::Alarm> pause_;  ///< the end of what is no whole request
  std::optional<sim::Kernel::Alarm> reopen_;
  std::function<void(sim::Time, bool)> on_change_;
  std::uint64_t dropped_bytes_ = 0;
  unsigned unplugged_ = 0;
};

inline constexpr std::string_view serial_server_prefix = "tcp:";
inline bool is_serial_server(std::string_view path) {
  return path.starts_with(serial_server_prefix);
}

/// Flags of Linux' serial_rs485 that stand for it.
std::uint32_t rs485_flags(SerialDevice::Direction direction);
/// Tells the driver of an open port, which keeps it. False: it has no such mode.
bool set_rs485_direction(int fd, SerialDevice::Direction direction);

/// Whether Linux has a name for this baud rate.
bool is_baud_of_a_port(int baud);

}  // namespace hil::harness
