#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/devices/sinexcel_registers.h"
#include "controller/settings.h"

namespace hil::controller {

/// What the leader wants of one storage converter.
struct PcsOrder {
  bool run = false;
  bool off_grid = false;  ///< chosen before a start; while it runs the other way it is stopped first
  bool waits = false;     ///< is set up, and not started yet
  double ac_injection_w = 0.0;
  double ac_injection_var = 0.0;
  bool operator==(const PcsOrder&) const = default;
};

/// One storage converter as its leader leads it: start and stop in the order of the protocol manual, latched faults
/// cleared, set points brought and looked after.
///
///   at rest   settings one by one, read back, then the start; it counts as started when 53010.0 says so
///   running   set points as they change; all settings again and read back each 10 s
///   to stop   power to 0 first, then the stop
///   faulted   cleared after 5 s, at most three times in ten minutes; then it is left alone until release(). One that
///             still runs with what has no fault is cleared likewise, and led on
///   strings   one of several that stands still is left out of what the converter can give, and started again once
///             nothing is latched at it
///
/// A converter echoes a write that its state forbids and does nothing (seed 004). So an echo is not taken for the
/// deed: what counts is what is read back, and the state bits.
class PcsUnit {
 public:
  enum class Phase : std::uint8_t { unknown, stopped, setting_up, starting, running, stopping, faulted, left_alone };
  /// Chosen: OpenEMS repeats each second, which costs a slow line its rounds.
  static constexpr Time command_repeat = std::chrono::seconds{3};
  static constexpr Time settings_repeat = std::chrono::seconds{10};
  static constexpr Time clear_pause = std::chrono::seconds{5};
  /// What a clear did shows by then. Chosen.
  static constexpr Time clear_shows_after = std::chrono::seconds{1};
  static constexpr Time clears_counted_for = std::chrono::seconds{600};
  static constexpr int most_clears = 3;
  /// 53010.0 may say "running" from the accepted start on; connecting takes about 8 s more (sinexcel-pcs-modbus 16).
  static constexpr Time connect_time = std::chrono::seconds{9};
  static constexpr Time start_patience = std::chrono::seconds{30};
  /// From power 0 being told to the stop itself, if it does not get there.
  static constexpr Time discharge_patience = std::chrono::seconds{5};
  static constexpr double rest_w = 500.0;  ///< less power than this is none: five counts

  struct Job {
    enum class Kind : std::uint8_t {
      status,
      settings,
      write,
      command,
      limits,
      strings,
      start_string
    } kind = Kind::status;
    PcsSetting setting = PcsSetting::grid_interconnection;
    std::uint16_t word = 0;
    PcsCommand command = PcsCommand::start;
    std::size_t string = 1;
  };
  /// What is odd about the limits of a lithium battery that were entered at the converter (seed 004). Bits.
  enum class LimitFinding : std::uint8_t {
    float_is_not_topping = 1U << 0U,
    lower_limit_too_near = 1U << 1U,  ///< less than 5 V below the end of discharge
    lower_limit_too_far = 1U << 2U,   ///< more than 10 V below it
  };
  struct NamedFinding {
    LimitFinding finding;
    const char* text;
  };
  static constexpr std::array<NamedFinding, 3> named_findings{{
      {LimitFinding::float_is_not_topping, "float is not topping"},
      {LimitFinding::lower_limit_too_near, "lower limit is less than 5 V below the end of discharge"},
      {LimitFinding::lower_limit_too_far, "lower limit is more than 10 V below the end of discharge"},
  }};
  static constexpr Time battery_period = std::chrono::seconds{10};  ///< limits and states of all strings, once each
  /// While one of several strings stands still, and from then until it is started again. Chosen.
  static constexpr Time strings_period = std::chrono::seconds{2};
  static constexpr Time string_start_pause = std::chrono::seconds{5};

  PcsUnit() = default;
  explicit PcsUnit(std::size_t strings) : strings_(strings) {}

  void set_order(const PcsOrder& order) noexcept { order_ = order; }
  const PcsOrder& order() const { return order_; }
  /// Clears of faults count from none again, as when somebody has mended what was wrong.
  void release() noexcept { clears_ = 0; }

