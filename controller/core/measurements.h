#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "controller/settings.h"

namespace hil::controller {

/// A power as an inverter gave it, with the counted import of the meter reading nearest to it in time.
struct PairedSample {
  double value_w = 0.0;
  double grid_import_w = 0.0;  ///< as Measurements::counted_import_w
  Time at{0};
};

/// What is known of one inverter. nullopt: never read.
struct InverterMeasurement {
  bool answering = false;
  bool on_grid = true;                            ///< false: it says that it is not (35187), an island or stopped
  std::optional<PairedSample> ac_injection;       ///< + into the site
  std::optional<PairedSample> battery_discharge;  ///< + empties the battery
  std::optional<double> soc;                      ///< 0 empty, 1 full
  double soc_floor = 0.1;
  double max_charge_w = 0.0;  ///< what BMS and settings allow now, >= 0
  double max_discharge_w = 0.0;
  /// Highest AC limit that may be in force: the larger of the last acknowledged one and those sent after it.
  std::optional<double> limit_in_force_w;
  bool limit_off = false;                            ///< it acknowledged that it has no limit
  Time limit_lowered_at{-std::chrono::seconds{10}};  ///< acknowledged, by more than 200 W; long ago at first
  std::optional<double> battery_order_in_force_w;    ///< last acknowledged, + discharge
  Time battery_ordered_at{0};                        ///< when the battery order in force was last changed at all
  Time battery_order_since{0};    ///< when the battery order in force was last changed by more than 50 W
  double battery_before_w = 0.0;  ///< battery power until then, + discharge
  Time battery_stepped_at{-std::chrono::seconds{10}};  ///< likewise by more than 500 W; long ago at first
  std::uint32_t foreign_orders = 0;                    ///< found changed at the inverter by somebody else, and put back

  /// It can be heard and its port is on the grid: the law counts on it. An island's loads are its own.
  bool feeds() const { return answering && on_grid; }
};

/// An AC power this near to its limit, or above, may be held back by it: where a freeze is looked for. The law needs it
/// nearer (Fleet::at_limit).
inline constexpr double at_limit_w = 15.0;

struct Measurements {
  Time now{0};                          ///< since start
  std::optional<double> grid_import_w;  ///< freshest meter reading, + import; nullopt: never heard
  Time grid_import_at{0};
  /// The import that the limit counts, of the same reading: the sum of the phases, or three times the lowest phase.
  std::optional<double> counted_import_w;
  std::array<InverterMeasurement, max_inverters> inverters{};
};

/// Orders to one inverter.
struct InverterOrder {
  double ac_limit_w = 0.0;                    ///< >= 0
  std::optional<double> battery_discharge_w;  ///< - charge; nullopt: stand by
  bool limit_off = false;                     ///< no limit for now, whatever ac_limit_w says
  double draw_w = 0.0;                        ///< above 0: draw this from the grid, whatever the battery order says
  bool stopped = false;                       ///< stand still, whatever else it says
};

/// Reactive power of one inverter, the same share of each one's rating.
struct ReactiveOrder {
  double power_factor = 1.0;    ///< 0.8..1 leading, -1..-0.8 lagging; 1 where a reactive power is ordered
  double reactive_share = 0.0;  ///< of its rating, + raises the voltage, -0.6..0.6
  bool operator==(const ReactiveOrder&) const = default;
};

struct Commands {
  bool limit_enabled = true;
  std::optional<ReactiveOrder> reactive;  ///< of every inverter; nullopt: leave it as it was found
  std::array<InverterOrder, max_inverters> inverters{};
};

}  // namespace hil::controller
