#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/core/meter_plan.h"
#include "controller/fleet/energy_count.h"
#include "controller/fleet/fleet_settings.h"
#include "controller/fleet/fleet_store.h"
#include "controller/fleet/grid_watch.h"
#include "controller/fleet/pcs_line.h"
#include "controller/output.h"

namespace hil::controller {

/// Leads up to ten storage converters as one: the core with another driver. Same seam as Controller: fed with bytes and
/// time, asks for bytes and the next wake-up; allocates, throws, blocks and prints nothing.
///
///   start    one after another: the next when the one before is connected, or will not be (it is faulted or lost, or
///            start_patience is over)
///   stop     in the reverse order
///   power    shared by usable energy (discharge) or free energy (charge), as EnergyCount has them, up to the ratings;
///            of both only what the strings that run have
///   at the meter   total = what flows + (import - wanted import), once every running converter and the meter have
///                  spoken since the last order settled; a meter silent for meter_patience: the fleet rests at 0 W
///
/// A converter that is lost keeps its last order (nothing in the 53xxx world takes a set point back): its power is
/// charged against a wanted total, and at the meter it shows by itself.
///
///   lower limit   a battery that has fallen to it is charged with rescue_share, on the grid, whatever the mode wants
///   off the grid   all stop, the last one first; the transfer switch opens once none runs; it is seen to be open; all
///                  are set up, and start together, since one alone may not carry the loads (who is not set up within
///                  start_patience is not waited for). Back, one after another; FleetMode::stop leaves the switch
///                  closed too. A lost converter that last ran off the grid keeps it open: it may still feed
///
/// What is ordered is stored, and goes on after a restart; the counted energy begins anew.
///
/// Left out here: orders to strings one by one.
class FleetController {
 public:
  static constexpr Time meter_patience = std::chrono::seconds{3};
  /// From the last order being acknowledged until the powers are those of it: dead time, lag, soft start's end. Chosen.
  static constexpr Time settling = std::chrono::milliseconds{1500};
  /// Of its rating, with which a battery at its lower limit is charged until it is above. Chosen.
  static constexpr double rescue_share = 0.05;
  static constexpr double dead_band_w = 200.0;  ///< two counts of 53622

  explicit FleetController(const FleetSettings& settings) noexcept;
  /// With what stood in the storage; `when_empty` if it holds no good record.
  FleetController(const StorageImage& image, const FleetSettings& when_empty) noexcept;
  ~FleetController() noexcept = default;
  FleetController(const FleetController&) = delete;
  FleetController& operator=(const FleetController&) = delete;

  void bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, Time now) noexcept;
  /// Where the transfer switch stands, as its auxiliary contact says.
  void transfer_switch_moved(bool closed, Time now) noexcept;
  void woken(Time now) noexcept;
  const Output& output() const noexcept { return output_; }
  /// The host has done the rest of output() and taken over what is to be stored.
  void sent() noexcept;
  /// The host has done what output().storage asked for, or could not.
  void storage_written(bool good, Time now) noexcept;

  /// Mode and powers; what is not a number counts as 0. Lines and ratings stay as at the start.
  void order(FleetMode mode, double ac_injection_w, double ac_injection_var, double grid_import_w, Time now) noexcept;
  /// Converters that were left alone are tried again.
  void release() noexcept;

  const FleetSettings& settings() const noexcept { return settings_; }
  std::size_t count() const noexcept { return count_; }
  const PcsUnit& unit(std::size_t k) const noexcept { return lines_[place_[k].line].unit(place_[k].unit); }
  const EnergyCount& energy(std::size_t k) const noexcept { return energy_[k]; }
  /// Power that the running ones are told together.
  double ordered_w() const noexcept { return total_w_; }
  bool meter_lost(Time now) const noexcept;
  /// As the meter said it last, and when.
  std::optional<double> grid_import_w() const noexcept { return grid_import_w_; }
  Time grid_import_at() const noexcept { return grid_import_at_; }
  bool grid_lost() const noexcept { return grid_.lost(); }

 private:
  struct Start {
    FleetSettings settings;
    FleetStore store;
  };
  static Start started(const StorageImage& image, const FleetSettings& when_empty) noexcept;
  explicit FleetController(const Start& start) noexcept;

  struct Place {
    std::size_t line = 0;
    std::size_t unit = 0;
  };
  PcsUnit& led(std::size_t k) noexcept { return lines_[place_[k].line].unit(place_[k].unit); }
  void step(Time now) noexcept;
  /// Nobody is to run: that is the mode, or it cannot be carried out.
  bool rests() const noexcept;
  bool wants_off_grid() const noexcept;
  /// It stands where the way the fleet is to run needs it.
  bool switch_is_right() const noexcept;
  /// Off the grid: all that may yet be are set up, or have been waited for.
  bool island_may_start(Time now) const noexcept;
  /// Nobody runs, nor may a lost one still feed an island.
  bool all_rest() const noexcept;
  void decide_who_runs(Time now, std::array<bool, max_inverters>& run) const noexcept;
  void count_energy() noexcept;
  /// Total for the running ones; nullopt: as before.
  std::optional<double> total_wanted_w(Time now) const noexcept;
  bool rescued(std::size_t k) const noexcept;
  void share(double total_w, Time now) noexcept;
  void ask(Time now) noexcept;

  FleetSettings settings_;
  std::array<PcsLine, max_lines - 1> lines_{};
  BusMaster meter_master_;
  std::array<Place, max_inverters> place_{};
  std::size_t count_ = 0;
  std::array<EnergyCount, max_inverters> energy_{};
  std::array<Time, max_inverters> counted_at_{};
  std::array<double, max_inverters> shares_w_{};
  std::array<bool, max_inverters> shared_among_{};  ///< who ran when the total was last shared
  double total_w_ = 0.0;
  bool switch_closed_ = true;
  Time island_began_ = Time::max();  ///< when everything was right for it; Time::max(): it is not
  GridWatch grid_;
  MeterPlan meter_plan_;
  std::optional<double> grid_import_w_;
  Time grid_import_at_{0};
  Time next_step_{0};
  FleetStore store_;
  Output output_;
};

}  // namespace hil::controller
