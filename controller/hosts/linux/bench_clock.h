#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "controller/controller.h"
#include "controller/hosts/linux/serial_port.h"

namespace hil::hosts {

/// Time as a test bench says it, over a port of its own, so that a run does not depend on this machine. In lines of
/// text, turn by turn: the controller says "d WAKE SENT...", when it wants to be woken and what it has sent; the bench
/// says "t NOW HEARD...", what time it is and what has come for the controller until then. In the end it says "e NOW",
/// and then closes the ports. Times in nanoseconds since the start, bytes of each of the four ports since the start.
class BenchClock {
 public:
  struct Turn {
    controller::Time now{0};
    std::array<std::uint64_t, controller::max_lines> heard{};
    bool over = false;  ///< the run is over, at `now`; nothing else counts
  };
  /// Opens it. Throws BadInput.
  explicit BenchClock(const std::string& path);

  int fd() const { return port_.fd(); }

  void say_done(controller::Time wake_at, const std::array<std::uint64_t, controller::max_lines>& sent);
  /// What the bench says, once all of its line has come. Throws std::runtime_error when it is gone or says anything
  /// else.
  std::optional<Turn> read();
  /// Whether read() has more to give without anything coming: then nobody is woken for it.
  bool has_line() const { return text_.find('\n') != std::string::npos; }

 private:
  SerialPort port_;
  std::string text_;  ///< that has come and was not given yet
  std::string last_;  ///< line of the bench
};

}  // namespace hil::hosts
