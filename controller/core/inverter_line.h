#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/core/measurements.h"
#include "controller/core/poll_plan.h"
#include "controller/core/recent.h"
#include "controller/core/unit_scan.h"

namespace hil::controller {

/// One COM port with its inverters: asks them in the order of the plan, keeps what they said as measurements, brings
/// the orders to them.
class InverterLine {
 public:
  InverterLine() = default;
  explicit InverterLine(const Settings::Line& settings) noexcept;

  /// Sets what a unit is to do from now on.
  void set_order(std::size_t unit, const EtOrder& order, Time now) noexcept;
  /// Sets the reactive power from now on; nullopt: as it was found, or neutral if it was set before.
  void set_reactive(std::size_t unit, const std::optional<EtReactive>& reactive) noexcept;
  /// True when there is a new measurement.
  bool heard(std::span<const std::uint8_t> bytes, Time now, const MeterHistory& meter) noexcept;
  /// True when a unit missed its reply.
  bool woken(Time now) noexcept;
  /// Starts the next exchange when the line is free; returns the bytes put into `frame`.
  std::size_t ask(Time now, std::span<std::uint8_t> frame) noexcept;
  Time next_wake() const noexcept;
  /// A block of registers that the last heard() brought; nullptr: none. Valid until the next ask().
  struct FreshBlock {
    std::size_t unit = 0;
    EtBlock block = EtBlock::ac_power;
    std::span<const std::uint8_t> data;
  };
  const FreshBlock* fresh() const { return fresh_ ? &*fresh_ : nullptr; }

  std::size_t count() const { return settings_.count; }
  const InverterMeasurement& measurement(std::size_t unit) const { return units_[unit].measurement; }
  const UnitHealth& health(std::size_t unit) const { return line_[unit].health; }
  /// Every unit has answered or is lost.
  bool all_known() const noexcept;

  /// Powers read so far are too old to go on with.
  void forget_readings() noexcept;
  /// Asks who is on the line, beside the plan; `lowest_address` of the whole system.
  void begin_scan(std::uint8_t lowest_address, Time first_at) noexcept;
  /// Inverters that are not configured are told to stand still (safe state).
  void hold_strangers(bool on) noexcept { scan_.hold_strangers(on); }
  const UnitScan& scan() const { return scan_; }

 private:
  struct Unit {
    EtValues values;
    InverterMeasurement measurement;
    std::optional<EtOrder> wanted;
    std::optional<EtOrder> acknowledged;
    EtOrder sent;  ///< last, acknowledged or not
    Time acknowledged_at{0};
    Time no_write_before{0};  ///< after a refused order, or one that a lost unit left unanswered
    std::optional<EtReactive> reactive_wanted;
    std::optional<EtReactive> reactive_acknowledged;
    Time no_reactive_before{0};  ///< after a refusal
    int refused_readings = 0;    ///< of its AC power, one after the other
    OrderForm sent_form = OrderForm::whole;
    OrderForm late_form = OrderForm::whole;  ///< of the order that last stayed without acknowledgement
    Time late_until = Time::min();           ///< that may still come
  };
  void take(const MeterHistory& meter, Time now) noexcept;
  void order_acknowledged(Unit& unit, Time now) noexcept;
  /// Compares what stands in the unit with what it acknowledged: somebody else may have written there.
  void order_read_back(Unit& unit, const EtOrder& found, Time now) noexcept;
  void judge_order(std::size_t unit, Time now) noexcept;
  /// Puts the order into `frame`: a repetition as it was, else what is wanted now.
  std::size_t send_order(Unit& unit, std::uint8_t address, Time now, std::span<std::uint8_t> frame) noexcept;
  /// Sends a question of the scan when one is due; `idle`: the plan has nothing to ask.
  std::size_t ask_scan(Time now, bool idle, std::span<std::uint8_t> frame) noexcept;

  Settings::Line settings_;
  BusMaster master_;
  PollPlan plan_;
  std::array<UnitOnLine, max_units_per_line> line_{};
  std::array<Unit, max_units_per_line> units_{};
  std::optional<PollPlan::Job> open_;
  std::optional<PollPlan::Job> again_;  ///< left unanswered, to be repeated next
  bool is_repeat_ = false;              ///< what is open
  UnitScan scan_;
  bool scanning_ = false;       ///< what is open is a question of the scan
  bool scan_answered_ = false;  ///< the last exchange was one, and was answered
  EtReactive reactive_sent_;
  std::optional<FreshBlock> fresh_;
};

}  // namespace hil::controller
