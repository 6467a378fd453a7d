#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {

/// What one unit on a line looks like to the plan.
struct UnitOnLine {
  UnitHealth health;
  bool order_waiting = false;     ///< what it should do differs from what it last acknowledged, or that is too old
  bool order_lowers = false;      ///< the order lowers its AC limit: before those that raise one
  bool order_urgent = false;      ///< it lowers it by much: ahead of reads, twice a round
  bool order_blind = false;       ///< it is lost, may still hear, and is told now to lower its AC limit
  bool reactive_waiting = false;  ///< its reactive power is to be set anew
};

/// Order of the exchanges on one inverter line. A round: AC power of every unit, orders that wait, battery power of
/// every unit, orders that wait, one slow block of one unit. Each third of these is one for monitoring only, which also
/// waits for a round without orders (six slow blocks at most); of the others every second is a unit's order, read back:
/// each unit's once in 3 n rounds of n units. Reactive power goes out in the place of a slow block. A round full of
/// orders drops its slow block, three times in a row at most. An urgent order goes ahead of reads, but twice a unit and
/// round only (the first meter reading after a load step holds part of it): the readings must come round. A unit of
/// which two replies in a row are missing is asked for its AC power only, a lost one when its time has come; that one
/// may also get a blind order.
class PollPlan {
 public:
  struct Job {
    std::size_t unit = 0;
    bool write_order = false;
    EtBlock block = EtBlock::ac_power;  ///< when it is a read
    bool write_reactive = false;
  };

  explicit PollPlan(std::size_t units = 0) : units_(units) {}
  /// nullopt: nothing to ask now; try again at retry_at().
  std::optional<Job> next(const std::array<UnitOnLine, max_units_per_line>& line, Time now) noexcept;
  /// The next job begins a round: the place for a question that is not of the plan.
  bool at_round_start() const { return phase_ == Phase::ac_power && position_ == 0; }
  static Time retry_at(const std::array<UnitOnLine, max_units_per_line>& line, std::size_t units) noexcept;

 private:
  enum class Phase : std::uint8_t { ac_power, battery_power, slow };
  static std::optional<Job> next_block(std::span<const EtBlock> blocks, std::size_t units, std::size_t& position,
                                       const std::array<UnitOnLine, max_units_per_line>& line) noexcept;
  std::optional<Job> slow_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept;
  static std::optional<Job> blind_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept;
  std::optional<Job> order_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept;
  std::optional<Job> urgent_job(const std::array<UnitOnLine, max_units_per_line>& line) noexcept;
  void next_phase() noexcept;

  std::size_t units_ = 0;
  Phase phase_ = Phase::ac_power;
  std::size_t position_ = 0;
  std::size_t slow_position_ = 0;  ///< over all slow blocks of all units, block by block
  std::size_t read_back_position_ = 0;
  bool read_back_next_ = false;
  std::size_t orders_this_round_ = 0;
  std::size_t orders_this_boundary_ = 0;  ///< between two phases: one a unit, then the reads go on
  std::array<std::uint8_t, max_units_per_line> urgent_done_{};  ///< orders, this round
  std::size_t slow_dropped_ = 0;
  std::size_t monitoring_position_ = 0;  ///< as slow_position_
  std::size_t slow_since_monitoring_ = 0;
};

}  // namespace hil::controller
