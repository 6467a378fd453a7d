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
  bool order_urgent = false;      ///< it changes much: ahead of reads, twice a round
  bool order_blind = false;       ///< it is lost, may still hear, and is told now to lower its AC limit
  bool reactive_waiting = false;  ///< its reactive power is to be set anew
};

/// Order of the exchanges on one inverter line. A round: AC power of every unit, orders that wait, battery power of
/// every unit, orders that wait, one slow block of one unit. Each third of these is one for monitoring only, which also
/// waits for a round without orders (six slow blocks at most); of the others every second is a unit's order, read back:
/// each unit's once in 3 n rounds of n units. Reactive power goes out in the place of a slow block. A round full of
/// orders drops its slow block, not twice in a row; urgent orders drop it three times in a row at most. An urgent order
/// goes ahead of reads, but twice a unit and round only (the first meter reading after a load step holds part of it):
/// the readings must come round. A unit of which two replies in a row are missing is asked for its AC power only, a
/// lost one when its time has come; that one may also get a blind order.
///
/// The AC powers have a deadline, read_period() after they were last asked for; whatever else goes out only if it
/// leaves time to meet every one of them, and an order leaves time for the battery powers of the round besides. What
/// waits for that is brought up to date meanwhile: an order always carries the newest set points. Units take turns. On
/// a line where replies are missing each unit gets one order from reading to reading in any case.
class PollPlan {
 public:
  struct Job {
    std::size_t unit = 0;
    bool write_order = false;
    EtBlock block = EtBlock::ac_power;  ///< when it is a read
    bool write_reactive = false;
  };
  using Line = std::array<UnitOnLine, max_units_per_line>;

  explicit PollPlan(std::size_t units = 0, LineTiming timing = {}) : units_(units), timing_(timing) {}
  /// nullopt: nothing to ask now; try again at retry_at().
  std::optional<Job> next(const Line& line, Time now) noexcept;
  /// A unit took so long from the end of a request to the beginning of its reply: what exchanges take follows from it.
  void replied_after(Time turnaround) noexcept;
  /// A reply is missing.
  void missed(Time now) noexcept;
  /// From one reading of a unit's AC power to its next, at most, as long as replies come: 0.336 s with one unit, 1.19 s
  /// with four; longer where the units or the line are too slow for a round with an order to each.
  Time read_period() const noexcept;
  /// Now is the place for a question that is not of the plan: at the beginning of a round; behind the AC powers with
  /// one unit, or where no round of late had time for it at its beginning. Perhaps nobody answers, unless it goes
  /// `to_known`, a unit that answers the plan.
  bool has_time_for_question(bool to_known, const Line& line, Time now) noexcept;
  /// It went out; one a round.
  void questioned() noexcept {
    questioned_ = true;
    full_rounds_ = 0;
  }
  static Time retry_at(const Line& line, std::size_t units) noexcept;

 private:
  enum class Phase : std::uint8_t { ac_power, battery_power, slow };
  static std::optional<Job> next_block(std::span<const EtBlock> blocks, std::size_t units, std::size_t& position,
                                       const Line& line) noexcept;
  std::optional<Job> slow_job(const Line& line, Time now) noexcept;
  static std::optional<Job> blind_job(const Line& line) noexcept;
  std::optional<Job> order_job(const Line& line, Time now) noexcept;
  std::optional<Job> urgent_job(const Line& line, Time now) noexcept;
  std::optional<Job> fast_job(const Line& line, Time now) noexcept;
  Job order_to(std::size_t unit) noexcept;
  void begin_round() noexcept;
  void next_phase() noexcept;

  Time exchange_time(std::size_t characters) const noexcept;
  Time read_time(EtBlock block) const noexcept;
  Time longest_of(std::span<const EtBlock> blocks) const noexcept;
  Time order_time() const noexcept;
  /// What is kept free for a slow block that is owed.
  Time slow_time() const noexcept;
  /// What the battery powers still take that this round is to read.
  Time battery_reads_left(const Line& line) const noexcept;
  bool slow_forced() const noexcept;
  /// Every AC power is asked for in time when `length` passes first.
  bool fits(Time length, const Line& line, Time now) const noexcept;
  bool order_fits(std::size_t unit, Time kept_for_slow, const Line& line, Time now) const noexcept;

  std::size_t units_ = 0;
  LineTiming timing_;
  Time turnaround_ = std::chrono::milliseconds{50};  ///< the longest of late, sinking slowly
  Time trouble_until_ = Time::min();
  std::array<Time, max_units_per_line> read_by_ = never_due();  ///< deadline of each AC power
  std::array<bool, max_units_per_line> ordered_since_read_{};
  Phase phase_ = Phase::ac_power;
  bool boundary_ = false;             ///< between two phases: the place for orders
  std::size_t position_ = 0;          ///< in the phase
  std::size_t battery_position_ = 0;  ///< where the battery powers go on, after a round that had no time for them
  bool cut_ = false;                  ///< that was the last round
  bool questioned_ = false;           ///< this round has had its question
  std::size_t full_rounds_ = 0;       ///< that had no time for one at their beginning
  std::size_t next_ordered_ = 0;      ///< whose turn it is
  std::size_t slow_position_ = 0;     ///< over all slow blocks of all units, block by block
  std::size_t read_back_position_ = 0;
  bool read_back_next_ = true;
  std::size_t orders_this_round_ = 0;
  std::size_t orders_this_boundary_ = 0;                        ///< one a unit, then the reads go on
  std::array<std::uint8_t, max_units_per_line> urgent_done_{};  ///< orders, this round
  std::size_t slow_dropped_ = 0;
  std::size_t monitoring_position_ = 0;  ///< as slow_position_
  std::size_t slow_since_monitoring_ = 0;

  static constexpr std::array<Time, max_units_per_line> never_due() {
    std::array<Time, max_units_per_line> due{};
    due.fill(Time::max());
    return due;
  }
};

}  // namespace hil::controller
