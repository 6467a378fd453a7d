#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/core/energy_controller.h"
#include "controller/core/inverter_line.h"
#include "controller/core/recent.h"
#include "controller/settings.h"

namespace hil::controller {

/// What the core wants its host to do: bytes to send on each line, and when to be woken next.
struct Output {
  struct Line {
    std::array<std::uint8_t, largest_frame> bytes{};
    std::size_t count = 0;
    std::span<const std::uint8_t> pending() const { return {bytes.data(), count}; }
  };
  std::array<Line, max_lines> lines{};
  Time next_wake = Time::max();
};

/// The energy controller core, as firmware sees it: fed with bytes and time, asks for bytes and the next wake-up.
/// Allocates, throws, blocks and prints nothing and reads no clock: the same calls in the same order give the same
/// bytes, on a desk or on a board.
///
/// The host calls one of the three entries, sends what stands in output() (and only then calls again), and wakes the
/// core at next_wake.
class Controller {
 public:
  explicit Controller(const Settings& settings) noexcept;
  ~Controller() noexcept = default;
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  void bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, Time now) noexcept;
  void input_changed(std::size_t input, bool level, Time now) noexcept;
  /// As an installer at the running device, ports and their counts aside, which stay as they are. False: out of bounds,
  /// nothing has changed.
  bool change_settings(const Settings& settings, Time now) noexcept;
  const Settings& settings() const noexcept { return settings_; }
  void woken(Time now) noexcept;

  const Output& output() const noexcept { return output_; }
  /// The host has sent the bytes of all lines.
  void sent() noexcept;

 private:
  /// One cycle of the law with what is known now; hands the orders to the lines.
  void step(Time now) noexcept;
  /// Starts exchanges on every line that is free and says when to be woken.
  void ask(Time now) noexcept;

  Settings settings_;
  std::array<InverterLine, max_lines - 1> lines_{};
  BusMaster meter_master_;
  MeterHistory meter_;
  EnergyController energy_;
  Measurements measurements_;
  Time next_step_{0};  ///< at the latest, so that a silent meter is noticed
  Output output_;
};

}  // namespace hil::controller
