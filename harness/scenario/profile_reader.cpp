#include "harness/scenario/profile_reader.h"

#include <fmt/core.h>

#include <utility>

#include "harness/scenario/series_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds row_scale{.lowest = 0.0, .highest = 1000.0};

}  // namespace

models::ProfileLoad::Parameters read_profile(ElementReader& reader, Diagnostics& diagnostics) {
  models::ProfileLoad::Parameters profile;
  Series series = read_series(reader, {{"scale", row_scale}}, diagnostics);
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
