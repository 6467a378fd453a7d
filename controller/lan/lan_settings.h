#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace hil::controller {

/// How the LAN server behaves where the original is unknown, and which of its quirks it shows. Set at start only.
struct LanSettings {
  using Duration = std::chrono::nanoseconds;

  Duration idle_timeout = std::chrono::seconds{60};     ///< a client silent for so long is closed; 0: never
  Duration request_timeout = std::chrono::seconds{10};  ///< an unfinished request silent for so long is dropped
  bool answers_malformed = false;                       ///< true: status 15; false: nothing
  bool off_guard = true;  ///< a limit that a client takes away without writing one comes back (OffGuard)

  /// Polled too fast, or by many packets at once: wrong answers, then silence until power is cycled
  /// (sec1000-lan-protocol 5). Where it begins is assumed.
  struct Overload {
    Duration sustained_interval = std::chrono::milliseconds{2500};  ///< mean interval below this, over sustained_window
    Duration sustained_window = std::chrono::minutes{2};            ///< at most 120 times sustained_interval
    std::uint32_t burst_exchanges = 12;                             ///< more than so many within burst_window; <= 120
    Duration burst_window = std::chrono::seconds{3};
    std::uint32_t wrong_answers = 5;  ///< before the silence
  };
  std::optional<Overload> overload = std::nullopt;

  /// The inverters' power is renewed only now and then, and is sometimes 0 (section 3.2).
  struct StaleInvertersPower {
    Duration period = std::chrono::seconds{30};
    std::uint32_t zero_every = 10;  ///< each so many-th figure is 0 (assumed); 0: none
  };
  std::optional<StaleInvertersPower> stale_inverters_power = std::nullopt;

  /// Each so many-th telemetry request gets a response of length 6 (section 5; how often is assumed); 0: none.
  std::uint32_t short_answer_every = 0;
};

}  // namespace hil::controller