  /// What is to be done now beside reading the status; nullopt: nothing.
  std::optional<Job> due(Time now) const noexcept;
  static Request request(std::uint8_t address, const Job& job) noexcept;
  void answered(const Job& job, std::span<const std::uint8_t> data, Time now) noexcept;
  /// With an exception.
  void refused(const Job& job, Time now) noexcept;
  void missed(Time now) noexcept;

  Phase phase() const noexcept;
  const UnitHealth& health() const { return health_; }
  /// nullopt: never heard, or lost.
  const std::optional<PcsStatus>& status() const { return status_; }
  Time status_at() const { return status_at_; }
  /// It runs or is starting, or nobody knows yet; of a lost one: it ran off the grid or was told to start there when it
  /// was last heard, and the switch is not to `open`.
  bool may_run(bool open) const noexcept;
  /// It is the voltage of its bus, as far as is known.
  bool runs_off_grid() const noexcept;
  /// A start is on its way to it, whether or not it comes back as an echo.
  void start_was_sent() noexcept { start_sent_ = true; }
  /// It runs and can be counted on for power: it gives some, or has had the time to connect.
  bool connected(Time now) const noexcept;
  /// Set point that stands in the converter, as far as is known.
  std::optional<double> acknowledged_w() const noexcept;
  Time acknowledged_at() const { return acknowledged_at_; }
  /// It has all its settings, as read back: only the start is left.
  bool is_set_up(Time now) const noexcept;
  /// It was to start and did not within start_patience; until it runs or is to stop.
  bool start_failed(Time now) const noexcept;
  /// Of all strings together, as last read.
  std::uint8_t limit_findings() const noexcept;
  /// Of its strings, those that can be counted on for power, 0..1. All, where it does not tell of them one by one.
  double able_share(Time now) const noexcept;
  /// The battery at a string has fallen to its lower limit: it has to be charged now.
  bool must_charge() const noexcept;
  /// Writes that were echoed and not taken, since the start.
  std::uint32_t ignored_writes() const { return ignored_writes_; }

 private:
  bool wants_to_run() const noexcept;
  PcsWords wanted() const noexcept;
  std::optional<Job> write_due(Time now) const noexcept;
  std::optional<Job> command_due(PcsCommand command, Time now) const noexcept;
  std::optional<Job> clear_due(Time now) const noexcept;
  std::optional<Job> battery_due(Time now) const noexcept;
  bool strings_due(Time now) const noexcept;
  std::optional<Job> string_start_due(Time now) const noexcept;
  void battery_was_read(Time now) noexcept;
  void strings_were_read(Time now) noexcept;
  void take_settings(const PcsWords& found, Time now) noexcept;
  void take_status(std::span<const std::uint8_t> data, Time now) noexcept;
  void take_strings(std::span<const std::uint8_t> data, Time now) noexcept;
  void forget_strings() noexcept;

  struct String {
    PcsBatteryLimits limits;
    double battery_v = 0.0;
    bool limits_known = false;
    bool fault_latched = false;
    Time stands_since = Time::max();  ///< while the converter runs; Time::max(): it runs, too
    Time counts_from = Time::min();   ///< one that is back has to connect first
    Time no_start_before = Time::min();
  };
  std::size_t strings_ = 1;
  std::array<String, most_pcs_strings> battery_{};
  std::size_t next_read_ = 0;  ///< limits of the string with this index, behind the last one the states of all
  Time battery_read_at_ = Time::min();
  bool strings_news_ = false;  ///< something has become of one of them
  Time strings_read_at_ = Time::min();
  UnitHealth health_;
  PcsOrder order_;
  std::optional<PcsStatus> status_;
  Time status_at_{0};
  std::array<std::optional<std::uint16_t>, pcs_setting_count> acknowledged_{};
  Time acknowledged_at_{0};  ///< of the active power
  Time settings_read_at_ = Time::min();
  bool written_since_read_ = true;
  Time no_write_before_{0};    ///< after a refusal
  Time no_command_before_{0};  ///< after a command
  Time start_began_ = Time::max();
  Time running_since_ = Time::max();
  Time stop_began_ = Time::max();
  Time fault_seen_ = Time::max();
  Time first_clear_{0};
  Time last_clear_{0};
  int clears_ = 0;
  bool start_sent_ = false;     ///< since it was last seen to run, to be faulted, or had to rest
  bool lost_off_grid_ = false;  ///< while it ran
  std::uint32_t ignored_writes_ = 0;
};

}  // namespace hil::controller
