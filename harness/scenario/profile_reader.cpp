#include "harness/scenario/profile_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "harness/scenario/series_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds row_scale{.lowest = 0.0, .highest = 1000.0};

/// The power may be given for itself, by that of the load.
std::vector<SeriesColumn> columns_of(double nominal_w) {
  std::vector<SeriesColumn> columns{
      {"scale", row_scale, "scale"},
      {"scale_percent", {.lowest = 0.0, .highest = 100.0 * row_scale.highest}, "scale", 0.01}};
  if (nominal_w <= 0.0) return columns;
  const double most_w = nominal_w * row_scale.highest;
  columns.push_back({"power_w", {.lowest = 0.0, .highest = most_w}, "scale", 1.0 / nominal_w});
  columns.push_back({"power_kw", {.lowest = 0.0, .highest = 1e-3 * most_w}, "scale", 1e3 / nominal_w});
  return columns;
}

}  // namespace

models::ProfileLoad::Parameters read_profile(ElementReader& reader, double nominal_w,
                                             const std::optional<double>& site_start_utc_s, Diagnostics& diagnostics) {
  models::ProfileLoad::Parameters profile;
  Series series = read_series(reader, columns_of(nominal_w), diagnostics);
  const double first_s = first_row_s(reader, series, site_start_utc_s);
  if (first_s > 0.0) {
    reader.fault(fmt::format("begins {} s after the start of the run, must begin by then", first_s));
  }
  profile.time_s = std::move(series.time_s);
  profile.active_scale = std::move(series.values);
  std::string interpolation = "step";
  reader.one_of("interpolation", interpolation, {"step", "linear"}, "interpolations", Need::optional);
  profile.interpolation =
      interpolation == "linear" ? models::ProfileLoad::Interpolation::linear : models::ProfileLoad::Interpolation::step;
  profile.repeat_s = 0.0;
  profile.start_at_s = 0.0;
  if (reader.number("repeat_s", profile.repeat_s, {.lowest = 0.0, .highest = longest_s, .lowest_excluded = true},
                    Need::optional) &&
      !profile.time_s.empty() && profile.repeat_s <= profile.time_s.back()) {
    reader.fault_of("repeat_s", fmt::format("repeat_s is {}, must be > the last time ({})", profile.repeat_s,
                                            profile.time_s.back()));
  }
  reader.number("start_at_s", profile.start_at_s, any_time, Need::optional);
  profile.start_at_s -= std::min(first_s, 0.0);
  return profile;
}

Element with_profiles_inside(Element site) {
  for (Element& load : site.children) {
    if (load.name != "load") continue;
    for (Element& profile : load.children) {
      if (profile.name == "profile") put_series_inside(profile);
    }
  }
  return site;
}

}  // namespace hil::harness
