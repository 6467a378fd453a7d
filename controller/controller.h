#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/core/civil_clock.h"
#include "controller/core/commissioning.h"
#include "controller/core/contacts.h"
#include "controller/core/ct_check.h"
#include "controller/core/cycle_watch.h"
#include "controller/core/energy_controller.h"
#include "controller/core/held_button.h"
#include "controller/core/inverter_line.h"
#include "controller/core/meter_plan.h"
#include "controller/core/plant_view.h"
#include "controller/core/recent.h"
#include "controller/core/settings_store.h"
#include "controller/core/stale_meter.h"
#include "controller/lan/lan_server.h"
#include "controller/lan/off_guard.h"
#include "controller/output.h"
#include "controller/settings.h"

namespace hil::controller {

/// The energy controller core, as firmware sees it: fed with bytes and time, asks for bytes and the next wake-up.
/// Allocates, throws, blocks and prints nothing and reads no clock: the same calls in the same order give the same
/// bytes, on a desk or on a board.
///
/// The host calls one of the entries, sends what stands in output() (and only then calls again), and wakes the
/// core at next_wake.
class Controller {
 public:
  explicit Controller(const Settings& settings) noexcept;
  /// With what stood in the storage; `when_empty` if it holds no good record.
  explicit Controller(const StorageImage& image, const Settings& when_empty = factory_settings()) noexcept;
  ~Controller() noexcept = default;
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  void bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, Time now) noexcept;
  /// `input`: see Input; `level`: closed. Contacts count after Contacts::debounce, in their control mode.
  void input_changed(std::size_t input, bool level, Time now) noexcept;
  void woken(Time now) noexcept;

  // Clients of the LAN server, told apart by a place 0..max_lan_clients - 1 that the host gives them.
  /// False: refused (no such place, or taken); the host closes the connection.
  bool lan_opened(std::size_t client, Time now) noexcept;
  void lan_bytes_arrived(std::size_t client, std::span<const std::uint8_t> bytes, Time now) noexcept;
  /// The client is gone; what it was not answered yet is dropped. Of one that only ended its side a host carries out
  /// the wake-ups that are due before it calls this, and so sends every answer.
  void lan_closed(std::size_t client, Time now) noexcept;

  /// From the next step on, which comes at once. False, and nothing is changed: a value is out of range (problem_in()),
  /// or the wiring differs.
  bool change_settings(const Settings& settings, Time now) noexcept;
  const Settings& settings() const noexcept { return settings_; }

  const PlantView& view() const noexcept { return watch_.view(); }
  /// Local time as a LAN client set it; nullopt: none has.
  std::optional<CivilTime> civil_time(Time now) const noexcept { return clock_.at(now); }

  const Output& output() const noexcept { return output_; }
  /// The host has sent the bytes of all lines and of all clients, closed those that were to be, and taken over what is
  /// to be stored.
  void sent() noexcept;
  /// The host has done what output().storage asked for, or could not.
  void storage_written(bool good, Time now) noexcept;

  /// Asks every port who is there; also done by itself a second after the start. See report().
  void scan(Time now) noexcept;
  /// Starts the check of the CTs: 35 s in which one inverter draws power in pulses and the others stand still.
  void check_cts(Time now) noexcept;
  CommissioningReport report() const noexcept;
  /// Why all inverters are held at limit 0, if they are (SetupFaults::unsafe).
  SetupFaults setup_faults() const noexcept;
  const SettingsStore& store() const noexcept { return store_; }
  const CycleWatch& cycle() const noexcept { return cycle_; }

  /// What it knows and what it is about, for the host's status; valid until the next entry.
  const Measurements& measurements() const noexcept { return measurements_; }
  EnergyController::State state() const noexcept { return energy_.state(); }
  /// Limits taken away to end an inverter's freeze, since the start.
  std::uint32_t freeze_cures() const noexcept { return energy_.freeze_cures(); }

 private:
  struct Start {
    Settings settings;
    SettingsStore store;
  };
  static Start started(const StorageImage& image, const Settings& when_empty) noexcept;
  explicit Controller(const Start& start) noexcept;

  /// At the head of each call from the host.
  void enter(Time now) noexcept;
  /// The law begins anew, as after a start; `forget`: with new readings only.
  void restart_law(bool forget) noexcept;
  /// Of the powers; the law takes the meter for lost until it has new ones.
  void forget_readings() noexcept;
  /// A meter whose values stand still is as good as a silent one.
  void watch_meter(std::size_t inverters) noexcept;
  /// What the last scan found counts until the next one is done.
  void look_at_scan() noexcept;
  /// Orders of the safe state or of the check of the CTs; false when the law is to speak.
  bool hold(Time now) noexcept;
  /// One cycle of the law with what is known now; hands the orders to the lines.
  void step(Time now) noexcept;
  /// Starts exchanges on every line that is free and says when to be woken.
  void ask(Time now) noexcept;
  void serve_lan(Time now) noexcept;
  LanResponse carry_out(const LanRequest& request, Time now) noexcept;
  LanResponse telemetry() const noexcept;
  Time lan_wake(Time now) noexcept;
  Settings to_be_stored() const noexcept;
  /// Brings back a limit that a LAN client took away and forgot.
  void guard_off(Time now) noexcept;

  Settings settings_;
  std::array<InverterLine, max_lines - 1> lines_{};
  BusMaster meter_master_;
  MeterPlan meter_plan_;
  MeterHistory meter_;
  StaleMeter stale_meter_;
  Contacts contacts_;
  EnergyController energy_;
  Measurements measurements_;
  PlantWatch watch_;
  CivilClock clock_;
  LanServer lan_;
  OffGuard off_guard_;
  Time next_step_{0};  ///< at the latest, so that a silent meter is noticed
  SettingsStore store_;
  CtCheck ct_check_;
  CycleWatch cycle_;
  HeldButton reload_;
  bool begun_ = false;
  bool meter_at_inverter_ = false;
  bool held_ = false;  ///< in the last cycle the law did not speak
  Output output_;
};

}  // namespace hil::controller
