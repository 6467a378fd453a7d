#pragma once

#include <cstdint>
#include <string>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// The far side of a line as a pseudo-terminal: a foreign master opens path() as if it were its serial port.
///
/// A pseudo-terminal knows no baud rate, so the line gives the bytes their character times: what is written at once is
/// on the wire one character after the other, and a reply arrives when its last character has ended.
/// Bytes that the master does not fetch are dropped when the terminal's buffer is full, and counted.
class PseudoTerminal {
 public:
  /// Takes the place of the line's far side. Throws std::system_error.
  PseudoTerminal(PacedLoop& loop, sim::SerialLine& line);
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  void receive();

  PacedLoop& loop_;
  sim::SerialLine& line_;
  FileDescriptor master_;
  FileDescriptor slave_;  ///< held open, so that a client may come and go
  std::string path_;
  std::uint64_t dropped_bytes_ = 0;
};

}  // namespace hil::harness
