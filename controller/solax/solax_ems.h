#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/recent.h"
#include "controller/settings.h"
#include "controller/solax/can_frames.h"
#include "controller/solax/ems_settings.h"
#include "controller/solax/interface_rule.h"
#include "controller/solax/meter_watch.h"
#include "controller/solax/system_load.h"
#include "controller/solax/system_share.h"

namespace hil::controller {

/// The energy manager in the primary of a parallel SolaX system (document 002): the core with another driver. It is fed
/// with time, with the frames of the CAN port, with what its own inverter says of itself and with the meter that hangs
/// on it; it asks for frames, an order to its own inverter, and the next wake-up. Allocates, throws, blocks and prints
/// nothing.
///
///   starting     until the meter has been read and `gathering` has passed: everybody rests at 0 W
///   regulating   every cycle the load that the members have to carry (SystemLoad), shared by SystemShare
///   meter_lost   no reading for `meter_patience`, or one that stands still (MeterWatch): everybody rests at 0 W
///   resting      the primary itself does not feed: so does nobody else
///   off_grid     the backup interface is open: those who form the island share by themselves, nobody gets an order
///
/// A member is who is heard in full (its three pages) and is on the grid. One that is silent for `lost_after` is none
/// from then on: the others carry what the meter shows. What it was told last it may still do until its order has run
/// out or it says that it has fallen back; unheard_w() counts it until then. One that comes back, or gives
/// less than it was told (its grid code may let it rise slowly), is counted on for what it gives, and asked for
/// `probe_w` more: so it is taken in step by step, as fast as it can follow. Each order stands for
/// SolaxEmsSettings::order_valid only.
class SolaxEms {
 public:
  enum class State : std::uint8_t { starting, regulating, meter_lost, resting, off_grid };
  /// Times: chosen, but for the first.
  static constexpr Time cycle = SystemLoad::cycle;
  static constexpr Time gathering = std::chrono::seconds{1};
  static constexpr Time meter_patience = std::chrono::seconds{2};
  static constexpr Time lost_after = std::chrono::milliseconds{500};  ///< five pages that did not come
  static constexpr double short_w = 150.0;  ///< so much less than it was told for a second: it cannot give more
  static constexpr double probe_w = 100.0;  ///< then asked for so much beyond what it gives: some 150 W/s
  static constexpr std::size_t most_frames = max_inverters;

  struct Output {
    std::array<CanMessage, most_frames> frames{};
    std::size_t count = 0;
    double own_ac_w = 0.0;  ///< of its own inverter, at the AC port
    double own_var = 0.0;   ///< likewise, + as a capacitor gives it
    Time next_wake{0};
  };

  explicit SolaxEms(const SolaxEmsSettings& settings) noexcept;

  void frame_arrived(const CanMessage& message, Time now) noexcept;
  void own_readings(const SolaxReadings& readings, Time now) noexcept;
  /// Import of each leg or phase (1..3 of them), + import, as the meter has it.
  void meter_read(std::span<const double> import_w, Time now) noexcept;
  void woken(Time now) noexcept;
  const Output& output() const noexcept { return output_; }
  /// The host has sent the frames.
  void sent() noexcept { output_.count = 0; }

  /// Its number and its times stay as they were; what is not a number counts as 0.
  void set(const SolaxEmsSettings& settings) noexcept;
  const SolaxEmsSettings& settings() const noexcept { return settings_; }

  State state() const noexcept { return state_; }
  /// What the members have to carry; nullopt until it is known.
  std::optional<double> load_w() const noexcept { return load_.load_w(); }
  double total_ordered_w() const noexcept { return total_w_; }
  /// What those feed that are lost, as far as they may still follow their last order.
  double unheard_w(Time now) const noexcept;
  /// Inverter `number` is heard in full, itself included.
  bool is_heard(std::size_t number, Time now) const noexcept;
  std::size_t members() const noexcept;
  /// `number`: 0..9.
  double ordered_w(std::size_t number) const noexcept { return units_[number].ordered_w; }
  double ordered_var(std::size_t number) const noexcept { return units_[number].ordered_var; }
  /// The meter answers, and what it says stands still.
  bool meter_is_stale() const noexcept { return watch_.stale(); }
  /// What the backup interface is told; nullopt: nothing, or there is none.
  std::optional<bool> interface_order() const noexcept { return interface_order_; }

 private:
  struct Unit {
    SolaxReadings readings;
    std::array<std::optional<Time>, status_pages> heard_at{};
    bool known = false;  ///< it has been heard since the start
    bool member = false;
    double ordered_w = 0.0;
    double ordered_var = 0.0;
    RecentMaximum not_ordered_w{};    ///< its orders with the other sign: the lowest of the last 1.0 .. 1.5 s
    std::optional<double> gives_w{};  ///< all that it gives, less than it was told
    Time ordered_at{0};               ///< when it last was heard to follow orders, or was told one while heard
  };
  State find_state(Time now) const noexcept;
  /// True when somebody joined or left.
  bool find_members(Time now) noexcept;
  static SystemMember member(const Unit& unit) noexcept;
  static void watch_delivery(Unit& unit, Time now) noexcept;
  double counted_import_w() const noexcept;
  double counted_limit_w() const noexcept;
  /// So that the meter has something to show.
  void dip(SystemShare::Powers& orders_w) const noexcept;
  void regulate(Time now) noexcept;
  void rest(Time now) noexcept;
  void tell_units(Time now) noexcept;
  void tell_interface(Time now) noexcept;

  SolaxEmsSettings settings_;
  std::array<Unit, max_inverters> units_{};
  std::array<double, 3> import_w_{};
  std::size_t legs_ = 0;  ///< 0: the meter has not been read
  Time metered_at_{0};
  std::optional<Time> started_;
  State state_ = State::starting;
  SystemLoad load_;
  MeterWatch watch_;
  InterfaceRule interface_;
  std::optional<bool> interface_order_;
  std::uint8_t sequence_ = 0;
  double total_w_ = 0.0;
  Output output_;
};

}  // namespace hil::controller
