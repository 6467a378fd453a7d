#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "controller/hosts/linux/file_descriptor.h"
#include "controller/hosts/linux/port_option.h"

namespace hil::hosts {

/// Whether Linux has a name for this baud rate, and all those it has, for messages.
bool is_known_baud(std::int32_t baud);
std::string known_bauds();

/// A serial port or pseudo-terminal: raw, non-blocking, locked against a second controller, and asked to hand bytes
/// over at once (the low-latency flag, where the driver has it).
class SerialPort {
 public:
  explicit SerialPort(PortOption option) : option_(std::move(option)) {}

  /// Opens it, or opens it again. Throws BadInput with path and reason.
  void open();
  void close() { file_.close(); }
  bool is_open() const { return file_.is_open(); }
  int fd() const { return file_.get(); }
  const PortOption& option() const { return option_; }
  bool has_low_latency() const { return low_latency_; }

  struct Heard {
    std::size_t count = 0;
    bool gone = false;  ///< the far end has hung up, or the adapter is unplugged
  };
  Heard read(std::span<std::uint8_t> bytes) const;
  /// Bytes taken; fewer than given when the port's buffer is full or it is gone.
  std::size_t write(std::span<const std::uint8_t> bytes) const;

 private:
  PortOption option_;
  FileDescriptor file_;
  bool low_latency_ = false;
};

}  // namespace hil::hosts
