#include "harness/scenario/follow_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/series_reader.h"
#include "models/grid/grid_source.h"

namespace hil::harness {
namespace {

/// What can follow a file: whether it can move on a line, whose it is, what it does.
struct Followed {
  std::string_view quantity;  ///< SeriesColumn::is
  bool ramps;
  bool of_an_inverter;
  Action (*action)(double value, double ramp_s, const std::string& inverter);
};

constexpr Bounds irradiance{.lowest = 0.0, .highest = 1500.0};
constexpr Bounds clear_index{.lowest = 0.0, .highest = 1.5};
constexpr Bounds ambient{.lowest = -50.0, .highest = 60.0};
constexpr Bounds voltage{.lowest = 0.0, .highest = models::GridSource::highest_voltage_pu};
constexpr Bounds frequency{.lowest = models::GridSource::lowest_hz, .highest = models::GridSource::highest_hz};
constexpr Bounds limit{.lowest = -100'000.0, .highest = 100'000.0};

/// Of the same quantity in another unit.
Bounds scaled(const Bounds& bounds, double factor) {
  return {.lowest = bounds.lowest * factor, .highest = bounds.highest * factor};
}

Action irradiance_action(double value, double ramp_s, const std::string& inverter) {
  return SetIrradiance{inverter, value, ramp_s};
}
Action clear_index_action(double value, double ramp_s, const std::string& /*inverter*/) {
  return SetClearIndex{value, ramp_s};
}
Action ambient_action(double value, double /*ramp_s*/, const std::string& /*inverter*/) {
  return SetAmbient{value};
}
Action voltage_action(double value, double ramp_s, const std::string& /*inverter*/) {
  SetGridVoltage change;
  change.pu = value;
  change.ramp_s = ramp_s;
  return change;
}
Action frequency_action(double value, double ramp_s, const std::string& /*inverter*/) {
  RampFrequency change;
  change.frequency_hz = value;
  change.ramp_s = ramp_s;
  return change;
}
Action limit_action(double value, double /*ramp_s*/, const std::string& /*inverter*/) {
  ChangeSettings change;
  change.export_limit_w = value;
  return change;
}

constexpr std::array all_followed{
    Followed{"irradiance_w_m2", true, true, irradiance_action},
    Followed{"clear_index", true, false, clear_index_action},
    Followed{"ambient_c", false, false, ambient_action},
    Followed{"voltage_pu", true, false, voltage_action},
    Followed{"frequency_hz", true, false, frequency_action},
    Followed{"export_limit_w", false, false, limit_action},
};

/// What a file may hold, in the units that it may have.
std::vector<SeriesColumn> columns_on(const Stage& stage) {
  constexpr double zero_c_in_k = 273.15;
  const double nominal_v = stage.nominal_ln_v;
  std::vector<SeriesColumn> columns{{"irradiance_w_m2", irradiance, "irradiance_w_m2"},
                                    {"irradiance_kw_m2", scaled(irradiance, 1e-3), "irradiance_w_m2", 1e3},
                                    {"clear_index", clear_index, "clear_index"},
                                    {"clear_index_percent", scaled(clear_index, 100.0), "clear_index", 0.01},
                                    {"ambient_c", ambient, "ambient_c"},
                                    {"ambient_k",
                                     {.lowest = ambient.lowest + zero_c_in_k, .highest = ambient.highest + zero_c_in_k},
                                     "ambient_c",
                                     1.0,
                                     -zero_c_in_k},
                                    {"voltage_pu", voltage, "voltage_pu"},
                                    {"frequency_hz", frequency, "frequency_hz"},
                                    {"export_limit_w", limit, "export_limit_w"},
                                    {"export_limit_kw", scaled(limit, 1e-3), "export_limit_w", 1e3}};
  if (nominal_v > 0.0) columns.push_back({"ln_v", scaled(voltage, nominal_v), "voltage_pu", 1.0 / nominal_v});
  return columns;
}

const Followed* find_followed(std::string_view quantity) {
  const auto* found = std::find_if(all_followed.begin(), all_followed.end(),
                                   [quantity](const Followed& each) { return each.quantity == quantity; });
  return found == all_followed.end() ? nullptr : &*found;
}

std::string read_inverter(ElementReader& reader, const Followed* followed, const Stage& stage) {
  std::string name;
  if (followed != nullptr && followed->of_an_inverter) {
    if (read_reference(reader, "inverter", name, stage, stage.lane_names, "inverters")) {
      const Stage::Inverter* inverter = stage.find_inverter(name);
      if (inverter != nullptr && !inverter->takes_irradiance) {
        reader.fault_of("inverter", fmt::format("every PV input of {} follows the weather already", name));
      }
    }
  } else if (reader.name("inverter", name, Need::optional) && followed != nullptr) {
    reader.fault_of("inverter", fmt::format("inverter is of irradiance_w_m2, this file has {}", followed->quantity));
  }
  return name;
}

bool read_interpolation(ElementReader& reader, const Followed* followed) {
  std::string word = "step";
  reader.one_of("interpolation", word, {"step", "linear"}, "interpolations", Need::optional);
  const bool linear = word == "linear";
  if (linear && followed != nullptr && !followed->ramps) {
    reader.fault_of("interpolation", fmt::format("interpolation is linear, {} goes in steps only", followed->quantity));
  }
  return linear;
}

}  // namespace

std::vector<TimelineEntry> read_follow(const Element& element, const Stage& stage, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  Series series = read_series(reader, columns_on(stage), diagnostics);
  const Followed* followed = find_followed(series.column);
  const std::string inverter = read_inverter(reader, followed, stage);
  const bool linear = read_interpolation(reader, followed);
  move_series(series, first_row_s(reader, series, stage.start_utc_s), linear);
  sim::Time begin{0};
  reader.seconds("begin_s", begin, not_negative, Need::optional);
  reader.finish();
  if (followed != nullptr && followed->quantity == "clear_index" && stage.site_known && !stage.weather) {
    reader.fault("the site has no weather that could change");
  }
  if (followed == nullptr || !reader.sound()) return {};

  std::vector<TimelineEntry> entries;
  for (std::size_t row = 0; row < series.time_s.size(); ++row) {
    // On a line it is moved from the row before on, so as to arrive at its own time.
    const bool on_a_line = linear && row > 0;
    const double from_s = on_a_line ? series.time_s[row - 1] : series.time_s[row];
    // Of two orders in one step the later one rules alone: the first row has a step for itself.
    const sim::Time first = row == 1 && on_a_line ? stage.step : sim::Time{0};
    const double ramp_s = on_a_line ? std::max(series.time_s[row] - from_s - in_seconds(first), 0.0) : 0.0;
    const sim::Time at = begin + to_time(from_s) + first;
    // What lies behind the end of the run is left out: a file may be longer.
    if (stage.duration.count() > 0 && at > stage.duration) break;
    entries.push_back({at, {followed->action(series.values[row], ramp_s, inverter)}, element.place});
  }
  return entries;
}

}  // namespace hil::harness
