#pragma once

#include <array>
#include <limits>

#include "models/grid_code/grid_codes.h"

/// What a Sinexcel PCS calls its grid codes: the maker's trip tables (sinexcel-pcs-modbus 10), not the rules they are
/// named after. Certain for the PWS2-30K (profile B), inferred for PWS1 and PWG2 (profile A).
///
/// Without ride-through (row 791 = 0) the converter feeds until a stage has timed out. With it (1) it also stops its
/// current, ready to return, below the lowest voltage stage; how, the table does not say, so the bands are assumed.
/// No support and no ramps: volt-var, volt-watt, freq-watt, SS and RR are laws of the firmware.
/// First starts wait as after a trip (assumed); a firmware that counts the delay while it is stopped, too, sets none
/// here. The windows of sinexcel_1741sa and sinexcel_hawaii reach beyond their slow under-voltage trips, as printed.
namespace hil::models::sinexcel {

struct Row {
  int level = 0;  ///< % of nominal voltage, or 10 mHz on top of nominal frequency
  int time = 0;   ///< 10 ms for voltage, 100 ms for frequency
};

/// One column of the table, in its units.
struct Column {
  std::string_view name;
  std::string_view title;
  double nominal_ln_v = 230.0;         ///< assumed
  double nominal_frequency_hz = 50.0;  ///< assumed
  std::array<Row, 2> overvoltage;      ///< 768..771
  std::array<Row, 3> undervoltage;     ///< 772..777
  std::array<Row, 2> overfrequency;    ///< 778..781
  std::array<Row, 2> underfrequency;   ///< 782..785
  int reconnect_delay_s = 0;           ///< 786
  bool rides_through = false;          ///< 791
  int reconnect_high = 0;              ///< 890, thousandths of nominal voltage
  int reconnect_low = 0;               ///< 891
  int reconnect_high_offset = 0;       ///< 892, 10 mHz
  int reconnect_low_offset = 0;        ///< 893
};

/// Inside the trips all is fed, but below the lowest under-voltage stage nothing.
constexpr RideThroughTable bands(const Column& column) {
  using enum RideThroughMode;
  const auto pu = [](Row row) { return row.level / 100.0; };
  const auto stay_s = [](Row row) { return row.time / 100.0; };
  const auto& over = column.overvoltage;
  const auto& under = column.undervoltage;
  return {{continuous, pu(under[0]), pu(over[0]), std::numeric_limits<double>::infinity(), 0.0},
          {mandatory, pu(over[0]), pu(over[1]), stay_s(over[0]), 0.0},
          {mandatory, pu(under[1]), pu(under[0]), stay_s(under[0]), 0.0},
          {mandatory, pu(under[2]), pu(under[1]), stay_s(under[1]), 0.0},
          {momentary_cessation, 0.0, pu(under[2]), stay_s(under[2]), 0.0}};
}

constexpr GridCode code(const Column& column) {
  using std::chrono::milliseconds;
  GridCode c;
  c.name = column.name;
  c.title = column.title;
  c.nominal_ln_v = c.measurement.nominal_ln_v = column.nominal_ln_v;
  c.nominal_frequency_hz = c.measurement.nominal_frequency_hz = column.nominal_frequency_hz;
  c.measurement.voltage_window = std::chrono::nanoseconds{column.nominal_frequency_hz < 55.0 ? 20'000'000 : 16'666'667};
  const auto voltage = [](Row row) { return TripStage{row.level / 100.0, milliseconds{10 * row.time}}; };
  const auto frequency = [&](Row row) {
    return TripStage{column.nominal_frequency_hz + row.level / 100.0, milliseconds{100 * row.time}};
  };
  InterfaceProtection::Parameters& p = c.protection;
  p.overvoltage = {voltage(column.overvoltage[0]), voltage(column.overvoltage[1])};
  p.undervoltage = {voltage(column.undervoltage[0]), voltage(column.undervoltage[1]), voltage(column.undervoltage[2])};
  p.overfrequency = {frequency(column.overfrequency[0]), frequency(column.overfrequency[1])};
  p.underfrequency = {frequency(column.underfrequency[0]), frequency(column.underfrequency[1])};
  if (column.rides_through) p.voltage_ride_through = bands(column);
  p.after_trip = {.lowest_pu = column.reconnect_low / 1000.0,
                  .highest_pu = column.reconnect_high / 1000.0,
                  .lowest_hz = column.nominal_frequency_hz + column.reconnect_low_offset / 100.0,
                  .highest_hz = column.nominal_frequency_hz + column.reconnect_high_offset / 100.0,
                  .delay = std::chrono::seconds{column.reconnect_delay_s},
                  .ramp_pu_per_s = 1000.0};
  p.first_start = p.after_trip;
  c.support = without_support();
  return c;
}

inline constexpr double us_ln_v = 277.13;  ///< 480 V between phases; assumed

// clang-format off
inline constexpr std::array columns{
    Column{.name = "sinexcel_1741sa", .title = "Sinexcel 1741SA",
           .nominal_ln_v = us_ln_v, .nominal_frequency_hz = 60.0,
           .overvoltage = {{{110, 1300}, {120, 16}}},
           .undervoltage = {{{88, 2100}, {70, 1100}, {50, 150}}},
           .overfrequency = {{{50, 3000}, {200, 1}}},
           .underfrequency = {{{-150, 3000}, {-300, 1}}},
           .reconnect_delay_s = 50, .rides_through = true,
           .reconnect_high = 1100, .reconnect_low = 850, .reconnect_high_offset = 5, .reconnect_low_offset = -250},
    Column{.name = "sinexcel_vde", .title = "Sinexcel VDE",
           .overvoltage = {{{125, 10}, {125, 10}}},
           .undervoltage = {{{80, 300}, {45, 10}, {45, 10}}},
           .overfrequency = {{{150, 1}, {150, 1}}},
           .underfrequency = {{{-250, 1}, {-250, 1}}},
           .reconnect_delay_s = 35, .rides_through = false,
           .reconnect_high = 1100, .reconnect_low = 850, .reconnect_high_offset = 50, .reconnect_low_offset = -250},
    Column{.name = "sinexcel_au", .title = "Sinexcel AU",
           .overvoltage = {{{113, 150}, {115, 10}}},
           .undervoltage = {{{78, 150}, {78, 150}, {78, 150}}},
           .overfrequency = {{{200, 1}, {200, 1}}},
           .underfrequency = {{{-300, 15}, {-300, 15}}},
           .reconnect_delay_s = 35, .rides_through = false,
           .reconnect_high = 1104, .reconnect_low = 887, .reconnect_high_offset = 10, .reconnect_low_offset = -250},
    Column{.name = "sinexcel_g99", .title = "Sinexcel G99",
           .overvoltage = {{{114, 100}, {119, 50}}},
           .undervoltage = {{{87, 250}, {80, 50}, {80, 50}}},
           .overfrequency = {{{150, 900}, {200, 5}}},
           .underfrequency = {{{-250, 200}, {-300, 5}}},
           .reconnect_delay_s = 50, .rides_through = false,
           .reconnect_high = 1123, .reconnect_low = 870, .reconnect_high_offset = 100, .reconnect_low_offset = -240},
    Column{.name = "sinexcel_hawaii", .title = "Sinexcel Hawaii",
           .nominal_ln_v = us_ln_v, .nominal_frequency_hz = 60.0,
           .overvoltage = {{{110, 100}, {120, 16}}},
           .undervoltage = {{{88, 2100}, {70, 1100}, {50, 200}}},
           .overfrequency = {{{300, 210}, {500, 1}}},
           .underfrequency = {{{-300, 210}, {-1000, 1}}},
           .reconnect_delay_s = 300, .rides_through = true,
           .reconnect_high = 1100, .reconnect_low = 850, .reconnect_high_offset = 5, .reconnect_low_offset = -250},
    Column{.name = "sinexcel_en50549", .title = "Sinexcel EN50549",
           .overvoltage = {{{120, 500}, {125, 10}}},
           .undervoltage = {{{80, 300}, {40, 150}, {40, 150}}},
           .overfrequency = {{{150, 5}, {200, 1}}},
           .underfrequency = {{{-250, 5}, {-300, 1}}},
           .reconnect_delay_s = 35, .rides_through = false,
           .reconnect_high = 1100, .reconnect_low = 850, .reconnect_high_offset = 10, .reconnect_low_offset = -250},
    Column{.name = "sinexcel_austria_a", .title = "Sinexcel Austria A",
           .overvoltage = {{{115, 10}, {115, 10}}},
           .undervoltage = {{{80, 150}, {25, 50}, {25, 50}}},
           .overfrequency = {{{150, 1}, {150, 1}}},
           .underfrequency = {{{-250, 1}, {-250, 1}}},
           .reconnect_delay_s = 300, .rides_through = false,
           .reconnect_high = 1090, .reconnect_low = 850, .reconnect_high_offset = 10, .reconnect_low_offset = -250},
};
// clang-format on

inline constexpr GridCode us_1741sa = code(columns[0]);
inline constexpr GridCode vde = code(columns[1]);
inline constexpr GridCode au = code(columns[2]);
inline constexpr GridCode g99 = code(columns[3]);
inline constexpr GridCode hawaii = code(columns[4]);
inline constexpr GridCode en_50549 = code(columns[5]);
inline constexpr GridCode austria_a = code(columns[6]);

}  // namespace hil::models::sinexcel
