#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "harness/live/terminal_baud.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// A new pseudo-terminal: raw, its own side not blocking.
struct PseudoTerminalPair {
  FileDescriptor master;
  FileDescriptor slave;  ///< held open, so that a client may come and go
  std::string path;      ///< of the client's side
  /// At `baud`, which a client may change; 0: what Linux gives a new one. Throws std::system_error that names what it
  /// is for.
  static PseudoTerminalPair open(const std::string& what_for, int baud = 0);
};

/// The far side of a line as a pseudo-terminal: a foreign master opens path() as if it were its serial port.
///
/// A pseudo-terminal takes no character times, whatever baud is set on it, so the line gives the bytes theirs: what is
/// written at once is on the wire one character after the other, and a reply arrives as a whole when its last character
/// has ended (a real port hands over its bytes as they come).
/// A master at another baud is not understood and understands nothing, see TerminalBaud.
/// Bytes that the master does not fetch are dropped when the terminal's buffer is full, and counted.
class PseudoTerminal {
 public:
  /// Takes the place of the line's far side. Throws std::system_error.
  PseudoTerminal(PacedLoop& loop, sim::SerialLine& line)
      : PseudoTerminal(loop, line, PseudoTerminalPair::open("pseudo-terminal for " + line.name(), line.format().baud)) {
  }
  PseudoTerminal(PacedLoop& loop, sim::SerialLine& line, PseudoTerminalPair pair);
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  const std::string& path() const { return pair_.path; }
  std::uint64_t dropped_bytes() const { return dropped_bytes_; }

  /// Called when bytes come at another baud than the ones before them. Before the loop runs.
  void on_baud(std::function<void(sim::Time, const TerminalBaud&)> sink) { on_baud_ = std::move(sink); }

 private:
  void receive();

  PacedLoop& loop_;
  sim::SerialLine& line_;
  PseudoTerminalPair pair_;
  TerminalBaud baud_;
  std::function<void(sim::Time, const TerminalBaud&)> on_baud_;
  std::uint64_t dropped_bytes_ = 0;
};

}  // namespace hil::harness
