#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "sim/kernel/kernel.h"

namespace hil::sim {

/// State machine of a storage converter (sinexcel-pcs-modbus 4): start, stop, fault latches, each string by itself.
///
///   string  stopped -> starting -> running -> stopping -> stopped;   a latched fault: stopped at once
///           running -> starting while the grid is lost (trip and reconnect), or its own voltage off the grid
///   PCS     init until the self test is done; then what the busiest of its strings does; fault when none does anything
///           and something is latched
///
/// A start takes connect_time and, on the grid, until the grid has been good for the reconnect delay. 53010 bit 0 is 1
/// from the start on that was taken, while starting and waiting too, so that what waits can be stopped (assumed).
/// A start of all needs all latches clear, that of one string only its own and those of the whole PCS.
class PcsState {
 public:
  static constexpr std::size_t max_strings = 8;
  static constexpr std::chrono::seconds init_time{10};
  static constexpr std::chrono::seconds connect_time{8};  ///< sinexcel-pcs-modbus 16
  static constexpr std::chrono::seconds stop_time{1};     ///< from the stop until the relay opens; assumed

  enum class State : unsigned char {
    init,
    stopped,
    starting,
    grid_ac,
    grid_dc,
    grid_string,
    off_grid,
    stopping,
    fault
  };
  enum class Phase : unsigned char { stopped, starting, running, stopping };
  enum class Dispatch : unsigned char { ac, dc, string };
  /// Bits; those before `grid` have the order of PcsFault.
  enum Cause : std::uint32_t {
    emergency_stop = 1U << 0,
    fan = 1U << 1,
    overtemperature = 1U << 2,
    bus_overvoltage = 1U << 3,
    ground_fault = 1U << 4,
    dc_contactor = 1U << 5,
    grid_overvoltage = 1U << 6,
    grid_undervoltage = 1U << 7,
    grid_overfrequency = 1U << 8,
    grid_underfrequency = 1U << 9,
    no_battery = 1U << 10,
    off_grid_undervoltage = 1U << 11,
  };
  static constexpr std::uint32_t grid_causes =
      grid_overvoltage | grid_undervoltage | grid_overfrequency | grid_underfrequency;

  explicit PcsState(std::size_t strings) : count_(strings) {}

  /// Supply is gone: nothing runs.
  void power_down();
  /// Supply came back: init, everything off, latches forgotten.
  void power_up(Time now);

  // Orders of a master; may_...(): whether they are carried out. `string`: 0..
  bool may_start() const;
  bool may_stop() const { return switched_on() && !initialising_; }
  bool may_clear() const;
  bool may_start(std::size_t string) const;
  bool may_stop(std::size_t string) const;
  bool may_clear(std::size_t string) const;
  void start(bool off_grid, Dispatch dispatch);
  void start(std::size_t string, bool off_grid, Dispatch dispatch);
  void stop();
  void stop(std::size_t string);
  void clear();
  void clear(std::size_t string);

  /// What is wrong at this moment; of all strings.
  void set_cause(Cause cause, bool present) { set(shared_present_, cause, present); }
  void set_cause(Cause cause, std::size_t string, bool present) { set(strings_[string].present, cause, present); }
  /// Latches a cause that was there, whether or not it still is.
  void latch(std::uint32_t causes, std::size_t string);

  struct Inputs {
    bool grid_waits = false;       ///< it has not been good for the reconnect delay
    std::uint32_t undetected = 0;  ///< causes that nothing looks for
    /// Of each string: its power stage feeds, or could; off the grid, nothing keeps it from its voltage.
    std::array<bool, max_strings> in_service{};
  };
  void advance(Time now, const Inputs& inputs);

  State state() const;
  Phase phase(std::size_t string) const { return strings_[string].phase; }
  /// The relay is to be closed.
  bool connects(std::size_t string) const { return strings_[string].connects; }
  bool off_grid() const { return off_grid_; }
  Dispatch dispatch() const { return dispatch_; }  ///< in force
  void set_dispatch(Dispatch dispatch) { dispatch_ = dispatch; }
  bool initialising() const { return initialising_; }
  bool switched_on() const;  ///< 53010 bit 0
  bool anything_latched() const;
  /// What was started does not run, because of what the grid is like.
  bool waits() const { return waits_; }
  std::uint32_t latched(std::size_t string) const { return strings_[string].latched | shared_latched_; }
  std::uint32_t shared_latched() const { return shared_latched_; }
  std::size_t strings() const { return count_; }
  std::size_t running() const;

 private:
  struct String {
    Phase phase = Phase::stopped;
    Time since{0};
    bool connects = false;
    std::uint32_t present = 0;
    std::uint32_t latched = 0;
  };
  static void set(std::uint32_t& causes, Cause cause, bool present) {
    causes = present ? causes | cause : causes & ~static_cast<std::uint32_t>(cause);
  }
  void enter(String& string, Phase phase);
  void take_modes(bool off_grid, Dispatch dispatch);
  void find_faults(String& string, std::uint32_t undetected);
  void move(String& string, const Inputs& inputs, bool in_service);
  std::span<String> used() { return {strings_.data(), count_}; }
  std::span<const String> used() const { return {strings_.data(), count_}; }

  std::size_t count_;
  std::array<String, max_strings> strings_{};
  std::uint32_t shared_present_ = 0;
  std::uint32_t shared_latched_ = 0;
  Time now_{0};
  Time powered_at_{0};
  bool initialising_ = false;
  bool off_grid_ = false;
  bool waits_ = false;
  Dispatch dispatch_ = Dispatch::ac;
};

}  // namespace hil::sim
