#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/devices/modbus_frames.h"

namespace hil::controller {

enum class Encoding : std::uint8_t { u16, s32_high_first };

/// What the product knows of one ET, in its own units. One slot each in a table of values.
enum class EtQuantity : std::uint8_t {
  ac_injection_w,
  battery_v,
  battery_discharge_w,
  work_mode,
  bms_max_charge_a,
  bms_max_discharge_a,
  battery_soc,
  setting_max_charge_a,
  setting_max_discharge_a,
  soc_floor,
};
inline constexpr std::size_t et_quantity_count = 10;

struct EtField {
  std::uint16_t address = 0;
  Encoding encoding = Encoding::u16;
  double scale = 1.0;  ///< value = raw * scale
  EtQuantity quantity = EtQuantity::ac_injection_w;
};

// clang-format off
/// Source: goodwe-et-modbus, sections 3, 5 and 6.2 (platform 205); all rows certain (C).
inline constexpr std::array et_fields{
    //      address  encoding                  scale  quantity
    EtField{35137, Encoding::s32_high_first, 1.0,   EtQuantity::ac_injection_w},        // + out of the inverter
    EtField{35180, Encoding::u16,            0.1,   EtQuantity::battery_v},
    EtField{35182, Encoding::s32_high_first, 1.0,   EtQuantity::battery_discharge_w},   // + discharge
    EtField{35187, Encoding::u16,            1.0,   EtQuantity::work_mode},             // 1 on grid
    EtField{37004, Encoding::u16,            1.0,   EtQuantity::bms_max_charge_a},
    EtField{37005, Encoding::u16,            1.0,   EtQuantity::bms_max_discharge_a},
    EtField{37007, Encoding::u16,            0.01,  EtQuantity::battery_soc},           // percent on the wire
    EtField{45353, Encoding::u16,            0.1,   EtQuantity::setting_max_charge_a},
    EtField{45355, Encoding::u16,            0.1,   EtQuantity::setting_max_discharge_a},
    EtField{45356, Encoding::u16,            0.01,  EtQuantity::soc_floor},             // percent on the wire
};
// clang-format on

/// The ranges that are read as one. All have different lengths, so that a late reply to one read of a unit can never
/// pass for the reply to another read of it.
enum class EtBlock : std::uint8_t {
  ac_power,
  battery_power,
  bms,
  battery_settings,
  order,
  errors,  ///< this and those below: for monitoring only
  pv,
  energies,
  bms_words,
};
struct EtRange {
  std::uint16_t first = 0;
  std::uint16_t count = 0;
};
inline constexpr std::array et_ranges{
    EtRange{35137, 2},   ///< ac_power
    EtRange{35180, 8},   ///< battery_power: V, A, W, and on to the work mode: an island is seen with its battery
    EtRange{37002, 6},   ///< bms: from its status to SOC
    EtRange{45352, 5},   ///< battery_settings: as client O reads them
    EtRange{47502, 11},  ///< order: 47509..47512; from 47502 on for a length of its own (client O reads 47500 x19)
    EtRange{35184, 7},   ///< errors: from the battery mode to the error word
    EtRange{35103, 16},  ///< pv: V, A, W of four inputs
    EtRange{35193, 19},  ///< energies of today
    EtRange{37006, 12},  ///< bms_words: alarms, SOC, warnings
};

constexpr std::size_t registers_of(Encoding encoding) {
  return encoding == Encoding::u16 ? 1U : 2U;
}
constexpr bool ascending_without_overlap(std::span<const EtField> fields) {
  for (std::size_t k = 1; k < fields.size(); ++k) {
    if (fields[k].address < fields[k - 1].address + registers_of(fields[k - 1].encoding)) return false;
  }
  return true;
}
/// What is read instead when the reply to a fast block is missing: the same from its first register on, and more. So a
/// late reply to the first request cannot pass for the reply to its repetition. The other blocks are not repeated.
constexpr EtRange repeated_range(EtBlock block) {
  EtRange range = et_ranges[static_cast<std::size_t>(block)];
  if (block == EtBlock::ac_power) range.count = 4;        // no value cut in two: 35139 is one of two registers
  if (block == EtBlock::battery_power) range.count = 15;  // likewise 35193
  return range;
}
constexpr bool is_repeated(EtBlock block) {
  return block == EtBlock::ac_power || block == EtBlock::battery_power;
}
constexpr bool all_lengths_differ(std::span<const EtRange> ranges) {
  for (std::size_t k = 0; k < ranges.size(); ++k) {
    for (std::size_t j = 0; j < k; ++j) {
      if (ranges[j].count == ranges[k].count) return false;
    }
  }
  return true;
}
static_assert(ascending_without_overlap(et_fields));
static_assert(all_lengths_differ(et_ranges));
static_assert([] {
  std::array<EtRange, et_ranges.size() + 2> all{};
  for (std::size_t k = 0; k < et_ranges.size(); ++k) all[k] = et_ranges[k];
  all[et_ranges.size()] = repeated_range(EtBlock::ac_power);
  all[et_ranges.size() + 1] = repeated_range(EtBlock::battery_power);
  return all_lengths_differ(all);
}());
static_assert(et_fields.size() == et_quantity_count);

/// Values read so far; nullopt until the first good answer.
struct EtValues {
  std::array<std::optional<double>, et_quantity_count> of{};
  const std::optional<double>& operator[](EtQuantity quantity) const { return of[static_cast<std::size_t>(quantity)]; }
};

/// 47511, the modes that the product commands (section 6.5).
enum class EmsMode : std::uint16_t {
  discharge_and_pv = 3,  ///< gives X from the battery; where the limit leaves less room, PV has it first
  import_ac = 4,         ///< draws X from the grid, PV yields: demanded import
  battery_standby = 8,
  charge_battery = 11,
  stopped = 255,
};
inline constexpr std::uint16_t et_on_grid = 1;          ///< 35187
inline constexpr std::uint16_t et_first_order = 47509;  ///< 47509 enable, 47510 limit, 47511 mode, 47512 power
inline constexpr std::size_t et_order_registers = 4;
inline constexpr double et_largest_order_w = 10000.0;  ///< 47510 and 47512 on platform 205 (section 6.4)

/// What stands in 47509..47512: written with one function 16, so that limit and battery order act together.
struct EtOrder {
  std::array<std::uint16_t, et_order_registers> words{};
  bool operator==(const EtOrder&) const = default;
};

/// `battery_discharge_w`: + discharge, - charge, nullopt: stand by. Powers are clamped to 0..10000 W and rounded down
/// (limit) or to the nearest (battery).
EtOrder encode_order(bool limit_enabled, double limit_w, std::optional<double> battery_discharge_w) noexcept;
/// Draws `draw_w` from the grid (0..10000 W) and lets nothing out.
EtOrder encode_draw(double draw_w) noexcept;
/// Stands still and lets nothing out.
EtOrder encode_stop() noexcept;
bool has_limit(const EtOrder& order) noexcept;
double limit_of(const EtOrder& order) noexcept;              ///< W; the largest when the limit is off
double battery_discharge_of(const EtOrder& order) noexcept;  ///< W, 0 when standing by

/// What stands in 45482 and 45483 (section 6.3): code of the fixed power factor, share of the rating in 0.1 %. The one
/// that is not ordered is neutral (100, 0). That + injects is assumed: no source tells the sign of 45483.
struct EtReactive {
  std::array<std::uint16_t, 2> words{};
  bool operator==(const EtReactive&) const = default;
};
inline constexpr std::uint16_t et_first_reactive = 45482;
/// `power_factor`: 0.8..1 leading, -1..-0.8 lagging, rounded to 0.01. `reactive_share`: -0.6..0.6, rounded to 0.001.
/// Both are clamped.
EtReactive encode_reactive(double power_factor, double reactive_share) noexcept;

/// `again`: the request before stayed without reply, see repeated_range().
Request read_request(std::uint8_t address, EtBlock block, bool again = false) noexcept;
/// 47509..47512 out of the register bytes of EtBlock::order; nullopt: not as long as that.
std::optional<EtOrder> decode_order(std::span<const std::uint8_t> data) noexcept;
Request reactive_request(std::uint8_t address, const EtReactive& reactive) noexcept;
/// Which registers a write of an order takes. Its acknowledgement names them, so one that is late passes for none of
/// the other form.
enum class OrderForm : std::uint8_t {
  whole,           ///< 47509..47512
  without_enable,  ///< 47510..47512: only where 47509 stands as it should
};
Request order_request(std::uint8_t address, const EtOrder& order, OrderForm form = OrderForm::whole) noexcept;
/// Takes over every quantity of the block out of the register bytes of its reply, or of that to its repetition.
void decode_block(EtBlock block, std::span<const std::uint8_t> data, EtValues& values) noexcept;

}  // namespace hil::controller
