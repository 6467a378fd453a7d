#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Fault and alarm words of a PWS2-30K, in the order of their registers (sinexcel-pcs-modbus 12).
enum class Pws2Word : unsigned char { grid, hardware, operation, alarm, dc, dc_hardware, dc_alarm };

/// One bit of such a word.
struct Pws2Bit {
  Pws2Word word = Pws2Word::grid;
  unsigned place = 0;  ///< 0..15
};

namespace pws2 {
inline constexpr Pws2Bit ac_overvoltage{Pws2Word::grid, 0};
inline constexpr Pws2Bit ac_undervoltage{Pws2Word::grid, 1};
inline constexpr Pws2Bit ac_overfrequency{Pws2Word::grid, 2};
inline constexpr Pws2Bit ac_underfrequency{Pws2Word::grid, 3};
inline constexpr Pws2Bit voltage_unbalance{Pws2Word::grid, 4};
inline constexpr Pws2Bit ground_fault{Pws2Word::grid, 8};
inline constexpr Pws2Bit emergency_stop{Pws2Word::hardware, 0};
inline constexpr Pws2Bit parameter_mismatch{Pws2Word::hardware, 1};
inline constexpr Pws2Bit fan{Pws2Word::hardware, 7};
inline constexpr Pws2Bit bus_overvoltage{Pws2Word::hardware, 8};
inline constexpr Pws2Bit output_voltage{Pws2Word::hardware, 13};
inline constexpr Pws2Bit heat_sink{Pws2Word::hardware, 15};
inline constexpr Pws2Bit overload{Pws2Word::operation, 0};
inline constexpr Pws2Bit long_overvoltage{Pws2Word::operation, 1};
inline constexpr Pws2Bit setting{Pws2Word::operation, 8};
inline constexpr Pws2Bit off_grid_energy_low{Pws2Word::operation, 9};
inline constexpr Pws2Bit neutral_open{Pws2Word::operation, 10};
inline constexpr Pws2Bit rate_of_change{Pws2Word::operation, 13};
inline constexpr Pws2Bit phase_jump{Pws2Word::operation, 14};
inline constexpr Pws2Bit parameter_conflict{Pws2Word::operation, 15};
inline constexpr Pws2Bit overload_alarm{Pws2Word::alarm, 3};
inline constexpr Pws2Bit dc_overvoltage{Pws2Word::dc, 0};
inline constexpr Pws2Bit dc_undervoltage{Pws2Word::dc, 1};
inline constexpr Pws2Bit bms_alarm{Pws2Word::dc, 3};
inline constexpr Pws2Bit bms_timeout{Pws2Word::dc, 4};
inline constexpr Pws2Bit ems_timeout{Pws2Word::dc, 5};
inline constexpr Pws2Bit dc_relay_open{Pws2Word::dc_hardware, 2};
inline constexpr Pws2Bit dc_overcurrent{Pws2Word::dc_alarm, 0};
}  // namespace pws2

/// How faults of a PWS2-30K come and go (sinexcel-pcs-modbus 13):
///
///   AC voltage and frequency, DC voltage   go with their cause; the unit restarts by itself
///   BMS alarm, the alarm words             go with their cause
///   emergency stop                         goes 20 s after its release; no order shortens that (assumed)
///   settings                               stay until the next power-up
///   all others                             stay until they are cleared once the cause is gone
///
/// Counted among AC voltage and frequency: long over-voltage, rate of change and phase jump (assumed).
class Pws2Faults {
 public:
  static constexpr std::size_t word_count = 7;
  static constexpr std::chrono::seconds emergency_release{20};
  using Words = std::array<std::uint16_t, word_count>;

  /// The word that the maker's list has under this number (36..47); nothing for others.
  static std::optional<Pws2Word> word_of(int number);

  void set_cause(Pws2Bit bit, bool present) { set(present_, bit, present); }
  /// The same as a scenario has it, beside what the model finds.
  void set_condition(Pws2Bit bit, bool present) { set(conditions_, bit, present); }
  /// Causes that nothing looks for.
  void set_undetected(Pws2Bit bit, bool undetected) { set(undetected_, bit, undetected); }
  void advance(Time now);
  /// By order of a master: whose cause is gone.
  void clear();
  void power_up() { active_ = {}; }

  std::uint16_t word(Pws2Word word) const { return at(active_, word); }
  bool any_fault() const;
  bool any_alarm() const;
  /// Nothing is wrong that the unit does not restart from by itself.
  bool restarts_by_itself() const;

 private:
  static std::uint16_t& at(Words& words, Pws2Word word) { return words[static_cast<std::size_t>(word)]; }
  static std::uint16_t at(const Words& words, Pws2Word word) { return words[static_cast<std::size_t>(word)]; }
  static void set(Words& words, Pws2Bit bit, bool on);
  std::uint16_t seen(std::size_t word) const;

  Words present_{};
  Words conditions_{};
  Words undetected_{};
  Words active_{};
  Time emergency_seen_{0};
};

}  // namespace hil::sim
