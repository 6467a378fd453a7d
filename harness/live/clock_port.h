#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/live/pseudo_terminal.h"
#include "sim/kernel/kernel.h"

namespace hil::harness {

/// What a controller that has its time from the bench says when it has done what is to be done: see SteppedDrive.
struct ControllerTurn {
  static constexpr std::size_t port_count = 4;
  sim::Time wake_at{0};
  std::array<std::int64_t, port_count> sent{};  ///< bytes since the start, on COM1 to COM3 and the meter's port
};

/// Whether the line is meant as a turn, be it a good one; any other is for people.
bool is_turn(std::string_view line);
/// "d WAKE SENT1 SENT2 SENT3 SENT4". Throws std::runtime_error with what is said and what is allowed.
ControllerTurn read_turn(std::string_view line);
/// "COM1", ..., "the meter's port".
const char* controller_port_name(std::size_t port);

/// Bytes as a message shows them: what cannot be printed as \xNN, cut beyond `most` of them.
std::string as_seen(std::string_view bytes, std::size_t most = 80);

/// The bench's end of the pseudo-terminal that the clock is on: the controller's words line by line, and how the
/// terminal itself can fail.
class ClockPort {
 public:
  static constexpr std::size_t longest_line = 4096;

  ClockPort() = default;
  /// `path`: where people find the controller's end.
  ClockPort(PseudoTerminalPair pair, std::string path) : pair_(std::move(pair)), path_(std::move(path)) {}

  int fd() const { return pair_.master.get(); }
  const std::string& path() const { return path_; }
  /// The controller's latest turn, as it came; empty: none.
  const std::string& last_turn() const { return last_turn_; }
  /// What has come of a line that has not ended.
  const std::string& begun_line() const { return words_; }

  /// The next whole line without its end; nullopt: none has come yet. Throws std::runtime_error when a line does not
  /// end, and, after watch_hang_up(), when the controller has closed its end.
  std::optional<std::string> next_line();
  /// next_line() gives this one once more.
  void put_back(const std::string& line) { words_.insert(0, line + '\n'); }

  /// Until then controllers may come and go; from now on the one that is there must stay.
  void watch_hang_up() { pair_.slave.close(); }
  /// Whether it has gone since, whatever of its words is still to be read.
  bool has_hung_up() const;
  [[noreturn]] void tell_hang_up() const;

  /// Tells the controller that the run is over, and waits a moment until it has taken that: what it has not is lost
  /// with the terminal.
  void say_end(sim::Time now) const;

 private:
  PseudoTerminalPair pair_;
  std::string path_;
  std::string words_;
  std::string last_turn_;
};

}  // namespace hil::harness
