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
/// says "t NOW HEARD...", what time it is and what has come for the controller until then. Times in nanoseconds since
/// the start, bytes of each of the four ports since the start.
class BenchClock {
 public:
  struct Turn {
    controller::Time now{0};
    std::array<std::uint64_t, controller::max_lines> heard{};
  };
  /// Opens it. Throws BadInput.
  explicit BenchClock(const std::string& path);

  int fd() const { return port_.fd(); }

  void say_done(controller::Time wake_at, const std::array<std::uint64_t, controller::max_lines>& sent);
  /// What the bench says, once all of its line has come. Throws std::runtime_error when it is gone or says anything
  /// else.
  std::optional<Turn> read();

 private:
  SerialPort port_;
  std::string text_;
};

}  // namespace hil::hosts
