#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "controller/core/ct_check.h"
#include "controller/core/unit_scan.h"
#include "controller/settings.h"

namespace hil::controller {

/// What can be wrong with an entered set-up. The first group keeps the controller in its safe state.
enum class SetupFault : std::uint8_t {
  no_inverters,           ///< no port has a count
  too_many_on_a_port,     ///< more than four (sec1000-lan-protocol 8)
  too_many_inverters,     ///< more than ten
  address_out_of_range,   ///< not 1..247
  address_twice,          ///< on any two ports
  addresses_too_far,      ///< spanning more than ten (goodwe-et-modbus 1.1)
  no_capacity,            ///< total capacity not entered
  capacity_out_of_range,  ///< above ten inverters of 30 kW (chosen: the largest ET)
  no_ct_ratio,
  ct_ratio_out_of_range,  ///< not 1..1000 (5 A and 5000 A over 5 A, seed 001)
  no_export_limit,        ///< not entered, though a mode is on that limits
  limit_out_of_range,     ///< not -100..100 kW (sec1000-lan-protocol 3.4)
  bad_line_format,        ///< baud or bits of a port that no line has
  ct_wiring_wrong,        ///< not of the set-up: the last CT check found the meter wired wrongly
  meter_at_inverter,      ///< likewise: the last scan found an entered ET with a smart meter of its own (seed 000)
  // From here on warnings.
  uneven_split,          ///< more than three inverters, and two ports in use or free differ by more than one
  factory_address_used,  ///< 247 is in use, among several
};
inline constexpr std::size_t setup_fault_count = 17;
inline constexpr SetupFault first_setup_warning = SetupFault::uneven_split;

/// Several of them at once.
class SetupFaults {
 public:
  constexpr void add(SetupFault fault) { bits_ |= mask(fault); }
  constexpr void add_if(bool found, SetupFault fault) {
    if (found) add(fault);
  }
  constexpr bool has(SetupFault fault) const { return (bits_ & mask(fault)) != 0; }
  constexpr bool any() const { return bits_ != 0; }
  /// Something that is more than a warning.
  constexpr bool unsafe() const { return (bits_ & (mask(first_setup_warning) - 1U)) != 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  bool operator==(const SetupFaults&) const = default;

 private:
  static constexpr unsigned mask(SetupFault fault) { return 1U << static_cast<unsigned>(fault); }
  std::uint32_t bits_ = 0;
};

/// Every fault and warning of the set-up, all at once. Cheap enough for every cycle.
SetupFaults check_setup(const Settings& settings) noexcept;

/// What a controller without any stored settings works with: nothing is entered.
Settings factory_settings() noexcept;

/// The same, fit for lines and law whatever was entered: no address outside 1..247, at most ten inverters, no limit
/// or capacity that is not a number (0 instead), a line format that exists.
Settings operable(const Settings& settings) noexcept;

enum class FindingKind : std::uint8_t {
  missing,            ///< configured, but silent
  garbled,            ///< answers that no one can read: two units at one address, or bad wiring
  two_units,          ///< two serial numbers, or two answers, at one address
  not_an_inverter,    ///< answers, but has no device information: a meter or another device at an ET's address
  own_meter,          ///< an ET with a smart meter of its own (36004 = 1)
  old_firmware,       ///< older than DSP 01 or ARM 09
  wrong_port,         ///< configured on another port
  unexpected,         ///< not configured, though inside the range of addresses
  outside_range,      ///< not configured, and outside the range of addresses (247: as from the factory)
  capacity_mismatch,  ///< ratings of the units against the total capacity
  ct_reversed,        ///< `address` is the phase, 1..3, in this and what follows
  ct_other_phase,     ///< it measures the phase `other`, whose own CT shows nothing
  ct_no_current,      ///< it does not show the step: open, shorted or not connected
  ct_ratio,           ///< the step seen is not the step made; `found` percent of it
  ct_swapped,         ///< of `address` and `other`: the two exchanged
  ct_rotated,         ///< all three; `other` is what CT A measures
  ct_unclear,         ///< the step fits no wiring
  ct_not_checked,     ///< asked for, but no check came about; `found` is the CtCheckState
};

inline constexpr std::size_t finding_kind_count = 18;

/// One line of the report.
struct Finding {
  FindingKind kind = FindingKind::missing;
  std::uint8_t port = 0;     ///< 1..3; 0: none
  std::uint8_t address = 0;  ///< 0: none
  std::uint8_t other = 0;    ///< the other port or phase, where there is one
  double found = 0.0;        ///< W, version or percent, by kind
  double expected = 0.0;
};

/// One unit of the set-up as the scan met it.
struct ReportedUnit {
  std::uint8_t port = 0;  ///< 1..3
  std::uint8_t address = 0;
  UnitRecord record;
};

/// Everything that a commissioning engineer asks for, as known at this moment. Fixed size, made on demand.
struct CommissioningReport {
  SetupFaults setup;
  bool safe_state = false;     ///< all inverters are held at limit 0
  bool scan_done = false;      ///< every configured address has been asked
  bool sweep_done = false;     ///< and every other address of the range
  bool findings_lost = false;  ///< more than fit
  CtCheckResult ct;
  std::array<ReportedUnit, max_inverters> units{};
  std::size_t unit_count = 0;
  std::array<Finding, 48> findings{};
  std::size_t finding_count = 0;

  void add(const Finding& finding) noexcept;
  bool has(FindingKind kind) const noexcept;
};

/// Puts what the scan of one port found into the report; `port` 0..2.
void report_port(const UnitScan& scan, std::size_t port, const Settings& settings,
                 CommissioningReport& report) noexcept;
/// Ratings against the total capacity, once all units are in the report.
void report_capacity(const Settings& settings, CommissioningReport& report) noexcept;
void report_cts(const CtCheckResult& result, CommissioningReport& report) noexcept;

}  // namespace hil::controller
